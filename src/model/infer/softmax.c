/* Shapes of the operators that normalize over the last dimension. */
#include "model/infer.h"

tmo_status tmoi_infer_softmax(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const uint32_t narrow = TMOI_T(INT8) | TMOI_T(UINT8);
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    const tmoi_infer_input *in = &infer->inputs[0];
    bool softmax = infer->op->code == TMOI_OP_SOFTMAX;
    TMO_TRY(tmoi_infer_type(
        in->type, TMOI_T(FLOAT32) | narrow | (softmax ? TMOI_T(FLOAT16) | TMOI_T(INT16) : 0), "input", ctx));
    TMO_FAIL_IF(in->shape.rank < 1, INVALID_MODEL, ctx, "input is a scalar, expected rank 1 or more");
    if (softmax && infer->outputs[0].type == TMO_TYPE_INT16 && in->type != TMO_TYPE_INT16) {
        TMO_TRY(tmoi_infer_type(in->type, narrow, "input of an int16 output", ctx));
        infer->outputs[0].shape = in->shape;
        return TMO_STATUS_OK;
    }
    return tmoi_infer_same(infer, ctx);
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_local_response_normalization(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T(FLOAT32), "input", ctx));
    TMO_FAIL_IF(infer->inputs[0].shape.rank != 4, INVALID_MODEL, ctx, "input of rank %d, expected 4",
                (int)infer->inputs[0].shape.rank);
    return tmoi_infer_same(infer, ctx);
fail:
    return ctx->error.status;
}
