#include "data/array.h"

#include <math.h>
#include <string.h>

#include "base/fp16.h"

tmoi_array tmoi_array_dense(tmo_type type, const tmoi_shape *shape, const void *data, bool is_fortran)
{
    tmoi_array array = {.type = type, .shape = *shape, .data = data};
    int64_t stride = tmo_type_bits(type) / 8;
    for (int32_t k = 0; k < shape->rank; k++) {
        int32_t dim = is_fortran ? k : shape->rank - 1 - k;
        array.strides[dim] = stride;
        stride *= shape->dims[dim];
    }
    return array;
}

void tmoi_array_release(tmoi_array *array, const tmo_allocator *allocator)
{
    tmoi_release(allocator, array->owned);
    *array = (tmoi_array){0};
}

int64_t tmoi_array_count(const tmoi_array *array)
{
    return tmoi_shape_count(&array->shape);
}

bool tmoi_array_is_dense(const tmoi_array *array)
{
    tmoi_array dense = tmoi_array_dense(array->type, &array->shape, NULL, false);
    for (int32_t k = 0; k < array->shape.rank; k++)
        if (array->shape.dims[k] != 1 && array->strides[k] != dense.strides[k]) return false;
    return true;
}

tmoi_array tmoi_array_item(const tmoi_array *array, int64_t index)
{
    tmoi_array item = {.type = array->type, .is_swapped = array->is_swapped};
    item.shape.rank = array->shape.rank - 1;
    for (int32_t k = 0; k < item.shape.rank; k++) {
        item.shape.dims[k] = array->shape.dims[k + 1];
        item.strides[k] = array->strides[k + 1];
    }
    item.data = array->data + index * array->strides[0];
    return item;
}

/* One element, in the byte order of this machine. */
typedef union element {
    uint8_t bytes[8];
    uint8_t u8;
    int8_t i8;
    uint16_t u16;
    int16_t i16;
    uint32_t u32;
    int32_t i32;
    uint64_t u64;
    int64_t i64;
    float f32;
    double f64;
} element;

static element fetch(const uint8_t *at, uint32_t bytes, bool is_swapped)
{
    element e = {{0}};
    if (is_swapped)
        for (uint32_t k = 0; k < bytes; k++) e.bytes[k] = at[bytes - 1 - k];
    else
        memcpy(e.bytes, at, bytes);
    return e;
}

static double element_value(const element *e, tmo_type type)
{
    switch (type) {
    case TMO_TYPE_FLOAT32: return (double)e->f32;
    case TMO_TYPE_FLOAT16: return (double)tmoi_fp16_to_float(e->u16);
    case TMO_TYPE_BFLOAT16: return (double)tmoi_bf16_to_float(e->u16);
    case TMO_TYPE_FLOAT64: return e->f64;
    case TMO_TYPE_INT8: return e->i8;
    case TMO_TYPE_INT16: return e->i16;
    case TMO_TYPE_INT32: return e->i32;
    case TMO_TYPE_INT64: return (double)e->i64;
    case TMO_TYPE_UINT16: return e->u16;
    case TMO_TYPE_UINT32: return e->u32;
    case TMO_TYPE_UINT64: return (double)e->u64;
    default: return e->u8;
    }
}

static bool element_integer(const element *e, tmo_type type, int64_t *out)
{
    switch (type) {
    case TMO_TYPE_INT64: *out = e->i64; return true;
    case TMO_TYPE_UINT64: *out = (int64_t)(e->u64 & INT64_MAX); return e->u64 <= INT64_MAX;
    default: break;
    }
    double value = element_value(e, type);
    bool fits = isfinite(value) && value >= -0x1p63 && value < 0x1p63;
    *out = fits ? (int64_t)nearbyint(value) : 0;
    return fits;
}

/* Steps to the next row (a run along the last dimension); false after the last one. */
static bool next_row(const tmoi_array *array, int32_t *index, int64_t *offset)
{
    for (int32_t k = array->shape.rank - 2; k >= 0; k--) {
        *offset += array->strides[k];
        if (++index[k] < array->shape.dims[k]) return true;
        *offset -= array->strides[k] * array->shape.dims[k];
        index[k] = 0;
    }
    return false;
}

typedef struct row {
    const uint8_t *at;
    int64_t count, stride;
    tmo_type type;
    uint32_t elem_bytes;
    bool is_swapped;
} row;

/* Goes over the elements of an array as rows as long as its layout allows. */
typedef struct row_walk {
    const tmoi_array *array;
    int32_t index[TMO_MAX_RANK];
    int64_t offset;
    bool is_one_run, is_done;
} row_walk;

static row_walk walk_begin(const tmoi_array *array)
{
    row_walk walk = {.array = array, .is_done = tmoi_array_count(array) == 0};
    walk.is_one_run = array->shape.rank == 0 || tmoi_array_is_dense(array);
    return walk;
}

static bool walk_next(row_walk *walk, row *out)
{
    const tmoi_array *array = walk->array;
    if (walk->is_done) return false;
    uint32_t bytes = tmo_type_bits(array->type) / 8;
    *out = (row){array->data + walk->offset, 0, bytes, array->type, bytes, array->is_swapped};
    if (walk->is_one_run) {
        out->count = tmoi_array_count(array);
        walk->is_done = true;
    } else {
        out->count = array->shape.dims[array->shape.rank - 1];
        out->stride = array->strides[array->shape.rank - 1];
        walk->is_done = !next_row(array, walk->index, &walk->offset);
    }
    return true;
}

static void row_load_f32(const row *r, float *out)
{
    if (r->type == TMO_TYPE_FLOAT32 && !r->is_swapped && r->stride == 4) {
        memcpy(out, r->at, (size_t)r->count * sizeof *out);
        return;
    }
    if (r->type == TMO_TYPE_UINT8) {
        for (int64_t k = 0; k < r->count; k++) out[k] = (float)r->at[k * r->stride];
        return;
    }
    for (int64_t k = 0; k < r->count; k++) {
        element e = fetch(r->at + k * r->stride, r->elem_bytes, r->is_swapped);
        out[k] = (float)element_value(&e, r->type);
    }
}

void tmoi_array_load_f32(const tmoi_array *array, float *out)
{
    row r;
    row_walk walk = walk_begin(array);
    for (; walk_next(&walk, &r); out += r.count) row_load_f32(&r, out);
}

int64_t tmoi_array_load_i64(const tmoi_array *array, int64_t *out)
{
    row r;
    int64_t position = 0;
    row_walk walk = walk_begin(array);
    while (walk_next(&walk, &r)) {
        for (int64_t k = 0; k < r.count; k++, position++) {
            element e = fetch(r.at + k * r.stride, r.elem_bytes, r.is_swapped);
            if (!element_integer(&e, r.type, &out[position])) return position;
        }
    }
    return -1;
}

void tmoi_array_load_raw(const tmoi_array *array, void *out)
{
    row r;
    uint8_t *to = out;
    row_walk walk = walk_begin(array);
    while (walk_next(&walk, &r)) {
        for (int64_t k = 0; k < r.count; k++, to += r.elem_bytes) {
            element e = fetch(r.at + k * r.stride, r.elem_bytes, r.is_swapped);
            memcpy(to, e.bytes, r.elem_bytes);
        }
    }
}
