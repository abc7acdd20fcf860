/* Offsets in a FlatBuffers file lead forward, so what many tables share must come after all of them. Hence two regions: the
 * tables, parents before children, built in memory with the offsets to leaves open; then the leaves (texts, vectors of
 * scalars), each content once. When all tables are packed, the place of every leaf is computed and patched in, and
 * everything is streamed out in order. */
#include "tflite/write.h"

#include "base/intern.h"
#include "tflite/descriptor.h"
#include "tflite/read.h"
#include "tflite/table.h"

enum { MAX_SLOTS = 32, PAYLOAD_ALIGNMENT = 16, VTABLE_HEADER_BYTES = 4, CHUNK_BYTES = 4096, PLACEHOLDER = 1 };

/* XNNPACK may read this far beyond a weight. */
enum { READ_AHEAD_BYTES = 16 };

/* Readers take offsets as signed numbers; the rest is room for alignment. */
#define MAX_INSIDE_BYTES ((UINT64_C(1) << 31) - (UINT64_C(1) << 24))

/* Custom options at least this large go outside with the buffers. */
enum { LARGE_CUSTOM_OPTIONS = 1 << 20 };

typedef enum region {
    SMALL,          /* texts and vectors */
    PAYLOAD,        /* of buffers, inside the flatbuffer */
    OUTSIDE,        /* payloads beyond it, without a length before them */
    OUTSIDE_OPTIONS /* custom options beyond it */
} region;

/* What the `kind` of an interned leaf says. */
typedef struct leaf_kind {
    uint8_t elem_bytes, align, is_text, region;
} leaf_kind;

typedef struct patch {
    uint32_t at; /* in the tables */
    uint32_t leaf;
} patch;

typedef struct writer {
    uint8_t *tables;
    size_t size, capacity;
    size_t *vtables; /* where they start in `tables` */
    size_t vtable_count, vtable_capacity;
    patch *patches;
    size_t patch_count, patch_capacity;
    tmoi_intern leaves;
    uint64_t *places;            /* of the leaves, in the file */
    uint8_t *is_metadata_buffer; /* by buffer */
    bool outside;
    tmoi_ctx *ctx;
} writer;

static uint32_t pack_kind(leaf_kind kind)
{
    return (uint32_t)kind.elem_bytes | (uint32_t)kind.align << 8 | (uint32_t)kind.is_text << 16 |
           (uint32_t)kind.region << 24;
}

static leaf_kind unpack_kind(uint32_t kind)
{
    return (leaf_kind){(uint8_t)kind, (uint8_t)(kind >> 8), (uint8_t)(kind >> 16), (uint8_t)(kind >> 24)};
}

static bool is_outside(leaf_kind kind)
{
    return kind.region == OUTSIDE || kind.region == OUTSIDE_OPTIONS;
}

/* ---- tables ---- */

/* `bytes` zeroed bytes at the end of the tables, at an address that leaves `remainder` when divided by `alignment`. */
static tmo_status append(writer *w, size_t bytes, size_t alignment, size_t remainder, size_t *at)
{
    size_t start = tmoi_align_up(w->size + alignment - remainder, alignment) - alignment + remainder;
    TMO_FAIL_IF(start + bytes > MAX_INSIDE_BYTES, LIMIT, w->ctx,
                "write: the tables of the model exceed %llu bytes", (unsigned long long)MAX_INSIDE_BYTES);
    TMO_TRY(tmoi_grow(w->ctx, (void **)&w->tables, &w->capacity, start + bytes, 1));
    w->size = start + bytes;
    *at = start;
    return TMO_STATUS_OK;
fail:
    return w->ctx->error.status;
}

static void point(writer *w, size_t from, size_t to)
{
    tmoi_le_put_u32(w->tables + from, (uint32_t)(to - from));
}

static tmo_status point_to_leaf(writer *w, size_t from, const void *data, size_t bytes, leaf_kind kind)
{
    size_t leaf;
    TMO_TRY(tmoi_intern_add(&w->leaves, data, bytes, pack_kind(kind), &leaf, w->ctx));
    TMO_TRY(
        tmoi_grow(w->ctx, (void **)&w->patches, &w->patch_capacity, w->patch_count + 1, sizeof *w->patches));
    w->patches[w->patch_count++] = (patch){(uint32_t)from, (uint32_t)leaf};
    return TMO_STATUS_OK;
fail:
    return w->ctx->error.status;
}

