#include <string.h>

#include "kernels/select/select.h"

/* Returns where the next output element goes. */
static uint8_t *select_dim(const tmoi_select_shape *shape, int32_t dim, const uint8_t *condition,
                           const uint8_t *a, const uint8_t *b, uint8_t *out)
{
    if (dim == shape->rank) {
        memcpy(out, *condition ? a : b, shape->elem_bytes);
        return out + shape->elem_bytes;
    }
    for (int64_t k = 0; k < shape->dims[dim]; k++)
        out = select_dim(shape, dim + 1, condition + k * shape->condition_stride[dim],
                         a + k * shape->a_stride[dim], b + k * shape->b_stride[dim], out);
    return out;
}

void tmoi_select_c(const tmoi_select_shape *shape, const uint8_t *condition, const void *a, const void *b,
                   void *out)
{
    for (int32_t k = 0; k < shape->rank; k++)
        if (shape->dims[k] == 0) return;
    (void)select_dim(shape, 0, condition, a, b, out);
}
