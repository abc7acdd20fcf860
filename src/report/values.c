#include "report/values.h"

#include <math.h>
#include <string.h>

#include "base/fp16.h"

bool tmoi_type_is_float(tmo_type type)
{
    return type == TMO_TYPE_FLOAT32 || type == TMO_TYPE_FLOAT16 || type == TMO_TYPE_BFLOAT16 ||
           type == TMO_TYPE_FLOAT64;
}

bool tmoi_type_is_real(tmo_type type)
{
    switch (type) {
    case TMO_TYPE_STRING:
    case TMO_TYPE_COMPLEX64:
    case TMO_TYPE_COMPLEX128:
    case TMO_TYPE_RESOURCE:
    case TMO_TYPE_VARIANT:
    case TMO_TYPE_FLOAT8_E4M3FN:
    case TMO_TYPE_FLOAT8_E5M2: return false;
    default: return tmo_type_bits(type) != 0;
    }
}

/* `bits` of element k of a packed array, the first element in the low bits. */
static uint32_t packed(const void *data, int64_t k, uint32_t bits)
{
    uint32_t per_byte = 8 / bits;
    uint32_t byte = ((const uint8_t *)data)[(uint64_t)k / per_byte];
    return byte >> ((uint64_t)k % per_byte * bits) & ((1u << bits) - 1);
}

static double sign_extended(uint32_t value, uint32_t bits)
{
    int32_t half = 1 << (bits - 1);
    return (double)(((int32_t)value ^ half) - half);
}

#define AT(ctype)                                                                    \
    do {                                                                             \
        ctype value;                                                                 \
        memcpy(&value, (const char *)data + (size_t)k * sizeof value, sizeof value); \
        return (double)value;                                                        \
    } while (0)

static uint16_t half_at(const void *data, int64_t k)
{
    uint16_t half;
    memcpy(&half, (const char *)data + 2 * (size_t)k, sizeof half);
    return half;
}

double tmoi_stored_value(tmo_type type, const void *data, int64_t k)
{
    switch (type) {
    case TMO_TYPE_FLOAT32: AT(float);
    case TMO_TYPE_FLOAT64: AT(double);
    case TMO_TYPE_INT8: AT(int8_t);
    case TMO_TYPE_UINT8:
    case TMO_TYPE_BOOL: AT(uint8_t);
    case TMO_TYPE_INT16: AT(int16_t);
    case TMO_TYPE_UINT16: AT(uint16_t);
    case TMO_TYPE_INT32: AT(int32_t);
    case TMO_TYPE_UINT32: AT(uint32_t);
    case TMO_TYPE_INT64: AT(int64_t);
    case TMO_TYPE_UINT64: AT(uint64_t);
    case TMO_TYPE_FLOAT16: return (double)tmoi_fp16_to_float(half_at(data, k));
    case TMO_TYPE_BFLOAT16: return (double)tmoi_bf16_to_float(half_at(data, k));
    case TMO_TYPE_INT4: return sign_extended(packed(data, k, 4), 4);
    case TMO_TYPE_UINT4: return (double)packed(data, k, 4);
    case TMO_TYPE_INT2: return sign_extended(packed(data, k, 2), 2);
    default: return 0;
    }
}

/* Which entry of the quantization arrays element k uses. */
static int64_t channel_of(const tmoi_elements *elements, int64_t inner, int64_t k)
{
    return elements->quant->count == 1 ? 0 : k / inner % elements->quant->count;
}

void tmoi_real_values(const tmoi_elements *elements, int64_t begin, int64_t count, float *out)
{
    const tmoi_quant *quant = elements->quant;
    if (elements->type == TMO_TYPE_FLOAT32) {
        memcpy(out, (const float *)elements->data + begin, (size_t)count * sizeof *out);
        return;
    }
    bool is_quantized = quant->count > 0 &&
                        quant->dimension < elements->shape->rank + (elements->shape->rank == 0);
    int64_t inner = 1;
    if (is_quantized && quant->count > 1)
        inner = tmoi_shape_product(elements->shape, quant->dimension + 1, elements->shape->rank);
    if (inner < 1) inner = 1;
    for (int64_t k = 0; k < count; k++) {
        double value = tmoi_stored_value(elements->type, elements->data, begin + k);
        if (is_quantized && !tmoi_type_is_float(elements->type)) {
            int64_t channel = channel_of(elements, inner, begin + k);
            value = (double)quant->scale[channel] * (value - (double)quant->zero_point[channel]);
        }
        out[k] = (float)value;
    }
}

static double clamped(double value, double low, double high)
{
    if (isnan(value)) return 0;
    return value < low ? low : value > high ? high : value;
}

#define STORE(ctype, low, high)                                                   \
    do {                                                                          \
        ctype stored = (ctype)clamped(round(value), low, high);                   \
        memcpy((char *)data + (size_t)k * sizeof stored, &stored, sizeof stored); \
    } while (0)

static void store(double value, tmo_type type, void *data, int64_t k)
{
    switch (type) {
    case TMO_TYPE_INT8: STORE(int8_t, -128, 127); break;
    case TMO_TYPE_UINT8: STORE(uint8_t, 0, 255); break;
    case TMO_TYPE_INT16: STORE(int16_t, -32768, 32767); break;
    case TMO_TYPE_UINT16: STORE(uint16_t, 0, 65535); break;
    case TMO_TYPE_INT32: STORE(int32_t, -2147483648.0, 2147483647.0); break;
    case TMO_TYPE_UINT32: STORE(uint32_t, 0, 4294967295.0); break;
    case TMO_TYPE_INT64: STORE(int64_t, -9e18, 9e18); break;
    case TMO_TYPE_UINT64: STORE(uint64_t, 0, 1.8e19); break;
    case TMO_TYPE_BOOL: ((uint8_t *)data)[k] = value != 0; break;
    case TMO_TYPE_FLOAT64: memcpy((char *)data + (size_t)k * sizeof value, &value, sizeof value); break;
    case TMO_TYPE_FLOAT16: {
        uint16_t half = tmoi_fp16_from_float((float)value);
        memcpy((char *)data + 2 * (size_t)k, &half, sizeof half);
        break;
    }
    default: break;
    }
}

void tmoi_store_values(const float *values, int64_t count, tmo_type type, const tmoi_quant *quant, void *data,
                       int64_t begin)
{
    double inverse = 1, shift = 0;
    if (type == TMO_TYPE_FLOAT32) {
        memcpy((float *)data + begin, values, (size_t)count * sizeof *values);
        return;
    }
    if (quant && quant->count == 1 && quant->scale[0] > 0 && !tmoi_type_is_float(type)) {
        inverse = 1.0 / (double)quant->scale[0];
        shift = (double)quant->zero_point[0];
    }
    for (int64_t k = 0; k < count; k++) store((double)values[k] * inverse + shift, type, data, begin + k);
}
