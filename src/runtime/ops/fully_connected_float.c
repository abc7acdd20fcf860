#include "runtime/ops/fully_connected_float.h"

#include "runtime/ops/conv_common.h"
#include "runtime/ops/linear_float.h"

tmo_status tmoi_fully_connected_float_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    int32_t activation = tmoi_op_options(node->op, fully_connected_options)->fused_activation_function;
    const tmoi_shape *input = &node->inputs[0]->shape;
    const tmoi_value *weights = node->inputs[1];
    TMO_TRY(tmoi_node_state(exec, node, sizeof(tmoi_linear), ctx));
    tmoi_linear *linear = node->state;
    linear->n = weights->shape.dims[0];
    linear->k = weights->shape.dims[1];
    linear->m = linear->k ? tmoi_shape_count(input) / linear->k
                          : tmoi_shape_product(input, 0, input->rank - 1);
    TMO_TRY(tmoi_require_dense(weights, ctx));
    TMO_TRY(tmoi_linear_prepare(exec, node, linear, weights, tmoi_bias_of(node), activation, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_fully_connected_float_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    (void)ctx;
    tmoi_linear_begin(node, node->state, node->inputs[0]->data);
    tmoi_linear_run(exec->pool, node->state);
    return TMO_STATUS_OK;
}
