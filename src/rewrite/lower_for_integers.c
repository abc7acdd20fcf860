/* Operators without an integer kernel in the stock runtime, as MUL, which has one: SQUARE(x) and POW(x, 2) = x * x,
 * NEG(x) = x * -1, DIV(x, c) = x * (1 / c). */
#include "rewrite/helpers.h"
#include "rewrite/rewrite.h"

static tmo_status add_constant(tmoi_graph *graph, int32_t index, const char *stem, const tmoi_shape *shape,
                               float **out, int32_t *tensor, tmoi_ctx *ctx)
{
    const char *name;
    TMO_TRY(tmoi_arena_format(graph->arena, &name, ctx, "%s_factor", stem));
    TMO_TRY(tmoi_graph_add_tensor(graph, index, name, TMO_TYPE_FLOAT32, shape, tensor, ctx));
    TMO_TRY(tmoi_graph_new_data(graph, &graph->subgraphs[index].tensors[*tensor],
                                (size_t)tmoi_shape_count(shape) * sizeof(float), (void **)out, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The tensor that op's first input is to be multiplied by, or TMOI_NO_TENSOR when the operator is none of ours. */
static tmo_status factor_of(tmoi_graph *graph, int32_t index, const tmoi_op *op, int32_t *factor,
                            tmoi_ctx *ctx)
{
    const tmoi_subgraph *subgraph = &graph->subgraphs[index];
    const tmoi_tensor *second = tmoi_op_input(subgraph, op, 1);
    const char *name = tmoi_op_output(subgraph, op, 0)->name;
    const tmoi_shape scalar = {0, {0}};
    float *values, power;
    *factor = TMOI_NO_TENSOR;
    if (op->code == TMOI_OP_SQUARE) *factor = op->inputs[0];
    if (op->code == TMOI_OP_POW && tmoi_scalar_constant(second, &power) && power == 2)
        *factor = op->inputs[0];
    if (op->code == TMOI_OP_NEG) {
        TMO_TRY(add_constant(graph, index, name, &scalar, &values, factor, ctx));
        values[0] = -1;
    }
    if (op->code == TMOI_OP_DIV && tmoi_is_float_constant(second)) {
        const tmoi_shape shape = second->shape;
        const float *divisors = second->data;
        for (int64_t k = 0; k < tmoi_shape_count(&shape); k++)
            if (!(divisors[k] > 1e-30f || divisors[k] < -1e-30f)) return TMO_STATUS_OK;
        TMO_TRY(add_constant(graph, index, name, &shape, &values, factor, ctx));
        for (int64_t k = 0; k < tmoi_shape_count(&shape); k++) values[k] = 1.0f / divisors[k];
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status become_mul(tmoi_graph *graph, tmoi_op *op, int32_t factor, tmoi_ctx *ctx)
{
    tmoi_fb_mul_options *options;
    int32_t *inputs;
    int32_t activation = op->code == TMOI_OP_DIV ? *tmoi_fused_activation(op) : TMOI_ACTIVATION_NONE;
    TMO_TRY(tmoi_arena_new(graph->arena, &inputs, 2, ctx));
    inputs[0] = op->inputs[0];
    inputs[1] = factor;
    op->code = TMOI_OP_MUL;
    op->version = 1;
    op->inputs = inputs;
    op->input_count = 2;
    op->options = (tmoi_fb_union){0};
    TMO_TRY(tmoi_graph_edit_options(graph, op, mul_options, &options, ctx));
    options->fused_activation_function = (int8_t)activation;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_lower_for_integers(tmoi_graph *graph, int32_t index, const tmoi_evaluator *evaluator,
                                   int32_t *changes, tmoi_ctx *ctx)
{
    (void)evaluator;
    for (int32_t k = 0; k < graph->subgraphs[index].op_count; k++) {
        tmoi_op *op = &graph->subgraphs[index].ops[k];
        const tmoi_tensor *output = tmoi_op_output(&graph->subgraphs[index], op, 0);
        int32_t factor;
        if (!output || output->type != TMO_TYPE_FLOAT32 || op->output_count != 1) continue;
        TMO_TRY(factor_of(graph, index, op, &factor, ctx));
        if (factor == TMOI_NO_TENSOR) continue;
        TMO_TRY(become_mul(graph, op, factor, ctx));
        ++*changes;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
