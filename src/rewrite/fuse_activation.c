/* A RELU, RELU6 or RELU_N1_TO_1 of its own goes into the operator that makes its input. */
#include "rewrite/helpers.h"
#include "rewrite/rewrite.h"

tmo_status tmoi_fuse_activation(tmoi_graph *graph, int32_t index, const tmoi_evaluator *evaluator,
                                int32_t *changes, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[index];
    (void)evaluator;
    for (int32_t k = 0; k < subgraph->op_count; k++) {
        const tmoi_op *op = &subgraph->ops[k];
        int32_t activation = tmoi_activation_of(op->code);
        if (activation == TMOI_ACTIVATION_NONE || op->input_count != 1 || op->output_count != 1) continue;
        int32_t producer = tmoi_subgraph_producer(subgraph, op->inputs[0]);
        if (producer < 0 || tmoi_subgraph_only_user(subgraph, op->inputs[0]) != k) continue;
        tmoi_op *before = &subgraph->ops[producer];
        const int8_t *fused = tmoi_fused_activation(before);
        if (!fused || subgraph->tensors[op->outputs[0]].type != TMO_TYPE_FLOAT32) continue;
        int32_t both = tmoi_activation_combine(*fused, activation);
        if (both < 0) continue;
        TMO_TRY(tmoi_set_fused_activation(graph->arena, before, both, ctx));
        before->outputs[0] = op->outputs[0];
        tmoi_subgraph_remove_op(subgraph, k--);
        ++*changes;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
