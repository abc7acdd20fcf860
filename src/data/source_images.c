/* images:FOLDER, images:FILE */
#include "base/os.h"
#include "data/image.h"
#include "data/source.h"

#define PICTURE_MAX_BYTES ((uint64_t)512 << 20) /* 178 million RGB pixels */

typedef struct image_source {
    tmoi_data_source base;
    uint64_t max_bytes;
} image_source;

static tmo_status read_item(const tmoi_data_source *base, int64_t item, int32_t input, tmoi_array *out,
                            tmoi_ctx *ctx)
{
    const image_source *source = (const image_source *)base;
    const char *path = base->files[item];
    tmoi_file_map map = {0};
    tmoi_image image = {0};
    (void)input;
    TMO_TRY(tmoi_file_map_open(&map, path, ctx));
    TMO_TRY(tmoi_image_decode(&image, map.data, map.size_bytes, source->max_bytes, path, ctx));
    tmoi_shape shape = {3, {image.height, image.width, image.channels}};
    *out = tmoi_array_dense(TMO_TYPE_UINT8, &shape, image.pixels, false);
    out->owned = image.pixels;
fail:
    tmoi_file_map_close(&map);
    return ctx->error.status;
}

tmo_status tmoi_source_open_images(tmoi_data_source **out, const tmoi_source_request *request, tmoi_ctx *ctx)
{
    static const char *const extensions[] = {".png", ".jpg", ".jpeg", NULL};
    image_source *source = NULL;
    TMO_TRY(tmoi_source_need_one_input(request, "images", ctx));
    TMO_TRY(tmoi_source_make((void **)&source, sizeof *source, ctx));
    source->base.read = read_item;
    source->max_bytes = request->max_bytes < PICTURE_MAX_BYTES ? request->max_bytes : PICTURE_MAX_BYTES;
    TMO_TRY(tmoi_feed_match_picture(&request->feeds[0], &request->resize, 0, 0, 1.0f / 255.0f, ctx));
    TMO_TRY(tmoi_source_list_files(&source->base, request->place, extensions, ctx));
    *out = &source->base;
    return TMO_STATUS_OK;
fail:
    tmoi_source_free(source ? &source->base : NULL);
    return ctx->error.status;
}
