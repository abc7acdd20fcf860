#include <string.h>
#include <zip.h>

#include "base/os.h"
#include "data/npy.h"

/* Deflate cannot shrink by more than this; a member that says otherwise is not what it says. */
#define DEFLATE_MAX_RATIO 1032u

static const char *zip_text(zip_t *archive)
{
    return zip_error_strerror(zip_get_error(archive));
}

/* Takes the source over. */
static tmo_status open_archive(zip_t **out, zip_source_t *source, zip_error_t *error, const char *subject,
                               tmoi_ctx *ctx)
{
    *out = source ? zip_open_from_source(source, ZIP_RDONLY, error) : NULL;
    if (!*out) {
        (void)tmoi_fail(ctx, TMO_STATUS_INVALID_DATA, "'%s': not a valid .npz file: %s", subject,
                        zip_error_strerror(error));
        if (source) zip_source_free(source);
    }
    zip_error_fini(error);
    return *out ? TMO_STATUS_OK : ctx->error.status;
}

static tmo_status open_bytes(zip_t **out, const uint8_t *data, size_t size_bytes, const char *subject,
                             tmoi_ctx *ctx)
{
    zip_error_t error;
    zip_error_init(&error);
    return open_archive(out, zip_source_buffer_create(data, size_bytes, 0, &error), &error, subject, ctx);
}

static tmo_status open_file(zip_t **out, const char *path, tmoi_ctx *ctx)
{
    zip_error_t error;
    tmoi_file_map map = {0};
    zip_error_init(&error);
    *out = NULL;
    TMO_TRY(tmoi_file_map_open(&map, path, ctx)); /* for its checks */
    tmoi_file_map_close(&map);
    return open_archive(out, zip_source_file_create(path, 0, -1, &error), &error, path, ctx);
fail:
    return ctx->error.status;
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
} npz_read;

/* Checks member `index`; *name is NULL when it is no array. */
static tmo_status look_at(npz_read *npz, zip_uint64_t index, zip_stat_t *info, const char **name,
                          tmoi_arena *arena, tmoi_ctx *ctx)
{
    *name = NULL;
    TMO_FAIL_IF(zip_stat_index(npz->archive, index, 0, info) != 0, INVALID_DATA, ctx, "'%s': %s",
                npz->subject, zip_text(npz->archive));
    size_t length = info->valid & ZIP_STAT_NAME ? strlen(info->name) : 0;
    if (length < 4 || strcmp(info->name + length - 4, ".npy") != 0) return TMO_STATUS_OK;
    TMO_TRY(check_member(info, npz->subject, npz->room, ctx));
    npz->room -= info->size;
    return tmoi_arena_format(arena, name, ctx, "%s/%s", npz->subject, info->name);
fail:
    return ctx->error.status;
}

