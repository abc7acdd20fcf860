/* Shapes of GATHER, GATHER_ND, SCATTER_ND, SPARSE_TO_DENSE, SEGMENT_SUM and UNSORTED_SEGMENT_*. */
#include "model/infer/elements.h"

#define NUMBERS                                                                                       \
    (TMOI_T(FLOAT32) | TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT16) | TMOI_T(INT32) | TMOI_T(INT64) | \
     TMOI_T(BOOL))

/* Appends dims[begin..end-1]. */
static tmo_status append_dims(tmoi_shape *out, const tmoi_shape *in, int32_t begin, int32_t end,
                              tmoi_ctx *ctx)
{
    TMO_FAIL_IF(end > begin && out->rank + end - begin > TMO_MAX_RANK, INVALID_MODEL, ctx,
                "an output of rank %d, the highest rank is %d", (int)(out->rank + end - begin), TMO_MAX_RANK);
    for (int32_t k = begin; k < end; k++) out->dims[out->rank++] = in->dims[k];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_gather(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_gather_options *options = tmoi_op_options(infer->op, gather_options);
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_BYTES | TMOI_T(STRING), ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[1].type, TMOI_T_INDEX | TMOI_T(INT16), "indices", ctx));
    const tmoi_shape *in = &infer->inputs[0].shape, *indices = &infer->inputs[1].shape;
    int32_t axis, batch = options->batch_dims < 0 ? options->batch_dims + indices->rank : options->batch_dims;
    TMO_TRY(tmoi_infer_axis(options->axis, in->rank, &axis, ctx));
    TMO_FAIL_IF(batch < 0 || batch > indices->rank || batch > axis, INVALID_MODEL, ctx,
                "%d batch dimensions with axis %d and indices of rank %d", (int)options->batch_dims,
                (int)axis, (int)indices->rank);
    for (int32_t k = 0; k < batch; k++)
        TMO_FAIL_IF(in->dims[k] != indices->dims[k], INVALID_MODEL, ctx,
                    "batch dimension %d has sizes %d and %d", (int)k, (int)in->dims[k],
                    (int)indices->dims[k]);
    TMO_FAIL_IF(infer->inputs[0].type == TMO_TYPE_STRING && in->rank != 1, UNSUPPORTED_OPERATOR, ctx,
                "strings of rank %d, only vectors are supported", (int)in->rank);
    tmoi_shape out = {0, {0}};
    TMO_TRY(append_dims(&out, in, 0, axis, ctx));
    TMO_TRY(append_dims(&out, indices, batch, indices->rank, ctx));
    TMO_TRY(append_dims(&out, in, axis + 1, in->rank, ctx));
    infer->outputs[0].shape = out;
    if (infer->inputs[0].type == TMO_TYPE_STRING) tmoi_infer_set_dynamic(infer);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Indices [..., n] that point into the first n dimensions. */
