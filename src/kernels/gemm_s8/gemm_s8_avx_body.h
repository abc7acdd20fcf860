#ifndef TMOI_KERNELS_GEMM_S8_GEMM_S8_AVX_BODY_H
#define TMOI_KERNELS_GEMM_S8_GEMM_S8_AVX_BODY_H

/* The body of the kernels in 256-bit vectors. Before it is included, these are defined:
 *   KR, ELEM_BYTES, OFFSET   as in the kernel's description; STEP_BYTES = KR · ELEM_BYTES = 4
 *   load_weights(panel)      KR terms of eight columns
 *   add_products(c, a, w)    to each of eight sums, the products of the KR terms in its lane
 * A step takes KR terms of 16 columns and of up to six rows, whose terms are broadcast: twelve sums of eight columns stay in
 * registers. */
#include <string.h>

#include "base/compiler.h"
#include "kernels/gemm_s8/fill_body.h"
#include "kernels/gemm_s8/gemm_s8.h"
#include "kernels/requant/requant_avx2.h"

enum { MR = 6, NR = 16 };

/* Terms of one row, in all lanes. */
static inline __m256i load_terms(const char *a)
{
    int32_t terms;
    memcpy(&terms, a, sizeof terms);
    return _mm256_set1_epi32(terms);
}

