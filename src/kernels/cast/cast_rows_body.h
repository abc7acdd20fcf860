/* Casts between the types that models cast between, compiled once for each instruction set: TMOI_CAST_ROWS is the variant's name. */
#include <stddef.h>

#include "base/compiler.h"
#include "kernels/cast/cast.h"
#include "kernels/common/exp.h"

#define CAST(name, from, to, apply)                             \
    static void name(const void *in, void *out, int64_t count)  \
    {                                                           \
        const from *x = in;                                     \
        to *y = out;                                            \
        TMOI_INDEPENDENT_LOOP                                   \
        for (int64_t k = 0; k < count; k++) y[k] = (to)(apply); \
    }

/* Toward zero, within [low, high]; NaN gives 0. */
static inline int32_t whole(float x, float low, float high)
{
    x = tmoi_select_f32(x == x, x, 0.0f);
    x = tmoi_select_f32(x < low, low, x);
    return (int32_t)tmoi_select_f32(x > high, high, x);
}

/* The largest float below 2^31 is less than INT32_MAX. */
static inline int32_t whole_s32(float x)
{
    int32_t near = whole(x, -0x1p31f, 2147483520.0f);
    return x >= 0x1p31f ? INT32_MAX : near;
}

CAST(u8_to_f32, uint8_t, float, x[k])
CAST(s8_to_f32, int8_t, float, x[k])
CAST(s16_to_f32, int16_t, float, x[k])
CAST(s32_to_f32, int32_t, float, x[k])
CAST(f32_to_u8, float, uint8_t, whole(x[k], 0.0f, 255.0f))
CAST(f32_to_s8, float, int8_t, whole(x[k], -128.0f, 127.0f))
CAST(f32_to_s16, float, int16_t, whole(x[k], -32768.0f, 32767.0f))
CAST(f32_to_s32, float, int32_t, whole_s32(x[k]))
CAST(f32_to_bool, float, uint8_t, x[k] != 0.0f)
CAST(s32_to_bool, int32_t, uint8_t, x[k] != 0)
CAST(u8_to_s32, uint8_t, int32_t, x[k])
CAST(s32_to_s64, int32_t, int64_t, x[k])
CAST(s64_to_s32, int64_t, int32_t, x[k])

static tmoi_cast_function from_f32(tmo_type to)
{
    switch (to) {
    case TMO_TYPE_UINT8: return f32_to_u8;
    case TMO_TYPE_INT8: return f32_to_s8;
    case TMO_TYPE_INT16: return f32_to_s16;
    case TMO_TYPE_INT32: return f32_to_s32;
    case TMO_TYPE_BOOL: return f32_to_bool;
    default: return NULL;
    }
}

static tmoi_cast_function to_f32(tmo_type from)
{
    switch (from) {
    case TMO_TYPE_UINT8:
    case TMO_TYPE_BOOL: return u8_to_f32;
    case TMO_TYPE_INT8: return s8_to_f32;
    case TMO_TYPE_INT16: return s16_to_f32;
    case TMO_TYPE_INT32: return s32_to_f32;
    default: return NULL;
    }
}

tmoi_cast_function TMOI_CAST_ROWS(tmo_type from, tmo_type to)
{
    if (from == TMO_TYPE_FLOAT32) return from_f32(to);
    if (to == TMO_TYPE_FLOAT32) return to_f32(from);
    if (from == TMO_TYPE_INT64 && to == TMO_TYPE_INT32) return s64_to_s32;
    if (from == TMO_TYPE_INT32 && to == TMO_TYPE_INT64) return s32_to_s64;
    if (from == TMO_TYPE_INT32 && to == TMO_TYPE_BOOL) return s32_to_bool;
    if (to == TMO_TYPE_INT32 && (from == TMO_TYPE_UINT8 || from == TMO_TYPE_BOOL)) return u8_to_s32;
    return NULL;
}
