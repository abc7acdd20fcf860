#include "kernels/common/widen.h"

#include <assert.h>
#include <string.h>

#include "base/fp16.h"

/* Element k of packed signed elements of `bits` bits. */
static int32_t packed_element(const uint8_t *in, int64_t k, int32_t bits)
{
    int32_t per_byte = 8 / bits, shift = (int32_t)(k % per_byte) * bits, sign = 1 << (bits - 1);
    int32_t value = in[k / per_byte] >> shift & ((1 << bits) - 1);
    return (value ^ sign) - sign;
}

static void widen_packed(const uint8_t *in, int64_t first, int64_t count, int32_t bits, int32_t zero_point,
                         int16_t *out)
{
    for (int64_t k = 0; k < count; k++) out[k] = (int16_t)(packed_element(in, first + k, bits) - zero_point);
}

static void widen_s8(const int8_t *in, int64_t count, int32_t zero_point, int16_t *restrict out)
{
    for (int64_t k = 0; k < count; k++) out[k] = (int16_t)(in[k] - zero_point);
}

static void widen_u8(const uint8_t *in, int64_t count, int32_t zero_point, int16_t *restrict out)
{
    for (int64_t k = 0; k < count; k++) out[k] = (int16_t)(in[k] - zero_point);
}

void tmoi_widen(tmo_type type, const void *in, int64_t first, int64_t count, int32_t zero_point, int16_t *out)
{
    switch (type) {
    case TMO_TYPE_INT8: widen_s8((const int8_t *)in + first, count, zero_point, out); break;
    case TMO_TYPE_UINT8: widen_u8((const uint8_t *)in + first, count, zero_point, out); break;
    case TMO_TYPE_INT4: widen_packed(in, first, count, 4, zero_point, out); break;
    case TMO_TYPE_INT2: widen_packed(in, first, count, 2, zero_point, out); break;
    default:
        assert(type == TMO_TYPE_INT16 && zero_point == 0);
        memcpy(out, (const int16_t *)in + first, (size_t)count * sizeof *out);
        break;
    }
}

static void widen_halves(const uint16_t *in, ptrdiff_t stride, int64_t count, float *restrict out)
{
    if (stride == 1)
        for (int64_t k = 0; k < count; k++) out[k] = tmoi_fp16_to_float(in[k]);
    else
        for (int64_t k = 0; k < count; k++) out[k] = tmoi_fp16_to_float(in[k * stride]);
}

static void scale_s8(const int8_t *in, ptrdiff_t stride, int64_t count, float scale, float *restrict out)
{
    if (stride == 1)
        for (int64_t k = 0; k < count; k++) out[k] = (float)in[k] * scale;
    else
        for (int64_t k = 0; k < count; k++) out[k] = (float)in[k * stride] * scale;
}

void tmoi_widen_f32(tmo_type type, const void *in, int64_t first, ptrdiff_t stride, int64_t count,
                    float scale, float *out)
{
    switch (type) {
    case TMO_TYPE_FLOAT32:
        for (int64_t k = 0; k < count; k++) out[k] = ((const float *)in)[first + k * stride];
        break;
    case TMO_TYPE_FLOAT16: widen_halves((const uint16_t *)in + first, stride, count, out); break;
    case TMO_TYPE_INT8: scale_s8((const int8_t *)in + first, stride, count, scale, out); break;
    default:
        for (int64_t k = 0; k < count; k++) {
            int16_t element;
            tmoi_widen(type, in, first + k * stride, 1, 0, &element);
            out[k] = (float)element * scale;
        }
        break;
    }
}
