/* QUANTIZE, DEQUANTIZE and FAKE_QUANT. */
#include "kernels/affine/affine.h"
#include "kernels/cast/cast.h"
#include "kernels/cast/fp16.h"
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

static void run_part(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    (void)thread;
    node->def->range(node, begin, end);
}

/* ---- QUANTIZE ---- */

enum { QUANTIZE_OPERATIONS = 16, DEQUANTIZE_OPERATIONS = 8 /* for an element */ };

typedef struct quantize_state {
    tmoi_affine affine; /* from float */
    tmoi_quantize_rows_function quantize;
    tmoi_requantize requantize; /* from integers, with the reference's bits */
    tmoi_rescale rescale;       /* in the default arithmetic, where there is a kernel for the types */
    tmoi_rescale_rows_function rescale_rows;
} quantize_state;

static bool has_rescale(tmo_type type)
{
    return type == TMO_TYPE_INT8 || type == TMO_TYPE_UINT8 || type == TMO_TYPE_INT16;
}

static void choose_rescale(const tmoi_exec *exec, tmoi_node *node, quantize_state *state)
{
    const tmoi_requantize *exact = &state->requantize;
    if (exec->reference || !has_rescale(exact->in_type) || !has_rescale(exact->out_type)) return;
    float ratio = tmoi_value_scale(node->inputs[0]) / tmoi_value_scale(node->outputs[0]);
    state->rescale = (tmoi_rescale){.in_type = exact->in_type,
                                    .out_type = exact->out_type,
                                    .zero_in = exact->zero_in,
                                    .zero_out = exact->zero_out,
                                    .positive = ratio,
                                    .negative = ratio,
                                    .low = (float)(tmoi_lowest(exact->out_type) - exact->zero_out),
                                    .high = (float)(tmoi_highest(exact->out_type) - exact->zero_out)};
    state->rescale_rows = TMOI_KERNEL_OF(exec->kernels, rescale_rows);
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, rescale_rows);
}

static tmo_status prepare_requantize(const tmoi_exec *exec, tmoi_node *node, quantize_state *state,
                                     tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[0], *out = node->outputs[0];
    TMO_TRY(tmoi_value_require_quant(in, "input", ctx));
    TMO_TRY(tmoi_value_require_quant(out, "output", ctx));
    double scale = (double)tmoi_value_scale(in) / (double)tmoi_value_scale(out);
    TMO_FAIL_IF(scale >= 0x1p30, UNSUPPORTED_OPERATOR, ctx,
                "input scale %g over output scale %g is too large", (double)tmoi_value_scale(in),
                (double)tmoi_value_scale(out));
    state->requantize = (tmoi_requantize){in->type, out->type, tmoi_value_zero_point(in),
                                          tmoi_value_zero_point(out), tmoi_multiplier_of(scale)};
    node->by_range = true;
    choose_rescale(exec, node, state);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status quantize_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_node_state(exec, node, sizeof(quantize_state), ctx));
    quantize_state *state = node->state;
    if (node->inputs[0]->type != TMO_TYPE_FLOAT32) return prepare_requantize(exec, node, state, ctx);
    TMO_TRY(affine_of(&state->affine, node->outputs[0], "output", ctx));
    state->quantize = TMOI_KERNEL_OF(exec->kernels, quantize_rows);
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, quantize_rows);
    node->by_range = state->affine.channels == 1;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void quantize_range(const tmoi_node *node, int64_t begin, int64_t end)
{
    const quantize_state *state = node->state;
    const tmoi_value *in = node->inputs[0], *out = node->outputs[0];
    const void *from = (const unsigned char *)in->data + tmoi_type_bytes(in->type, begin);
    void *to = (unsigned char *)out->data + tmoi_type_bytes(out->type, begin);
    if (state->quantize)
        state->quantize(out->type, state->affine.scale[0], (int32_t)state->affine.zero_point[0], from, to,
                        end - begin);
    else if (state->rescale_rows)
        state->rescale_rows(&state->rescale, from, to, end - begin);
    else
        tmoi_requantize_elements(&state->requantize, from, to, end - begin);
}

static tmo_status quantize_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const quantize_state *state = node->state;
    const tmoi_value *in = node->inputs[0], *out = node->outputs[0];
    (void)ctx;
    if (node->by_range)
        tmoi_parallel_for(exec->pool, tmoi_shape_count(&out->shape), tmoi_grain(QUANTIZE_OPERATIONS),
                          run_part, node);
    else
        tmoi_quantize_channels(&state->affine, out->type, state->quantize, in->data, out->data);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_quantize = {
    .prepare = quantize_prepare, .eval = quantize_eval, .flags = TMOI_OP_INPLACE, .range = quantize_range};

/* ---- DEQUANTIZE ---- */

typedef struct dequantize_state {
    tmoi_affine affine;
    tmoi_dequantize_rows_function rows;
    tmoi_widen_fp16_function widen;
} dequantize_state;

static tmo_status dequantize_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[0];
    TMO_TRY(tmoi_node_state(exec, node, sizeof(dequantize_state), ctx));
    dequantize_state *state = node->state;
    node->by_range = true;
    if (in->type == TMO_TYPE_BFLOAT16) return TMO_STATUS_OK;
    if (in->type == TMO_TYPE_FLOAT16) {
        state->widen = TMOI_KERNEL_OF(exec->kernels, widen_fp16);
        node->kernel = TMOI_KERNEL_NAME(exec->kernels, widen_fp16);
        return TMO_STATUS_OK;
    }
    TMO_TRY(affine_of(&state->affine, in, "input", ctx));
    state->rows = TMOI_KERNEL_OF(exec->kernels, dequantize_rows);
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, dequantize_rows);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void dequantize_range(const tmoi_node *node, int64_t begin, int64_t end)
{
    const dequantize_state *state = node->state;
    const tmoi_value *in = node->inputs[0];
    float *out = node->outputs[0]->data;
    if (begin == end) return;
    if (state->widen)
        state->widen((const uint16_t *)in->data + begin, out + begin, end - begin);
    else if (in->type == TMO_TYPE_BFLOAT16)
        tmoi_cast(in->type, TMO_TYPE_FLOAT32, (const uint16_t *)in->data + begin, out + begin, end - begin);
    else
        tmoi_dequantize_channels(&state->affine, in->type, state->rows, in->data, out, begin, end);
}

static tmo_status dequantize_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    (void)ctx;
    tmoi_parallel_for(exec->pool, tmoi_shape_count(&node->outputs[0]->shape),
                      tmoi_grain(DEQUANTIZE_OPERATIONS), run_part, node);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_dequantize = {
    .prepare = dequantize_prepare, .eval = dequantize_eval, .range = dequantize_range};

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
