/* tmo/io.h */
#include "tmo/io.h"

#include <string.h>

#include "api/handle.h"
#include "base/os.h"
#include "data/npy.h"
#include "report/values.h"
#include "runtime/session.h"

static bool ends_with(const char *path, const char *const *endings)
{
    size_t length = strlen(path);
    for (; *endings; endings++) {
        size_t ending = strlen(*endings);
        if (length > ending && strcmp(path + length - ending, *endings) == 0) return true;
    }
    return false;
}

/* ---- arrays ---- */

/* An array of the input's rank may change its free dimensions. */
static tmo_status fit_shape(tmoi_session *session, int32_t k, const tmoi_shape *shape, tmoi_ctx *ctx)
{
    const tmoi_value *value = tmoi_session_input(session, k);
    const tmoi_vec_i32 *signature = &value->tensor->shape_signature;
    if (shape->rank != value->shape.rank || tmoi_shape_equal(shape, &value->shape)) return TMO_STATUS_OK;
    for (int32_t d = 0; d < shape->rank; d++)
        if (shape->dims[d] != value->shape.dims[d] &&
            !((uint32_t)d < signature->count && signature->data[d] < 0))
            return TMO_STATUS_OK;
    return tmoi_session_resize(session, k, shape, ctx);
}

static tmo_status take_array(tmoi_session *session, int32_t k, const tmoi_array *array, const char *path,
                             tmoi_ctx *ctx)
{
    float *values = NULL;
    int64_t count = tmoi_array_count(array);
    TMO_TRY(fit_shape(session, k, &array->shape, ctx));
    const tmoi_value *value = tmoi_session_input(session, k);
    TMO_FAIL_IF(count != tmoi_shape_count(&value->shape), INVALID_DATA, ctx,
                "'%s': the array is %s, input '%s' takes %s", path, tmoi_shape_format(&array->shape).text,
                value->tensor->name, tmoi_shape_format(&value->shape).text);
    if (array->type == value->type) {
        tmoi_array_load_raw(array, value->data);
        return TMO_STATUS_OK;
    }
    TMO_FAIL_IF(!tmoi_type_is_real(array->type) || !tmoi_type_is_real(value->type), UNSUPPORTED_DATA, ctx,
                "'%s': an array of %s cannot become input '%s' of %s", path, tmo_type_name(array->type),
                value->tensor->name, tmo_type_name(value->type));
    TMO_TRY(tmoi_new(ctx, &values, (size_t)count));
    tmoi_array_load_f32(array, values);
    tmoi_store_values(values, count, value->type, value->quant, value->data, 0);
fail:
    tmoi_release(&ctx->allocator, values);
    return ctx->error.status;
}

/* True when an array of that name is meant for the input. */
static bool is_named(const tmo_model *model, const tmoi_tensor *tensor, const char *name)
{
    if (strcmp(name, tensor->name) == 0) return true;
    for (int32_t s = 0; s < model->graph->signature_count; s++) {
        const tmoi_signature *signature = &model->graph->signatures[s];
        const tmoi_tensor *tensors = model->graph->subgraphs[signature->subgraph].tensors;
        for (int32_t k = 0; k < signature->input_count; k++)
            if (&tensors[signature->inputs[k].tensor] == tensor &&
                strcmp(signature->inputs[k].name, name) == 0)
                return true;
    }
    return false;
}

static tmo_status read_npz(tmoi_session *session, const tmo_model *model, int32_t k, const tmoi_file_map *map,
                           const char *path, tmoi_ctx *ctx)
{
    const uint64_t max_bytes = (uint64_t)4 << 30;
    const tmoi_tensor *tensor = tmoi_session_input(session, k)->tensor;
    tmoi_arena arena;
    tmoi_npz_entry *entries;
    int32_t count, at = 0;
    tmoi_arena_init(&arena, &ctx->allocator);
    TMO_TRY(tmoi_npz_parse(&entries, &count, map->data, map->size_bytes, path, max_bytes, &arena, ctx));
    while (at < count && !is_named(model, tensor, entries[at].name)) at++;
    if (at == count && count == 1) at = 0;
    TMO_FAIL_IF(at == count, NOT_FOUND, ctx, "'%s' has no array '%s', only %d others", path, tensor->name,
                (int)count);
    TMO_TRY(take_array(session, k, &entries[at].array, path, ctx));
fail:
    tmoi_arena_clear(&arena);
    return ctx->error.status;
}

