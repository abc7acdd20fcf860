#include "kernels/affine/affine.h"

#include <math.h>

#include "base/shape.h"

int32_t tmoi_lowest(tmo_type type)
{
    return type == TMO_TYPE_UINT8   ? 0
           : type == TMO_TYPE_INT8  ? INT8_MIN
           : type == TMO_TYPE_INT16 ? INT16_MIN
                                    : INT32_MIN;
}

int32_t tmoi_highest(tmo_type type)
{
    return type == TMO_TYPE_UINT8   ? UINT8_MAX
           : type == TMO_TYPE_INT8  ? INT8_MAX
           : type == TMO_TYPE_INT16 ? INT16_MAX
                                    : INT32_MAX;
}

void tmoi_quantize_channels(const tmoi_affine *a, tmo_type type, tmoi_quantize_rows_function rows,
                            const float *in, void *out)
{
    size_t run_bytes = tmoi_type_bytes(type, a->inner);
    unsigned char *to = out;
    for (int64_t o = 0; o < a->outer; o++)
        for (int64_t c = 0; c < a->channels; c++, in += a->inner, to += run_bytes)
            rows(type, a->scale[c], (int32_t)a->zero_point[c], in, to, a->inner);
}

/* Element k of packed elements of `bits` bits, the low ones first. */
static int32_t packed(const uint8_t *in, int64_t k, uint32_t bits, bool is_signed)
{
    uint32_t per_byte = 8 / bits, mask = (1u << bits) - 1;
    uint32_t raw = (uint32_t)in[k / per_byte] >> (uint32_t)(k % per_byte) * bits & mask;
    return is_signed && raw >> (bits - 1) ? (int32_t)raw - (int32_t)(mask + 1) : (int32_t)raw;
}

static int64_t stored_at(tmo_type type, const void *in, int64_t k)
{
    switch (type) {
    case TMO_TYPE_INT16: return ((const int16_t *)in)[k];
    case TMO_TYPE_INT32: return ((const int32_t *)in)[k];
    case TMO_TYPE_INT4: return packed(in, k, 4, true);
    case TMO_TYPE_UINT4: return packed(in, k, 4, false);
    case TMO_TYPE_INT2: return packed(in, k, 2, true);
    case TMO_TYPE_UINT8: return ((const uint8_t *)in)[k];
    default: return ((const int8_t *)in)[k];
    }
}

static bool has_rows(tmo_type type)
{
    return type == TMO_TYPE_INT8 || type == TMO_TYPE_UINT8 || type == TMO_TYPE_INT16;
}

void tmoi_dequantize_channels(const tmoi_affine *a, tmo_type type, tmoi_dequantize_rows_function rows,
                              const void *in, float *out, int64_t begin, int64_t end)
{
    bool by_rows = has_rows(type) && a->inner > 1;
    int64_t channel = begin / a->inner % a->channels, left = a->inner - begin % a->inner;
    for (int64_t k = begin; k < end; left = a->inner) {
        float scale = a->scale[channel];
        int64_t zero = a->zero_point[channel], stop = left < end - k ? k + left : end;
        if (by_rows)
            rows(type, scale, (int32_t)zero, (const uint8_t *)in + tmoi_type_bytes(type, k), out + k,
                 stop - k);
        else
            for (int64_t j = k; j < stop; j++) out[j] = scale * (float)(stored_at(type, in, j) - zero);
        k = stop;
        channel = channel + 1 == a->channels ? 0 : channel + 1;
    }
}

void tmoi_requantize_elements(const tmoi_requantize *r, const void *in, void *out, int64_t count)
{
    int32_t low = tmoi_lowest(r->out_type), high = tmoi_highest(r->out_type);
    for (int64_t k = 0; k < count; k++) {
        uint32_t shifted = (uint32_t)stored_at(r->in_type, in, k) -
                           (uint32_t)r->zero_in; /* wraps, as the reference does */
        int64_t value = (int64_t)tmoi_multiply((int32_t)shifted, r->scale) + r->zero_out;
        int32_t stored = value < low ? low : value > high ? high : (int32_t)value;
        if (r->out_type == TMO_TYPE_INT8)
            ((int8_t *)out)[k] = (int8_t)stored;
        else if (r->out_type == TMO_TYPE_UINT8)
            ((uint8_t *)out)[k] = (uint8_t)stored;
        else if (r->out_type == TMO_TYPE_INT16)
            ((int16_t *)out)[k] = (int16_t)stored;
        else
            ((int32_t *)out)[k] = stored;
    }
}

tmoi_fake_quant tmoi_fake_quant_of(float min, float max, int32_t bits, bool narrow_range)
{
    float steps_low = narrow_range ? 1.0f : 0.0f, steps_high = (float)((1 << bits) - 1);
    float scale = (max - min) / (steps_high - steps_low);
    float from_min = steps_low - min / scale;
    float zero_point = from_min < steps_low    ? steps_low
                       : from_min > steps_high ? steps_high
                                               : roundf(from_min);
    return (tmoi_fake_quant){(steps_low - zero_point) * scale, (steps_high - zero_point) * scale, scale};
}

void tmoi_fake_quant_elements(const tmoi_fake_quant *grid, const float *in, float *out, int64_t count)
{
    float inverse = 1.0f / grid->scale;
    for (int64_t k = 0; k < count; k++) {
        float clamped = tmoi_clamp_f32(in[k], grid->low, grid->high);
        out[k] = roundf((clamped - grid->low) * inverse) * grid->scale + grid->low;
    }
}
