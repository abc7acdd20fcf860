#include "kernels/cast/cast.h"

#include <math.h>

#include "base/fp16.h"

/* Elements pass through one of two wide forms, a block at a time: integers through int64 (uint64 keeps its bits), floats through
 * double. */
enum { BLOCK = 256 };

static bool is_float(tmo_type type)
{
    return type == TMO_TYPE_FLOAT16 || type == TMO_TYPE_BFLOAT16 || type == TMO_TYPE_FLOAT32 ||
           type == TMO_TYPE_FLOAT64 || type == TMO_TYPE_COMPLEX64;
}

#define LOAD(ctype, expression)                                    \
    do {                                                           \
        const ctype *from = in;                                    \
        for (int64_t k = 0; k < count; k++) out[k] = (expression); \
    } while (0)
#define X from[begin + k]

static void load_floats(tmo_type type, const void *in, int64_t begin, int64_t count, double *out)
{
    switch (type) {
    case TMO_TYPE_FLOAT16: LOAD(uint16_t, (double)tmoi_fp16_to_float(X)); break;
    case TMO_TYPE_BFLOAT16: LOAD(uint16_t, (double)tmoi_bf16_to_float(X)); break;
    case TMO_TYPE_FLOAT64: LOAD(double, X); break;
    case TMO_TYPE_COMPLEX64: LOAD(float, (double)from[2 * (begin + k)]); break;
    default: LOAD(float, (double)X); break;
    }
}

static int64_t nibble(uint8_t byte, int64_t k)
{
    int32_t raw = k % 2 ? byte >> 4 : byte & 15;
    return raw > 7 ? raw - 16 : raw;
}

static void load_integers(tmo_type type, const void *in, int64_t begin, int64_t count, int64_t *out)
{
    switch (type) {
    case TMO_TYPE_INT4: LOAD(uint8_t, nibble(from[(begin + k) / 2], begin + k)); break;
    case TMO_TYPE_INT8: LOAD(int8_t, X); break;
    case TMO_TYPE_INT16: LOAD(int16_t, X); break;
    case TMO_TYPE_UINT16: LOAD(uint16_t, X); break;
    case TMO_TYPE_INT32: LOAD(int32_t, X); break;
    case TMO_TYPE_UINT32: LOAD(uint32_t, X); break;
    case TMO_TYPE_INT64: LOAD(int64_t, X); break;
    case TMO_TYPE_UINT64: LOAD(uint64_t, (int64_t)X); break;
    default: LOAD(uint8_t, X); break; /* uint8 and bool */
    }
}

#undef X
#define STORE(ctype, expression)                                  \
    do {                                                          \
        ctype *to = (ctype *)out + begin;                         \
        for (int64_t k = 0; k < count; k++) to[k] = (expression); \
    } while (0)

static void store_complex(float *out, int64_t begin, int64_t k, float real)
{
    out[2 * (begin + k)] = real;
    out[2 * (begin + k) + 1] = 0.0f;
}

static int64_t whole(double x, double low, double high, int64_t lowest, int64_t highest)
{
    return isnan(x) ? 0 : x <= low ? lowest : x >= high ? highest : (int64_t)x;
}

static uint64_t whole_u64(double x)
{
    return !(x > 0) ? 0 : x >= 0x1p64 ? UINT64_MAX : (uint64_t)x;
}

static void store_floats(tmo_type type, const double *in, void *out, int64_t begin, int64_t count)
{
    switch (type) {
    case TMO_TYPE_FLOAT16: STORE(uint16_t, tmoi_fp16_from_float((float)in[k])); break;
    case TMO_TYPE_BFLOAT16: STORE(uint16_t, tmoi_bf16_from_float((float)in[k])); break;
    case TMO_TYPE_FLOAT32: STORE(float, (float)in[k]); break;
    case TMO_TYPE_FLOAT64: STORE(double, in[k]); break;
    case TMO_TYPE_COMPLEX64:
        for (int64_t k = 0; k < count; k++) store_complex(out, begin, k, (float)in[k]);
        break;
    case TMO_TYPE_BOOL: STORE(uint8_t, in[k] != 0); break;
    case TMO_TYPE_INT8: STORE(int8_t, (int8_t)whole(in[k], -128, 127, INT8_MIN, INT8_MAX)); break;
    case TMO_TYPE_UINT8: STORE(uint8_t, (uint8_t)whole(in[k], 0, 255, 0, UINT8_MAX)); break;
    case TMO_TYPE_INT16: STORE(int16_t, (int16_t)whole(in[k], -32768, 32767, INT16_MIN, INT16_MAX)); break;
    case TMO_TYPE_UINT16: STORE(uint16_t, (uint16_t)whole(in[k], 0, 65535, 0, UINT16_MAX)); break;
    case TMO_TYPE_INT32:
        STORE(int32_t, (int32_t)whole(in[k], -0x1p31, 0x1p31 - 1, INT32_MIN, INT32_MAX));
        break;
    case TMO_TYPE_UINT32: STORE(uint32_t, (uint32_t)whole(in[k], 0, 0x1p32 - 1, 0, UINT32_MAX)); break;
    case TMO_TYPE_UINT64: STORE(uint64_t, whole_u64(in[k])); break;
    default: STORE(int64_t, whole(in[k], -0x1p63, 0x1p63, INT64_MIN, INT64_MAX)); break;
    }
}

static void store_integers(tmo_type type, const int64_t *in, void *out, int64_t begin, int64_t count)
{
    switch (type) {
    case TMO_TYPE_FLOAT16: STORE(uint16_t, tmoi_fp16_from_float((float)in[k])); break;
    case TMO_TYPE_BFLOAT16: STORE(uint16_t, tmoi_bf16_from_float((float)in[k])); break;
    case TMO_TYPE_FLOAT32: STORE(float, (float)in[k]); break;
    case TMO_TYPE_FLOAT64: STORE(double, (double)in[k]); break;
    case TMO_TYPE_COMPLEX64:
        for (int64_t k = 0; k < count; k++) store_complex(out, begin, k, (float)in[k]);
        break;
    case TMO_TYPE_BOOL: STORE(uint8_t, in[k] != 0); break;
    case TMO_TYPE_INT8: STORE(int8_t, (int8_t)in[k]); break;
    case TMO_TYPE_UINT8: STORE(uint8_t, (uint8_t)in[k]); break;
    case TMO_TYPE_INT16: STORE(int16_t, (int16_t)in[k]); break;
    case TMO_TYPE_UINT16: STORE(uint16_t, (uint16_t)in[k]); break;
    case TMO_TYPE_INT32: STORE(int32_t, (int32_t)in[k]); break;
    case TMO_TYPE_UINT32: STORE(uint32_t, (uint32_t)in[k]); break;
    case TMO_TYPE_UINT64: STORE(uint64_t, (uint64_t)in[k]); break;
    default: STORE(int64_t, in[k]); break;
    }
}

void tmoi_cast(tmo_type from, tmo_type to, const void *in, void *out, int64_t count)
{
    for (int64_t begin = 0; begin < count; begin += BLOCK) {
        int64_t block = count - begin < BLOCK ? count - begin : BLOCK;
        if (is_float(from)) {
            double wide[BLOCK];
            load_floats(from, in, begin, block, wide);
            store_floats(to, wide, out, begin, block);
        } else {
            int64_t wide[BLOCK];
            load_integers(from, in, begin, block, wide);
            store_integers(to, wide, out, begin, block);
        }
    }
}
