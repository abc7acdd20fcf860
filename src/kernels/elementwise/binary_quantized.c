/* Arithmetic on quantized int8, uint8 and int16 elements, with the bits of TFLite's reference kernels. */
#include "kernels/common/reciprocal.h"
#include "kernels/elementwise/binary_rows.h"
#include "kernels/elementwise/binary_tables.h"

/* zero + scale * value, in the range of the fused activation. */
static inline int32_t finish(const tmoi_binary_params *p, int32_t value)
{
    return tmoi_clamp_i32(tmoi_multiply(value, p->scale_out) + p->zero_out, (int32_t)p->low,
                          (int32_t)p->high);
}

/* Inputs scaled to twice the larger input scale, with left_shift fraction bits. */
static inline int32_t scaled_a(const tmoi_binary_params *p, int32_t x)
{
    return tmoi_multiply(tmoi_shift_left(x - p->zero_a, p->left_shift), p->scale_a);
}

static inline int32_t scaled_b(const tmoi_binary_params *p, int32_t y)
{
    return tmoi_multiply(tmoi_shift_left(y - p->zero_b, p->left_shift), p->scale_b);
}

static inline int32_t add(const tmoi_binary_params *p, int32_t x, int32_t y)
{
    return finish(p, scaled_a(p, x) + scaled_b(p, y));
}

static inline int32_t sub(const tmoi_binary_params *p, int32_t x, int32_t y)
{
    return finish(p, scaled_a(p, x) - scaled_b(p, y));
}

static inline int32_t mul(const tmoi_binary_params *p, int32_t x, int32_t y)
{
    return finish(p, (int32_t)((uint32_t)(x - p->zero_a) * (uint32_t)(y - p->zero_b)));
}

static inline int32_t squared_difference(const tmoi_binary_params *p, int32_t x, int32_t y)
{
    int32_t difference = scaled_a(p, x) - scaled_b(p, y);
    return finish(p, (int32_t)((uint32_t)difference * (uint32_t)difference));
}

/* x / 2^right for a right that may exceed 31. The reference then shifts by right mod 32 and rounds up what is not negative
 * (x86 builds; the C++ is undefined), which makes large results of quotients near zero. */
static inline int32_t shift_far(int32_t x, int32_t right, bool reference)
{
    if (right < 0) return tmoi_shift_left(x, -right);
    if (right <= 31) return tmoi_rounding_shift_right(x, right);
    return reference && right <= 63 ? (x >> (right - 32)) + (x >= 0) : 0;
}

/* Through the reciprocal of the divisor; both numbers are normalized to keep all bits. The caller excludes a divisor of 0. */
static inline int32_t divide(const tmoi_binary_params *p, int32_t x, int32_t y)
{
    int32_t dividend = x - p->zero_a, divisor = y - p->zero_b;
    if (divisor < 0) {
        dividend = -dividend;
        divisor = -divisor;
    }
    int32_t bits_over_unit;
    int32_t inverse = tmoi_reciprocal(divisor, 31, &bits_over_unit);
    int32_t headroom = tmoi_sign_bits(dividend);
    int32_t quotient = tmoi_high_mul(tmoi_shift_left(dividend, headroom), inverse);
    int32_t right = bits_over_unit + headroom - p->scale_out.shift;
    int32_t scaled = shift_far(tmoi_high_mul(quotient, p->scale_out.value), right, p->reference);
    return tmoi_clamp_i32(scaled + p->zero_out, (int32_t)p->low, (int32_t)p->high);
}

static inline int32_t prelu(const tmoi_binary_params *p, int32_t x, int32_t slope)
{
    int32_t value = x - p->zero_a;
    int32_t scaled = value >= 0 ? tmoi_multiply(value, p->scale_out)
                                : tmoi_multiply(value * (slope - p->zero_b), p->scale_b);
    return tmoi_clamp_i32(scaled + p->zero_out, (int32_t)p->low, (int32_t)p->high);
}

#define QUANTIZED_ROWS(linkage, name, type, apply)                                 \
    static inline type name##_element(const tmoi_binary_params *p, type x, type y) \
    {                                                                              \
        return (type)apply(p, x, y);                                               \
    }                                                                              \
    TMOI_BINARY_ROWS(linkage, name, type, type, name##_element)

#define QUANTIZED_KINDS(suffix, type)                                            \
    QUANTIZED_ROWS(static, add_##suffix, type, add)                              \
    QUANTIZED_ROWS(static, sub_##suffix, type, sub)                              \
    QUANTIZED_ROWS(static, mul_##suffix, type, mul)                              \
    QUANTIZED_ROWS(static, div_##suffix, type, divide)                           \
    QUANTIZED_ROWS(static, square_##suffix, type, squared_difference)            \
    QUANTIZED_ROWS(static, prelu_##suffix, type, prelu)                          \
    static const tmoi_binary_function table_##suffix[TMOI_BINARY_KIND_COUNT] = { \
        [TMOI_BINARY_ADD] = add_##suffix,                                        \
        [TMOI_BINARY_SUB] = sub_##suffix,                                        \
        [TMOI_BINARY_MUL] = mul_##suffix,                                        \
        [TMOI_BINARY_DIV] = div_##suffix,                                        \
        [TMOI_BINARY_SQUARED_DIFFERENCE] = square_##suffix,                      \
        [TMOI_BINARY_PRELU] = prelu_##suffix,                                    \
    };

QUANTIZED_KINDS(s8, int8_t)
QUANTIZED_KINDS(u8, uint8_t)
QUANTIZED_KINDS(s16, int16_t)

tmoi_binary_function tmoi_binary_quantized(tmoi_binary_kind kind, tmo_type type)
{
    if (kind >= TMOI_BINARY_EQUAL) return tmoi_binary_compare_scaled(kind, type);
    switch (type) {
    case TMO_TYPE_INT8: return table_s8[kind];
    case TMO_TYPE_UINT8: return table_u8[kind];
    case TMO_TYPE_INT16: return table_s16[kind];
    default: return NULL;
    }
}

/* Saturates to int16, then to the fused activation. */
static inline int16_t finish_power_of_two(const tmoi_binary_params *p, int32_t value)
{
    int32_t saturated = tmoi_clamp_i32(value, INT16_MIN, INT16_MAX);
    return (int16_t)tmoi_clamp_i32(saturated, (int32_t)p->low, (int32_t)p->high);
}

static inline int16_t add_shifted(const tmoi_binary_params *p, int16_t x, int16_t y)
{
    return finish_power_of_two(p, tmoi_rounding_shift_right(x, p->shift_a) +
                                      tmoi_rounding_shift_right(y, p->shift_b));
}

static inline int16_t sub_shifted(const tmoi_binary_params *p, int16_t x, int16_t y)
{
    return finish_power_of_two(p, tmoi_rounding_shift_right(x, p->shift_a) -
                                      tmoi_rounding_shift_right(y, p->shift_b));
}

TMOI_BINARY_ROWS(static, add_power_of_two, int16_t, int16_t, add_shifted)
TMOI_BINARY_ROWS(static, sub_power_of_two, int16_t, int16_t, sub_shifted)

tmoi_binary_function tmoi_binary_power_of_two(tmoi_binary_kind kind)
{
    return kind == TMOI_BINARY_ADD ? add_power_of_two : kind == TMOI_BINARY_SUB ? sub_power_of_two : NULL;
}
