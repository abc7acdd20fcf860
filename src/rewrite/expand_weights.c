/* Weights that a file stores compressed, as plain float32 again: DEQUANTIZE of a float16 or integer constant, DENSIFY of a
 * sparse one, sparse weights that an operator reads directly, and integer weights that a float operator reads directly
 * (dynamic-range quantization). */
#include "model/sparsity.h"
#include "rewrite/helpers.h"
#include "rewrite/rewrite.h"

static tmo_status expand_by_operator(tmoi_graph *graph, int32_t index, const tmoi_evaluator *evaluator,
                                     int32_t *changes, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[index];
    for (int32_t k = 0; k < subgraph->op_count; k++) {
        const tmoi_op *op = &subgraph->ops[k];
        bool done;
        if (op->code != TMOI_OP_DEQUANTIZE && op->code != TMOI_OP_DENSIFY) continue;
        if (!tmoi_is_constant(tmoi_op_input(subgraph, op, 0))) continue;
        TMO_TRY(evaluator->evaluate(evaluator->user, graph, index, k, SIZE_MAX, &done, ctx));
        if (!done) continue;
        tmoi_subgraph_remove_op(subgraph, k--);
        ++*changes;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Sparse constants that an operator reads as they are. */
static tmo_status expand_sparse(tmoi_graph *graph, int32_t index, int32_t *changes, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[index];
    for (int32_t k = 0; k < subgraph->tensor_count; k++) {
        tmoi_tensor *tensor = &subgraph->tensors[k];
        const tmoi_tensor sparse = *tensor;
        size_t elem_bytes = tmo_type_bits(sparse.type) / 8;
        void *dense;
        if (!sparse.data || !sparse.sparsity || elem_bytes == 0) continue;
        TMO_TRY(
            tmoi_graph_new_data(graph, tensor, (size_t)tmoi_tensor_count(&sparse) * elem_bytes, &dense, ctx));
        tmoi_sparsity_expand(&sparse, elem_bytes, dense);
        ++*changes;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static bool is_hybrid(const tmoi_subgraph *subgraph, const tmoi_op *op, const tmoi_weighted *at)
{
    const tmoi_tensor *input = tmoi_op_input(subgraph, op, at->input);
    const tmoi_tensor *weights = tmoi_op_input(subgraph, op, at->weights);
    return input && input->type == TMO_TYPE_FLOAT32 && tmoi_is_constant(weights) &&
           weights->type == TMO_TYPE_INT8 && !weights->sparsity && weights->quant.count > 0 &&
           weights->quant.dimension < weights->shape.rank &&
           (weights->quant.count == 1 ||
            weights->quant.count == weights->shape.dims[weights->quant.dimension]) &&
           weights->data_bytes == (size_t)tmoi_tensor_count(weights);
}

static void dequantize(float *out, const tmoi_tensor *tensor)
{
    const int8_t *stored = tensor->data;
    const tmoi_quant *quant = &tensor->quant;
    int64_t count = tmoi_tensor_count(tensor);
    int64_t inner = tmoi_shape_product(&tensor->shape, quant->dimension + 1, tensor->shape.rank);
    for (int64_t k = 0; k < count; k++) {
        int64_t channel = quant->count == 1 ? 0 : k / inner % quant->count;
        out[k] = quant->scale[channel] * (float)(stored[k] - quant->zero_point[channel]);
    }
}

static tmo_status expand_hybrid(tmoi_graph *graph, int32_t index, int32_t *changes, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[index];
    for (int32_t k = 0; k < subgraph->op_count; k++) {
        tmoi_op *op = &subgraph->ops[k];
        tmoi_weighted at;
        int32_t made;
        float *values;
        if (!tmoi_weighted_of(op, &at) || !is_hybrid(subgraph, op, &at)) continue;
        const tmoi_tensor weights = *tmoi_op_input(subgraph, op, at.weights);
        TMO_TRY(
            tmoi_graph_add_tensor(graph, index, weights.name, TMO_TYPE_FLOAT32, &weights.shape, &made, ctx));
        TMO_TRY(tmoi_graph_new_data(graph, &subgraph->tensors[made], weights.data_bytes * sizeof(float),
                                    (void **)&values, ctx));
        dequantize(values, &weights);
        op->inputs[at.weights] = made;
        ++*changes;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_expand_weights(tmoi_graph *graph, int32_t subgraph, const tmoi_evaluator *evaluator,
                               int32_t *changes, tmoi_ctx *ctx)
{
    TMO_TRY(expand_by_operator(graph, subgraph, evaluator, changes, ctx));
    TMO_TRY(expand_sparse(graph, subgraph, changes, ctx));
    TMO_TRY(expand_hybrid(graph, subgraph, changes, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
