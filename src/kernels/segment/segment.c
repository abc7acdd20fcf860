#include "kernels/segment/segment.h"

#include <float.h>

/* `wide` is the unsigned type in which integers wrap, or float. */
#define COMBINE(name, ctype, wide)                                                                     \
    static ctype combine_##name(tmoi_segment_kind kind, ctype a, ctype b)                              \
    {                                                                                                  \
        switch (kind) {                                                                                \
        case TMOI_SEGMENT_SUM: return (ctype)((wide)a + (wide)b);                                      \
        case TMOI_SEGMENT_PROD: return (ctype)((wide)a * (wide)b);                                     \
        case TMOI_SEGMENT_MAX: return a < b ? b : a;                                                   \
        default: return b < a ? b : a;                                                                 \
        }                                                                                              \
    }                                                                                                  \
    static void combine_row_##name(tmoi_segment_kind kind, const ctype *in, ctype *out, int64_t count) \
    {                                                                                                  \
        for (int64_t k = 0; k < count; k++) out[k] = combine_##name(kind, out[k], in[k]);              \
    }
COMBINE(f32, float, float)
COMBINE(s8, int8_t, uint32_t)
COMBINE(s16, int16_t, uint32_t)
COMBINE(s32, int32_t, uint32_t)
COMBINE(s64, int64_t, uint64_t)
#undef COMBINE

void tmoi_segment_combine(tmoi_segment_kind kind, tmo_type type, const void *in, void *out, int64_t count)
{
    switch (type) {
    case TMO_TYPE_FLOAT32: combine_row_f32(kind, in, out, count); return;
    case TMO_TYPE_INT8: combine_row_s8(kind, in, out, count); return;
    case TMO_TYPE_INT16: combine_row_s16(kind, in, out, count); return;
    case TMO_TYPE_INT32: combine_row_s32(kind, in, out, count); return;
    default: combine_row_s64(kind, in, out, count); return;
    }
}

void tmoi_segment_start(tmoi_segment_kind kind, tmo_type type, void *out, int64_t count)
{
    static const float floats[] = {0.0f, 1.0f, -FLT_MAX, FLT_MAX};
    static const int32_t integers[] = {0, 1, INT32_MIN, INT32_MAX};
    for (int64_t k = 0; k < count; k++) {
        if (type == TMO_TYPE_FLOAT32)
            ((float *)out)[k] = floats[kind];
        else
            ((int32_t *)out)[k] = integers[kind];
    }
}

#define ADD(ctype, unsigned_type)       \
    for (int64_t k = 0; k < count; k++) \
    ((ctype *)out)[k] = (ctype)((unsigned_type)((ctype *)out)[k] + (unsigned_type)((const ctype *)in)[k])

void tmoi_segment_add(tmo_type type, const void *in, void *out, int64_t count)
{
    switch (type) {
    case TMO_TYPE_FLOAT32: ADD(float, float); return;
    case TMO_TYPE_INT8: ADD(int8_t, uint32_t); return;
    case TMO_TYPE_UINT8: ADD(uint8_t, uint32_t); return;
    case TMO_TYPE_INT16: ADD(int16_t, uint32_t); return;
    case TMO_TYPE_INT32: ADD(int32_t, uint32_t); return;
    case TMO_TYPE_INT64: ADD(int64_t, uint64_t); return;
    default: break;
    }
    for (int64_t k = 0; k < count; k++) ((uint8_t *)out)[k] = ((uint8_t *)out)[k] || ((const uint8_t *)in)[k];
}
#undef ADD
