/* The vectors of dwconv_integer_body.h in NEON: two taps stay apart, and each is a multiplication that adds. */
#include <arm_neon.h>

#include "base/compiler.h"
#include "kernels/dwconv/dwconv.h"
#include "kernels/requant/requant_neon.h"

typedef int32x4x2_t sum_lanes;
typedef int16x8x2_t pair_lanes, weight_lanes;
#define load_sums    vld1q_s32_x2
#define load_weights vld2q_s16
#define WIDE_TILE    4

typedef enum input { S8, U8, S16 } input;

static TMOI_ALWAYS_INLINE int16x8_t widened(input type, const void *tap, ptrdiff_t at)
{
    if (type == S16) return vld1q_s16((const int16_t *)tap + at);
    if (type == U8) return vreinterpretq_s16_u16(vmovl_u8(vld1_u8((const uint8_t *)tap + at)));
    return vmovl_s8(vld1_s8((const int8_t *)tap + at));
}

static TMOI_ALWAYS_INLINE pair_lanes pairs_of(input type, const void *upper, const void *lower, ptrdiff_t at)
{
    return (pair_lanes){{widened(type, upper, at), widened(type, lower, at)}};
}

static TMOI_ALWAYS_INLINE pair_lanes single(input type, const void *tap, ptrdiff_t at)
{
    const int16x8_t x = widened(type, tap, at);
    return (pair_lanes){{x, x}};
}

static TMOI_ALWAYS_INLINE sum_lanes add_product(sum_lanes sums, pair_lanes x, weight_lanes weights)
{
    sums.val[0] = vmlal_s16(sums.val[0], vget_low_s16(x.val[0]), vget_low_s16(weights.val[0]));
    sums.val[1] = vmlal_high_s16(sums.val[1], x.val[0], weights.val[0]);
    return sums;
}

static TMOI_ALWAYS_INLINE sum_lanes add_products(sum_lanes sums, pair_lanes x, weight_lanes weights)
{
    sums = add_product(sums, x, weights);
    sums.val[0] = vmlal_s16(sums.val[0], vget_low_s16(x.val[1]), vget_low_s16(weights.val[1]));
    sums.val[1] = vmlal_high_s16(sums.val[1], x.val[1], weights.val[1]);
    return sums;
}

static void store_float(const tmoi_dwconv_integer *layer, ptrdiff_t channel, int32_t vectors,
                        const sum_lanes *sums, float *out, ptrdiff_t step)
{
    const float32x4_t low = vdupq_n_f32(layer->low), high = vdupq_n_f32(layer->high);
    for (int32_t v = 0; v < vectors; v++)
        for (int32_t k = 0; k < 2; k++) {
            const float32x4_t real = vaddq_f32(
                vmulq_f32(vcvtq_f32_s32(sums[v].val[k]), vld1q_f32(layer->scale + channel + 4 * k)),
                vld1q_f32(layer->bias + channel + 4 * k));
            vst1q_f32(out + v * step + 4 * k, vminq_f32(vmaxq_f32(real, low), high));
        }
}

static void store_requantized(const tmoi_dwconv_integer *layer, ptrdiff_t channel, int32_t vectors,
                              const sum_lanes *sums, void *out, ptrdiff_t step)
{
    const tmoi_requant_neon requant = tmoi_requant_start_neon(&layer->requant);
    const float32x4_t low = vld1q_f32(layer->scale + channel), high = vld1q_f32(layer->scale + channel + 4);
    for (int32_t v = 0; v < vectors; v++) {
        const int32x4_t first = tmoi_requant_4_neon(&requant, sums[v].val[0], low),
                        second = tmoi_requant_4_neon(&requant, sums[v].val[1], high);
        if (layer->out_type == TMO_TYPE_INT16)
            vst1q_s16((int16_t *)out + channel + v * step, tmoi_requant_pack_s16_neon(first, second));
        else
            vst1_s8((int8_t *)out + channel + v * step, tmoi_requant_pack_x8_neon(first, second));
    }
}

static TMOI_NOINLINE void store(const tmoi_dwconv_integer *layer, ptrdiff_t channel, int32_t vectors,
                                const sum_lanes *sums, void *out, ptrdiff_t step)
{
    if (layer->out_type == TMO_TYPE_INT32)
        for (int32_t v = 0; v < vectors; v++) vst1q_s32_x2((int32_t *)out + channel + v * step, sums[v]);
    else if (layer->out_type == TMO_TYPE_FLOAT32)
        store_float(layer, channel, vectors, sums, (float *)out + channel, step);
    else
        store_requantized(layer, channel, vectors, sums, out, step);
}

#define KERNEL(type) tmoi_dwconv_##type##_neon
#include "kernels/dwconv/dwconv_integer_body.h"
