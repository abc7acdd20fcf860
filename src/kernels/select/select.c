#include "kernels/select/select.h"

#include <stdbool.h>

/* Whether dimension `dim` of strides goes on where one of `count` elements of `inner` ends. */
static bool continues(int64_t outer, int64_t inner, int64_t count)
{
    return outer == inner * count;
}

void tmoi_select_simplify(tmoi_select_shape *s)
{
    int32_t kept = 0;
    for (int32_t k = 0; k < s->rank; k++) {
        if (s->dims[k] == 1) continue;
        int32_t at = kept - 1;
        int64_t dim = s->dims[k];
        if (at >= 0 && continues(s->condition_stride[at], s->condition_stride[k], dim) &&
            continues(s->a_stride[at], s->a_stride[k], dim) &&
            continues(s->b_stride[at], s->b_stride[k], dim))
            dim *= s->dims[at];
        else
            at = kept++;
        s->dims[at] = dim;
        s->condition_stride[at] = s->condition_stride[k];
        s->a_stride[at] = s->a_stride[k];
        s->b_stride[at] = s->b_stride[k];
    }
    s->rank = kept;
}
