/* The range that a fused activation leaves: shared by every operator that has one. */
#ifndef TMOI_RUNTIME_ACTIVATION_H
#define TMOI_RUNTIME_ACTIVATION_H

#include "runtime/op.h"

/* Float: NONE gives the range of all finite floats, as in TFLite. Fails for TANH and SIGN_BIT. */
tmo_status tmoi_activation_range_f32(int32_t activation, float *low, float *high, tmoi_ctx *ctx);
/* Integer: the range in the output's quantization, within its type's range (int8, uint8, int16). */
tmo_status tmoi_activation_range_quant(int32_t activation, const tmoi_value *output, int32_t *low,
                                       int32_t *high, tmoi_ctx *ctx);
/* Integer without quantization (int32, int64 elements). */
tmo_status tmoi_activation_range_i64(int32_t activation, tmo_type type, int64_t *low, int64_t *high,
                                     tmoi_ctx *ctx);

#endif
