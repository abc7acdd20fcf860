/* exp.h with AVX2 and fused multiply-adds: the same method and accuracy, not the same bits. */
#ifndef TMOI_KERNELS_COMMON_EXP_AVX2_H
#define TMOI_KERNELS_COMMON_EXP_AVX2_H

#include <immintrin.h>

/* exp(x) = (tail + 1) · 2^n, with |tail| < 0.42, for |x| < 2^20; `shifted` has n in its low bits. */
typedef struct tmoi_exp_parts_avx2 {
    __m256 tail, shifted;
} tmoi_exp_parts_avx2;

static inline tmoi_exp_parts_avx2 tmoi_exp_split_avx2(__m256 x)
{
    const __m256 to_integer = _mm256_set1_ps(12582912.0f); /* 1.5 * 2^23 */
    __m256 shifted = _mm256_fmadd_ps(x, _mm256_set1_ps(1.44269504f), to_integer);
    __m256 n = _mm256_sub_ps(shifted, to_integer);
    __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693359375f), x);
    r = _mm256_fmadd_ps(n, _mm256_set1_ps(2.12194440e-4f), r);
    __m256 square = _mm256_mul_ps(r, r);
    __m256 p01 = _mm256_fmadd_ps(_mm256_set1_ps(1.6666665459e-1f), r, _mm256_set1_ps(5.0000001201e-1f));
    __m256 p23 = _mm256_fmadd_ps(_mm256_set1_ps(8.3334519073e-3f), r, _mm256_set1_ps(4.1665795894e-2f));
    __m256 p45 = _mm256_fmadd_ps(_mm256_set1_ps(1.9875691500e-4f), r, _mm256_set1_ps(1.3981999507e-3f));
    __m256 p = _mm256_fmadd_ps(_mm256_fmadd_ps(p45, square, p23), square, p01);
    return (tmoi_exp_parts_avx2){_mm256_fmadd_ps(p, square, r), shifted};
}

/* min(high, max(low, x)); NaN stays. */
static inline __m256 tmoi_clamp_avx2(__m256 x, float low, float high)
{
    return _mm256_min_ps(_mm256_set1_ps(high), _mm256_max_ps(_mm256_set1_ps(low), x));
}

/* 2^n for n in [-126, 127] in the low bits. */
static inline __m256 tmoi_power_avx2(__m256i n)
{
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_slli_epi32(n, 23), _mm256_set1_epi32(127 << 23)));
}

static inline __m256 tmoi_exp_avx2(__m256 x)
{
    tmoi_exp_parts_avx2 parts = tmoi_exp_split_avx2(tmoi_clamp_avx2(x, -104.0f, 104.0f));
    __m256i n = _mm256_srai_epi32(_mm256_slli_epi32(_mm256_castps_si256(parts.shifted), 10), 10);
    __m256i half = _mm256_srai_epi32(n, 1);
    __m256 y = _mm256_add_ps(parts.tail, _mm256_set1_ps(1.0f));
    return _mm256_mul_ps(_mm256_mul_ps(y, tmoi_power_avx2(half)), tmoi_power_avx2(_mm256_sub_epi32(n, half)));
}

/* exp(x) of an x cut to ±87, where neither x nor the result's exponent needs care. */
static inline __m256 tmoi_exp_near_avx2(__m256 x)
{
    tmoi_exp_parts_avx2 parts = tmoi_exp_split_avx2(tmoi_clamp_avx2(x, -87.0f, 87.0f));
    __m256 scale = tmoi_power_avx2(_mm256_castps_si256(parts.shifted));
    return _mm256_fmadd_ps(parts.tail, scale, scale);
}

/* exp(x) − 1, also where that is small, of an x cut to ±87. */
static inline __m256 tmoi_expm1_avx2(__m256 x)
{
    tmoi_exp_parts_avx2 parts = tmoi_exp_split_avx2(tmoi_clamp_avx2(x, -87.0f, 87.0f));
    __m256 scale = tmoi_power_avx2(_mm256_castps_si256(parts.shifted));
    return _mm256_fmadd_ps(parts.tail, scale, _mm256_sub_ps(scale, _mm256_set1_ps(1.0f)));
}

/* 1 / (1 + exp(-x)). */
static inline __m256 tmoi_logistic_avx2(__m256 x)
{
    const __m256 one = _mm256_set1_ps(1.0f), sign = _mm256_set1_ps(-0.0f);
    return _mm256_div_ps(one, _mm256_add_ps(one, tmoi_exp_near_avx2(_mm256_xor_ps(x, sign))));
}

/* tanh(|x|) = -m / (m + 2) for m = exp(-2|x|) − 1. */
static inline __m256 tmoi_tanh_avx2(__m256 x)
{
    const __m256 sign = _mm256_set1_ps(-0.0f);
    __m256 size = _mm256_andnot_ps(sign, x);
    __m256 m = tmoi_expm1_avx2(_mm256_mul_ps(size, _mm256_set1_ps(-2.0f)));
    __m256 y = _mm256_div_ps(m, _mm256_add_ps(m, _mm256_set1_ps(2.0f)));
    return _mm256_xor_ps(_mm256_andnot_ps(sign, y), _mm256_and_ps(sign, x));
}

#endif
