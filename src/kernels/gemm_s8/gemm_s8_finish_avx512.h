/* The finishing of sums in 512-bit vectors: one row's sixteen columns. Included where these are defined:
 *   ELEM_BYTES, OFFSET    of the kernel's rows */
#ifndef TMOI_KERNELS_GEMM_S8_GEMM_S8_FINISH_AVX512_H
#define TMOI_KERNELS_GEMM_S8_GEMM_S8_FINISH_AVX512_H

#include "kernels/gemm_s8/gemm_s8.h"
#include "kernels/requant/requant_avx512.h"

static inline tmoi_requant_avx512 start_finish(const tmoi_gemm_s8_finish *f)
{
    bool scaled = f->kind == TMOI_GEMM_S8_X8 || f->kind == TMOI_GEMM_S8_S16;
    const tmoi_requant none = {0};
    return tmoi_requant_start_avx512(scaled ? f->requant : &none);
}

static inline __m512i requant(const tmoi_gemm_s8_finish *f, const tmoi_requant_avx512 *q, int32_t column,
                              __m512i sum)
{
    return tmoi_requant_16_avx512(q, sum, _mm512_loadu_ps(f->scale + column));
}

static inline __m512 leak(__m512 x, __m512 slope)
{
    __mmask16 is_positive = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_GE_OQ);
    return _mm512_mask_mov_ps(_mm512_mul_ps(x, slope), is_positive, x);
}

/* The columns from `first` on, of which those in `mask` are there. */
static inline __m512 add_tail(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, int32_t row,
                              int32_t first, __mmask16 mask, __m512 x)
{
    if (t->residual) {
        const char *residual = (const char *)t->residual + row * t->out_stride + 4 * first;
        x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(mask, residual));
        x = _mm512_min_ps(_mm512_max_ps(x, _mm512_set1_ps(f->sum_low)), _mm512_set1_ps(f->sum_high));
    }
    return f->slope ? leak(x, _mm512_loadu_ps(f->slope + t->column + first)) : x;
}

static inline __m512 scale_f32(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, int32_t row,
                               int32_t column, __m512i sum)
{
    if (ELEM_BYTES == 1) {
        __m512i zero_point = _mm512_set1_epi32(t->row_zero_point[row * t->row_step] + OFFSET);
        sum = _mm512_sub_epi32(sum,
                               _mm512_mullo_epi32(zero_point, _mm512_loadu_si512(f->column_sums + column)));
    }
    __m512 factor = _mm512_mul_ps(_mm512_set1_ps(t->row_scale[row * t->row_step]),
                                  _mm512_loadu_ps(f->scale + column));
    __m512 y = _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), factor),
                             _mm512_loadu_ps(f->bias + column));
    return _mm512_min_ps(_mm512_max_ps(y, _mm512_set1_ps(f->low)), _mm512_set1_ps(f->high));
}

/* Columns from `first` on. */
static void finish_vector(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f,
                          const tmoi_requant_avx512 *q, int32_t row, int32_t first, __m512i sum)
{
    int32_t left = t->n - first, column = t->column + first;
    __mmask16 mask = (__mmask16)(left >= 16 ? 0xffff : (1 << left) - 1);
    char *out = (char *)t->out + row * t->out_stride;
    switch (f->kind) {
    case TMOI_GEMM_S8_X8:
        _mm_mask_storeu_epi8(out + first, mask, _mm512_cvtepi32_epi8(requant(f, q, column, sum)));
        break;
    case TMOI_GEMM_S8_S16:
        _mm256_mask_storeu_epi16(out + 2 * first, mask, _mm512_cvtepi32_epi16(requant(f, q, column, sum)));
        break;
    case TMOI_GEMM_S8_F32:
        _mm512_mask_storeu_ps(out + 4 * first, mask,
                              add_tail(t, f, row, first, mask, scale_f32(t, f, row, column, sum)));
        break;
    default: _mm512_mask_storeu_epi32(out + 4 * first, mask, sum); break;
    }
}

#endif
