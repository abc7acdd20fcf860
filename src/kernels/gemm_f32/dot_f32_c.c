#include "kernels/common/fixed_point.h"
#include "kernels/gemm_f32/gemm_f32.h"

enum { LANES = 8 };

/* LANES sums side by side, which make one in the end. */
static float dot(const float *a, const float *w, int32_t terms)
{
    float sums[LANES] = {0}, sum = 0.0f;
    int32_t k = 0;
    for (; k + LANES <= terms; k += LANES)
        for (int32_t j = 0; j < LANES; j++) sums[j] += a[k + j] * w[k + j];
    for (int32_t j = 0; j < LANES; j++) sum += sums[j];
    for (; k < terms; k++) sum += a[k] * w[k];
    return sum;
}

void tmoi_dot_f32_c(const tmoi_dot_f32_block *s)
{
    for (int32_t n = 0; n < s->columns; n++)
        for (int32_t m = 0; m < s->rows; m++) {
            float *out = s->out + m * s->out_stride + n;
            float start = s->accumulate ? *out : s->bias ? s->bias[n] : 0.0f;
            *out = tmoi_clamp_f32(start + dot(s->a + m * s->a_stride, s->w + n * s->w_stride, s->terms),
                                  s->low, s->high);
        }
}
