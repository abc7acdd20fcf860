/* A strided view of numbers in memory, as .npy and IDX files hold them: any element type, either byte order,
 * C or Fortran order. */
#ifndef TMOI_DATA_ARRAY_H
#define TMOI_DATA_ARRAY_H

#include "base/alloc.h"
#include "base/shape.h"

typedef struct tmoi_array {
    tmo_type type;                 /* a fixed-size type of whole bytes */
    bool is_swapped;               /* the bytes of an element are in the other order than this machine's */
    tmoi_shape shape;              /* its count of elements fits in 48 bits */
    int64_t strides[TMO_MAX_RANK]; /* in bytes */
    const uint8_t *data;           /* every element lies in memory that the maker of the view has checked */
    void *owned;                   /* memory that goes with the view, or NULL */
} tmoi_array;

/* A dense view, C order or (column-major) Fortran order. */
tmoi_array tmoi_array_dense(tmo_type type, const tmoi_shape *shape, const void *data, bool is_fortran);
/* Frees what the view owns. */
void tmoi_array_release(tmoi_array *array, const tmo_allocator *allocator);

int64_t tmoi_array_count(const tmoi_array *array);
/* True when the elements lie one after the other in row-major order. */
bool tmoi_array_is_dense(const tmoi_array *array);
/* The view of item `index` along the first dimension, which must exist; it owns nothing. */
tmoi_array tmoi_array_item(const tmoi_array *array, int64_t index);

/* All elements in row-major order, rounded to float. out: [count]. */
void tmoi_array_load_f32(const tmoi_array *array, float *out);
/* All elements in row-major order, floats rounded to the nearest integer. Returns -1, or the position of the
 * first element that is not finite or does not fit in 64 bits. out: [count]. */
int64_t tmoi_array_load_i64(const tmoi_array *array, int64_t *out);
/* All elements in row-major order, unchanged but for the byte order. out: tmoi_type_bytes(type, count). */
void tmoi_array_load_raw(const tmoi_array *array, void *out);

#endif
