#include <arm_neon.h>
#include <string.h>

#include "base/compiler.h"
#include "kernels/gemm_f32/gemm_f32.h"

typedef float32x4_t vector;
enum { LANES = 4, DOT_ROWS = 4 };
#define load                    vld1q_f32
#define zero()                  vdupq_n_f32(0.0f)
#define multiply_add(x, y, sum) vfmaq_f32(sum, x, y)
#define add                     vaddq_f32
#define add_lanes               vaddvq_f32

static inline float32x4_t load_part(const float *x, int32_t count)
{
    float lanes[LANES] = {0};
    for (int32_t k = 0; k < count; k++) lanes[k] = x[k];
    return vld1q_f32(lanes);
}

static inline float32x4_t load_half(const uint16_t *x)
{
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(x)));
}

#include "kernels/gemm_f32/dot_f32_body.h"

void tmoi_dot_f32_neon(const tmoi_dot_f32_block *block)
{
    run(block, false);
}

void tmoi_dot_f16_neon(const tmoi_dot_f32_block *block)
{
    run(block, true);
}
