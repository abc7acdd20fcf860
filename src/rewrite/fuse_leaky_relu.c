/* MAXIMUM(x, alpha * x) with alpha in [0, 1] is LEAKY_RELU(x); MAXIMUM(x, LEAKY_RELU(x)) too. */
#include "rewrite/helpers.h"
#include "rewrite/rewrite.h"

/* The slope of the operator that makes `slope` from `x`: a MUL by a scalar or a LEAKY_RELU. */
static bool slope_of(const tmoi_subgraph *subgraph, const tmoi_op *op, int32_t x, float *slope)
{
    if (op->code == TMOI_OP_LEAKY_RELU && op->inputs[0] == x) {
        *slope = tmoi_op_options(op, leaky_relu_options)->alpha;
        return true;
    }
    if (op->code != TMOI_OP_MUL || op->input_count != 2 || *tmoi_fused_activation(op) != TMOI_ACTIVATION_NONE)
        return false;
    for (int32_t k = 0; k < 2; k++)
        if (op->inputs[k] == x && tmoi_scalar_constant(tmoi_op_input(subgraph, op, 1 - k), slope))
            return true;
    return false;
}

/* Finds the x and alpha of a MAXIMUM that is a leaky rectifier. */
static bool match(const tmoi_subgraph *subgraph, const tmoi_op *op, int32_t *x, float *alpha)
{
    if (op->code != TMOI_OP_MAXIMUM || op->input_count != 2 || op->output_count != 1) return false;
    if (subgraph->tensors[op->outputs[0]].type != TMO_TYPE_FLOAT32) return false;
    for (int32_t k = 0; k < 2; k++) {
        int32_t producer = tmoi_subgraph_producer(subgraph, op->inputs[1 - k]);
        *x = op->inputs[k];
        if (producer >= 0 && slope_of(subgraph, &subgraph->ops[producer], *x, alpha) && *alpha >= 0 &&
            *alpha <= 1)
            return true;
    }
    return false;
}

tmo_status tmoi_fuse_leaky_relu(tmoi_graph *graph, int32_t index, const tmoi_evaluator *evaluator,
                                int32_t *changes, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[index];
    (void)evaluator;
    for (int32_t k = 0; k < subgraph->op_count; k++) {
        tmoi_op *op = &subgraph->ops[k];
        tmoi_fb_leaky_relu_options *options;
        int32_t x;
        float alpha;
        if (!match(subgraph, op, &x, &alpha)) continue;
        op->code = TMOI_OP_LEAKY_RELU;
        op->version = 1;
        op->options = (tmoi_fb_union){0};
        TMO_TRY(tmoi_graph_edit_options(graph, op, leaky_relu_options, &options, ctx));
        options->alpha = alpha;
        op->inputs[0] = x;
        op->input_count = 1;
        ++*changes;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
