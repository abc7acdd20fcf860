/* exp(), log() and their kin of float32 in plain arithmetic, so that loops over them vectorize and give the same bits with every
 * compiler and C library. Relative errors below 2e-7. Method of exp: Cephes expf (Moshier): x = n·ln 2 + r, a degree-6 polynomial
 * in r, then multiplication by 2^n in two halves so that neither over- nor underflows alone. */
#ifndef TMOI_KERNELS_COMMON_EXP_H
#define TMOI_KERNELS_COMMON_EXP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t tmoi_bits_of_f32(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float tmoi_f32_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* condition ? a : b without a branch, which would keep a loop from being vectorized. */
static inline float tmoi_select_f32(bool condition, float a, float b)
{
    uint32_t mask = 0 - (uint32_t)condition;
    return tmoi_f32_of_bits((tmoi_bits_of_f32(a) & mask) | (tmoi_bits_of_f32(b) & ~mask));
}

static inline float tmoi_power_of_two_f32(int32_t exponent)
{
    return tmoi_f32_of_bits((uint32_t)(exponent + 127) << 23);
}

/* exp(x) = (tail + 1) · 2^exponent, with |tail| < 0.42. */
typedef struct tmoi_exp_parts {
    float tail;
    int32_t exponent;
} tmoi_exp_parts;

static inline tmoi_exp_parts tmoi_exp_split(float x)
{
    const float to_integer =
        12582912.0f;            /* 1.5 * 2^23: adding it leaves the rounded number in the low bits */
    const float limit = 104.0f; /* beyond, the result is infinite or 0 */
    x = x < -limit ? -limit : x > limit ? limit : x; /* NaN stays */
    float shifted = x * 1.44269504f + to_integer;
    float n = shifted - to_integer;
    float r = x - n * 0.693359375f + n * 2.12194440e-4f;
    float square = r * r; /* in pairs of terms, which wait for one another less */
    float p01 = 1.6666665459e-1f * r + 5.0000001201e-1f, p23 = 8.3334519073e-3f * r + 4.1665795894e-2f;
    float p45 = 1.9875691500e-4f * r + 1.3981999507e-3f;
    float p = (p45 * square + p23) * square + p01;
    int32_t exponent = (int32_t)(tmoi_bits_of_f32(shifted) << 10) >> 10; /* the low 22 bits, signed */
    return (tmoi_exp_parts){p * square + r, exponent};
}

static inline float tmoi_scale_f32(float y, int32_t exponent)
{
    int32_t half = exponent >> 1;
    return y * tmoi_power_of_two_f32(half) * tmoi_power_of_two_f32(exponent - half);
}

static inline float tmoi_exp_f32(float x)
{
    tmoi_exp_parts parts = tmoi_exp_split(x);
    return tmoi_scale_f32(parts.tail + 1.0f, parts.exponent);
}

/* exp(x) − 1, also where that is small. */
static inline float tmoi_expm1_f32(float x)
{
    tmoi_exp_parts parts = tmoi_exp_split(x);
    return tmoi_select_f32(parts.exponent == 0, parts.tail,
                           tmoi_scale_f32(parts.tail + 1.0f, parts.exponent) - 1.0f);
}

/* The natural logarithm: x = 2^n·m with m in [√½, √2), a polynomial in m − 1 (Cephes logf). */
static inline float tmoi_log_f32(float x)
{
    const float smallest_normal = 1.17549435e-38f, two_23 = 8388608.0f;
    float normal = tmoi_select_f32(x < smallest_normal, x * two_23, x);
    uint32_t bits = tmoi_bits_of_f32(normal);
    int32_t n = (int32_t)(bits - 0x3f3504f3u) >> 23; /* √½ */
    float m = tmoi_f32_of_bits(bits - ((uint32_t)n << 23)) - 1.0f;
    float exponent = (float)n - tmoi_select_f32(x < smallest_normal, 23.0f, 0.0f);
    float square = m * m, p = 7.0376836292e-2f;
    p = p * m - 1.1514610310e-1f;
    p = p * m + 1.1676998740e-1f;
    p = p * m - 1.2420140846e-1f;
    p = p * m + 1.4249322787e-1f;
    p = p * m - 1.6668057665e-1f;
    p = p * m + 2.0000714765e-1f;
    p = p * m - 2.4999993993e-1f;
    p = p * m + 3.3333331174e-1f;
    float y = p * m * square + exponent * -2.12194440e-4f - 0.5f * square;
    y = m + y + exponent * 0.693359375f;
    y = tmoi_select_f32((x > 0.0f) & (x <= 3.40282347e38f), y, x); /* +inf and NaN stay */
    y = tmoi_select_f32(x < 0.0f, tmoi_f32_of_bits(0x7fc00000u), y);
    return tmoi_select_f32(x == 0.0f, tmoi_f32_of_bits(0xff800000u), y);
}

/* 1 / (1 + exp(-x)). */
static inline float tmoi_logistic_f32(float x)
{
    return 1.0f / (1.0f + tmoi_exp_f32(-x));
}

/* tanh(x): a polynomial near 0, 1 - 2 / (exp(2x) + 1) elsewhere (Cephes tanhf). */
static inline float tmoi_tanh_f32(float x)
{
    const uint32_t sign = 1u << 31;
    float size = tmoi_f32_of_bits(tmoi_bits_of_f32(x) & ~sign), square = x * x;
    float p = -5.70498872745e-3f;
    p = p * square + 2.06390887954e-2f;
    p = p * square - 5.37397155531e-2f;
    p = p * square + 1.33314422036e-1f;
    p = p * square - 3.33332819422e-1f;
    float near = p * square * x + x;
    float far = 1.0f - 2.0f / (tmoi_exp_f32(2.0f * size) + 1.0f);
    far = tmoi_f32_of_bits(tmoi_bits_of_f32(far) | (tmoi_bits_of_f32(x) & sign));
    return tmoi_select_f32(size < 0.625f, near, far);
}

#endif
