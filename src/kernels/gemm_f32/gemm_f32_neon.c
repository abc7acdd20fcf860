#include <arm_neon.h>
#include <math.h>
#include <string.h>

#include "base/compiler.h"
#include "kernels/gemm_f32/gemm_f32.h"

typedef float32x4_t vector;
enum { LANES = 4 };
#define ROWS_1    8
#define ROWS_2    8
#define ROWS_3    6
#define load      vld1q_f32
#define store     vst1q_f32
#define broadcast vdupq_n_f32
#define plus      vaddq_f32

static inline float32x4_t load_part(const float *in, int32_t count)
{
    float32x4_t x = vld1q_lane_f32(in, vdupq_n_f32(0.0f), 0);
    if (count > 1) x = vld1q_lane_f32(in + 1, x, 1);
    if (count > 2) x = vld1q_lane_f32(in + 2, x, 2);
    return x;
}

static inline float32x4_t leak(float32x4_t x, float32x4_t slope)
{
    return vbslq_f32(vcgezq_f32(x), x, vmulq_f32(x, slope));
}

static inline void store_part(float *out, float32x4_t x, int32_t count)
{
    float32x2_t part = vget_low_f32(x);
    if (count & 2) {
        vst1_f32(out, part);
        part = vget_high_f32(x);
        out += 2;
    }
    if (count & 1) vst1_lane_f32(out, part, 0);
}

/* The instructions give a NaN when either operand is one; the limits are none. */
static inline float32x4_t maximum(float32x4_t limit, float32x4_t x)
{
    return vmaxq_f32(limit, x);
}

static inline float32x4_t minimum(float32x4_t limit, float32x4_t x)
{
    return vminq_f32(limit, x);
}

/* One of four terms: lane `which` of each row's. */
#define ADD_TERM(which)                                                                                     \
    do {                                                                                                    \
        float32x4_t panel[3];                                                                               \
        TMOI_UNROLL                                                                                         \
        for (int p = 0; p < panels; p++) panel[p] = load(b + p * b_step);                                   \
        TMOI_UNROLL                                                                                         \
        for (int r = 0; r < rows; r++) {                                                                    \
            TMOI_UNROLL                                                                                     \
            for (int p = 0; p < panels; p++) sum[r][p] = vfmaq_laneq_f32(sum[r][p], panel[p], x[r], which); \
        }                                                                                                   \
        b += LANES;                                                                                         \
    } while (0)

/* sum[r][p] += Σ_k row[r][k] · b[p][k] */
static TMOI_ALWAYS_INLINE void tile_sums(int rows, int panels, const float *const *row, int32_t terms,
                                         const float *b, ptrdiff_t b_step, float32x4_t (*sum)[3])
{
    int32_t k = 0;
    float32x4_t x[8];
    for (; k + 4 <= terms; k += 4) {
        TMOI_UNROLL
        for (int r = 0; r < rows; r++) x[r] = load(row[r] + k);
        ADD_TERM(0);
        ADD_TERM(1);
        ADD_TERM(2);
        ADD_TERM(3);
    }
    for (; k < terms; k++) {
        TMOI_UNROLL
        for (int r = 0; r < rows; r++) x[r] = vld1q_dup_f32(row[r] + k);
        ADD_TERM(0);
    }
}

#include "kernels/gemm_f32/gemm_f32_body.h"

const tmoi_gemm_f32_kernel *tmoi_gemm_f32_neon(void)
{
    static const tmoi_gemm_f32_kernel kernel = {"tmoi_gemm_f32_8x8_neon", LANES, 24, run};
    return &kernel;
}
