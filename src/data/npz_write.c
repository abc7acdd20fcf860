/* Writing .npz archives. */
#include <string.h>
#include <zip.h>

#include "data/npy.h"

static const char *zip_text(zip_t *archive)
{
    return zip_error_strerror(zip_get_error(archive));
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
