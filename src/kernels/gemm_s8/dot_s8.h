/* Products of few rows with int8 weights as they lie in the model: recurrent cells and single rows, which would read packed weights
 * no faster. */
#ifndef TMOI_KERNELS_GEMM_S8_DOT_S8_H
#define TMOI_KERNELS_GEMM_S8_DOT_S8_H

#include <stddef.h>
#include <stdint.h>

typedef struct tmoi_dot_s8_shape {
    int32_t m, n, k;
    ptrdiff_t a_stride, out_stride; /* elements */
} tmoi_dot_s8_shape;

/* out[m,n] = Σ_k a[m,k] · w[n,k], modulo 2^32; |a| <= 32767, w [N, K].
 * Nothing is over-read, there are no alignment requirements. Exact, so the same bits on every instruction set. */
typedef void (*tmoi_dot_s8_function)(const tmoi_dot_s8_shape *shape, const int16_t *a, const int8_t *w,
                                     int32_t *out);

void tmoi_dot_s8_c(const tmoi_dot_s8_shape *shape, const int16_t *a, const int8_t *w, int32_t *out);
void tmoi_dot_s8_avx2(const tmoi_dot_s8_shape *shape, const int16_t *a, const int8_t *w, int32_t *out);
void tmoi_dot_s8_neon(const tmoi_dot_s8_shape *shape, const int16_t *a, const int8_t *w, int32_t *out);

#endif
