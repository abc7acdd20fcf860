#include <immintrin.h>
#include <stdint.h>

static void tile_1(const uint8_t *in, int64_t in_stride, uint8_t *out, int64_t out_stride)
{
    __m128i row[8];
    for (int k = 0; k < 8; k++) row[k] = _mm_loadl_epi64((const __m128i *)(const void *)(in + k * in_stride));
    __m128i a = _mm_unpacklo_epi8(row[0], row[1]), b = _mm_unpacklo_epi8(row[2], row[3]);
    __m128i c = _mm_unpacklo_epi8(row[4], row[5]), d = _mm_unpacklo_epi8(row[6], row[7]);
    __m128i ab[2] = {_mm_unpacklo_epi16(a, b), _mm_unpackhi_epi16(a, b)};
    __m128i cd[2] = {_mm_unpacklo_epi16(c, d), _mm_unpackhi_epi16(c, d)};
    for (int k = 0; k < 2; k++) {
        __m128i low = _mm_unpacklo_epi32(ab[k], cd[k]), high = _mm_unpackhi_epi32(ab[k], cd[k]);
        uint8_t *to = out + 4 * k * out_stride;
        _mm_storel_epi64((__m128i *)(void *)to, low);
        _mm_storel_epi64((__m128i *)(void *)(to + out_stride), _mm_srli_si128(low, 8));
        _mm_storel_epi64((__m128i *)(void *)(to + 2 * out_stride), high);
        _mm_storel_epi64((__m128i *)(void *)(to + 3 * out_stride), _mm_srli_si128(high, 8));
    }
}

static void tile_2(const uint8_t *in, int64_t in_stride, uint8_t *out, int64_t out_stride)
{
    __m128i row[8], pair[8], quad[8];
    for (int k = 0; k < 8; k++) row[k] = _mm_loadu_si128((const __m128i *)(const void *)(in + k * in_stride));
    for (int k = 0; k < 4; k++) {
        pair[2 * k] = _mm_unpacklo_epi16(row[2 * k], row[2 * k + 1]);
        pair[2 * k + 1] = _mm_unpackhi_epi16(row[2 * k], row[2 * k + 1]);
    }
    for (int k = 0; k < 2; k++) /* rows 4k to 4k + 3 of columns 2j and 2j + 1 */
        for (int j = 0; j < 2; j++) {
            quad[4 * k + 2 * j] = _mm_unpacklo_epi32(pair[4 * k + j], pair[4 * k + 2 + j]);
            quad[4 * k + 2 * j + 1] = _mm_unpackhi_epi32(pair[4 * k + j], pair[4 * k + 2 + j]);
        }
    for (int j = 0; j < 4; j++) {
        uint8_t *to = out + 2 * j * out_stride;
        _mm_storeu_si128((__m128i *)(void *)to, _mm_unpacklo_epi64(quad[j], quad[4 + j]));
        _mm_storeu_si128((__m128i *)(void *)(to + out_stride), _mm_unpackhi_epi64(quad[j], quad[4 + j]));
    }
}

static void tile_4(const uint8_t *in, int64_t in_stride, uint8_t *out, int64_t out_stride)
{
    __m256 row[8], pair[8], quad[8];
    for (int k = 0; k < 8; k++) row[k] = _mm256_loadu_ps((const float *)(const void *)(in + k * in_stride));
    for (int k = 0; k < 4; k++) {
        pair[2 * k] = _mm256_unpacklo_ps(row[2 * k], row[2 * k + 1]);
        pair[2 * k + 1] = _mm256_unpackhi_ps(row[2 * k], row[2 * k + 1]);
    }
    for (int k = 0; k < 2; k++) /* rows 4k to 4k + 3 of columns j and j + 4 */
        for (int j = 0; j < 2; j++) {
            quad[4 * k + 2 * j] = _mm256_shuffle_ps(pair[4 * k + j], pair[4 * k + 2 + j], 0x44);
            quad[4 * k + 2 * j + 1] = _mm256_shuffle_ps(pair[4 * k + j], pair[4 * k + 2 + j], 0xee);
        }
    for (int j = 0; j < 4; j++) {
        uint8_t *to = out + j * out_stride;
        _mm256_storeu_ps((float *)(void *)to, _mm256_permute2f128_ps(quad[j], quad[4 + j], 0x20));
        _mm256_storeu_ps((float *)(void *)(to + 4 * out_stride),
                         _mm256_permute2f128_ps(quad[j], quad[4 + j], 0x31));
    }
}

#define TMOI_MOVE_TILE(bytes) tile_##bytes
#define TMOI_MOVE             tmoi_move_avx2
#include "kernels/move/move_body.h"
