#include <wasm_simd128.h>

typedef struct lanes_f32 {
    v128_t low, high;
} lanes_f32;

static inline lanes_f32 load_lanes(const float *from)
{
    return (lanes_f32){wasm_v128_load(from), wasm_v128_load(from + 4)};
}

static inline void store_lanes(float *to, lanes_f32 x)
{
    wasm_v128_store(to, x.low);
    wasm_v128_store(to + 4, x.high);
}

static inline lanes_f32 add_product(lanes_f32 sum, lanes_f32 x, lanes_f32 weight)
{
    return (lanes_f32){wasm_f32x4_add(sum.low, wasm_f32x4_mul(x.low, weight.low)),
                       wasm_f32x4_add(sum.high, wasm_f32x4_mul(x.high, weight.high))};
}

static inline lanes_f32 clamp_lanes(lanes_f32 x, float low, float high)
{
    const v128_t l = wasm_f32x4_splat(low), h = wasm_f32x4_splat(high);
    return (lanes_f32){wasm_f32x4_pmin(wasm_f32x4_pmax(x.low, l), h),
                       wasm_f32x4_pmin(wasm_f32x4_pmax(x.high, l), h)};
}

#define WIDE_TILE 4
#define KERNEL    tmoi_dwconv_f32_simd128
#include "kernels/dwconv/dwconv_f32_body.h"
