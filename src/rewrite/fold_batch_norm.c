/* What is left of a batch normalization, or any MUL, DIV, ADD or SUB by a constant a channel, goes into the weights and the
 * bias of the convolution or matrix product next to it:
 *
 *   conv(x, W) * m + a         = conv(x, m * W) + (m * b + a)          after it, m and a a number an output channel
 *   conv(x * m + a, W)         = conv(x, W * m) + (b + sum W * a)      before it, m and a a number an input channel; the sum
 *                                                                      only without padding, which would pad with a
 */
#include "rewrite/helpers.h"
#include "rewrite/rewrite.h"

/* out = x * scale + offset, with the constant at input `constant` of the operator; x is the other input. */
typedef struct affine {
    int32_t x;
    const tmoi_tensor *constant;
    bool multiplies, divides, subtracts, reversed; /* reversed: constant - x */
} affine;

static bool affine_of(const tmoi_subgraph *subgraph, const tmoi_op *op, int64_t channels, affine *out)
{
    bool is_affine = op->code == TMOI_OP_MUL || op->code == TMOI_OP_DIV || op->code == TMOI_OP_ADD ||
                     op->code == TMOI_OP_SUB;
    if (!is_affine || op->input_count != 2 || op->output_count != 1) return false;
    *out = (affine){.multiplies = op->code == TMOI_OP_MUL,
                    .divides = op->code == TMOI_OP_DIV,
                    .subtracts = op->code == TMOI_OP_SUB};
    for (int32_t k = 1; k >= 0; k--) {
        out->constant = tmoi_op_input(subgraph, op, k);
        out->x = op->inputs[1 - k];
        out->reversed = op->code == TMOI_OP_SUB && k == 0;
        if (op->code == TMOI_OP_DIV && k == 0) return false;
        if (tmoi_is_channel_constant(out->constant, channels))
            return !tmoi_is_constant(&subgraph->tensors[out->x]);
    }
    return false;
}

static float scale_of(const affine *a, int64_t channel)
{
    if (a->multiplies) return tmoi_channel_value(a->constant, channel);
    if (a->divides) return 1.0f / tmoi_channel_value(a->constant, channel);
    return a->reversed ? -1.0f : 1.0f;
}

static float offset_of(const affine *a, int64_t channel)
{
    if (a->multiplies || a->divides) return 0;
    float value = tmoi_channel_value(a->constant, channel);
    return a->subtracts && !a->reversed ? -value : value;
}

static bool all_finite_scales(const affine *a, int64_t channels)
{
    for (int64_t c = 0; c < channels; c++) {
        float scale = scale_of(a, c);
        if (!(scale - scale == 0)) return false;
    }
    return true;
}

/* Float weights that are constant, a bias that is constant or absent. */
static bool is_foldable(const tmoi_subgraph *subgraph, const tmoi_op *op, tmoi_weighted *at)
{
    if (!tmoi_weighted_of(op, at) || !tmoi_is_float_constant(tmoi_op_input(subgraph, op, at->weights)))
        return false;
    const tmoi_tensor *bias = tmoi_op_input(subgraph, op, at->bias);
    const tmoi_tensor *output = tmoi_op_output(subgraph, op, 0);
    return (!bias || tmoi_is_float_constant(bias)) && output && output->type == TMO_TYPE_FLOAT32;
}

static int64_t dim(const tmoi_tensor *tensor, int32_t axis)
{
    return tensor->shape.dims[axis];
}

static void scale_along(float *weights, const tmoi_shape *shape, int32_t axis, const affine *a,
                        int64_t repeat)
{
    int64_t inner = tmoi_shape_product(shape, axis + 1, shape->rank), channels = shape->dims[axis];
    for (int64_t k = 0; k < tmoi_shape_count(shape); k++)
        weights[k] *= scale_of(a, k / inner % channels / repeat);
}

