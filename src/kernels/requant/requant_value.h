/* The default requantization of one sum: the definition that the vector forms in requant_<isa>.h follow bit by bit. */
#ifndef TMOI_KERNELS_REQUANT_REQUANT_VALUE_H
#define TMOI_KERNELS_REQUANT_REQUANT_VALUE_H

#include <string.h>

#include "kernels/requant/requant.h"

typedef struct tmoi_requant_bounds {
    float low, high; /* less the zero point */
    int32_t zero_point;
} tmoi_requant_bounds;

static inline tmoi_requant_bounds tmoi_requant_bounds_of(const tmoi_requant *r)
{
    return (tmoi_requant_bounds){(float)(r->low - r->zero_point), (float)(r->high - r->zero_point),
                                 r->zero_point};
}

/* Clamps and rounds to nearest even: adding 1.5 · 2^23 leaves the whole number in the low bits, since the bounds are
 * within ±2^17. Unlike lrintf() it vectorizes. */
static inline int32_t tmoi_requant_real(float real, const tmoi_requant_bounds *bounds)
{
    const float shifter = 0x1.8p23f;
    uint32_t bits, base;
    real = real < bounds->low ? bounds->low : real;
    real = (real > bounds->high ? bounds->high : real) + shifter;
    memcpy(&bits, &real, sizeof bits);
    memcpy(&base, &shifter, sizeof base);
    return (int32_t)(bits - base) + bounds->zero_point;
}

static inline int32_t tmoi_requant_value(int32_t sum, float scale, const tmoi_requant_bounds *bounds)
{
    return tmoi_requant_real((float)sum * scale, bounds);
}

#endif
