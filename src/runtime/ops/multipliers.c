#include "runtime/ops/multipliers.h"

#include <string.h>

#include "runtime/session_private.h"

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

/* An array with an element for each channel. The channels of weights that are not constant come from a
 * shape alone, so their number is held against the limit of the activations before memory is taken for
 * them. */
static tmo_status channel_array(tmoi_exec *exec, int32_t channels, size_t elem_bytes, void *out,
                                tmoi_ctx *ctx)
{
    size_t most = exec->graph->session->config.max_arena_bytes, bytes;
    void *memory;
    TMO_FAIL_IF(!tmoi_mul_size((size_t)channels, elem_bytes, &bytes) || bytes > most, LIMIT, ctx,
                "%d channels need more memory than the limit of %zu bytes", (int)channels, most);
    TMO_TRY(tmoi_node_memory(exec, &memory, (size_t)channels, elem_bytes, ctx));
    memcpy(out, &memory, sizeof memory);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_requant_prepare(tmoi_exec *exec, const tmoi_value *input, const tmoi_value *weights,
                                const tmoi_value *output, int32_t channels, int32_t kind, bool rounded,
                                tmoi_requant *requant, tmoi_ctx *ctx)
{
    tmoi_multiplier *multipliers = NULL;
    double *reals = NULL;
    uint32_t *lanes = NULL;
    float *scales = NULL;
    if (!exec->reference) TMO_TRY(channel_array(exec, channels, sizeof *scales, &scales, ctx));
    TMO_TRY(channel_array(exec, channels, sizeof *multipliers, &multipliers, ctx));
    if (rounded) TMO_TRY(channel_array(exec, channels, sizeof *reals, &reals, ctx));
    for (int32_t k = 0; k < channels; k++) {
        double real = real_multiplier(input, weights, output, k, kind);
        TMO_TRY(tmoi_multiplier_checked(real, requant->wide, &multipliers[k], ctx));
        if (rounded) reals[k] = real;
        if (scales) scales[k] = (float)real;
    }
    if (!rounded && !requant->wide) {
        TMO_TRY(channel_array(exec, channels, 3 * sizeof *lanes, &lanes, ctx));
        (void)tmoi_requant_fill_lanes(channels, multipliers, lanes, &requant->lanes);
    }
    requant->scale = scales;
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
    float *scales = NULL;
    TMO_TRY(channel_array(exec, channels, sizeof *scales, &scales, ctx));
    for (int32_t k = 0; k < channels; k++)
        scales[k] = weights->quant->scale[weights->quant->count > 1 ? k : 0];
    *out = scales;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_float_scales(tmoi_exec *exec, const tmoi_value *weights, int32_t channels, const float **out,
                             tmoi_ctx *ctx)
{
    *out = NULL;
    if (weights->type == TMO_TYPE_FLOAT32 || weights->type == TMO_TYPE_FLOAT16) return TMO_STATUS_OK;
    return tmoi_channel_scales(exec, weights, channels, out, ctx);
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
