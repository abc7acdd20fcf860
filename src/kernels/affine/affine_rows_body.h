/* Runs of one scale, compiled once for each instruction set: TMOI_AFFINE(name) is the variant's name. */
#include "base/compiler.h"
#include "kernels/affine/affine.h"
#include "kernels/common/exp.h"

/* Rounds half away from zero by adding the largest number below ½, away from zero, before the fraction is cut off. */
static inline int32_t quantized(float real, float scale, float low, float high)
{
    const float below_half = 0.49999997f;
    const uint32_t sign = 1u << 31;
    float value = real / scale;
    value += tmoi_f32_of_bits(tmoi_bits_of_f32(below_half) | (tmoi_bits_of_f32(value) & sign));
    value = tmoi_select_f32(value == value, value, 0.0f);
    return (int32_t)tmoi_clamp_f32(value, low, high);
}

#define QUANTIZE(suffix, type)                                                                          \
    static void quantize_##suffix(float scale, int32_t zero, const float *in, type *out, int64_t count, \
                                  float low, float high)                                                \
    {                                                                                                   \
        TMOI_INDEPENDENT_LOOP                                                                           \
        for (int64_t k = 0; k < count; k++) out[k] = (type)(quantized(in[k], scale, low, high) + zero); \
    }
QUANTIZE(s8, int8_t)
QUANTIZE(u8, uint8_t)
QUANTIZE(s16, int16_t)

void TMOI_AFFINE(quantize_rows)(tmo_type type, float scale, int32_t zero, const float *in, void *out,
                                int64_t count)
{
    float low = (float)(tmoi_lowest(type) - zero), high = (float)(tmoi_highest(type) - zero);
    switch (type) {
    case TMO_TYPE_INT8: quantize_s8(scale, zero, in, out, count, low, high); return;
    case TMO_TYPE_UINT8: quantize_u8(scale, zero, in, out, count, low, high); return;
    default: quantize_s16(scale, zero, in, out, count, low, high);
    }
}

#define DEQUANTIZE(suffix, type)                                                                          \
    static void dequantize_##suffix(float scale, int32_t zero, const type *in, float *out, int64_t count) \
    {                                                                                                     \
        TMOI_INDEPENDENT_LOOP                                                                             \
        for (int64_t k = 0; k < count; k++) out[k] = scale * (float)(in[k] - zero);                       \
    }
DEQUANTIZE(s8, int8_t)
DEQUANTIZE(u8, uint8_t)
DEQUANTIZE(s16, int16_t)

void TMOI_AFFINE(dequantize_rows)(tmo_type type, float scale, int32_t zero, const void *in, float *out,
                                  int64_t count)
{
    switch (type) {
    case TMO_TYPE_INT8: dequantize_s8(scale, zero, in, out, count); return;
    case TMO_TYPE_UINT8: dequantize_u8(scale, zero, in, out, count); return;
    default: dequantize_s16(scale, zero, in, out, count);
    }
}

/* Adding 1.5 · 2^23 rounds to even and leaves the integer in the low bits. */
static inline int32_t rescaled(const tmoi_rescale *r, int32_t stored)
{
    const float to_integer = 12582912.0f;
    const int32_t zero_bits = 0x4b400000;
    float value = (float)(stored - r->zero_in);
    value *= tmoi_select_f32(stored >= r->zero_in, r->positive, r->negative);
    value = tmoi_clamp_f32(value, r->low, r->high) + to_integer;
    return (int32_t)tmoi_bits_of_f32(value) + (r->zero_out - zero_bits);
}

#define RESCALE(from, from_type, to, to_type)                                                         \
    static void rescale_##from##_##to(const tmoi_rescale *rescale, const from_type *in, to_type *out, \
                                      int64_t count)                                                  \
    {                                                                                                 \
        const tmoi_rescale r = *rescale;                                                              \
        TMOI_INDEPENDENT_LOOP                                                                         \
        for (int64_t k = 0; k < count; k++) out[k] = (to_type)rescaled(&r, in[k]);                    \
    }
#define RESCALE_FROM(from, from_type)                                                                \
    RESCALE(from, from_type, s8, int8_t)                                                             \
    RESCALE(from, from_type, u8, uint8_t)                                                            \
    RESCALE(from, from_type, s16, int16_t)                                                           \
    static void rescale_##from(const tmoi_rescale *r, const from_type *in, void *out, int64_t count) \
    {                                                                                                \
        switch (r->out_type) {                                                                       \
        case TMO_TYPE_INT8: rescale_##from##_s8(r, in, out, count); return;                          \
        case TMO_TYPE_UINT8: rescale_##from##_u8(r, in, out, count); return;                         \
        default: rescale_##from##_s16(r, in, out, count);                                            \
        }                                                                                            \
    }
RESCALE_FROM(s8, int8_t)
RESCALE_FROM(u8, uint8_t)
RESCALE_FROM(s16, int16_t)

void TMOI_AFFINE(rescale_rows)(const tmoi_rescale *r, const void *in, void *out, int64_t count)
{
    switch (r->in_type) {
    case TMO_TYPE_INT8: rescale_s8(r, in, out, count); return;
    case TMO_TYPE_UINT8: rescale_u8(r, in, out, count); return;
    default: rescale_s16(r, in, out, count);
    }
}