/* Finds an equal vtable or appends this one. */
static tmo_status place_vtable(writer *w, const uint8_t *vtable, size_t bytes, size_t *at)
{
    for (size_t k = 0; k < w->vtable_count; k++) {
        *at = w->vtables[k];
        if (tmoi_le_u16(w->tables + *at) == bytes && memcmp(w->tables + *at, vtable, bytes) == 0)
            return TMO_STATUS_OK;
    }
    TMO_TRY(append(w, bytes, 2, 0, at));
    memcpy(w->tables + *at, vtable, bytes);
    TMO_TRY(tmoi_grow(w->ctx, (void **)&w->vtables, &w->vtable_capacity, w->vtable_count + 1,
                      sizeof *w->vtables));
    w->vtables[w->vtable_count++] = *at;
    return TMO_STATUS_OK;
fail:
    return w->ctx->error.status;
}

/* Bytes that each field takes inside the table, by id; 0 for those that are absent. Returns the number of slots. */
static uint32_t measure_fields(const tmoi_fb_type *type, const void *table, uint8_t *slot_bytes)
{
    uint32_t slots = 0;
    memset(slot_bytes, 0, MAX_SLOTS);
    for (uint32_t k = 0; k < type->field_count; k++) {
        const tmoi_fb_field *field = &type->fields[k];
        uint32_t id = field->id;
        if (field->kind == TMOI_FB_UNION) {
            tmoi_fb_union value = tmoi_fb_get_union(table, field);
            slot_bytes[id] = value.tag ? 1 : 0;
            slot_bytes[id + 1] = value.tag && value.value ? 4 : 0;
            if (value.tag) slots = id + (slot_bytes[id + 1] ? 2 : 1);
            continue;
        }
        const uint8_t *value = (const uint8_t *)table + field->offset;
        const uint8_t *initial = (const uint8_t *)type->defaults + field->offset;
        bool is_scalar = field->kind == TMOI_FB_SCALAR || field->kind == TMOI_FB_BOOL;
        /* everything else starts with a pointer, and is there when that is not NULL */
        size_t bytes = is_scalar ? field->bytes : sizeof(void *);
        if (memcmp(value, initial, bytes) == 0) continue;
        slot_bytes[id] = is_scalar ? field->bytes : 4;
        slots = id + 1;
    }
    return slots;
}

/* Gives each present field its place, wide ones first so that nothing is wasted; returns the bytes of the table. */
static size_t place_fields(const uint8_t *slot_bytes, uint32_t slots, uint16_t *places)
{
    size_t end = 4;
    memset(places, 0, MAX_SLOTS * sizeof *places);
    for (size_t width = 8; width > 0; width /= 2) {
        for (uint32_t id = 0; id < slots; id++) {
            if (slot_bytes[id] != width) continue;
            places[id] = (uint16_t)end;
            end += width;
        }
    }
    return end;
}

/* Appends the table with its vtable and leaves its fields zero. */
static tmo_status place_table(writer *w, const tmoi_fb_type *type, const void *table, uint16_t *places,
                              size_t *at)
{
    uint8_t slot_bytes[MAX_SLOTS], vtable[VTABLE_HEADER_BYTES + 2 * MAX_SLOTS];
    uint32_t slots = measure_fields(type, table, slot_bytes);
    size_t bytes = place_fields(slot_bytes, slots, places);
    size_t vtable_bytes = VTABLE_HEADER_BYTES + 2 * (size_t)slots, vtable_at;
    bool has_wide = memchr(slot_bytes, 8, slots) != NULL;
    tmoi_le_put_u16(vtable, (uint16_t)vtable_bytes);
    tmoi_le_put_u16(vtable + 2, (uint16_t)bytes);
    for (uint32_t id = 0; id < slots; id++)
        tmoi_le_put_u16(vtable + VTABLE_HEADER_BYTES + 2 * id, places[id]);
    TMO_TRY(place_vtable(w, vtable, vtable_bytes, &vtable_at));
    TMO_TRY(append(w, bytes, has_wide ? 8 : 4, has_wide ? 4 : 0, at));
    tmoi_le_put_u32(w->tables + *at, (uint32_t)(*at - vtable_at));
    return TMO_STATUS_OK;
fail:
    return w->ctx->error.status;
}

