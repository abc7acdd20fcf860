/* What the kernels for Arm share: finishing the sums of a row's 16 columns. ELEM_BYTES is defined before it is included. */
#ifndef TMOI_KERNELS_GEMM_S8_GEMM_S8_NEON_BODY_H
#define TMOI_KERNELS_GEMM_S8_GEMM_S8_NEON_BODY_H

#include <string.h>

#include "base/compiler.h"
#include "kernels/gemm_s8/fill_body.h"
#include "kernels/gemm_s8/gemm_s8.h"
#include "kernels/requant/requant_neon.h"

typedef int32x4_t vector;
enum { NR = 16, VECTORS = NR / 4 };

static inline void store(uint8_t *out, const void *row, size_t bytes)
{
    if (bytes == 16)
        vst1q_u8(out, vld1q_u8(row));
    else
        memcpy(out, row, bytes);
}

static void finish_x8(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, uint8_t *out,
                      const int32x4_t sum[VECTORS])
{
    const tmoi_requant_neon q = tmoi_requant_start_neon(f->requant);
    const float *scale = f->scale + t->column;
    int32x4_t y[VECTORS];
    for (int v = 0; v < VECTORS; v++) y[v] = tmoi_requant_4_neon(&q, sum[v], vld1q_f32(scale + 4 * v));
    int8x16_t bytes = vcombine_s8(tmoi_requant_pack_x8_neon(y[0], y[1]),
                                  tmoi_requant_pack_x8_neon(y[2], y[3]));
    store(out, &bytes, (size_t)t->n);
}

static void finish_s16(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, uint8_t *out,
                       const int32x4_t sum[VECTORS])
{
    const tmoi_requant_neon q = tmoi_requant_start_neon(f->requant);
    const float *scale = f->scale + t->column;
    int32x4_t y[VECTORS];
    for (int v = 0; v < VECTORS; v++) y[v] = tmoi_requant_4_neon(&q, sum[v], vld1q_f32(scale + 4 * v));
    const int16x8_t words[2] = {tmoi_requant_pack_s16_neon(y[0], y[1]),
                                tmoi_requant_pack_s16_neon(y[2], y[3])};
    memcpy(out, words, (size_t)t->n * sizeof(int16_t));
}

/* A row of the residual; what lies behind it is not read. */
static inline const float *residual_row(const tmoi_gemm_s8_tile *t, int32_t row, float part[NR])
{
    const float *from = (const float *)(const void *)((const char *)t->residual + row * t->out_stride);
    if (t->n == NR) return from;
    memcpy(part, from, (size_t)t->n * sizeof *part);
    return part;
}

static inline float32x4_t leak(float32x4_t x, float32x4_t slope)
{
    return vbslq_f32(vcgeq_f32(x, vdupq_n_f32(0.0f)), x, vmulq_f32(x, slope));
}

static inline void finish_tail(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, int32_t row,
                               float32x4_t y[VECTORS])
{
    if (t->residual) {
        const float32x4_t low = vdupq_n_f32(f->sum_low), high = vdupq_n_f32(f->sum_high);
        float part[NR] = {0};
        const float *from = residual_row(t, row, part);
        for (int v = 0; v < VECTORS; v++)
            y[v] = vminq_f32(vmaxq_f32(vaddq_f32(y[v], vld1q_f32(from + 4 * v)), low), high);
    }
    if (f->slope)
        for (int v = 0; v < VECTORS; v++) y[v] = leak(y[v], vld1q_f32(f->slope + t->column + 4 * v));
}

static void finish_f32(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, uint8_t *out, int32_t row,
                       const int32x4_t sum[VECTORS])
{
    const float *scale = f->scale + t->column, *bias = f->bias + t->column;
    int32_t at = row * t->row_step;
    float32x4_t y[VECTORS];
    for (int v = 0; v < VECTORS; v++) {
        int32x4_t shifted = sum[v];
        if (ELEM_BYTES == 1)
            shifted = vmlsq_n_s32(shifted, vld1q_s32(f->column_sums + t->column + 4 * v),
                                  t->row_zero_point[at]);
        float32x4_t factor = vmulq_n_f32(vld1q_f32(scale + 4 * v), t->row_scale[at]);
        y[v] = vaddq_f32(vmulq_f32(vcvtq_f32_s32(shifted), factor), vld1q_f32(bias + 4 * v));
        y[v] = vminq_f32(vmaxq_f32(y[v], vdupq_n_f32(f->low)), vdupq_n_f32(f->high));
    }
    finish_tail(t, f, row, y);
    memcpy(out, y, (size_t)t->n * sizeof(float));
}

#include "kernels/gemm_s8/gemm_s8_finish_body.h"

#endif
