#include <arm_neon.h>

#include "base/compiler.h"
#include "kernels/winograd/winograd.h"

typedef float32x4_t vector;
enum { LANES = 4 };
#define load                    vld1q_f32
#define store                   vst1q_f32
#define broadcast               vdupq_n_f32
#define add                     vaddq_f32
#define subtract                vsubq_f32
#define maximum                 vmaxq_f32
#define minimum                 vminq_f32
#define multiply_add(x, y, sum) vfmaq_f32(sum, x, y)

static inline float32x4_t load_part(const float *x, int32_t count)
{
    float lanes[LANES] = {0};
    for (int32_t k = 0; k < count; k++) lanes[k] = x[k];
    return vld1q_f32(lanes);
}

static inline void store_part(float *out, float32x4_t x, int32_t count)
{
    float lanes[LANES];
    vst1q_f32(lanes, x);
    for (int32_t k = 0; k < count; k++) out[k] = lanes[k];
}

#include "kernels/winograd/winograd_body.h"

const tmoi_winograd_kernel *tmoi_winograd_f32_neon(void)
{
    static const tmoi_winograd_kernel kernel = {forward, back};
    return &kernel;
}
