#include <immintrin.h>

#include "report/peaks/loops.h"

static inline __m512i first(int k)
{
    return _mm512_set1_epi32(k);
}

static inline __m512i step(__m512i x)
{
    return _mm512_dpbusd_epi32(x, _mm512_set1_epi8(1), _mm512_set1_epi8(3));
}

TMOI_PEAK_LOOP(tmoi_peak_s8_avx512vnni, __m512i, first, step, _mm512_add_epi32, _mm512_cvtsi512_si32)
