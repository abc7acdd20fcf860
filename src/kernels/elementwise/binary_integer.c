/* Integer arithmetic on stored values; it wraps on overflow, as the reference does in practice, and then clamps to the
 * fused activation. */
#include "kernels/elementwise/binary_integer_rows.h"
#include "kernels/elementwise/binary_tables.h"

/* The other operators of one type. `wide` is unsigned and holds the type's sums and products modulo its size; `bits` is its width. */
#define INTEGER_KINDS(suffix, type, wide, bits)                                               \
    static inline type square_##suffix##_element(const tmoi_binary_params *p, type x, type y) \
    {                                                                                         \
        wide difference = (wide)x - (wide)y;                                                  \
        (void)p;                                                                              \
        return (type)(difference * difference);                                               \
    }                                                                                         \
    static inline type pow_##suffix##_element(const tmoi_binary_params *p, type x, type y)    \
    {                                                                                         \
        wide result = 1, base = (wide)x;                                                      \
        (void)p;                                                                              \
        for (uint64_t rest = (uint64_t)y; rest; rest >>= 1, base *= base)                     \
            if (rest & 1) result *= base;                                                     \
        return (type)result;                                                                  \
    }                                                                                         \
    static inline type and_##suffix##_element(const tmoi_binary_params *p, type x, type y)    \
    {                                                                                         \
        (void)p;                                                                              \
        return (type)(x & y);                                                                 \
    }                                                                                         \
    static inline type or_##suffix##_element(const tmoi_binary_params *p, type x, type y)     \
    {                                                                                         \
        (void)p;                                                                              \
        return (type)(x | y);                                                                 \
    }                                                                                         \
    static inline type xor_##suffix##_element(const tmoi_binary_params *p, type x, type y)    \
    {                                                                                         \
        (void)p;                                                                              \
        return (type)(x ^ y);                                                                 \
    }                                                                                         \
    static inline type left_##suffix##_element(const tmoi_binary_params *p, type x, type y)   \
    {                                                                                         \
        (void)p;                                                                              \
        return (type)((uint64_t)y < (bits) ? (wide)x << y : 0);                               \
    }                                                                                         \
    static inline type right_##suffix##_element(const tmoi_binary_params *p, type x, type y)  \
    {                                                                                         \
        (void)p;                                                                              \
        return (type)(x >> (y > 0 ? (y < (bits) ? y : (bits)-1) : 0));                        \
    }                                                                                         \
    TMOI_BINARY_ROWS(static, square_##suffix, type, type, square_##suffix##_element)          \
    TMOI_BINARY_ROWS(static, pow_##suffix, type, type, pow_##suffix##_element)                \
    TMOI_BINARY_ROWS(static, and_##suffix, type, type, and_##suffix##_element)                \
    TMOI_BINARY_ROWS(static, or_##suffix, type, type, or_##suffix##_element)                  \
    TMOI_BINARY_ROWS(static, xor_##suffix, type, type, xor_##suffix##_element)                \
    TMOI_BINARY_ROWS(static, left_##suffix, type, type, left_##suffix##_element)              \
    TMOI_BINARY_ROWS(static, right_##suffix, type, type, right_##suffix##_element)            \
    static const tmoi_binary_function table_##suffix[TMOI_BINARY_KIND_COUNT] = {              \
        [TMOI_BINARY_ADD] = add_##suffix,                                                     \
        [TMOI_BINARY_SUB] = sub_##suffix,                                                     \
        [TMOI_BINARY_MUL] = mul_##suffix,                                                     \
        [TMOI_BINARY_DIV] = div_##suffix,                                                     \
        [TMOI_BINARY_MAXIMUM] = max_##suffix,                                                 \
        [TMOI_BINARY_MINIMUM] = min_##suffix,                                                 \
        [TMOI_BINARY_SQUARED_DIFFERENCE] = square_##suffix,                                   \
        [TMOI_BINARY_POW] = pow_##suffix,                                                     \
        [TMOI_BINARY_FLOOR_DIV] = floor_div_##suffix,                                         \
        [TMOI_BINARY_FLOOR_MOD] = floor_mod_##suffix,                                         \
        [TMOI_BINARY_AND] = and_##suffix,                                                     \
        [TMOI_BINARY_OR] = or_##suffix,                                                       \
        [TMOI_BINARY_XOR] = xor_##suffix,                                                     \
        [TMOI_BINARY_SHIFT_LEFT] = left_##suffix,                                             \
        [TMOI_BINARY_SHIFT_RIGHT] = right_##suffix,                                           \
    };

/* Division of signed types. A divisor of -1 is a negation, which wraps where a division would trap. */
#define SIGNED_DIVISION(suffix, type, wide)                                                      \
    static inline type div_##suffix##_element(const tmoi_binary_params *p, type x, type y)       \
    {                                                                                            \
        type quotient = (type)(y == -1 ? (type)(0 - (wide)x) : x / y);                           \
        return (type)(quotient < p->low ? p->low : quotient > p->high ? p->high : quotient);     \
    }                                                                                            \
    static inline type floor_mod_##suffix##_element(const tmoi_binary_params *p, type x, type y) \
    {                                                                                            \
        type remainder = (type)(y == -1 ? 0 : x % y);                                            \
        (void)p;                                                                                 \
        return (type)(remainder != 0 && (y < 0) != (remainder < 0) ? remainder + y : remainder); \
    }                                                                                            \
    static inline type floor_div_##suffix##_element(const tmoi_binary_params *p, type x, type y) \
    {                                                                                            \
        (void)p;                                                                                 \
        if (y == -1) return (type)(0 - (wide)x);                                                 \
        type quotient = (type)(x / y);                                                           \
        return (type)(x % y != 0 && (x < 0) != (y < 0) ? quotient - 1 : quotient);               \
    }                                                                                            \
    TMOI_BINARY_ROWS(static, div_##suffix, type, type, div_##suffix##_element)                   \
    TMOI_BINARY_ROWS(static, floor_div_##suffix, type, type, floor_div_##suffix##_element)       \
    TMOI_BINARY_ROWS(static, floor_mod_##suffix, type, type, floor_mod_##suffix##_element)

#define UNSIGNED_DIVISION(suffix, type)                                                          \
    static inline type div_##suffix##_element(const tmoi_binary_params *p, type x, type y)       \
    {                                                                                            \
        (void)p;                                                                                 \
        return (type)(x / y);                                                                    \
    }                                                                                            \
    static inline type floor_mod_##suffix##_element(const tmoi_binary_params *p, type x, type y) \
    {                                                                                            \
        (void)p;                                                                                 \
        return (type)(x % y);                                                                    \
    }                                                                                            \
    TMOI_BINARY_ROWS(static, div_##suffix, type, type, div_##suffix##_element)                   \
    TMOI_BINARY_ROWS(static, floor_div_##suffix, type, type, div_##suffix##_element)             \
    TMOI_BINARY_ROWS(static, floor_mod_##suffix, type, type, floor_mod_##suffix##_element)

SIGNED_DIVISION(s8, int8_t, uint32_t)
SIGNED_DIVISION(s16, int16_t, uint32_t)
SIGNED_DIVISION(s32, int32_t, uint32_t)
SIGNED_DIVISION(s64, int64_t, uint64_t)
UNSIGNED_DIVISION(u8, uint8_t)
UNSIGNED_DIVISION(u16, uint16_t)
UNSIGNED_DIVISION(u32, uint32_t)
TMOI_INTEGER_ROWS(TMOI_BINARY_ROWS, s8, int8_t, uint32_t)
TMOI_INTEGER_ROWS(TMOI_BINARY_ROWS, s16, int16_t, uint32_t)
TMOI_INTEGER_ROWS(TMOI_BINARY_ROWS, s32, int32_t, uint32_t)
TMOI_INTEGER_ROWS(TMOI_BINARY_ROWS, s64, int64_t, uint64_t)
TMOI_INTEGER_ROWS(TMOI_BINARY_ROWS, u8, uint8_t, uint32_t)
TMOI_INTEGER_ROWS(TMOI_BINARY_ROWS, u16, uint16_t, uint32_t)
TMOI_INTEGER_ROWS(TMOI_BINARY_ROWS, u32, uint32_t, uint32_t)
INTEGER_KINDS(s8, int8_t, uint32_t, 8)
INTEGER_KINDS(s16, int16_t, uint32_t, 16)
INTEGER_KINDS(s32, int32_t, uint32_t, 32)
INTEGER_KINDS(s64, int64_t, uint64_t, 64)
INTEGER_KINDS(u8, uint8_t, uint32_t, 8)
INTEGER_KINDS(u16, uint16_t, uint32_t, 16)
INTEGER_KINDS(u32, uint32_t, uint32_t, 32)

tmoi_binary_function tmoi_binary_integer_c(tmoi_binary_kind kind, tmo_type type)
{
    switch (type) {
    case TMO_TYPE_INT8: return table_s8[kind];
    case TMO_TYPE_INT16: return table_s16[kind];
    case TMO_TYPE_INT32: return table_s32[kind];
    case TMO_TYPE_INT64: return table_s64[kind];
    case TMO_TYPE_UINT8: return table_u8[kind];
    case TMO_TYPE_UINT16: return table_u16[kind];
    case TMO_TYPE_UINT32: return table_u32[kind];
    case TMO_TYPE_BOOL:
        return kind == TMOI_BINARY_AND || kind == TMOI_BINARY_OR || kind == TMOI_BINARY_XOR ? table_u8[kind]
                                                                                            : NULL;
    default: return NULL;
    }
}
