/* Quantized elements as floats and back, in AVX2: eight of them in a register, 32 in a block; or sixteen as int16. */
#ifndef TMOI_KERNELS_COMMON_ELEMENTS_AVX2_H
#define TMOI_KERNELS_COMMON_ELEMENTS_AVX2_H

#include <immintrin.h>
#include <stdint.h>

static inline __m256 tmoi_load_s8_avx2(const int8_t *in)
{
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)in)));
}

static inline __m256 tmoi_load_u8_avx2(const uint8_t *in)
{
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)in)));
}

static inline __m256 tmoi_load_s16_avx2(const int16_t *in)
{
    return _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(const void *)in)));
}

static inline __m256i tmoi_widen_s8_avx2(const int8_t *in)
{
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)in));
}

static inline __m256i tmoi_widen_u8_avx2(const uint8_t *in)
{
    return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)in));
}

/* Results are in range, so that packing, which saturates, only narrows; it works in halves of the register. */
static inline void tmoi_store_s8_avx2(int8_t *out, const __m256i v[4])
{
    __m256i packed = _mm256_packs_epi16(_mm256_packs_epi32(v[0], v[1]), _mm256_packs_epi32(v[2], v[3]));
    packed = _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    _mm256_storeu_si256((__m256i *)(void *)out, packed);
}

static inline void tmoi_store_u8_avx2(uint8_t *out, const __m256i v[4])
{
    __m256i packed = _mm256_packus_epi16(_mm256_packs_epi32(v[0], v[1]), _mm256_packs_epi32(v[2], v[3]));
    packed = _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    _mm256_storeu_si256((__m256i *)(void *)out, packed);
}

static inline void tmoi_store_s16_avx2(int16_t *out, const __m256i v[4])
{
    for (int k = 0; k < 2; k++) {
        __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi32(v[2 * k], v[2 * k + 1]), 0xd8);
        _mm256_storeu_si256((__m256i *)(void *)(out + 16 * k), packed);
    }
}

#endif
