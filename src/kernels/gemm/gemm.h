/* Matrix products: the inner loops of convolutions, fully connected layers, batched products and recurrent
 * cells.
 *
 * Names: M rows of `a`, N columns of the result, K terms of each sum. Strides count elements from row to
 * row. Nothing is over-read; there are no alignment requirements. M, N and K may be 0: an empty sum is 0
 * (plus the bias). */
#ifndef TMOI_KERNELS_GEMM_GEMM_H
#define TMOI_KERNELS_GEMM_GEMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tmo/types.h"

typedef struct tmoi_gemm_shape {
    int32_t m, n, k;
    ptrdiff_t a_stride, b_stride, out_stride;
} tmoi_gemm_shape;

/* out[m,n] = Σ_k a[m,k] · b[n,k], modulo 2^32
 *
 * a [M, K], b [N, K], both row-major; out [M, N].
 * Result  exact for all inputs, on every instruction set. */
typedef void (*tmoi_gemm_s16_function)(const tmoi_gemm_shape *shape, const int16_t *a, const int16_t *b,
                                       int32_t *out);

/* The same with 64-bit sums, for int16 activations. `terms` is how many products surely fit in 32 bits:
 * TMOI_BYTE_TERMS where |b| <= 255, else 1. */
enum { TMOI_BYTE_TERMS = 128 };
typedef void (*tmoi_gemm_s16s64_function)(const tmoi_gemm_shape *shape, int32_t terms, const int16_t *a,
                                          const int16_t *b, int64_t *out);

void tmoi_gemm_s16_avx2(const tmoi_gemm_shape *shape, const int16_t *a, const int16_t *b, int32_t *out);
void tmoi_gemm_s16_neon(const tmoi_gemm_shape *shape, const int16_t *a, const int16_t *b, int32_t *out);
void tmoi_gemm_s16_c(const tmoi_gemm_shape *shape, const int16_t *a, const int16_t *b, int32_t *out);
void tmoi_gemm_s16s64_c(const tmoi_gemm_shape *shape, int32_t terms, const int16_t *a, const int16_t *b,
                        int64_t *out);

/* Bringing operands into the forms above. */

/* out[k] = in[first + k] − zero_point, from int8, uint8, int16, int4 or int2 elements (the latter two
 * packed, low bits first). The difference fits in 16 bits for all these types. */
void tmoi_widen(tmo_type type, const void *in, int64_t first, int64_t count, int32_t zero_point,
                int16_t *out);

#endif
