/* Shapes of CONV_3D and CONV_3D_TRANSPOSE. */
#include "model/infer/weights.h"

static tmo_status check_types(const tmoi_infer_input *input, const tmoi_infer_input *filter,
                              const tmoi_infer_input *bias, const tmoi_infer_output *output, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_type(input->type, TMOI_T(FLOAT32), "input", ctx));
    TMO_TRY(tmoi_infer_weight_types(input, filter, bias, output, 0, ctx));
    TMO_FAIL_IF(input->shape.rank != 5 || filter->shape.rank != 5, INVALID_MODEL, ctx,
                "input %s and filter %s, expected rank 5", tmoi_shape_format(&input->shape).text,
                tmoi_shape_format(&filter->shape).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_conv_3d(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_conv3d_options *o = tmoi_op_options(infer->op, conv3d_options);
    const int32_t stride[3] = {o->stride_d, o->stride_h, o->stride_w};
    const int32_t dilation[3] = {o->dilation_d_factor, o->dilation_h_factor, o->dilation_w_factor};
    int32_t before;
    TMO_TRY(tmoi_infer_arity(infer, 2, 3, 2, 1, ctx));
    const tmoi_infer_input *bias = tmoi_infer_optional(infer, 2);
    TMO_TRY(check_types(&infer->inputs[0], &infer->inputs[1], bias, &infer->outputs[0], ctx));
    const tmoi_shape *in = &infer->inputs[0].shape, *filter = &infer->inputs[1].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    TMO_FAIL_IF(filter->dims[3] != in->dims[4] || filter->dims[3] < 1, INVALID_MODEL, ctx,
                "filter of shape %s for %d input channels", tmoi_shape_format(filter).text, (int)in->dims[4]);
    TMO_TRY(tmoi_infer_bias(bias, filter->dims[4], ctx));
    *out = (tmoi_shape){5, {in->dims[0], 0, 0, 0, filter->dims[4]}};
    for (int32_t k = 0; k < 3; k++)
        TMO_FAIL_IF(!tmoi_infer_window(o->padding, in->dims[k + 1], filter->dims[k], stride[k], dilation[k],
                                       &out->dims[k + 1], &before),
                    INVALID_MODEL, ctx,
                    "filter %s with stride %d and dilation %d does not fit dimension %d of input %s",
                    tmoi_shape_format(filter).text, (int)stride[k], (int)dilation[k], (int)k + 1,
                    tmoi_shape_format(in).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The output's size along a dimension must lead back to the input's, as in a convolution the other way. */
static tmo_status check_size(int32_t padding, int32_t out, int32_t in, int32_t filter, int32_t stride,
                             int32_t dilation, tmoi_ctx *ctx)
{
    int32_t back, before;
    TMO_FAIL_IF(
        !tmoi_infer_window(padding, out, filter, stride, dilation, &back, &before) || back != in,
        INVALID_MODEL, ctx,
        "output size %d with filter size %d, stride %d and dilation %d does not belong to input size %d",
        (int)out, (int)filter, (int)stride, (int)dilation, (int)in);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_conv_3d_transpose(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_conv3d_options *o = tmoi_op_options(infer->op, conv3d_options);
    const int32_t stride[3] = {o->stride_d, o->stride_h, o->stride_w};
    const int32_t dilation[3] = {o->dilation_d_factor, o->dilation_h_factor, o->dilation_w_factor};
    TMO_TRY(tmoi_infer_arity(infer, 3, 4, 3, 1, ctx));
    const tmoi_infer_input *size = &infer->inputs[0], *bias = tmoi_infer_optional(infer, 3);
    TMO_TRY(check_types(&infer->inputs[2], &infer->inputs[1], bias, &infer->outputs[0], ctx));
    const tmoi_shape *filter = &infer->inputs[1].shape, *in = &infer->inputs[2].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    TMO_TRY(tmoi_infer_type(size->type, TMOI_T(INT32), "output shape", ctx));
    TMO_FAIL_IF(size->shape.rank != 1 || size->shape.dims[0] != 5, INVALID_MODEL, ctx,
                "output shape of shape %s, expected 5", tmoi_shape_format(&size->shape).text);
    TMO_FAIL_IF(filter->dims[4] != in->dims[4], INVALID_MODEL, ctx,
                "filter of shape %s for %d input channels", tmoi_shape_format(filter).text, (int)in->dims[4]);
    TMO_TRY(tmoi_infer_bias(bias, filter->dims[3], ctx));
    if (!size->data) {
        infer->outputs[0].dynamic = true;
        return TMO_STATUS_OK;
    }
    out->rank = 5;
    for (int32_t k = 0; k < 5; k++) out->dims[k] = (int32_t)tmoi_infer_value(size, k);
    TMO_FAIL_IF(out->dims[0] != in->dims[0] || out->dims[4] != filter->dims[3], INVALID_MODEL, ctx,
                "output shape %s for input %s and filter %s", tmoi_shape_format(out).text,
                tmoi_shape_format(in).text, tmoi_shape_format(filter).text);
    for (int32_t k = 0; k < 3; k++)
        TMO_TRY(check_size(o->padding, out->dims[k + 1], in->dims[k + 1], filter->dims[k], stride[k],
                           dilation[k], ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
