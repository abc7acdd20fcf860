/** @file
 * element types of tensors, with the numbers of the .tflite format's TensorType. */
#ifndef TMO_TYPES_H
#define TMO_TYPES_H

#include "tmo/common.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tmo_type {
    TMO_TYPE_FLOAT32 = 0,
    TMO_TYPE_FLOAT16 = 1,
    TMO_TYPE_INT32 = 2,
    TMO_TYPE_UINT8 = 3,
    TMO_TYPE_INT64 = 4,
    TMO_TYPE_STRING = 5,
    TMO_TYPE_BOOL = 6,
    TMO_TYPE_INT16 = 7,
    TMO_TYPE_COMPLEX64 = 8,
    TMO_TYPE_INT8 = 9,
    TMO_TYPE_FLOAT64 = 10,
    TMO_TYPE_COMPLEX128 = 11,
    TMO_TYPE_UINT64 = 12,
    TMO_TYPE_RESOURCE = 13,
    TMO_TYPE_VARIANT = 14,
    TMO_TYPE_UINT32 = 15,
    TMO_TYPE_UINT16 = 16,
    TMO_TYPE_INT4 = 17,
    TMO_TYPE_BFLOAT16 = 18,
    TMO_TYPE_INT2 = 19,
    TMO_TYPE_UINT4 = 20,
    TMO_TYPE_FLOAT8_E4M3FN = 21,
    TMO_TYPE_FLOAT8_E5M2 = 22,
    TMO_TYPE_FORCE_32_BITS = 0x7fffffff
} tmo_type;

/** The type's name in lower case, such as "int8", or "unknown". Static storage. Thread-safe. */
TMO_API const char *tmo_type_name(tmo_type type);
/** Bits of one element: 4 for int4, 0 for string, resource and variant, whose elements have no fixed size. */
TMO_API uint32_t tmo_type_bits(tmo_type type);

/** The highest rank of a tensor. */
#define TMO_MAX_RANK 8

#ifdef __cplusplus
}
#endif
#endif
