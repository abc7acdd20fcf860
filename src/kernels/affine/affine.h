/* Between real numbers and stored ones: stored = round(real / scale) + zero point.
 *
 * Rounds half away from zero and saturates; NaN becomes the zero point. Elements are int8, uint8, int16 or int32, and for
 * dequantization also packed int4, uint4 and int2. Sources: TFLite reference_ops::AffineQuantize, PerChannelQuantize, Requantize
 * and Dequantize; FakeQuant: fake_quant.h, quantization_util.cc (NudgeQuantizationRange, FakeQuantizeArray). */
#ifndef TMOI_KERNELS_AFFINE_AFFINE_H
#define TMOI_KERNELS_AFFINE_AFFINE_H

#include <stdbool.h>

#include "kernels/common/fixed_point.h"
#include "tmo/types.h"

/* The quantization of a tensor of `outer` x `channels` x `inner` elements; one channel when it is per tensor. */
typedef struct tmoi_affine {
    int64_t outer, channels, inner;
    const float *scale;        /* [channels] */
    const int64_t *zero_point; /* [channels] */
} tmoi_affine;

void tmoi_quantize_elements(const tmoi_affine *affine, tmo_type type, const float *in, void *out);
void tmoi_dequantize_elements(const tmoi_affine *affine, tmo_type type, const void *in, float *out);

/* out = clamp(scale · (in − zero_in) + zero_out) over `count` elements, with the output type's range. */
typedef struct tmoi_requantize {
    tmo_type in_type, out_type;
    int32_t zero_in, zero_out;
    tmoi_multiplier scale; /* input scale over output scale */
} tmoi_requantize;
void tmoi_requantize_elements(const tmoi_requantize *requantize, const void *in, void *out, int64_t count);

/* Quantizes and dequantizes at once, to the grid of 2^bits − narrow_range steps that the nudged range [low, high] spans. */
typedef struct tmoi_fake_quant {
    float low, high, scale;
} tmoi_fake_quant;
tmoi_fake_quant tmoi_fake_quant_of(float min, float max, int32_t bits, bool narrow_range);
void tmoi_fake_quant_elements(const tmoi_fake_quant *grid, const float *in, float *out, int64_t count);

#endif
