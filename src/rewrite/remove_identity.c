/* Operators that change nothing: RESHAPE to the same shape, TRANSPOSE by the identity, PAD by nothing, CAST to the same type,
 * ADD of 0, MUL by 1, MINIMUM with infinity, QUANTIZE to the parameters that the input has, QUANTIZE of what DEQUANTIZE just
 * made from the same. */
#include <math.h>

#include "rewrite/helpers.h"
#include "rewrite/rewrite.h"

static bool same_static_shape(const tmoi_tensor *a, const tmoi_tensor *b)
{
    return a->type == b->type && tmoi_tensor_is_static(a) && tmoi_tensor_is_static(b) &&
           tmoi_shape_equal(&a->shape, &b->shape);
}

static bool same_quant(const tmoi_tensor *a, const tmoi_tensor *b)
{
    return a->type == b->type && a->quant.count == 1 && b->quant.count == 1 &&
           a->quant.scale[0] == b->quant.scale[0] && a->quant.zero_point[0] == b->quant.zero_point[0];
}

static bool all_ints(const tmoi_tensor *tensor, bool counting)
{
    if (!tmoi_is_constant(tensor) || (tensor->type != TMO_TYPE_INT32 && tensor->type != TMO_TYPE_INT64))
        return false;
    for (int64_t k = 0; k < tmoi_tensor_count(tensor); k++)
        if (tmoi_int_constant(tensor, k) != (counting ? k : 0)) return false;
    return true;
}

static bool is_scalar(const tmoi_subgraph *subgraph, const tmoi_op *op, int32_t k, float wanted)
{
    float value;
    return op->input_count == 2 && tmoi_scalar_constant(tmoi_op_input(subgraph, op, k), &value) &&
           value == wanted && *tmoi_fused_activation(op) == TMOI_ACTIVATION_NONE;
}

/* MINIMUM(x, infinity) and MAXIMUM(x, -infinity) are x. */
static int32_t unbounded_input(const tmoi_subgraph *subgraph, const tmoi_op *op, const tmoi_tensor *output)
{
    for (int32_t k = 0; k < 2 && op->input_count == 2; k++) {
        const tmoi_tensor *other = tmoi_op_input(subgraph, op, 1 - k);
        float bound;
        if (!other || !tmoi_scalar_constant(tmoi_op_input(subgraph, op, k), &bound)) continue;
        if (bound == (op->code == TMOI_OP_MINIMUM ? INFINITY : -INFINITY) &&
            tmoi_shape_equal(&other->shape, &output->shape))
            return 1 - k;
    }
    return -1;
}

/* The input that the operator's output equals, or -1. */
static int32_t identity_input(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    const tmoi_tensor *input = tmoi_op_input(subgraph, op, 0), *output = tmoi_op_output(subgraph, op, 0);
    if (!input || !output || op->output_count != 1) return -1;
    switch (op->code) {
    case TMOI_OP_RESHAPE:
    case TMOI_OP_CAST: return same_static_shape(input, output) ? 0 : -1;
    case TMOI_OP_TRANSPOSE: return all_ints(tmoi_op_input(subgraph, op, 1), true) ? 0 : -1;
    case TMOI_OP_PAD: return all_ints(tmoi_op_input(subgraph, op, 1), false) ? 0 : -1;
    case TMOI_OP_QUANTIZE: return same_quant(input, output) ? 0 : -1;
    case TMOI_OP_SUB: return is_scalar(subgraph, op, 1, 0) && same_static_shape(input, output) ? 0 : -1;
    case TMOI_OP_DIV: return is_scalar(subgraph, op, 1, 1) && same_static_shape(input, output) ? 0 : -1;
    case TMOI_OP_MINIMUM:
    case TMOI_OP_MAXIMUM: return unbounded_input(subgraph, op, output);
    case TMOI_OP_ADD:
    case TMOI_OP_MUL:
        for (int32_t k = 0; k < 2; k++) {
            const tmoi_tensor *other = tmoi_op_input(subgraph, op, 1 - k);
            if (other && is_scalar(subgraph, op, k, op->code == TMOI_OP_MUL) &&
                same_static_shape(other, output))
                return 1 - k;
        }
        return -1;
    default: return -1;
    }
}

/* QUANTIZE(DEQUANTIZE(x)) with x's own parameters: the QUANTIZE then reads x, and is an identity. */
static void skip_round_trip(tmoi_subgraph *subgraph, tmoi_op *op)
{
    if (op->code != TMOI_OP_QUANTIZE) return;
    int32_t producer = tmoi_subgraph_producer(subgraph, op->inputs[0]);
    if (producer < 0 || subgraph->ops[producer].code != TMOI_OP_DEQUANTIZE) return;
    const tmoi_tensor *source = tmoi_op_input(subgraph, &subgraph->ops[producer], 0);
    const tmoi_tensor *output = tmoi_op_output(subgraph, op, 0);
    if (source && output && same_quant(source, output)) op->inputs[0] = subgraph->ops[producer].inputs[0];
}

tmo_status tmoi_remove_identity(tmoi_graph *graph, int32_t index, const tmoi_evaluator *evaluator,
                                int32_t *changes, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[index];
    (void)evaluator;
    (void)ctx;
    for (int32_t k = 0; k < subgraph->op_count; k++) {
        skip_round_trip(subgraph, &subgraph->ops[k]);
        int32_t input = identity_input(subgraph, &subgraph->ops[k]);
        if (input < 0 || !tmoi_bypass(graph, index, k, input)) continue;
        k--;
        ++*changes;
    }
    return TMO_STATUS_OK;
}
