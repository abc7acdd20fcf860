#include <wasm_simd128.h>

#include "report/peaks/loops.h"

static inline v128_t first_f32(int k)
{
    return wasm_f32x4_splat((float)k);
}

static inline v128_t step_f32(v128_t x)
{
    const v128_t half = wasm_f32x4_splat(0.5f);
    return wasm_f32x4_add(wasm_f32x4_mul(x, half), half);
}

static inline float low_f32(v128_t x)
{
    return wasm_f32x4_extract_lane(x, 0);
}

static inline v128_t first_s32(int k)
{
    return wasm_i32x4_splat(k);
}

static inline v128_t step_s8(v128_t x)
{
    return wasm_i32x4_add(x, wasm_i32x4_dot_i16x8(x, wasm_i16x8_splat(3)));
}

static inline int32_t low_s32(v128_t x)
{
    return wasm_i32x4_extract_lane(x, 0);
}

TMOI_PEAK_LOOP(tmoi_peak_f32_simd128, v128_t, first_f32, step_f32, wasm_f32x4_add, low_f32)
TMOI_PEAK_LOOP(tmoi_peak_s8_simd128, v128_t, first_s32, step_s8, wasm_i32x4_add, low_s32)
TMOI_PEAK_READ_LOOP(tmoi_peak_read_simd128, v128_t, wasm_i32x4_splat(0), wasm_v128_load, wasm_v128_xor,
                    low_s32)
