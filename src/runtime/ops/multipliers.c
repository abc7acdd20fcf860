#include "runtime/ops/multipliers.h"

tmo_status tmoi_multiplier_checked(double real, bool wide, tmoi_multiplier *out, tmoi_ctx *ctx)
{
    int32_t largest = wide ? 14 : 30;
    *out = (tmoi_multiplier){0, 0};
    TMO_FAIL_IF(!isfinite(real) || real < 0.0 || real >= (double)(1 << largest), INVALID_MODEL, ctx,
                "the ratio %g of input and output scales is out of range", real);
    *out = tmoi_multiplier_of(real);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static double real_multiplier(const tmoi_value *input, const tmoi_value *weights, const tmoi_value *output,
                              int32_t channel, int32_t kind)
{
    float in = tmoi_value_scale(input), w = weights->quant->scale[weights->quant->count > 1 ? channel : 0];
    double product = kind == TMOI_SCALES_PER_CHANNEL ? (double)in * (double)w : (double)(in * w);
    return product / (double)tmoi_value_scale(output);
}

tmo_status tmoi_requant_prepare(tmoi_exec *exec, const tmoi_value *input, const tmoi_value *weights,
                                const tmoi_value *output, int32_t channels, int32_t kind, bool rounded,
                                tmoi_requant *requant, tmoi_ctx *ctx)
{
    tmoi_multiplier *multipliers;
    double *reals = NULL;
    TMO_TRY(tmoi_node_memory(exec, (void **)&multipliers, (size_t)channels, sizeof *multipliers, ctx));
    if (rounded) TMO_TRY(tmoi_node_memory(exec, (void **)&reals, (size_t)channels, sizeof *reals, ctx));
    for (int32_t k = 0; k < channels; k++) {
        double real = real_multiplier(input, weights, output, k, kind);
        TMO_TRY(tmoi_multiplier_checked(real, requant->wide, &multipliers[k], ctx));
        if (rounded) reals[k] = real;
    }
    requant->multiplier = multipliers;
    requant->real = reals;
    requant->type = output->type;
    requant->zero_point = tmoi_value_zero_point(output);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_channel_scales(tmoi_exec *exec, const tmoi_value *weights, int32_t channels,
                               const float **out, tmoi_ctx *ctx)
{
    float *scales;
    TMO_TRY(tmoi_node_memory(exec, (void **)&scales, (size_t)channels, sizeof *scales, ctx));
    for (int32_t k = 0; k < channels; k++)
        scales[k] = weights->quant->scale[weights->quant->count > 1 ? k : 0];
    *out = scales;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_weights_require_quant(const tmoi_value *weights, int32_t dimension, bool free_zero_point,
                                      tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_value_require_channel_quant(weights, dimension, "weights", ctx));
    if (free_zero_point && weights->quant->count == 1) return TMO_STATUS_OK;
    for (int32_t k = 0; k < weights->quant->count; k++)
        TMO_FAIL_IF(weights->quant->zero_point[k] != 0, UNSUPPORTED_OPERATOR, ctx,
                    "weights of type %s with zero point %lld, expected 0", tmo_type_name(weights->type),
                    (long long)weights->quant->zero_point[k]);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
