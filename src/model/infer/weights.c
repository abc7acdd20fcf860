#include "model/infer/weights.h"

enum {
    FLOATS = TMOI_T(FLOAT32) | TMOI_T(FLOAT16),
    ACTIVATIONS = TMOI_T(FLOAT32) | TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT16)
};

/* The integer weights that go with an input type. */
static uint32_t weights_for(tmo_type input)
{
    switch (input) {
    case TMO_TYPE_FLOAT32: return TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT4) | TMOI_T(INT2);
    case TMO_TYPE_UINT8: return TMOI_T(UINT8);
    case TMO_TYPE_INT16: return TMOI_T(INT8) | TMOI_T(INT4) | TMOI_T(INT2) | TMOI_T(INT16);
    default: return TMOI_T(INT8) | TMOI_T(INT4) | TMOI_T(INT2);
    }
}

tmo_status tmoi_infer_weight_types(const tmoi_infer_input *input, const tmoi_infer_input *weights,
                                   const tmoi_infer_input *bias, const tmoi_infer_output *output,
                                   uint32_t integer_weights, tmoi_ctx *ctx)
{
    bool is_float = input->type == TMO_TYPE_FLOAT32;
    uint32_t taken = weights_for(input->type) & integer_weights;
    TMO_TRY(tmoi_infer_type(input->type, ACTIVATIONS, "input", ctx));
    if (is_float) taken |= FLOATS;
    TMO_FAIL_IF((uint32_t)weights->type > 31 || !(taken >> weights->type & 1u), UNSUPPORTED_OPERATOR, ctx,
                "input of type %s with weights of type %s is not supported", tmo_type_name(input->type),
                tmo_type_name(weights->type));
    TMO_FAIL_IF(output->type != input->type, UNSUPPORTED_OPERATOR, ctx,
                "input of type %s with output of type %s is not supported", tmo_type_name(input->type),
                tmo_type_name(output->type));
    if (!bias || !bias->present) return TMO_STATUS_OK;
    TMO_TRY(tmoi_infer_type(bias->type, is_float ? FLOATS : TMOI_T(INT32) | TMOI_T(INT64), "bias", ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_bias(const tmoi_infer_input *bias, int32_t channels, tmoi_ctx *ctx)
{
    if (!bias || !bias->present) return TMO_STATUS_OK;
    TMO_FAIL_IF(tmoi_shape_count(&bias->shape) != channels, INVALID_MODEL, ctx,
                "bias of shape %s for %d output channels", tmoi_shape_format(&bias->shape).text,
                (int)channels);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
