#include <immintrin.h>

#include "report/peaks/loops.h"

static inline __m256i first(int k)
{
    return _mm256_set1_epi32(k);
}

static inline __m256i step(__m256i x)
{
    return _mm256_dpbusd_avx_epi32(x, _mm256_set1_epi8(1), _mm256_set1_epi8(3));
}

TMOI_PEAK_LOOP(tmoi_peak_s8_avxvnni, __m256i, first, step, _mm256_add_epi32, _mm256_cvtsi256_si32)
