#include "runtime/ops/fully_connected_float.h"

#include "kernels/gemm/product.h"
#include "runtime/activation.h"
#include "runtime/ops/conv_common.h"
#include "runtime/ops/operand.h"

typedef struct fc_state {
    int32_t m, n, k;
    float low, high;
    tmoi_operand weights, bias;
    tmoi_gemm_f32_function gemm;
    const float *weights_data, *bias_data; /* of this run */
} fc_state;

tmo_status tmoi_fully_connected_float_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    int32_t activation = tmoi_op_options(node->op, fully_connected_options)->fused_activation_function;
    const tmoi_value *input = node->inputs[0], *weights = node->inputs[1];
    TMO_TRY(tmoi_node_state(exec, node, sizeof(fc_state), ctx));
    fc_state *state = node->state;
    state->n = weights->shape.dims[0];
    state->k = weights->shape.dims[1];
    state->m = (int32_t)(state->k ? tmoi_shape_count(&input->shape) / state->k
                                  : tmoi_shape_product(&input->shape, 0, input->shape.rank - 1));
    state->gemm = TMOI_KERNEL_OF(exec->kernels, gemm_f32);
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, gemm_f32);
    TMO_TRY(tmoi_require_dense(weights, ctx));
    TMO_TRY(tmoi_activation_range_f32(activation, &state->low, &state->high, ctx));
    TMO_TRY(tmoi_operand_prepare(exec, node, &state->weights, weights, tmoi_operand_transpose, sizeof(float),
                                 state->n, state->k, ctx));
    TMO_TRY(tmoi_operand_prepare_float(exec, node, &state->bias,
                                       node->input_count > 2 ? node->inputs[2] : NULL, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void run_f32(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const fc_state *state = node->state;
    tmoi_gemm_shape shape = {.m = state->m,
                             .n = state->n,
                             .k = state->k,
                             .a_stride = state->k,
                             .b_stride = state->n,
                             .out_stride = state->n};
    (void)thread;
    tmoi_product_f32_run(&shape, state->gemm, node->inputs[0]->data, state->weights_data, state->bias_data,
                         state->low, state->high, node->outputs[0]->data, begin, end);
}

tmo_status tmoi_fully_connected_float_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    fc_state *state = node->state;
    (void)ctx;
    state->weights_data = tmoi_operand_data(node, &state->weights);
    state->bias_data = tmoi_operand_data(node, &state->bias);
    tmoi_parallel_for(exec->pool, tmoi_product_tiles(state->m, state->n), 0, run_f32, node);
    return TMO_STATUS_OK;
}
