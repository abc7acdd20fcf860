/* tmo/dataset.h */
#include "tmo/dataset.h"

#include <string.h>

#include "api/handle.h"
#include "data/dataset.h"
#include "data/loader.h"
#include "data/npy.h"

struct tmo_dataset {
    tmo_allocator allocator;
    tmoi_dataset *data;
    tmo_dataset_input *inputs; /* [input_count] as samples have them; names belong to `arena` */
    tmoi_arena arena;
};

struct tmo_loader {
    tmo_allocator allocator;
    tmoi_loader *loader;
    int64_t *order; /* or NULL */
    uint64_t next;
    bool has_targets;
};

static const tmo_option dataset_table[] = {
    {"scale", TMO_OPTION_TEXT, offsetof(tmo_dataset_options, scale), 0, 0, 0, NULL,
     "factor of the numbers, one or one a channel (0.5,0.5,0.5); default 1/255 for pictures, else 1"},
    {"mean", TMO_OPTION_TEXT, offsetof(tmo_dataset_options, mean), 0, 0, 0, NULL,
     "taken off after scale, one number or one a channel; default 0"},
    {"std", TMO_OPTION_TEXT, offsetof(tmo_dataset_options, std), 0, 0, 0, NULL,
     "divided by at the end, one number or one a channel; default 1"},
    {"resize", TMO_OPTION_TEXT, offsetof(tmo_dataset_options, resize), 0, 0, 0, NULL,
     "how pictures fill the input: stretch, crop, pad or WIDTHxHEIGHT; default stretch"},
    {"split", TMO_OPTION_TEXT, offsetof(tmo_dataset_options, split), 0, 0, 0, NULL,
     "samples from A up to B: fractions with a decimal point (0:0.8), else positions (0:100)"},
    {"limit", TMO_OPTION_UINT64, offsetof(tmo_dataset_options, limit), 1, 9e15, 0, NULL,
     "at most so many samples; 0: all"},
    {"shuffle", TMO_OPTION_BOOL, offsetof(tmo_dataset_options, shuffle), 0, 1, 0, NULL,
     "bring the samples into a random order first"},
    {"seed", TMO_OPTION_UINT64, offsetof(tmo_dataset_options, seed), 0, 9e15, 0, NULL,
     "seed of the shuffle and of random samples"},
    {"max-bytes", TMO_OPTION_UINT64, offsetof(tmo_dataset_options, max_bytes), 1, 9e15, 4294967296.0, NULL,
     "bytes that one file or sample may take in memory"},
};
#define TABLE_COUNT (sizeof dataset_table / sizeof dataset_table[0])

const tmo_option *tmo_dataset_option_table(size_t *count)
{
    *count = TABLE_COUNT;
    return dataset_table;
}

void tmo_dataset_options_init(tmo_dataset_options *options)
{
    *options = (tmo_dataset_options)TMO_DATASET_OPTIONS_INIT;
}

const tmoi_dataset *tmoi_dataset_of(const tmo_dataset *dataset)
{
    return dataset->data;
}

/* ---- opening ---- */

