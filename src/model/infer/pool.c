/* Shapes of the 2-D pooling operators. */
#include "model/infer.h"

tmo_status tmoi_infer_pool_2d(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_pool2d_options *options = tmoi_op_options(infer->op, pool2d_options);
    const uint32_t quantized = infer->op->code == TMOI_OP_L2_POOL_2D
                                   ? 0
                                   : TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT16);
    int32_t before;
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T(FLOAT32) | quantized, "input", ctx));
    const tmoi_shape in = infer->inputs[0].shape;
    TMO_FAIL_IF(in.rank != 4, INVALID_MODEL, ctx, "input of rank %d, expected 4", (int)in.rank);
    int64_t taps = (int64_t)options->filter_height * options->filter_width;
    TMO_FAIL_IF(taps > (infer->inputs[0].type == TMO_TYPE_INT16 ? UINT16_MAX : 1 << 22), INVALID_MODEL, ctx,
                "a window of %dx%d is too large", (int)options->filter_height, (int)options->filter_width);
    TMO_TRY(tmoi_infer_same(infer, ctx));
    int32_t *out = infer->outputs[0].shape.dims;
    TMO_FAIL_IF(!tmoi_infer_window(options->padding, in.dims[1], options->filter_height, options->stride_h, 1,
                                   &out[1], &before) ||
                    !tmoi_infer_window(options->padding, in.dims[2], options->filter_width, options->stride_w,
                                       1, &out[2], &before),
                INVALID_MODEL, ctx, "a %dx%d window with stride %dx%d does not fit the %dx%d image",
                (int)options->filter_height, (int)options->filter_width, (int)options->stride_h,
                (int)options->stride_w, (int)in.dims[1], (int)in.dims[2]);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
