#include <immintrin.h>
#include <string.h>

#include "base/compiler.h"
#include "kernels/gemm_s8/dot_s8.h"

enum { COLUMNS = 4, STEP = 16 };

static inline __m256i load_weights(const int8_t *w)
{
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)w));
}

/* The last `count` < STEP terms, zeros behind them. */
static inline __m256i load_last_weights(const int8_t *w, int32_t count)
{
    int8_t padded[STEP] = {0};
    memcpy(padded, w, (size_t)count);
    return load_weights(padded);
}

static inline __m256i load_last_terms(const int16_t *a, int32_t count)
{
    int16_t padded[STEP] = {0};
    memcpy(padded, a, (size_t)count * sizeof *a);
    return _mm256_loadu_si256((const __m256i *)(const void *)padded);
}

static inline __m256i add_products(__m256i sum, __m256i a, __m256i w)
{
    return _mm256_add_epi32(sum, _mm256_madd_epi16(a, w));
}

/* The totals of four vectors. */
static inline __m128i total_4(const __m256i c[COLUMNS])
{
    __m256i pairs = _mm256_hadd_epi32(_mm256_hadd_epi32(c[0], c[1]), _mm256_hadd_epi32(c[2], c[3]));
    return _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
}

/* One row times `columns` columns, a constant where it is inlined. */
static TMOI_ALWAYS_INLINE __m128i dot(int32_t k, const int16_t *a, const int8_t *w, const int32_t columns)
{
    __m256i c[COLUMNS];
    int32_t p = 0;
    for (int32_t j = 0; j < COLUMNS; j++) c[j] = _mm256_setzero_si256();
    for (; p + STEP <= k; p += STEP) {
        __m256i terms = _mm256_loadu_si256((const __m256i *)(const void *)(a + p));
        for (int32_t j = 0; j < columns; j++)
            c[j] = add_products(c[j], terms, load_weights(w + (ptrdiff_t)j * k + p));
    }
    if (p < k) {
        __m256i terms = load_last_terms(a + p, k - p);
        for (int32_t j = 0; j < columns; j++)
            c[j] = add_products(c[j], terms, load_last_weights(w + (ptrdiff_t)j * k + p, k - p));
    }
    return total_4(c);
}

void tmoi_dot_s8_avx2(const tmoi_dot_s8_shape *s, const int16_t *a, const int8_t *w, int32_t *out)
{
    int32_t j = 0;
    for (; j + COLUMNS <= s->n; j += COLUMNS, w += (ptrdiff_t)COLUMNS * s->k)
        for (int32_t i = 0; i < s->m; i++)
            _mm_storeu_si128((__m128i *)(void *)(out + i * s->out_stride + j),
                             dot(s->k, a + i * s->a_stride, w, COLUMNS));
    for (; j < s->n; j++, w += s->k)
        for (int32_t i = 0; i < s->m; i++)
            out[i * s->out_stride + j] = _mm_cvtsi128_si32(dot(s->k, a + i * s->a_stride, w, 1));
}
