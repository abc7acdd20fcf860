/* Rows of `a` with rows of `b` in AVX2: a tile of two by four sums, sixteen terms at a time; vpmaddwd adds pairs of products, and its
 * one overflow, of two products 2^30, wraps as the sums do. */
#include <immintrin.h>
#include <string.h>

#include "base/compiler.h"
#include "kernels/gemm/gemm.h"

enum { ROWS = 2, COLUMNS = 4, STEP = 16 };

static inline __m256i load(const int16_t *x)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)x);
}

/* The last `count` < STEP terms, zeros behind them. */
static inline __m256i load_last(const int16_t *x, int32_t count)
{
    int16_t padded[STEP] = {0};
    memcpy(padded, x, (size_t)count * sizeof *x);
    return load(padded);
}

static inline __m256i add_products(__m256i sum, __m256i a, __m256i b)
{
    return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
}

/* The totals of four vectors. */
static inline __m128i total_4(const __m256i c[COLUMNS])
{
    __m256i pairs = _mm256_hadd_epi32(_mm256_hadd_epi32(c[0], c[1]), _mm256_hadd_epi32(c[2], c[3]));
    return _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
}

/* `rows` by `columns` sums, constants where it is inlined. */
static TMOI_ALWAYS_INLINE void tile(const tmoi_gemm_shape *s, const int16_t *a, const int16_t *b,
                                    const int32_t rows, const int32_t columns, int32_t *out)
{
    __m256i c[ROWS][COLUMNS];
    int32_t p = 0;
    for (int32_t i = 0; i < ROWS; i++)
        for (int32_t j = 0; j < COLUMNS; j++) c[i][j] = _mm256_setzero_si256();
    for (; p + STEP <= s->k; p += STEP)
        for (int32_t j = 0; j < columns; j++) {
            __m256i terms = load(b + j * s->b_stride + p);
            for (int32_t i = 0; i < rows; i++)
                c[i][j] = add_products(c[i][j], load(a + i * s->a_stride + p), terms);
        }
    for (int32_t j = 0; j < columns && p < s->k; j++) {
        __m256i terms = load_last(b + j * s->b_stride + p, s->k - p);
        for (int32_t i = 0; i < rows; i++)
            c[i][j] = add_products(c[i][j], load_last(a + i * s->a_stride + p, s->k - p), terms);
    }
    for (int32_t i = 0; i < rows; i++) {
        __m128i totals = total_4(c[i]);
        memcpy(out + i * s->out_stride, &totals, (size_t)columns * sizeof *out);
    }
}

void tmoi_gemm_s16_avx2(const tmoi_gemm_shape *s, const int16_t *a, const int16_t *b, int32_t *out)
{
    for (int32_t i = 0; i < s->m; i += ROWS, a += ROWS * s->a_stride, out += ROWS * s->out_stride) {
        bool one = i + 1 == s->m;
        int32_t j = 0;
        for (; j + COLUMNS <= s->n; j += COLUMNS)
            if (one)
                tile(s, a, b + j * s->b_stride, 1, COLUMNS, out + j);
            else
                tile(s, a, b + j * s->b_stride, ROWS, COLUMNS, out + j);
        for (; j < s->n; j++)
            if (one)
                tile(s, a, b + j * s->b_stride, 1, 1, out + j);
            else
                tile(s, a, b + j * s->b_stride, ROWS, 1, out + j);
    }
}
