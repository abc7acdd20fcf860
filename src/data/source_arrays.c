/* npz:FILE, npy:X[,Y], idx:IMAGES[,LABELS] */
#include <stdio.h>
#include <string.h>

#include "base/os.h"
#include "data/gzip.h"
#include "data/idx.h"
#include "data/npy.h"
#include "data/source.h"

#define MAX_FILES 2

typedef struct array_source {
    tmoi_data_source base;
    tmoi_array *inputs; /* [inputs] sample axis first; without data when its samples are read from `npz` */
    int32_t *entries;   /* [inputs] the arrays of `npz` */
    tmoi_npz *npz;
    tmoi_file_map maps[MAX_FILES];
    uint8_t *inflated[MAX_FILES];
} array_source;

static tmo_status read_item(const tmoi_data_source *base, int64_t item, int32_t input, tmoi_array *out,
                            tmoi_ctx *ctx)
{
    const array_source *source = (const array_source *)base;
    if (!source->inputs[input].data)
        return tmoi_npz_read_item(source->npz, source->entries[input], item, out, ctx);
    *out = tmoi_array_item(&source->inputs[input], item);
    return TMO_STATUS_OK;
}

static void close_files(tmoi_data_source *base)
{
    array_source *source = (array_source *)base;
    tmoi_npz_close(source->npz);
    for (int32_t k = 0; k < MAX_FILES; k++) {
        tmoi_file_map_close(&source->maps[k]);
        tmoi_release(&base->arena.allocator, source->inflated[k]);
    }
}

