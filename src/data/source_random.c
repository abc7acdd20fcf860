/* random:N: the same numbers for the same seed and sample, whatever the order of reading. */
#include <string.h>

#include "base/number.h"
#include "base/rng.h"
#include "data/source.h"

typedef struct random_source {
    tmoi_data_source base;
    tmoi_shape *shapes; /* [inputs] */
    bool *are_plain;    /* [inputs] integers without quantization */
    uint64_t seed;
} random_source;

static tmo_status read_item(const tmoi_data_source *base, int64_t item, int32_t input, tmoi_array *out,
                            tmoi_ctx *ctx)
{
    const random_source *source = (const random_source *)base;
    const tmoi_shape *shape = &source->shapes[input];
    int64_t count = tmoi_shape_count(shape);
    float *values = NULL;
    tmoi_rng rng = tmoi_rng_make(source->seed, (uint64_t)item * 64 + (uint64_t)input);
    TMO_TRY(tmoi_new(ctx, &values, (size_t)count));
    for (int64_t k = 0; k < count; k++)
        values[k] = source->are_plain[input] ? (float)tmoi_rng_below(&rng, 2) : tmoi_rng_uniform(&rng);
    *out = tmoi_array_dense(TMO_TYPE_FLOAT32, shape, values, false);
    out->owned = values;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status match(random_source *source, const tmoi_source_request *request, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_arena_new(&source->base.arena, &source->shapes, (size_t)request->feed_count, ctx));
    TMO_TRY(tmoi_arena_new(&source->base.arena, &source->are_plain, (size_t)request->feed_count, ctx));
    for (int32_t k = 0; k < request->feed_count; k++) {
        tmoi_feed *feed = &request->feeds[k];
        tmoi_shape *shape = &source->shapes[k];
        *shape = feed->model_shape;
        for (int32_t d = 0; d < shape->rank; d++)
            if (shape->dims[d] < 0) shape->dims[d] = 1;
        TMO_TRY(tmoi_feed_set_shape(feed, shape, ctx));
        source->are_plain[k] = !tmoi_feed_is_quantized(feed) && !tmoi_feed_is_float(feed);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_source_open_random(tmoi_data_source **out, const tmoi_source_request *request, tmoi_ctx *ctx)
{
    random_source *source = NULL;
    int64_t count = 0;
    TMO_FAIL_IF(!tmoi_parse_int(request->place, strlen(request->place), &count) || count < 1 ||
                    count > INT32_MAX,
                INVALID_ARGUMENT, ctx, "random: the number of samples must be in [1, %d], got '%s'",
                INT32_MAX, request->place);
    TMO_TRY(tmoi_source_make((void **)&source, sizeof *source, ctx));
    source->base.read = read_item;
    source->base.name = "random";
    source->base.count = count;
    source->seed = request->seed;
    TMO_TRY(match(source, request, ctx));
    *out = &source->base;
    return TMO_STATUS_OK;
fail:
    tmoi_source_free(source ? &source->base : NULL);
    return ctx->error.status;
}
