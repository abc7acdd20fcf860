/* The vectors of dwconv_integer_body.h in WebAssembly SIMD: two taps are interleaved, so that one multiplication does both. */
#include <wasm_simd128.h>

#include "base/compiler.h"
#include "kernels/dwconv/dwconv.h"
#include "kernels/requant/requant_simd128.h"

typedef struct eight_lanes {
    v128_t low, high;
} eight_lanes;
typedef eight_lanes sum_lanes, pair_lanes, weight_lanes;
#define add_product add_products
#define WIDE_TILE   4

typedef enum input { S8, U8, S16 } input;

static TMOI_ALWAYS_INLINE sum_lanes load_sums(const int32_t *from)
{
    return (sum_lanes){wasm_v128_load(from), wasm_v128_load(from + 4)};
}

static TMOI_ALWAYS_INLINE weight_lanes load_weights(const int16_t *from)
{
    return (weight_lanes){wasm_v128_load(from), wasm_v128_load(from + 8)};
}

static TMOI_ALWAYS_INLINE v128_t widened(input type, const void *tap, ptrdiff_t at)
{
    if (type == S16) return wasm_v128_load((const int16_t *)tap + at);
    return type == U8 ? wasm_u16x8_load8x8((const uint8_t *)tap + at)
                      : wasm_i16x8_load8x8((const int8_t *)tap + at);
}

static TMOI_ALWAYS_INLINE pair_lanes pairs_of(input type, const void *upper, const void *lower, ptrdiff_t at)
{
    const v128_t a = widened(type, upper, at), b = widened(type, lower, at);
    return (pair_lanes){wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11),
                        wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15)};
}

/* The upper halves of what this gives multiply weights of 0. */
static TMOI_ALWAYS_INLINE pair_lanes single(input type, const void *tap, ptrdiff_t at)
{
    const v128_t x = widened(type, tap, at);
    return (pair_lanes){wasm_i32x4_extend_low_i16x8(x), wasm_i32x4_extend_high_i16x8(x)};
}

static TMOI_ALWAYS_INLINE sum_lanes add_products(sum_lanes sums, pair_lanes x, weight_lanes weights)
{
    return (sum_lanes){wasm_i32x4_add(sums.low, wasm_i32x4_dot_i16x8(x.low, weights.low)),
                       wasm_i32x4_add(sums.high, wasm_i32x4_dot_i16x8(x.high, weights.high))};
}

static void store_float(const tmoi_dwconv_integer *layer, ptrdiff_t channel, int32_t vectors,
                        const sum_lanes *sums, float *out, ptrdiff_t step)
{
    const v128_t low = wasm_f32x4_splat(layer->low), high = wasm_f32x4_splat(layer->high);
    for (int32_t v = 0; v < vectors; v++)
        for (int32_t k = 0; k < 2; k++) {
            const v128_t sum = k ? sums[v].high : sums[v].low,
                         real = wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sum),
                                                              wasm_v128_load(layer->scale + channel + 4 * k)),
                                               wasm_v128_load(layer->bias + channel + 4 * k));
            wasm_v128_store(out + v * step + 4 * k, wasm_f32x4_pmin(wasm_f32x4_pmax(real, low), high));
        }
}

static void store_requantized(const tmoi_dwconv_integer *layer, ptrdiff_t channel, int32_t vectors,
                              const sum_lanes *sums, void *out, ptrdiff_t step)
{
    const tmoi_requant_simd128 requant = tmoi_requant_start_simd128(&layer->requant);
    const v128_t low = wasm_v128_load(layer->scale + channel),
                 high = wasm_v128_load(layer->scale + channel + 4);
    for (int32_t v = 0; v < vectors; v++) {
        const v128_t first = tmoi_requant_4_simd128(&requant, sums[v].low, low),
                     second = tmoi_requant_4_simd128(&requant, sums[v].high, high);
        if (layer->out_type == TMO_TYPE_INT16)
            wasm_v128_store((int16_t *)out + channel + v * step, wasm_i16x8_narrow_i32x4(first, second));
        else
            wasm_v128_store64_lane((int8_t *)out + channel + v * step,
                                   tmoi_requant_pack_x8_simd128(&requant, first, second, first, second), 0);
    }
}

static void store(const tmoi_dwconv_integer *layer, ptrdiff_t channel, int32_t vectors, const sum_lanes *sums,
                  void *out, ptrdiff_t step)
{
    if (layer->out_type == TMO_TYPE_FLOAT32) {
        store_float(layer, channel, vectors, sums, (float *)out + channel, step);
        return;
    }
    if (layer->out_type != TMO_TYPE_INT32) {
        store_requantized(layer, channel, vectors, sums, out, step);
        return;
    }
    for (int32_t v = 0; v < vectors; v++) {
        wasm_v128_store((int32_t *)out + channel + v * step, sums[v].low);
        wasm_v128_store((int32_t *)out + channel + v * step + 4, sums[v].high);
    }
}

#define KERNEL(type) tmoi_dwconv_##type##_simd128
#include "kernels/dwconv/dwconv_integer_body.h"
