#include "runtime/weights_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/le.h"

enum {
    LAYOUT_VERSION = 1,
    HEADER_BYTES = 72,
    SIGNED_BYTES = 56, /* of the header, by the hash at its end */
    ENTRY_BYTES = 48
};
static const char magic[8] = {'t', 'm', 'o', '-', 'p', 'a', 'c', 'k'};

static uint64_t read_u64(const uint8_t *bytes)
{
    return tmoi_le_u32(bytes) | (uint64_t)tmoi_le_u32(bytes + 4) << 32;
}

static void write_u64(uint8_t *bytes, uint64_t value)
{
    tmoi_le_put_u32(bytes, (uint32_t)value);
    tmoi_le_put_u32(bytes + 4, (uint32_t)(value >> 32));
}

static tmoi_hash read_hash(const uint8_t *bytes)
{
    return (tmoi_hash){read_u64(bytes), read_u64(bytes + 8)};
}

static void write_hash(uint8_t *bytes, tmoi_hash hash)
{
    write_u64(bytes, hash.low);
    write_u64(bytes + 8, hash.high);
}

static tmoi_hash hash_of(const void *data, size_t bytes)
{
    return tmoi_hash_bytes(data, bytes, (tmoi_hash){0, 0});
}

static int compare_keys(tmoi_hash a, tmoi_hash b)
{
    if (a.high != b.high) return a.high < b.high ? -1 : 1;
    return a.low < b.low ? -1 : a.low > b.low;
}

/* ---- reading ---- */

static const uint8_t *entry_of(const tmoi_weights_file *file, uint32_t k)
{
    return file->map.data + HEADER_BYTES + (size_t)k * ENTRY_BYTES;
}

static bool header_is_sound(const tmoi_file_map *map, tmoi_hash identity)
{
    const uint8_t *data = map->data;
    if (map->size_bytes < HEADER_BYTES || memcmp(data, magic, sizeof magic) != 0) return false;
    uint32_t count = tmoi_le_u32(data + 12);
    return tmoi_le_u32(data + 8) == LAYOUT_VERSION && read_u64(data + 16) == map->size_bytes &&
           tmoi_hash_equal(read_hash(data + 24), identity) &&
           tmoi_hash_equal(read_hash(data + SIGNED_BYTES), hash_of(data, SIGNED_BYTES)) &&
           count <= (map->size_bytes - HEADER_BYTES) / ENTRY_BYTES &&
           tmoi_hash_equal(read_hash(data + 40), hash_of(data + HEADER_BYTES, (size_t)count * ENTRY_BYTES));
}

static bool table_is_sound(const tmoi_weights_file *file)
{
    uint64_t payload = HEADER_BYTES + (uint64_t)file->count * ENTRY_BYTES, size = file->map.size_bytes;
    for (uint32_t k = 0; k < file->count; k++) {
        const uint8_t *entry = entry_of(file, k);
        uint64_t offset = read_u64(entry + 32), bytes = read_u64(entry + 40);
        if (offset < payload || offset > size || offset % TMOI_ALIGNMENT != 0) return false;
        if (bytes == 0 || bytes > size - offset) return false;
        if (k > 0 && compare_keys(read_hash(entry - ENTRY_BYTES), read_hash(entry)) >= 0) return false;
    }
    return true;
}

void tmoi_weights_file_open(tmoi_weights_file *out, const char *path, tmoi_hash identity,
                            const tmo_allocator *allocator)
{
    tmoi_ctx ctx = tmoi_ctx_make(allocator);
    *out = (tmoi_weights_file){0};
    if (tmoi_path_look(path) != TMOI_PATH_FILE || tmoi_file_map_open(&out->map, path, &ctx) != TMO_STATUS_OK)
        return;
    if (header_is_sound(&out->map, identity)) {
        out->count = tmoi_le_u32(out->map.data + 12);
        if (table_is_sound(out)) return;
    }
    tmoi_weights_file_close(out);
}

