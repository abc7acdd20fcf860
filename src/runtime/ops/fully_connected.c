/* FULLY_CONNECTED: integer and hybrid, the latter also with blockwise weights; float is in fully_connected_float.c. */
#include "kernels/gemm_s8/blockwise.h"
#include "runtime/activation.h"
#include "runtime/ops/blockwise.h"
#include "runtime/ops/conv_common.h"
#include "runtime/ops/fully_connected_float.h"
#include "runtime/ops/integer_product.h"
#include "runtime/ops/multipliers.h"

typedef struct fc_state {
    int32_t m;
    tmoi_integer_product integer;
    tmoi_gemm_s8_matrix matrix;
    tmoi_gemm_s8_blockwise blockwise; /* scales: NULL when the weights are not */
    tmoi_thread_scratch scratch;
    int32_t block_rows; /* 0: all rows at a time, and the work is split by panels */
} fc_state;

static tmoi_integer_request request_of(const tmoi_node *node)
{
    const tmoi_value *input = node->inputs[0], *weights = node->inputs[1];
    return (tmoi_integer_request){
        .input = input,
        .weights = weights,
        .bias = tmoi_bias_of(node),
        .output = node->outputs[0],
        .groups = 1,
        .columns = weights->shape.dims[0],
        .segments = 1,
        .segment_terms = weights->shape.dims[1],
        .activation = tmoi_op_options(node->op, fully_connected_options)->fused_activation_function,
        .scales = TMOI_SCALES_PER_CHANNEL,
        .rounded = input->type != TMO_TYPE_INT16 || weights->type != TMO_TYPE_INT16};
}

/* [columns, blocks] scales as [blocks, columns rounded up to whole panels]. */
static tmo_status prepare_block_scales(tmoi_exec *exec, fc_state *state, const tmoi_block_scales *blocks,
                                       tmoi_ctx *ctx)
{
    const tmoi_gemm_s8_product *product = &state->blockwise.product;
    int32_t padded = tmoi_gemm_s8_panels(product) * product->kernel->nr;
    void *memory;
    TMO_TRY(tmoi_node_memory(exec, &memory, (size_t)padded * (size_t)product->segments, sizeof(float), ctx));
    float *scales = memory;
    for (int32_t n = 0; n < product->n; n++)
        for (int32_t b = 0; b < product->segments; b++)
            scales[(int64_t)b * padded + n] = blocks->scales[(int64_t)n * product->segments + b];
    state->blockwise.scales = scales;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_blockwise(tmoi_exec *exec, tmoi_node *node, fc_state *state, tmoi_ctx *ctx)
{
    tmoi_integer_request request = request_of(node);
    tmoi_block_scales blocks;
    TMO_FAIL_IF(request.input->type != TMO_TYPE_FLOAT32 || request.weights->type == TMO_TYPE_UINT8,
                UNSUPPORTED_OPERATOR, ctx,
                "blockwise weights of type %s with input of type %s are not supported",
                tmo_type_name(request.weights->type), tmo_type_name(request.input->type));
    TMO_TRY(tmoi_block_scales_prepare(exec, request.weights, request.columns, request.segment_terms, &blocks,
                                      ctx));
    request.segments = request.segment_terms / blocks.size;
    request.segment_terms = blocks.size;
    request.blockwise = true;
    TMO_TRY(tmoi_hybrid_prepare(exec, node, &request, state->m, true, &state->integer, ctx));
    state->blockwise.product = state->integer.product;
    TMO_TRY(prepare_block_scales(exec, state, &blocks, ctx));
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, tmoi_gemm_s8_blockwise_bytes(&state->blockwise), 1,
                                        &state->scratch, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_plain(tmoi_exec *exec, tmoi_node *node, fc_state *state, tmoi_ctx *ctx)
{
    tmoi_integer_request request = request_of(node);
    TMO_TRY(
        tmoi_product_prepare(exec, node, &request, request.weights->type != TMO_TYPE_INT16, state->m,
                             tmoi_op_options(node->op, fully_connected_options)->asymmetric_quantize_inputs,
                             &state->integer, ctx));
    const tmoi_gemm_s8_product *product = &state->integer.product;
    bool few = state->m <= 2 * product->kernel->mr && !product->requant;
    state->block_rows = few ? 0 : tmoi_gemm_s8_block_rows(product);
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node,
                                        tmoi_gemm_s8_block_bytes(product, few ? state->m : state->block_rows),
                                        1, &state->scratch, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    if (!tmoi_is_blockwise(node->inputs[1]) && tmoi_weights_are_float(node))
        return tmoi_fully_connected_float_prepare(exec, node, ctx);
    const tmoi_value *input = node->inputs[0], *weights = node->inputs[1];
    int32_t k = weights->shape.dims[1];
    TMO_TRY(tmoi_node_state(exec, node, sizeof(fc_state), ctx));
    fc_state *state = node->state;
    state->m = (int32_t)(k ? tmoi_shape_count(&input->shape) / k
                           : tmoi_shape_product(&input->shape, 0, input->shape.rank - 1));
    TMO_TRY(tmoi_require_dense(weights, ctx));
    if (tmoi_is_blockwise(weights))
        TMO_TRY(prepare_blockwise(exec, node, state, ctx));
    else
        TMO_TRY(prepare_plain(exec, node, state, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void run_rows(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const fc_state *state = node->state;
    const tmoi_gemm_s8_product *product = &state->integer.product;
    for (int64_t row = begin; row < end; row += state->block_rows) {
        int32_t count = end - row < state->block_rows ? (int32_t)(end - row) : state->block_rows;
        tmoi_gemm_s8_block(product, &state->matrix, row, count, 0, tmoi_gemm_s8_panels(product),
                           node->outputs[0]->data, tmoi_thread_scratch_of(node, &state->scratch, thread));
        tmoi_node_post(node, row * product->n, (row + count) * product->n);
    }
}

static void run_panels(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const fc_state *state = node->state;
    void *scratch = tmoi_thread_scratch_of(node, &state->scratch, thread);
    if (state->blockwise.scales)
        tmoi_gemm_s8_blockwise_run(&state->blockwise, &state->matrix, state->m, (int32_t)begin, (int32_t)end,
                                   node->outputs[0]->data, scratch);
    else
        tmoi_gemm_s8_block(&state->integer.product, &state->matrix, 0, state->m, (int32_t)begin, (int32_t)end,
                           node->outputs[0]->data, scratch);
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    if (!tmoi_is_blockwise(node->inputs[1]) && tmoi_weights_are_float(node))
        return tmoi_fully_connected_float_eval(exec, node, ctx);
    fc_state *state = node->state;
    const tmoi_gemm_s8_product *product = &state->integer.product;
    int64_t terms = (int64_t)product->segments * product->segment_terms, rows = state->m;
    if (rows == 0 || product->n == 0) return TMO_STATUS_OK;
    tmoi_integer_begin(node, &state->integer, &state->matrix);
    if (state->blockwise.scales) state->blockwise.product = *product;
    if (state->block_rows) {
        int64_t grain = tmoi_grain(terms * product->n);
        tmoi_parallel_for(exec->pool, rows, grain < state->block_rows ? state->block_rows : grain, run_rows,
                          node);
        return TMO_STATUS_OK;
    }
    tmoi_parallel_for(exec->pool, tmoi_gemm_s8_panels(product),
                      tmoi_grain(rows * terms * product->kernel->nr), run_panels, node);
    tmoi_node_post(node, 0, rows * product->n);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_fully_connected = {.prepare = prepare, .eval = eval, .flags = TMOI_OP_POSTS};
