#include <arm_neon.h>

#include "report/peaks/loops.h"

static inline int32x4_t first(int k)
{
    return vdupq_n_s32(k);
}

static inline int32x4_t step(int32x4_t x)
{
    return vmmlaq_s32(x, vdupq_n_s8(1), vdupq_n_s8(3));
}

TMOI_PEAK_LOOP(tmoi_peak_s8_i8mm, int32x4_t, first, step, vaddq_s32, vaddvq_s32)
