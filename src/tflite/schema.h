/* The tables of a .tflite file as C structs, made from schema.def.
 *
 * An absent vector or text has data NULL; a present but empty one has data non-NULL and count 0. Vectors of bytes may
 * point into the file that was read. A union is its tag and a pointer to the struct that the tag names. */
#ifndef TMOI_TFLITE_SCHEMA_H
#define TMOI_TFLITE_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#define TMOI_VECTOR_TYPE(suffix, ctype) \
    typedef struct tmoi_vec_##suffix {  \
        const ctype *data;              \
        uint32_t count;                 \
    } tmoi_vec_##suffix;
TMOI_VECTOR_TYPE(i8, int8_t)
TMOI_VECTOR_TYPE(u8, uint8_t)
TMOI_VECTOR_TYPE(u16, uint16_t)
TMOI_VECTOR_TYPE(i32, int32_t)
TMOI_VECTOR_TYPE(u32, uint32_t)
TMOI_VECTOR_TYPE(i64, int64_t)
TMOI_VECTOR_TYPE(f32, float)
#undef TMOI_VECTOR_TYPE

/* `data` ends with a NUL that `size` does not count. */
typedef struct tmoi_fb_string {
    const char *data;
    uint32_t size;
} tmoi_fb_string;

typedef struct tmoi_fb_union {
    uint8_t tag;       /* 0: none */
    const void *value; /* the struct of the member that the tag names; NULL when absent or unknown */
} tmoi_fb_union;

/* clang-format off */
#define TMOI_TABLE(table, text) typedef struct tmoi_fb_##table tmoi_fb_##table;
#define TMOI_EMPTY_TABLE(table, text) typedef struct tmoi_fb_##table { uint8_t empty; } tmoi_fb_##table;
#include "tflite/schema.def"

#define TMOI_TABLE(table, text) struct tmoi_fb_##table {
#define TMOI_TABLE_END(table) };
#define TMOI_SCALAR(table, id, ctype, field, initial) ctype field;
#define TMOI_STRING(table, id, field) tmoi_fb_string field;
#define TMOI_VECTOR(table, id, elem, field, align) tmoi_vec_##elem field;
#define TMOI_SUBTABLE(table, id, type, field) const tmoi_fb_##type *field;
#define TMOI_TABLES(table, id, type, field) struct { const tmoi_fb_##type *data; uint32_t count; } field;
#define TMOI_UNION(table, id, kind, field) tmoi_fb_union field;
#include "tflite/schema.def"

/* TMOI_TAG_conv2d_options and so on: the tag of each member in its union. */
#define TMOI_MEMBER(kind, tag, table) TMOI_TAG_##table = tag,
enum tmoi_fb_tag {
#include "tflite/schema.def"
    TMOI_TAG_NONE = 0
};
/* tmoi_fb_default_conv2d_options and so on: every field at the schema's default (in schema.c). */
#define TMOI_TABLE(table, text) extern const tmoi_fb_##table tmoi_fb_default_##table;
#define TMOI_EMPTY_TABLE(table, text) extern const tmoi_fb_##table tmoi_fb_default_##table;
#include "tflite/schema.def"
/* clang-format on */

/* TMOI_OP_CONV_2D and so on: the codes of the builtin operators. */
typedef enum tmoi_op_code {
#define TMOI_BUILTIN(code, name, min_version, max_version, options_union, options_tag) TMOI_OP_##name = code,
#include "tflite/builtins.def"
#undef TMOI_BUILTIN
} tmoi_op_code;

enum { TMOI_PADDING_SAME = 0, TMOI_PADDING_VALID = 1 };
enum {
    TMOI_ACTIVATION_NONE = 0,
    TMOI_ACTIVATION_RELU = 1,
    TMOI_ACTIVATION_RELU_N1_TO_1 = 2,
    TMOI_ACTIVATION_RELU6 = 3,
    TMOI_ACTIVATION_TANH = 4,
    TMOI_ACTIVATION_SIGN_BIT = 5
};
enum { TMOI_MIRROR_REFLECT = 0, TMOI_MIRROR_SYMMETRIC = 1 };
enum { TMOI_DIMENSION_DENSE = 0, TMOI_DIMENSION_SPARSE_CSR = 1 };
enum { TMOI_LSTM_FULL = 0, TMOI_LSTM_BASIC = 1 };
enum { TMOI_COMBINER_SUM = 0, TMOI_COMBINER_MEAN = 1, TMOI_COMBINER_SQRTN = 2 };
enum { TMOI_WEIGHTS_DEFAULT = 0, TMOI_WEIGHTS_SHUFFLED_4X16_INT8 = 1 };

#endif
