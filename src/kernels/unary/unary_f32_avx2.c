#include <stddef.h>
#include <string.h>

#include "kernels/common/exp_avx2.h"
#include "kernels/unary/unary_f32_elements.h"
#include "kernels/unary/unary_rows.h"

#define VECTOR_ROWS(kind, expression) TMOI_UNARY_ROWS(kind##_rows, float, kind##_element(p, x[k]))
TMOI_UNARY_VECTOR_KINDS(VECTOR_ROWS)

static inline __m256 elu(__m256 x)
{
    return _mm256_blendv_ps(x, tmoi_expm1_avx2(x), x);
}

/* The polynomial of tmoi_erfc_f32(). */
static inline __m256 erfc_poly(__m256 t)
{
    static const float terms[] = {-0.82215223f, 1.48851587f, -1.13520398f, 0.27886807f,
                                  -0.18628806f, 0.09678418f, 0.37409196f,  1.00002368f};
    __m256 p = _mm256_set1_ps(0.17087277f);
    for (size_t k = 0; k < sizeof terms / sizeof terms[0]; k++)
        p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(terms[k]));
    return _mm256_fmsub_ps(p, t, _mm256_set1_ps(1.26551223f));
}

/* ½·x·erfc(-x / √2). */
static inline __m256 gelu(__m256 x)
{
    const __m256 half = _mm256_set1_ps(0.5f), one = _mm256_set1_ps(1.0f), sign = _mm256_set1_ps(-0.0f);
    __m256 size = _mm256_mul_ps(_mm256_andnot_ps(sign, x), _mm256_set1_ps(0.70710678f));
    __m256 t = _mm256_div_ps(one, _mm256_fmadd_ps(half, size, one));
    __m256 tail = _mm256_mul_ps(t, tmoi_exp_near_avx2(_mm256_fnmadd_ps(size, size, erfc_poly(t))));
    __m256 erfc = _mm256_blendv_ps(_mm256_sub_ps(_mm256_set1_ps(2.0f), tail), tail, x);
    return _mm256_mul_ps(_mm256_mul_ps(half, x), erfc);
}

/* ½·(1 + tanh u) is the logistic function of 2u, without the cancellation. */
static inline __m256 gelu_tanh(__m256 x)
{
    __m256 cube = _mm256_mul_ps(_mm256_mul_ps(x, x), x);
    __m256 inner = _mm256_fmadd_ps(_mm256_set1_ps(0.044715f), cube, x);
    return _mm256_mul_ps(x, tmoi_logistic_avx2(_mm256_mul_ps(_mm256_set1_ps(1.59576912f), inner)));
}

#define EXP_ROWS(kind, apply)                                                                          \
    static void kind##_rows(const tmoi_unary_params *params, const void *in, void *out, int64_t count) \
    {                                                                                                  \
        const float *x = in;                                                                           \
        float *y = out, rest[8] = {0};                                                                 \
        (void)params;                                                                                  \
        for (; count >= 8; count -= 8, x += 8, y += 8) _mm256_storeu_ps(y, apply(_mm256_loadu_ps(x))); \
        if (count <= 0) return;                                                                        \
        memcpy(rest, x, (size_t)count * sizeof *x);                                                    \
        _mm256_storeu_ps(rest, apply(_mm256_loadu_ps(rest)));                                          \
        memcpy(y, rest, (size_t)count * sizeof *y);                                                    \
    }
EXP_ROWS(ELU, elu)
EXP_ROWS(EXP, tmoi_exp_avx2)
EXP_ROWS(GELU, gelu)
EXP_ROWS(GELU_TANH, gelu_tanh)
EXP_ROWS(LOGISTIC, tmoi_logistic_avx2)
EXP_ROWS(TANH, tmoi_tanh_avx2)

#define ENTRY(kind, expression) [TMOI_UNARY_##kind] = kind##_rows,
static const tmoi_unary_function table[TMOI_UNARY_KIND_COUNT] = {TMOI_UNARY_VECTOR_KINDS(ENTRY)
                                                                     TMOI_UNARY_EXP_KINDS(ENTRY)};

tmoi_unary_function tmoi_unary_f32_avx2(tmoi_unary_kind kind)
{
    return table[kind];
}
