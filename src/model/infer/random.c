/* Shapes of RANDOM_UNIFORM, RANDOM_STANDARD_NORMAL and MULTINOMIAL. */
#include "model/infer/elements.h"

tmo_status tmoi_infer_random(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(tmoi_infer_index_vector(infer, 0, -1, "shape", ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type, TMOI_T(FLOAT32), "output", ctx));
    if (!tmoi_infer_is_known(&infer->inputs[0])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    TMO_TRY(tmoi_infer_shape_from(&infer->inputs[0], &infer->outputs[0].shape, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_multinomial(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T(FLOAT32), "logits", ctx));
    TMO_TRY(tmoi_infer_single(infer, 1, TMOI_T(INT32), "number of samples", ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type, TMOI_T_INDEX, "output", ctx));
    const tmoi_shape *logits = &infer->inputs[0].shape;
    TMO_FAIL_IF(logits->rank != 2 || logits->dims[1] < 1, INVALID_MODEL, ctx,
                "logits of shape %s, expected rank 2 with classes", tmoi_shape_format(logits).text);
    if (!tmoi_infer_is_known(&infer->inputs[1])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    infer->outputs[0].shape = *logits;
    TMO_TRY(tmoi_infer_set_dim(&infer->outputs[0].shape, 1, tmoi_infer_value(&infer->inputs[1], 0), ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