static tmo_status read_npy(tmoi_session *session, int32_t k, const tmoi_file_map *map, const char *path,
                           tmoi_ctx *ctx)
{
    tmoi_array array;
    TMO_TRY(tmoi_npy_parse(&array, map->data, map->size_bytes, path, ctx));
    TMO_TRY(take_array(session, k, &array, path, ctx));
    tmoi_array_release(&array, &ctx->allocator);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status read_raw(tmoi_session *session, int32_t k, const tmoi_file_map *map, const char *path,
                           tmoi_ctx *ctx)
{
    const tmoi_value *value = tmoi_session_input(session, k);
    TMO_FAIL_IF(map->size_bytes != value->bytes, INVALID_DATA, ctx,
                "'%s' has %zu bytes, input '%s' takes %zu", path, map->size_bytes, value->tensor->name,
                value->bytes);
    memcpy(value->data, map->data, value->bytes);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- pictures and sound ---- */

static void describe_input(const tmoi_value *value, tmo_dataset_input *input)
{
    *input = (tmo_dataset_input){.struct_size = sizeof *input,
                                 .name = value->tensor->name,
                                 .type = value->type,
                                 .rank = value->shape.rank};
    for (int32_t d = 0; d < value->shape.rank; d++) {
        bool is_free = (uint32_t)d < value->tensor->shape_signature.count &&
                       value->tensor->shape_signature.data[d] < 0;
        input->shape[d] = is_free && d > 0 ? -1 : value->shape.dims[d];
    }
    if (value->quant->count != 1) return;
    input->scale = value->quant->scale[0];
    input->zero_point = value->quant->zero_point[0];
}

static tmo_status read_media(tmoi_session *session, int32_t k, const char *kind, const char *path,
                             const tmo_dataset_options *options, tmoi_ctx *ctx)
{
    tmo_dataset_input input;
    tmo_dataset *dataset = NULL;
    char *spec = NULL;
    size_t length = strlen(kind) + strlen(path) + 2;
    TMO_TRY(tmoi_new(ctx, &spec, length));
    memcpy(spec, kind, strlen(kind));
    spec[strlen(kind)] = ':';
    memcpy(spec + strlen(kind) + 1, path, strlen(path));
    describe_input(tmoi_session_input(session, k), &input);
    TMO_TRY(tmo_dataset_open_inputs(&dataset, spec, &input, 1, options, &ctx->error));
    TMO_TRY(tmo_dataset_input_info(dataset, 0, &input, &ctx->error));
    tmoi_shape shape = {.rank = input.rank};
    memcpy(shape.dims, input.shape, sizeof shape.dims);
    TMO_TRY(tmoi_session_resize(session, k, &shape, ctx));
    tmoi_value *value = tmoi_session_input(session, k);
    TMO_TRY(tmo_dataset_read(dataset, 0, &value->data, &value->bytes, 1, NULL, &ctx->error));
fail:
    tmo_dataset_free(dataset);
    tmoi_release(&ctx->allocator, spec);
    return ctx->error.status;
}

static tmo_status read_mapped(tmoi_session *session, const tmo_model *model, int32_t k, const char *path,
                              tmoi_ctx *ctx)
{
    static const char *const npy[] = {".npy", NULL}, *const npz[] = {".npz", NULL};
    tmoi_file_map map = {0};
    TMO_TRY(tmoi_file_map_open(&map, path, ctx));
    if (ends_with(path, npy))
        TMO_TRY(read_npy(session, k, &map, path, ctx));
    else if (ends_with(path, npz))
        TMO_TRY(read_npz(session, model, k, &map, path, ctx));
    else
        TMO_TRY(read_raw(session, k, &map, path, ctx));
fail:
    tmoi_file_map_close(&map);
    return ctx->error.status;
}

tmo_status tmo_session_read_input(tmo_session *session, const tmo_model *model, int32_t k, const char *path,
                                  const tmo_dataset_options *options, tmo_error *error)
{
    static const char *const pictures[] = {".png", ".jpg", ".jpeg", ".PNG", ".JPG", ".JPEG", NULL};
    static const char *const sounds[] = {".wav", ".flac", ".ogg", ".WAV", NULL};
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_session *internal = tmoi_session_of(session);
    int32_t count = tmoi_session_input_count(internal);
    TMO_FAIL_IF(k < 0 || k >= count, INVALID_ARGUMENT, &ctx, "input %d is out of range, the model has %d",
                (int)k, (int)count);
    if (ends_with(path, pictures))
        TMO_TRY(read_media(internal, k, "images", path, options, &ctx));
    else if (ends_with(path, sounds))
        TMO_TRY(read_media(internal, k, "wav", path, options, &ctx));
    else
        TMO_TRY(read_mapped(internal, model, k, path, &ctx));
fail:
    return tmoi_ctx_finish(&ctx, error);
}

tmo_status tmo_session_output_values(const tmo_session *session, int32_t k, float *values, size_t count,
                                     tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmo_tensor_view view = {.struct_size = sizeof view};
    TMO_TRY(tmo_session_output(session, k, &view, &ctx.error));
    const tmoi_value *value = tmoi_session_output(tmoi_session_of(session), k);
    TMO_FAIL_IF(!tmoi_type_is_real(value->type), INVALID_ARGUMENT, &ctx, "output '%s' of %s has no numbers",
                value->tensor->name, tmo_type_name(value->type));
    TMO_FAIL_IF(!value->data || count > (size_t)tmoi_shape_count(&value->shape), INVALID_ARGUMENT, &ctx,
                "output '%s' has fewer than %zu elements", value->tensor->name, count);
    const tmoi_elements elements = {value->type, value->data, &value->shape, value->quant};
    tmoi_real_values(&elements, 0, (int64_t)count, values);
fail:
    return tmoi_ctx_finish(&ctx, error);
}
