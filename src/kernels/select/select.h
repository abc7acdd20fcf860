/* Element-wise choice with broadcasting.
 *
 *   out[i] = condition[i] ? a[i] : b[i]   for all i in [0, dims), out dense and row-major
 *
 * Strides are in bytes, 0 where an input repeats; in the innermost dimension they are 0 or an element; an element is elem_bytes bytes of any type. Exact by nature. */
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

#define TMOI_SELECT_VARIANT(isa)                                                                    \
    void tmoi_select_##isa(const tmoi_select_shape *shape, const uint8_t *condition, const void *a, \
                           const void *b, void *out);
TMOI_SELECT_VARIANT(c)
TMOI_SELECT_VARIANT(avx2)
TMOI_SELECT_VARIANT(neon)
TMOI_SELECT_VARIANT(simd128)

/* Rewrites the shape into an equal one with fewer dimensions. */
void tmoi_select_simplify(tmoi_select_shape *shape);

#endif
