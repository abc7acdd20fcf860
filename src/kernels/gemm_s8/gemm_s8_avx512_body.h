/* The body of the kernels in 512-bit vectors: as gemm_s8_avx_body.h, with eight rows and 32 columns. */
#ifndef TMOI_KERNELS_GEMM_S8_GEMM_S8_AVX512_BODY_H
#define TMOI_KERNELS_GEMM_S8_GEMM_S8_AVX512_BODY_H

#include <string.h>

#include "base/compiler.h"
#include "kernels/gemm_s8/fill_body.h"
#include "kernels/gemm_s8/gemm_s8.h"
#include "kernels/gemm_s8/gemm_s8_finish_avx512.h"

enum { MR = 8, NR = 32 };

/* Terms of one row, in all lanes. */
static inline __m512i load_terms(const char *a)
{
    int32_t terms;
    memcpy(&terms, a, sizeof terms);
    return _mm512_set1_epi32(terms);
}

/* The sums of `rows` rows and `vectors` · 16 columns; both are constants where it is inlined. */
static TMOI_ALWAYS_INLINE void multiply(const tmoi_gemm_s8_tile *t, const int32_t *start, int32_t row,
                                        const int32_t rows, const int32_t vectors, __m512i sum[MR][2])
{
    const int8_t *panel = t->panel;
    __m512i c[MR][2];
    for (int32_t v = 0; v < vectors; v++) {
        __m512i first = _mm512_loadu_si512(start + 16 * v);
        for (int32_t i = 0; i < rows; i++) c[i][v] = first;
    }
    for (int32_t s = 0; s < t->segments; s++) {
        const char *base = (const char *)t->segment[s] + t->offset + row * t->row_stride;
        const char *a[MR];
        for (int32_t i = 0; i < rows; i++) a[i] = base + i * t->row_stride;
        for (ptrdiff_t k = 0; k < t->terms * ELEM_BYTES; k += STEP_BYTES, panel += NR * KR) {
            __m512i w[2];
            for (int32_t v = 0; v < vectors; v++) w[v] = load_weights(panel + 16 * KR * v);
            for (int32_t i = 0; i < rows; i++) {
                __m512i terms = load_terms(a[i] + k);
                for (int32_t v = 0; v < vectors; v++) c[i][v] = add_products(c[i][v], terms, w[v]);
            }
        }
    }
    for (int32_t i = 0; i < rows; i++)
        for (int32_t v = 0; v < vectors; v++) sum[i][v] = c[i][v];
}

static void finish(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, const tmoi_requant_avx512 *q,
                   int32_t row, int32_t rows, __m512i sum[MR][2])
{
    for (int32_t i = 0; i < rows; i++)
        for (int32_t v = 0; 16 * v < t->n; v++) finish_vector(t, f, q, row + i, 16 * v, sum[i][v]);
}

static TMOI_ALWAYS_INLINE void all_rows(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f,
                                        const tmoi_requant_avx512 *q, const int32_t vectors)
{
    const int32_t *start = f->start + t->column;
    __m512i sum[MR][2];
    for (int32_t row = 0, rows; row < t->m; row += rows) {
        rows = t->m - row;
        if (rows >= MR) {
            rows = MR;
            multiply(t, start, row, MR, vectors, sum);
        } else if (rows >= 4) {
            rows = 4;
            multiply(t, start, row, 4, vectors, sum);
        } else if (rows >= 2) {
            rows = 2;
            multiply(t, start, row, 2, vectors, sum);
        } else {
            multiply(t, start, row, 1, vectors, sum);
        }
        finish(t, f, q, row, rows, sum);
    }
}

static void run(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f)
{
    const tmoi_requant_avx512 q = start_finish(f);
    if (t->n > 16)
        all_rows(t, f, &q, 2);
    else
        all_rows(t, f, &q, 1);
}

#endif
