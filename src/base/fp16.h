/* IEEE 754 half precision and bfloat16 to and from float. Rounds to nearest, ties to even; NaN stays NaN. */
#ifndef TMOI_BASE_FP16_H
#define TMOI_BASE_FP16_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Without branches, so that loops of it become vectors. */
static inline float tmoi_fp16_to_float(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000u) << 16, exponent = (half >> 10) & 31u, mantissa = half & 1023u;
    uint32_t normal = (exponent + (exponent == 31 ? 224 : 112)) << 23 | mantissa << 13, bits;
    float subnormal = (float)(int32_t)mantissa * 0x1p-24f, value;
    memcpy(&bits, &subnormal, sizeof bits);
    bits = sign | (exponent ? normal : bits);
    memcpy(&value, &bits, sizeof value);
    return value;
}

uint16_t tmoi_fp16_from_float(float value);
float tmoi_bf16_to_float(uint16_t bits);
uint16_t tmoi_bf16_from_float(float value);

#endif