static tmo_status fold_after(tmoi_graph *graph, int32_t index, int32_t op_index, const tmoi_weighted *at,
                             const affine *a, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[index];
    const tmoi_tensor weights = *tmoi_op_input(subgraph, &subgraph->ops[op_index], at->weights);
    int64_t channels = dim(&weights, at->axis);
    float *values, *bias;
    if (a->multiplies || a->divides || a->reversed) {
        TMO_TRY(tmoi_own_weights(graph, index, op_index, at, &values, ctx));
        scale_along(values, &weights.shape, at->axis, a, 1);
    }
    TMO_TRY(tmoi_own_bias(graph, index, op_index, at, channels, &bias, ctx));
    for (int64_t c = 0; c < channels; c++) bias[c] = bias[c] * scale_of(a, c) + offset_of(a, c);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status try_after(tmoi_graph *graph, int32_t index, int32_t k, bool *done, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[index];
    tmoi_op *op = &subgraph->ops[k];
    tmoi_weighted at;
    affine a;
    *done = false;
    if (!is_foldable(subgraph, op, &at) || *tmoi_fused_activation(op) != TMOI_ACTIVATION_NONE)
        return TMO_STATUS_OK;
    int32_t user = tmoi_subgraph_only_user(subgraph, op->outputs[0]);
    int64_t channels = dim(tmoi_op_input(subgraph, op, at.weights), at.axis);
    if (user < 0 || !affine_of(subgraph, &subgraph->ops[user], channels, &a) || a.x != op->outputs[0])
        return TMO_STATUS_OK;
    const tmoi_tensor *before = tmoi_op_output(subgraph, op, 0),
                      *after = tmoi_op_output(subgraph, &subgraph->ops[user], 0);
    if (before->shape.rank != after->shape.rank || a.constant->shape.rank > before->shape.rank ||
        !all_finite_scales(&a, channels))
        return TMO_STATUS_OK;
    TMO_TRY(fold_after(graph, index, k, &at, &a, ctx));
    op->outputs[0] = subgraph->ops[user].outputs[0];
    TMO_TRY(tmoi_set_fused_activation(graph->arena, op, *tmoi_fused_activation(&subgraph->ops[user]), ctx));
    tmoi_subgraph_remove_op(subgraph, user);
    *done = true;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static bool has_padding(const tmoi_op *op)
{
    if (op->code == TMOI_OP_CONV_2D) return tmoi_op_options(op, conv2d_options)->padding == TMOI_PADDING_SAME;
    if (op->code == TMOI_OP_DEPTHWISE_CONV_2D)
        return tmoi_op_options(op, depthwise_conv2d_options)->padding == TMOI_PADDING_SAME;
    return op->code == TMOI_OP_TRANSPOSE_CONV;
}

/* bias[o] += sum over the taps and input channels of weights * offset. */
static void add_offsets(float *bias, const float *weights, const tmoi_shape *shape, const tmoi_weighted *at,
                        const affine *a, int64_t repeat)
{
    int32_t axis = at->input_axis < 0 ? at->axis : at->input_axis;
    int64_t inner = tmoi_shape_product(shape, axis + 1, shape->rank), inputs = shape->dims[axis];
    int64_t out_inner = tmoi_shape_product(shape, at->axis + 1, shape->rank), outputs = shape->dims[at->axis];
    for (int64_t k = 0; k < tmoi_shape_count(shape); k++)
        bias[k / out_inner % outputs] += weights[k] * offset_of(a, k / inner % inputs / repeat);
}

static tmo_status fold_before(tmoi_graph *graph, int32_t index, int32_t k, const tmoi_weighted *at,
                              const affine *a, int64_t repeat, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[index];
    const tmoi_tensor weights = *tmoi_op_input(subgraph, &subgraph->ops[k], at->weights);
    float *values, *bias;
    if (a->multiplies || a->divides || a->reversed) {
        TMO_TRY(tmoi_own_weights(graph, index, k, at, &values, ctx));
        scale_along(values, &weights.shape, at->input_axis < 0 ? at->axis : at->input_axis, a, repeat);
    }
    if (a->multiplies || a->divides) return TMO_STATUS_OK;
    TMO_TRY(tmoi_own_bias(graph, index, k, at, dim(&weights, at->axis), &bias, ctx));
    add_offsets(bias, weights.data, &weights.shape, at, a, repeat);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status try_before(tmoi_graph *graph, int32_t index, int32_t k, bool *done, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[index];
    tmoi_op *op = &subgraph->ops[k];
    tmoi_weighted at;
    affine a;
    *done = false;
    if (!is_foldable(subgraph, op, &at)) return TMO_STATUS_OK;
    int32_t producer = tmoi_subgraph_producer(subgraph, op->inputs[at.input]);
    if (producer < 0 || tmoi_subgraph_only_user(subgraph, op->inputs[at.input]) != k) return TMO_STATUS_OK;
    const tmoi_tensor *input = tmoi_op_input(subgraph, op, at.input),
                      *weights = tmoi_op_input(subgraph, op, at.weights);
    int32_t axis = at.input_axis < 0 ? at.axis : at.input_axis;
    int64_t inputs = input->shape.rank ? dim(input, input->shape.rank - 1) : 0, taps = dim(weights, axis);
    const tmoi_op *before = &subgraph->ops[producer];
    /* A grouped convolution or a flattening matrix product has other input channels. */
    if (inputs < 1 || (at.input_axis < 0 ? taps % inputs != 0 : taps != inputs)) return TMO_STATUS_OK;
    if (!affine_of(subgraph, before, inputs, &a) || *tmoi_fused_activation(before) != TMOI_ACTIVATION_NONE)
        return TMO_STATUS_OK;
    if (!tmoi_shape_equal(&subgraph->tensors[a.x].shape, &input->shape) || !all_finite_scales(&a, inputs))
        return TMO_STATUS_OK;
    if (!a.multiplies && !a.divides && has_padding(op)) return TMO_STATUS_OK;
    TMO_TRY(fold_before(graph, index, k, &at, &a, at.input_axis < 0 ? taps / inputs : 1, ctx));
    subgraph->ops[k].inputs[at.input] = a.x;
    tmoi_subgraph_remove_op(subgraph, producer);
    *done = true;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_fold_batch_norm(tmoi_graph *graph, int32_t index, const tmoi_evaluator *evaluator,
                                int32_t *changes, tmoi_ctx *ctx)
{
    (void)evaluator;
    for (int32_t k = 0; k < graph->subgraphs[index].op_count; k++) {
        bool after, before = false;
        TMO_TRY(try_after(graph, index, k, &after, ctx));
        if (!after) TMO_TRY(try_before(graph, index, k, &before, ctx));
        *changes += after + before;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
