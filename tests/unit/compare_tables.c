#include "unit/compare_tables.h"

#include <stdio.h>

#include "tflite/read.h"

static bool differs(const tmoi_fb_type *type, const char *field, char *place, size_t place_bytes)
{
    (void)snprintf(place, place_bytes, "%s.%s", type->name, field);
    return false;
}

static bool same_payload(const tmoi_fb_buffer *a, const tmoi_fb_buffer *b)
{
    uint64_t bytes = tmoi_fb_buffer_bytes(a);
    return !a->data.data == !b->data.data && bytes == tmoi_fb_buffer_bytes(b) &&
           (bytes == 0 || memcmp(a->data.data, b->data.data, (size_t)bytes) == 0);
}

static bool same_field(const tmoi_fb_field *field, const void *a, const void *b, char *place,
                       size_t place_bytes)
{
    if (field->kind == TMOI_FB_SCALAR || field->kind == TMOI_FB_BOOL)
        return memcmp((const uint8_t *)a + field->offset, (const uint8_t *)b + field->offset, field->bytes) ==
               0;
    if (field->kind == TMOI_FB_SUBTABLE) {
        const void *x = tmoi_fb_get_subtable(a, field), *y = tmoi_fb_get_subtable(b, field);
        return !x == !y && (!x || same_tables(tmoi_fb_field_type(field), x, y, place, place_bytes));
    }
    if (field->kind == TMOI_FB_UNION) {
        tmoi_fb_union x = tmoi_fb_get_union(a, field), y = tmoi_fb_get_union(b, field);
        const tmoi_fb_type *member = tmoi_fb_union_member(field->union_kind, x.tag);
        return x.tag == y.tag && !x.value == !y.value &&
               (!x.value || same_tables(member, x.value, y.value, place, place_bytes));
    }
    tmoi_fb_span x = tmoi_fb_get_span(a, field), y = tmoi_fb_get_span(b, field);
    if (!x.data != !y.data || x.count != y.count) return false;
    if (field->kind != TMOI_FB_TABLES)
        return x.count == 0 || memcmp(x.data, y.data, (size_t)x.count * field->bytes) == 0;
    for (size_t k = 0; k < x.count; k++) {
        size_t at = k * tmoi_fb_field_type(field)->struct_bytes;
        if (!same_tables(tmoi_fb_field_type(field), (const uint8_t *)x.data + at,
                         (const uint8_t *)y.data + at, place, place_bytes))
            return false;
    }
    return true;
}

bool same_tables(const tmoi_fb_type *type, const void *a, const void *b, char *place, size_t place_bytes)
{
    if (type == &tmoi_fb_type_buffer) return same_payload(a, b) || differs(type, "data", place, place_bytes);
    for (uint32_t k = 0; k < type->field_count; k++) {
        const tmoi_fb_field *field = &type->fields[k];
        if (strncmp(tmoi_fb_field_name(field), "large_custom_options", 20) == 0) continue;
        if (same_field(field, a, b, place, place_bytes)) continue;
        return place[0] ? false : differs(type, tmoi_fb_field_name(field), place, place_bytes);
    }
    return true;
}
