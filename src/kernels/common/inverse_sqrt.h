/* 1/√x of an integer, as a multiplier: the primitive of the integer RSQRT and L2_NORMALIZATION.
 * Source: tflite/kernels/internal/quantization_util (GetInvSqrtQuantizedMultiplierExp). */
#ifndef TMOI_KERNELS_COMMON_INVERSE_SQRT_H
#define TMOI_KERNELS_COMMON_INVERSE_SQRT_H

#include "kernels/common/reciprocal.h"

/* x >= 0; 0 counts as 1. Five Newton steps y ← (3y - x·y³)/2 in Q3.28, starting at 1. */
static inline tmoi_multiplier tmoi_inverse_sqrt(int32_t x)
{
    if (x <= 1) return (tmoi_multiplier){INT32_MAX, 0};
    int32_t right = 11;
    for (; x >= 1 << 29; x /= 4) right++;
    int32_t pairs = (tmoi_leading_zeros((uint32_t)x) - 1) / 2 - 1;
    right -= pairs;
    x <<= 2 * pairs;
    const int32_t input = x >> 1, three_halves = (1 << 28) + (1 << 27), half_sqrt_2 = 1518500250;
    int32_t half = tmoi_rounding_shift_right(input, 1), y = 1 << 28;
    for (int k = 0; k < 5; k++) {
        int32_t cube = tmoi_saturating_shift_left(tmoi_high_mul(tmoi_high_mul(y, y), y), 6);
        y = tmoi_saturating_shift_left(tmoi_high_mul(three_halves, y) - tmoi_high_mul(half, cube), 3);
    }
    y = tmoi_high_mul(y, half_sqrt_2);
    if (right < 0) {
        y = tmoi_shift_left(y, -right);
        right = 0;
    }
    return (tmoi_multiplier){y, -right};
}

#endif
