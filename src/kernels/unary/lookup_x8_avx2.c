#include <immintrin.h>

#include "kernels/unary/quantized.h"

/* The table in sixteen pieces of sixteen entries: the low four bits of an element are an index into each, the high four choose
 * among the results, the highest bit first. */
enum { PIECES = 16 };

static inline __m256i look_up(const __m256i piece[PIECES], __m256i x)
{
    const __m256i low = _mm256_and_si256(x, _mm256_set1_epi8(15));
    __m256i found[PIECES / 2];
    for (int k = 0; k < PIECES / 2; k++)
        found[k] = _mm256_blendv_epi8(_mm256_shuffle_epi8(piece[k], low),
                                      _mm256_shuffle_epi8(piece[k + PIECES / 2], low), x);
    for (int half = PIECES / 4; half > 0; half /= 2) {
        x = _mm256_slli_epi16(x, 1);
        for (int k = 0; k < half; k++) found[k] = _mm256_blendv_epi8(found[k], found[k + half], x);
    }
    return found[0];
}

void tmoi_lookup_x8_avx2(const uint8_t table[256], const uint8_t *in, uint8_t *out, int64_t count)
{
    __m256i piece[PIECES];
    int64_t k = 0;
    for (int p = 0; p < PIECES; p++)
        piece[p] = _mm256_broadcastsi128_si256(
            _mm_loadu_si128((const __m128i *)(const void *)(table + 16 * p)));
    for (; k + 32 <= count; k += 32) {
        __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)(in + k));
        _mm256_storeu_si256((__m256i *)(void *)(out + k), look_up(piece, x));
    }
    for (; k < count; k++) out[k] = table[in[k]];
}
