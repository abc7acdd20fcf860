/* wav:FOLDER, wav:FILE */
#include "base/os.h"
#include "data/sound.h"
#include "data/source.h"

typedef struct wav_source {
    tmoi_data_source base;
    tmoi_shape shape;       /* of an item */
    tmoi_sound_info wanted; /* what every file is brought to */
} wav_source;

static tmo_status read_item(const tmoi_data_source *base, int64_t item, int32_t input, tmoi_array *out,
                            tmoi_ctx *ctx)
{
    const wav_source *source = (const wav_source *)base;
    const char *path = base->files[item];
    tmoi_file_map map = {0};
    float *sound = NULL;
    (void)input;
    TMO_TRY(tmoi_file_map_open(&map, path, ctx));
    TMO_TRY(tmoi_new(ctx, &sound, (size_t)tmoi_shape_count(&source->shape)));
    TMO_TRY(tmoi_sound_decode(sound, &source->wanted, map.data, map.size_bytes, path, ctx));
    *out = tmoi_array_dense(TMO_TYPE_FLOAT32, &source->shape, sound, false);
    out->owned = sound;
    tmoi_file_map_close(&map);
    return TMO_STATUS_OK;
fail:
    tmoi_release(&ctx->allocator, sound);
    tmoi_file_map_close(&map);
    return ctx->error.status;
}

static tmo_status look_at_first(const wav_source *source, tmoi_sound_info *first, tmoi_ctx *ctx)
{
    tmoi_file_map map = {0};
    TMO_TRY(tmoi_file_map_open(&map, source->base.files[0], ctx));
    TMO_TRY(tmoi_sound_look(first, map.data, map.size_bytes, source->base.files[0], ctx));
fail:
    tmoi_file_map_close(&map);
    return ctx->error.status;
}

/* Free dimensions: a batch of 1, and a length as that of the first file. An innermost dimension of 2, in
 * frames of which there are several, is stereo. */
static tmo_status match(wav_source *source, tmoi_feed *feed, const tmoi_sound_info *first, uint64_t max_bytes,
                        tmoi_ctx *ctx)
{
    tmoi_shape shape = feed->model_shape;
    if (shape.rank > 1 && shape.dims[0] == -1) shape.dims[0] = 1;
    for (int32_t k = 0; k < shape.rank; k++) {
        if (shape.dims[k] >= 0) continue;
        TMO_FAIL_IF(first->frames > INT32_MAX || (uint64_t)first->frames > max_bytes / 8, LIMIT, ctx,
                    "'%s': %lld frames exceed the limit", source->base.files[0], (long long)first->frames);
        shape.dims[k] = (int32_t)first->frames;
    }
    TMO_TRY(tmoi_feed_set_shape(feed, &shape, ctx));
    bool is_stereo = shape.rank >= 2 && shape.dims[shape.rank - 1] == 2 && feed->elem_count > 2;
    feed->channel_count = is_stereo ? 2 : 1;
    source->shape = shape;
    source->wanted = (tmoi_sound_info){feed->elem_count / feed->channel_count, feed->channel_count,
                                       first->rate};
    TMO_FAIL_IF((uint64_t)feed->elem_count > max_bytes / sizeof(float), LIMIT, ctx,
                "input '%s' of shape %s exceeds the limit of %llu bytes", feed->name,
                tmoi_shape_format(&shape).text, (unsigned long long)max_bytes);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_source_open_wav(tmoi_data_source **out, const tmoi_source_request *request, tmoi_ctx *ctx)
{
    static const char *const extensions[] = {".wav", ".wave", NULL};
    wav_source *source = NULL;
    tmoi_sound_info first;
    TMO_TRY(tmoi_source_need_one_input(request, "wav", ctx));
    TMO_TRY(tmoi_source_make((void **)&source, sizeof *source, ctx));
    source->base.read = read_item;
    TMO_TRY(tmoi_source_list_files(&source->base, request->place, extensions, ctx));
    TMO_TRY(look_at_first(source, &first, ctx));
    TMO_TRY(match(source, &request->feeds[0], &first, request->max_bytes, ctx));
    *out = &source->base;
    return TMO_STATUS_OK;
fail:
    tmoi_source_free(source ? &source->base : NULL);
    return ctx->error.status;
}
