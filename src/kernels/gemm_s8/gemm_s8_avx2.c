/* int16 rows times int8 panels in AVX2: vpmaddwd multiplies pairs of terms exactly. A step takes two terms of 16 columns, sign
 * extended from the panel, and of up to six rows, each pair broadcast: twelve sums of eight columns stay in registers. */
#include <string.h>

#include "base/compiler.h"
#include "kernels/gemm_s8/fill_body.h"
#include "kernels/gemm_s8/gemm_s8.h"
#include "kernels/requant/requant_avx2.h"

enum { MR = 6, NR = 16, KR = 2 };

static inline __m256i load_pair(const int16_t *a)
{
    int32_t pair;
    memcpy(&pair, a, sizeof pair);
    return _mm256_set1_epi32(pair);
}

static inline __m256i load_8x2(const int8_t *panel)
{
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)panel));
}

/* The sums of `rows` rows and `vectors` · 8 columns; both are constants where it is inlined. */
static TMOI_ALWAYS_INLINE void multiply(const tmoi_gemm_s8_tile *t, const int32_t *start, int32_t row,
                                        const int32_t rows, const int32_t vectors, __m256i sum[MR][2])
{
    const int8_t *panel = t->panel;
    __m256i c[MR][2];
    for (int32_t v = 0; v < vectors; v++) {
        __m256i first = _mm256_loadu_si256((const __m256i *)(start + 8 * v));
        for (int32_t i = 0; i < rows; i++) c[i][v] = first;
    }
    for (int32_t s = 0; s < t->segments; s++) {
        const char *base = (const char *)t->segment[s] + t->offset + row * t->row_stride;
        const int16_t *a[MR];
        for (int32_t i = 0; i < rows; i++) a[i] = (const int16_t *)(const void *)(base + i * t->row_stride);
        for (ptrdiff_t k = 0; k < t->terms; k += KR, panel += NR * KR) {
            __m256i w[2];
            for (int32_t v = 0; v < vectors; v++) w[v] = load_8x2(panel + 16 * v);
            for (int32_t i = 0; i < rows; i++) {
                __m256i pair = load_pair(a[i] + k);
                for (int32_t v = 0; v < vectors; v++)
                    c[i][v] = _mm256_add_epi32(c[i][v], _mm256_madd_epi16(pair, w[v]));
            }
        }
    }
    for (int32_t i = 0; i < rows; i++)
        for (int32_t v = 0; v < vectors; v++) sum[i][v] = c[i][v];
}

/* Copies the first `bytes` of a row. */
static inline void store(uint8_t *out, const void *row, size_t bytes)
{
    if (bytes == 16)
        _mm_storeu_si128((__m128i *)out, _mm_loadu_si128(row));
    else if (bytes == 8)
        _mm_storel_epi64((__m128i *)out, _mm_loadl_epi64(row));
    else
        memcpy(out, row, bytes);
}

static inline __m256i requant(const tmoi_requant_avx2 *q, __m256i sum, const float *scale)
{
    __m256 real = _mm256_mul_ps(_mm256_cvtepi32_ps(sum), _mm256_loadu_ps(scale));
    return _mm256_cvtps_epi32(_mm256_min_ps(real, q->high));
}

/* tmoi_requant_8_avx2() for two rows, where saturation does the rest of the clamping: packing to 16 bits, adding the zero
 * point and packing to 8 bits change nothing above the low bound, which is applied last. */
static void finish_x8(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, uint8_t *out, int32_t rows,
                      __m256i sum[MR][2])
{
    const tmoi_requant_avx2 q = tmoi_requant_start_avx2(f->requant);
    int32_t offset = f->requant->type == TMO_TYPE_UINT8 ? 128 : 0;
    const __m256i zero_point = _mm256_set1_epi16((int16_t)(f->requant->zero_point - offset));
    const __m256i low = _mm256_set1_epi8((char)(f->requant->low - offset)),
                  flip = _mm256_set1_epi8((char)-offset);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    const float *scale = f->scale + t->column;
    for (int32_t i = 0; i < rows; i += 2) {
        __m256i a = _mm256_packs_epi32(requant(&q, sum[i][0], scale), requant(&q, sum[i][1], scale + 8));
        __m256i b = _mm256_packs_epi32(requant(&q, sum[i + 1][0], scale),
                                       requant(&q, sum[i + 1][1], scale + 8));
        __m256i bytes = _mm256_packs_epi16(_mm256_adds_epi16(a, zero_point),
                                           _mm256_adds_epi16(b, zero_point));
        bytes = _mm256_xor_si256(_mm256_max_epi8(bytes, low), flip);
        bytes = _mm256_permutevar8x32_epi32(bytes, order);
        __m128i first = _mm256_castsi256_si128(bytes), second = _mm256_extracti128_si256(bytes, 1);
        store(out + i * t->out_stride, &first, (size_t)t->n);
        if (i + 1 < rows) store(out + (i + 1) * t->out_stride, &second, (size_t)t->n);
    }
}

