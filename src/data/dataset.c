#include "data/dataset.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/rng.h"
#include "data/source.h"

#define DEFAULT_MAX_BYTES ((uint64_t)4 << 30)
#define SHUFFLE_STREAM    1

struct tmoi_dataset {
    tmoi_arena arena;
    tmoi_feed *feeds;
    int32_t feed_count;
    tmoi_normalization how;
    tmoi_resize resize;
    tmoi_data_source *source;
    const int64_t *order; /* items in the order of samples, or NULL: as they are */
    int64_t begin, count; /* the samples are items begin .. begin + count - 1 of the order */
};

/* ---- options ---- */

/* A list such as "0.485,0.456,0.406" as an array in the arena. */
static tmo_status parse_list(tmoi_dataset *dataset, const char *name, const char *text, const float **out,
                             int32_t *count, tmoi_ctx *ctx)
{
    float *list = NULL;
    int32_t capacity = 0;
    if (!text || !*text) return TMO_STATUS_OK;
    for (const char *at = text;; at++) {
        double value;
        size_t length = strcspn(at, ",");
        TMO_FAIL_IF(!tmoi_parse_number(at, length, &value) || !isfinite(value) || !isfinite((float)value),
                    INVALID_ARGUMENT, ctx, "%s must be numbers separated by commas, got '%s'", name, text);
        TMO_TRY(tmoi_arena_grow(&dataset->arena, (void **)&list, &capacity, *count + 1, sizeof *list, ctx));
        list[(*count)++] = (float)value;
        at += length;
        if (!*at) break;
    }
    *out = list;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status parse_normalization(tmoi_dataset *dataset, const tmoi_dataset_options *options,
                                      tmoi_ctx *ctx)
{
    tmoi_normalization *how = &dataset->how;
    TMO_TRY(parse_list(dataset, "scale", options->scale, &how->scale, &how->scale_count, ctx));
    TMO_TRY(parse_list(dataset, "mean", options->mean, &how->mean, &how->mean_count, ctx));
    TMO_TRY(parse_list(dataset, "std", options->std, &how->std, &how->std_count, ctx));
    for (int32_t k = 0; k < how->std_count; k++)
        TMO_FAIL_IF(how->std[k] == 0.0f, INVALID_ARGUMENT, ctx, "std must not be 0, got '%s'", options->std);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* One end of a split as a position in [0, count]. */
static bool parse_end(const char *text, size_t length, bool is_fraction, int64_t count, int64_t *out)
{
    double fraction;
    if (length == 0) return true;
    if (!is_fraction) {
        if (!tmoi_parse_int(text, length, out) || *out < 0) return false;
        if (*out > count) *out = count;
        return true;
    }
    if (!tmoi_parse_number(text, length, &fraction) || !(fraction >= 0.0 && fraction <= 1.0)) return false;
    *out = (int64_t)(fraction * (double)count + 0.5);
    return true;
}

static tmo_status apply_split(tmoi_dataset *dataset, const char *text, tmoi_ctx *ctx)
{
    int64_t begin = 0, end = dataset->count;
    if (!text || !*text) return TMO_STATUS_OK;
    const char *colon = strchr(text, ':');
    bool is_fraction = strchr(text, '.') != NULL;
    TMO_FAIL_IF(!colon || !parse_end(text, (size_t)(colon - text), is_fraction, dataset->count, &begin) ||
                    !parse_end(colon + 1, strlen(colon + 1), is_fraction, dataset->count, &end),
                INVALID_ARGUMENT, ctx,
                "split must be A:B, fractions in [0, 1] such as 0:0.8 or positions such as 0:100, got '%s'",
                text);
    TMO_FAIL_IF(begin >= end, INVALID_DATA, ctx, "split '%s' leaves none of the %lld samples of '%s'", text,
                (long long)dataset->count, dataset->source->name);
    dataset->begin = begin;
    dataset->count = end - begin;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Uniform in [0, bound), for bounds over 32 bits too. */
static int64_t random_below(tmoi_rng *rng, int64_t bound)
{
    if (bound <= UINT32_MAX) return tmoi_rng_below(rng, (uint32_t)bound);
    uint64_t high = tmoi_rng_u32(rng);
    return (int64_t)((high << 31 | tmoi_rng_u32(rng) >> 1) % (uint64_t)bound);
}

static tmo_status shuffle(tmoi_dataset *dataset, uint64_t seed, tmoi_ctx *ctx)
{
    int64_t *order = NULL;
    tmoi_rng rng = tmoi_rng_make(seed, SHUFFLE_STREAM);
    TMO_TRY(tmoi_arena_new(&dataset->arena, &order, (size_t)dataset->count, ctx));
    for (int64_t k = 0; k < dataset->count; k++) order[k] = k;
    for (int64_t k = dataset->count - 1; k > 0; k--) {
        int64_t other = random_below(&rng, k + 1), item = order[k];
        order[k] = order[other];
        order[other] = item;
    }
    dataset->order = order;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status choose_samples(tmoi_dataset *dataset, const tmoi_dataset_options *options, tmoi_ctx *ctx)
{
    dataset->count = dataset->source->count;
    if (options->shuffle) TMO_TRY(shuffle(dataset, options->seed, ctx));
    TMO_TRY(apply_split(dataset, options->split, ctx));
    if (options->limit > 0 && options->limit < (uint64_t)dataset->count)
        dataset->count = (int64_t)options->limit;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- opening ---- */

static tmo_status copy_input(tmoi_dataset *dataset, tmoi_feed *feed, const tmoi_data_input *input,
                             tmoi_ctx *ctx)
{
    tmoi_arena *arena = &dataset->arena;
    TMO_FAIL_IF(!input->name || input->shape.rank < 0 || input->shape.rank > TMO_MAX_RANK, INVALID_ARGUMENT,
                ctx, "an input needs a name and a rank in [0, %d]", TMO_MAX_RANK);
    TMO_TRY(tmoi_arena_text(arena, &feed->name, input->name, strlen(input->name), ctx));
    if (input->alias) TMO_TRY(tmoi_arena_text(arena, &feed->alias, input->alias, strlen(input->alias), ctx));
    for (int32_t k = 0; k < input->shape.rank; k++)
        TMO_FAIL_IF(input->shape.dims[k] < -1 || input->shape.dims[k] == 0, INVALID_ARGUMENT, ctx,
                    "input '%s': cannot feed shape %s", feed->name, tmoi_shape_format(&input->shape).text);
    feed->type = input->type;
    feed->model_shape = input->shape;
    feed->scale = input->scale;
    feed->zero_point = input->zero_point;
    return tmoi_feed_check_type(feed, ctx);
fail:
    return ctx->error.status;
}

static tmo_status copy_inputs(tmoi_dataset *dataset, const tmoi_data_input *inputs, int32_t count,
                              tmoi_ctx *ctx)
{
    TMO_FAIL_IF(count < 1, INVALID_ARGUMENT, ctx, "a data set needs a model with inputs");
    TMO_TRY(tmoi_arena_new(&dataset->arena, &dataset->feeds, (size_t)count, ctx));
    dataset->feed_count = count;
    for (int32_t k = 0; k < count; k++) TMO_TRY(copy_input(dataset, &dataset->feeds[k], &inputs[k], ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static const struct {
    const char *kind;
    tmoi_source_open *open;
} kinds[] = {
    {"npz", tmoi_source_open_npz},       {"npy", tmoi_source_open_npy},       {"idx", tmoi_source_open_idx},
    {"wav", tmoi_source_open_wav},       {"images", tmoi_source_open_images}, {"csv", tmoi_source_open_csv},
    {"random", tmoi_source_open_random},
};

static tmo_status open_source(tmoi_dataset *dataset, const char *spec, const tmoi_dataset_options *options,
                              tmoi_ctx *ctx)
{
    size_t length = strcspn(spec, ":");
    tmoi_source_request request = {.feeds = dataset->feeds,
                                   .feed_count = dataset->feed_count,
                                   .resize = dataset->resize,
                                   .seed = options->seed};
    request.max_bytes = options->max_bytes ? options->max_bytes : DEFAULT_MAX_BYTES;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        if (strlen(kinds[k].kind) != length || strncmp(spec, kinds[k].kind, length) != 0 || !spec[length])
            continue;
        request.place = spec + length + 1;
        TMO_FAIL_IF(!*request.place, INVALID_ARGUMENT, ctx, "data set '%s' names nothing after the colon",
                    spec);
        return kinds[k].open(&dataset->source, &request, ctx);
    }
    (void)tmoi_fail(ctx, TMO_STATUS_INVALID_ARGUMENT,
                    "data set '%s' must start with npz:, npy:, idx:, images:, wav:, csv: or random:", spec);
fail:
    return ctx->error.status;
}

tmo_status tmoi_dataset_open(tmoi_dataset **out, const char *spec, const tmoi_dataset_options *options,
                             const tmoi_data_input *inputs, int32_t input_count, tmoi_ctx *ctx)
{
    static const tmoi_dataset_options defaults = {0};
    tmoi_dataset *dataset = NULL;
    *out = NULL;
    if (!options) options = &defaults;
    TMO_TRY(tmoi_new(ctx, &dataset, 1));
    tmoi_arena_init(&dataset->arena, &ctx->allocator);
    TMO_TRY(copy_inputs(dataset, inputs, input_count, ctx));
    TMO_TRY(parse_normalization(dataset, options, ctx));
    TMO_TRY(tmoi_resize_parse(&dataset->resize, options->resize, ctx));
    TMO_TRY(open_source(dataset, spec, options, ctx));
    for (int32_t k = 0; k < input_count; k++)
        TMO_TRY(tmoi_feed_check_normalization(&dataset->feeds[k], &dataset->how, ctx));
    TMO_TRY(choose_samples(dataset, options, ctx));
    *out = dataset;
    return TMO_STATUS_OK;
fail:
    tmoi_dataset_free(dataset);
    return ctx->error.status;
}

void tmoi_dataset_free(tmoi_dataset *dataset)
{
    if (!dataset) return;
    tmo_allocator allocator = dataset->arena.allocator;
    tmoi_source_free(dataset->source);
    tmoi_arena_clear(&dataset->arena);
    tmoi_release(&allocator, dataset);
}

/* ---- looking and reading ---- */

int64_t tmoi_dataset_count(const tmoi_dataset *dataset)
{
    return dataset->count;
}

int32_t tmoi_dataset_input_count(const tmoi_dataset *dataset)
{
    return dataset->feed_count;
}

const tmoi_shape *tmoi_dataset_shape(const tmoi_dataset *dataset, int32_t input)
{
    return &dataset->feeds[input].shape;
}

size_t tmoi_dataset_bytes(const tmoi_dataset *dataset, int32_t input)
{
    return dataset->feeds[input].size_bytes;
}

bool tmoi_dataset_has_labels(const tmoi_dataset *dataset)
{
    return dataset->source->labels != NULL;
}

int32_t tmoi_dataset_class_count(const tmoi_dataset *dataset)
{
    return dataset->source->class_count;
}

const char *tmoi_dataset_class_name(const tmoi_dataset *dataset, int32_t label)
{
    const tmoi_data_source *source = dataset->source;
    return source->class_names && label >= 0 && label < source->class_count ? source->class_names[label]
                                                                            : NULL;
}

int64_t tmoi_dataset_target_count(const tmoi_dataset *dataset)
{
    const tmoi_array *targets = &dataset->source->targets;
    return targets->data ? tmoi_shape_product(&targets->shape, 1, targets->shape.rank) : 0;
}

static int64_t item_of(const tmoi_dataset *dataset, int64_t index)
{
    int64_t position = dataset->begin + index;
    return dataset->order ? dataset->order[position] : position;
}

int32_t tmoi_dataset_label(const tmoi_dataset *dataset, int64_t index)
{
    const int32_t *labels = dataset->source->labels;
    return labels ? labels[item_of(dataset, index)] : -1;
}

static tmo_status read_targets(const tmoi_dataset *dataset, int64_t item, const char *subject, float *out,
                               tmoi_ctx *ctx)
{
    tmoi_array targets = tmoi_array_item(&dataset->source->targets, item);
    int64_t count = tmoi_dataset_target_count(dataset);
    tmoi_array_load_f32(&targets, out);
    for (int64_t k = 0; k < count; k++)
        TMO_FAIL_IF(!isfinite(out[k]), NOT_FINITE, ctx, "%s: target %lld is not finite", subject,
                    (long long)k);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status read_input(const tmoi_dataset *dataset, int64_t item, int32_t input, const char *subject,
                             void *out, tmoi_ctx *ctx)
{
    tmoi_array array = {0};
    TMO_TRY(dataset->source->read(dataset->source, item, input, &array, ctx));
    TMO_TRY(
        tmoi_feed_fill(&dataset->feeds[input], &dataset->how, &dataset->resize, &array, subject, out, ctx));
fail:
    tmoi_array_release(&array, &ctx->allocator);
    return ctx->error.status;
}

tmo_status tmoi_dataset_read(const tmoi_dataset *dataset, int64_t index, tmoi_sample *sample, tmoi_ctx *ctx)
{
    char subject[TMO_ERROR_MESSAGE_BYTES / 2];
    const tmoi_data_source *source = dataset->source;
    TMO_FAIL_IF(index < 0 || index >= dataset->count, INVALID_ARGUMENT, ctx,
                "sample %lld of '%s' does not exist; there are %lld", (long long)index, source->name,
                (long long)dataset->count);
    int64_t item = item_of(dataset, index);
    if (source->files)
        (void)snprintf(subject, sizeof subject, "'%s'", source->files[item]);
    else
        (void)snprintf(subject, sizeof subject, "'%s' sample %lld", source->name, (long long)item);
    for (int32_t k = 0; k < dataset->feed_count; k++)
        TMO_TRY(read_input(dataset, item, k, subject, sample->inputs[k], ctx));
    if (sample->targets && source->targets.data)
        TMO_TRY(read_targets(dataset, item, subject, sample->targets, ctx));
    sample->label = source->labels ? source->labels[item] : -1;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
