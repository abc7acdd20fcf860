#include <string.h>
#include <wasm_simd128.h>

#include "base/compiler.h"
#include "base/fp16.h"
#include "kernels/gemm_f32/gemm_f32.h"

typedef v128_t vector;
enum { LANES = 4, DOT_ROWS = 4 };
#define load                    wasm_v128_load
#define zero()                  wasm_f32x4_splat(0.0f)
#define multiply_add(x, y, sum) wasm_f32x4_add(sum, wasm_f32x4_mul(x, y))
#define add                     wasm_f32x4_add

static inline v128_t load_part(const float *x, int32_t count)
{
    float lanes[LANES] = {0};
    for (int32_t k = 0; k < count; k++) lanes[k] = x[k];
    return wasm_v128_load(lanes);
}

static inline v128_t load_half(const uint16_t *x)
{
    float lanes[LANES];
    for (int32_t k = 0; k < LANES; k++) lanes[k] = tmoi_fp16_to_float(x[k]);
    return wasm_v128_load(lanes);
}

static inline float add_lanes(v128_t x)
{
    return (wasm_f32x4_extract_lane(x, 0) + wasm_f32x4_extract_lane(x, 1)) +
           (wasm_f32x4_extract_lane(x, 2) + wasm_f32x4_extract_lane(x, 3));
}

#include "kernels/gemm_f32/dot_f32_body.h"

void tmoi_dot_f32_simd128(const tmoi_dot_f32_block *block)
{
    run(block, false);
}

void tmoi_dot_f16_simd128(const tmoi_dot_f32_block *block)
{
    run(block, true);
}
