#include <math.h>

#include "kernels/common/inverse_sqrt.h"
#include "kernels/unary/quantized.h"

/* The stored value nearest to a real one; ties away from zero. */
static int32_t store(const tmoi_unary_quant *q, float real)
{
    float inverse_scale = 1.0f / q->scale_out;
    float stored = roundf(real * inverse_scale) + (float)q->zero_out;
    if (!(stored > (float)q->low)) return q->low;
    return stored >= (float)q->high ? q->high : (int32_t)stored;
}

static int32_t clamp(const tmoi_unary_quant *q, int32_t value)
{
    return tmoi_clamp_i32(value, q->low, q->high);
}

static int32_t rescale(const tmoi_unary_quant *q, int32_t value, tmoi_multiplier scale)
{
    return clamp(q, tmoi_multiply(value, scale) + q->zero_out);
}

/* SaturatingRoundingDoublingHighMul of int16. */
static int32_t high_mul_16(int32_t a, int32_t b)
{
    if (a == INT16_MIN && b == INT16_MIN) return INT16_MAX;
    int32_t product = a * b, nudge = product >= 0 ? 1 << 14 : 1 - (1 << 14);
    return (product + nudge) / (1 << 15);
}

static int32_t saturate_16(int64_t value)
{
    return value > INT16_MAX ? INT16_MAX : value < INT16_MIN ? INT16_MIN : (int32_t)value;
}

/* x · relu6(x + 3) / 6 in 16-bit fixed point: the second factor as a number in [0, 1]. */
static int32_t hard_swish(const tmoi_unary_quant *q, int32_t value)
{
    int32_t fine = value * (1 << 7), exponent = q->swish_relu_exponent;
    int32_t on_output_scale = high_mul_16(fine, q->swish_out);
    int32_t factor = fine;
    if (exponent > 0) factor = saturate_16((int64_t)factor * ((int64_t)1 << (exponent - 1)));
    factor = high_mul_16(factor, q->swish_relu);
    if (exponent > 0) factor = saturate_16((int64_t)factor * 2);
    if (exponent < 0) factor = tmoi_rounding_shift_right(factor, -exponent);
    factor = (factor + (1 << 15)) >> 1;
    int32_t product = factor * on_output_scale / (1 << 15);
    return clamp(q, tmoi_rounding_shift_right(product, -q->swish_out_exponent) + q->zero_out);
}

static int32_t inverse_root(const tmoi_unary_quant *q, int32_t value)
{
    const int32_t fraction_bits = 20;
    if (value <= 0) return q->high;
    tmoi_multiplier root = tmoi_inverse_sqrt(value);
    root.shift += fraction_bits;
    tmoi_multiplier scale = {q->scale.value, q->scale.shift - fraction_bits};
    if (scale.shift < -31) return clamp(q, q->zero_out);
    return rescale(q, tmoi_multiply(1, root), scale);
}

static int32_t root(const tmoi_unary_quant *q, float real)
{
    float stored = truncf(sqrtf(real > 0.0f ? real : 0.0f) / q->scale_out) + (float)q->zero_out;
    return stored >= (float)q->high ? q->high : stored <= (float)q->low ? q->low : (int32_t)stored;
}

int32_t tmoi_unary_quantized_element(const tmoi_unary_quant *q, int32_t stored)
{
    int32_t value = stored - q->zero_in;
    float x = q->scale_in * (float)value;
    switch (q->kind) {
    case TMOI_UNARY_CLAMP: return rescale(q, value, q->scale);
    case TMOI_UNARY_LEAKY_RELU: return rescale(q, value, value >= 0 ? q->scale : q->negative_scale);
    case TMOI_UNARY_ABS:
        if (q->scale_in == q->scale_out) return clamp(q, (value < 0 ? -value : value) + q->zero_out);
        return rescale(q, value < 0 ? -value : value, q->scale);
    case TMOI_UNARY_HARD_SWISH: return hard_swish(q, value);
    case TMOI_UNARY_SQRT: return root(q, x);
    case TMOI_UNARY_RSQRT: return inverse_root(q, value);
    case TMOI_UNARY_LOGISTIC: return store(q, 1.0f / (1.0f + expf(-x)));
    case TMOI_UNARY_TANH: return store(q, tanhf(x));
    case TMOI_UNARY_ELU: return store(q, x < 0.0f ? expm1f(x) : x);
    case TMOI_UNARY_GELU: return store(q, 0.5f * x * erfcf(-x * 0.70710678f));
    case TMOI_UNARY_GELU_TANH:
        return store(q, 0.5f * x * (1.0f + tanhf(0.79788456f * (x + 0.044715f * x * x * x))));
    case TMOI_UNARY_EXP: return store(q, expf(x));
    case TMOI_UNARY_LOG: return x > 0.0f ? store(q, logf(x)) : q->low;
    default: return q->zero_out;
    }
}

void tmoi_unary_table_x8(const tmoi_unary_quant *q, uint8_t table[256])
{
    int32_t first = q->type == TMO_TYPE_INT8 ? INT8_MIN : 0;
    for (int32_t stored = first; stored < first + 256; stored++)
        table[stored & 0xff] = (uint8_t)tmoi_unary_quantized_element(q, stored);
}

void tmoi_lookup_x8_c(const uint8_t table[256], const uint8_t *in, uint8_t *out, int64_t count)
{
    for (int64_t k = 0; k < count; k++) out[k] = table[in[k]];
}
