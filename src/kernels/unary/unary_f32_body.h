/* The float32 operators, compiled once for each instruction set: TMOI_UNARY_F32 is the variant's name. */
#include <stddef.h>

#include "kernels/unary/unary_f32_elements.h"
#include "kernels/unary/unary_rows.h"

#define VECTOR_ROWS(kind, expression) TMOI_UNARY_ROWS(kind##_rows, float, kind##_element(p, x[k]))
TMOI_UNARY_VECTOR_KINDS(VECTOR_ROWS)

tmoi_unary_function TMOI_UNARY_F32(tmoi_unary_kind kind)
{
#define CASE(name, expression) \
    case TMOI_UNARY_##name: return name##_rows;
    switch (kind) {
        TMOI_UNARY_VECTOR_KINDS(CASE)
    default: return NULL;
    }
#undef CASE
}
