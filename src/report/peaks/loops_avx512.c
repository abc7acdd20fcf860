#include <immintrin.h>

#include "report/peaks/loops.h"

static inline __m512 first_f32(int k)
{
    return _mm512_set1_ps((float)k);
}

static inline __m512 step_f32(__m512 x)
{
    const __m512 half = _mm512_set1_ps(0.5f);
    return _mm512_fmadd_ps(x, half, half);
}

static inline __m512i first_s32(int k)
{
    return _mm512_set1_epi32(k);
}

/* int8 as pairs of int16: what AVX512 multiplies exactly. */
static inline __m512i step_s8(__m512i x)
{
    return _mm512_add_epi32(x, _mm512_madd_epi16(x, _mm512_set1_epi16(3)));
}

static inline __m512i load(const void *p)
{
    return _mm512_load_si512(p);
}

TMOI_PEAK_LOOP(tmoi_peak_f32_avx512, __m512, first_f32, step_f32, _mm512_add_ps, _mm512_cvtss_f32)
TMOI_PEAK_LOOP(tmoi_peak_s8_avx512, __m512i, first_s32, step_s8, _mm512_add_epi32, _mm512_cvtsi512_si32)
TMOI_PEAK_READ_LOOP(tmoi_peak_read_avx512, __m512i, _mm512_setzero_si512(), load, _mm512_xor_si512,
                    _mm512_cvtsi512_si32)
