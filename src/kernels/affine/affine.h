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

/* The families of runs of one scale and zero point. Exact.
 *
 *   quantize_rows    out = clamp(round(in / scale) + zero), halves away from zero: float32 to int8, uint8 or int16
 *   dequantize_rows  out = scale · (in − zero): int8, uint8, int16 to float32
 *   rescale_rows     between any of int8, uint8 and int16, in the default arithmetic (in the reference's: affine.c):
 *                      value = (in − zero_in) · (in ≥ zero_in ? positive : negative)
 *                      out = zero_out + round(clamp(value, low, high)), ties to even */
typedef void (*tmoi_quantize_rows_function)(tmo_type type, float scale, int32_t zero, const float *in,
                                            void *out, int64_t count);
typedef void (*tmoi_dequantize_rows_function)(tmo_type type, float scale, int32_t zero, const void *in,
                                              float *out, int64_t count);
typedef struct tmoi_rescale {
    tmo_type in_type, out_type;
    int32_t zero_in, zero_out;
    float positive, negative, low, high; /* low and high: of the output, less zero_out */
} tmoi_rescale;
typedef void (*tmoi_rescale_rows_function)(const tmoi_rescale *rescale, const void *in, void *out,
                                           int64_t count);

#define TMOI_AFFINE_ROWS(isa)                                                                             \
    void tmoi_quantize_rows_##isa(tmo_type type, float scale, int32_t zero, const float *in, void *out,   \
                                  int64_t count);                                                         \
    void tmoi_dequantize_rows_##isa(tmo_type type, float scale, int32_t zero, const void *in, float *out, \
                                    int64_t count);                                                       \
    void tmoi_rescale_rows_##isa(const tmoi_rescale *rescale, const void *in, void *out, int64_t count);
TMOI_AFFINE_ROWS(c)
TMOI_AFFINE_ROWS(avx2)
TMOI_AFFINE_ROWS(neon)
TMOI_AFFINE_ROWS(simd128)

/* The lowest and highest value of an integer type of 8, 16 or 32 bits. */
int32_t tmoi_lowest(tmo_type type);
int32_t tmoi_highest(tmo_type type);

/* Whole tensors with one scale a channel. */
void tmoi_quantize_channels(const tmoi_affine *affine, tmo_type type, tmoi_quantize_rows_function rows,
                            const float *in, void *out);
/* The elements [begin, end) of any type, through the channels' scales. */
void tmoi_dequantize_channels(const tmoi_affine *affine, tmo_type type, tmoi_dequantize_rows_function rows,
                              const void *in, float *out, int64_t begin, int64_t end);

/* out = clamp(scale · (in − zero_in) + zero_out) over `count` elements, with the output type's range and the reference's bits. */
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
