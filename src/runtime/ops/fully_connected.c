/* FULLY_CONNECTED: integer and hybrid, the latter also with blockwise weights; float is in
 * fully_connected_float.c. */
#include <string.h>

#include "kernels/gemm/product.h"
#include "kernels/quant_rows/quant_rows.h"
#include "runtime/activation.h"
#include "runtime/ops/blockwise.h"
#include "runtime/ops/conv_common.h"
#include "runtime/ops/fully_connected_float.h"
#include "runtime/ops/multipliers.h"
#include "runtime/ops/operand.h"

typedef struct fc_state {
    int32_t m, n, k;
    float low, high;
    tmoi_operand weights, bias;
    const void *weights_data, *bias_data; /* of this run */
    tmoi_product_s16 product;             /* integer and hybrid */
    tmoi_thread_scratch sums;
    int32_t widened, quantized, row_scales, row_zero_points; /* scratch blocks */
    tmoi_block_scales blocks;                                /* size 0: not blockwise */
    tmoi_thread_scratch totals;                              /* blockwise: float sums of a tile */
} fc_state;

static const tmoi_value *bias_of(const tmoi_node *node)
{
    return node->input_count > 2 ? node->inputs[2] : NULL;
}

/* What integer and hybrid share. */
static tmo_status prepare_s16(tmoi_exec *exec, tmoi_node *node, fc_state *state, tmoi_ctx *ctx)
{
    tmoi_product_s16 *product = &state->product;
    size_t inputs = (size_t)tmoi_shape_count(&node->inputs[0]->shape);
    product->m = state->m, product->n = state->n, product->k = state->k;
    product->gemm = TMOI_KERNEL_OF(exec->kernels, gemm_s16);
    product->gemm_wide = TMOI_KERNEL_OF(exec->kernels, gemm_s16s64);
    node->kernel = product->terms ? TMOI_KERNEL_NAME(exec->kernels, gemm_s16s64)
                                  : TMOI_KERNEL_NAME(exec->kernels, gemm_s16);
    TMO_TRY(tmoi_operand_prepare(exec, node, &state->weights, node->inputs[1],
                                 node->inputs[0]->type == TMO_TYPE_FLOAT32 ? tmoi_operand_widen_hybrid
                                                                           : tmoi_operand_widen,
                                 sizeof(int16_t), 0, 0, ctx));
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, TMOI_PRODUCT_SUMS, sizeof(int64_t), &state->sums, ctx));
    TMO_TRY(tmoi_node_scratch(node, inputs * sizeof(int16_t), &state->widened, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_integer(tmoi_exec *exec, tmoi_node *node, fc_state *state, tmoi_ctx *ctx)
{
    tmoi_product_s16 *product = &state->product;
    const tmoi_value *input = node->inputs[0], *weights = node->inputs[1], *output = node->outputs[0];
    int32_t activation = tmoi_op_options(node->op, fully_connected_options)->fused_activation_function;
    bool wide = input->type == TMO_TYPE_INT16;
    product->requant.wide = wide;
    product->terms = !wide ? 0 : weights->type == TMO_TYPE_INT16 ? 1 : TMOI_BYTE_TERMS;
    TMO_TRY(tmoi_value_require_quant(input, "input", ctx));
    TMO_TRY(tmoi_value_require_quant(output, "output", ctx));
    TMO_TRY(tmoi_weights_require_quant(weights, 0, weights->type != TMO_TYPE_INT16, ctx));
    TMO_TRY(tmoi_conv_check_wide(input, output, ctx));
    TMO_TRY(prepare_s16(exec, node, state, ctx));
    TMO_TRY(tmoi_requant_prepare(exec, input, weights, output, state->n, TMOI_SCALES_PER_CHANNEL,
                                 product->terms != 1, &product->requant, ctx));
    TMO_TRY(
        tmoi_activation_range_quant(activation, output, &product->requant.low, &product->requant.high, ctx));
    TMO_TRY(tmoi_operand_prepare(exec, node, &state->bias, bias_of(node), tmoi_operand_bias, sizeof(int64_t),
                                 0, 0, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_quantized_rows(tmoi_node *node, fc_state *state, tmoi_ctx *ctx)
{
    TMO_TRY(
        tmoi_node_scratch(node, (size_t)tmoi_shape_count(&node->inputs[0]->shape), &state->quantized, ctx));
    TMO_TRY(tmoi_node_scratch(node, (size_t)state->m * sizeof(float), &state->row_scales, ctx));
    TMO_TRY(tmoi_node_scratch(node, (size_t)state->m * sizeof(int32_t), &state->row_zero_points, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_hybrid(tmoi_exec *exec, tmoi_node *node, fc_state *state, tmoi_ctx *ctx)
{
    tmoi_product_s16 *product = &state->product;
    TMO_TRY(tmoi_weights_require_quant(node->inputs[1], 0, false, ctx));
    TMO_TRY(prepare_s16(exec, node, state, ctx));
    TMO_TRY(prepare_quantized_rows(node, state, ctx));
    TMO_TRY(tmoi_channel_scales(exec, node->inputs[1], state->n, &product->scales, ctx));
    TMO_TRY(tmoi_operand_prepare_float(exec, node, &state->bias, bias_of(node), ctx));
    product->hybrid = true;
    product->low = state->low;
    product->high = state->high;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_blockwise(tmoi_exec *exec, tmoi_node *node, fc_state *state, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(node->inputs[0]->type != TMO_TYPE_FLOAT32 || node->inputs[1]->type == TMO_TYPE_UINT8,
                UNSUPPORTED_OPERATOR, ctx,
                "blockwise weights of type %s with input of type %s are not supported",
                tmo_type_name(node->inputs[1]->type), tmo_type_name(node->inputs[0]->type));
    TMO_TRY(tmoi_block_scales_prepare(exec, node->inputs[1], state->n, state->k, &state->blocks, ctx));
    TMO_TRY(prepare_s16(exec, node, state, ctx));
    TMO_TRY(prepare_quantized_rows(node, state, ctx));
    TMO_TRY(tmoi_operand_prepare_float(exec, node, &state->bias, bias_of(node), ctx));
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, (size_t)state->m, sizeof(float), &state->totals, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_fully_connected_options *options = tmoi_op_options(node->op, fully_connected_options);
    const tmoi_value *input = node->inputs[0], *weights = node->inputs[1];
    if (tmoi_weights_are_float(node)) return tmoi_fully_connected_float_prepare(exec, node, ctx);
    TMO_TRY(tmoi_node_state(exec, node, sizeof(fc_state), ctx));
    fc_state *state = node->state;
    state->n = weights->shape.dims[0];
    state->k = weights->shape.dims[1];
    state->m = (int32_t)(state->k ? tmoi_shape_count(&input->shape) / state->k
                                  : tmoi_shape_product(&input->shape, 0, input->shape.rank - 1));
    TMO_TRY(tmoi_require_dense(weights, ctx));
    if (input->type == TMO_TYPE_FLOAT32)
        TMO_TRY(
            tmoi_activation_range_f32(options->fused_activation_function, &state->low, &state->high, ctx));
    if (tmoi_is_blockwise(weights))
        TMO_TRY(prepare_blockwise(exec, node, state, ctx));
    else if (input->type == TMO_TYPE_FLOAT32)
        TMO_TRY(prepare_hybrid(exec, node, state, ctx));
    else
        TMO_TRY(prepare_integer(exec, node, state, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void run_s16(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const fc_state *state = node->state;
    tmoi_product_s16_run(&state->product, begin, end, tmoi_thread_scratch_of(node, &state->sums, thread));
}

/* One output column: the sums of each block, scaled and added up. Source: TFLite fully_connected.cc,
 * EvalBlockwise4Bit. */
static void run_blockwise_column(const tmoi_node *node, const fc_state *state, int32_t column, int32_t *sums,
                                 float *totals)
{
    const float *row_scales = node->scratch[state->row_scales], *bias = state->bias_data;
    int32_t blocks = state->k / state->blocks.size;
    float *out = node->outputs[0]->data;
    memset(totals, 0, (size_t)state->m * sizeof *totals);
    for (int32_t block = 0; block < blocks; block++) {
        float scale = state->blocks.scales[(int64_t)column * blocks + block];
        const int16_t *a = state->product.a + (int64_t)block * state->blocks.size;
        const int16_t *b = state->product.b + (int64_t)column * state->k +
                           (int64_t)block * state->blocks.size;
        for (int32_t i = 0; i < state->m; i += TMOI_PRODUCT_SUMS) {
            int32_t rows = state->m - i < TMOI_PRODUCT_SUMS ? state->m - i : TMOI_PRODUCT_SUMS;
            tmoi_gemm_shape shape = {
                .m = rows, .n = 1, .k = state->blocks.size, .a_stride = state->k, .out_stride = 1};
            state->product.gemm(&shape, a + (int64_t)i * state->k, b, sums);
            for (int32_t r = 0; r < rows; r++) totals[i + r] += (float)sums[r] * scale;
        }
    }
    for (int32_t i = 0; i < state->m; i++)
        out[(int64_t)i * state->n + column] = tmoi_clamp_f32(
            totals[i] * row_scales[i] + (bias ? bias[column] : 0.0f), state->low, state->high);
}

static void run_blockwise(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const fc_state *state = node->state;
    for (int64_t column = begin; column < end; column++)
        run_blockwise_column(node, state, (int32_t)column, tmoi_thread_scratch_of(node, &state->sums, thread),
                             tmoi_thread_scratch_of(node, &state->totals, thread));
}

/* The input as 16-bit differences to its zero point; a hybrid operator quantizes its rows first. */
static const int16_t *widen_input(const tmoi_node *node, const fc_state *state)
{
    const tmoi_value *input = node->inputs[0];
    int16_t *out = node->scratch[state->widened];
    int64_t count = tmoi_shape_count(&input->shape);
    if (input->type != TMO_TYPE_FLOAT32) {
        tmoi_widen(input->type, input->data, 0, count, tmoi_value_zero_point(input), out);
        return out;
    }
    bool asymmetric = state->blocks.size ||
                      tmoi_op_options(node->op, fully_connected_options)->asymmetric_quantize_inputs;
    int8_t *quantized = node->scratch[state->quantized];
    int32_t *zero_points = node->scratch[state->row_zero_points];
    tmoi_quantize_rows(asymmetric, input->data, state->m, state->k, quantized,
                       node->scratch[state->row_scales], zero_points);
    for (int32_t i = 0; i < state->m; i++)
        tmoi_widen(TMO_TYPE_INT8, quantized, (int64_t)i * state->k, state->k, zero_points[i],
                   out + (int64_t)i * state->k);
    return out;
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    if (tmoi_weights_are_float(node)) return tmoi_fully_connected_float_eval(exec, node, ctx);
    fc_state *state = node->state;
    tmoi_product_s16 *product = &state->product;
    state->weights_data = tmoi_operand_data(node, &state->weights);
    state->bias_data = tmoi_operand_data(node, &state->bias);
    (void)ctx;
    product->a = widen_input(node, state);
    product->b = state->weights_data;
    product->out = node->outputs[0]->data;
    if (product->hybrid) {
        product->bias = state->bias_data;
        product->row_scales = node->scratch[state->row_scales];
    } else {
        product->requant.bias = state->bias_data;
    }
    if (state->blocks.size)
        tmoi_parallel_for(exec->pool, state->n, 0, run_blockwise, node);
    else
        tmoi_parallel_for(exec->pool, tmoi_product_tiles(state->m, state->n), 0, run_s16, node);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_fully_connected = {.prepare = prepare, .eval = eval};
