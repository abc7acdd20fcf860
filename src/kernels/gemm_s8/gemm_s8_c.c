/* Plain C: the definition of the results. Eight columns at a time, so that compilers keep the sums in vector
 * registers. */
#include "kernels/gemm_s8/fill_body.h"
#include "kernels/gemm_s8/gemm_s8.h"
#include "kernels/requant/requant_value.h"

enum { MR = 1, NR = 8, KR = 2 };

static const int16_t *row_of(const tmoi_gemm_s8_tile *t, int32_t segment, int32_t row)
{
    return (const int16_t *)(const void *)((const char *)t->segment[segment] + t->offset +
                                           row * t->row_stride);
}

static void multiply(const tmoi_gemm_s8_tile *t, const int32_t *start, int32_t row, int32_t *sums)
{
    const int8_t *panel = t->panel;
    uint32_t c[NR];
    for (int32_t j = 0; j < NR; j++) c[j] = (uint32_t)start[j];
    for (int32_t s = 0; s < t->segments; s++) {
        const int16_t *a = row_of(t, s, row);
        for (int32_t k = 0; k < t->terms; k += KR, a += KR, panel += NR * KR) {
            const int32_t a0 = a[0], a1 = a[1];
            for (int32_t j = 0; j < NR; j++) c[j] += (uint32_t)(a0 * panel[KR * j] + a1 * panel[KR * j + 1]);
        }
    }
    for (int32_t j = 0; j < NR; j++) sums[j] = (int32_t)c[j];
}

static float tail_of(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, int32_t row, int32_t j,
                     float x)
{
    if (t->residual) {
        const char *residual = (const char *)t->residual + row * t->out_stride;
        x = tmoi_clamp_f32(x + ((const float *)(const void *)residual)[j], f->sum_low, f->sum_high);
    }
    return f->slope && !(x >= 0.0f) ? x * f->slope[t->column + j] : x;
}

static void finish_f32(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, int32_t row,
                       const int32_t *sums, float *out)
{
    const float *scale = f->scale + t->column, *bias = f->bias + t->column;
    float row_scale = t->row_scale[row * t->row_step];
    for (int32_t j = 0; j < t->n; j++) {
        float y = (float)sums[j] * (row_scale * scale[j]) + bias[j];
        out[j] = tail_of(t, f, row, j, tmoi_clamp_f32(y, f->low, f->high));
    }
}

static void finish_row(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, int32_t row,
                       const int32_t *sums)
{
    void *out = (char *)t->out + row * t->out_stride;
    const float *scale = f->scale + t->column;
    tmoi_requant_bounds bounds;
    switch (f->kind) {
    case TMOI_GEMM_S8_X8:
        bounds = tmoi_requant_bounds_of(f->requant);
        for (int32_t j = 0; j < t->n; j++)
            ((uint8_t *)out)[j] = (uint8_t)tmoi_requant_value(sums[j], scale[j], &bounds);
        break;
    case TMOI_GEMM_S8_S16:
        bounds = tmoi_requant_bounds_of(f->requant);
        for (int32_t j = 0; j < t->n; j++)
            ((int16_t *)out)[j] = (int16_t)tmoi_requant_value(sums[j], scale[j], &bounds);
        break;
    case TMOI_GEMM_S8_F32: finish_f32(t, f, row, sums, out); break;
    default: memcpy(out, sums, (size_t)t->n * sizeof *sums); break;
    }
}

static void run(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f)
{
    int32_t sums[NR];
    for (int32_t row = 0; row < t->m; row++) {
        multiply(t, f->start + t->column, row, sums);
        finish_row(t, f, row, sums);
    }
}

static const tmoi_gemm_s8_kernel kernel = {.mr = MR, .nr = NR, .kr = KR, .run = run, .fill = fill_words};

const tmoi_gemm_s8_kernel *tmoi_gemm_s8_1x8c2_c(void)
{
    return &kernel;
}

const tmoi_gemm_s8_kernel *tmoi_gemm_s16x8_1x8c2_c(void)
{
    return &kernel;
}
