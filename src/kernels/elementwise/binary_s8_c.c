/* int8 ADD, SUB and MUL in the default arithmetic: one rounding, in operations that vector units have. */
#include <math.h>
#include <string.h>

#include "kernels/elementwise/binary_rows.h"

enum { WEIGHT_BITS = 21 };

static double real_of(tmoi_multiplier m)
{
    return ldexp((double)m.value, m.shift - 31);
}

static bool set_sum_weights(tmoi_binary_params *p, bool subtract)
{
    double gain = ldexp(real_of(p->scale_out), p->left_shift);
    double a = real_of(p->scale_a) * gain, b = real_of(p->scale_b) * gain;
    int exponent;
    (void)frexp(a > b ? a : b, &exponent);
    int32_t shift = WEIGHT_BITS - exponent;
    if (shift < 1 || shift > 30) return false;
    p->weight_a = (int32_t)lrint(ldexp(a, shift));
    p->weight_b = (int32_t)lrint(ldexp(b, shift)) * (subtract ? -1 : 1);
    p->weight_shift = shift;
    p->weight_bias = (1 << (shift - 1)) - p->zero_a * p->weight_a - p->zero_b * p->weight_b;
    return true;
}

bool tmoi_binary_weights_s8(tmoi_binary_params *params, tmoi_binary_kind kind)
{
    if (kind == TMOI_BINARY_ADD || kind == TMOI_BINARY_SUB)
        return set_sum_weights(params, kind == TMOI_BINARY_SUB);
    params->weight_product = (float)real_of(params->scale_out);
    return kind == TMOI_BINARY_MUL;
}

static inline int8_t add(const tmoi_binary_params *p, int8_t x, int8_t y)
{
    int32_t sum = (p->weight_bias + x * p->weight_a + y * p->weight_b) >> p->weight_shift;
    return (int8_t)tmoi_clamp_i32(sum + p->zero_out, (int32_t)p->low, (int32_t)p->high);
}

/* Adding 1.5 · 2^23 rounds to even and leaves the integer in the low bits. */
static inline int8_t mul(const tmoi_binary_params *p, int8_t x, int8_t y)
{
    const float to_integer = 12582912.0f;
    const int32_t zero_bits = 0x4b400000;
    float product = (float)((x - p->zero_a) * (y - p->zero_b)) * p->weight_product;
    float clamped = tmoi_clamp_f32(product, (float)(p->low - p->zero_out), (float)(p->high - p->zero_out)) +
                    to_integer;
    int32_t bits;
    memcpy(&bits, &clamped, sizeof bits);
    return (int8_t)(bits - zero_bits + p->zero_out);
}

TMOI_BINARY_ROWS(, tmoi_add_s8_c, int8_t, int8_t, add)
TMOI_BINARY_ROWS(, tmoi_mul_s8_c, int8_t, int8_t, mul)
