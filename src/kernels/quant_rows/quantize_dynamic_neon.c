#include <arm_neon.h>
#include <string.h>

#include "kernels/quant_rows/quant_rows.h"
#include "kernels/quant_rows/quantize_value.h"

/* tmoi_quantize_value() for four floats: fcvtas rounds halves away from zero. */
static inline int32x4_t quantize_4(const float *in, float inverse, float32x4_t zero_point, float32x4_t low)
{
    float32x4_t q = vaddq_f32(zero_point, vmulq_n_f32(vld1q_f32(in), inverse));
    return vcvtaq_s32_f32(vminq_f32(vmaxnmq_f32(q, low), vdupq_n_f32(127.0f)));
}

void tmoi_quantize_dynamic_neon(bool asymmetric, const float *in, int64_t count, int8_t *out, float *scale,
                                int32_t *zero_point)
{
    float low, high, inverse, bound = asymmetric ? -128.0f : -127.0f;
    int64_t k = 0;
    tmoi_row_range_neon(in, count, &low, &high);
    tmoi_row_scale(asymmetric, low, high, scale, &inverse, zero_point);
    if (low == high) {
        memset(out, 0, (size_t)count);
        return;
    }
    const float32x4_t zero = vdupq_n_f32((float)*zero_point), least = vdupq_n_f32(bound);
    for (; k + 8 <= count; k += 8) {
        int16x4_t a = vmovn_s32(quantize_4(in + k, inverse, zero, least));
        int16x4_t b = vmovn_s32(quantize_4(in + k + 4, inverse, zero, least));
        vst1_s8(out + k, vmovn_s16(vcombine_s16(a, b)));
    }
    for (; k < count; k++) out[k] = (int8_t)tmoi_quantize_value(in[k], inverse, (float)*zero_point, bound);
}