static tmo_status pack_table(writer *w, const tmoi_fb_type *type, const void *table, size_t *at);

static tmo_status pack_child(writer *w, const tmoi_fb_type *type, const void *table, size_t from)
{
    size_t child;
    TMO_TRY(pack_table(w, type, table, &child));
    point(w, from, child);
    return TMO_STATUS_OK;
fail:
    return w->ctx->error.status;
}

static tmo_status pack_buffer(writer *w, const tmoi_fb_buffer *buffer, bool is_metadata, size_t from);
static tmo_status pack_operator(writer *w, const tmoi_fb_operator *op, size_t from);

static tmo_status pack_tables(writer *w, const tmoi_fb_field *field, tmoi_fb_span span, size_t from)
{
    size_t vector;
    TMO_TRY(append(w, 4 + 4 * (size_t)span.count, 4, 0, &vector));
    point(w, from, vector);
    tmoi_le_put_u32(w->tables + vector, span.count);
    for (uint32_t k = 0; k < span.count; k++) {
        const uint8_t *table = (const uint8_t *)span.data +
                               (size_t)k * tmoi_fb_field_type(field)->struct_bytes;
        size_t slot = vector + 4 + 4 * (size_t)k;
        if (tmoi_fb_field_type(field) == &tmoi_fb_type_buffer)
            TMO_TRY(pack_buffer(w, (const void *)table, w->is_metadata_buffer[k], slot));
        else if (tmoi_fb_field_type(field) == &tmoi_fb_type_operator)
            TMO_TRY(pack_operator(w, (const void *)table, slot));
        else
            TMO_TRY(pack_child(w, tmoi_fb_field_type(field), table, slot));
    }
    return TMO_STATUS_OK;
fail:
    return w->ctx->error.status;
}

static tmo_status pack_union(writer *w, const tmoi_fb_field *field, const void *table, const uint16_t *places,
                             size_t at)
{
    tmoi_fb_union value = tmoi_fb_get_union(table, field);
    const tmoi_fb_type *member = tmoi_fb_union_member(field->union_kind, value.tag);
    if (places[field->id]) w->tables[at + places[field->id]] = value.tag;
    if (!places[field->id + 1]) return TMO_STATUS_OK;
    TMO_FAIL_IF(!member, INTERNAL, w->ctx, "write: union '%s' has a value but the unknown tag %u",
                tmoi_fb_field_name(field), value.tag);
    return pack_child(w, member, value.value, at + places[field->id + 1]);
fail:
    return w->ctx->error.status;
}

static tmo_status pack_field(writer *w, const tmoi_fb_field *field, const void *table, size_t at)
{
    tmoi_fb_span span;
    switch ((tmoi_fb_kind)field->kind) {
    case TMOI_FB_SCALAR:
    case TMOI_FB_BOOL:
        tmoi_le_copy(w->tables + at, (const uint8_t *)table + field->offset, 1, field->bytes);
        return TMO_STATUS_OK;
    case TMOI_FB_STRING:
    case TMOI_FB_VECTOR: {
        leaf_kind kind = {field->bytes, field->align, field->kind == TMOI_FB_STRING, SMALL};
        span = tmoi_fb_get_span(table, field);
        return point_to_leaf(w, at, span.data, (size_t)span.count * field->bytes, kind);
    }
    case TMOI_FB_SUBTABLE:
        return pack_child(w, tmoi_fb_field_type(field), tmoi_fb_get_subtable(table, field), at);
    case TMOI_FB_TABLES: return pack_tables(w, field, tmoi_fb_get_span(table, field), at);
    case TMOI_FB_UNION: break;
    }
    return TMO_STATUS_OK;
}

