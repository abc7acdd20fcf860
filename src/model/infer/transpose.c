/* Shapes of TRANSPOSE, REVERSE_V2 and REVERSE_SEQUENCE. */
#include "model/infer/elements.h"

tmo_status tmoi_infer_transpose(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_FIXED, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    uint32_t seen = 0;
    TMO_TRY(tmoi_infer_index_vector(infer, 1, in->rank, "permutation", ctx));
    if (!tmoi_infer_is_known(&infer->inputs[1])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    out->rank = in->rank;
    for (int32_t k = 0; k < in->rank; k++) {
        int32_t axis;
        TMO_TRY(tmoi_infer_axis(tmoi_infer_value(&infer->inputs[1], k), in->rank, &axis, ctx));
        TMO_FAIL_IF(seen >> axis & 1u, INVALID_MODEL, ctx, "the permutation names dimension %d twice",
                    (int)axis);
        seen |= 1u << axis;
        out->dims[k] = in->dims[axis];
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_reverse_v2(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_FIXED, ctx));
    TMO_TRY(tmoi_infer_index_vector(infer, 1, -1, "axes", ctx));
    infer->outputs[0].shape = infer->inputs[0].shape;
    if (!tmoi_infer_is_known(&infer->inputs[1])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    for (int32_t k = 0; k < infer->inputs[1].shape.dims[0]; k++) {
        int32_t axis;
        TMO_TRY(
            tmoi_infer_axis(tmoi_infer_value(&infer->inputs[1], k), infer->inputs[0].shape.rank, &axis, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_reverse_sequence(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_reverse_sequence_options *options = tmoi_op_options(infer->op, reverse_sequence_options);
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_BYTES, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    int32_t sequence, batch;
    TMO_TRY(tmoi_infer_axis(options->seq_dim, in->rank, &sequence, ctx));
    TMO_TRY(tmoi_infer_axis(options->batch_dim, in->rank, &batch, ctx));
    TMO_FAIL_IF(sequence == batch, INVALID_MODEL, ctx, "dimension %d is both sequence and batch", (int)batch);
    TMO_TRY(tmoi_infer_index_vector(infer, 1, in->dims[batch], "sequence lengths", ctx));
    infer->outputs[0].shape = *in;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
