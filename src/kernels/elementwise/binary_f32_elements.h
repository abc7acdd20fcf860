/* The float arithmetic of one pair of elements, in forms that compilers turn into vector code. */
#ifndef TMOI_KERNELS_ELEMENTWISE_BINARY_F32_ELEMENTS_H
#define TMOI_KERNELS_ELEMENTWISE_BINARY_F32_ELEMENTS_H

#include "kernels/common/exp.h"
#include "kernels/elementwise/elementwise.h"

static inline float clamp(const tmoi_binary_params *p, float value)
{
    return tmoi_clamp_f32(value, p->low_f32, p->high_f32);
}

static inline float add(const tmoi_binary_params *p, float x, float y)
{
    return clamp(p, x + y);
}

static inline float sub(const tmoi_binary_params *p, float x, float y)
{
    return clamp(p, x - y);
}

static inline float mul(const tmoi_binary_params *p, float x, float y)
{
    return clamp(p, x * y);
}

static inline float divide(const tmoi_binary_params *p, float x, float y)
{
    return clamp(p, x / y);
}

static inline float maximum(const tmoi_binary_params *p, float x, float y)
{
    (void)p;
    return x > y ? x : y;
}

static inline float minimum(const tmoi_binary_params *p, float x, float y)
{
    (void)p;
    return x < y ? x : y;
}

static inline float squared_difference(const tmoi_binary_params *p, float x, float y)
{
    (void)p;
    return (x - y) * (x - y);
}

static inline float prelu(const tmoi_binary_params *p, float x, float slope)
{
    (void)p;
    return tmoi_select_f32(x >= 0.0f, x, x * slope);
}

#endif