static void finish_s16(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, uint8_t *out, int32_t rows,
                       __m256i sum[MR][2])
{
    const tmoi_requant_avx2 q = tmoi_requant_start_avx2(f->requant);
    const float *scale = f->scale + t->column;
    for (int32_t i = 0; i < rows; i++) {
        __m256i a = tmoi_requant_8_avx2(&q, sum[i][0], _mm256_loadu_ps(scale));
        __m256i b = tmoi_requant_8_avx2(&q, sum[i][1], _mm256_loadu_ps(scale + 8));
        __m256i words = tmoi_requant_pack_s16_avx2(a, b);
        memcpy(out + i * t->out_stride, &words, (size_t)t->n * sizeof(int16_t));
    }
}

static void finish_f32(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, uint8_t *out, int32_t row,
                       int32_t rows, __m256i sum[MR][2])
{
    const __m256 low = _mm256_set1_ps(f->low), high = _mm256_set1_ps(f->high);
    const float *scale = f->scale + t->column, *bias = f->bias + t->column;
    for (int32_t i = 0; i < rows; i++) {
        __m256 row_scale = _mm256_set1_ps(t->row_scale[(row + i) * t->row_step]), y[2];
        for (int32_t v = 0; v < 2; v++) {
            __m256 factor = _mm256_mul_ps(row_scale, _mm256_loadu_ps(scale + 8 * v));
            y[v] = _mm256_mul_ps(_mm256_cvtepi32_ps(sum[i][v]), factor);
            y[v] = _mm256_add_ps(y[v], _mm256_loadu_ps(bias + 8 * v));
            y[v] = _mm256_min_ps(_mm256_max_ps(y[v], low), high);
        }
        memcpy(out + i * t->out_stride, y, (size_t)t->n * sizeof(float));
    }
}

static void finish(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, int32_t row, int32_t rows,
                   __m256i sum[MR][2])
{
    uint8_t *out = (uint8_t *)t->out + row * t->out_stride;
    switch (f->kind) {
    case TMOI_GEMM_S8_X8: finish_x8(t, f, out, rows, sum); break;
    case TMOI_GEMM_S8_S16: finish_s16(t, f, out, rows, sum); break;
    case TMOI_GEMM_S8_F32: finish_f32(t, f, out, row, rows, sum); break;
    default:
        for (int32_t i = 0; i < rows; i++)
            memcpy(out + i * t->out_stride, sum[i], (size_t)t->n * sizeof(int32_t));
        break;
    }
}

/* All rows of the tile, `vectors` · 8 columns. What finish() reads beyond is any number. */
static TMOI_ALWAYS_INLINE void all_rows(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f,
                                        const int32_t vectors)
{
    const int32_t *start = f->start + t->column;
    __m256i sum[MR][2];
    memset(sum, 0, sizeof sum);
    int32_t row = 0;
    for (; row + 6 <= t->m; row += 6) {
        multiply(t, start, row, 6, vectors, sum);
        finish(t, f, row, 6, sum);
    }
    for (; row + 2 <= t->m; row += 2) {
        multiply(t, start, row, 2, vectors, sum);
        finish(t, f, row, 2, sum);
    }
    if (row < t->m) {
        multiply(t, start, row, 1, vectors, sum);
        finish(t, f, row, 1, sum);
    }
}

static void run(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f)
{
    if (t->n > 8)
        all_rows(t, f, 2);
    else
        all_rows(t, f, 1);
}

static const tmoi_gemm_s8_kernel kernel = {.mr = MR, .nr = NR, .kr = KR, .run = run, .fill = fill_words};

const tmoi_gemm_s8_kernel *tmoi_gemm_s8_6x16c2_avx2(void)
{
    return &kernel;
}

const tmoi_gemm_s8_kernel *tmoi_gemm_s16x8_6x16c2_avx2(void)
{
    return &kernel;
}
