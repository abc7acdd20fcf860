/* Sums, products and extremes of integers: what vector units do well; used in this folder only. */
#ifndef TMOI_KERNELS_ELEMENTWISE_BINARY_INTEGER_ROWS_H
#define TMOI_KERNELS_ELEMENTWISE_BINARY_INTEGER_ROWS_H

#include "kernels/elementwise/binary_rows.h"

/* `rows` makes functions of rows (binary_rows.h); `wide` is unsigned and holds the type's sums and products modulo its size. */
#define TMOI_INTEGER_ROWS(rows, suffix, type, wide)                                        \
    static inline type clamp_##suffix(const tmoi_binary_params *p, type value)             \
    {                                                                                      \
        const type low = (type)p->low, high = (type)p->high;                               \
        return value < low ? low : value > high ? high : value;                            \
    }                                                                                      \
    static inline type add_##suffix##_element(const tmoi_binary_params *p, type x, type y) \
    {                                                                                      \
        return clamp_##suffix(p, (type)((wide)x + (wide)y));                               \
    }                                                                                      \
    static inline type sub_##suffix##_element(const tmoi_binary_params *p, type x, type y) \
    {                                                                                      \
        return clamp_##suffix(p, (type)((wide)x - (wide)y));                               \
    }                                                                                      \
    static inline type mul_##suffix##_element(const tmoi_binary_params *p, type x, type y) \
    {                                                                                      \
        return clamp_##suffix(p, (type)((wide)x * (wide)y));                               \
    }                                                                                      \
    static inline type max_##suffix##_element(const tmoi_binary_params *p, type x, type y) \
    {                                                                                      \
        (void)p;                                                                           \
        return x > y ? x : y;                                                              \
    }                                                                                      \
    static inline type min_##suffix##_element(const tmoi_binary_params *p, type x, type y) \
    {                                                                                      \
        (void)p;                                                                           \
        return x < y ? x : y;                                                              \
    }                                                                                      \
    rows(static, add_##suffix, type, type, add_##suffix##_element)                         \
        rows(static, sub_##suffix, type, type, sub_##suffix##_element)                     \
            rows(static, mul_##suffix, type, type, mul_##suffix##_element)                 \
                rows(static, max_##suffix, type, type, max_##suffix##_element)             \
                    rows(static, min_##suffix, type, type, min_##suffix##_element)

#endif
