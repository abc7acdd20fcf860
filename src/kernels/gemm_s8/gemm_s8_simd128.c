/* int16 rows in WebAssembly SIMD: i32x4.dot_i16x8 multiplies pairs of terms exactly. A step takes two terms of eight columns and of up
 * to four rows. */
#include <string.h>

#include "base/compiler.h"
#include "kernels/gemm_s8/fill_body.h"
#include "kernels/gemm_s8/gemm_s8.h"
#include "kernels/requant/requant_simd128.h"

typedef v128_t vector;
enum { MR = 4, NR = 8, KR = 2, VECTORS = NR / 4 };

static TMOI_ALWAYS_INLINE void multiply(const tmoi_gemm_s8_tile *t, const int32_t *start, int32_t row,
                                        const int32_t rows, v128_t sum[MR][VECTORS])
{
    const int8_t *panel = t->panel;
    v128_t c[MR][VECTORS];
    for (int32_t v = 0; v < VECTORS; v++)
        for (int32_t i = 0; i < rows; i++) c[i][v] = wasm_v128_load(start + 4 * v);
    for (int32_t s = 0; s < t->segments; s++) {
        const char *a = (const char *)t->segment[s] + t->offset + row * t->row_stride;
        for (ptrdiff_t k = 0; k < t->terms; k += KR, panel += NR * KR) {
            v128_t w[VECTORS] = {wasm_i16x8_load8x8(panel), wasm_i16x8_load8x8(panel + 8)};
            for (int32_t i = 0; i < rows; i++) {
                v128_t terms = wasm_v128_load32_splat(a + i * t->row_stride + k * (ptrdiff_t)sizeof(int16_t));
                for (int32_t v = 0; v < VECTORS; v++)
                    c[i][v] = wasm_i32x4_add(c[i][v], wasm_i32x4_dot_i16x8(terms, w[v]));
            }
        }
    }
    for (int32_t i = 0; i < rows; i++)
        for (int32_t v = 0; v < VECTORS; v++) sum[i][v] = c[i][v];
}

static void finish_x8(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, uint8_t *out,
                      const v128_t sum[VECTORS])
{
    const tmoi_requant_simd128 q = tmoi_requant_start_simd128(f->requant);
    const float *scale = f->scale + t->column;
    v128_t a = tmoi_requant_4_simd128(&q, sum[0], wasm_v128_load(scale));
    v128_t b = tmoi_requant_4_simd128(&q, sum[1], wasm_v128_load(scale + 4));
    v128_t bytes = tmoi_requant_pack_x8_simd128(&q, a, b, a, b);
    memcpy(out, &bytes, (size_t)t->n);
}

static void finish_s16(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, uint8_t *out,
                       const v128_t sum[VECTORS])
{
    const tmoi_requant_simd128 q = tmoi_requant_start_simd128(f->requant);
    const float *scale = f->scale + t->column;
    v128_t a = tmoi_requant_4_simd128(&q, sum[0], wasm_v128_load(scale));
    v128_t b = tmoi_requant_4_simd128(&q, sum[1], wasm_v128_load(scale + 4));
    v128_t words = wasm_i16x8_narrow_i32x4(a, b);
    memcpy(out, &words, (size_t)t->n * sizeof(int16_t));
}

/* A row of the residual; what lies behind it is not read. */
static inline const float *residual_row(const tmoi_gemm_s8_tile *t, int32_t row, float part[NR])
{
    const float *from = (const float *)(const void *)((const char *)t->residual + row * t->out_stride);
    if (t->n == NR) return from;
    memcpy(part, from, (size_t)t->n * sizeof *part);
    return part;
}

static inline v128_t leak(v128_t x, v128_t slope)
{
    v128_t is_positive = wasm_f32x4_ge(x, wasm_f32x4_splat(0.0f));
    return wasm_v128_bitselect(x, wasm_f32x4_mul(x, slope), is_positive);
}

static inline void finish_tail(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, int32_t row,
                               v128_t y[VECTORS])
{
    if (t->residual) {
        const v128_t low = wasm_f32x4_splat(f->sum_low), high = wasm_f32x4_splat(f->sum_high);
        float part[NR] = {0};
        const float *from = residual_row(t, row, part);
        for (int32_t v = 0; v < VECTORS; v++) {
            y[v] = wasm_f32x4_add(y[v], wasm_v128_load(from + 4 * v));
            y[v] = wasm_f32x4_pmin(wasm_f32x4_pmax(y[v], low), high);
        }
    }
    if (f->slope)
        for (int32_t v = 0; v < VECTORS; v++) y[v] = leak(y[v], wasm_v128_load(f->slope + t->column + 4 * v));
}

static void finish_f32(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, uint8_t *out, int32_t row,
                       const v128_t sum[VECTORS])
{
    const float *scale = f->scale + t->column, *bias = f->bias + t->column;
    v128_t row_scale = wasm_f32x4_splat(t->row_scale[row * t->row_step]), y[VECTORS];
    for (int32_t v = 0; v < VECTORS; v++) {
        v128_t factor = wasm_f32x4_mul(row_scale, wasm_v128_load(scale + 4 * v));
        y[v] = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sum[v]), factor);
        y[v] = wasm_f32x4_add(y[v], wasm_v128_load(bias + 4 * v));
        y[v] = wasm_f32x4_pmin(wasm_f32x4_pmax(y[v], wasm_f32x4_splat(f->low)), wasm_f32x4_splat(f->high));
    }
    finish_tail(t, f, row, y);
    memcpy(out, y, (size_t)t->n * sizeof(float));
}

#include "kernels/gemm_s8/gemm_s8_finish_body.h"

#include "kernels/gemm_s8/gemm_s8_rows_body.h"

static const tmoi_gemm_s8_kernel kernel = {.mr = MR, .nr = NR, .kr = KR, .run = run, .fill = fill_words};

const tmoi_gemm_s8_kernel *tmoi_gemm_s8_4x8c2_simd128(void)
{
    return &kernel;
}

const tmoi_gemm_s8_kernel *tmoi_gemm_s16x8_4x8c2_simd128(void)
{
    return &kernel;
}