static tmo_status count_members(zip_int64_t *out, const npz_read *npz, tmoi_ctx *ctx)
{
    *out = zip_get_num_entries(npz->archive, 0);
    TMO_FAIL_IF(*out < 0 || *out > INT32_MAX, INVALID_DATA, ctx, "'%s': not a valid .npz file", npz->subject);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- archives in memory ---- */

tmo_status tmoi_npz_parse(tmoi_npz_entry **out, int32_t *count, const uint8_t *data, size_t size_bytes,
                          const char *subject, uint64_t max_bytes, tmoi_arena *arena, tmoi_ctx *ctx)
{
    npz_read npz = {.subject = subject, .room = max_bytes};
    zip_int64_t members;
    tmoi_npz_entry *entries;
    int32_t found = 0;
    TMO_TRY(open_bytes(&npz.archive, data, size_bytes, subject, ctx));
    TMO_TRY(count_members(&members, &npz, ctx));
    TMO_TRY(tmoi_arena_new(arena, &entries, (size_t)members, ctx));
    for (zip_int64_t k = 0; k < members; k++) {
        zip_stat_t info;
        const char *name;
        uint8_t *bytes;
        TMO_TRY(look_at(&npz, (zip_uint64_t)k, &info, &name, arena, ctx));
        if (!name) continue;
        tmoi_npz_entry *entry = &entries[found++];
        TMO_TRY(load_member(npz.archive, (zip_uint64_t)k, (size_t)info.size, name, &bytes, arena, ctx));
        TMO_TRY(tmoi_arena_text(arena, &entry->name, info.name, strlen(info.name) - 4, ctx));
        TMO_TRY(tmoi_npy_parse(&entry->array, bytes, (size_t)info.size, name, ctx));
    }
    TMO_FAIL_IF(found == 0, INVALID_DATA, ctx, "'%s': holds no arrays", subject);
    zip_discard(npz.archive);
    *out = entries;
    *count = found;
    return TMO_STATUS_OK;
fail:
    if (npz.archive) zip_discard(npz.archive);
    return ctx->error.status;
}

/* ---- archives in a file ---- */

enum {
    HEAD_BYTES = 1 << 16, /* holds any header that NumPy writes for plain numbers */
    MAX_REWINDS = 8       /* of one packed member, before it is unpacked into memory */
};

typedef struct npz_member {
    zip_uint64_t index;
    const char *name;  /* in messages */
    size_t size_bytes; /* of the .npy file */
    size_t start;      /* of its elements */
    bool is_packed;
    zip_file_t *file; /* open while items are read */
    size_t position;  /* in `file` */
    int32_t rewinds;
    uint8_t *bytes; /* the whole .npy file, once it was loaded */
} npz_member;

struct tmoi_npz {
    zip_t *archive;
    tmoi_mutex *mutex; /* libzip's objects belong to one thread at a time */
    tmoi_arena arena;
    tmoi_npz_entry *entries;
    npz_member *members; /* [count] one an entry */
    int32_t count;
};

/* Opens the member anew. */
static tmo_status rewind_member(const tmoi_npz *npz, npz_member *member, tmoi_ctx *ctx)
{
    if (member->file) (void)zip_fclose(member->file);
    member->position = 0;
    member->file = zip_fopen_index(npz->archive, member->index, 0);
    TMO_FAIL_IF(!member->file, INVALID_DATA, ctx, "'%s': %s", member->name, zip_text(npz->archive));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status read_on(npz_member *member, uint8_t *out, size_t size_bytes, tmoi_ctx *ctx)
{
    for (size_t done = 0; done < size_bytes;) {
        zip_int64_t got = zip_fread(member->file, out + done, size_bytes - done);
        TMO_FAIL_IF(got < 0, INVALID_DATA, ctx, "'%s': %s", member->name,
                    zip_error_strerror(zip_file_get_error(member->file)));
        TMO_FAIL_IF(got == 0, INVALID_DATA, ctx, "'%s': ends at byte %zu of %zu", member->name,
                    member->position, member->size_bytes);
        done += (size_t)got;
        member->position += (size_t)got;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status skip_to(npz_member *member, size_t position, tmoi_ctx *ctx)
{
    uint8_t skipped[4096];
    while (member->position < position) {
        size_t rest = position - member->position;
        TMO_TRY(read_on(member, skipped, rest < sizeof skipped ? rest : sizeof skipped, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Reads to the end, where libzip checks the sum. */
static tmo_status check_rest(npz_member *member, tmoi_ctx *ctx)
{
    uint8_t extra;
    TMO_TRY(skip_to(member, member->size_bytes, ctx));
    zip_int64_t got = zip_fread(member->file, &extra, 1);
    TMO_FAIL_IF(got < 0, INVALID_DATA, ctx, "'%s': %s", member->name,
                zip_error_strerror(zip_file_get_error(member->file)));
    TMO_FAIL_IF(got > 0, INVALID_DATA, ctx, "'%s': longer than the archive says", member->name);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status scan_member(tmoi_npz *npz, npz_member *member, tmoi_array *array, uint8_t *head,
                              tmoi_ctx *ctx)
{
    size_t head_bytes = member->size_bytes < HEAD_BYTES ? member->size_bytes : HEAD_BYTES;
    TMO_TRY(rewind_member(npz, member, ctx));
    TMO_TRY(read_on(member, head, head_bytes, ctx));
    TMO_TRY(check_rest(member, ctx));
    (void)zip_fclose(member->file);
    member->file = NULL;
    return tmoi_npy_layout(array, &member->start, head, head_bytes, member->size_bytes, member->name, ctx);
fail:
    return ctx->error.status;
}

static tmo_status scan(tmoi_npz *npz, npz_read *reading, uint8_t *head, tmoi_ctx *ctx)
{
    tmoi_arena *arena = &npz->arena;
    zip_int64_t members;
    TMO_TRY(count_members(&members, reading, ctx));
    TMO_TRY(tmoi_arena_new(arena, &npz->entries, (size_t)members, ctx));
    TMO_TRY(tmoi_arena_new(arena, &npz->members, (size_t)members, ctx));
    for (zip_int64_t k = 0; k < members; k++) {
        zip_stat_t info;
        const char *name;
        TMO_TRY(look_at(reading, (zip_uint64_t)k, &info, &name, arena, ctx));
        if (!name) continue;
        tmoi_npz_entry *entry = &npz->entries[npz->count];
        npz_member *member = &npz->members[npz->count++];
        *member = (npz_member){.index = (zip_uint64_t)k, .name = name, .size_bytes = (size_t)info.size};
        member->is_packed = !(info.valid & ZIP_STAT_COMP_METHOD) || info.comp_method != ZIP_CM_STORE;
        TMO_TRY(tmoi_arena_text(arena, &entry->name, info.name, strlen(info.name) - 4, ctx));
        TMO_TRY(scan_member(npz, member, &entry->array, head, ctx));
    }
    TMO_FAIL_IF(npz->count == 0, INVALID_DATA, ctx, "'%s': holds no arrays", reading->subject);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_npz_open(tmoi_npz **out, const char *path, uint64_t max_bytes, tmoi_ctx *ctx)
{
    tmoi_npz *npz = NULL;
    uint8_t *head = NULL;
    npz_read reading = {.subject = path, .room = max_bytes};
    TMO_TRY(tmoi_new(ctx, &npz, 1));
    tmoi_arena_init(&npz->arena, &ctx->allocator);
    TMO_TRY(tmoi_mutex_make(&npz->mutex, ctx));
    TMO_TRY(open_file(&npz->archive, path, ctx));
    reading.archive = npz->archive;
    TMO_TRY(tmoi_new(ctx, &head, HEAD_BYTES));
    TMO_TRY(scan(npz, &reading, head, ctx));
    tmoi_release(&ctx->allocator, head);
    *out = npz;
    return TMO_STATUS_OK;
fail:
    tmoi_release(&ctx->allocator, head);
    tmoi_npz_close(npz);
    *out = NULL;
    return ctx->error.status;
}

void tmoi_npz_close(tmoi_npz *npz)
{
    if (!npz) return;
    tmo_allocator allocator = npz->arena.allocator;
    for (int32_t k = 0; k < npz->count; k++) {
        if (npz->members[k].file) (void)zip_fclose(npz->members[k].file);
        tmoi_release(&allocator, npz->members[k].bytes);
    }
    if (npz->archive) zip_discard(npz->archive);
    if (npz->mutex) tmoi_mutex_free(npz->mutex);
    tmoi_arena_clear(&npz->arena);
    tmoi_release(&allocator, npz);
}

const tmoi_npz_entry *tmoi_npz_entries(const tmoi_npz *npz, int32_t *count)
{
    *count = npz->count;
    return npz->entries;
}

static tmo_status load(tmoi_npz *npz, npz_member *member, tmoi_ctx *ctx)
{
    tmo_allocator *allocator = &npz->arena.allocator;
    uint8_t *bytes = NULL;
    if (member->bytes) return TMO_STATUS_OK;
    TMO_TRY(tmoi_new(ctx, &bytes, member->size_bytes));
    TMO_TRY(rewind_member(npz, member, ctx));
    TMO_TRY(read_on(member, bytes, member->size_bytes, ctx));
    (void)zip_fclose(member->file);
    member->file = NULL;
    member->bytes = bytes;
    return TMO_STATUS_OK;
fail:
    tmoi_release(allocator, bytes);
    return ctx->error.status;
}

tmo_status tmoi_npz_load(tmoi_npz *npz, int32_t entry, tmoi_ctx *ctx)
{
    npz_member *member = &npz->members[entry];
    TMO_TRY(load(npz, member, ctx));
    npz->entries[entry].array.data = member->bytes + member->start;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Moves to a byte of the member. */
static tmo_status seek(tmoi_npz *npz, npz_member *member, size_t position, tmoi_ctx *ctx)
{
    if (!member->file) TMO_TRY(rewind_member(npz, member, ctx));
    if (!member->is_packed && zip_fseek(member->file, (zip_int64_t)position, SEEK_SET) == 0) {
        member->position = position;
        return TMO_STATUS_OK;
    }
    if (!member->is_packed || position < member->position) {
        member->is_packed = true; /* or as good as */
        member->rewinds++;
        TMO_TRY(rewind_member(npz, member, ctx));
    }
    return skip_to(member, position, ctx);
fail:
    return ctx->error.status;
}

static tmo_status read_item(tmoi_npz *npz, npz_member *member, int64_t item, uint8_t *out, size_t size_bytes,
                            tmoi_ctx *ctx)
{
    size_t position = member->start + (size_t)item * size_bytes;
    if (member->rewinds > MAX_REWINDS) TMO_TRY(load(npz, member, ctx));
    if (member->bytes) {
        memcpy(out, member->bytes + position, size_bytes);
        return TMO_STATUS_OK;
    }
    TMO_TRY(seek(npz, member, position, ctx));
    return read_on(member, out, size_bytes, ctx);
fail:
    return ctx->error.status;
}

tmo_status tmoi_npz_read_item(tmoi_npz *npz, int32_t entry, int64_t item, tmoi_array *out, tmoi_ctx *ctx)
{
    tmoi_array whole = npz->entries[entry].array;
    size_t size_bytes = tmoi_type_bytes(whole.type, tmoi_shape_product(&whole.shape, 1, whole.shape.rank));
    void *bytes = NULL;
    TMO_TRY(tmoi_alloc(ctx, &bytes, size_bytes, 1, 16));
    whole.data = bytes;
    *out = tmoi_array_item(&whole, 0);
    out->owned = bytes;
    tmoi_mutex_lock(npz->mutex);
    (void)read_item(npz, &npz->members[entry], item, bytes, size_bytes, ctx);
    tmoi_mutex_unlock(npz->mutex);
fail:
    return ctx->error.status;
}
