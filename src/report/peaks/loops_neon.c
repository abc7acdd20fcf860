#include <arm_neon.h>

#include "report/peaks/loops.h"

static inline float32x4_t first_f32(int k)
{
    return vdupq_n_f32((float)k);
}

static inline float32x4_t step_f32(float32x4_t x)
{
    const float32x4_t half = vdupq_n_f32(0.5f);
    return vfmaq_f32(half, x, half);
}

static inline int32x4_t first_s32(int k)
{
    return vdupq_n_s32(k);
}

/* Eight int8 products in int16, added in pairs. */
static inline int32x4_t step_s8(int32x4_t x)
{
    return vpadalq_s16(x, vmull_s8(vget_low_s8(vreinterpretq_s8_s32(x)), vdup_n_s8(3)));
}

static inline uint8x16_t load(const void *p)
{
    return vld1q_u8(p);
}

TMOI_PEAK_LOOP(tmoi_peak_f32_neon, float32x4_t, first_f32, step_f32, vaddq_f32, vaddvq_f32)
TMOI_PEAK_LOOP(tmoi_peak_s8_neon, int32x4_t, first_s32, step_s8, vaddq_s32, vaddvq_s32)
TMOI_PEAK_READ_LOOP(tmoi_peak_read_neon, uint8x16_t, vdupq_n_u8(0), load, veorq_u8, vaddvq_u8)
