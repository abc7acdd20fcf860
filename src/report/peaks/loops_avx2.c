#include <immintrin.h>

#include "report/peaks/loops.h"

static inline __m256 first_f32(int k)
{
    return _mm256_set1_ps((float)k);
}

static inline __m256 step_f32(__m256 x)
{
    const __m256 half = _mm256_set1_ps(0.5f);
    return _mm256_fmadd_ps(x, half, half);
}

static inline __m256i first_s32(int k)
{
    return _mm256_set1_epi32(k);
}

/* int8 as pairs of int16: what AVX2 multiplies exactly. */
static inline __m256i step_s8(__m256i x)
{
    return _mm256_add_epi32(x, _mm256_madd_epi16(x, _mm256_set1_epi16(3)));
}

static inline __m256i load(const void *p)
{
    return _mm256_load_si256(p);
}

TMOI_PEAK_LOOP(tmoi_peak_f32_avx2, __m256, first_f32, step_f32, _mm256_add_ps, _mm256_cvtss_f32)
TMOI_PEAK_LOOP(tmoi_peak_s8_avx2, __m256i, first_s32, step_s8, _mm256_add_epi32, _mm256_cvtsi256_si32)
TMOI_PEAK_READ_LOOP(tmoi_peak_read_avx2, __m256i, _mm256_setzero_si256(), load, _mm256_xor_si256,
                    _mm256_cvtsi256_si32)
