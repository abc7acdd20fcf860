/* Shapes of CONV_2D. */
#include "model/infer.h"

tmo_status tmoi_infer_conv_2d(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_conv2d_options *options = tmoi_op_options(infer->op, conv2d_options);
    TMO_TRY(tmoi_infer_arity(infer, 2, 3, 2, 1, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape, *filter = &infer->inputs[1].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    int32_t before;
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T(FLOAT32) | TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT16), "input", ctx));
    TMO_FAIL_IF(in->rank != 4 || filter->rank != 4, INVALID_MODEL, ctx, "input %s and filter %s, expected rank 4",
                tmoi_shape_format(in).text, tmoi_shape_format(filter).text);
    TMO_FAIL_IF(filter->dims[3] < 1 || in->dims[3] % filter->dims[3] != 0, INVALID_MODEL, ctx,
                "%d input channels are not a multiple of the filter's %d", (int)in->dims[3], (int)filter->dims[3]);
    int32_t groups = in->dims[3] / filter->dims[3];
    TMO_FAIL_IF(groups < 1 || filter->dims[0] % groups != 0, INVALID_MODEL, ctx, "%d output channels cannot be split into %d groups",
                (int)filter->dims[0], (int)groups);
    if (infer->input_count > 2 && infer->inputs[2].present)
        TMO_FAIL_IF(tmoi_shape_count(&infer->inputs[2].shape) != filter->dims[0], INVALID_MODEL, ctx,
                    "bias of shape %s for %d output channels", tmoi_shape_format(&infer->inputs[2].shape).text, (int)filter->dims[0]);
    *out = (tmoi_shape){4, {in->dims[0], 0, 0, filter->dims[0]}};
    TMO_FAIL_IF(!tmoi_infer_window(options->padding, in->dims[1], filter->dims[1], options->stride_h, options->dilation_h_factor,
                                   &out->dims[1], &before) ||
                    !tmoi_infer_window(options->padding, in->dims[2], filter->dims[2], options->stride_w, options->dilation_w_factor,
                                       &out->dims[2], &before),
                INVALID_MODEL, ctx, "a %dx%d filter with stride %dx%d does not fit the %dx%d image", (int)filter->dims[1],
                (int)filter->dims[2], (int)options->stride_h, (int)options->stride_w, (int)in->dims[1], (int)in->dims[2]);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
