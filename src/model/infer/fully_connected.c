/* Shapes of FULLY_CONNECTED. */
#include "model/infer/weights.h"

enum { FC_WEIGHTS = TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT4) | TMOI_T(INT2) | TMOI_T(INT16) };

/* The rows that the input has, each of `depth` elements. */
static tmo_status count_rows(const tmoi_shape *in, int32_t depth, int64_t *rows, tmoi_ctx *ctx)
{
    int64_t count = tmoi_shape_count(in);
    if (depth == 0) {
        TMO_FAIL_IF(in->rank < 1 || in->dims[in->rank - 1] != 0, INVALID_MODEL, ctx,
                    "input %s with weights without columns", tmoi_shape_format(in).text);
        *rows = tmoi_shape_product(in, 0, in->rank - 1);
    } else {
        TMO_FAIL_IF(count % depth != 0, INVALID_MODEL, ctx,
                    "input %s cannot be cut into rows of %d, the depth of the weights",
                    tmoi_shape_format(in).text, (int)depth);
        *rows = count / depth;
    }
    TMO_FAIL_IF(*rows > INT32_MAX, LIMIT, ctx, "input of %lld rows is too large", (long long)*rows);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_fully_connected(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_fully_connected_options *options = tmoi_op_options(infer->op, fully_connected_options);
    int64_t rows = 0;
    TMO_FAIL_IF(options->weights_format != TMOI_WEIGHTS_DEFAULT, UNSUPPORTED_OPERATOR, ctx,
                "weights in the shuffled 4x16 format are not supported");
    TMO_TRY(tmoi_infer_arity(infer, 2, 3, 2, 1, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape, *weights = &infer->inputs[1].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    TMO_TRY(tmoi_infer_weight_types(&infer->inputs[0], &infer->inputs[1], tmoi_infer_optional(infer, 2),
                                    &infer->outputs[0], FC_WEIGHTS, ctx));
    TMO_FAIL_IF(weights->rank != 2, INVALID_MODEL, ctx, "weights of shape %s, expected rank 2",
                tmoi_shape_format(weights).text);
    TMO_TRY(tmoi_infer_bias(tmoi_infer_optional(infer, 2), weights->dims[0], ctx));
    TMO_TRY(count_rows(in, weights->dims[1], &rows, ctx));
    if (!options->keep_num_dims) {
        *out = (tmoi_shape){2, {(int32_t)rows, weights->dims[0]}};
        return TMO_STATUS_OK;
    }
    TMO_FAIL_IF(
        in->rank < 1 || in->dims[in->rank - 1] != weights->dims[1], INVALID_MODEL, ctx,
        "input %s with weights of depth %d, which must be the input's last dimension to keep its rank",
        tmoi_shape_format(in).text, (int)weights->dims[1]);
    *out = *in;
    out->dims[out->rank - 1] = weights->dims[0];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
