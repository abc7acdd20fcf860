/* Shapes of PAD, PADV2, MIRROR_PAD, DILATE and STABLEHLO_PAD. */
#include "model/infer/elements.h"

/* The output's shape from `paddings`, an input of [rank, 2] values. limit_less: what a mirrored padding may be shorter by
 * than its dimension, or -1 for no limit. */
static tmo_status padded_shape(tmoi_infer *infer, int32_t limit_less, tmoi_ctx *ctx)
{
    const tmoi_infer_input *paddings = &infer->inputs[1];
    const tmoi_shape *in = &infer->inputs[0].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    TMO_TRY(tmoi_infer_type(paddings->type, TMOI_T_INDEX | TMOI_T(INT16), "paddings", ctx));
    TMO_FAIL_IF(paddings->shape.rank != 2 || paddings->shape.dims[0] != in->rank ||
                    paddings->shape.dims[1] != 2,
                INVALID_MODEL, ctx, "paddings of shape %s, expected %dx2",
                tmoi_shape_format(&paddings->shape).text, (int)in->rank);
    if (!tmoi_infer_is_known(paddings)) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    out->rank = in->rank;
    for (int32_t k = 0; k < in->rank; k++) {
        int64_t before = tmoi_infer_value(paddings, 2 * k), after = tmoi_infer_value(paddings, 2 * k + 1);
        int64_t limit = limit_less < 0 ? INT32_MAX : in->dims[k] - limit_less;
        TMO_FAIL_IF(before < 0 || after < 0 || before > limit || after > limit, INVALID_MODEL, ctx,
                    "padding of %lld and %lld of dimension %d of size %d", (long long)before,
                    (long long)after, (int)k, (int)in->dims[k]);
        TMO_TRY(tmoi_infer_set_dim(out, k, before + in->dims[k] + after, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_pad(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_FIXED, ctx));
    return padded_shape(infer, -1, ctx);
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_pad_v2(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 3, 3, 3, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_BYTES, ctx));
    TMO_TRY(tmoi_infer_single(infer, 2, 1u << infer->inputs[0].type, "padding value", ctx));
    return padded_shape(infer, -1, ctx);
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_mirror_pad(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_mirror_pad_options *options = tmoi_op_options(infer->op, mirror_pad_options);
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_FIXED, ctx));
    TMO_FAIL_IF(options->mode != TMOI_MIRROR_REFLECT && options->mode != TMOI_MIRROR_SYMMETRIC, INVALID_MODEL,
                ctx, "mode %d", (int)options->mode);
    return padded_shape(infer, options->mode == TMOI_MIRROR_REFLECT ? 1 : 0, ctx);
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_dilate(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 3, 3, 3, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_BYTES, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    TMO_TRY(tmoi_infer_index_vector(infer, 1, in->rank, "dilations", ctx));
    TMO_TRY(tmoi_infer_single(infer, 2, 1u << infer->inputs[0].type, "padding value", ctx));
    if (!tmoi_infer_is_known(&infer->inputs[1])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    out->rank = in->rank;
    for (int32_t k = 0; k < in->rank; k++) {
        int64_t dilation = tmoi_infer_value(&infer->inputs[1], k);
        TMO_FAIL_IF(dilation < 1 || dilation > INT32_MAX, INVALID_MODEL, ctx, "dilation %lld of dimension %d",
                    (long long)dilation, (int)k);
        TMO_TRY(tmoi_infer_set_dim(out, k, in->dims[k] ? (in->dims[k] - 1) * dilation + 1 : 0, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_stablehlo_pad(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_stablehlo_pad_options *options = tmoi_op_options_2(infer->op, stablehlo_pad_options);
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_BYTES, ctx));
    TMO_TRY(tmoi_infer_single(infer, 1, 1u << infer->inputs[0].type, "padding value", ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    uint32_t rank = (uint32_t)in->rank;
    TMO_FAIL_IF(options->edge_padding_low.count != rank || options->edge_padding_high.count != rank ||
                    options->interior_padding.count != rank,
                INVALID_MODEL, ctx, "paddings of %u, %u and %u dimensions for rank %u",
                options->edge_padding_low.count, options->edge_padding_high.count,
                options->interior_padding.count, rank);
    out->rank = in->rank;
    for (int32_t k = 0; k < in->rank; k++) {
        int64_t low = options->edge_padding_low.data[k], high = options->edge_padding_high.data[k];
        int64_t inner = options->interior_padding.data[k];
        TMO_FAIL_IF(low < INT32_MIN || low > INT32_MAX || high < INT32_MIN || high > INT32_MAX || inner < 0 ||
                        inner > INT32_MAX,
                    INVALID_MODEL, ctx, "padding of %lld, %lld and %lld of dimension %d", (long long)low,
                    (long long)high, (long long)inner, (int)k);
        int64_t spread = in->dims[k] ? (in->dims[k] - 1) * (inner + 1) + 1 : 0;
        TMO_TRY(tmoi_infer_set_dim(out, k, low + spread + high > 0 ? low + spread + high : 0, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
