/* Shapes of reductions, arg min/max, CUMSUM and TOPK_V2. */
#include "model/infer.h"

/* The axes as bits. */
static tmo_status read_axes(const tmoi_infer_input *axes, int32_t rank, uint32_t *bits, tmoi_ctx *ctx)
{
    int64_t count = tmoi_shape_count(&axes->shape);
    *bits = 0;
    for (int64_t k = 0; k < count && rank > 0; k++) {
        int64_t value = tmoi_infer_value(axes, k);
        TMO_FAIL_IF(value < -rank || value >= rank, INVALID_MODEL, ctx,
                    "axis %lld is out of range for rank %d", (long long)value, (int)rank);
        *bits |= 1u << (value < 0 ? value + rank : value);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void reduce_shape(const tmoi_shape *in, uint32_t axes, bool keep_dims, tmoi_shape *out)
{
    out->rank = 0;
    for (int32_t k = 0; k < in->rank; k++) {
        if (!(axes >> k & 1))
            out->dims[out->rank++] = in->dims[k];
        else if (keep_dims)
            out->dims[out->rank++] = 1;
    }
}

static uint32_t reduce_types(int32_t code)
{
    const uint32_t integers = TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT16) | TMOI_T(INT32) | TMOI_T(INT64);
    if (code == TMOI_OP_REDUCE_ANY || code == TMOI_OP_REDUCE_ALL) return TMOI_T(BOOL);
    return TMOI_T(FLOAT32) | TMOI_T(FLOAT16) | TMOI_T(BFLOAT16) | integers;
}

tmo_status tmoi_infer_reduce(tmoi_infer *infer, tmoi_ctx *ctx)
{
    uint32_t axes;
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, reduce_types(infer->op->code), "input", ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[1].type, TMOI_T(INT32) | TMOI_T(INT64), "axes", ctx));
    TMO_FAIL_IF(infer->outputs[0].type != infer->inputs[0].type, INVALID_MODEL, ctx,
                "input of type %s but output of type %s", tmo_type_name(infer->inputs[0].type),
                tmo_type_name(infer->outputs[0].type));
    if (!infer->inputs[1].data) {
        infer->outputs[0].dynamic = true;
        return TMO_STATUS_OK;
    }
    const tmoi_shape in = infer->inputs[0].shape;
    TMO_TRY(read_axes(&infer->inputs[1], in.rank, &axes, ctx));
    reduce_shape(&in, axes, tmoi_op_options(infer->op, reducer_options)->keep_dims, &infer->outputs[0].shape);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_arg_reduce(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const uint32_t types = TMOI_T(FLOAT32) | TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT16) | TMOI_T(INT32) |
                           TMOI_T(INT64) | TMOI_T(BOOL);
    uint32_t axes;
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, types, "input", ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[1].type, TMOI_T(INT32) | TMOI_T(INT64), "axis", ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type, TMOI_T(INT32) | TMOI_T(INT64), "output", ctx));
    TMO_FAIL_IF(tmoi_shape_count(&infer->inputs[1].shape) != 1, INVALID_MODEL, ctx,
                "axis has shape %s, expected one element", tmoi_shape_format(&infer->inputs[1].shape).text);
    const tmoi_shape in = infer->inputs[0].shape;
    TMO_FAIL_IF(in.rank < 1, INVALID_MODEL, ctx, "input is a scalar, expected rank 1 or more");
    if (!infer->inputs[1].data) {
        infer->outputs[0].dynamic = true;
        return TMO_STATUS_OK;
    }
    TMO_TRY(read_axes(&infer->inputs[1], in.rank, &axes, ctx));
    reduce_shape(&in, axes, false, &infer->outputs[0].shape);
    for (int32_t k = 0; k < in.rank; k++)
        TMO_FAIL_IF(axes >> k & 1 && in.dims[k] == 0, INVALID_MODEL, ctx, "dimension %d is empty", (int)k);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_cumsum(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T(FLOAT32) | TMOI_T(INT32) | TMOI_T(INT64), "input",
                            ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[1].type, TMOI_T(INT32), "axis", ctx));
    TMO_FAIL_IF(tmoi_shape_count(&infer->inputs[1].shape) != 1, INVALID_MODEL, ctx,
                "axis has shape %s, expected one element", tmoi_shape_format(&infer->inputs[1].shape).text);
    TMO_FAIL_IF(infer->inputs[0].shape.rank < 1, INVALID_MODEL, ctx,
                "input is a scalar, expected rank 1 or more");
    return tmoi_infer_same(infer, ctx);
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_top_k(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const uint32_t types = TMOI_T(FLOAT32) | TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT16) | TMOI_T(INT32) |
                           TMOI_T(INT64);
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 2, ctx));
    const tmoi_infer_input *in = &infer->inputs[0], *k = &infer->inputs[1];
    TMO_TRY(tmoi_infer_type(in->type, types, "input", ctx));
    TMO_TRY(tmoi_infer_type(k->type, TMOI_T(INT16) | TMOI_T(INT32), "k", ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type, 1u << in->type, "values", ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[1].type, TMOI_T(INT16) | TMOI_T(INT32), "indices", ctx));
    TMO_FAIL_IF(in->shape.rank < 1, INVALID_MODEL, ctx, "input is a scalar, expected rank 1 or more");
    TMO_FAIL_IF(tmoi_shape_count(&k->shape) != 1, INVALID_MODEL, ctx, "k has shape %s, expected one element",
                tmoi_shape_format(&k->shape).text);
    int32_t depth = in->shape.dims[in->shape.rank - 1];
    TMO_FAIL_IF(infer->outputs[1].type == TMO_TYPE_INT16 && depth > INT16_MAX, INVALID_MODEL, ctx,
                "indices of type int16 for rows of %d", (int)depth);
    if (!k->data) {
        infer->outputs[0].dynamic = infer->outputs[1].dynamic = true;
        return TMO_STATUS_OK;
    }
    int64_t count = tmoi_infer_value(k, 0);
    TMO_FAIL_IF(count < 0 || count > depth, INVALID_MODEL, ctx, "k is %lld, expected 0 to %d",
                (long long)count, (int)depth);
    for (int32_t out = 0; out < 2; out++) {
        infer->outputs[out].shape = in->shape;
        infer->outputs[out].shape.dims[in->shape.rank - 1] = (int32_t)count;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