void tmoi_weights_file_close(tmoi_weights_file *file)
{
    tmoi_file_map_close(&file->map);
    file->count = 0;
}

tmoi_form tmoi_weights_file_form(const tmoi_weights_file *file, uint32_t k)
{
    const uint8_t *entry = entry_of(file, k);
    tmoi_form form = {.key = read_hash(entry),
                      .data = file->map.data + read_u64(entry + 32),
                      .bytes = (size_t)read_u64(entry + 40),
                      .is_mapped = true};
    if (!tmoi_hash_equal(hash_of(form.data, form.bytes), read_hash(entry + 16))) form.data = NULL;
    return form;
}

const void *tmoi_weights_file_find(const tmoi_weights_file *file, tmoi_hash key, size_t bytes)
{
    uint32_t low = 0, high = file->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare_keys(read_hash(entry_of(file, middle)), key);
        if (order == 0) {
            tmoi_form form = tmoi_weights_file_form(file, middle);
            return form.bytes == bytes ? form.data : NULL;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- writing ---- */

static int compare_forms(const void *a, const void *b)
{
    return compare_keys(((const tmoi_form *)a)->key, ((const tmoi_form *)b)->key);
}

/* The header and the table. */
static void describe(uint8_t *head, tmoi_hash identity, const tmoi_form *forms, uint32_t count)
{
    size_t table_bytes = (size_t)count * ENTRY_BYTES, offset = HEADER_BYTES + table_bytes;
    for (uint32_t k = 0; k < count; k++) {
        uint8_t *entry = head + HEADER_BYTES + (size_t)k * ENTRY_BYTES;
        offset = tmoi_align_up(offset, TMOI_ALIGNMENT);
        write_hash(entry, forms[k].key);
        write_hash(entry + 16, hash_of(forms[k].data, forms[k].bytes));
        write_u64(entry + 32, offset);
        write_u64(entry + 40, forms[k].bytes);
        offset += forms[k].bytes;
    }
    memcpy(head, magic, sizeof magic);
    tmoi_le_put_u32(head + 8, LAYOUT_VERSION);
    tmoi_le_put_u32(head + 12, count);
    write_u64(head + 16, offset);
    write_hash(head + 24, identity);
    write_hash(head + 40, hash_of(head + HEADER_BYTES, table_bytes));
    write_hash(head + SIGNED_BYTES, hash_of(head, SIGNED_BYTES));
}

static tmo_status write_aligned(tmoi_file_writer *writer, const void *data, size_t bytes, tmoi_ctx *ctx)
{
    static const uint8_t zeros[TMOI_ALIGNMENT];
    size_t written = (size_t)writer->size_bytes, gap = tmoi_align_up(written, TMOI_ALIGNMENT) - written;
    TMO_TRY(tmoi_file_writer_write(writer, zeros, gap, ctx));
    TMO_TRY(tmoi_file_writer_write(writer, data, bytes, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_weights_file_write(const char *path, tmoi_hash identity, tmoi_form *forms, uint32_t count,
                                   tmoi_ctx *ctx)
{
    tmoi_file_writer writer = {0};
    uint8_t *head = NULL;
    size_t head_bytes = HEADER_BYTES + (size_t)count * ENTRY_BYTES;
    TMO_TRY(tmoi_new(ctx, &head, head_bytes));
    qsort(forms, count, sizeof *forms, compare_forms);
    describe(head, identity, forms, count);
    TMO_TRY(tmoi_file_writer_open(&writer, path, ctx));
    TMO_TRY(tmoi_file_writer_write(&writer, head, head_bytes, ctx));
    for (uint32_t k = 0; k < count; k++) TMO_TRY(write_aligned(&writer, forms[k].data, forms[k].bytes, ctx));
    TMO_TRY(tmoi_file_writer_commit(&writer, ctx));
fail:
    tmoi_file_writer_close(&writer);
    tmoi_release(&ctx->allocator, head);
    return ctx->error.status;
}
