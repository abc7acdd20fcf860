/* x * RELU6(x + 3) / 6, in the ways that converters spell it, is HARD_SWISH(x). */
#include "rewrite/helpers.h"
#include "rewrite/rewrite.h"

static const tmoi_op *producer_of(const tmoi_subgraph *subgraph, int32_t tensor)
{
    int32_t producer = tensor >= 0 ? tmoi_subgraph_producer(subgraph, tensor) : -1;
    return producer < 0 ? NULL : &subgraph->ops[producer];
}

/* The operator is `code` of two inputs, one of them the scalar `value` (within a float's rounding); *x is the other. */
static bool with_scalar(const tmoi_subgraph *subgraph, const tmoi_op *op, int32_t code, float value,
                        int32_t *x)
{
    if (!op || op->code != code || op->input_count != 2) return false;
    for (int32_t k = 0; k < 2; k++) {
        float scalar;
        if (!tmoi_scalar_constant(tmoi_op_input(subgraph, op, k), &scalar)) continue;
        if (code == TMOI_OP_DIV && k == 0) continue;
        float difference = scalar - value;
        *x = op->inputs[1 - k];
        if (difference <= value * 1e-6f && -difference <= value * 1e-6f) return true;
    }
    return false;
}

/* The tensor is y / 6; *y is then y. */
static bool sixth_of(const tmoi_subgraph *subgraph, int32_t tensor, int32_t *y)
{
    const tmoi_op *op = producer_of(subgraph, tensor);
    if (!op || !tmoi_fused_activation(op) || *tmoi_fused_activation(op) != TMOI_ACTIVATION_NONE) return false;
    return with_scalar(subgraph, op, TMOI_OP_MUL, 1.0f / 6, y) ||
           with_scalar(subgraph, op, TMOI_OP_DIV, 6, y);
}

/* The tensor is RELU6(x + 3). */
static bool is_gate(const tmoi_subgraph *subgraph, int32_t tensor, int32_t x)
{
    const tmoi_op *op = producer_of(subgraph, tensor);
    bool clipped = op && op->code == TMOI_OP_RELU6;
    int32_t inside;
    if (clipped) op = producer_of(subgraph, op->inputs[0]);
    if (!with_scalar(subgraph, op, TMOI_OP_ADD, 3, &inside) || inside != x) return false;
    return *tmoi_fused_activation(op) == (clipped ? TMOI_ACTIVATION_NONE : TMOI_ACTIVATION_RELU6);
}

/* The tensors a and b, in either order, are x and RELU6(x + 3). */
static bool is_pair(const tmoi_subgraph *subgraph, int32_t a, int32_t b, int32_t *x)
{
    *x = a;
    if (is_gate(subgraph, b, a)) return true;
    *x = b;
    return is_gate(subgraph, a, b);
}

static bool match(const tmoi_subgraph *subgraph, const tmoi_op *op, int32_t *x)
{
    int32_t inner;
    if (op->output_count != 1 || (op->code != TMOI_OP_MUL && op->code != TMOI_OP_DIV) || op->input_count != 2)
        return false;
    if (*tmoi_fused_activation(op) != TMOI_ACTIVATION_NONE) return false;
    /* (x * gate) / 6 */
    if (sixth_of(subgraph, op->outputs[0], &inner)) {
        const tmoi_op *product = producer_of(subgraph, inner);
        return product && product->code == TMOI_OP_MUL && product->input_count == 2 &&
               *tmoi_fused_activation(product) == TMOI_ACTIVATION_NONE &&
               is_pair(subgraph, product->inputs[0], product->inputs[1], x);
    }
    /* x * (gate / 6) and (x / 6) * gate */
    for (int32_t k = 0; op->code == TMOI_OP_MUL && k < 2; k++)
        if (sixth_of(subgraph, op->inputs[k], &inner) && is_pair(subgraph, inner, op->inputs[1 - k], x))
            return true;
    return false;
}

tmo_status tmoi_fuse_hard_swish(tmoi_graph *graph, int32_t index, const tmoi_evaluator *evaluator,
                                int32_t *changes, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[index];
    (void)evaluator;
    (void)ctx;
    for (int32_t k = 0; k < subgraph->op_count; k++) {
        tmoi_op *op = &subgraph->ops[k];
        int32_t x;
        if (!match(subgraph, op, &x) || subgraph->tensors[op->outputs[0]].type != TMO_TYPE_FLOAT32) continue;
        op->code = TMOI_OP_HARD_SWISH;
        op->version = 1;
        op->options = (tmoi_fb_union){0};
        op->inputs[0] = x;
        op->input_count = 1;
        ++*changes;
    }
    return TMO_STATUS_OK;
}
