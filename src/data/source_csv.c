/* csv:FILE */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/os.h"
#include "data/csv.h"
#include "data/source.h"

typedef struct csv_source {
    tmoi_data_source base;
    tmoi_csv table;
    tmoi_array *inputs; /* [inputs] columns of the table, [rows, columns] each */
} csv_source;

static tmo_status read_item(const tmoi_data_source *base, int64_t item, int32_t input, tmoi_array *out,
                            tmoi_ctx *ctx)
{
    const csv_source *source = (const csv_source *)base;
    (void)ctx;
    *out = tmoi_array_item(&source->inputs[input], item);
    return TMO_STATUS_OK;
}

static int32_t fixed_count(const tmoi_feed *feed)
{
    int64_t count = 1;
    for (int32_t k = 0; k < feed->model_shape.rank; k++) {
        int32_t dim = feed->model_shape.dims[k];
        count *= dim > 0 ? dim : 1;
        if (count > INT32_MAX) return INT32_MAX;
    }
    return (int32_t)count;
}

/* The columns feed the inputs in their order. */
static tmo_status match(csv_source *source, const tmoi_source_request *request, tmoi_ctx *ctx)
{
    const tmoi_csv *table = &source->table;
    int32_t column = 0;
    TMO_TRY(tmoi_arena_new(&source->base.arena, &source->inputs, (size_t)request->feed_count, ctx));
    for (int32_t k = 0; k < request->feed_count; k++) {
        tmoi_feed *feed = &request->feeds[k];
        int32_t left = table->column_count - column;
        int32_t wanted = request->feed_count == 1 ? left : fixed_count(feed);
        if (wanted > left) wanted = left;
        tmoi_shape item = {1, {wanted}};
        TMO_TRY(tmoi_feed_match_array(feed, TMO_TYPE_FLOAT64, &item, source->base.name, ctx));
        tmoi_array *input = &source->inputs[k];
        *input = (tmoi_array){.type = TMO_TYPE_FLOAT64, .shape = {2, {(int32_t)table->row_count, wanted}}};
        input->strides[0] = (int64_t)sizeof(double) * table->column_count;
        input->strides[1] = (int64_t)sizeof(double);
        input->data = (const uint8_t *)(table->values + column);
        column += wanted;
    }
    TMO_FAIL_IF(column != table->column_count, INVALID_DATA, ctx,
                "'%s' has %d columns; the model's inputs take %d", source->base.name,
                (int)table->column_count, (int)column);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Labels that are words: classes in sorted order. */
static tmo_status name_classes(csv_source *source, tmoi_ctx *ctx)
{
    tmoi_data_source *base = &source->base;
    const char **names = NULL;
    int32_t *labels = NULL;
    size_t rows = (size_t)base->count, unique = 0;
    TMO_TRY(tmoi_arena_new(&base->arena, &names, rows, ctx));
    TMO_TRY(tmoi_arena_new(&base->arena, &labels, rows, ctx));
    memcpy(names, source->table.label_text, rows * sizeof *names);
    qsort(names, rows, sizeof *names, compare_texts);
    for (size_t k = 0; k < rows; k++)
        if (k == 0 || strcmp(names[k], names[unique - 1]) != 0) names[unique++] = names[k];
    for (size_t k = 0; k < rows; k++) {
        const char **found = bsearch(&source->table.label_text[k], names, unique, sizeof *names,
                                     compare_texts);
        labels[k] = (int32_t)(found - names);
    }
    base->labels = labels;
    base->class_names = names;
    base->class_count = (int32_t)unique;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Whole numbers are labels, other numbers targets, anything else names of classes. */
static tmo_status set_answers(csv_source *source, tmoi_ctx *ctx)
{
    tmoi_data_source *base = &source->base;
    bool are_whole = true;
    double *values = NULL;
    if (!source->table.label_text) return TMO_STATUS_OK;
    TMO_TRY(tmoi_arena_new(&base->arena, &values, (size_t)base->count, ctx));
    for (int64_t k = 0; k < base->count; k++) {
        const char *text = source->table.label_text[k];
        int64_t whole;
        TMO_FAIL_IF(!*text, INVALID_DATA, ctx, "'%s': the label of sample %lld is empty", base->name,
                    (long long)k);
        if (!tmoi_parse_number(text, strlen(text), &values[k])) return name_classes(source, ctx);
        are_whole = are_whole && tmoi_parse_int(text, strlen(text), &whole);
    }
    tmoi_shape shape = {1, {(int32_t)base->count}};
    tmoi_array answers = tmoi_array_dense(TMO_TYPE_FLOAT64, &shape, values, false);
    if (are_whole) {
        for (int64_t k = 0; k < base->count; k++) ((int64_t *)(void *)values)[k] = (int64_t)values[k];
        answers.type = TMO_TYPE_INT64;
    }
    return tmoi_source_set_answers(base, &answers, base->name, ctx);
fail:
    return ctx->error.status;
}

static tmo_status load(csv_source *source, const char *path, uint64_t max_bytes, tmoi_ctx *ctx)
{
    tmoi_file_map map = {0};
    tmoi_csv *table = &source->table;
    TMO_TRY(tmoi_file_map_open(&map, path, ctx));
    TMO_FAIL_IF(map.size_bytes > max_bytes / sizeof(double), LIMIT, ctx,
                "'%s': a table of %zu bytes may take more memory than the limit of %llu bytes", path,
                map.size_bytes, (unsigned long long)max_bytes);
    TMO_TRY(tmoi_csv_parse(table, (const char *)map.data, map.size_bytes, source->base.name,
                           &source->base.arena, ctx));
    TMO_FAIL_IF(table->row_count < 1 || table->row_count > INT32_MAX, INVALID_DATA, ctx,
                "'%s': %lld samples; a data set must have 1 to %d", path, (long long)table->row_count,
                INT32_MAX);
    source->base.count = table->row_count;
fail:
    tmoi_file_map_close(&map);
    return ctx->error.status;
}

tmo_status tmoi_source_open_csv(tmoi_data_source **out, const tmoi_source_request *request, tmoi_ctx *ctx)
{
    csv_source *source = NULL;
    TMO_TRY(tmoi_source_make((void **)&source, sizeof *source, ctx));
    source->base.read = read_item;
    TMO_TRY(tmoi_arena_text(&source->base.arena, &source->base.name, request->place, strlen(request->place),
                            ctx));
    TMO_TRY(load(source, request->place, request->max_bytes, ctx));
    TMO_TRY(match(source, request, ctx));
    TMO_TRY(set_answers(source, ctx));
    *out = &source->base;
    return TMO_STATUS_OK;
fail:
    tmoi_source_free(source ? &source->base : NULL);
    return ctx->error.status;
}
