/* Shapes of TRANSPOSE_CONV and Convolution2DTransposeBias. */
#include <string.h>

#include "model/infer/transpose_conv.h"
#include "model/infer/weights.h"

enum { TRANSPOSE_WEIGHTS = TMOI_T(INT8) | TMOI_T(UINT8) };

static tmo_status check_image(const tmoi_shape *in, const tmoi_shape *filter, int32_t stride_h,
                              int32_t stride_w, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(in->rank != 4 || filter->rank != 4, INVALID_MODEL, ctx,
                "input %s and filter %s, expected rank 4", tmoi_shape_format(in).text,
                tmoi_shape_format(filter).text);
    TMO_FAIL_IF(filter->dims[3] != in->dims[3] || filter->dims[1] < 1 || filter->dims[2] < 1, INVALID_MODEL,
                ctx, "filter of shape %s for %d input channels", tmoi_shape_format(filter).text,
                (int)in->dims[3]);
    TMO_FAIL_IF(stride_h < 1 || stride_w < 1, INVALID_MODEL, ctx, "stride %dx%d must be positive",
                (int)stride_h, (int)stride_w);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_transpose_conv(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_transpose_conv_options *options = tmoi_op_options(infer->op, transpose_conv_options);
    TMO_TRY(tmoi_infer_arity(infer, 3, 4, 3, 1, ctx));
    const tmoi_infer_input *size = &infer->inputs[0];
    const tmoi_shape *filter = &infer->inputs[1].shape, *in = &infer->inputs[2].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    TMO_TRY(tmoi_infer_weight_types(&infer->inputs[2], &infer->inputs[1], tmoi_infer_optional(infer, 3),
                                    &infer->outputs[0], TRANSPOSE_WEIGHTS, ctx));
    TMO_TRY(tmoi_infer_type(size->type, TMOI_T(INT32), "output shape", ctx));
    TMO_FAIL_IF(size->shape.rank != 1 || size->shape.dims[0] != 4, INVALID_MODEL, ctx,
                "output shape of shape %s, expected 4", tmoi_shape_format(&size->shape).text);
    TMO_TRY(check_image(in, filter, options->stride_h, options->stride_w, ctx));
    TMO_TRY(tmoi_infer_bias(tmoi_infer_optional(infer, 3), filter->dims[0], ctx));
    if (!size->data) {
        infer->outputs[0].dynamic = true;
        return TMO_STATUS_OK;
    }
    out->rank = 4;
    for (int32_t k = 0; k < 4; k++) out->dims[k] = (int32_t)tmoi_infer_value(size, k);
    TMO_FAIL_IF(out->dims[0] != in->dims[0] || out->dims[3] != filter->dims[0] || out->dims[1] < 0 ||
                    out->dims[2] < 0,
                INVALID_MODEL, ctx, "output shape %s for input %s and filter %s", tmoi_shape_format(out).text,
                tmoi_shape_format(in).text, tmoi_shape_format(filter).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_transpose_bias_options_read(const tmoi_op *op, tmoi_transpose_bias_options *out,
                                            tmoi_ctx *ctx)
{
    TMO_FAIL_IF(op->custom_options.count < sizeof *out, INVALID_MODEL, ctx,
                "%u bytes of options, expected at least %zu", (unsigned)op->custom_options.count,
                sizeof *out);
    memcpy(out, op->custom_options.data, sizeof *out);
    TMO_FAIL_IF(out->padding != TMOI_TRANSPOSE_BIAS_SAME && out->padding != TMOI_TRANSPOSE_BIAS_VALID,
                INVALID_MODEL, ctx, "padding %d, expected %d or %d", (int)out->padding,
                TMOI_TRANSPOSE_BIAS_SAME, TMOI_TRANSPOSE_BIAS_VALID);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

bool tmoi_transpose_bias_window(const tmoi_transpose_bias_options *options, int32_t stride, int32_t in,
                                int32_t filter, int32_t *out, int32_t *before)
{
    int64_t total = 0;
    if (in < 1) return false;
    if (options->padding == TMOI_TRANSPOSE_BIAS_SAME) total = (int64_t)filter - (in - 1) % stride - 1;
    if (total < 0) total = 0;
    int64_t size = (int64_t)stride * (in - 1) + filter - total;
    *out = (int32_t)size;
    *before = (int32_t)(total / 2);
    return size >= 0 && size <= INT32_MAX;
}

tmo_status tmoi_infer_transpose_conv_bias(tmoi_infer *infer, tmoi_ctx *ctx)
{
    tmoi_transpose_bias_options options;
    int32_t before;
    TMO_TRY(tmoi_infer_arity(infer, 3, 3, 3, 1, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape, *filter = &infer->inputs[1].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    TMO_TRY(tmoi_infer_weight_types(&infer->inputs[0], &infer->inputs[1], &infer->inputs[2],
                                    &infer->outputs[0], 0, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T(FLOAT32), "input", ctx));
    TMO_TRY(tmoi_transpose_bias_options_read(infer->op, &options, ctx));
    TMO_TRY(check_image(in, filter, options.stride_h, options.stride_w, ctx));
    TMO_TRY(tmoi_infer_bias(&infer->inputs[2], filter->dims[0], ctx));
    *out = (tmoi_shape){4, {in->dims[0], 0, 0, filter->dims[0]}};
    TMO_FAIL_IF(!tmoi_transpose_bias_window(&options, options.stride_h, in->dims[1], filter->dims[1],
                                            &out->dims[1], &before) ||
                    !tmoi_transpose_bias_window(&options, options.stride_w, in->dims[2], filter->dims[2],
                                                &out->dims[2], &before),
                INVALID_MODEL, ctx, "a %dx%d filter with stride %dx%d does not fit the %dx%d image",
                (int)filter->dims[1], (int)filter->dims[2], (int)options.stride_h, (int)options.stride_w,
                (int)in->dims[1], (int)in->dims[2]);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
