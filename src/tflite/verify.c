#include "tflite/verify.h"

#include <stdarg.h>
#include <stdio.h>

#include "tflite/descriptor.h"
#include "tflite/table.h"

enum { HEADER_BYTES = 8, VTABLE_HEADER_BYTES = 4, SCHEMA_VERSION = 3, VERSION_ID = 0 };
/* A table that is not shared takes at least the offset that leads to it and its own offset to the vtable. Vectors may well be
 * shared, so the bytes that a walk meets may exceed the file's, within reason. */
enum { MIN_TABLE_BYTES = 8, SPARE_VISITS = 1024, MAX_SHARING = 16, SPARE_VECTOR_BYTES = 1 << 20 };

typedef struct verifier {
    const uint8_t *bytes;
    size_t size;
    size_t end;            /* of all that was reached */
    size_t visits;         /* tables that may still be visited */
    uint64_t vector_bytes; /* of vectors that may still be met */
    const tmoi_fb_reporter *reporter;
    bool stopped;
    tmoi_ctx *ctx;
} verifier;

/* A table whose own bytes and vtable lie inside the file. */
typedef struct table_view {
    const tmoi_fb_type *type;
    size_t at, vtable;
    uint16_t bytes, vtable_bytes;
} table_view;

static TMOI_PRINTF(4, 5) void report(verifier *v, tmoi_fb_severity severity, size_t offset,
                                     const char *format, ...)
{
    char text[TMO_ERROR_MESSAGE_BYTES / 2];
    va_list arguments;
    if (v->stopped) return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (v->reporter) v->reporter->report(v->reporter->user, severity, offset, text);
    if (severity == TMOI_FB_NOTE) return;
    if (v->ctx->error.status == TMO_STATUS_OK) {
        (void)tmoi_fail(v->ctx, TMO_STATUS_INVALID_FILE, "load: invalid model at byte %zu: %s", offset, text);
        v->ctx->error.file_offset = (int64_t)offset;
    }
    v->stopped = !v->reporter;
}

/* What can be shared could make a small file endless to read. */
static void refuse_sharing(verifier *v, size_t at)
{
    report(v, TMOI_FB_FAULT, at,
           "parts of the file are shared so often that reading them would take too long");
    v->stopped = true;
}

static void spend_visit(verifier *v, size_t at)
{
    if (v->visits == 0)
        refuse_sharing(v, at);
    else
        v->visits--;
}

static void spend_vector(verifier *v, size_t at, size_t bytes)
{
    if (bytes > v->vector_bytes)
        refuse_sharing(v, at);
    else
        v->vector_bytes -= bytes;
}

static void reached(verifier *v, size_t end)
{
    if (end > v->end) v->end = end;
}

/* The target of the offset at `at`, with at least its first four bytes inside the file; or 0. */
static size_t follow(verifier *v, size_t at, const char *what)
{
    uint32_t distance = tmoi_le_u32(v->bytes + at);
    if (distance < 4 || distance > v->size - at || v->size - at - distance < 4) {
        report(v, TMOI_FB_FAULT, at, "offset %u of %s leads out of the file (%zu bytes)", distance, what,
               v->size);
        return 0;
    }
    size_t target = at + distance;
    if (target % 4 != 0) {
        report(v, TMOI_FB_FAULT, at, "offset %u of %s is not aligned to 4", distance, what);
        return 0;
    }
    return target;
}

/* Checks that a vector with elements of `bytes` bytes fits the file. */
static bool vector_fits(verifier *v, size_t at, size_t bytes, size_t terminator)
{
    uint32_t count = tmoi_le_u32(v->bytes + at);
    size_t room = v->size - at - 4;
    if (count > room / bytes || room - count * bytes < terminator) {
        report(v, TMOI_FB_FAULT, at, "vector of %u elements exceeds the file (%zu bytes)", count, v->size);
        return false;
    }
    reached(v, at + 4 + count * bytes + terminator);
    if (terminator == 0) spend_vector(v, at, count * bytes);
    return !v->stopped;
}

