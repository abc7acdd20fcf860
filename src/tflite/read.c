#include "tflite/read.h"

#include "tflite/descriptor.h"
#include "tflite/table.h"

typedef struct reader {
    const uint8_t *bytes;
    size_t size;
    tmoi_arena *arena;
    tmoi_ctx *ctx;
} reader;

static tmo_status read_table(reader *r, const tmoi_fb_type *type, size_t at, void *out);

static bool usable_in_place(const uint8_t *data, size_t elem_bytes)
{
    return elem_bytes == 1 || ((uintptr_t)data % elem_bytes == 0 && tmoi_host_is_little_endian());
}

static tmo_status read_vector(reader *r, const tmoi_fb_field *field, size_t at, void *out)
{
    size_t vector = tmoi_fb_follow(r->bytes, at);
    tmoi_fb_span span = {r->bytes + vector + 4, tmoi_le_u32(r->bytes + vector)};
    if (!usable_in_place(span.data, field->bytes)) {
        void *copy;
        TMO_TRY(tmoi_arena_alloc(r->arena, &copy, span.count, field->bytes, 16, r->ctx));
        tmoi_le_copy(copy, span.data, span.count, field->bytes);
        span.data = copy;
    }
    tmoi_fb_set(out, field, &span, sizeof span);
    return TMO_STATUS_OK;
fail:
    return r->ctx->error.status;
}

static tmo_status read_tables(reader *r, const tmoi_fb_field *field, size_t at, void *out)
{
    size_t vector = tmoi_fb_follow(r->bytes, at);
    uint32_t count = tmoi_le_u32(r->bytes + vector);
    uint8_t *tables;
    TMO_TRY(tmoi_arena_alloc(r->arena, (void **)&tables, count, tmoi_fb_field_type(field)->struct_bytes, 16,
                             r->ctx));
    for (uint32_t k = 0; k < count; k++) {
        size_t table = tmoi_fb_follow(r->bytes, vector + 4 + 4 * (size_t)k);
        TMO_TRY(read_table(r, tmoi_fb_field_type(field), table,
                           tables + (size_t)k * tmoi_fb_field_type(field)->struct_bytes));
    }
    tmoi_fb_set(out, field, &(tmoi_fb_span){tables, count}, sizeof(tmoi_fb_span));
    return TMO_STATUS_OK;
fail:
    return r->ctx->error.status;
}

static tmo_status read_new_table(reader *r, const tmoi_fb_type *type, size_t at, void **out)
{
    TMO_TRY(tmoi_arena_alloc(r->arena, out, 1, type->struct_bytes, 16, r->ctx));
    return read_table(r, type, at, *out);
fail:
    return r->ctx->error.status;
}

static tmo_status read_union(reader *r, const tmoi_fb_field *field, size_t table, void *out)
{
    size_t tag_at = tmoi_fb_locate(r->bytes, table, field->id);
    size_t value_at = tmoi_fb_locate(r->bytes, table, field->id + 1u);
    tmoi_fb_union value = {.tag = tag_at ? r->bytes[tag_at] : 0};
    const tmoi_fb_type *member = tmoi_fb_union_member(field->union_kind, value.tag);
    if (member && value_at) {
        void *struct_value;
        TMO_TRY(read_new_table(r, member, tmoi_fb_follow(r->bytes, value_at), &struct_value));
        value.value = struct_value;
    }
    tmoi_fb_set(out, field, &value, sizeof value);
    return TMO_STATUS_OK;
fail:
    return r->ctx->error.status;
}

static tmo_status read_subtable(reader *r, const tmoi_fb_field *field, size_t at, void *out)
{
    void *subtable;
    TMO_TRY(read_new_table(r, tmoi_fb_field_type(field), tmoi_fb_follow(r->bytes, at), &subtable));
    tmoi_fb_set(out, field, &subtable, sizeof subtable);
    return TMO_STATUS_OK;
fail:
    return r->ctx->error.status;
}

