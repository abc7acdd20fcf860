/* The scales of integer operators with weights, as their kernels want them. */
#ifndef TMOI_RUNTIME_OPS_MULTIPLIERS_H
#define TMOI_RUNTIME_OPS_MULTIPLIERS_H

#include "kernels/requant/requant.h"
#include "runtime/op.h"

/* How the real factor of a channel is computed from the scales; the kinds differ in the last bits.
 *   PER_CHANNEL   (double)s_in · (double)s_w / (double)s_out      PopulateConvolutionQuantizationParams
 *   PER_TENSOR    (double)(float)(s_in · s_w) / (double)s_out     GetQuantizedConvolutionMultipler */
enum { TMOI_SCALES_PER_CHANNEL, TMOI_SCALES_PER_TENSOR };

/* Fails unless real is finite and fits the shifts of the 32-bit (or, when wide, 64-bit) multiplication. */
tmo_status tmoi_multiplier_checked(double real, bool wide, tmoi_multiplier *out, tmoi_ctx *ctx);

/* requant->scale with default arithmetic, and requant->multiplier (and requant->real, when `rounded`), for `channels` channels, and zero point and type
 * of the output. The quantization of all three values has been checked. */
tmo_status tmoi_requant_prepare(tmoi_exec *exec, const tmoi_value *input, const tmoi_value *weights,
                                const tmoi_value *output, int32_t channels, int32_t kind, bool rounded,
                                tmoi_requant *requant, tmoi_ctx *ctx);

/* The weights' scales as [channels] floats: one for all is repeated. */
tmo_status tmoi_channel_scales(tmoi_exec *exec, const tmoi_value *weights, int32_t channels,
                               const float **out, tmoi_ctx *ctx);
/* The same for weights that are multiplied as floats; NULL where they are. */
tmo_status tmoi_float_scales(tmoi_exec *exec, const tmoi_value *weights, int32_t channels, const float **out,
                             tmoi_ctx *ctx);

/* Fails unless the weights have per-tensor or per-channel scales, with zero points of 0 where they must
 * be: always when per channel, and per tensor unless `free_zero_point`. */
tmo_status tmoi_weights_require_quant(const tmoi_value *weights, int32_t dimension, bool free_zero_point,
                                      tmoi_ctx *ctx);

#endif
