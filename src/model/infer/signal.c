/* Shapes of RFFT2D, the parts of complex numbers, BITCAST and BUCKETIZE. */
#include <math.h>

#include "model/infer.h"

static bool is_power_of_two(int64_t x)
{
    return x > 0 && x <= 1 << 20 && (x & (x - 1)) == 0;
}

tmo_status tmoi_infer_rfft2d(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    const tmoi_infer_input *in = &infer->inputs[0], *length = &infer->inputs[1];
    tmoi_shape *out = &infer->outputs[0].shape;
    TMO_TRY(tmoi_infer_type(in->type, TMOI_T(FLOAT32), "input", ctx));
    TMO_TRY(tmoi_infer_type(length->type, TMOI_T(INT32), "fft_length", ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type, TMOI_T(COMPLEX64), "output", ctx));
    TMO_FAIL_IF(in->shape.rank < 2 || length->shape.rank != 1 || length->shape.dims[0] != 2, INVALID_MODEL,
                ctx, "input %s and fft_length %s, expected at least two dimensions and two lengths",
                tmoi_shape_format(&in->shape).text, tmoi_shape_format(&length->shape).text);
    if (!length->data) {
        infer->outputs[0].dynamic = true;
        return TMO_STATUS_OK;
    }
    int64_t height = tmoi_infer_value(length, 0), width = tmoi_infer_value(length, 1);
    TMO_FAIL_IF(!is_power_of_two(height) || !is_power_of_two(width), UNSUPPORTED_OPERATOR, ctx,
                "fft_length %lldx%lld, expected powers of two up to 2^20", (long long)height,
                (long long)width);
    *out = in->shape;
    out->dims[out->rank - 2] = (int32_t)height;
    out->dims[out->rank - 1] = (int32_t)(width / 2 + 1);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_complex_part(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T(COMPLEX64), "input", ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type, TMOI_T(FLOAT32), "output", ctx));
    infer->outputs[0].shape = infer->inputs[0].shape;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_bucketize(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_vec_f32 *boundaries = &tmoi_op_options(infer->op, bucketize_options)->boundaries;
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type,
                            TMOI_T(FLOAT32) | TMOI_T(FLOAT64) | TMOI_T(INT32) | TMOI_T(INT64), "input", ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type, TMOI_T(INT32), "output", ctx));
    for (uint32_t k = 0; k < boundaries->count; k++)
        TMO_FAIL_IF(isnan(boundaries->data[k]) || (k && boundaries->data[k] < boundaries->data[k - 1]),
                    INVALID_MODEL, ctx, "boundary %u is %g, expected sorted numbers", k,
                    (double)boundaries->data[k]);
    infer->outputs[0].shape = infer->inputs[0].shape;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* To smaller elements a dimension is added, to larger ones the last dimension goes. */
tmo_status tmoi_infer_bitcast(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    uint32_t from = tmo_type_bits(infer->inputs[0].type), to = tmo_type_bits(infer->outputs[0].type);
    TMO_FAIL_IF(from < 8 || to < 8, UNSUPPORTED_OPERATOR, ctx, "%s to %s is not supported",
                tmo_type_name(infer->inputs[0].type), tmo_type_name(infer->outputs[0].type));
    *out = *in;
    if (to < from) {
        TMO_FAIL_IF(in->rank == TMO_MAX_RANK, UNSUPPORTED_OPERATOR, ctx, "the output would have rank %d",
                    TMO_MAX_RANK + 1);
        out->dims[out->rank++] = (int32_t)(from / to);
    } else if (to > from) {
        TMO_FAIL_IF(in->rank < 1 || in->dims[in->rank - 1] != (int32_t)(to / from), INVALID_MODEL, ctx,
                    "input %s, expected a last dimension of %u", tmoi_shape_format(in).text, to / from);
        out->rank--;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