static void verify_string(verifier *v, const tmoi_fb_field *field, size_t at)
{
    size_t string = follow(v, at, tmoi_fb_field_name(field));
    if (!string || !vector_fits(v, string, 1, 1)) return;
    uint32_t count = tmoi_le_u32(v->bytes + string);
    if (v->bytes[string + 4 + count] != 0)
        report(v, TMOI_FB_FAULT, string, "text '%s' has no end", tmoi_fb_field_name(field));
}

static void verify_vector(verifier *v, const tmoi_fb_field *field, size_t at)
{
    size_t vector = follow(v, at, tmoi_fb_field_name(field));
    if (!vector || !vector_fits(v, vector, field->bytes, 0)) return;
    if (tmoi_le_u32(v->bytes + vector) && (vector + 4) % field->align != 0)
        report(v, TMOI_FB_NOTE, vector, "elements of '%s' are not aligned to %u", tmoi_fb_field_name(field),
               field->align);
}

static void verify_table(verifier *v, const tmoi_fb_type *type, size_t at);

static void verify_tables(verifier *v, const tmoi_fb_field *field, size_t at)
{
    size_t vector = follow(v, at, tmoi_fb_field_name(field));
    if (!vector || !vector_fits(v, vector, 4, 0)) return;
    uint32_t count = tmoi_le_u32(v->bytes + vector);
    for (uint32_t k = 0; k < count && !v->stopped; k++) {
        size_t table = follow(v, vector + 4 + 4 * (size_t)k, tmoi_fb_field_type(field)->name);
        if (table)
            verify_table(v, tmoi_fb_field_type(field), table);
        else
            spend_visit(v, vector);
    }
}

static uint16_t slot(const verifier *v, const table_view *table, uint32_t id)
{
    size_t entry = VTABLE_HEADER_BYTES + 2 * (size_t)id;
    return entry + 2 > table->vtable_bytes ? 0 : tmoi_le_u16(v->bytes + table->vtable + entry);
}

/* Where a field of `bytes` bytes lies in the file; 0 when it is absent or does not fit the table. */
static size_t locate(verifier *v, const table_view *table, uint32_t id, size_t bytes, const char *name)
{
    uint16_t place = slot(v, table, id);
    if (place == 0) return 0;
    if (place < 4 || place + bytes > table->bytes) {
        report(v, TMOI_FB_FAULT, table->vtable + VTABLE_HEADER_BYTES + 2 * (size_t)id,
               "field '%s' at %u exceeds its table '%s' (%u bytes)", name, place, table->type->name,
               table->bytes);
        return 0;
    }
    if ((table->at + place) % bytes != 0)
        report(v, TMOI_FB_NOTE, table->at + place, "field '%s' is not aligned to %zu", name, bytes);
    return table->at + place;
}

static void verify_union(verifier *v, const table_view *table, const tmoi_fb_field *field)
{
    size_t tag_at = locate(v, table, field->id, 1, tmoi_fb_field_name(field));
    size_t value_at = locate(v, table, field->id + 1u, 4, tmoi_fb_field_name(field));
    uint8_t tag = tag_at ? v->bytes[tag_at] : 0;
    if (tag == 0) {
        if (value_at)
            report(v, TMOI_FB_NOTE, value_at, "union '%s' has a value but no tag", tmoi_fb_field_name(field));
        return;
    }
    const tmoi_fb_type *member = tmoi_fb_union_member(field->union_kind, tag);
    if (!member) {
        report(v, TMOI_FB_NOTE, tag_at, "union '%s' has the unknown tag %u", tmoi_fb_field_name(field), tag);
        return;
    }
    size_t value = value_at ? follow(v, value_at, member->name) : 0;
    if (value) verify_table(v, member, value);
}

static void verify_field(verifier *v, const table_view *table, const tmoi_fb_field *field)
{
    if (field->kind == TMOI_FB_UNION) {
        verify_union(v, table, field);
        return;
    }
    bool inline_value = field->kind == TMOI_FB_SCALAR || field->kind == TMOI_FB_BOOL;
    size_t at = locate(v, table, field->id, inline_value ? field->bytes : 4, tmoi_fb_field_name(field));
    if (at == 0) return;
    switch ((tmoi_fb_kind)field->kind) {
    case TMOI_FB_STRING: verify_string(v, field, at); break;
    case TMOI_FB_VECTOR: verify_vector(v, field, at); break;
    case TMOI_FB_TABLES: verify_tables(v, field, at); break;
    case TMOI_FB_SUBTABLE: {
        size_t subtable = follow(v, at, tmoi_fb_field_name(field));
        if (subtable) verify_table(v, tmoi_fb_field_type(field), subtable);
        break;
    }
    default: break;
    }
}

