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

/* As many fraction bits as 16-bit weights up to `largest` leave; 20 at most, so that zero_out has room above them. */
static bool set_shift(tmoi_binary_params *p, double largest)
{
    int exponent;
    (void)frexp(largest, &exponent);
    p->sum_shift = 15 - exponent < 20 ? 15 - exponent : 20;
    if (p->sum_shift < 1) return false;
    p->sum_bias = p->zero_out * (1 << p->sum_shift) + (1 << (p->sum_shift - 1));
    return true;
}

static int32_t short_weight(double real, int32_t shift)
{
    return (int32_t)fmax(fmin(round(ldexp(real, shift)), INT16_MAX), INT16_MIN);
}

static bool set_short_sum(tmoi_binary_params *p, double gain, bool subtract)
{
    double a = real_of(p->scale_a) * gain, b = real_of(p->scale_b) * gain * (subtract ? -1.0 : 1.0);
    if (!set_shift(p, fmax(fabs(a), fabs(b)))) return false;
    p->sum_a = short_weight(a, p->sum_shift);
    p->sum_b = short_weight(b, p->sum_shift);
    p->sum_bias -= p->zero_a * p->sum_a + p->zero_b * p->sum_b;
    return true;
}

/* The slope has 8 more bits, as a product with it takes them off again. */
static bool set_short_prelu(tmoi_binary_params *p)
{
    double positive = real_of(p->scale_out), negative = real_of(p->scale_b);
    if (!set_shift(p, fmax(positive, 256.0 * negative))) return false;
    p->sum_a = short_weight(positive, p->sum_shift);
    p->sum_b = short_weight(negative, p->sum_shift + 8);
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
        return set_short_sum(p, out * gain, kind == TMOI_BINARY_SUB);
    case TMOI_BINARY_SQUARED_DIFFERENCE: set_sum_weights(p, sqrt(out) * gain, true); return true;
    case TMOI_BINARY_PRELU: return set_short_prelu(p);
    default: p->weight_a = (float)out; return true;
    }
}
