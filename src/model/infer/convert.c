/* Shapes of the operators that change an element's type: QUANTIZE, DEQUANTIZE, FAKE_QUANT and CAST. */
#include "model/infer.h"

#define STORED (TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT16) | TMOI_T(INT32))

tmo_status tmoi_infer_quantize(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    tmo_type from = infer->inputs[0].type;
    TMO_TRY(tmoi_infer_type(from, STORED | TMOI_T(FLOAT32), "input", ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type,
                            from == TMO_TYPE_FLOAT32 ? STORED & ~TMOI_T(INT32) : STORED, "output", ctx));
    infer->outputs[0].shape = infer->inputs[0].shape;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_dequantize(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type,
                            STORED | TMOI_T(INT4) | TMOI_T(UINT4) | TMOI_T(INT2) | TMOI_T(FLOAT16) |
                                TMOI_T(BFLOAT16),
                            "input", ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type, TMOI_T(FLOAT32), "output", ctx));
    infer->outputs[0].shape = infer->inputs[0].shape;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_fake_quant(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_fake_quant_options *options = tmoi_op_options(infer->op, fake_quant_options);
    TMO_TRY(tmoi_infer_same(infer, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T(FLOAT32), "input", ctx));
    TMO_FAIL_IF(options->num_bits < 2 || options->num_bits > 16, INVALID_MODEL, ctx,
                "num_bits must be in [2, 16], got %d", (int)options->num_bits);
    TMO_FAIL_IF(!(options->min < options->max) || options->max - options->min > 1e30f, INVALID_MODEL, ctx,
                "the range [%g, %g] is empty or not finite", (double)options->min, (double)options->max);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_cast(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const uint32_t numbers = STORED | TMOI_T(FLOAT16) | TMOI_T(BFLOAT16) | TMOI_T(FLOAT32) | TMOI_T(FLOAT64) |
                             TMOI_T(COMPLEX64) | TMOI_T(BOOL) | TMOI_T(UINT16) | TMOI_T(UINT32) |
                             TMOI_T(INT64) | TMOI_T(UINT64);
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, numbers | TMOI_T(INT4), "input", ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type, numbers, "output", ctx));
    infer->outputs[0].shape = infer->inputs[0].shape;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
