/* Layer normalization of float32 rows, [rows, depth], depth at least 1:
 *
 *   out = (x - mean) · gamma / √(variance + epsilon) + beta,   variance = Σ (x - mean)² / depth
 *
 * gamma and beta are [depth], or NULL for 1 and 0. `out` may be `in`. Exact: sums are taken in sixteen lanes on every instruction set.
 * Source: Ba, Kiros, Hinton, "Layer Normalization", 2016. */
#ifndef TMOI_KERNELS_NORM_NORM_H
#define TMOI_KERNELS_NORM_NORM_H

#include <stdint.h>

typedef struct tmoi_layer_norm {
    int64_t depth;
    float epsilon;
    const float *gamma, *beta;
} tmoi_layer_norm;

typedef void (*tmoi_layer_norm_f32_function)(const tmoi_layer_norm *norm, const float *in, float *out,
                                             int64_t rows);
void tmoi_layer_norm_f32_c(const tmoi_layer_norm *norm, const float *in, float *out, int64_t rows);
void tmoi_layer_norm_f32_avx2(const tmoi_layer_norm *norm, const float *in, float *out, int64_t rows);
void tmoi_layer_norm_f32_neon(const tmoi_layer_norm *norm, const float *in, float *out, int64_t rows);
void tmoi_layer_norm_f32_simd128(const tmoi_layer_norm *norm, const float *in, float *out, int64_t rows);

#endif
