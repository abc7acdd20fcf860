#include <wasm_simd128.h>

#include "base/compiler.h"
#include "kernels/winograd/winograd.h"

typedef v128_t vector;
enum { LANES = 4 };
#define load                    wasm_v128_load
#define store                   wasm_v128_store
#define broadcast               wasm_f32x4_splat
#define add                     wasm_f32x4_add
#define subtract                wasm_f32x4_sub
#define maximum(limit, x)       wasm_f32x4_pmax(x, limit)
#define minimum(limit, x)       wasm_f32x4_pmin(x, limit)
#define multiply_add(x, y, sum) wasm_f32x4_add(sum, wasm_f32x4_mul(x, y))

static inline v128_t load_part(const float *x, int32_t count)
{
    float lanes[LANES] = {0};
    for (int32_t k = 0; k < count; k++) lanes[k] = x[k];
    return wasm_v128_load(lanes);
}

static inline void store_part(float *out, v128_t x, int32_t count)
{
    float lanes[LANES];
    wasm_v128_store(lanes, x);
    for (int32_t k = 0; k < count; k++) out[k] = lanes[k];
}

#include "kernels/winograd/winograd_body.h"

const tmoi_winograd_kernel *tmoi_winograd_f32_simd128(void)
{
    static const tmoi_winograd_kernel kernel = {forward, back};
    return &kernel;
}
