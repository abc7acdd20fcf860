#include "base/compiler.h"
#include "base/fp16.h"
#include "kernels/common/fixed_point.h"
#include "kernels/gemm_f32/gemm_f32.h"

enum { LANES = 8 };

static TMOI_ALWAYS_INLINE float weight(bool half, const void *w, ptrdiff_t at)
{
    return half ? tmoi_fp16_to_float(((const uint16_t *)w)[at]) : ((const float *)w)[at];
}

/* LANES sums side by side, which make one in the end; w from element `first` on. */
static TMOI_ALWAYS_INLINE float dot(bool half, const float *a, const void *w, ptrdiff_t first, int32_t terms)
{
    float sums[LANES] = {0}, sum = 0.0f;
    int32_t k = 0;
    for (; k + LANES <= terms; k += LANES)
        for (int32_t j = 0; j < LANES; j++) sums[j] += a[k + j] * weight(half, w, first + k + j);
    for (int32_t j = 0; j < LANES; j++) sum += sums[j];
    for (; k < terms; k++) sum += a[k] * weight(half, w, first + k);
    return sum;
}

static TMOI_ALWAYS_INLINE void run(const tmoi_dot_f32_block *s, bool half)
{
    for (int32_t n = 0; n < s->columns; n++)
        for (int32_t m = 0; m < s->rows; m++) {
            float *out = s->out + m * s->out_stride + n;
            float start = s->accumulate ? *out : s->bias ? s->bias[n] : 0.0f;
            float sum = dot(half, s->a + m * s->a_stride, s->w, n * s->w_stride, s->terms);
            *out = tmoi_clamp_f32(start + sum, s->low, s->high);
        }
}

void tmoi_dot_f32_c(const tmoi_dot_f32_block *block)
{
    run(block, false);
}

void tmoi_dot_f16_c(const tmoi_dot_f32_block *block)
{
    run(block, true);
}
