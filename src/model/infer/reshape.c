/* Shapes of RESHAPE, EXPAND_DIMS, SQUEEZE, SHAPE, RANK, ZEROS_LIKE and BROADCAST_ARGS. */
#include "model/infer/elements.h"

/* The wanted shape, with -1 for one dimension to compute: from input 1, else from the options. */
static tmo_status wanted_dim(const tmoi_infer *infer, bool from_input, int32_t k, int64_t *out, tmoi_ctx *ctx)
{
    const tmoi_fb_reshape_options *options = tmoi_op_options(infer->op, reshape_options);
    *out = from_input ? tmoi_infer_value(&infer->inputs[1], k) : options->new_shape.data[k];
    TMO_FAIL_IF(*out < -1 || *out > INT32_MAX, INVALID_MODEL, ctx, "dimension %d of the new shape is %lld",
                (int)k, (long long)*out);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status new_shape(tmoi_infer *infer, bool from_input, int64_t rank, tmoi_ctx *ctx)
{
    tmoi_shape *out = &infer->outputs[0].shape;
    int64_t count = tmoi_shape_count(&infer->inputs[0].shape), known = 1;
    int32_t open = -1;
    TMO_FAIL_IF(rank > TMO_MAX_RANK, INVALID_MODEL, ctx, "a new shape of rank %lld, the highest rank is %d",
                (long long)rank, TMO_MAX_RANK);
    out->rank = (int32_t)rank;
    for (int32_t k = 0; k < out->rank; k++) {
        int64_t dim;
        TMO_TRY(wanted_dim(infer, from_input, k, &dim, ctx));
        TMO_FAIL_IF(dim < 0 && open >= 0, INVALID_MODEL, ctx,
                    "the new shape leaves dimensions %d and %d open, one is allowed", (int)open, (int)k);
        if (dim < 0) open = k;
        out->dims[k] = dim < 0 ? 1 : (int32_t)dim;
    }
    TMO_FAIL_IF(!tmoi_shape_count_checked(out, &known), INVALID_MODEL, ctx,
                "the new shape has too many elements");
    if (open >= 0 && known > 0) TMO_TRY(tmoi_infer_set_dim(out, open, count / known, ctx));
    TMO_FAIL_IF(tmoi_shape_count(out) != count, INVALID_MODEL, ctx, "cannot reshape %s to %s",
                tmoi_shape_format(&infer->inputs[0].shape).text, tmoi_shape_format(out).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_reshape(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_reshape_options *options = tmoi_op_options(infer->op, reshape_options);
    TMO_TRY(tmoi_infer_arity(infer, 1, 2, 1, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_FIXED | TMOI_T(STRING), ctx));
    bool from_input = infer->input_count > 1 && infer->inputs[1].present && infer->inputs[1].shape.rank == 1;
    if (from_input) TMO_TRY(tmoi_infer_index_vector(infer, 1, -1, "new shape", ctx));
    if (infer->inputs[0].type == TMO_TYPE_STRING || (from_input && !tmoi_infer_is_known(&infer->inputs[1])))
        tmoi_infer_set_dynamic(infer);
    if (from_input && !tmoi_infer_is_known(&infer->inputs[1])) return TMO_STATUS_OK;
    int64_t rank = from_input ? infer->inputs[1].shape.dims[0] : (int64_t)options->new_shape.count;
    /* Old converters wrote [0] for a scalar. */
    if (!from_input && rank == 1 && options->new_shape.data[0] == 0 &&
        tmoi_shape_count(&infer->inputs[0].shape) == 1)
        rank = 0;
    return new_shape(infer, from_input, rank, ctx);
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_expand_dims(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_FIXED, ctx));
    TMO_TRY(tmoi_infer_single(infer, 1, TMOI_T_INDEX, "axis", ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    if (!tmoi_infer_is_known(&infer->inputs[1])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    int32_t axis;
    TMO_TRY(tmoi_infer_axis(tmoi_infer_value(&infer->inputs[1], 0), in->rank + 1, &axis, ctx));
    TMO_FAIL_IF(in->rank == TMO_MAX_RANK, INVALID_MODEL, ctx, "rank %d cannot grow", (int)in->rank);
    out->rank = in->rank + 1;
    for (int32_t k = 0; k < out->rank; k++)
        out->dims[k] = k < axis ? in->dims[k] : k == axis ? 1 : in->dims[k - 1];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_squeeze(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_squeeze_options *options = tmoi_op_options(infer->op, squeeze_options);
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_FIXED | TMOI_T(STRING), ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    bool drop[TMO_MAX_RANK] = {false};
    for (uint32_t k = 0; k < options->squeeze_dims.count; k++) {
        int32_t axis;
        TMO_TRY(tmoi_infer_axis(options->squeeze_dims.data[k], in->rank, &axis, ctx));
        TMO_FAIL_IF(in->dims[axis] != 1, INVALID_MODEL, ctx, "cannot squeeze dimension %d of size %d",
                    (int)axis, (int)in->dims[axis]);
        drop[axis] = true;
    }
    out->rank = 0;
    for (int32_t k = 0; k < in->rank; k++)
        if (options->squeeze_dims.count ? !drop[k] : in->dims[k] != 1) out->dims[out->rank++] = in->dims[k];
    if (infer->inputs[0].type == TMO_TYPE_STRING) tmoi_infer_set_dynamic(infer);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_shape(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type, TMOI_T_INDEX, "output", ctx));
    infer->outputs[0].shape = (tmoi_shape){1, {infer->inputs[0].shape.rank}};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_rank(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type, TMOI_T(INT32), "output", ctx));
    infer->outputs[0].shape = (tmoi_shape){0, {0}};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_zeros_like(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_same(infer, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_FIXED, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_broadcast_args(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_index_vector(infer, 0, -1, "first shape", ctx));
    TMO_TRY(tmoi_infer_index_vector(infer, 1, -1, "second shape", ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_INDEX, ctx));
    TMO_FAIL_IF(infer->inputs[1].type != infer->inputs[0].type, INVALID_MODEL, ctx,
                "shapes of types %s and %s", tmo_type_name(infer->inputs[0].type),
                tmo_type_name(infer->inputs[1].type));
    int32_t a = infer->inputs[0].shape.dims[0], b = infer->inputs[1].shape.dims[0];
    infer->outputs[0].shape = (tmoi_shape){1, {a > b ? a : b}};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
