/* The default requantization (requant_value.h) in WebAssembly SIMD. */
#ifndef TMOI_KERNELS_REQUANT_REQUANT_SIMD128_H
#define TMOI_KERNELS_REQUANT_REQUANT_SIMD128_H

#include <wasm_simd128.h>

#include "kernels/requant/requant.h"

typedef struct tmoi_requant_simd128 {
    v128_t low, high; /* less the zero point */
    v128_t zero_point;
    v128_t flip; /* uint8 output: the numbers less 128 are packed as int8, then their sign bits flipped */
} tmoi_requant_simd128;

static inline tmoi_requant_simd128 tmoi_requant_start_simd128(const tmoi_requant *r)
{
    int32_t offset = r->type == TMO_TYPE_UINT8 ? 128 : 0;
    return (tmoi_requant_simd128){
        wasm_f32x4_splat((float)(r->low - r->zero_point)), wasm_f32x4_splat((float)(r->high - r->zero_point)),
        wasm_i32x4_splat(r->zero_point - offset), wasm_i8x16_splat((int8_t)-offset)};
}

static inline v128_t tmoi_requant_real_simd128(const tmoi_requant_simd128 *q, v128_t real)
{
    v128_t clamped = wasm_f32x4_pmin(wasm_f32x4_pmax(real, q->low), q->high);
    return wasm_i32x4_add(wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(clamped)), q->zero_point);
}

/* Four sums with their bias to int32; for int16 outputs they fit that type, for int8 and uint8 see `flip`. */
static inline v128_t tmoi_requant_4_simd128(const tmoi_requant_simd128 *q, v128_t sum, v128_t scale)
{
    return tmoi_requant_real_simd128(q, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sum), scale));
}

/* Sixteen results of tmoi_requant_4_simd128 to int8 or uint8. */
static inline v128_t tmoi_requant_pack_x8_simd128(const tmoi_requant_simd128 *q, v128_t a, v128_t b, v128_t c,
                                                  v128_t d)
{
    v128_t bytes = wasm_i8x16_narrow_i16x8(wasm_i16x8_narrow_i32x4(a, b), wasm_i16x8_narrow_i32x4(c, d));
    return wasm_v128_xor(bytes, q->flip);
}

#endif