static bool view_table(verifier *v, const tmoi_fb_type *type, size_t at, table_view *out)
{
    int64_t vtable = (int64_t)at - (int32_t)tmoi_le_u32(v->bytes + at);
    if (vtable < 0 || vtable % 2 != 0 || (uint64_t)vtable > v->size - VTABLE_HEADER_BYTES) {
        report(v, TMOI_FB_FAULT, at, "table '%s' has no vtable inside the file", type->name);
        return false;
    }
    *out = (table_view){.type = type, .at = at, .vtable = (size_t)vtable};
    out->vtable_bytes = tmoi_le_u16(v->bytes + out->vtable);
    out->bytes = tmoi_le_u16(v->bytes + out->vtable + 2);
    if (out->vtable_bytes < VTABLE_HEADER_BYTES || out->vtable_bytes % 2 != 0 ||
        out->vtable_bytes > v->size - out->vtable) {
        report(v, TMOI_FB_FAULT, out->vtable, "vtable of '%s' has a wrong size of %u bytes", type->name,
               out->vtable_bytes);
        return false;
    }
    if (out->bytes < 4 || out->bytes > v->size - at) {
        report(v, TMOI_FB_FAULT, out->vtable, "table '%s' has a wrong size of %u bytes", type->name,
               out->bytes);
        return false;
    }
    reached(v, out->vtable + out->vtable_bytes);
    reached(v, at + out->bytes);
    return true;
}

static void verify_table(verifier *v, const tmoi_fb_type *type, size_t at)
{
    table_view table;
    spend_visit(v, at);
    if (v->stopped || !view_table(v, type, at, &table)) return;
    for (uint32_t k = 0; k < type->field_count && !v->stopped; k++) verify_field(v, &table, &type->fields[k]);
    uint32_t ids = (table.vtable_bytes - (uint32_t)VTABLE_HEADER_BYTES) / 2;
    for (uint32_t id = tmoi_fb_slot_count(type); id < ids; id++)
        if (slot(v, &table, id))
            report(v, TMOI_FB_NOTE, at, "table '%s' has an unknown field %u", type->name, id);
}

static void verify_version(verifier *v, size_t root)
{
    size_t at = tmoi_fb_locate(v->bytes, root, VERSION_ID);
    uint32_t version = at ? tmoi_le_u32(v->bytes + at) : 0;
    if (version != SCHEMA_VERSION)
        report(v, TMOI_FB_FAULT, at, "schema version is %u, expected %d", version, SCHEMA_VERSION);
}

tmo_status tmoi_fb_verify(const uint8_t *bytes, size_t size, const tmoi_fb_reporter *reporter, size_t *end,
                          tmoi_ctx *ctx)
{
    verifier v = {.bytes = bytes, .size = size, .reporter = reporter, .ctx = ctx};
    v.visits = size / MIN_TABLE_BYTES + SPARE_VISITS;
    v.vector_bytes = (uint64_t)size * MAX_SHARING + SPARE_VECTOR_BYTES;
    if (size < HEADER_BYTES) {
        report(&v, TMOI_FB_FAULT, 0, "file of %zu bytes is too short", size);
        return ctx->error.status;
    }
    if (memcmp(bytes + 4, "TFL3", 4) != 0)
        report(&v, TMOI_FB_FAULT, 4, "identifier is not 'TFL3': not a .tflite file");
    size_t root = v.stopped ? 0 : follow(&v, 0, "the model");
    if (root) {
        verify_table(&v, &tmoi_fb_type_model, root);
        if (ctx->error.status == TMO_STATUS_OK) verify_version(&v, root);
    }
    if (end) *end = v.end;
    return ctx->error.status;
}
