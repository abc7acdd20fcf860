#include <math.h>

#include "kernels/elementwise/elementwise.h"

static double real_of(tmoi_multiplier m)
{
    return ldexp((double)m.value, m.shift - 31);
}

/* `gain` turns sums of inputs on their common scale into the number that is rounded, or squared. */
static void set_sum_weights(tmoi_binary_params *p, double gain, bool subtract)
{
    double a = real_of(p->scale_a) * gain, b = real_of(p->scale_b) * gain * (subtract ? -1.0 : 1.0);
    p->weight_a = (float)a;
    p->weight_b = (float)b;
    p->weight_bias = (float)-(a * p->zero_a + b * p->zero_b);
}

/* The same in 16 bits: as many fraction bits as the larger weight leaves, 20 at most so that zero_out has room above them. */
static bool set_short_weights(tmoi_binary_params *p, double gain, bool subtract)
{
    double a = real_of(p->scale_a) * gain, b = real_of(p->scale_b) * gain * (subtract ? -1.0 : 1.0);
    int exponent;
    (void)frexp(fmax(fabs(a), fabs(b)), &exponent);
    int32_t shift = 15 - exponent;
    shift = shift > 20 ? 20 : shift;
    if (shift < 1) return false;
    p->sum_a = (int32_t)fmin(round(ldexp(a, shift)), INT16_MAX);
    p->sum_b = (int32_t)fmax(fmin(round(ldexp(b, shift)), INT16_MAX), INT16_MIN);
    p->sum_bias = p->zero_out * (1 << shift) + (1 << (shift - 1)) - p->zero_a * p->sum_a -
                  p->zero_b * p->sum_b;
    p->sum_shift = shift;
    return true;
}

bool tmoi_binary_weights(tmoi_binary_params *p, tmoi_binary_kind kind)
{
    double out = real_of(p->scale_out), gain = ldexp(1.0, p->left_shift);
    p->low_f32 = (float)(p->low - p->zero_out);
    p->high_f32 = (float)(p->high - p->zero_out);
    switch (kind) {
    case TMOI_BINARY_ADD:
    case TMOI_BINARY_SUB:
        set_sum_weights(p, out * gain, kind == TMOI_BINARY_SUB);
        return set_short_weights(p, out * gain, kind == TMOI_BINARY_SUB);
    case TMOI_BINARY_SQUARED_DIFFERENCE: set_sum_weights(p, sqrt(out) * gain, true); return true;
    default:
        p->weight_a = (float)out;
        p->weight_b = (float)real_of(p->scale_b); /* PRELU */
        return true;
    }
}
