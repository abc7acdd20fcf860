/* Quantizing rows of floats at run time, for hybrid operators (float activations, integer weights). */
#ifndef TMOI_KERNELS_QUANT_ROWS_QUANT_ROWS_H
#define TMOI_KERNELS_QUANT_ROWS_QUANT_ROWS_H

#include <stdbool.h>
#include <stdint.h>

/* The range of `count` floats and 0; NaN is passed over. */
typedef void (*tmoi_row_range_function)(const float *in, int64_t count, float *low, float *high);
void tmoi_row_range_c(const float *in, int64_t count, float *low, float *high);
void tmoi_row_range_avx2(const float *in, int64_t count, float *low, float *high);
void tmoi_row_range_neon(const float *in, int64_t count, float *low, float *high);

/* What a row of this range is quantized with: q = min(127, max(bound, round(*zero_point + x · *inverse))), bound −128 when
 * asymmetric, else −127. */
void tmoi_row_scale(bool asymmetric, float low, float high, float *scale, float *inverse,
                    int32_t *zero_point);

/* Quantizes `count` floats to int8: real ≈ *scale · (q − *zero_point).
 *
 *   symmetric    scale = max|x| / 127, q = clamp(round(x · 127 / max|x|), ±127), zero point 0
 *   asymmetric   the range [min(0, min x), max(0, max x)] onto [−128, 127]; the zero point is taken from the end of the
 *                range where its rounding error is smaller; q = clamp(round(zero_point + x / scale), −128, 127)
 *
 * A row of zeros gives q = 0, scale 1 and zero point 0. NaN counts as the lowest value. Rounds half away
 * from zero. Source: TFLite portable_tensor_utils PortableSymmetricQuantizeFloats and
 * PortableAsymmetricQuantizeFloats. */
typedef void (*tmoi_quantize_dynamic_function)(bool asymmetric, const float *in, int64_t count, int8_t *out,
                                               float *scale, int32_t *zero_point);
void tmoi_quantize_dynamic_c(bool asymmetric, const float *in, int64_t count, int8_t *out, float *scale,
                             int32_t *zero_point);
void tmoi_quantize_dynamic_avx2(bool asymmetric, const float *in, int64_t count, int8_t *out, float *scale,
                                int32_t *zero_point);
void tmoi_quantize_dynamic_neon(bool asymmetric, const float *in, int64_t count, int8_t *out, float *scale,
                                int32_t *zero_point);

/* The same for `rows` rows of `count` floats each; scales and zero_points [rows]. */
void tmoi_quantize_rows(tmoi_quantize_dynamic_function quantize, bool asymmetric, const float *in,
                        int64_t rows, int64_t count, int8_t *out, float *scales, int32_t *zero_points);

#endif
