#include "rewrite/helpers.h"

int64_t tmoi_tensor_count(const tmoi_tensor *tensor)
{
    return tmoi_shape_count(&tensor->shape);
}

bool tmoi_is_float_constant(const tmoi_tensor *tensor)
{
    return tmoi_is_constant(tensor) && tensor->type == TMO_TYPE_FLOAT32 && !tensor->sparsity &&
           tensor->data_bytes == (size_t)tmoi_tensor_count(tensor) * sizeof(float);
}

bool tmoi_scalar_constant(const tmoi_tensor *tensor, float *value)
{
    if (!tmoi_is_float_constant(tensor) || tmoi_tensor_count(tensor) != 1) return false;
    *value = *(const float *)tensor->data;
    return true;
}

int64_t tmoi_int_constant(const tmoi_tensor *tensor, int64_t k)
{
    return tensor->type == TMO_TYPE_INT64 ? ((const int64_t *)tensor->data)[k]
                                          : ((const int32_t *)tensor->data)[k];
}

bool tmoi_is_channel_constant(const tmoi_tensor *tensor, int64_t channels)
{
    if (!tmoi_is_float_constant(tensor)) return false;
    int64_t count = tmoi_tensor_count(tensor);
    if (count == 1) return true;
    return count == channels && tensor->shape.dims[tensor->shape.rank - 1] == channels;
}

/* ---- operators with weights ---- */

bool tmoi_weighted_of(const tmoi_op *op, tmoi_weighted *out)
{
    switch (op->code) {
    case TMOI_OP_CONV_2D: *out = (tmoi_weighted){0, 1, 2, 0, 3}; break;
    case TMOI_OP_DEPTHWISE_CONV_2D: *out = (tmoi_weighted){0, 1, 2, 3, -1}; break;
    case TMOI_OP_FULLY_CONNECTED: *out = (tmoi_weighted){0, 1, 2, 0, 1}; break;
    case TMOI_OP_TRANSPOSE_CONV: *out = (tmoi_weighted){2, 1, 3, 0, 3}; break;
    default: return false;
    }
    return op->input_count > out->input && op->input_count > out->weights && op->output_count == 1;
}

static tmo_status grow_inputs(tmoi_graph *graph, tmoi_op *op, int32_t count, tmoi_ctx *ctx)
{
    int32_t *inputs;
    if (op->input_count >= count) return TMO_STATUS_OK;
    TMO_TRY(tmoi_arena_new(graph->arena, &inputs, (size_t)count, ctx));
    for (int32_t k = 0; k < count; k++) inputs[k] = k < op->input_count ? op->inputs[k] : TMOI_NO_TENSOR;
    op->inputs = inputs;
    op->input_count = count;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_own_bias(tmoi_graph *graph, int32_t subgraph_index, int32_t op_index, const tmoi_weighted *at,
                         int64_t channels, float **out, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[subgraph_index];
    tmoi_op *op = &subgraph->ops[op_index];
    const tmoi_tensor *old = tmoi_op_input(subgraph, op, at->bias);
    const tmoi_shape shape = {1, {(int32_t)channels}};
    const float *values = old ? old->data : NULL;
    const char *name;
    int32_t made;
    TMO_TRY(grow_inputs(graph, op, at->bias + 1, ctx));
    if (old)
        name = old->name;
    else
        TMO_TRY(
            tmoi_arena_format(graph->arena, &name, ctx, "%s_bias", tmoi_op_output(subgraph, op, 0)->name));
    TMO_TRY(tmoi_graph_add_tensor(graph, subgraph_index, name, TMO_TYPE_FLOAT32, &shape, &made, ctx));
    TMO_TRY(tmoi_graph_new_data(graph, &subgraph->tensors[made], (size_t)channels * sizeof(float),
                                (void **)out, ctx));
    for (int64_t c = 0; values && c < channels; c++) (*out)[c] = values[c];
    op->inputs[at->bias] = made;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_own_weights(tmoi_graph *graph, int32_t subgraph_index, int32_t op_index,
                            const tmoi_weighted *at, float **out, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[subgraph_index];
    tmoi_op *op = &subgraph->ops[op_index];
    const tmoi_tensor old = *tmoi_op_input(subgraph, op, at->weights);
    int32_t made;
    TMO_TRY(tmoi_graph_add_tensor(graph, subgraph_index, old.name, TMO_TYPE_FLOAT32, &old.shape, &made, ctx));
    TMO_TRY(tmoi_graph_set_data(graph, &subgraph->tensors[made], old.data, old.data_bytes, ctx));
    /* The bytes are this graph's own copy, made a line ago. */
    union {
        const void *shared;
        float *own;
    } data = {.shared = subgraph->tensors[made].data};
    *out = data.own;
    op->inputs[at->weights] = made;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- taking an operator out ---- */

bool tmoi_bypass(tmoi_graph *graph, int32_t subgraph_index, int32_t op_index, int32_t input)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[subgraph_index];
    const tmoi_op *op = &subgraph->ops[op_index];
    int32_t from = op->outputs[0], to = op->inputs[input];
    if (tmoi_subgraph_is_output(subgraph, from)) {
        int32_t producer = tmoi_subgraph_producer(subgraph, to);
        if (producer < 0 || tmoi_subgraph_only_user(subgraph, to) != op_index) return false;
        tmoi_op *before = &subgraph->ops[producer];
        for (int32_t k = 0; k < before->output_count; k++)
            if (before->outputs[k] == to) before->outputs[k] = from;
    } else {
        tmoi_graph_replace_uses(graph, subgraph_index, from, to);
    }
    tmoi_subgraph_remove_op(subgraph, op_index);
    return true;
}
