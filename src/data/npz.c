#include <string.h>
#include <zip.h>

#include "data/npy.h"

/* Deflate cannot shrink by more than this; a member that says otherwise is not what it says. */
#define DEFLATE_MAX_RATIO 1032u

static const char *zip_text(zip_t *archive)
{
    return zip_error_strerror(zip_get_error(archive));
}

static tmo_status open_archive(zip_t **out, const uint8_t *data, size_t size_bytes, const char *subject,
                               tmoi_ctx *ctx)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(data, size_bytes, 0, &error);
    *out = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    if (!*out) {
        (void)tmoi_fail(ctx, TMO_STATUS_INVALID_DATA, "'%s': not a valid .npz file: %s", subject,
                        zip_error_strerror(&error));
        if (source) zip_source_free(source);
    }
    zip_error_fini(&error);
    return *out ? TMO_STATUS_OK : ctx->error.status;
}

static tmo_status check_member(const zip_stat_t *info, const char *subject, uint64_t room, tmoi_ctx *ctx)
{
    const zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_NAME;
    TMO_FAIL_IF((info->valid & needed) != needed, INVALID_DATA, ctx,
                "'%s': a member of the archive has no size", subject);
    TMO_FAIL_IF(info->size > room || info->size > SIZE_MAX, LIMIT, ctx,
                "'%s': array '%s' of %llu bytes exceeds the limit: %llu bytes are left", subject, info->name,
                (unsigned long long)info->size, (unsigned long long)room);
    TMO_FAIL_IF(info->size / DEFLATE_MAX_RATIO > info->comp_size, INVALID_DATA, ctx,
                "'%s': array '%s' claims %llu bytes from %llu compressed ones", subject, info->name,
                (unsigned long long)info->size, (unsigned long long)info->comp_size);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Reads one byte more than the member should have, so that libzip gets to its end and checks the sum. */
static tmo_status read_member(zip_file_t *file, uint8_t *data, size_t size_bytes, const char *name,
                              tmoi_ctx *ctx)
{
    uint8_t extra;
    size_t done = 0;
    for (;;) {
        bool is_full = done == size_bytes;
        zip_int64_t got = zip_fread(file, is_full ? &extra : data + done, is_full ? 1 : size_bytes - done);
        TMO_FAIL_IF(got < 0, INVALID_DATA, ctx, "'%s': %s", name,
                    zip_error_strerror(zip_file_get_error(file)));
        if (got == 0) break;
        TMO_FAIL_IF(is_full, INVALID_DATA, ctx, "'%s': longer than the archive says", name);
        done += (size_t)got;
    }
    TMO_FAIL_IF(done != size_bytes, INVALID_DATA, ctx, "'%s': ends at byte %zu of %zu", name, done,
                size_bytes);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The bytes of a member in the arena; `name` is its name in messages. */
static tmo_status load_member(zip_t *archive, zip_uint64_t index, size_t size_bytes, const char *name,
                              uint8_t **out, tmoi_arena *arena, tmoi_ctx *ctx)
{
    zip_file_t *file = zip_fopen_index(archive, index, 0);
    TMO_FAIL_IF(!file, INVALID_DATA, ctx, "'%s': %s", name, zip_text(archive));
    TMO_TRY(tmoi_arena_alloc(arena, (void **)out, size_bytes, 1, 16, ctx));
    TMO_TRY(read_member(file, *out, size_bytes, name, ctx));
    (void)zip_fclose(file);
    return TMO_STATUS_OK;
fail:
    if (file) (void)zip_fclose(file);
    return ctx->error.status;
}

typedef struct npz_read {
    zip_t *archive;
    const char *subject;
    uint64_t room;
    tmoi_npz_entry *entries;
    int32_t count;
} npz_read;

static tmo_status read_entry(npz_read *npz, zip_uint64_t index, tmoi_arena *arena, tmoi_ctx *ctx)
{
    zip_stat_t info;
    const char *name = NULL;
    uint8_t *data = NULL;
    TMO_FAIL_IF(zip_stat_index(npz->archive, index, 0, &info) != 0, INVALID_DATA, ctx, "'%s': %s",
                npz->subject, zip_text(npz->archive));
    size_t length = info.valid & ZIP_STAT_NAME ? strlen(info.name) : 0;
    if (length < 4 || strcmp(info.name + length - 4, ".npy") != 0) return TMO_STATUS_OK;
    TMO_TRY(check_member(&info, npz->subject, npz->room, ctx));
    npz->room -= info.size;
    TMO_TRY(tmoi_arena_format(arena, &name, ctx, "%s/%s", npz->subject, info.name));
    TMO_TRY(load_member(npz->archive, index, (size_t)info.size, name, &data, arena, ctx));
    tmoi_npz_entry *entry = &npz->entries[npz->count];
    TMO_TRY(tmoi_arena_text(arena, &entry->name, info.name, length - 4, ctx));
    TMO_TRY(tmoi_npy_parse(&entry->array, data, (size_t)info.size, name, ctx));
    npz->count++;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_npz_parse(tmoi_npz_entry **out, int32_t *count, const uint8_t *data, size_t size_bytes,
                          const char *subject, uint64_t max_bytes, tmoi_arena *arena, tmoi_ctx *ctx)
{
    npz_read npz = {.subject = subject, .room = max_bytes};
    TMO_TRY(open_archive(&npz.archive, data, size_bytes, subject, ctx));
    zip_int64_t members = zip_get_num_entries(npz.archive, 0);
    TMO_FAIL_IF(members < 0 || members > INT32_MAX, INVALID_DATA, ctx, "'%s': not a valid .npz file",
                subject);
    TMO_TRY(tmoi_arena_new(arena, &npz.entries, (size_t)members, ctx));
    for (zip_int64_t k = 0; k < members; k++) TMO_TRY(read_entry(&npz, (zip_uint64_t)k, arena, ctx));
    TMO_FAIL_IF(npz.count == 0, INVALID_DATA, ctx, "'%s': holds no arrays", subject);
    zip_discard(npz.archive);
    *out = npz.entries;
    *count = npz.count;
    return TMO_STATUS_OK;
fail:
    if (npz.archive) zip_discard(npz.archive);
    return ctx->error.status;
}

/* Adds one array to an archive that is being written; its bytes live in `arena`, which must outlive the
 * closing. */
static tmo_status add_array(zip_t *archive, const tmoi_npy_source *source, tmoi_arena *arena, tmoi_ctx *ctx)
{
    char header[TMOI_NPY_HEADER_BYTES];
    const char *name = NULL;
    uint8_t *bytes = NULL;
    size_t header_bytes = 0, size = tmoi_type_bytes(source->type, tmoi_shape_count(&source->shape));
    zip_source_t *member = NULL;
    TMO_TRY(tmoi_npy_header(header, &header_bytes, source, ctx));
    TMO_TRY(tmoi_arena_new(arena, &bytes, header_bytes + size, ctx));
    memcpy(bytes, header, header_bytes);
    if (size) memcpy(bytes + header_bytes, source->data, size);
    TMO_TRY(tmoi_arena_format(arena, &name, ctx, "%s.npy", source->name));
    member = zip_source_buffer(archive, bytes, header_bytes + size, 0);
    TMO_FAIL_IF(!member, OUT_OF_MEMORY, ctx, "cannot write array '%s': %s", source->name, zip_text(archive));
    zip_int64_t index = zip_file_add(archive, name, member, ZIP_FL_ENC_UTF_8);
    TMO_FAIL_IF(index < 0, INVALID_ARGUMENT, ctx, "cannot write array '%s': %s", source->name,
                zip_text(archive));
    member = NULL;
    (void)zip_set_file_compression(archive, (zip_uint64_t)index, ZIP_CM_STORE, 0);
    (void)zip_file_set_dostime(archive, (zip_uint64_t)index, 0, 0x21, 0); /* 1980-01-01 */
    return TMO_STATUS_OK;
fail:
    if (member) zip_source_free(member);
    return ctx->error.status;
}

static tmo_status create_archive(zip_t **out, const char *path, tmoi_ctx *ctx)
{
    int code = 0;
    zip_error_t error;
    *out = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    if (*out) return TMO_STATUS_OK;
    zip_error_init_with_code(&error, code);
    (void)tmoi_fail(ctx, TMO_STATUS_IO, "cannot write '%s': %s", path, zip_error_strerror(&error));
    zip_error_fini(&error);
    return ctx->error.status;
}

tmo_status tmoi_npz_write(const char *path, const tmoi_npy_source *sources, int32_t count, tmoi_ctx *ctx)
{
    tmoi_arena arena;
    zip_t *archive = NULL;
    tmoi_arena_init(&arena, &ctx->allocator);
    TMO_FAIL_IF(count < 1, INVALID_ARGUMENT, ctx, "cannot write '%s': no arrays", path);
    TMO_TRY(create_archive(&archive, path, ctx));
    for (int32_t k = 0; k < count; k++) TMO_TRY(add_array(archive, &sources[k], &arena, ctx));
    TMO_FAIL_IF(zip_close(archive) != 0, IO, ctx, "cannot write '%s': %s", path, zip_text(archive));
    tmoi_arena_clear(&arena);
    return TMO_STATUS_OK;
fail:
    if (archive) zip_discard(archive);
    tmoi_arena_clear(&arena);
    return ctx->error.status;
}
