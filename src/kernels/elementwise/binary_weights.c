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

void tmoi_binary_weights(tmoi_binary_params *p, tmoi_binary_kind kind)
{
    double out = real_of(p->scale_out), gain = ldexp(1.0, p->left_shift);
    p->low_f32 = (float)(p->low - p->zero_out);
    p->high_f32 = (float)(p->high - p->zero_out);
    switch (kind) {
    case TMOI_BINARY_ADD: set_sum_weights(p, out * gain, false); return;
    case TMOI_BINARY_SUB: set_sum_weights(p, out * gain, true); return;
    case TMOI_BINARY_SQUARED_DIFFERENCE: set_sum_weights(p, sqrt(out) * gain, true); return;
    default: p->weight_a = (float)out; p->weight_b = (float)real_of(p->scale_b); /* PRELU */
    }
}
