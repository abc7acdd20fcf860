/* The tables of schema.def as data, for code that treats all of them alike: the verifier, the reader, the writer and the
 * comparison in the tests. */
#ifndef TMOI_TFLITE_DESCRIPTOR_H
#define TMOI_TFLITE_DESCRIPTOR_H

#include <stddef.h>
#include <string.h>

#include "tflite/schema.h"

typedef enum tmoi_fb_kind {
    TMOI_FB_SCALAR,
    TMOI_FB_BOOL,
    TMOI_FB_STRING,
    TMOI_FB_VECTOR,   /* of scalars */
    TMOI_FB_SUBTABLE, /* one table */
    TMOI_FB_TABLES,   /* a vector of tables */
    TMOI_FB_UNION     /* the tag at `id`, the table at `id + 1` */
} tmoi_fb_kind;

typedef enum tmoi_fb_union_kind {
    TMOI_FB_UNION_quantization_details,
    TMOI_FB_UNION_sparse_index_vector,
    TMOI_FB_UNION_builtin_options,
    TMOI_FB_UNION_builtin_options2
} tmoi_fb_union_kind;

/* Small and without pointers, which would cost a relocation each when the library is loaded. */
typedef struct tmoi_fb_field {
    uint16_t name; /* tmoi_fb_field_name() */
    uint16_t type; /* tmoi_fb_field_type() */
    uint16_t id;
    uint16_t offset; /* in the C struct */
    uint8_t kind;    /* tmoi_fb_kind */
    uint8_t bytes;   /* of a scalar, or of an element of a vector of scalars */
    uint8_t align;   /* of the payload of a vector of scalars in the file; at least `bytes` */
    uint8_t union_kind;
    bool is_float; /* a scalar or the elements of a vector */
} tmoi_fb_field;

typedef struct tmoi_fb_type {
    const char *name;            /* as the schema spells it: "Conv2DOptions" */
    const tmoi_fb_field *fields; /* by rising id, without gaps */
    const void *defaults;        /* a struct of this type */
    uint16_t field_count;
    uint16_t struct_bytes;
} tmoi_fb_type;

extern const tmoi_fb_type tmoi_fb_type_model;
extern const tmoi_fb_type tmoi_fb_type_buffer;
extern const tmoi_fb_type tmoi_fb_type_operator;

const char *tmoi_fb_field_name(const tmoi_fb_field *field);
/* The type of a subtable, or of the elements of a vector of tables. */
const tmoi_fb_type *tmoi_fb_field_type(const tmoi_fb_field *field);

/* The table that `tag` names in a union, or NULL for none and for tags newer than this schema. */
const tmoi_fb_type *tmoi_fb_union_member(uint8_t union_kind, uint8_t tag);

/* The number of field ids that a table of this type knows. */
static inline uint32_t tmoi_fb_slot_count(const tmoi_fb_type *type)
{
    if (type->field_count == 0) return 0;
    const tmoi_fb_field *last = &type->fields[type->field_count - 1];
    return last->id + (last->kind == TMOI_FB_UNION ? 2u : 1u);
}

/* Any vector or string of a table's struct. All of them are laid out like this one (asserted in descriptor.c). */
typedef struct tmoi_fb_span {
    const void *data;
    uint32_t count;
} tmoi_fb_span;

static inline tmoi_fb_span tmoi_fb_get_span(const void *table, const tmoi_fb_field *field)
{
    tmoi_fb_span span;
    memcpy(&span, (const uint8_t *)table + field->offset, sizeof span);
    return span;
}

static inline const void *tmoi_fb_get_subtable(const void *table, const tmoi_fb_field *field)
{
    const void *subtable;
    memcpy(&subtable, (const uint8_t *)table + field->offset, sizeof(void *));
    return subtable;
}

static inline tmoi_fb_union tmoi_fb_get_union(const void *table, const tmoi_fb_field *field)
{
    tmoi_fb_union value;
    memcpy(&value, (const uint8_t *)table + field->offset, sizeof value);
    return value;
}

static inline void tmoi_fb_set(void *table, const tmoi_fb_field *field, const void *value, size_t bytes)
{
    memcpy((uint8_t *)table + field->offset, value, bytes);
}

#endif
