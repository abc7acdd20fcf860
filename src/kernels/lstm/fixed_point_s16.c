/* logistic and tanh in 16-bit fixed point. Qn below is a number with n integer bits and 15 - n fractional
 * bits. Source: gemmlowp fixedpoint.h. */
#include "kernels/lstm/lstm.h"

enum { ONE_Q0 = INT16_MAX, ONE_Q2 = 1 << 13 };

/* Keeps the low 16 bits, as the reference's plain 16-bit sums do. */
static int16_t wrap(int32_t x)
{
    return (int16_t)(uint16_t)(uint32_t)x;
}

static int16_t saturate(int32_t x)
{
    return (int16_t)tmoi_clamp_i32(x, INT16_MIN, INT16_MAX);
}

/* round(a * b / 2^15): the product of Qm and Qn is Q(m+n). */
static int16_t mul(int16_t a, int16_t b)
{
    if (a == INT16_MIN && b == INT16_MIN) return INT16_MAX;
    int32_t product = (int32_t)a * b, nudge = product >= 0 ? 1 << 14 : 1 - (1 << 14);
    return (int16_t)((product + nudge) / (1 << 15));
}

static int16_t shift_left(int16_t x, int32_t exponent)
{
    return saturate((int32_t)x * (1 << exponent));
}

static int16_t shift_right(int16_t x, int32_t exponent)
{
    return (int16_t)tmoi_rounding_shift_right(x, exponent);
}

/* A Q31 constant as Q15. */
static int16_t constant(int32_t q31)
{
    return (int16_t)tmoi_rounding_shift_right(q31, 16);
}

/* exp(x) for x in [-1/4, 0), Q0: a Taylor polynomial around -1/8. */
static int16_t exp_quarter(int16_t a)
{
    const int16_t exp_eighth = constant(1895147668), third = constant(715827883);
    int16_t x = wrap(a + (1 << 12)), x2 = mul(x, x), x3 = mul(x2, x), x4 = mul(x2, x2);
    int16_t tail = shift_right(wrap(mul(wrap(shift_right(x4, 2) + x3), third) + x2), 1);
    return saturate(exp_eighth + mul(exp_eighth, wrap(x + tail)));
}

/* exp(x) for x <= 0 with `integer_bits` integer bits, as Q0: the multiple of 1/4 by table, the rest by
 * polynomial. */
static int16_t exp_negative(int16_t x, int32_t integer_bits)
{
    static const int32_t factors[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    int32_t fraction_bits = 15 - integer_bits;
    if (x == 0) return ONE_Q0;
    int32_t quarter = 1 << (fraction_bits - 2);
    int16_t part = wrap((x & (quarter - 1)) - quarter);
    int32_t remainder = part - x;
    int16_t result = exp_quarter(shift_left(part, integer_bits));
    for (int32_t k = 0; k < 7; k++)
        if (integer_bits > k - 2 && remainder & 1 << (fraction_bits + k - 2))
            result = mul(result, constant(factors[k]));
    if (integer_bits > 5 && x < -(1 << (fraction_bits + 5))) return 0;
    return result;
}

/* round((x + 1) / 2) of a Q0. */
static int16_t half_of_one_plus(int16_t x)
{
    int32_t sum = x + ONE_Q0;
    return (int16_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
}

/* 2 / (1 + x) for x in [0, 1), as Q2: three Newton steps. */
static int16_t two_over_one_plus(int16_t x)
{
    const int16_t start = constant(1515870810), slope = constant(-1010580540);
    int16_t half = half_of_one_plus(x), y = wrap(start + mul(half, slope));
    for (int32_t k = 0; k < 3; k++) y = wrap(y + shift_left(mul(y, wrap(ONE_Q2 - mul(half, y))), 2));
    return y;
}

int16_t tmoi_logistic_s16(int16_t x)
{
    if (x == 0) return 1 << 14;
    int16_t positive = shift_left(two_over_one_plus(exp_negative(x > 0 ? wrap(-x) : x, 3)), 1);
    return x > 0 ? positive : wrap(ONE_Q0 - positive);
}

int16_t tmoi_tanh_s16(int16_t x, int32_t integer_bits)
{
    if (x == 0) return 0;
    int16_t e = exp_negative(x < 0 ? x : wrap(-x), integer_bits + 1);
    int16_t magnitude = shift_left(wrap(two_over_one_plus(e) - ONE_Q2), 2);
    return x < 0 ? wrap(-magnitude) : magnitude;
}
