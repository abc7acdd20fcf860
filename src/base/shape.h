/* The shape of a tensor: rank and dimensions, row-major, outermost first. */
#ifndef TMOI_BASE_SHAPE_H
#define TMOI_BASE_SHAPE_H

#include "base/error.h"
#include "tmo/types.h"

typedef struct tmoi_shape {
    int32_t rank; /* 0 for a scalar */
    int32_t dims[TMO_MAX_RANK];
} tmoi_shape;

static inline bool tmoi_shape_equal(const tmoi_shape *a, const tmoi_shape *b)
{
    if (a->rank != b->rank) return false;
    for (int32_t k = 0; k < a->rank; k++)
        if (a->dims[k] != b->dims[k]) return false;
    return true;
}

/* Number of elements of a shape known to be valid (see tmoi_shape_count_checked). */
static inline int64_t tmoi_shape_count(const tmoi_shape *shape)
{
    int64_t count = 1;
    for (int32_t k = 0; k < shape->rank; k++) count *= shape->dims[k];
    return count;
}

/* Product of dims[begin .. end-1] of a valid shape. */
static inline int64_t tmoi_shape_product(const tmoi_shape *shape, int32_t begin, int32_t end)
{
    int64_t count = 1;
    for (int32_t k = begin; k < end; k++) count *= shape->dims[k];
    return count;
}

/* Number of elements; false when a dimension is negative or the product of those that are not 0 does not fit in 48 bits, so that
 * products of a part of the dimensions fit too. */
bool tmoi_shape_count_checked(const tmoi_shape *shape, int64_t *count);

/* Bytes that `count` elements of `type` take (4-bit and 2-bit types packed); 0 for string and variant. A resource is the int32 id
 * of what it stands for. */
size_t tmoi_type_bytes(tmo_type type, int64_t count);

/* "1x28x28x1", or "scalar". */
typedef struct tmoi_shape_text {
    char text[TMO_MAX_RANK * 12];
} tmoi_shape_text;
tmoi_shape_text tmoi_shape_format(const tmoi_shape *shape);

/* Turns a possibly negative axis into [0, rank); false when it is out of range. */
static inline bool tmoi_axis_normalize(int32_t axis, int32_t rank, int32_t *out)
{
    *out = axis < 0 ? axis + rank : axis;
    return *out >= 0 && *out < rank;
}

/* The NumPy broadcast of two shapes; false when they do not match. */
bool tmoi_shape_broadcast(const tmoi_shape *a, const tmoi_shape *b, tmoi_shape *out);

#endif