/* The sums of `rows` rows and `vectors` · 8 columns; both are constants where it is inlined. */
static TMOI_ALWAYS_INLINE void multiply(const tmoi_gemm_s8_tile *t, const int32_t *start, int32_t row,
                                        const int32_t rows, const int32_t vectors, __m256i sum[MR][2])
{
    const int8_t *panel = t->panel;
    __m256i c[MR][2];
    for (int32_t v = 0; v < vectors; v++) {
        __m256i first = _mm256_loadu_si256((const __m256i *)(const void *)(start + 8 * v));
        for (int32_t i = 0; i < rows; i++) c[i][v] = first;
    }
    for (int32_t s = 0; s < t->segments; s++) {
        const char *base = (const char *)t->segment[s] + t->offset + row * t->row_stride;
        const char *a[MR];
        for (int32_t i = 0; i < rows; i++) a[i] = base + i * t->row_stride;
        for (ptrdiff_t k = 0; k < t->terms * ELEM_BYTES; k += STEP_BYTES, panel += NR * KR) {
            __m256i w[2];
            for (int32_t v = 0; v < vectors; v++) w[v] = load_weights(panel + 8 * KR * v);
            for (int32_t i = 0; i < rows; i++) {
                __m256i terms = load_terms(a[i] + k);
                for (int32_t v = 0; v < vectors; v++) c[i][v] = add_products(c[i][v], terms, w[v]);
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

/* The same for whole and half vectors of longer elements. */
static inline void store_words(uint8_t *out, const __m256i *row, size_t bytes)
{
    if (bytes == 64) {
        _mm256_storeu_si256((__m256i *)(void *)out, row[0]);
        _mm256_storeu_si256((__m256i *)(void *)out + 1, row[1]);
    } else if (bytes == 32) {
        _mm256_storeu_si256((__m256i *)(void *)out, row[0]);
    } else if (bytes == 16) {
        _mm_storeu_si128((__m128i *)(void *)out, _mm256_castsi256_si128(row[0]));
    } else {
        memcpy(out, row, bytes);
    }
}

static inline __m256i requant(const tmoi_requant_avx2 *q, __m256i sum, const float *scale)
{
    __m256 real = _mm256_mul_ps(_mm256_cvtepi32_ps(sum), _mm256_loadu_ps(scale));
    return _mm256_cvtps_epi32(_mm256_min_ps(real, q->high));
}

/* What all rows share in finish(). */
typedef struct finisher {
    const tmoi_gemm_s8_tile *tile;
    const tmoi_gemm_s8_finish *params;
    tmoi_requant_avx2 requant;
    __m256i zero_point, low, flip; /* X8: as 16, 8 and 8 bits, less 128 for uint8 */
} finisher;

static inline void start_finish(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *params, finisher *f)
{
    f->tile = t;
    f->params = params;
    if (params->kind != TMOI_GEMM_S8_X8 && params->kind != TMOI_GEMM_S8_S16) return;
    int32_t offset = params->requant->type == TMO_TYPE_UINT8 ? 128 : 0;
    f->requant = tmoi_requant_start_avx2(params->requant);
    f->zero_point = _mm256_set1_epi16((int16_t)(params->requant->zero_point - offset));
    f->low = _mm256_set1_epi8((char)(params->requant->low - offset));
    f->flip = _mm256_set1_epi8((char)-offset);
}

/* tmoi_requant_8_avx2() for two rows, where saturation does the rest of the clamping: packing to 16 bits, adding the zero
 * point and packing to 8 bits change nothing above the low bound, which is applied last. */
static void finish_x8(const finisher *f, uint8_t *out, int32_t rows, __m256i sum[MR][2])
{
    const tmoi_gemm_s8_tile *t = f->tile;
    const tmoi_requant_avx2 q = f->requant;
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    const float *scale = f->params->scale + t->column;
    for (int32_t i = 0; i < rows; i += 2) {
        __m256i a = _mm256_packs_epi32(requant(&q, sum[i][0], scale), requant(&q, sum[i][1], scale + 8));
        __m256i b = _mm256_packs_epi32(requant(&q, sum[i + 1][0], scale),
                                       requant(&q, sum[i + 1][1], scale + 8));
        a = _mm256_adds_epi16(a, f->zero_point);
        b = _mm256_adds_epi16(b, f->zero_point);
        __m256i bytes = _mm256_xor_si256(_mm256_max_epi8(_mm256_packs_epi16(a, b), f->low), f->flip);
        bytes = _mm256_permutevar8x32_epi32(bytes, order);
        __m128i first = _mm256_castsi256_si128(bytes), second = _mm256_extracti128_si256(bytes, 1);
        store(out + i * t->out_stride, &first, (size_t)t->n);
        if (i + 1 < rows) store(out + (i + 1) * t->out_stride, &second, (size_t)t->n);
    }
}

static void finish_s16(const finisher *f, uint8_t *out, int32_t rows, __m256i sum[MR][2])
{
    const tmoi_gemm_s8_tile *t = f->tile;
    const float *scale = f->params->scale + t->column;
    for (int32_t i = 0; i < rows; i++) {
        __m256i a = tmoi_requant_8_avx2(&f->requant, sum[i][0], _mm256_loadu_ps(scale));
        __m256i b = tmoi_requant_8_avx2(&f->requant, sum[i][1], _mm256_loadu_ps(scale + 8));
        const __m256i words[2] = {tmoi_requant_pack_s16_avx2(a, b), a};
        store_words(out + i * t->out_stride, words, (size_t)t->n * sizeof(int16_t));
    }
}

/* F32: what all rows share. */
typedef struct real_columns {
    __m256 scale[2], bias[2], slope[2];
    __m256i sums[2]; /* of the columns, for byte rows */
    __m256 low, high, sum_low, sum_high;
} real_columns;

static inline void load_columns(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *params,
                                real_columns *c)
{
    c->low = _mm256_set1_ps(params->low);
    c->high = _mm256_set1_ps(params->high);
    c->sum_low = _mm256_set1_ps(params->sum_low);
    c->sum_high = _mm256_set1_ps(params->sum_high);
    for (int32_t v = 0; v < 2; v++) {
        const int32_t at = t->column + 8 * v;
        c->scale[v] = _mm256_loadu_ps(params->scale + at);
        c->bias[v] = _mm256_loadu_ps(params->bias + at);
        c->slope[v] = params->slope ? _mm256_loadu_ps(params->slope + at) : _mm256_setzero_ps();
        c->sums[v] = ELEM_BYTES == 1
                         ? _mm256_loadu_si256((const __m256i *)(const void *)(params->column_sums + at))
                         : _mm256_setzero_si256();
    }
}

/* Rows of int16 numbers have their zero point taken off. */
static inline __m256i less_zero_point(const tmoi_gemm_s8_tile *t, int32_t row, __m256i column_sums,
                                      __m256i sum)
{
    if (ELEM_BYTES != 1) return sum;
    __m256i zero_point = _mm256_set1_epi32(t->row_zero_point[row * t->row_step] + OFFSET);
    return _mm256_sub_epi32(sum, _mm256_mullo_epi32(zero_point, column_sums));
}

static inline __m256 leak(__m256 x, __m256 slope)
{
    __m256 is_positive = _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_GE_OQ);
    return _mm256_blendv_ps(_mm256_mul_ps(x, slope), x, is_positive);
}

/* A whole row of the residual; what lies behind it is not read. */
static inline const float *residual_row(const tmoi_gemm_s8_tile *t, int32_t row, float part[NR])
{
    const char *from = (const char *)t->residual + row * t->out_stride;
    if (t->n == NR) return (const float *)(const void *)from;
    memset(part, 0, NR * sizeof *part);
    memcpy(part, from, (size_t)t->n * sizeof *part);
    return part;
}

static void finish_f32(const finisher *f, uint8_t *out, int32_t row, int32_t rows, __m256i sum[MR][2])
{
    const tmoi_gemm_s8_tile *t = f->tile;
    const bool leaks = f->params->slope != NULL;
    real_columns c;
    load_columns(t, f->params, &c);
    for (int32_t i = 0; i < rows; i++) {
        const __m256 row_scale = _mm256_set1_ps(t->row_scale[(row + i) * t->row_step]);
        __m256 y[2];
        for (int32_t v = 0; v < 2; v++) {
            __m256i shifted = less_zero_point(t, row + i, c.sums[v], sum[i][v]);
            y[v] = _mm256_mul_ps(_mm256_cvtepi32_ps(shifted), _mm256_mul_ps(row_scale, c.scale[v]));
            y[v] = _mm256_min_ps(_mm256_max_ps(_mm256_add_ps(y[v], c.bias[v]), c.low), c.high);
        }
        if (t->residual) {
            float part[NR];
            const float *from = residual_row(t, row + i, part);
            for (int32_t v = 0; v < 2; v++) {
                y[v] = _mm256_add_ps(y[v], _mm256_loadu_ps(from + 8 * v));
                y[v] = _mm256_min_ps(_mm256_max_ps(y[v], c.sum_low), c.sum_high);
            }
        }
        if (leaks)
            for (int32_t v = 0; v < 2; v++) y[v] = leak(y[v], c.slope[v]);
        const __m256i words[2] = {_mm256_castps_si256(y[0]), _mm256_castps_si256(y[1])};
        store_words(out + i * t->out_stride, words, (size_t)t->n * sizeof(float));
    }
}

static void finish(const finisher *f, int32_t row, int32_t rows, __m256i sum[MR][2])
{
    const tmoi_gemm_s8_tile *t = f->tile;
    uint8_t *out = (uint8_t *)t->out + row * t->out_stride;
    switch (f->params->kind) {
    case TMOI_GEMM_S8_X8: finish_x8(f, out, rows, sum); break;
    case TMOI_GEMM_S8_S16: finish_s16(f, out, rows, sum); break;
    case TMOI_GEMM_S8_F32: finish_f32(f, out, row, rows, sum); break;
    default:
        for (int32_t i = 0; i < rows; i++)
            store_words(out + i * t->out_stride, sum[i], (size_t)t->n * sizeof(int32_t));
        break;
    }
}

/* All rows of the tile, `vectors` · 8 columns. What finish() reads beyond is any number. */
static TMOI_ALWAYS_INLINE void all_rows(const finisher *f, const int32_t vectors)
{
    const tmoi_gemm_s8_tile *t = f->tile;
    const int32_t *start = f->params->start + t->column;
    __m256i sum[MR][2];
    for (int32_t i = 0; i < MR; i++) sum[i][0] = sum[i][1] = _mm256_setzero_si256();
    for (int32_t row = 0, rows; row < t->m; row += rows) {
        rows = t->m - row < MR ? t->m - row : MR;
        switch (rows) {
        case 6: multiply(t, start, row, 6, vectors, sum); break;
        case 5: multiply(t, start, row, 5, vectors, sum); break;
        case 4: multiply(t, start, row, 4, vectors, sum); break;
        case 3: multiply(t, start, row, 3, vectors, sum); break;
        case 2: multiply(t, start, row, 2, vectors, sum); break;
        default: multiply(t, start, row, 1, vectors, sum); break;
        }
        finish(f, row, rows, sum);
    }
}

static void run(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *params)
{
    finisher f;
    start_finish(t, params, &f);
    if (t->n > 8)
        all_rows(&f, 2);
    else
        all_rows(&f, 1);
}

#endif
