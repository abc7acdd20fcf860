#include <arm_neon.h>

typedef float32x4x2_t lanes_f32;
#define load_lanes  vld1q_f32_x2
#define store_lanes vst1q_f32_x2

static inline lanes_f32 add_product(lanes_f32 sum, lanes_f32 x, lanes_f32 weight)
{
    sum.val[0] = vfmaq_f32(sum.val[0], x.val[0], weight.val[0]);
    sum.val[1] = vfmaq_f32(sum.val[1], x.val[1], weight.val[1]);
    return sum;
}

static inline lanes_f32 clamp_lanes(lanes_f32 x, float low, float high)
{
    x.val[0] = vminq_f32(vmaxq_f32(x.val[0], vdupq_n_f32(low)), vdupq_n_f32(high));
    x.val[1] = vminq_f32(vmaxq_f32(x.val[1], vdupq_n_f32(low)), vdupq_n_f32(high));
    return x;
}

#define WIDE_TILE 8
#define KERNEL    tmoi_dwconv_f32_neon
#include "kernels/dwconv/dwconv_f32_body.h"
