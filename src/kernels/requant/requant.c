#include "kernels/requant/requant.h"

/* The common case of int8 and uint8: 32-bit fixed point. The same bits as tmoi_multiply(), without
 * branches: the high multiplication rounds halves up, the shift rounds them away from zero. */
static inline int32_t scale_fast(int32_t x, tmoi_multiplier m)
{
    int32_t left = m.shift > 0 ? m.shift : 0, right = m.shift > 0 ? 0 : -m.shift;
    int64_t high = ((int64_t)tmoi_shift_left(x, left) * m.value + ((int64_t)1 << 30)) >> 31;
    int64_t half = ((int64_t)1 << right) >> 1, away = right > 0 && high < 0;
    return (int32_t)((high + half - away) >> right);
}

static inline int32_t finish_fast(const tmoi_requant *r, int32_t n, int32_t sum)
{
    uint32_t biased = (uint32_t)sum + (r->bias ? (uint32_t)r->bias[n] : 0);
    int64_t stored = (int64_t)scale_fast((int32_t)biased, r->multiplier[n]) + r->zero_point;
    return (int32_t)(stored < r->low ? r->low : stored > r->high ? r->high : stored);
}

static int32_t scale_sum(const tmoi_requant *r, int32_t n, int64_t sum)
{
    if (r->real) {
        double scaled = round((double)sum * r->real[n]);
        return scaled <= INT32_MIN ? INT32_MIN : scaled >= INT32_MAX ? INT32_MAX : (int32_t)scaled;
    }
    return r->wide ? tmoi_multiply_64(sum, r->multiplier[n])
                   : scale_fast((int32_t)(uint32_t)sum, r->multiplier[n]);
}

static int32_t finish(const tmoi_requant *r, int32_t n, int64_t sum)
{
    if (r->bias) sum = (int64_t)((uint64_t)sum + (uint64_t)r->bias[n]);
    if (!r->wide) sum = (int32_t)(uint32_t)sum;
    int64_t stored = (int64_t)scale_sum(r, n, sum) + r->zero_point;
    return stored < r->low ? r->low : stored > r->high ? r->high : (int32_t)stored;
}

/* `restrict` and the copy tell the compiler that stored bytes are not the parameters. */
static void requant_bytes(const tmoi_requant *params, int32_t first, int32_t count, const int32_t *sum,
                          uint8_t *restrict out)
{
    const tmoi_requant r = *params;
    if (r.real || r.wide)
        for (int32_t k = 0; k < count; k++) out[k] = (uint8_t)finish(&r, first + k, sum[k]);
    else
        for (int32_t k = 0; k < count; k++) out[k] = (uint8_t)finish_fast(&r, first + k, sum[k]);
}

void tmoi_requant_s32(const tmoi_requant *r, int32_t first, int32_t count, const int32_t *sum, void *out)
{
    if (r->type != TMO_TYPE_INT16) {
        requant_bytes(r, first, count, sum, out);
        return;
    }
    for (int32_t k = 0; k < count; k++) ((int16_t *)out)[k] = (int16_t)finish(r, first + k, sum[k]);
}

void tmoi_requant_s64(const tmoi_requant *r, int32_t first, int32_t count, const int64_t *sum, void *out)
{
    assert(r->type == TMO_TYPE_INT16);
    for (int32_t k = 0; k < count; k++) ((int16_t *)out)[k] = (int16_t)finish(r, first + k, sum[k]);
}

void tmoi_scale_f32(int32_t count, const int32_t *sum, float row_scale, const float *scale, const float *bias,
                    float low, float high, float *out)
{
    for (int32_t k = 0; k < count; k++) {
        float scaled = (float)sum[k] * (row_scale * scale[k]) + (bias ? bias[k] : 0.0f);
        out[k] = tmoi_clamp_f32(scaled, low, high);
    }
}
