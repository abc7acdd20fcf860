#include "tflite/descriptor.h"

/* A build for some operators has a list without the option tables of others. */
#ifndef TMO_SELECTED_SCHEMA
#define TMO_SELECTED_SCHEMA "tflite/schema.def"
#endif

/* clang-format off */
#define SAME_LAYOUT(type)                                                                                              \
    _Static_assert(sizeof(type) == sizeof(tmoi_fb_span) && offsetof(type, data) == offsetof(tmoi_fb_span, data), #type)
SAME_LAYOUT(tmoi_vec_i8);
SAME_LAYOUT(tmoi_vec_u8);
SAME_LAYOUT(tmoi_vec_u16);
SAME_LAYOUT(tmoi_vec_i32);
SAME_LAYOUT(tmoi_vec_u32);
SAME_LAYOUT(tmoi_vec_i64);
SAME_LAYOUT(tmoi_vec_f32);
SAME_LAYOUT(tmoi_fb_string);
_Static_assert(offsetof(tmoi_fb_string, size) == offsetof(tmoi_fb_span, count), "tmoi_fb_string");

#define SCALAR_KIND(ctype) _Generic((ctype)0, bool : TMOI_FB_BOOL, default : TMOI_FB_SCALAR)
#define IS_FLOAT(value) _Generic((value), float : true, default : false)
#define LARGER(a, b) ((a) > (b) ? (a) : (b))
#define ELEMENT_BYTES(elem) sizeof *((const tmoi_vec_##elem *)0)->data

/* The descriptors name each other, so all are declared before the first is defined. */
#define TMOI_TABLE(table, text) extern const tmoi_fb_type tmoi_fb_type_##table;
#define TMOI_EMPTY_TABLE(table, text) extern const tmoi_fb_type tmoi_fb_type_##table;
#include TMO_SELECTED_SCHEMA

/* All names in one block: a field has the place of its name in it. */
static const struct names {
#define TMOI_SCALAR(table, id, ctype, field, initial) char table##_##field[sizeof #field];
#define TMOI_STRING(table, id, field) char table##_##field[sizeof #field];
#define TMOI_VECTOR(table, id, elem, field, align) char table##_##field[sizeof #field];
#define TMOI_SUBTABLE(table, id, type, field) char table##_##field[sizeof #field];
#define TMOI_TABLES(table, id, type, field) char table##_##field[sizeof #field];
#define TMOI_UNION(table, id, kind, field) char table##_##field[sizeof #field];
#include TMO_SELECTED_SCHEMA
} names = {
#define TMOI_SCALAR(table, id, ctype, field, initial) #field,
#define TMOI_STRING(table, id, field) #field,
#define TMOI_VECTOR(table, id, elem, field, align) #field,
#define TMOI_SUBTABLE(table, id, type, field) #field,
#define TMOI_TABLES(table, id, type, field) #field,
#define TMOI_UNION(table, id, kind, field) #field,
#include TMO_SELECTED_SCHEMA
};
#define NAME(table, field) (uint16_t)offsetof(struct names, table##_##field)
_Static_assert(sizeof(struct names) <= UINT16_MAX, "names");

const char *tmoi_fb_field_name(const tmoi_fb_field *field)
{
    return (const char *)&names + field->name;
}

/* Of the tables that fields name. */
enum {
    NO_TYPE,
#define TMOI_TABLE(table, text) NUMBER_##table,
#define TMOI_EMPTY_TABLE(table, text) NUMBER_##table,
#include TMO_SELECTED_SCHEMA
};

const tmoi_fb_type *tmoi_fb_field_type(const tmoi_fb_field *field)
{
    switch (field->type) {
#define TMOI_TABLE(table, text) case NUMBER_##table: return &tmoi_fb_type_##table;
#define TMOI_EMPTY_TABLE(table, text) case NUMBER_##table: return &tmoi_fb_type_##table;
#include TMO_SELECTED_SCHEMA
    default: return NULL;
    }
}

#define PLACE(table, field) (uint16_t)offsetof(tmoi_fb_##table, field)
#define TMOI_TABLE(table, text) static const tmoi_fb_field fields_##table[] = {
#define TMOI_TABLE_END(table) };
#define TMOI_SCALAR(table, id, ctype, field, initial) {NAME(table, field), NO_TYPE, id, PLACE(table, field), SCALAR_KIND(ctype), sizeof(ctype), sizeof(ctype), 0, IS_FLOAT((ctype)0)},
#define TMOI_STRING(table, id, field) {NAME(table, field), NO_TYPE, id, PLACE(table, field), TMOI_FB_STRING, 1, 1, 0, false},
#define TMOI_VECTOR(table, id, elem, field, align) {NAME(table, field), NO_TYPE, id, PLACE(table, field), TMOI_FB_VECTOR, ELEMENT_BYTES(elem), LARGER(align, ELEMENT_BYTES(elem)), 0, IS_FLOAT(*((const tmoi_vec_##elem *)0)->data)},
#define TMOI_SUBTABLE(table, id, type, field) {NAME(table, field), NUMBER_##type, id, PLACE(table, field), TMOI_FB_SUBTABLE, 4, 4, 0, false},
#define TMOI_TABLES(table, id, type, field) {NAME(table, field), NUMBER_##type, id, PLACE(table, field), TMOI_FB_TABLES, 4, 4, 0, false},
#define TMOI_UNION(table, id, kind, field) {NAME(table, field), NO_TYPE, id, PLACE(table, field), TMOI_FB_UNION, 4, 4, TMOI_FB_UNION_##kind, false},
#include TMO_SELECTED_SCHEMA

#define TMOI_TABLE(table, text) const tmoi_fb_type tmoi_fb_type_##table = {text, fields_##table, &tmoi_fb_default_##table, sizeof fields_##table / sizeof fields_##table[0], sizeof(tmoi_fb_##table)};
#define TMOI_EMPTY_TABLE(table, text) const tmoi_fb_type tmoi_fb_type_##table = {text, NULL, &tmoi_fb_default_##table, 0, sizeof(tmoi_fb_##table)};
#include TMO_SELECTED_SCHEMA

const tmoi_fb_type *tmoi_fb_union_member(uint8_t union_kind, uint8_t tag)
{
    switch (union_kind * 256 + tag) {
#define TMOI_MEMBER(kind, tag, table) case TMOI_FB_UNION_##kind * 256 + tag: return &tmoi_fb_type_##table;
#include TMO_SELECTED_SCHEMA
    default: return NULL;
    }
}
/* clang-format on */