static tmo_status pack_table(writer *w, const tmoi_fb_type *type, const void *table, size_t *at)
{
    uint16_t places[MAX_SLOTS];
    TMO_TRY(place_table(w, type, table, places, at));
    for (uint32_t k = 0; k < type->field_count; k++) {
        const tmoi_fb_field *field = &type->fields[k];
        if (field->kind == TMOI_FB_UNION)
            TMO_TRY(pack_union(w, field, table, places, *at));
        else if (places[field->id])
            TMO_TRY(pack_field(w, field, table, *at + places[field->id]));
    }
    return TMO_STATUS_OK;
fail:
    return w->ctx->error.status;
}

/* Packs a table whose 64-bit field `id` is the place of a leaf beyond the flatbuffer. */
static tmo_status pack_outside(writer *w, const tmoi_fb_type *type, const void *table, uint32_t id,
                               const void *data, size_t bytes, region where, size_t from)
{
    size_t at;
    TMO_TRY(pack_table(w, type, table, &at));
    point(w, from, at);
    leaf_kind kind = {1, PAYLOAD_ALIGNMENT, 0, (uint8_t)where};
    return point_to_leaf(w, tmoi_fb_locate(w->tables, at, id), data, bytes, kind);
fail:
    return w->ctx->error.status;
}

static tmo_status pack_buffer(writer *w, const tmoi_fb_buffer *buffer, bool is_metadata, size_t from)
{
    enum { DATA_ID = 0, OFFSET_ID = 1 };
    const uint8_t *data = buffer->data.data;
    uint64_t bytes = tmoi_fb_buffer_bytes(buffer);
    if (w->outside && !is_metadata && bytes) {
        tmoi_fb_buffer outside = {.offset = PLACEHOLDER, .size = bytes};
        return pack_outside(w, &tmoi_fb_type_buffer, &outside, OFFSET_ID, data, (size_t)bytes, OUTSIDE, from);
    }
    tmoi_fb_buffer inside = {.data = {data, bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes}};
    uint16_t places[MAX_SLOTS];
    size_t at;
    TMO_TRY(place_table(w, &tmoi_fb_type_buffer, &inside, places, &at));
    point(w, from, at);
    if (!places[DATA_ID]) return TMO_STATUS_OK;
    leaf_kind kind = {1, PAYLOAD_ALIGNMENT, 0, PAYLOAD};
    return point_to_leaf(w, at + places[DATA_ID], data, (size_t)bytes, kind);
fail:
    return w->ctx->error.status;
}

static tmo_status pack_operator(writer *w, const tmoi_fb_operator *op, size_t from)
{
    enum { LARGE_OFFSET_ID = 9 };
    tmoi_fb_operator plain = *op;
    plain.large_custom_options_offset = plain.large_custom_options_size = 0;
    if (!w->outside || op->custom_options.count < LARGE_CUSTOM_OPTIONS)
        return pack_child(w, &tmoi_fb_type_operator, &plain, from);
    plain.custom_options = (tmoi_vec_u8){0};
    plain.large_custom_options_offset = PLACEHOLDER;
    plain.large_custom_options_size = op->custom_options.count;
    return pack_outside(w, &tmoi_fb_type_operator, &plain, LARGE_OFFSET_ID, op->custom_options.data,
                        op->custom_options.count, OUTSIDE_OPTIONS, from);
}

static tmo_status pack_model(writer *w, const tmoi_fb_model *model)
{
    enum { ROOT_AND_IDENTIFIER_BYTES = 8 };
    size_t header, root;
    TMO_TRY(append(w, ROOT_AND_IDENTIFIER_BYTES, 4, 0, &header));
    memcpy(w->tables + 4, "TFL3", 4);
    TMO_TRY(pack_table(w, &tmoi_fb_type_model, model, &root));
    point(w, header, root);
    return TMO_STATUS_OK;
fail:
    return w->ctx->error.status;
}

/* ---- leaves ---- */

/* Where a leaf goes when everything before it ends at `end`. */
static uint64_t next_place(uint64_t end, leaf_kind kind)
{
    uint64_t before = is_outside(kind) ? 0 : 4, alignment = kind.align < 4 ? 4 : kind.align;
    return (end + before + alignment - 1) / alignment * alignment - before;
}

