/* Reductions compiled once for each instruction set: TMOI_REDUCE_ROWS is the variant's name. */
#include <stddef.h>

#include "kernels/reduce/reduce_rows.h"

#define CHOICE(suffix) \
    kind == TMOI_REDUCE_SUM ? sum_##suffix : kind == TMOI_REDUCE_MAX ? max_##suffix : min_##suffix

tmoi_reduce_function TMOI_REDUCE_ROWS(tmoi_reduce_kind kind, tmo_type type)
{
    if (kind != TMOI_REDUCE_SUM && kind != TMOI_REDUCE_MAX && kind != TMOI_REDUCE_MIN) return NULL;
    switch (type) {
    case TMO_TYPE_FLOAT32: return CHOICE(f32);
    case TMO_TYPE_INT8: return CHOICE(s8);
    case TMO_TYPE_UINT8: return CHOICE(u8);
    case TMO_TYPE_INT16: return CHOICE(s16);
    default: return NULL;
    }
}
