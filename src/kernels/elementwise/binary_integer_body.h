/* Integer arithmetic, compiled once for each instruction set: TMOI_BINARY_INTEGER is the variant's name. */
#include <stddef.h>

#include "kernels/elementwise/binary_integer_rows.h"

#define INTEGER_TYPE(suffix, type)                                     \
    TMOI_INTEGER_ROWS(TMOI_BINARY_VECTOR_ROWS, suffix, type, uint32_t) \
    static tmoi_binary_function find_##suffix(tmoi_binary_kind kind)   \
    {                                                                  \
        switch (kind) {                                                \
        case TMOI_BINARY_ADD: return add_##suffix;                     \
        case TMOI_BINARY_SUB: return sub_##suffix;                     \
        case TMOI_BINARY_MUL: return mul_##suffix;                     \
        case TMOI_BINARY_MAXIMUM: return max_##suffix;                 \
        case TMOI_BINARY_MINIMUM: return min_##suffix;                 \
        default: return NULL;                                          \
        }                                                              \
    }
INTEGER_TYPE(s8, int8_t)
INTEGER_TYPE(u8, uint8_t)
INTEGER_TYPE(s16, int16_t)
INTEGER_TYPE(s32, int32_t)

tmoi_binary_function TMOI_BINARY_INTEGER(tmoi_binary_kind kind, tmo_type type)
{
    switch (type) {
    case TMO_TYPE_INT8: return find_s8(kind);
    case TMO_TYPE_UINT8: return find_u8(kind);
    case TMO_TYPE_INT16: return find_s16(kind);
    case TMO_TYPE_INT32: return find_s32(kind);
    default: return NULL;
    }
}
