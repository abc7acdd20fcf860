/* Float32 arithmetic, compiled once for each instruction set: TMOI_BINARY_F32 is the variant's name. */
#include <stddef.h>

#include "kernels/elementwise/binary_f32_elements.h"
#include "kernels/elementwise/binary_rows.h"

TMOI_BINARY_VECTOR_ROWS(static, add_rows, float, float, add)
TMOI_BINARY_VECTOR_ROWS(static, sub_rows, float, float, sub)
TMOI_BINARY_VECTOR_ROWS(static, mul_rows, float, float, mul)
TMOI_BINARY_VECTOR_ROWS(static, divide_rows, float, float, divide)
TMOI_BINARY_VECTOR_ROWS(static, maximum_rows, float, float, maximum)
TMOI_BINARY_VECTOR_ROWS(static, minimum_rows, float, float, minimum)
TMOI_BINARY_VECTOR_ROWS(static, squared_difference_rows, float, float, squared_difference)
TMOI_BINARY_VECTOR_ROWS(static, prelu_rows, float, float, prelu)

tmoi_binary_function TMOI_BINARY_F32(tmoi_binary_kind kind)
{
    switch (kind) {
    case TMOI_BINARY_ADD: return add_rows;
    case TMOI_BINARY_SUB: return sub_rows;
    case TMOI_BINARY_MUL: return mul_rows;
    case TMOI_BINARY_DIV: return divide_rows;
    case TMOI_BINARY_MAXIMUM: return maximum_rows;
    case TMOI_BINARY_MINIMUM: return minimum_rows;
    case TMOI_BINARY_SQUARED_DIFFERENCE: return squared_difference_rows;
    case TMOI_BINARY_PRELU: return prelu_rows;
    default: return NULL;
    }
}
