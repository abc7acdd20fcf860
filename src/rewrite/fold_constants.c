/* Operators whose inputs are all constant become constants. */
#include "rewrite/helpers.h"
#include "rewrite/rewrite.h"

/* A constant may be this much larger than what it is computed from: a FILL of a megabyte stays an operator. */
enum { GROWTH = 4, SMALL_BYTES = 4096 };

/* True when all inputs are constant; *bytes is then their size. Quantized results have no place as constants here. */
static bool is_constant_op(const tmoi_subgraph *subgraph, const tmoi_op *op, size_t *bytes)
{
    *bytes = 0;
    if (op->input_count == 0 || op->output_count == 0 || !tmoi_op_is_pure(op)) return false;
    for (int32_t k = 0; k < op->input_count; k++) {
        const tmoi_tensor *input = tmoi_op_input(subgraph, op, k);
        if (!input) continue;
        if (!tmoi_is_constant(input) || input->type == TMO_TYPE_STRING) return false;
        *bytes += input->data_bytes;
    }
    for (int32_t k = 0; k < op->output_count; k++) {
        const tmoi_tensor *output = tmoi_op_output(subgraph, op, k);
        if (!output || output->type == TMO_TYPE_STRING || output->quant.count ||
            tmoi_subgraph_is_output(subgraph, op->outputs[k]))
            return false;
    }
    return *bytes > 0;
}

tmo_status tmoi_fold_constants(tmoi_graph *graph, int32_t index, const tmoi_evaluator *evaluator,
                               int32_t *changes, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[index];
    for (int32_t k = 0; k < subgraph->op_count; k++) {
        size_t bytes;
        bool done;
        if (!is_constant_op(subgraph, &subgraph->ops[k], &bytes)) continue;
        TMO_TRY(
            evaluator->evaluate(evaluator->user, graph, index, k, bytes * GROWTH + SMALL_BYTES, &done, ctx));
        if (!done) continue;
        tmoi_subgraph_remove_op(subgraph, k--);
        ++*changes;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
