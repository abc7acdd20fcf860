/* tmoi_quantize_value() for eight floats. */
#ifndef TMOI_KERNELS_QUANT_ROWS_QUANTIZE_AVX2_H
#define TMOI_KERNELS_QUANT_ROWS_QUANTIZE_AVX2_H

#include <immintrin.h>

static inline __m256i tmoi_quantize_8_avx2(const float *in, __m256 inverse, __m256 zero_point, __m256 low)
{
    const __m256 sign = _mm256_set1_ps(-0.0f), below_half = _mm256_set1_ps(0x1.fffffep-2f);
    __m256 q = _mm256_add_ps(zero_point, _mm256_mul_ps(_mm256_loadu_ps(in), inverse));
    q = _mm256_min_ps(_mm256_max_ps(q, low), _mm256_set1_ps(127.0f));
    return _mm256_cvttps_epi32(_mm256_add_ps(q, _mm256_or_ps(_mm256_and_ps(q, sign), below_half)));
}

#endif
