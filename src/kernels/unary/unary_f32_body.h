/* The float32 operators, compiled once for each instruction set: TMOI_UNARY_F32 is the variant's name. */
#include <stddef.h>

#include "kernels/unary/unary_f32_elements.h"
#include "kernels/unary/unary_rows.h"

#define VECTOR_ROWS(kind, expression) TMOI_UNARY_ROWS(kind##_rows, float, kind##_element(p, x[k]))
TMOI_UNARY_VECTOR_KINDS(VECTOR_ROWS)
TMOI_UNARY_EXP_KINDS(VECTOR_ROWS)

#define ENTRY(kind, expression) [TMOI_UNARY_##kind] = kind##_rows,
static const tmoi_unary_function table[TMOI_UNARY_KIND_COUNT] = {TMOI_UNARY_VECTOR_KINDS(ENTRY)
                                                                     TMOI_UNARY_EXP_KINDS(ENTRY)};

tmoi_unary_function TMOI_UNARY_F32(tmoi_unary_kind kind)
{
    return table[kind];
}
