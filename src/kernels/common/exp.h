/* exp() of float32 in plain arithmetic, so that loops over it vectorize and give the same bits with every compiler and C
 * library. Relative error below 2e-7. Method: Cephes expf (Moshier): x = n·ln 2 + r, a degree-6 polynomial in r, then
 * multiplication by 2^n in two halves so that neither over- nor underflows alone. */
#ifndef TMOI_KERNELS_COMMON_EXP_H
#define TMOI_KERNELS_COMMON_EXP_H

#include <stdint.h>
#include <string.h>

static inline float tmoi_power_of_two_f32(int32_t exponent)
{
    uint32_t bits = (uint32_t)(exponent + 127) << 23;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline float tmoi_exp_f32(float x)
{
    const float to_integer =
        12582912.0f; /* 1.5 * 2^23: adding it leaves the rounded number in the low bits */
    x = x > 89.0f ? 89.0f : x;
    x = x < -104.0f ? -104.0f : x;
    float shifted = x * 1.44269504f + to_integer;
    float n = shifted - to_integer;
    float r = x - n * 0.693359375f + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    float y = p * r * r + r + 1.0f;
    int32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    int32_t exponent = (int32_t)((uint32_t)bits << 10) >> 10; /* the low 22 bits, signed */
    int32_t half = exponent >> 1;
    return y * tmoi_power_of_two_f32(half) * tmoi_power_of_two_f32(exponent - half);
}

/* 1 / (1 + exp(-x)). */
static inline float tmoi_logistic_f32(float x)
{
    return 1.0f / (1.0f + tmoi_exp_f32(-x));
}

/* tanh(x): a polynomial near 0, 1 - 2 / (exp(2x) + 1) elsewhere (Cephes tanhf). */
static inline float tmoi_tanh_f32(float x)
{
    float size = x < 0.0f ? -x : x, square = x * x;
    float p = -5.70498872745e-3f;
    p = p * square + 2.06390887954e-2f;
    p = p * square - 5.37397155531e-2f;
    p = p * square + 1.33314422036e-1f;
    p = p * square - 3.33332819422e-1f;
    float near = p * square * x + x;
    float far = 1.0f - 2.0f / (tmoi_exp_f32(2.0f * size) + 1.0f);
    far = x < 0.0f ? -far : far;
    return size < 0.625f ? near : far;
}

#endif
