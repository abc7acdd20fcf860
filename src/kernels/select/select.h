/* Element-wise choice with broadcasting.
 *
 *   out[i] = condition[i] ? a[i] : b[i]   for all i in [0, dims), out dense and row-major
 *
 * Strides are in bytes, 0 where an input repeats; an element is elem_bytes bytes of any type. Exact by nature. */
#ifndef TMOI_KERNELS_SELECT_SELECT_H
#define TMOI_KERNELS_SELECT_SELECT_H

#include <stddef.h>
#include <stdint.h>

enum { TMOI_SELECT_MAX_RANK = 8 };

typedef struct tmoi_select_shape {
    int32_t rank;
    int64_t dims[TMOI_SELECT_MAX_RANK];
    int64_t condition_stride[TMOI_SELECT_MAX_RANK], a_stride[TMOI_SELECT_MAX_RANK],
        b_stride[TMOI_SELECT_MAX_RANK];
    size_t elem_bytes;
} tmoi_select_shape;

typedef void (*tmoi_select_function)(const tmoi_select_shape *shape, const uint8_t *condition, const void *a,
                                     const void *b, void *out);

void tmoi_select_c(const tmoi_select_shape *shape, const uint8_t *condition, const void *a, const void *b,
                   void *out);

#endif
