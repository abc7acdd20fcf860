/* The default arithmetic of quantized elements: one rounding, in operations that every vector unit has. Compiled once for
 * each instruction set: TMOI_BINARY_REQUANT is the variant's name. */
#include <stddef.h>

#include "kernels/common/exp.h"
#include "kernels/elementwise/binary_rows.h"

/* zero_out + the nearest integer (ties to even), within the fused activation: adding 1.5 · 2^23 leaves it in the low bits. */
static inline int32_t finish(const tmoi_binary_params *p, float value)
{
    const float to_integer = 12582912.0f;
    const int32_t zero_bits = 0x4b400000;
    float clamped = tmoi_clamp_f32(value, p->low_f32, p->high_f32);
    return (int32_t)tmoi_bits_of_f32(clamped + to_integer) + (p->zero_out - zero_bits);
}

static inline int32_t short_finish(const tmoi_binary_params *p, int32_t value)
{
    return tmoi_clamp_i32((value + p->sum_bias) >> p->sum_shift, (int32_t)p->low, (int32_t)p->high);
}

static inline int32_t short_sum(const tmoi_binary_params *p, int32_t x, int32_t y)
{
    return short_finish(p, x * p->sum_a + y * p->sum_b);
}

static inline int32_t short_prelu(const tmoi_binary_params *p, int32_t x, int32_t slope)
{
    int32_t negative = ((slope - p->zero_b) * 128 * p->sum_b + (1 << 14)) >> 15;
    return short_finish(p, (x - p->zero_a) * (x >= p->zero_a ? p->sum_a : negative));
}

static inline int32_t sum(const tmoi_binary_params *p, int32_t x, int32_t y)
{
    return finish(p, (float)x * p->weight_a + (float)y * p->weight_b + p->weight_bias);
}

static inline int32_t product(const tmoi_binary_params *p, int32_t x, int32_t y)
{
    return finish(p, (float)(x - p->zero_a) * (float)(y - p->zero_b) * p->weight_a);
}

static inline int32_t squared_difference(const tmoi_binary_params *p, int32_t x, int32_t y)
{
    float difference = (float)x * p->weight_a + (float)y * p->weight_b + p->weight_bias;
    return finish(p, difference * difference);
}

#define REQUANT_ROWS(name, type, apply)                                            \
    static inline type name##_element(const tmoi_binary_params *p, type x, type y) \
    {                                                                              \
        return (type)apply(p, x, y);                                               \
    }                                                                              \
    TMOI_BINARY_VECTOR_ROWS(static, name, type, type, name##_element)

#define REQUANT_KINDS(suffix, type, add)                             \
    REQUANT_ROWS(sum_##suffix, type, add)                            \
    REQUANT_ROWS(product_##suffix, type, product)                    \
    REQUANT_ROWS(square_##suffix, type, squared_difference)          \
    static tmoi_binary_function find_##suffix(tmoi_binary_kind kind) \
    {                                                                \
        switch (kind) {                                              \
        case TMOI_BINARY_ADD:                                        \
        case TMOI_BINARY_SUB: return sum_##suffix;                   \
        case TMOI_BINARY_MUL: return product_##suffix;               \
        case TMOI_BINARY_SQUARED_DIFFERENCE: return square_##suffix; \
        default: return NULL;                                        \
        }                                                            \
    }

REQUANT_ROWS(prelu_s8, int8_t, short_prelu)
REQUANT_ROWS(prelu_u8, uint8_t, short_prelu)
REQUANT_KINDS(s8, int8_t, short_sum)
REQUANT_KINDS(u8, uint8_t, short_sum)
REQUANT_KINDS(s16, int16_t, sum)

tmoi_binary_function TMOI_BINARY_REQUANT(tmoi_binary_kind kind, tmo_type type)
{
    bool prelu = kind == TMOI_BINARY_PRELU;
    switch (type) {
    case TMO_TYPE_INT8: return prelu ? prelu_s8 : find_s8(kind);
    case TMO_TYPE_UINT8: return prelu ? prelu_u8 : find_u8(kind);
    case TMO_TYPE_INT16: return find_s16(kind);
    default: return NULL;
    }
}
