#include "model/infer/window_index.h"

static bool contains(const tmoi_vec_i64 *list, int64_t value)
{
    for (uint32_t k = 0; k < list->count; k++)
        if (list->data[k] == value) return true;
    return false;
}

/* Rising numbers in [0, bound). */
static tmo_status check_rising(const tmoi_vec_i64 *list, int32_t bound, const char *what, tmoi_ctx *ctx)
{
    for (uint32_t k = 0; k < list->count; k++)
        TMO_FAIL_IF(list->data[k] < 0 || list->data[k] >= bound || (k && list->data[k] <= list->data[k - 1]),
                    INVALID_MODEL, ctx, "%s: entry %u is %lld, expected rising numbers below %d", what, k,
                    (long long)list->data[k], (int)bound);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The index vectors: which dimension holds them, and what their entries are for. */
static tmo_status index_vectors(const tmoi_vec_i64 *operand_dims, int64_t vector_dim,
                                const tmoi_shape *operand, const tmoi_shape *indices, tmoi_window_index *out,
                                tmoi_ctx *ctx)
{
    TMO_FAIL_IF(vector_dim < 0 || vector_dim > indices->rank, INVALID_MODEL, ctx,
                "index vector dimension %lld for indices of rank %d", (long long)vector_dim,
                (int)indices->rank);
    out->vector_dim = (int32_t)vector_dim;
    out->vector_size = vector_dim == indices->rank ? 1 : indices->dims[vector_dim];
    TMO_FAIL_IF(operand_dims->count > TMO_MAX_RANK || out->vector_size != (int32_t)operand_dims->count,
                INVALID_MODEL, ctx, "index vectors of %d entries for %u dimensions", (int)out->vector_size,
                operand_dims->count);
    for (uint32_t k = 0; k < operand_dims->count; k++) {
        TMO_FAIL_IF(operand_dims->data[k] < 0 || operand_dims->data[k] >= operand->rank, INVALID_MODEL, ctx,
                    "index entry %u is for dimension %lld of rank %d", k, (long long)operand_dims->data[k],
                    (int)operand->rank);
        out->operand_dim[k] = (int32_t)operand_dims->data[k];
    }
    for (int32_t k = 0; k < indices->rank; k++)
        if (k != out->vector_dim) out->batch.dims[out->batch.rank++] = indices->dims[k];
    out->batch_rank = out->batch.rank;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Which dimensions of the windows tensor are the windows', which the batch's. */
static tmo_status place_dims(const tmoi_vec_i64 *window_dims, const tmoi_vec_i64 *left_out,
                             const tmoi_shape *operand, int32_t *rank, tmoi_window_index *out, tmoi_ctx *ctx)
{
    TMO_TRY(check_rising(left_out, operand->rank, "dimensions left out of the windows", ctx));
    *rank = out->batch_rank + (int32_t)window_dims->count;
    TMO_FAIL_IF(window_dims->count > TMO_MAX_RANK || *rank > TMO_MAX_RANK, INVALID_MODEL, ctx,
                "windows of rank %d, the highest rank is %d", (int)*rank, TMO_MAX_RANK);
    TMO_TRY(check_rising(window_dims, *rank, "window dimensions", ctx));
    TMO_FAIL_IF((int32_t)(window_dims->count + left_out->count) != operand->rank, INVALID_MODEL, ctx,
                "%u window dimensions and %u left out for rank %d", window_dims->count, left_out->count,
                (int)operand->rank);
    int32_t window = 0, batch = 0;
    for (int32_t k = 0; k < operand->rank; k++)
        out->window_dim[k] = contains(left_out, k) ? -1 : (int32_t)window_dims->data[window++];
    for (int32_t k = 0; k < *rank; k++)
        if (!contains(window_dims, k)) out->batch_dim[batch++] = k;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_window_index_of_gather(const tmoi_fb_stablehlo_gather_options *options,
                                       const tmoi_shape *operand, const tmoi_shape *indices,
                                       tmoi_window_index *out, tmoi_shape *result, tmoi_ctx *ctx)
{
    int32_t rank;
    *out = (tmoi_window_index){.vector_dim = 0};
    TMO_TRY(index_vectors(&options->start_index_map, options->index_vector_dim, operand, indices, out, ctx));
    TMO_TRY(place_dims(&options->offset_dims, &options->collapsed_slice_dims, operand, &rank, out, ctx));
    TMO_FAIL_IF((int32_t)options->slice_sizes.count != operand->rank, INVALID_MODEL, ctx,
                "%u slice sizes for rank %d", options->slice_sizes.count, (int)operand->rank);
    result->rank = rank;
    for (int32_t k = 0; k < operand->rank; k++) {
        int64_t size = options->slice_sizes.data[k];
        TMO_FAIL_IF(size < 0 || size > operand->dims[k] || (out->window_dim[k] < 0 && size != 1),
                    INVALID_MODEL, ctx, "slice size %lld of dimension %d of size %d", (long long)size, (int)k,
                    (int)operand->dims[k]);
        out->window_size[k] = (int32_t)size;
        if (out->window_dim[k] >= 0) result->dims[out->window_dim[k]] = (int32_t)size;
    }
    for (int32_t k = 0; k < out->batch_rank; k++) result->dims[out->batch_dim[k]] = out->batch.dims[k];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_window_index_of_scatter(const tmoi_fb_stablehlo_scatter_options *options,
                                        const tmoi_shape *operand, const tmoi_shape *indices,
                                        const tmoi_shape *updates, tmoi_window_index *out, tmoi_ctx *ctx)
{
    int32_t rank;
    *out = (tmoi_window_index){.vector_dim = 0};
    TMO_TRY(index_vectors(&options->scatter_dims_to_operand_dims, options->index_vector_dim, operand, indices,
                          out, ctx));
    TMO_TRY(
        place_dims(&options->update_window_dims, &options->inserted_window_dims, operand, &rank, out, ctx));
    TMO_FAIL_IF(updates->rank != rank, INVALID_MODEL, ctx, "updates of rank %d, expected %d",
                (int)updates->rank, (int)rank);
    for (int32_t k = 0; k < operand->rank; k++) {
        out->window_size[k] = out->window_dim[k] < 0 ? 1 : updates->dims[out->window_dim[k]];
        TMO_FAIL_IF(out->window_size[k] > operand->dims[k], INVALID_MODEL, ctx,
                    "updates of size %d for dimension %d of size %d", (int)out->window_size[k], (int)k,
                    (int)operand->dims[k]);
    }
    for (int32_t k = 0; k < out->batch_rank; k++)
        TMO_FAIL_IF(updates->dims[out->batch_dim[k]] != out->batch.dims[k], INVALID_MODEL, ctx,
                    "updates of shape %s do not fit indices of shape %s", tmoi_shape_format(updates).text,
                    tmoi_shape_format(indices).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_stablehlo_gather(tmoi_infer *infer, tmoi_ctx *ctx)
{
    tmoi_window_index index;
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_BYTES, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[1].type, TMOI_T_INDEX, "indices", ctx));
    TMO_TRY(tmoi_window_index_of_gather(tmoi_op_options_2(infer->op, stablehlo_gather_options),
                                        &infer->inputs[0].shape, &infer->inputs[1].shape, &index,
                                        &infer->outputs[0].shape, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_stablehlo_scatter(tmoi_infer *infer, tmoi_ctx *ctx)
{
    tmoi_window_index index;
    TMO_TRY(tmoi_infer_arity(infer, 3, 3, 3, 1, ctx));
    TMO_TRY(tmoi_infer_elements(
        infer, 0, TMOI_T(FLOAT32) | TMOI_T(INT8) | TMOI_T(INT16) | TMOI_T(INT32) | TMOI_T(INT64), ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[1].type, TMOI_T_INDEX, "indices", ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[2].type, 1u << infer->inputs[0].type, "updates", ctx));
    TMO_TRY(tmoi_window_index_of_scatter(tmoi_op_options_2(infer->op, stablehlo_scatter_options),
                                         &infer->inputs[0].shape, &infer->inputs[1].shape,
                                         &infer->inputs[2].shape, &index, ctx));
    infer->outputs[0].shape = infer->inputs[0].shape;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