static tmo_status make(array_source **out, const tmoi_source_request *request, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_source_make((void **)out, sizeof **out, ctx));
    tmoi_data_source *base = &(*out)->base;
    base->read = read_item;
    base->close = close_files;
    TMO_TRY(tmoi_arena_text(&base->arena, &base->name, request->place, strlen(request->place), ctx));
    TMO_TRY(tmoi_arena_new(&base->arena, &(*out)->inputs, (size_t)request->feed_count, ctx));
    TMO_TRY(tmoi_arena_new(&base->arena, &(*out)->entries, (size_t)request->feed_count, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmoi_shape item_shape(const tmoi_array *array)
{
    tmoi_shape shape = {0};
    for (int32_t k = 1; k < array->shape.rank; k++) shape.dims[shape.rank++] = array->shape.dims[k];
    return shape;
}

static tmo_status set_count(array_source *source, const tmoi_array *array, const char *subject, tmoi_ctx *ctx)
{
    tmoi_data_source *base = &source->base;
    int64_t count = array->shape.dims[0];
    TMO_FAIL_IF(count < 1, INVALID_DATA, ctx, "'%s': no samples", subject);
    TMO_FAIL_IF(base->count > 0 && base->count != count, INVALID_DATA, ctx,
                "'%s': %lld samples, but the array before has %lld", subject, (long long)count,
                (long long)base->count);
    base->count = count;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* An array that is one sample without a sample axis gets one. */
static bool add_sample_axis(tmoi_array *array, const tmoi_feed *feed)
{
    tmoi_array one = {.type = array->type, .is_swapped = array->is_swapped, .data = array->data};
    if (array->shape.rank == TMO_MAX_RANK || !tmoi_feed_accepts(feed, &array->shape)) return false;
    one.shape.rank = array->shape.rank + 1;
    one.shape.dims[0] = 1;
    for (int32_t k = 0; k < array->shape.rank; k++) {
        one.shape.dims[k + 1] = array->shape.dims[k];
        one.strides[k + 1] = array->strides[k];
    }
    *array = one;
    return true;
}

static tmo_status bind(array_source *source, const tmoi_source_request *request, int32_t input,
                       const tmoi_array *array, const char *subject, tmoi_ctx *ctx)
{
    tmoi_feed *feed = &request->feeds[input];
    tmoi_array *bound = &source->inputs[input];
    *bound = *array;
    tmoi_shape item = item_shape(bound);
    if (bound->shape.rank == 0 || !tmoi_feed_accepts(feed, &item)) (void)add_sample_axis(bound, feed);
    TMO_FAIL_IF(bound->shape.rank == 0, INVALID_DATA, ctx, "'%s': a scalar has no samples", subject);
    item = item_shape(bound);
    TMO_TRY(tmoi_feed_match_array(feed, bound->type, &item, subject, ctx));
    return set_count(source, bound, subject, ctx);
fail:
    return ctx->error.status;
}

/* ---- npz ---- */

enum { LEAST_BYTES_ON_DISK = 1 << 18 }; /* smaller arrays are held in memory */

static bool is_name(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0) return true;
    return false;
}

static const char *const answer_names[] = {"y", "label", "labels", NULL};

static const tmoi_npz_entry *find_entry(const tmoi_npz_entry *entries, int32_t count,
                                        const char *const *names)
{
    for (int32_t k = 0; k < count; k++)
        if (is_name(entries[k].name, names)) return &entries[k];
    return NULL;
}

/* The array for an input: by its name, by its position among as many arrays as there are inputs, or the only
 * one. */
static const tmoi_npz_entry *choose_entry(const tmoi_npz_entry *entries, int32_t count,
                                          const tmoi_source_request *request, int32_t input)
{
    const tmoi_feed *feed = &request->feeds[input];
    const char *const by_name[] = {feed->name, feed->alias, NULL}, *const by_x[] = {"x", "X", NULL};
    const tmoi_npz_entry *found = find_entry(entries, count, by_name);
    if (!found && request->feed_count == 1) found = find_entry(entries, count, by_x);
    if (found) return found;
    int32_t position = 0, others = 0;
    for (int32_t k = 0; k < count; k++) {
        if (is_name(entries[k].name, answer_names)) continue;
        if (position++ == input) found = &entries[k];
        others++;
    }
    return others == request->feed_count ? found : NULL;
}

/* Large arrays stay in the file when their samples lie there one after the other. */
static tmo_status load_if_small(array_source *source, int32_t input, tmoi_ctx *ctx)
{
    tmoi_array *bound = &source->inputs[input];
    int32_t entry = source->entries[input], count;
    const tmoi_array *whole = &tmoi_npz_entries(source->npz, &count)[entry].array;
    bool is_large = tmoi_type_bytes(whole->type, tmoi_array_count(whole)) >= LEAST_BYTES_ON_DISK;
    if (is_large && tmoi_array_is_dense(whole) && tmoi_shape_equal(&whole->shape, &bound->shape))
        return TMO_STATUS_OK;
    TMO_TRY(tmoi_npz_load(source->npz, entry, ctx));
    bound->data = whole->data;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status bind_entries(array_source *source, const tmoi_source_request *request, tmoi_ctx *ctx)
{
    int32_t count;
    const tmoi_npz_entry *entries = tmoi_npz_entries(source->npz, &count);
    const char *file = source->base.name;
    char subject[256];
    for (int32_t k = 0; k < request->feed_count; k++) {
        const tmoi_npz_entry *entry = choose_entry(entries, count, request, k);
        TMO_FAIL_IF(!entry, INVALID_DATA, ctx, "'%s': none of its %d arrays is named after input '%s'", file,
                    (int)count, request->feeds[k].name);
        (void)snprintf(subject, sizeof subject, "%s/%s", file, entry->name);
        source->entries[k] = (int32_t)(entry - entries);
        TMO_TRY(bind(source, request, k, &entry->array, subject, ctx));
        TMO_TRY(load_if_small(source, k, ctx));
    }
    const tmoi_npz_entry *answers = find_entry(entries, count, answer_names);
    if (!answers) return TMO_STATUS_OK;
    (void)snprintf(subject, sizeof subject, "%s/%s", file, answers->name);
    TMO_TRY(tmoi_npz_load(source->npz, (int32_t)(answers - entries), ctx));
    return tmoi_source_set_answers(&source->base, &answers->array, subject, ctx);
fail:
    return ctx->error.status;
}

tmo_status tmoi_source_open_npz(tmoi_data_source **out, const tmoi_source_request *request, tmoi_ctx *ctx)
{
    array_source *source = NULL;
    TMO_TRY(make(&source, request, ctx));
    TMO_TRY(tmoi_npz_open(&source->npz, source->base.name, request->max_bytes, ctx));
    TMO_TRY(bind_entries(source, request, ctx));
    *out = &source->base;
    return TMO_STATUS_OK;
fail:
    tmoi_source_free(source ? &source->base : NULL);
    return ctx->error.status;
}

/* ---- npy and idx: one file for the samples, one for the labels ---- */

/* Splits "A,B" into paths in the arena; paths[1] is NULL without a comma. */
static tmo_status split_place(array_source *source, const char *paths[MAX_FILES], tmoi_ctx *ctx)
{
    const char *place = source->base.name, *comma = strchr(place, ',');
    paths[1] = NULL;
    if (!comma) {
        paths[0] = place;
        return TMO_STATUS_OK;
    }
    TMO_TRY(tmoi_arena_text(&source->base.arena, &paths[0], place, (size_t)(comma - place), ctx));
    TMO_TRY(tmoi_arena_text(&source->base.arena, &paths[1], comma + 1, strlen(comma + 1), ctx));
    source->base.name = paths[0];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_source_open_npy(tmoi_data_source **out, const tmoi_source_request *request, tmoi_ctx *ctx)
{
    array_source *source = NULL;
    const char *paths[MAX_FILES];
    TMO_TRY(tmoi_source_need_one_input(request, "npy", ctx));
    TMO_TRY(make(&source, request, ctx));
    TMO_TRY(split_place(source, paths, ctx));
    for (int32_t k = 0; k < MAX_FILES && paths[k]; k++) {
        tmoi_array array;
        tmoi_file_map *map = &source->maps[k];
        TMO_TRY(tmoi_file_map_open(map, paths[k], ctx));
        TMO_TRY(tmoi_npy_parse(&array, map->data, map->size_bytes, paths[k], ctx));
        if (k == 0)
            TMO_TRY(bind(source, request, 0, &array, paths[k], ctx));
        else
            TMO_TRY(tmoi_source_set_answers(&source->base, &array, paths[k], ctx));
    }
    *out = &source->base;
    return TMO_STATUS_OK;
fail:
    tmoi_source_free(source ? &source->base : NULL);
    return ctx->error.status;
}

static tmo_status load_idx(array_source *source, int32_t file, const char *path, uint64_t max_bytes,
                           tmoi_array *out, tmoi_ctx *ctx)
{
    tmoi_file_map *map = &source->maps[file];
    TMO_TRY(tmoi_file_map_open(map, path, ctx));
    if (!tmoi_is_gzip(map->data, map->size_bytes))
        return tmoi_idx_parse(out, map->data, map->size_bytes, path, ctx);
    size_t size_bytes = 0;
    uint8_t **inflated = &source->inflated[file];
    TMO_TRY(tmoi_gunzip(inflated, &size_bytes, map->data, map->size_bytes, max_bytes, path, ctx));
    tmoi_file_map_close(map);
    return tmoi_idx_parse(out, *inflated, size_bytes, path, ctx);
fail:
    return ctx->error.status;
}

static bool is_picture_shape(const tmoi_shape *item)
{
    if (item->rank == 3) return item->dims[2] == 1 || item->dims[2] == 3;
    return item->rank == 2;
}

/* Pictures are what IDX files hold as a rule: they are resized to the input when it is one too. */
static tmo_status bind_idx(array_source *source, const tmoi_source_request *request, const tmoi_array *array,
                           const char *subject, tmoi_ctx *ctx)
{
    tmoi_feed *feed = &request->feeds[0];
    tmoi_shape item = item_shape(array), resolved;
    tmoi_picture_format format;
    float scale = array->type == TMO_TYPE_UINT8 && item.rank >= 2 ? 1.0f / 255.0f : 1.0f;
    bool is_picture = is_picture_shape(&item) && tmoi_shape_count(&item) > 0;
    if (is_picture && tmoi_picture_format_of(&format, &resolved, &feed->model_shape, &request->resize,
                                             item.dims[1], item.dims[0])) {
        TMO_TRY(tmoi_feed_match_picture(feed, &request->resize, item.dims[1], item.dims[0], scale, ctx));
        source->inputs[0] = *array;
        return set_count(source, array, subject, ctx);
    }
    TMO_TRY(bind(source, request, 0, array, subject, ctx));
    feed->default_scale = scale;
    feed->is_stored = false;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_source_open_idx(tmoi_data_source **out, const tmoi_source_request *request, tmoi_ctx *ctx)
{
    array_source *source = NULL;
    const char *paths[MAX_FILES];
    TMO_TRY(tmoi_source_need_one_input(request, "idx", ctx));
    TMO_TRY(make(&source, request, ctx));
    TMO_TRY(split_place(source, paths, ctx));
    for (int32_t k = 0; k < MAX_FILES && paths[k]; k++) {
        tmoi_array array;
        TMO_TRY(load_idx(source, k, paths[k], request->max_bytes, &array, ctx));
        if (k == 0)
            TMO_TRY(bind_idx(source, request, &array, paths[k], ctx));
        else
            TMO_TRY(tmoi_source_set_answers(&source->base, &array, paths[k], ctx));
    }
    *out = &source->base;
    return TMO_STATUS_OK;
fail:
    tmoi_source_free(source ? &source->base : NULL);
    return ctx->error.status;
}