static uint64_t leaf_end(const writer *w, size_t leaf)
{
    leaf_kind kind = unpack_kind(w->leaves.entries[leaf].kind);
    return w->places[leaf] + (is_outside(kind) ? 0 : 4) + w->leaves.entries[leaf].bytes + kind.is_text;
}

static uint64_t region_start(region where, uint64_t end)
{
    if (where == OUTSIDE) return (end + PAYLOAD_ALIGNMENT - 1) / PAYLOAD_ALIGNMENT * PAYLOAD_ALIGNMENT;
    if (where == OUTSIDE_OPTIONS) return end + READ_AHEAD_BYTES;
    return end;
}

/* Places the leaves of one region after `end`; returns the new end. */
static uint64_t place_region(writer *w, region where, uint64_t end)
{
    bool first = true;
    for (size_t k = 0; k < w->leaves.count; k++) {
        leaf_kind kind = unpack_kind(w->leaves.entries[k].kind);
        if (kind.region != where) continue;
        if (first) end = region_start(where, end);
        first = false;
        w->places[k] = next_place(end, kind);
        end = leaf_end(w, k);
    }
    return end;
}

/* Computes every place. *inside becomes the end of the flatbuffer, *total that of all. */
static tmo_status place_leaves(writer *w, uint64_t *inside, uint64_t *total)
{
    TMO_TRY(tmoi_new(w->ctx, &w->places, w->leaves.count));
    *inside = place_region(w, PAYLOAD, place_region(w, SMALL, w->size));
    uint64_t outside = place_region(w, OUTSIDE, *inside), options = place_region(w, OUTSIDE_OPTIONS, outside);
    *total = outside > *inside && options == outside ? outside + READ_AHEAD_BYTES : options;
    *total = (*total + PAYLOAD_ALIGNMENT - 1) / PAYLOAD_ALIGNMENT * PAYLOAD_ALIGNMENT;
    return TMO_STATUS_OK;
fail:
    return w->ctx->error.status;
}

static void patch_tables(writer *w)
{
    for (size_t k = 0; k < w->patch_count; k++) {
        const patch *p = &w->patches[k];
        uint64_t place = w->places[p->leaf];
        if (is_outside(unpack_kind(w->leaves.entries[p->leaf].kind))) {
            tmoi_le_put_u32(w->tables + p->at, (uint32_t)place);
            tmoi_le_put_u32(w->tables + p->at + 4, (uint32_t)(place >> 32));
        } else {
            point(w, p->at, (size_t)place);
        }
    }
}

/* ---- output ---- */

typedef struct output {
    const tmoi_fb_sink *sink;
    uint64_t at;
    tmoi_ctx *ctx;
} output;

static tmo_status put(output *out, const void *data, size_t bytes)
{
    if (bytes == 0) return TMO_STATUS_OK;
    out->at += bytes;
    return out->sink->write(out->sink->user, data, bytes, out->ctx);
}

static tmo_status put_zeros(output *out, uint64_t until)
{
    static const uint8_t zeros[4 * PAYLOAD_ALIGNMENT];
    while (out->at < until) {
        uint64_t bytes = until - out->at < sizeof zeros ? until - out->at : sizeof zeros;
        TMO_TRY(put(out, zeros, (size_t)bytes));
    }
    return TMO_STATUS_OK;
fail:
    return out->ctx->error.status;
}

/* The elements in the byte order of the file. */
static tmo_status put_elements(output *out, const tmoi_intern_entry *leaf, size_t elem_bytes)
{
    uint8_t chunk[CHUNK_BYTES];
    const uint8_t *data = leaf->data;
    if (elem_bytes == 1) return put(out, data, leaf->bytes);
    for (size_t done = 0; done < leaf->bytes;) {
        size_t bytes = leaf->bytes - done < sizeof chunk ? leaf->bytes - done : sizeof chunk;
        tmoi_le_copy(chunk, data + done, bytes / elem_bytes, elem_bytes);
        TMO_TRY(put(out, chunk, bytes));
        done += bytes;
    }
    return TMO_STATUS_OK;
fail:
    return out->ctx->error.status;
}

