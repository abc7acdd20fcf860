/* Control flow, resource variables and hash tables. What a called subgraph gives is known when it is prepared, so the outputs
 * keep here the shapes that the graph declares. */
#include "model/infer/elements.h"

tmo_status tmoi_infer_if(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, -1, infer->input_count, -1, ctx));
    TMO_TRY(tmoi_infer_single(infer, 0, TMOI_T(BOOL), "condition", ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_while(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, -1, infer->input_count, infer->input_count, ctx));
    for (int32_t k = 0; k < infer->input_count; k++)
        TMO_FAIL_IF(infer->inputs[k].type != infer->outputs[k].type, INVALID_MODEL, ctx,
                    "loop variable %d is %s before and %s after", (int)k,
                    tmo_type_name(infer->inputs[k].type), tmo_type_name(infer->outputs[k].type));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_call_once(tmoi_infer *infer, tmoi_ctx *ctx)
{
    return tmoi_infer_arity(infer, 0, 0, 0, 0, ctx);
}

tmo_status tmoi_infer_composite(tmoi_infer *infer, tmoi_ctx *ctx)
{
    return tmoi_infer_arity(infer, 0, -1, infer->input_count, -1, ctx);
}

tmo_status tmoi_infer_case(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_stablehlo_case_options *options = tmoi_op_options_2(infer->op, stablehlo_case_options);
    TMO_TRY(tmoi_infer_arity(infer, 1, -1, infer->input_count, -1, ctx));
    TMO_TRY(tmoi_infer_single(infer, 0, TMOI_T(INT32), "index", ctx));
    TMO_FAIL_IF(options->branch_subgraph_indices.count < 1, INVALID_MODEL, ctx, "no branches");
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* VAR_HANDLE and HASHTABLE. */
tmo_status tmoi_infer_handle(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 0, 0, 0, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type, TMOI_T(RESOURCE), "output", ctx));
    infer->outputs[0].shape = (tmoi_shape){1, {1}};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_read_variable(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(tmoi_infer_single(infer, 0, TMOI_T(RESOURCE), "variable", ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type, TMOI_T_FIXED, "output", ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_assign_variable(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 0, ctx));
    TMO_TRY(tmoi_infer_single(infer, 0, TMOI_T(RESOURCE), "variable", ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[1].type, TMOI_T_FIXED, "value", ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_hashtable_find(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 3, 3, 3, 1, ctx));
    TMO_TRY(tmoi_infer_single(infer, 0, TMOI_T(RESOURCE), "table", ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[1].type, TMOI_T(INT64) | TMOI_T(STRING), "keys", ctx));
    TMO_TRY(tmoi_infer_single(infer, 2, TMOI_T(INT64) | TMOI_T(STRING), "default value", ctx));
    TMO_FAIL_IF(infer->outputs[0].type != infer->inputs[2].type, INVALID_MODEL, ctx,
                "default value of type %s but output of type %s", tmo_type_name(infer->inputs[2].type),
                tmo_type_name(infer->outputs[0].type));
    infer->outputs[0].shape = infer->inputs[1].shape;
    if (infer->outputs[0].type == TMO_TYPE_STRING) infer->outputs[0].dynamic = true;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_hashtable_import(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 3, 3, 3, 0, ctx));
    TMO_TRY(tmoi_infer_single(infer, 0, TMOI_T(RESOURCE), "table", ctx));
    for (int32_t k = 1; k < 3; k++)
        TMO_TRY(tmoi_infer_type(infer->inputs[k].type, TMOI_T(INT64) | TMOI_T(STRING),
                                k == 1 ? "keys" : "values", ctx));
    TMO_FAIL_IF(!tmoi_shape_equal(&infer->inputs[1].shape, &infer->inputs[2].shape), INVALID_MODEL, ctx,
                "keys of shape %s but values of shape %s", tmoi_shape_format(&infer->inputs[1].shape).text,
                tmoi_shape_format(&infer->inputs[2].shape).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_hashtable_size(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(tmoi_infer_single(infer, 0, TMOI_T(RESOURCE), "table", ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type, TMOI_T(INT64), "output", ctx));
    infer->outputs[0].shape = (tmoi_shape){1, {1}};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
