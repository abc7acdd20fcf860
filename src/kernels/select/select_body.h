/* The choice, compiled once for each instruction set: TMOI_SELECT is the variant's name. */
#include <stdbool.h>
#include <string.h>

#include "base/compiler.h"
#include "kernels/move/move.h"
#include "kernels/select/select.h"

/* A row with a condition for each element, of elements of one integer type; a and b advance or repeat. */
#define CHOOSE(type, a_index, b_index)                                                      \
    do {                                                                                    \
        TMOI_INDEPENDENT_LOOP                                                               \
        for (int64_t k = 0; k < count; k++) to[k] = condition[k] ? x[a_index] : y[b_index]; \
    } while (0)
#define CHOOSE_ROW(type)                                                                              \
    static void choose_##type(const uint8_t *condition, const void *a, bool a_repeats, const void *b, \
                              bool b_repeats, void *out, int64_t count)                               \
    {                                                                                                 \
        const type *x = a, *y = b;                                                                    \
        type *to = out;                                                                               \
        if (a_repeats && b_repeats)                                                                   \
            CHOOSE(type, 0, 0);                                                                       \
        else if (a_repeats)                                                                           \
            CHOOSE(type, 0, k);                                                                       \
        else if (b_repeats)                                                                           \
            CHOOSE(type, k, 0);                                                                       \
        else                                                                                          \
            CHOOSE(type, k, k);                                                                       \
    }
CHOOSE_ROW(uint8_t)
CHOOSE_ROW(uint16_t)
CHOOSE_ROW(uint32_t)
CHOOSE_ROW(uint64_t)

/* A row of which all elements come from one input. */
static void take_row(const tmoi_select_shape *shape, const uint8_t *in, int64_t stride, uint8_t *out,
                     int64_t count)
{
    if (stride == 0)
        tmoi_move_fill(out, in, shape->elem_bytes, count);
    else
        memcpy(out, in, (size_t)count * shape->elem_bytes);
}

static void select_row(const tmoi_select_shape *shape, const uint8_t *condition, const uint8_t *a,
                       const uint8_t *b, uint8_t *out)
{
    const int32_t last = shape->rank - 1;
    const int64_t count = shape->dims[last], step = shape->condition_stride[last];
    const int64_t a_stride = shape->a_stride[last], b_stride = shape->b_stride[last];
    if (step == 0) {
        take_row(shape, *condition ? a : b, *condition ? a_stride : b_stride, out, count);
        return;
    }
    switch (shape->elem_bytes) {
    case 1: choose_uint8_t(condition, a, a_stride == 0, b, b_stride == 0, out, count); return;
    case 2: choose_uint16_t(condition, a, a_stride == 0, b, b_stride == 0, out, count); return;
    case 4: choose_uint32_t(condition, a, a_stride == 0, b, b_stride == 0, out, count); return;
    case 8: choose_uint64_t(condition, a, a_stride == 0, b, b_stride == 0, out, count); return;
    default: break;
    }
    for (int64_t k = 0; k < count; k++, out += shape->elem_bytes)
        memcpy(out, condition[k] ? a + k * a_stride : b + k * b_stride, shape->elem_bytes);
}

/* Returns where the next output element goes. */
static uint8_t *select_dim(const tmoi_select_shape *shape, int32_t dim, const uint8_t *condition,
                           const uint8_t *a, const uint8_t *b, uint8_t *out)
{
    if (dim == shape->rank - 1) {
        select_row(shape, condition, a, b, out);
        return out + (size_t)shape->dims[dim] * shape->elem_bytes;
    }
    for (int64_t k = 0; k < shape->dims[dim]; k++)
        out = select_dim(shape, dim + 1, condition + k * shape->condition_stride[dim],
                         a + k * shape->a_stride[dim], b + k * shape->b_stride[dim], out);
    return out;
}

void TMOI_SELECT(const tmoi_select_shape *shape, const uint8_t *condition, const void *a, const void *b,
                 void *out)
{
    for (int32_t k = 0; k < shape->rank; k++)
        if (shape->dims[k] == 0) return;
    if (shape->rank == 0)
        memcpy(out, *condition ? a : b, shape->elem_bytes);
    else
        (void)select_dim(shape, 0, condition, a, b, out);
}