static void read_string(const reader *r, const tmoi_fb_field *field, size_t at, void *out)
{
    size_t string = tmoi_fb_follow(r->bytes, at);
    tmoi_fb_span span = {r->bytes + string + 4, tmoi_le_u32(r->bytes + string)};
    tmoi_fb_set(out, field, &span, sizeof span);
}

static tmo_status read_field(reader *r, const tmoi_fb_field *field, size_t table, void *out)
{
    if (field->kind == TMOI_FB_UNION) return read_union(r, field, table, out);
    size_t at = tmoi_fb_locate(r->bytes, table, field->id);
    if (at == 0) return TMO_STATUS_OK;
    switch ((tmoi_fb_kind)field->kind) {
    case TMOI_FB_SCALAR: tmoi_le_copy((uint8_t *)out + field->offset, r->bytes + at, 1, field->bytes); break;
    case TMOI_FB_BOOL: tmoi_fb_set(out, field, &(bool){r->bytes[at] != 0}, sizeof(bool)); break;
    case TMOI_FB_STRING: read_string(r, field, at, out); break;
    case TMOI_FB_VECTOR: return read_vector(r, field, at, out);
    case TMOI_FB_TABLES: return read_tables(r, field, at, out);
    case TMOI_FB_SUBTABLE: return read_subtable(r, field, at, out);
    case TMOI_FB_UNION: break;
    }
    return TMO_STATUS_OK;
}

/* The bytes [offset, offset + size) of the file, beyond the flatbuffer. */
static tmo_status locate_outside(const reader *r, uint64_t offset, uint64_t size, const uint8_t **out)
{
    TMO_FAIL_IF(size > r->size || offset > r->size - size, INVALID_FILE, r->ctx,
                "load: invalid model at byte %llu: %llu bytes of data exceed the file (%zu bytes)",
                (unsigned long long)offset, (unsigned long long)size, r->size);
    *out = r->bytes + offset;
    return TMO_STATUS_OK;
fail:
    r->ctx->error.file_offset = offset > r->size ? -1 : (int64_t)offset;
    return r->ctx->error.status;
}

static tmo_status locate_buffer(const reader *r, tmoi_fb_buffer *buffer)
{
    return buffer->offset <= 1 ? TMO_STATUS_OK
                               : locate_outside(r, buffer->offset, buffer->size, &buffer->data.data);
}

static tmo_status locate_custom_options(const reader *r, tmoi_fb_operator *op)
{
    uint64_t size = op->large_custom_options_size;
    if (op->large_custom_options_offset <= 1) return TMO_STATUS_OK;
    TMO_FAIL_IF(size > UINT32_MAX, UNSUPPORTED_FILE, r->ctx,
                "load: custom options of %llu bytes, the limit is %u", (unsigned long long)size, UINT32_MAX);
    op->custom_options.count = (uint32_t)size;
    return locate_outside(r, op->large_custom_options_offset, size, &op->custom_options.data);
fail:
    return r->ctx->error.status;
}

static tmo_status read_table(reader *r, const tmoi_fb_type *type, size_t at, void *out)
{
    memcpy(out, type->defaults, type->struct_bytes);
    for (uint32_t k = 0; k < type->field_count; k++) TMO_TRY(read_field(r, &type->fields[k], at, out));
    if (type == &tmoi_fb_type_buffer) return locate_buffer(r, out);
    if (type == &tmoi_fb_type_operator) return locate_custom_options(r, out);
    return TMO_STATUS_OK;
fail:
    return r->ctx->error.status;
}

tmo_status tmoi_fb_read(const tmoi_fb_model **out, const uint8_t *bytes, size_t size, tmoi_arena *arena,
                        tmoi_ctx *ctx)
{
    reader r = {.bytes = bytes, .size = size, .arena = arena, .ctx = ctx};
    void *model;
    *out = NULL;
    TMO_TRY(read_new_table(&r, &tmoi_fb_type_model, tmoi_fb_follow(bytes, 0), &model));
    *out = model;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
