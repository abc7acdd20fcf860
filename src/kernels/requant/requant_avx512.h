/* The default requantization (requant_value.h) in AVX-512. */
#ifndef TMOI_KERNELS_REQUANT_REQUANT_AVX512_H
#define TMOI_KERNELS_REQUANT_REQUANT_AVX512_H

#include <immintrin.h>

#include "kernels/requant/requant.h"

typedef struct tmoi_requant_avx512 {
    __m512 low, high; /* less the zero point */
    __m512i zero_point;
} tmoi_requant_avx512;

static inline tmoi_requant_avx512 tmoi_requant_start_avx512(const tmoi_requant *r)
{
    return (tmoi_requant_avx512){_mm512_set1_ps((float)(r->low - r->zero_point)),
                                 _mm512_set1_ps((float)(r->high - r->zero_point)),
                                 _mm512_set1_epi32(r->zero_point)};
}

static inline __m512i tmoi_requant_real_avx512(const tmoi_requant_avx512 *q, __m512 real)
{
    __m512 clamped = _mm512_min_ps(_mm512_max_ps(real, q->low), q->high);
    return _mm512_add_epi32(_mm512_cvtps_epi32(clamped), q->zero_point);
}

/* Sixteen sums with their bias to numbers of the output's type, as int32; _mm512_cvtepi32_epi8 and _mm512_cvtepi32_epi16 pack
 * them. */
static inline __m512i tmoi_requant_16_avx512(const tmoi_requant_avx512 *q, __m512i sum, __m512 scale)
{
    return tmoi_requant_real_avx512(q, _mm512_mul_ps(_mm512_cvtepi32_ps(sum), scale));
}

#endif
