#include "kernels/affine/affine.h"

#include <math.h>

static int32_t lowest(tmo_type type)
{
    return type == TMO_TYPE_UINT8   ? 0
           : type == TMO_TYPE_INT8  ? INT8_MIN
           : type == TMO_TYPE_INT16 ? INT16_MIN
                                    : INT32_MIN;
}

static int32_t highest(tmo_type type)
{
    return type == TMO_TYPE_UINT8   ? UINT8_MAX
           : type == TMO_TYPE_INT8  ? INT8_MAX
           : type == TMO_TYPE_INT16 ? INT16_MAX
                                    : INT32_MAX;
}

static inline int32_t quantized(float real, float scale, float zero_point, float low, float high)
{
    float stored = roundf(real / scale) + zero_point;
    if (!(stored >= low)) return isnan(real) ? (int32_t)zero_point : (int32_t)low;
    return stored >= high ? (int32_t)high : (int32_t)stored;
}

#define QUANTIZE_RUN(ctype)                                                   \
    do {                                                                      \
        ctype *stored = (ctype *)out + at;                                    \
        for (int64_t k = 0; k < a->inner; k++)                                \
            stored[k] = (ctype)quantized(in[at + k], scale, zero, low, high); \
    } while (0)

void tmoi_quantize_elements(const tmoi_affine *a, tmo_type type, const float *in, void *out)
{
    float low = (float)lowest(type), high = (float)highest(type);
    int64_t at = 0;
    for (int64_t o = 0; o < a->outer; o++)
        for (int64_t c = 0; c < a->channels; c++, at += a->inner) {
            float scale = a->scale[c], zero = (float)a->zero_point[c];
            if (type == TMO_TYPE_INT8)
                QUANTIZE_RUN(int8_t);
            else if (type == TMO_TYPE_UINT8)
                QUANTIZE_RUN(uint8_t);
            else
                QUANTIZE_RUN(int16_t);
        }
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

#define DEQUANTIZE_RUN(element)                                                               \
    do {                                                                                      \
        for (int64_t k = 0; k < a->inner; k++) out[at + k] = scale * (float)((element)-zero); \
    } while (0)

void tmoi_dequantize_elements(const tmoi_affine *a, tmo_type type, const void *in, float *out)
{
    int64_t at = 0;
    for (int64_t o = 0; o < a->outer; o++)
        for (int64_t c = 0; c < a->channels; c++, at += a->inner) {
            float scale = a->scale[c];
            int32_t zero = (int32_t)a->zero_point[c];
            if (type == TMO_TYPE_INT8)
                DEQUANTIZE_RUN(((const int8_t *)in)[at + k]);
            else if (type == TMO_TYPE_UINT8)
                DEQUANTIZE_RUN(((const uint8_t *)in)[at + k]);
            else if (type == TMO_TYPE_INT16)
                DEQUANTIZE_RUN(((const int16_t *)in)[at + k]);
            else
                DEQUANTIZE_RUN(stored_at(type, in, at + k));
        }
}

void tmoi_requantize_elements(const tmoi_requantize *r, const void *in, void *out, int64_t count)
{
    int32_t low = lowest(r->out_type), high = highest(r->out_type);
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
