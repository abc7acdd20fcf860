#include "kernels/segment/segment.h"

#include <float.h>

static float combine_f32(tmoi_segment_kind kind, float a, float b)
{
    switch (kind) {
    case TMOI_SEGMENT_SUM: return a + b;
    case TMOI_SEGMENT_PROD: return a * b;
    case TMOI_SEGMENT_MAX: return a < b ? b : a;
    default: return b < a ? b : a;
    }
}

static int32_t combine_s32(tmoi_segment_kind kind, int32_t a, int32_t b)
{
    switch (kind) {
    case TMOI_SEGMENT_SUM: return (int32_t)((uint32_t)a + (uint32_t)b);
    case TMOI_SEGMENT_PROD: return (int32_t)((uint32_t)a * (uint32_t)b);
    case TMOI_SEGMENT_MAX: return a < b ? b : a;
    default: return b < a ? b : a;
    }
}

void tmoi_segment_combine(tmoi_segment_kind kind, tmo_type type, const void *in, void *out, int64_t count)
{
    if (type == TMO_TYPE_FLOAT32) {
        for (int64_t k = 0; k < count; k++)
            ((float *)out)[k] = combine_f32(kind, ((float *)out)[k], ((const float *)in)[k]);
        return;
    }
    for (int64_t k = 0; k < count; k++)
        ((int32_t *)out)[k] = combine_s32(kind, ((int32_t *)out)[k], ((const int32_t *)in)[k]);
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
