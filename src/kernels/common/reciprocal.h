/* Reciprocals and exponentials in fixed point: the primitives of the integer DIV, SOFTMAX, LOG_SOFTMAX and L2_NORMALIZATION.
 * Numbers are int32; Qm.n has m integer and n fraction bits. Source: gemmlowp fixedpoint.h, tflite/kernels/internal/common.h. */
#ifndef TMOI_KERNELS_COMMON_RECIPROCAL_H
#define TMOI_KERNELS_COMMON_RECIPROCAL_H

#include "kernels/common/fixed_point.h"

/* Leading zero bits of x: 32 for 0. */
static inline int32_t tmoi_leading_zeros(uint32_t x)
{
    int32_t count = 32;
    for (; x; x >>= 1) count--;
    return count;
}

/* How far x can be shifted left without losing its sign: 31 for 0. */
static inline int32_t tmoi_sign_bits(int32_t x)
{
    return tmoi_leading_zeros((uint32_t)(x < 0 ? ~x : x)) - 1;
}

/* x * 2^exponent, saturating; exponent in [0, 31]. */
static inline int32_t tmoi_saturating_shift_left(int32_t x, int32_t exponent)
{
    int64_t shifted = (int64_t)((uint64_t)x << exponent);
    return shifted > INT32_MAX ? INT32_MAX : shifted < INT32_MIN ? INT32_MIN : (int32_t)shifted;
}

/* round((a + b) / 2), ties away from zero. */
static inline int32_t tmoi_rounding_half_sum(int32_t a, int32_t b)
{
    int64_t sum = (int64_t)a + b;
    return (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
}

/* 1 / (1 + x) for x in [0, 1), both Q0.31: three Newton steps in Q2.29. */
static inline int32_t tmoi_one_over_one_plus(int32_t x)
{
    const int32_t constant_48_over_17 = 1515870810, constant_neg_32_over_17 = -1010580540, one = 1 << 29;
    int32_t half_denominator = tmoi_rounding_half_sum(x, INT32_MAX);
    int32_t y = constant_48_over_17 + tmoi_high_mul(half_denominator, constant_neg_32_over_17);
    for (int k = 0; k < 3; k++) {
        int32_t error = one - tmoi_high_mul(half_denominator, y);
        y += tmoi_saturating_shift_left(tmoi_high_mul(y, error), 2);
    }
    return tmoi_saturating_shift_left(y, 1);
}

/* 1 / x for x > 0 with `integer_bits` integer bits, as Q0.31; the true value is that times 2^-*bits_over_unit. */
static inline int32_t tmoi_reciprocal(int32_t x, int32_t integer_bits, int32_t *bits_over_unit)
{
    int32_t headroom_plus_one = tmoi_leading_zeros((uint32_t)x);
    *bits_over_unit = integer_bits - headroom_plus_one;
    return tmoi_one_over_one_plus((int32_t)(((uint32_t)x << headroom_plus_one) - ((uint32_t)1 << 31)));
}

/* exp(x) as Q0.31 for x in [-1/4, 0), Q0.31: a Taylor polynomial around -1/8. */
static inline int32_t tmoi_exp_quarter(int32_t x)
{
    const int32_t exp_minus_eighth = 1895147668, third = 715827883;
    int32_t y = x + (1 << 28);
    int32_t y2 = tmoi_high_mul(y, y), y3 = tmoi_high_mul(y2, y);
    int32_t y4_over_4 = tmoi_rounding_shift_right(tmoi_high_mul(y2, y2), 2);
    int32_t tail = tmoi_rounding_shift_right(tmoi_high_mul(y4_over_4 + y3, third) + y2, 1);
    return exp_minus_eighth + tmoi_high_mul(exp_minus_eighth, y + tail);
}

/* exp(x) as Q0.31 for x <= 0 in Q5.26: the multiple of 1/4 below x by table, the rest by polynomial. */
static inline int32_t tmoi_exp_negative(int32_t x)
{
    static const int32_t factors[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    const int32_t quarter = 1 << 24;
    if (x == 0) return INT32_MAX;
    int32_t rest = (x & (quarter - 1)) - quarter;
    int32_t result = tmoi_exp_quarter(tmoi_shift_left(rest, 5)), quarters = rest - x;
    for (int32_t k = 0; k < 7; k++)
        if (quarters & (quarter << k)) result = tmoi_high_mul(result, factors[k]);
    return result;
}

#endif
