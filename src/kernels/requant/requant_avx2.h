/* The default requantization (requant_value.h) in AVX2. */
#ifndef TMOI_KERNELS_REQUANT_REQUANT_AVX2_H
#define TMOI_KERNELS_REQUANT_REQUANT_AVX2_H

#include <immintrin.h>

#include "kernels/requant/requant.h"

typedef struct tmoi_requant_avx2 {
    __m256 low, high; /* less the zero point */
    __m256i zero_point;
    __m128i flip; /* uint8 output: the numbers less 128 are packed as int8, then their sign bits flipped */
} tmoi_requant_avx2;

static inline tmoi_requant_avx2 tmoi_requant_start_avx2(const tmoi_requant *r)
{
    int32_t offset = r->type == TMO_TYPE_UINT8 ? 128 : 0;
    return (tmoi_requant_avx2){_mm256_set1_ps((float)(r->low - r->zero_point)),
                               _mm256_set1_ps((float)(r->high - r->zero_point)),
                               _mm256_set1_epi32(r->zero_point - offset), _mm_set1_epi8((char)-offset)};
}

static inline __m256i tmoi_requant_real_avx2(const tmoi_requant_avx2 *q, __m256 real)
{
    __m256 clamped = _mm256_min_ps(_mm256_max_ps(real, q->low), q->high);
    return _mm256_add_epi32(_mm256_cvtps_epi32(clamped), q->zero_point);
}

/* Eight sums with their bias to int32; for int16 outputs they fit that type, for int8 and uint8 see `flip`. */
static inline __m256i tmoi_requant_8_avx2(const tmoi_requant_avx2 *q, __m256i sum, __m256 scale)
{
    return tmoi_requant_real_avx2(q, _mm256_mul_ps(_mm256_cvtepi32_ps(sum), scale));
}

/* Sixteen results of tmoi_requant_8_avx2 to int16, in order. */
static inline __m256i tmoi_requant_pack_s16_avx2(__m256i first, __m256i second)
{
    return _mm256_permute4x64_epi64(_mm256_packs_epi32(first, second), 0xd8);
}

/* Sixteen results of tmoi_requant_8_avx2 to int8 or uint8, in order. */
static inline __m128i tmoi_requant_pack_x8_avx2(const tmoi_requant_avx2 *q, __m256i first, __m256i second)
{
    __m256i words = tmoi_requant_pack_s16_avx2(first, second);
    __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    return _mm_xor_si128(bytes, q->flip);
}

#endif
