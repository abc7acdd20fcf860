/* Normalizations over the last dimension: `rows` rows of `depth` elements each.
 *
 *   SOFTMAX      out = exp(beta·(x - max)) / Σ exp(beta·(x - max))
 *   LOG_SOFTMAX  out = x - max - log Σ exp(x - max)
 *   L2_NORM      out = x / √(Σ x²)
 *
 * Quantized forms have the bits of TFLite's reference kernels: softmax.h, integer_ops/log_softmax.h,
 * integer_ops/l2normalization.h, optimized_ops.h (uint8 LOG_SOFTMAX). `out` may be `in` where the element types agree. */
#ifndef TMOI_KERNELS_SOFTMAX_SOFTMAX_H
#define TMOI_KERNELS_SOFTMAX_SOFTMAX_H

#include <stdint.h>

#include "kernels/common/fixed_point.h"
#include "tmo/types.h"

/* The families of float32 rows; depth is at least 1. Within a relative error of 1e-5. */
typedef void (*tmoi_softmax_f32_function)(const float *in, float *out, int64_t rows, int64_t depth,
                                          float beta);
typedef void (*tmoi_log_softmax_f32_function)(const float *in, float *out, int64_t rows, int64_t depth);
typedef void (*tmoi_l2_norm_f32_function)(const float *in, float *out, int64_t rows, int64_t depth);

#define TMOI_SOFTMAX_ROWS(isa)                                                                         \
    void tmoi_softmax_f32_##isa(const float *in, float *out, int64_t rows, int64_t depth, float beta); \
    void tmoi_log_softmax_f32_##isa(const float *in, float *out, int64_t rows, int64_t depth);         \
    void tmoi_l2_norm_f32_##isa(const float *in, float *out, int64_t rows, int64_t depth);
TMOI_SOFTMAX_ROWS(c)
TMOI_SOFTMAX_ROWS(avx2)
TMOI_SOFTMAX_ROWS(neon)
TMOI_SOFTMAX_ROWS(simd128)

/* 8-bit SOFTMAX in the default arithmetic: exps[d] = exp(-beta·scale·d) for a stored difference d from the row's largest; then
 * out = zero_out + round(exps·unit / Σ exps), ties to even, where 1/unit is the output's scale. `scratch`
 * has room for `depth` elements. */
typedef struct tmoi_softmax_table {
    tmo_type in_type, out_type;
    float exps[256];
    float unit;
    int32_t zero_out;
} tmoi_softmax_table;
void tmoi_softmax_by_table(const tmoi_softmax_table *table, const void *in, void *out, int64_t rows,
                           int64_t depth, float *scratch);

/* int8 and uint8 input. `scale` turns differences of stored values into Q5.26, by a left shift only; differences below diff_min
 * count as zero. The output has scale 2^-8 (int8, uint8) or 2^-16 (int16) and the type's lowest value as zero point.
 * `exps` is scratch of `depth` elements. */
typedef struct tmoi_softmax_params {
    tmo_type in_type, out_type;
    tmoi_multiplier scale;
    int32_t diff_min;
} tmoi_softmax_params;
void tmoi_softmax_x8(const tmoi_softmax_params *params, const void *in, void *out, int64_t rows,
                     int64_t depth, int32_t *exps);

/* int16 to int16 with scale 2^-15: two tables of 513 points (see tmoi_softmax_points_s16). */
void tmoi_softmax_s16(tmoi_multiplier scale, const int16_t *exp_points, const int16_t *inverse_points,
                      const int16_t *in, int16_t *out, int64_t rows, int64_t depth);
void tmoi_softmax_points_s16(int16_t *exp_points, int16_t *inverse_points);

/* int8: the output has scale 1/16 and zero point 127. */
typedef struct tmoi_log_softmax_params {
    tmoi_multiplier scale;   /* stored differences to Q5.26 */
    tmoi_multiplier inverse; /* and back */
    int32_t diff_min;
} tmoi_log_softmax_params;
void tmoi_log_softmax_s8(const tmoi_log_softmax_params *params, const int8_t *in, int8_t *out, int64_t rows,
                         int64_t depth);
/* uint8: exp_table[255 - d] = exp(-scale·d) for a stored difference d. */
void tmoi_log_softmax_u8(const float exp_table[256], float scale_in, float scale_out, int32_t zero_out,
                         const uint8_t *in, uint8_t *out, int64_t rows, int64_t depth);

/* Output scale 1/128, zero point 0 (int8) or 128 (uint8). */
void tmoi_l2_norm_x8(tmo_type type, int32_t zero_in, const void *in, void *out, int64_t rows, int64_t depth);

#endif
