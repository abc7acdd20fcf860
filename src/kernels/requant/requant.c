#include "kernels/requant/requant.h"

#include <stddef.h>

#include "kernels/requant/requant_value.h"

bool tmoi_requant_fill_lanes(int32_t count, const tmoi_multiplier *multiplier, uint32_t *memory,
                             tmoi_requant_lanes *out)
{
    uint32_t *value = memory, *power = memory + count, *mask = memory + 2 * (ptrdiff_t)count;
    *out = (tmoi_requant_lanes){NULL, NULL, NULL};
    for (int32_t n = 0; n < count; n++) {
        int32_t right = -multiplier[n].shift;
        if (right < 1 || right > 31) return false;
        value[n] = (uint32_t)multiplier[n].value;
        power[n] = 1u << (32 - right);
        mask[n] = (1u << right) - 1;
    }
    *out = (tmoi_requant_lanes){value, power, mask};
    return true;
}

/* tmoi_multiply() in unsigned 32-bit lanes. Adding 2^31 makes a number unsigned; a product of it has that
 * much too much, which is taken off again. The shift to the right is a multiplication too, since lanes
 * shift by one amount only. Its remainder decides the rounding: halves away from zero. */
static inline int32_t scale_lane(uint32_t x, uint32_t value, uint32_t power, uint32_t mask)
{
    const uint32_t bias = 0x80000000u;
    uint32_t high = (uint32_t)(((uint64_t)(x ^ bias) * value + (1u << 30)) >> 31) - value;
    uint32_t floor = (uint32_t)(((uint64_t)(high ^ bias) * power) >> 32) - (power >> 1);
    int32_t remainder = (int32_t)(high & mask), threshold = (int32_t)((mask >> 1) + (high >> 31));
    return (int32_t)floor + (remainder > threshold);
}

/* int8 and uint8 outputs, whose fixed point has 32 bits. The parameters are copied and `out` is restrict
 * so that the compiler knows that the stored bytes are none of them. */
static void requant_lanes(const tmoi_requant *params, int32_t first, int32_t count, const int32_t *sum,
                          uint8_t *restrict out)
{
    const tmoi_requant r = *params;
    const uint32_t *value = r.lanes.value + first, *power = r.lanes.power + first,
                   *mask = r.lanes.mask + first;
    const int64_t *bias = r.bias ? r.bias + first : NULL;
    for (int32_t k = 0; k < count; k++) {
        int32_t stored = scale_lane((uint32_t)sum[k] + (bias ? (uint32_t)bias[k] : 0), value[k], power[k],
                                    mask[k]) +
                         r.zero_point;
        stored = stored < r.low ? r.low : stored;
        out[k] = (uint8_t)(stored > r.high ? r.high : stored);
    }
}

static int32_t scale_sum(const tmoi_requant *r, int32_t n, int64_t sum)
{
    if (r->real) {
        double scaled = round((double)sum * r->real[n]);
        return scaled <= INT32_MIN ? INT32_MIN : scaled >= INT32_MAX ? INT32_MAX : (int32_t)scaled;
    }
    return r->wide ? tmoi_multiply_64(sum, r->multiplier[n])
                   : tmoi_multiply((int32_t)(uint32_t)sum, r->multiplier[n]);
}

static int32_t finish(const tmoi_requant *r, int32_t n, int64_t sum)
{
    if (r->bias) sum = (int64_t)((uint64_t)sum + (uint64_t)r->bias[n]);
    if (!r->wide) sum = (int32_t)(uint32_t)sum;
    int64_t stored = (int64_t)scale_sum(r, n, sum) + r->zero_point;
    return stored < r->low ? r->low : stored > r->high ? r->high : (int32_t)stored;
}

/* The default arithmetic. The sums wrap, and so does a bias of more than 32 bits. */
#define DEFINE_FLOAT_REQUANT(name, out_type)                                                       \
    static void name(const tmoi_requant *params, int32_t first, int32_t count, const int32_t *sum, \
                     out_type *restrict out)                                                       \
    {                                                                                              \
        const tmoi_requant_bounds bounds = tmoi_requant_bounds_of(params);                         \
        const float *scale = params->scale + first;                                                \
        const int64_t *bias = params->bias ? params->bias + first : NULL;                          \
        for (int32_t k = 0; k < count; k++)                                                        \
            out[k] = (out_type)tmoi_requant_value(                                                 \
                (int32_t)((uint32_t)sum[k] + (bias ? (uint32_t)bias[k] : 0)), scale[k], &bounds);  \
    }
DEFINE_FLOAT_REQUANT(requant_float_x8, uint8_t)
DEFINE_FLOAT_REQUANT(requant_float_s16, int16_t)

void tmoi_requant_s32(const tmoi_requant *r, int32_t first, int32_t count, const int32_t *sum, void *out)
{
    if (r->scale && r->type == TMO_TYPE_INT16)
        requant_float_s16(r, first, count, sum, out);
    else if (r->scale)
        requant_float_x8(r, first, count, sum, out);
    else if (r->type == TMO_TYPE_INT16)
        for (int32_t k = 0; k < count; k++) ((int16_t *)out)[k] = (int16_t)finish(r, first + k, sum[k]);
    else if (r->lanes.value)
        requant_lanes(r, first, count, sum, out);
    else
        for (int32_t k = 0; k < count; k++) ((uint8_t *)out)[k] = (uint8_t)finish(r, first + k, sum[k]);
}

static void requant_wide_s16(const tmoi_requant *params, int32_t first, int32_t count, const int64_t *sum,
                             int16_t *restrict out)
{
    const tmoi_requant_bounds bounds = tmoi_requant_bounds_of(params);
    for (int32_t k = 0; k < count; k++) {
        double bias = params->bias ? (double)params->bias[first + k] : 0.0;
        out[k] = (int16_t)tmoi_requant_real((float)((double)sum[k] + bias) * params->scale[first + k],
                                            &bounds);
    }
}

void tmoi_requant_s64(const tmoi_requant *r, int32_t first, int32_t count, const int64_t *sum, void *out)
{
    assert(r->type == TMO_TYPE_INT16);
    if (r->scale) {
        requant_wide_s16(r, first, count, sum, out);
        return;
    }
    for (int32_t k = 0; k < count; k++) ((int16_t *)out)[k] = (int16_t)finish(r, first + k, sum[k]);
}