static tmo_status put_leaf(output *out, const writer *w, size_t leaf)
{
    const tmoi_intern_entry *entry = &w->leaves.entries[leaf];
    leaf_kind kind = unpack_kind(entry->kind);
    uint8_t length[4];
    TMO_TRY(put_zeros(out, w->places[leaf]));
    tmoi_le_put_u32(length, (uint32_t)(entry->bytes / kind.elem_bytes));
    if (!is_outside(kind)) TMO_TRY(put(out, length, sizeof length));
    TMO_TRY(put_elements(out, entry, kind.elem_bytes));
    return put_zeros(out, leaf_end(w, leaf));
fail:
    return out->ctx->error.status;
}

static tmo_status put_all(const writer *w, const tmoi_fb_sink *sink, uint64_t total,
                          const tmoi_fb_write_options *options, tmoi_ctx *ctx)
{
    output out = {.sink = sink, .ctx = ctx};
    TMO_TRY(sink->start(sink->user, total + options->suffix_bytes, ctx));
    TMO_TRY(put(&out, w->tables, w->size));
    for (region where = SMALL; where <= OUTSIDE_OPTIONS; where++)
        for (size_t k = 0; k < w->leaves.count; k++)
            if (unpack_kind(w->leaves.entries[k].kind).region == where) TMO_TRY(put_leaf(&out, w, k));
    TMO_TRY(put_zeros(&out, total));
    return put(&out, options->suffix, options->suffix_bytes);
fail:
    return ctx->error.status;
}

static void clear(writer *w)
{
    const tmo_allocator *allocator = &w->ctx->allocator;
    tmoi_release(allocator, w->tables);
    tmoi_release(allocator, w->vtables);
    tmoi_release(allocator, w->patches);
    tmoi_release(allocator, w->places);
    tmoi_release(allocator, w->is_metadata_buffer);
    tmoi_intern_clear(&w->leaves, allocator);
    *w = (writer){.ctx = w->ctx};
}

static tmo_status mark_metadata_buffers(writer *w, const tmoi_fb_model *model)
{
    TMO_TRY(tmoi_new(w->ctx, &w->is_metadata_buffer, model->buffers.count));
    for (uint32_t k = 0; k < model->metadata.count; k++)
        if (model->metadata.data[k].buffer < model->buffers.count)
            w->is_metadata_buffer[model->metadata.data[k].buffer] = 1;
    return TMO_STATUS_OK;
fail:
    return w->ctx->error.status;
}

static tmo_status lay_out(writer *w, const tmoi_fb_model *model, bool outside, uint64_t *inside,
                          uint64_t *total)
{
    w->outside = outside;
    TMO_TRY(mark_metadata_buffers(w, model));
    TMO_TRY(pack_model(w, model));
    TMO_TRY(place_leaves(w, inside, total));
    return TMO_STATUS_OK;
fail:
    return w->ctx->error.status;
}

tmo_status tmoi_fb_write(const tmoi_fb_model *model, const tmoi_fb_write_options *options,
                         const tmoi_fb_sink *sink, tmoi_ctx *ctx)
{
    static const tmoi_fb_write_options none = {0};
    writer w = {.ctx = ctx};
    uint64_t inside, total;
    if (!options) options = &none;
    TMO_TRY(lay_out(&w, model, options->buffers_outside, &inside, &total));
    if (inside > MAX_INSIDE_BYTES && !w.outside) {
        clear(&w);
        TMO_TRY(lay_out(&w, model, true, &inside, &total));
    }
    TMO_FAIL_IF(inside > MAX_INSIDE_BYTES, LIMIT, ctx,
                "write: the model without its weights takes %llu bytes, the limit is %llu",
                (unsigned long long)inside, (unsigned long long)MAX_INSIDE_BYTES);
    patch_tables(&w);
    TMO_TRY(put_all(&w, sink, total, options, ctx));
    clear(&w);
    return TMO_STATUS_OK;
fail:
    clear(&w);
    return ctx->error.status;
}
