#include "kernels/requant/requant.h"

static int32_t scale_sum(const tmoi_requant *r, int32_t n, int64_t sum)
{
    if (r->real) {
        double scaled = round((double)sum * r->real[n]);
        return scaled <= INT32_MIN ? INT32_MIN : scaled >= INT32_MAX ? INT32_MAX : (int32_t)scaled;
    }
    return r->wide ? tmoi_multiply_64(sum, r->multiplier[n]) : tmoi_multiply((int32_t)(uint32_t)sum, r->multiplier[n]);
}

static int32_t finish(const tmoi_requant *r, int32_t n, int64_t sum)
{
    if (r->bias) sum = (int64_t)((uint64_t)sum + (uint64_t)r->bias[n]);
    if (!r->wide) sum = (int32_t)(uint32_t)sum;
    int64_t stored = (int64_t)scale_sum(r, n, sum) + r->zero_point;
    return stored < r->low ? r->low : stored > r->high ? r->high : (int32_t)stored;
}

void tmoi_requant_s32(const tmoi_requant *r, int32_t first, int32_t count, const int32_t *sum, void *out)
{
    switch (r->type) {
    case TMO_TYPE_INT8:
        for (int32_t k = 0; k < count; k++) ((int8_t *)out)[k] = (int8_t)finish(r, first + k, sum[k]);
        break;
    case TMO_TYPE_UINT8:
        for (int32_t k = 0; k < count; k++) ((uint8_t *)out)[k] = (uint8_t)finish(r, first + k, sum[k]);
        break;
    default:
        assert(r->type == TMO_TYPE_INT16);
        for (int32_t k = 0; k < count; k++) ((int16_t *)out)[k] = (int16_t)finish(r, first + k, sum[k]);
        break;
    }
}

void tmoi_requant_s64(const tmoi_requant *r, int32_t first, int32_t count, const int64_t *sum, void *out)
{
    assert(r->type == TMO_TYPE_INT16);
    for (int32_t k = 0; k < count; k++) ((int16_t *)out)[k] = (int16_t)finish(r, first + k, sum[k]);
}

void tmoi_scale_f32(int32_t count, const int32_t *sum, float row_scale, const float *scale, const float *bias, float low,
                    float high, float *out)
{
    for (int32_t k = 0; k < count; k++) {
        float scaled = (float)sum[k] * (row_scale * scale[k]) + (bias ? bias[k] : 0.0f);
        out[k] = tmoi_clamp_f32(scaled, low, high);
    }
}
