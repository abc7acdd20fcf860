/* Shapes of CONV_2D and DEPTHWISE_CONV_2D. */
#include "model/infer/weights.h"

enum { CONV_WEIGHTS = TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT4) };

typedef struct window_options {
    int32_t padding, stride_h, stride_w, dilation_h, dilation_w;
} window_options;

/* Height and width of the output. */
static tmo_status infer_windows(const tmoi_shape *in, const tmoi_shape *filter, const window_options *options,
                                tmoi_shape *out, tmoi_ctx *ctx)
{
    int32_t before;
    TMO_FAIL_IF(!tmoi_infer_window(options->padding, in->dims[1], filter->dims[1], options->stride_h,
                                   options->dilation_h, &out->dims[1], &before) ||
                    !tmoi_infer_window(options->padding, in->dims[2], filter->dims[2], options->stride_w,
                                       options->dilation_w, &out->dims[2], &before),
                INVALID_MODEL, ctx,
                "a %dx%d filter with stride %dx%d and dilation %dx%d does not fit the %dx%d image",
                (int)filter->dims[1], (int)filter->dims[2], (int)options->stride_h, (int)options->stride_w,
                (int)options->dilation_h, (int)options->dilation_w, (int)in->dims[1], (int)in->dims[2]);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Ranks and types, which both operators check alike. */
static tmo_status check_inputs(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 3, 2, 1, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape, *filter = &infer->inputs[1].shape;
    TMO_TRY(tmoi_infer_weight_types(&infer->inputs[0], &infer->inputs[1], tmoi_infer_optional(infer, 2),
                                    &infer->outputs[0], CONV_WEIGHTS, ctx));
    TMO_FAIL_IF(in->rank != 4 || filter->rank != 4, INVALID_MODEL, ctx,
                "input %s and filter %s, expected rank 4", tmoi_shape_format(in).text,
                tmoi_shape_format(filter).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_conv_2d(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_conv2d_options *options = tmoi_op_options(infer->op, conv2d_options);
    window_options window = {options->padding, options->stride_h, options->stride_w,
                             options->dilation_h_factor, options->dilation_w_factor};
    TMO_TRY(check_inputs(infer, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape, *filter = &infer->inputs[1].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    TMO_FAIL_IF(filter->dims[3] < 1 || in->dims[3] % filter->dims[3] != 0, INVALID_MODEL, ctx,
                "%d input channels are not a multiple of the filter's %d", (int)in->dims[3],
                (int)filter->dims[3]);
    int32_t groups = in->dims[3] / filter->dims[3];
    TMO_FAIL_IF(groups < 1 || filter->dims[0] % groups != 0, INVALID_MODEL, ctx,
                "%d output channels cannot be split into %d groups", (int)filter->dims[0], (int)groups);
    TMO_TRY(tmoi_infer_bias(tmoi_infer_optional(infer, 2), filter->dims[0], ctx));
    *out = (tmoi_shape){4, {in->dims[0], 0, 0, filter->dims[0]}};
    TMO_TRY(infer_windows(in, filter, &window, out, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_depthwise_conv_2d(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_depthwise_conv2d_options *options = tmoi_op_options(infer->op, depthwise_conv2d_options);
    window_options window = {options->padding, options->stride_h, options->stride_w,
                             options->dilation_h_factor, options->dilation_w_factor};
    TMO_TRY(check_inputs(infer, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape, *filter = &infer->inputs[1].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    TMO_FAIL_IF(filter->dims[0] != 1, INVALID_MODEL, ctx,
                "filter of shape %s, expected 1 as its first dimension", tmoi_shape_format(filter).text);
    TMO_FAIL_IF(in->dims[3] < 1 || filter->dims[3] % in->dims[3] != 0, INVALID_MODEL, ctx,
                "%d output channels are not a multiple of the %d input channels", (int)filter->dims[3],
                (int)in->dims[3]);
    TMO_TRY(tmoi_infer_bias(tmoi_infer_optional(infer, 2), filter->dims[3], ctx));
    *out = (tmoi_shape){4, {in->dims[0], 0, 0, filter->dims[3]}};
    TMO_TRY(infer_windows(in, filter, &window, out, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
