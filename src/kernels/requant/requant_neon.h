/* The default requantization (requant_value.h) in NEON. */
#ifndef TMOI_KERNELS_REQUANT_REQUANT_NEON_H
#define TMOI_KERNELS_REQUANT_REQUANT_NEON_H

#include <arm_neon.h>

#include "kernels/requant/requant.h"

typedef struct tmoi_requant_neon {
    float32x4_t low, high; /* less the zero point */
    int32x4_t zero_point;
} tmoi_requant_neon;

static inline tmoi_requant_neon tmoi_requant_start_neon(const tmoi_requant *r)
{
    return (tmoi_requant_neon){vdupq_n_f32((float)(r->low - r->zero_point)),
                               vdupq_n_f32((float)(r->high - r->zero_point)), vdupq_n_s32(r->zero_point)};
}

static inline int32x4_t tmoi_requant_real_neon(const tmoi_requant_neon *q, float32x4_t real)
{
    return vaddq_s32(vcvtnq_s32_f32(vminq_f32(vmaxq_f32(real, q->low), q->high)), q->zero_point);
}

/* Four sums with their bias to numbers of the output's type, as int32. */
static inline int32x4_t tmoi_requant_4_neon(const tmoi_requant_neon *q, int32x4_t sum, float32x4_t scale)
{
    return tmoi_requant_real_neon(q, vmulq_f32(vcvtq_f32_s32(sum), scale));
}

/* Eight results of tmoi_requant_4_neon to int16. */
static inline int16x8_t tmoi_requant_pack_s16_neon(int32x4_t first, int32x4_t second)
{
    return vuzp1q_s16(vreinterpretq_s16_s32(first), vreinterpretq_s16_s32(second));
}

/* Eight results of tmoi_requant_4_neon to int8 or uint8. */
static inline int8x8_t tmoi_requant_pack_x8_neon(int32x4_t first, int32x4_t second)
{
    return vmovn_s16(tmoi_requant_pack_s16_neon(first, second));
}

#endif
