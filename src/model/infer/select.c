/* Shapes of SELECT, SELECT_V2, WHERE, UNIQUE, MATRIX_DIAG and MATRIX_SET_DIAG. */
#include "model/infer/elements.h"

static tmo_status select_types(const tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 3, 3, 3, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T(BOOL), "condition", ctx));
    TMO_TRY(tmoi_infer_elements(infer, 1, TMOI_T_BYTES, ctx));
    TMO_FAIL_IF(infer->inputs[2].type != infer->inputs[1].type, INVALID_MODEL, ctx,
                "choices of types %s and %s", tmo_type_name(infer->inputs[1].type),
                tmo_type_name(infer->inputs[2].type));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The condition has the shape of the choices, or is a scalar, or a vector that chooses among slices of dimension 0. */
tmo_status tmoi_infer_select(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(select_types(infer, ctx));
    const tmoi_shape *condition = &infer->inputs[0].shape, *in = &infer->inputs[1].shape;
    TMO_FAIL_IF(!tmoi_shape_equal(in, &infer->inputs[2].shape), INVALID_MODEL, ctx,
                "choices of shapes %s and %s", tmoi_shape_format(in).text,
                tmoi_shape_format(&infer->inputs[2].shape).text);
    bool rows = condition->rank == 1 && in->rank >= 1 && condition->dims[0] == in->dims[0];
    TMO_FAIL_IF(!rows && condition->rank != 0 && !tmoi_shape_equal(condition, in), INVALID_MODEL, ctx,
                "condition of shape %s for choices of shape %s", tmoi_shape_format(condition).text,
                tmoi_shape_format(in).text);
    infer->outputs[0].shape = *in;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_select_v2(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(select_types(infer, ctx));
    const tmoi_shape *condition = &infer->inputs[0].shape, *a = &infer->inputs[1].shape,
                     *b = &infer->inputs[2].shape;
    tmoi_shape choices;
    TMO_FAIL_IF(!tmoi_shape_broadcast(a, b, &choices) ||
                    !tmoi_shape_broadcast(condition, &choices, &infer->outputs[0].shape),
                INVALID_MODEL, ctx, "shapes %s, %s and %s do not broadcast",
                tmoi_shape_format(condition).text, tmoi_shape_format(a).text, tmoi_shape_format(b).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_where(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T_BYTES, "input", ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type, TMOI_T(INT64), "output", ctx));
    infer->outputs[0].dynamic = true;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_unique(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 2, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type,
                            TMOI_T(FLOAT32) | TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT16) | TMOI_T(INT32) |
                                TMOI_T(INT64),
                            "input", ctx));
    TMO_FAIL_IF(infer->outputs[0].type != infer->inputs[0].type, INVALID_MODEL, ctx,
                "input of type %s but output of type %s", tmo_type_name(infer->inputs[0].type),
                tmo_type_name(infer->outputs[0].type));
    TMO_TRY(tmoi_infer_type(infer->outputs[1].type, TMOI_T_INDEX, "index output", ctx));
    TMO_FAIL_IF(infer->inputs[0].shape.rank != 1, INVALID_MODEL, ctx, "input of shape %s, expected a vector",
                tmoi_shape_format(&infer->inputs[0].shape).text);
    tmoi_infer_set_dynamic(infer);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_matrix_diag(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_BYTES, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    TMO_FAIL_IF(in->rank < 1 || in->rank == TMO_MAX_RANK, INVALID_MODEL, ctx, "input of rank %d",
                (int)in->rank);
    infer->outputs[0].shape = *in;
    infer->outputs[0].shape.dims[infer->outputs[0].shape.rank++] = in->dims[in->rank - 1];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_matrix_set_diag(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_BYTES, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape, *diagonal = &infer->inputs[1].shape;
    TMO_FAIL_IF(in->rank < 2 || infer->inputs[1].type != infer->inputs[0].type, INVALID_MODEL, ctx,
                "input of rank %d and type %s with a diagonal of type %s", (int)in->rank,
                tmo_type_name(infer->inputs[0].type), tmo_type_name(infer->inputs[1].type));
    tmoi_shape wanted = {in->rank - 1, {0}};
    for (int32_t k = 0; k < in->rank - 2; k++) wanted.dims[k] = in->dims[k];
    int32_t rows = in->dims[in->rank - 2], columns = in->dims[in->rank - 1];
    wanted.dims[in->rank - 2] = rows < columns ? rows : columns;
    TMO_FAIL_IF(!tmoi_shape_equal(&wanted, diagonal), INVALID_MODEL, ctx, "diagonal of shape %s, expected %s",
                tmoi_shape_format(diagonal).text, tmoi_shape_format(&wanted).text);
    infer->outputs[0].shape = *in;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
