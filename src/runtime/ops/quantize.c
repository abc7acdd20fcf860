/* QUANTIZE, DEQUANTIZE and FAKE_QUANT. */
#include "kernels/affine/affine.h"
#include "kernels/cast/cast.h"
#include "runtime/op.h"

static tmo_status affine_of(tmoi_affine *out, const tmoi_value *value, const char *what, tmoi_ctx *ctx)
{
    const tmoi_quant *quant = value->quant;
    TMO_TRY(tmoi_value_require_channel_quant(value, quant->dimension, what, ctx));
    *out = (tmoi_affine){1, 1, tmoi_shape_count(&value->shape), quant->scale, quant->zero_point};
    if (quant->count > 1) {
        out->outer = tmoi_shape_product(&value->shape, 0, quant->dimension);
        out->channels = quant->count;
        out->inner = tmoi_shape_product(&value->shape, quant->dimension + 1, value->shape.rank);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- QUANTIZE ---- */

typedef struct quantize_state {
    tmoi_affine affine;         /* from float */
    tmoi_requantize requantize; /* from integers */
} quantize_state;

static tmo_status prepare_requantize(const tmoi_value *in, const tmoi_value *out, tmoi_requantize *state,
                                     tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_value_require_quant(in, "input", ctx));
    TMO_TRY(tmoi_value_require_quant(out, "output", ctx));
    double scale = (double)tmoi_value_scale(in) / (double)tmoi_value_scale(out);
    TMO_FAIL_IF(scale >= 0x1p30, UNSUPPORTED_OPERATOR, ctx,
                "input scale %g over output scale %g is too large", (double)tmoi_value_scale(in),
                (double)tmoi_value_scale(out));
    *state = (tmoi_requantize){in->type, out->type, tmoi_value_zero_point(in), tmoi_value_zero_point(out),
                               tmoi_multiplier_of(scale)};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status quantize_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[0], *out = node->outputs[0];
    TMO_TRY(tmoi_node_state(exec, node, sizeof(quantize_state), ctx));
    quantize_state *state = node->state;
    if (in->type == TMO_TYPE_FLOAT32)
        TMO_TRY(affine_of(&state->affine, out, "output", ctx));
    else
        TMO_TRY(prepare_requantize(in, out, &state->requantize, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status quantize_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const quantize_state *state = node->state;
    const tmoi_value *in = node->inputs[0], *out = node->outputs[0];
    (void)exec;
    (void)ctx;
    if (in->type == TMO_TYPE_FLOAT32)
        tmoi_quantize_elements(&state->affine, out->type, in->data, out->data);
    else
        tmoi_requantize_elements(&state->requantize, in->data, out->data, tmoi_shape_count(&out->shape));
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_quantize = {
    .prepare = quantize_prepare, .eval = quantize_eval, .flags = TMOI_OP_INPLACE};

/* ---- DEQUANTIZE ---- */

static bool is_half(tmo_type type)
{
    return type == TMO_TYPE_FLOAT16 || type == TMO_TYPE_BFLOAT16;
}

static tmo_status dequantize_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[0];
    TMO_TRY(tmoi_node_state(exec, node, sizeof(tmoi_affine), ctx));
    if (!is_half(in->type)) TMO_TRY(affine_of(node->state, in, "input", ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status dequantize_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[0], *out = node->outputs[0];
    (void)exec;
    (void)ctx;
    if (is_half(in->type))
        tmoi_cast(in->type, TMO_TYPE_FLOAT32, in->data, out->data, tmoi_shape_count(&out->shape));
    else
        tmoi_dequantize_elements(node->state, in->type, in->data, out->data);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_dequantize = {.prepare = dequantize_prepare, .eval = dequantize_eval};

/* ---- FAKE_QUANT ---- */

static tmo_status fake_quant_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_fake_quant_options *options = tmoi_op_options(node->op, fake_quant_options);
    tmoi_fake_quant grid = tmoi_fake_quant_of(options->min, options->max, options->num_bits,
                                              options->narrow_range);
    (void)exec;
    (void)ctx;
    tmoi_fake_quant_elements(&grid, node->inputs[0]->data, node->outputs[0]->data,
                             tmoi_shape_count(&node->outputs[0]->shape));
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_fake_quant = {.eval = fake_quant_eval, .flags = TMOI_OP_INPLACE};
