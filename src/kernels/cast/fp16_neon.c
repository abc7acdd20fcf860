#include <arm_neon.h>

#include "base/fp16.h"
#include "kernels/cast/fp16.h"

void tmoi_widen_fp16_neon(const uint16_t *in, float *out, int64_t count)
{
    int64_t k = 0;
    for (; k + 4 <= count; k += 4) vst1q_f32(out + k, vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(in + k))));
    for (; k < count; k++) out[k] = tmoi_fp16_to_float(in[k]);
}

void tmoi_narrow_fp16_neon(const float *in, uint16_t *out, int64_t count)
{
    int64_t k = 0;
    for (; k + 4 <= count; k += 4) vst1_u16(out + k, vreinterpret_u16_f16(vcvt_f16_f32(vld1q_f32(in + k))));
    for (; k < count; k++) out[k] = tmoi_fp16_from_float(in[k]);
}