static tmo_status index_tuples(const tmoi_infer_input *indices, int32_t rank, int32_t *depth, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_type(indices->type, TMOI_T_INDEX | TMOI_T(INT16), "indices", ctx));
    TMO_FAIL_IF(indices->shape.rank < 1, INVALID_MODEL, ctx, "indices of rank 0");
    *depth = indices->shape.dims[indices->shape.rank - 1];
    TMO_FAIL_IF(*depth > rank, INVALID_MODEL, ctx, "indices of %d coordinates for rank %d", (int)*depth,
                (int)rank);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_gather_nd(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_BYTES, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape, *indices = &infer->inputs[1].shape;
    int32_t depth;
    tmoi_shape out = {0, {0}};
    TMO_TRY(index_tuples(&infer->inputs[1], in->rank, &depth, ctx));
    TMO_TRY(append_dims(&out, indices, 0, indices->rank - 1, ctx));
    TMO_TRY(append_dims(&out, in, depth, in->rank, ctx));
    infer->outputs[0].shape = out;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_scatter_nd(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 3, 3, 3, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 1, NUMBERS, ctx));
    TMO_TRY(tmoi_infer_index_vector(infer, 2, -1, "shape", ctx));
    if (!tmoi_infer_is_known(&infer->inputs[2])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    const tmoi_shape *indices = &infer->inputs[0].shape;
    tmoi_shape *out = &infer->outputs[0].shape, updates = {0, {0}};
    int32_t depth;
    TMO_TRY(tmoi_infer_shape_from(&infer->inputs[2], out, ctx));
    TMO_TRY(index_tuples(&infer->inputs[0], out->rank, &depth, ctx));
    TMO_TRY(append_dims(&updates, indices, 0, indices->rank - 1, ctx));
    TMO_TRY(append_dims(&updates, out, depth, out->rank, ctx));
    TMO_FAIL_IF(!tmoi_shape_equal(&updates, &infer->inputs[1].shape), INVALID_MODEL, ctx,
                "updates of shape %s, expected %s", tmoi_shape_format(&infer->inputs[1].shape).text,
                tmoi_shape_format(&updates).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Indices: a scalar or vector of places in a vector, or a matrix with a row of coordinates for each value. */
tmo_status tmoi_infer_sparse_to_dense(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 4, 4, 4, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 2, TMOI_T_BYTES, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T_INDEX, "indices", ctx));
    TMO_TRY(tmoi_infer_index_vector(infer, 1, -1, "shape", ctx));
    TMO_TRY(tmoi_infer_single(infer, 3, 1u << infer->inputs[2].type, "default value", ctx));
    const tmoi_shape *indices = &infer->inputs[0].shape, *values = &infer->inputs[2].shape;
    int32_t rank = infer->inputs[1].shape.dims[0];
    int64_t count = indices->rank ? indices->dims[0] : 1;
    TMO_FAIL_IF(indices->rank > 2 || (indices->rank == 2 ? indices->dims[1] : 1) != rank, INVALID_MODEL, ctx,
                "indices of shape %s for an output of rank %d", tmoi_shape_format(indices).text, (int)rank);
    TMO_FAIL_IF(values->rank > 1 || (values->rank == 1 && values->dims[0] != count), INVALID_MODEL, ctx,
                "values of shape %s for %lld indices", tmoi_shape_format(values).text, (long long)count);
    if (!tmoi_infer_is_known(&infer->inputs[1])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    TMO_TRY(tmoi_infer_shape_from(&infer->inputs[1], &infer->outputs[0].shape, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The ids rise by at most one from entry to entry, so the last one tells the number of segments. */
static tmo_status count_segments(const tmoi_infer_input *ids, int64_t *segments, tmoi_ctx *ctx)
{
    int64_t previous = -1;
    for (int32_t k = 0; k < ids->shape.dims[0]; k++) {
        int64_t id = tmoi_infer_value(ids, k);
        TMO_FAIL_IF(id != previous && id != previous + 1, INVALID_INPUT, ctx, "segment id %lld follows %lld",
                    (long long)id, (long long)previous);
        TMO_FAIL_IF(id < 0, INVALID_INPUT, ctx, "segment id %lld is negative", (long long)id);
        previous = id;
    }
    *segments = previous + 1;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_segment_sum(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T(FLOAT32) | TMOI_T(INT32), ctx));
    TMO_FAIL_IF(infer->inputs[0].shape.rank < 1, INVALID_MODEL, ctx, "input of rank 0");
    TMO_TRY(tmoi_infer_index_vector(infer, 1, infer->inputs[0].shape.dims[0], "segment ids", ctx));
    if (!tmoi_infer_is_known(&infer->inputs[1])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    int64_t segments;
    TMO_TRY(count_segments(&infer->inputs[1], &segments, ctx));
    infer->outputs[0].shape = infer->inputs[0].shape;
    TMO_TRY(tmoi_infer_set_dim(&infer->outputs[0].shape, 0, segments, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_unsorted_segment(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 3, 3, 3, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T(FLOAT32) | TMOI_T(INT32), ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[1].type, TMOI_T_INDEX, "segment ids", ctx));
    TMO_TRY(tmoi_infer_single(infer, 2, TMOI_T_INDEX, "number of segments", ctx));
    const tmoi_shape *in = &infer->inputs[0].shape, *ids = &infer->inputs[1].shape;
    bool fits = ids->rank <= in->rank;
    for (int32_t k = 0; fits && k < ids->rank; k++) fits = ids->dims[k] == in->dims[k];
    TMO_FAIL_IF(!fits, INVALID_MODEL, ctx, "segment ids of shape %s for input of shape %s",
                tmoi_shape_format(ids).text, tmoi_shape_format(in).text);
    if (!tmoi_infer_is_known(&infer->inputs[2])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    tmoi_shape out = {1, {0}};
    TMO_TRY(tmoi_infer_set_dim(&out, 0, tmoi_infer_value(&infer->inputs[2], 0), ctx));
    TMO_TRY(append_dims(&out, in, ids->rank, in->rank, ctx));
    infer->outputs[0].shape = out;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
