/* Fixed-point arithmetic of TFLite's reference kernels: the primitives from which every integer kernel is built.
 * Source: gemmlowp fixedpoint.h and tflite/kernels/internal/common.h, in their default double-rounding form. */
#ifndef TMOI_KERNELS_COMMON_FIXED_POINT_H
#define TMOI_KERNELS_COMMON_FIXED_POINT_H

#include <assert.h>
#include <math.h>
#include <stdint.h>

/* A positive real number as multiplier * 2^(shift - 31), multiplier in [2^30, 2^31), or 0. */
typedef struct tmoi_multiplier {
    int32_t value;
    int32_t shift; /* positive: left */
} tmoi_multiplier;

/* QuantizeMultiplier. `real` is finite and not negative. */
static inline tmoi_multiplier tmoi_multiplier_of(double real)
{
    tmoi_multiplier out = {0, 0};
    if (real == 0.0) return out;
    int exponent;
    int64_t fixed = (int64_t)round(frexp(real, &exponent) * 2147483648.0);
    if (fixed == (int64_t)1 << 31) {
        fixed /= 2;
        exponent++;
    }
    if (exponent < -31) return out;
    out.value = (int32_t)fixed;
    out.shift = exponent;
    return out;
}

/* SaturatingRoundingDoublingHighMul: round(a * b / 2^31), ties up. (gemmlowp adds 2^30 or 1 - 2^30 by the product's sign and
 * divides with truncation, which is the same.) */
static inline int32_t tmoi_high_mul(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
    return (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
}

/* RoundingDivideByPOT: round(x / 2^exponent), ties away from zero; exponent in [0, 31]. */
static inline int32_t tmoi_rounding_shift_right(int32_t x, int32_t exponent)
{
    assert(exponent >= 0 && exponent <= 31);
    int32_t mask = (int32_t)(((int64_t)1 << exponent) - 1);
    int32_t remainder = x & mask;
    int32_t threshold = (mask >> 1) + (x < 0);
    return (x >> exponent) + (remainder > threshold);
}

/* x * 2^shift, wrapping as the reference's int32 multiplication does on overflow. */
static inline int32_t tmoi_shift_left(int32_t x, int32_t shift)
{
    return (int32_t)((uint32_t)x << shift);
}

/* MultiplyByQuantizedMultiplier, 32-bit. */
static inline int32_t tmoi_multiply(int32_t x, tmoi_multiplier m)
{
    int32_t left = m.shift > 0 ? m.shift : 0, right = m.shift > 0 ? 0 : -m.shift;
    return tmoi_rounding_shift_right(tmoi_high_mul(tmoi_shift_left(x, left), m.value), right);
}

/* MultiplyByQuantizedMultiplier, 64-bit accumulators (int16 activations): the multiplier is cut to 15 bits; m.shift is at
 * most 14. */
static inline int32_t tmoi_multiply_64(int64_t x, tmoi_multiplier m)
{
    int32_t reduced = m.value < 0x7FFF0000 ? (m.value + (1 << 15)) >> 16 : 0x7FFF;
    int32_t total_shift = 15 - m.shift;
    uint64_t product = (uint64_t)x * (uint64_t)reduced + ((uint64_t)1 << (total_shift - 1));
    return (int32_t)((int64_t)product >> total_shift);
}

static inline int32_t tmoi_clamp_i32(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : x > high ? high : x;
}

static inline float tmoi_clamp_f32(float x, float low, float high)
{
    return x < low ? low : x > high ? high : x;
}

#endif
