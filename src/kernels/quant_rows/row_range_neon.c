#include <arm_neon.h>

#include "kernels/quant_rows/quant_rows.h"

/* The instructions for numbers (fminnm, fmaxnm) pass over NaN. */
void tmoi_row_range_neon(const float *in, int64_t count, float *low, float *high)
{
    float32x4_t least[2] = {vdupq_n_f32(0.0f), vdupq_n_f32(0.0f)}, most[2] = {least[0], least[0]};
    int64_t k = 0;
    for (; k + 8 <= count; k += 8)
        for (int v = 0; v < 2; v++) {
            float32x4_t x = vld1q_f32(in + k + 4 * v);
            least[v] = vminnmq_f32(x, least[v]);
            most[v] = vmaxnmq_f32(x, most[v]);
        }
    float lowest = vminnmvq_f32(vminnmq_f32(least[0], least[1])),
          highest = vmaxnmvq_f32(vmaxnmq_f32(most[0], most[1]));
    tmoi_row_range_c(in + k, count - k, low, high);
    *low = lowest < *low ? lowest : *low;
    *high = highest > *high ? highest : *high;
}
