/* One float to int8 with a scale found at run time: the definition that the vector forms follow bit by bit. */
#ifndef TMOI_KERNELS_QUANT_ROWS_QUANTIZE_VALUE_H
#define TMOI_KERNELS_QUANT_ROWS_QUANTIZE_VALUE_H

#include <math.h>
#include <stdint.h>

/* min(127, max(low, round(zero_point + x · inverse))), halves away from zero; NaN gives `low`. Cutting off after adding the number
 * below 1/2 rounds so, and the bounds are whole numbers, so that rounding after the clamp gives what rounding before would. */
static inline int32_t tmoi_quantize_value(float x, float inverse, float zero_point, float low)
{
    float q = zero_point + x * inverse;
    q = q > low ? q : low;
    q = q < 127.0f ? q : 127.0f;
    return (int32_t)(q + copysignf(0x1.fffffep-2f, q));
}

#endif
