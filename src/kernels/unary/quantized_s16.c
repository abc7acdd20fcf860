#include <math.h>

#include "kernels/unary/quantized.h"

static int16_t saturate(double value)
{
    return value >= INT16_MAX ? INT16_MAX : value > INT16_MIN ? (int16_t)value : INT16_MIN;
}

void tmoi_table_points_f32(float (*f)(float x, const void *user), const void *user, float low, float high,
                           float out_low, float out_high, int16_t points[TMOI_TABLE_POINTS])
{
    const int32_t steps = TMOI_TABLE_POINTS - 1;
    float step = (high - low) / (float)steps, half_step = step / 2.0f,
          inverse = 65536.0f / (out_high - out_low);
    for (int32_t k = 0; k < steps; k++) {
        float here = f(low + (float)k * step, user), middle = f(low + (float)k * step + half_step, user);
        float next = f(low + (float)(k + 1) * step, user);
        float sample = roundf(here * inverse);
        float interpolated = roundf((next * inverse + roundf(here * inverse)) / 2.0f);
        float bias = roundf((interpolated - roundf(middle * inverse)) / 2.0f);
        points[k] = saturate((double)(sample - bias));
    }
    points[steps] = saturate((double)roundf(f(high, user) * inverse));
}

void tmoi_table_points_f64(double (*f)(double x), double low, double high, double out_low, double out_high,
                           int16_t points[TMOI_TABLE_POINTS])
{
    const int32_t steps = TMOI_TABLE_POINTS - 1;
    double step = (high - low) / steps, half_step = step / 2.0, inverse = 65536.0 / (out_high - out_low);
    for (int32_t k = 0; k < steps; k++) {
        double here = f(low + k * step), middle = f(low + k * step + half_step),
               next = f(low + (k + 1) * step);
        double sample = round(here * inverse);
        double interpolated = round((next * inverse + round(here * inverse)) / 2.0);
        double bias = round((interpolated - round(middle * inverse)) / 2.0);
        points[k] = saturate(sample - bias);
    }
    points[steps] = saturate(round(f(high) * inverse));
}

static float point_exp(float x, const void *user)
{
    (void)user;
    return expf(x);
}

static float point_log(float x, const void *user)
{
    const tmoi_unary_quant *q = user;
    return x > 0.0f ? logf(x) : (float)(INT16_MIN - q->zero_out) * q->scale_out;
}

static float point_rsqrt(float x, const void *user)
{
    const tmoi_unary_quant *q = user;
    return x > 0.0f ? 1.0f / sqrtf(x) : (float)INT16_MAX * q->scale_out;
}

static float point_gelu(float x, const void *user)
{
    (void)user;
    return 0.5f * x * erfcf(-x * 0.70710678f);
}

static float point_gelu_tanh(float x, const void *user)
{
    (void)user;
    return 0.5f * x * (1.0f + tanhf(0.79788456f * (x + 0.044715f * x * x * x)));
}

static float point_elu(float x, const void *user)
{
    (void)user;
    return x < 0.0f ? expm1f(x) : x;
}

static float point_hard_swish(float x, const void *user)
{
    (void)user;
    return x * tmoi_clamp_f32(x + 3.0f, 0.0f, 6.0f) / 6.0f;
}

void tmoi_unary_points_s16(const tmoi_unary_quant *q, int16_t *points)
{
    float (*f)(float, const void *) = point_exp;
    switch (q->kind) {
    case TMOI_UNARY_EXP: break;
    case TMOI_UNARY_LOG: f = point_log; break;
    case TMOI_UNARY_RSQRT: f = point_rsqrt; break;
    case TMOI_UNARY_GELU: f = point_gelu; break;
    case TMOI_UNARY_GELU_TANH: f = point_gelu_tanh; break;
    case TMOI_UNARY_ELU: f = point_elu; break;
    case TMOI_UNARY_HARD_SWISH: f = point_hard_swish; break;
    default: return;
    }
    tmoi_table_points_f32(f, q, q->scale_in * (float)(INT16_MIN - q->zero_in),
                          q->scale_in * (float)(INT16_MAX - q->zero_in),
                          q->scale_out * (float)(INT16_MIN - q->zero_out),
                          q->scale_out * (float)(INT16_MAX - q->zero_out), points);
}

/* The input in units of 1 / (3 · 4096) (of which 512 are a step of the sigmoid table), its sign and magnitude apart. */
static int32_t curve_input(const tmoi_unary_quant *q, int16_t x)
{
    int32_t round = q->curve_shift > 0 ? 1 << (q->curve_shift - 1) : 0;
    return (x * q->curve_multiplier + round) >> q->curve_shift;
}

/* A point of the sigmoid with `bits` more bits, interpolated; `size` counts steps of 2^-bits. */
static uint32_t interpolate(uint32_t size, uint32_t bits, uint32_t limit)
{
    uint32_t index = size >> bits;
    if (index >= 255) return limit;
    uint32_t low = tmoi_sigmoid_points[index], high = tmoi_sigmoid_points[index + 1];
    return (low << bits) + (size & ((1u << bits) - 1)) * (high - low);
}

static int16_t logistic(const tmoi_unary_quant *q, int16_t stored)
{
    int32_t x = curve_input(q, stored);
    uint32_t size = (uint32_t)(x < 0 ? -x : x), half = 1u << 9;
    uint32_t y = interpolate(size, 9, 0x7FFFu << 10);
    y = x >= 0 ? y + half : (1u << 25) - y + half - 1;
    return (int16_t)(y >> 10);
}

static int16_t hyperbolic_tangent(const tmoi_unary_quant *q, int16_t stored)
{
    int32_t x = curve_input(q, stored), one_half = 1 << 23, round = 1 << 7;
    uint32_t size = (uint32_t)(x < 0 ? -x : x);
    int32_t y = (int32_t)interpolate(size, 8, 0xFFFFu << 8);
    y = x >= 0 ? y - one_half + round : one_half - y + round - 1;
    return (int16_t)(y >> 8);
}

void tmoi_unary_quantized_s16(const tmoi_unary_quant *q, const int16_t *in, int16_t *out, int64_t count)
{
    switch (q->kind) {
    case TMOI_UNARY_LOGISTIC:
        for (int64_t k = 0; k < count; k++) out[k] = logistic(q, in[k]);
        return;
    case TMOI_UNARY_TANH:
        for (int64_t k = 0; k < count; k++) out[k] = hyperbolic_tangent(q, in[k]);
        return;
    case TMOI_UNARY_CLAMP:
    case TMOI_UNARY_LEAKY_RELU:
    case TMOI_UNARY_ABS:
    case TMOI_UNARY_SQRT:
        for (int64_t k = 0; k < count; k++) out[k] = (int16_t)tmoi_unary_quantized_element(q, in[k]);
        return;
    default:
        for (int64_t k = 0; k < count; k++) out[k] = tmoi_table_lookup_s16(in[k], q->points);
    }
}
