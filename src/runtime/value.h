/* Small helpers that read the values of a running session. */
#ifndef TMOI_RUNTIME_VALUE_H
#define TMOI_RUNTIME_VALUE_H

#include "runtime/op.h"

/* A value whose data are known, as shape inference sees it. */
static inline tmoi_infer_input tmoi_value_as_input(const tmoi_value *value)
{
    return (tmoi_infer_input){true, value->type, value->shape, value->data, value->quant};
}

/* Element k of an int64, int32 or int16 value. */
static inline int64_t tmoi_value_int(const tmoi_value *value, int64_t k)
{
    tmoi_infer_input input = tmoi_value_as_input(value);
    return tmoi_infer_value(&input, k);
}

/* Bytes of one element; 1 for types of less than a byte, which are moved unpacked. */
static inline size_t tmoi_value_elem_bytes(const tmoi_value *value)
{
    return (tmo_type_bits(value->type) + 7) / 8;
}

static inline int64_t tmoi_value_count(const tmoi_value *value)
{
    return tmoi_shape_count(&value->shape);
}

/* The distance in bytes between neighbours along each dimension of a dense array. */
static inline void tmoi_strides(const tmoi_shape *shape, size_t elem_bytes, int64_t *strides)
{
    int64_t stride = (int64_t)elem_bytes;
    for (int32_t k = shape->rank - 1; k >= 0; k--) {
        strides[k] = stride;
        stride *= shape->dims[k];
    }
}

#endif
