#include "data/source.h"

tmo_status tmoi_source_make(void **out, size_t size, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_alloc(ctx, out, 1, size, 16));
    tmoi_data_source *source = *out;
    tmoi_arena_init(&source->arena, &ctx->allocator);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

void tmoi_source_free(tmoi_data_source *source)
{
    if (!source) return;
    tmo_allocator allocator = source->arena.allocator;
    if (source->close) source->close(source);
    tmoi_arena_clear(&source->arena);
    tmoi_release(&allocator, source);
}

tmo_status tmoi_source_need_one_input(const tmoi_source_request *request, const char *kind, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(request->feed_count != 1, INVALID_DATA, ctx,
                "a data set of kind '%s' feeds one input; the model has %d", kind, (int)request->feed_count);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static bool is_integer(tmo_type type)
{
    return type != TMO_TYPE_FLOAT16 && type != TMO_TYPE_FLOAT32 && type != TMO_TYPE_FLOAT64;
}

static tmo_status set_labels(tmoi_data_source *source, const tmoi_array *answers, const char *subject,
                             tmoi_ctx *ctx)
{
    int32_t *labels = NULL, highest = -1;
    TMO_TRY(tmoi_arena_new(&source->arena, &labels, (size_t)source->count, ctx));
    for (int64_t k = 0; k < source->count; k++) {
        int64_t value = 0;
        tmoi_array item = tmoi_array_item(answers, k);
        int64_t bad = tmoi_array_load_i64(&item, &value);
        TMO_FAIL_IF(bad >= 0 || value < 0 || value >= INT32_MAX, INVALID_DATA, ctx,
                    "'%s': label %lld of sample %lld is not in [0, %d]", subject, (long long)value,
                    (long long)k, INT32_MAX - 1);
        labels[k] = (int32_t)value;
        if (labels[k] > highest) highest = labels[k];
    }
    source->labels = labels;
    source->class_count = highest + 1;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_source_set_answers(tmoi_data_source *source, const tmoi_array *answers, const char *subject,
                                   tmoi_ctx *ctx)
{
    TMO_FAIL_IF(answers->shape.rank < 1 || answers->shape.dims[0] != source->count, INVALID_DATA, ctx,
                "'%s': labels of shape %s for %lld samples", subject, tmoi_shape_format(&answers->shape).text,
                (long long)source->count);
    int64_t columns = tmoi_shape_product(&answers->shape, 1, answers->shape.rank);
    TMO_FAIL_IF(columns < 1, INVALID_DATA, ctx, "'%s': labels of shape %s are empty", subject,
                tmoi_shape_format(&answers->shape).text);
    if (columns == 1 && is_integer(answers->type)) return set_labels(source, answers, subject, ctx);
    source->targets = *answers;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
