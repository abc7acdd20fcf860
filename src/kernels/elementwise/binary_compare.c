/* Comparisons of stored values, the choice among the plain tables, and comparisons of quantized values. */
#include "kernels/elementwise/binary_rows.h"
#include "kernels/elementwise/binary_tables.h"

#define COMPARISON(name, suffix, type, operator)                                              \
    static inline bool name##_##suffix##_element(const tmoi_binary_params *p, type x, type y) \
    {                                                                                         \
        (void)p;                                                                              \
        return x operator y;                                                                  \
    }                                                                                         \
    TMOI_BINARY_ROWS(static, name##_##suffix, type, bool, name##_##suffix##_element)

#define COMPARISON_TABLE(suffix)                                                                        \
    static const tmoi_binary_function table_##suffix[TMOI_BINARY_KIND_COUNT] = {                        \
        [TMOI_BINARY_EQUAL] = equal_##suffix,     [TMOI_BINARY_NOT_EQUAL] = not_equal_##suffix,         \
        [TMOI_BINARY_LESS] = less_##suffix,       [TMOI_BINARY_LESS_EQUAL] = less_equal_##suffix,       \
        [TMOI_BINARY_GREATER] = greater_##suffix, [TMOI_BINARY_GREATER_EQUAL] = greater_equal_##suffix, \
    };

#define COMPARISON_KINDS(suffix, type)          \
    COMPARISON(equal, suffix, type, ==)         \
    COMPARISON(not_equal, suffix, type, !=)     \
    COMPARISON(less, suffix, type, <)           \
    COMPARISON(less_equal, suffix, type, <=)    \
    COMPARISON(greater, suffix, type, >)        \
    COMPARISON(greater_equal, suffix, type, >=) \
    COMPARISON_TABLE(suffix)

COMPARISON_KINDS(f32, float)
COMPARISON_KINDS(s8, int8_t)
COMPARISON_KINDS(u8, uint8_t)
COMPARISON_KINDS(s16, int16_t)
COMPARISON_KINDS(s32, int32_t)
COMPARISON_KINDS(s64, int64_t)

/* Both sides in a common fixed-point scale. */
static inline int32_t scaled(int32_t x, int32_t zero, int32_t left_shift, tmoi_multiplier scale)
{
    return tmoi_multiply(tmoi_shift_left(x - zero, left_shift), scale);
}

#define SCALED_COMPARISON(name, suffix, type, operator)                                                     \
    static inline bool name##_##suffix##_element(const tmoi_binary_params *p, type x, type y)               \
    {                                                                                                       \
        return scaled(x, p->zero_a, p->left_shift, p->scale_a) operator scaled(y, p->zero_b, p->left_shift, \
                                                                               p->scale_b);                 \
    }                                                                                                       \
    TMOI_BINARY_ROWS(static, name##_##suffix, type, bool, name##_##suffix##_element)

#define SCALED_COMPARISON_KINDS(suffix, type)          \
    SCALED_COMPARISON(equal, suffix, type, ==)         \
    SCALED_COMPARISON(not_equal, suffix, type, !=)     \
    SCALED_COMPARISON(less, suffix, type, <)           \
    SCALED_COMPARISON(less_equal, suffix, type, <=)    \
    SCALED_COMPARISON(greater, suffix, type, >)        \
    SCALED_COMPARISON(greater_equal, suffix, type, >=) \
    COMPARISON_TABLE(suffix)

SCALED_COMPARISON_KINDS(scaled_s8, int8_t)
SCALED_COMPARISON_KINDS(scaled_u8, uint8_t)

tmoi_binary_function tmoi_binary_compare(tmoi_binary_kind kind, tmo_type type)
{
    switch (type) {
    case TMO_TYPE_FLOAT32: return table_f32[kind];
    case TMO_TYPE_INT8: return table_s8[kind];
    case TMO_TYPE_UINT8:
    case TMO_TYPE_BOOL: return table_u8[kind];
    case TMO_TYPE_INT16: return table_s16[kind];
    case TMO_TYPE_INT32: return table_s32[kind];
    case TMO_TYPE_INT64: return table_s64[kind];
    default: return NULL;
    }
}

tmoi_binary_function tmoi_binary_compare_scaled(tmoi_binary_kind kind, tmo_type type)
{
    switch (type) {
    case TMO_TYPE_INT8: return table_scaled_s8[kind];
    case TMO_TYPE_UINT8: return table_scaled_u8[kind];
    default: return NULL;
    }
}

tmoi_binary_function tmoi_binary_plain(tmoi_binary_kind kind, tmo_type type)
{
    if (kind >= TMOI_BINARY_EQUAL) return tmoi_binary_compare(kind, type);
    tmoi_binary_function function = tmoi_binary_float(kind, type);
    return function ? function : tmoi_binary_integer_c(kind, type);
}