/* Keeps what tmo_dataset_input_info() tells. */
static tmo_status describe_inputs(tmo_dataset *dataset, const tmoi_data_input *inputs, int32_t count,
                                  tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_arena_new(&dataset->arena, &dataset->inputs, (size_t)count, ctx));
    for (int32_t k = 0; k < count; k++) {
        const tmoi_shape *shape = tmoi_dataset_shape(dataset->data, k);
        tmo_dataset_input *info = &dataset->inputs[k];
        *info = (tmo_dataset_input){.type = inputs[k].type,
                                    .rank = shape->rank,
                                    .scale = inputs[k].scale,
                                    .zero_point = inputs[k].zero_point};
        memcpy(info->shape, shape->dims, sizeof info->shape);
        TMO_TRY(tmoi_arena_text(&dataset->arena, &info->name, inputs[k].name, strlen(inputs[k].name), ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status open_dataset(tmo_dataset **out, const char *spec, const tmo_dataset_options *options,
                               const tmoi_data_input *inputs, int32_t count, tmoi_ctx *ctx)
{
    tmo_dataset *dataset = NULL;
    tmoi_dataset_options internal = {.scale = options->scale,
                                     .mean = options->mean,
                                     .std = options->std,
                                     .resize = options->resize,
                                     .split = options->split,
                                     .limit = options->limit,
                                     .shuffle = options->shuffle,
                                     .seed = options->seed,
                                     .max_bytes = options->max_bytes};
    TMO_TRY(tmoi_new(ctx, &dataset, 1));
    dataset->allocator = ctx->allocator;
    tmoi_arena_init(&dataset->arena, &ctx->allocator);
    TMO_TRY(tmoi_dataset_open(&dataset->data, spec, &internal, inputs, count, ctx));
    TMO_TRY(describe_inputs(dataset, inputs, count, ctx));
    *out = dataset;
    return TMO_STATUS_OK;
fail:
    tmo_dataset_free(dataset);
    return ctx->error.status;
}

static tmo_status take_options(tmo_dataset_options *copy, const tmo_dataset_options *options, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_options_copy(copy, sizeof *copy, options, "data set", ctx));
    tmo_allocator allocator = copy->allocator;
    *ctx = tmoi_ctx_make(&allocator);
    ctx->log = copy->log;
    ctx->log_user = copy->log_user;
    return tmo_options_check(dataset_table, TABLE_COUNT, copy, "data set", &ctx->error);
fail:
    return ctx->error.status;
}

/* The name that a signature of subgraph 0 gives to a tensor, or NULL. */
static const char *find_alias(const tmoi_graph *graph, int32_t tensor)
{
    for (int32_t s = 0; s < graph->signature_count; s++) {
        const tmoi_signature *signature = &graph->signatures[s];
        for (int32_t k = 0; signature->subgraph == 0 && k < signature->input_count; k++)
            if (signature->inputs[k].tensor == tensor) return signature->inputs[k].name;
    }
    return NULL;
}

static tmoi_data_input describe(const tmoi_graph *graph, int32_t index)
{
    const tmoi_tensor *tensor = &graph->subgraphs[0].tensors[index];
    tmoi_data_input input = {.name = tensor->name,
                             .alias = find_alias(graph, index),
                             .type = tensor->type,
                             .shape = tensor->shape};
    for (int32_t k = 0; k < tensor->shape.rank && (uint32_t)k < tensor->shape_signature.count; k++)
        if (tensor->shape_signature.data[k] < 0) input.shape.dims[k] = -1;
    if (tensor->quant.count == 1) {
        input.scale = tensor->quant.scale[0];
        input.zero_point = tensor->quant.zero_point[0];
    }
    return input;
}

tmo_status tmo_dataset_open(tmo_dataset **out, const char *spec, const tmo_model *model,
                            const tmo_dataset_options *options, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmo_dataset_options copy;
    tmoi_data_input *inputs = NULL;
    *out = NULL;
    TMO_TRY(take_options(&copy, options, &ctx));
    TMO_FAIL_IF(model->graph->subgraph_count < 1, INVALID_MODEL, &ctx, "the model has no subgraph");
    const tmoi_subgraph *subgraph = &model->graph->subgraphs[0];
    TMO_TRY(tmoi_new(&ctx, &inputs, (size_t)subgraph->input_count));
    for (int32_t k = 0; k < subgraph->input_count; k++)
        inputs[k] = describe(model->graph, subgraph->inputs[k]);
    TMO_TRY(open_dataset(out, spec, &copy, inputs, subgraph->input_count, &ctx));
fail:
    tmoi_release(&ctx.allocator, inputs);
    return tmoi_ctx_finish(&ctx, error);
}

tmo_status tmo_dataset_open_inputs(tmo_dataset **out, const char *spec, const tmo_dataset_input *inputs,
                                   int32_t input_count, const tmo_dataset_options *options, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmo_dataset_options copy;
    tmoi_data_input *internal = NULL;
    *out = NULL;
    TMO_TRY(take_options(&copy, options, &ctx));
    TMO_FAIL_IF(input_count < 1, INVALID_ARGUMENT, &ctx, "a data set needs at least 1 input, got %d",
                (int)input_count);
    TMO_TRY(tmoi_new(&ctx, &internal, (size_t)input_count));
    for (int32_t k = 0; k < input_count; k++) {
        TMO_FAIL_IF(!inputs[k].name || inputs[k].rank < 0 || inputs[k].rank > TMO_MAX_RANK, INVALID_ARGUMENT,
                    &ctx, "input %d needs a name and a rank in [0, %d]", (int)k, TMO_MAX_RANK);
        internal[k] = (tmoi_data_input){.name = inputs[k].name,
                                        .type = inputs[k].type,
                                        .scale = inputs[k].scale,
                                        .zero_point = inputs[k].zero_point,
                                        .shape = {.rank = inputs[k].rank}};
        memcpy(internal[k].shape.dims, inputs[k].shape, sizeof internal[k].shape.dims);
    }
    TMO_TRY(open_dataset(out, spec, &copy, internal, input_count, &ctx));
fail:
    tmoi_release(&ctx.allocator, internal);
    return tmoi_ctx_finish(&ctx, error);
}

void tmo_dataset_free(tmo_dataset *dataset)
{
    if (!dataset) return;
    tmo_allocator allocator = dataset->allocator;
    tmoi_dataset_free(dataset->data);
    tmoi_arena_clear(&dataset->arena);
    tmoi_release(&allocator, dataset);
}

/* ---- looking and reading ---- */

uint64_t tmo_dataset_count(const tmo_dataset *dataset)
{
    return (uint64_t)tmoi_dataset_count(dataset->data);
}

int32_t tmo_dataset_input_count(const tmo_dataset *dataset)
{
    return tmoi_dataset_input_count(dataset->data);
}

static bool has_input(const tmo_dataset *dataset, int32_t input)
{
    return input >= 0 && input < tmo_dataset_input_count(dataset);
}

tmo_status tmo_dataset_input_info(const tmo_dataset *dataset, int32_t input, tmo_dataset_input *info,
                                  tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    TMO_FAIL_IF(!has_input(dataset, input), INVALID_ARGUMENT, &ctx,
                "input %d does not exist; the data set has %d", (int)input,
                (int)tmo_dataset_input_count(dataset));
    tmoi_info_copy(info, &dataset->inputs[input], sizeof *info);
fail:
    return tmoi_ctx_finish(&ctx, error);
}

size_t tmo_dataset_input_bytes(const tmo_dataset *dataset, int32_t input)
{
    return has_input(dataset, input) ? tmoi_dataset_bytes(dataset->data, input) : 0;
}

bool tmo_dataset_has_labels(const tmo_dataset *dataset)
{
    return tmoi_dataset_has_labels(dataset->data);
}

int32_t tmo_dataset_class_count(const tmo_dataset *dataset)
{
    return tmoi_dataset_class_count(dataset->data);
}

const char *tmo_dataset_class_name(const tmo_dataset *dataset, int32_t label)
{
    return tmoi_dataset_class_name(dataset->data, label);
}

int32_t tmo_dataset_label(const tmo_dataset *dataset, uint64_t index)
{
    return index < tmo_dataset_count(dataset) ? tmoi_dataset_label(dataset->data, (int64_t)index) : -1;
}

uint64_t tmo_dataset_target_count(const tmo_dataset *dataset)
{
    return (uint64_t)tmoi_dataset_target_count(dataset->data);
}

tmo_status tmo_dataset_read(const tmo_dataset *dataset, uint64_t index, void *const *buffers,
                            const size_t *sizes, int32_t buffer_count, float *targets, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(&dataset->allocator);
    tmoi_sample sample = {.inputs = buffers, .targets = targets};
    TMO_FAIL_IF(buffer_count != tmo_dataset_input_count(dataset), INVALID_ARGUMENT, &ctx,
                "the data set has %d inputs, got %d buffers", (int)tmo_dataset_input_count(dataset),
                (int)buffer_count);
    for (int32_t k = 0; k < buffer_count; k++)
        TMO_FAIL_IF(sizes[k] != tmo_dataset_input_bytes(dataset, k), INVALID_ARGUMENT, &ctx,
                    "input '%s' takes %zu bytes, got a buffer of %zu", dataset->inputs[k].name,
                    tmo_dataset_input_bytes(dataset, k), sizes[k]);
    TMO_FAIL_IF(index >= tmo_dataset_count(dataset), INVALID_ARGUMENT, &ctx,
                "sample %llu does not exist; the data set has %llu", (unsigned long long)index,
                (unsigned long long)tmo_dataset_count(dataset));
    TMO_TRY(tmoi_dataset_read(dataset->data, (int64_t)index, &sample, &ctx));
fail:
    return tmoi_ctx_finish(&ctx, error);
}

/* ---- reading ahead ---- */

static tmo_status copy_order(tmo_loader *loader, const tmo_dataset *dataset,
                             const tmo_loader_options *options, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(options->count > INT64_MAX, INVALID_ARGUMENT, ctx, "cannot load %llu samples",
                (unsigned long long)options->count);
    if (!options->order) return TMO_STATUS_OK;
    TMO_TRY(tmoi_new(ctx, &loader->order, (size_t)options->count));
    for (uint64_t k = 0; k < options->count; k++) {
        TMO_FAIL_IF(options->order[k] >= tmo_dataset_count(dataset), INVALID_ARGUMENT, ctx,
                    "sample %llu does not exist; the data set has %llu",
                    (unsigned long long)options->order[k], (unsigned long long)tmo_dataset_count(dataset));
        loader->order[k] = (int64_t)options->order[k];
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmo_loader_create(tmo_loader **out, const tmo_dataset *dataset, const tmo_loader_options *options,
                             tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmo_loader_options copy;
    tmo_loader *loader = NULL;
    *out = NULL;
    TMO_TRY(tmoi_options_copy(&copy, sizeof copy, options, "loader", &ctx));
    ctx = tmoi_ctx_make(&copy.allocator);
    TMO_TRY(tmoi_new(&ctx, &loader, 1));
    loader->allocator = ctx.allocator;
    loader->has_targets = tmo_dataset_target_count(dataset) > 0;
    TMO_TRY(copy_order(loader, dataset, &copy, &ctx));
    tmoi_loader_options internal = {
        .threads = copy.threads, .order = loader->order, .count = (int64_t)copy.count};
    TMO_TRY(tmoi_loader_start(&loader->loader, dataset->data, &internal, &ctx));
    *out = loader;
    return TMO_STATUS_OK;
fail:
    tmo_loader_free(loader);
    return tmoi_ctx_finish(&ctx, error);
}

tmo_status tmo_loader_next(tmo_loader *loader, tmo_sample *sample, bool *has_sample, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(&loader->allocator);
    const tmoi_sample *next = NULL;
    *has_sample = false;
    TMO_TRY(tmoi_loader_next(loader->loader, &next, &ctx));
    if (!next) return TMO_STATUS_OK;
    tmo_sample info = {.label = next->label, .inputs = (const void *const *)next->inputs};
    info.index = loader->order ? (uint64_t)loader->order[loader->next] : loader->next;
    info.targets = loader->has_targets ? next->targets : NULL;
    tmoi_info_copy(sample, &info, sizeof info);
    loader->next++;
    *has_sample = true;
fail:
    return tmoi_ctx_finish(&ctx, error);
}

void tmo_loader_free(tmo_loader *loader)
{
    if (!loader) return;
    tmo_allocator allocator = loader->allocator;
    tmoi_loader_free(loader->loader);
    tmoi_release(&allocator, loader->order);
    tmoi_release(&allocator, loader);
}

/* ---- writing arrays ---- */

static tmo_status take_array(tmoi_npy_source *out, const tmo_named_array *array, tmoi_ctx *ctx)
{
    int64_t count = 0;
    *out = (tmoi_npy_source){
        .name = array->name ? array->name : "", .type = array->type, .data = array->data};
    TMO_FAIL_IF(array->rank < 0 || array->rank > TMO_MAX_RANK, INVALID_ARGUMENT, ctx,
                "array '%s': rank must be in [0, %d], got %d", out->name, TMO_MAX_RANK, (int)array->rank);
    out->shape.rank = array->rank;
    memcpy(out->shape.dims, array->shape, sizeof out->shape.dims);
    TMO_FAIL_IF(!tmoi_shape_count_checked(&out->shape, &count) ||
                    tmoi_type_bytes(array->type, count) != array->size_bytes,
                INVALID_ARGUMENT, ctx, "array '%s': shape %s of type %s does not take %zu bytes", out->name,
                tmoi_shape_format(&out->shape).text, tmo_type_name(array->type), array->size_bytes);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

tmo_status tmo_arrays_write(const char *path, const tmo_named_array *arrays, int32_t count, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_npy_source *sources = NULL;
    bool is_npy = ends_with(path, ".npy");
    TMO_FAIL_IF(count < 1, INVALID_ARGUMENT, &ctx, "cannot write '%s': no arrays", path);
    TMO_FAIL_IF(is_npy && count > 1, INVALID_ARGUMENT, &ctx, "cannot write %d arrays to '%s'; use .npz",
                (int)count, path);
    TMO_TRY(tmoi_new(&ctx, &sources, (size_t)count));
    for (int32_t k = 0; k < count; k++) TMO_TRY(take_array(&sources[k], &arrays[k], &ctx));
    TMO_TRY(is_npy ? tmoi_npy_write(path, &sources[0], &ctx) : tmoi_npz_write(path, sources, count, &ctx));
fail:
    tmoi_release(&ctx.allocator, sources);
    return tmoi_ctx_finish(&ctx, error);
}
