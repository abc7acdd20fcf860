#include "optimize/store.h"

#include "base/alloc.h"
#include "rewrite/helpers.h"

typedef struct weight_rule {
    int32_t code;
    int32_t first[4], last[4]; /* stretches of inputs, both ends included */
    int32_t stretches;
    int32_t axis;
    bool hybrid, all;
} weight_rule;

/* Source: TFLite quantize_weights.cc and the hybrid paths of the kernels. */
static const weight_rule rules[] = {
    {TMOI_OP_CONV_2D, {1}, {1}, 1, 0, true, false},
    {TMOI_OP_DEPTHWISE_CONV_2D, {1}, {1}, 1, 3, true, false},
    {TMOI_OP_FULLY_CONNECTED, {1}, {1}, 1, 0, true, false},
    {TMOI_OP_TRANSPOSE_CONV, {1}, {1}, 1, 0, false, false},
    {TMOI_OP_CONV_3D, {1}, {1}, 1, -1, false, false},
    {TMOI_OP_BATCH_MATMUL, {1}, {1}, 1, -1, true, false},
    {TMOI_OP_EMBEDDING_LOOKUP, {1}, {1}, 1, 0, true, false},
    {TMOI_OP_GATHER, {0}, {0}, 1, 0, false, false},
    {TMOI_OP_SVDF, {1}, {2}, 1, -1, true, true},
    {TMOI_OP_RNN, {1}, {2}, 1, -1, true, true},
    {TMOI_OP_UNIDIRECTIONAL_SEQUENCE_RNN, {1}, {2}, 1, -1, true, true},
    {TMOI_OP_BIDIRECTIONAL_SEQUENCE_RNN, {1, 5, 10}, {2, 6, 11}, 3, -1, true, true},
    {TMOI_OP_LSTM, {1, 16}, {11, 16}, 2, -1, true, true},
    {TMOI_OP_UNIDIRECTIONAL_SEQUENCE_LSTM, {1, 16}, {11, 16}, 2, -1, true, true},
    {TMOI_OP_BIDIRECTIONAL_SEQUENCE_LSTM, {1, 16, 33, 40}, {11, 28, 33, 47}, 4, -1, true, true},
};

static const weight_rule *find_rule(int32_t code)
{
    for (size_t k = 0; k < sizeof rules / sizeof rules[0]; k++)
        if (rules[k].code == code) return &rules[k];
    return NULL;
}

/* The bias of the forward projection lies between weights of the bidirectional LSTM. */
static bool is_bias(int32_t code, int32_t input)
{
    return code == TMOI_OP_BIDIRECTIONAL_SEQUENCE_LSTM && input == 17;
}

static bool has_float_activations(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    const tmoi_tensor *output = tmoi_op_output(subgraph, op, 0);
    return output && output->type == TMO_TYPE_FLOAT32;
}

tmoi_weight_inputs tmoi_weight_inputs_of(const tmoi_subgraph *subgraph, const tmoi_op *op, bool per_tensor,
                                         int64_t least)
{
    const weight_rule *rule = find_rule(op->code);
    tmoi_weight_inputs out = {.count = 0};
    int64_t total = 0;
    if (!rule || !has_float_activations(subgraph, op)) return out;
    out.axis = per_tensor ? -1 : rule->axis;
    out.hybrid = rule->hybrid;
    out.all = rule->all;
    for (int32_t k = 0; k < rule->stretches; k++)
        for (int32_t i = rule->first[k]; i <= rule->last[k] && out.count < TMOI_MAX_WEIGHT_INPUTS; i++) {
            const tmoi_tensor *tensor = tmoi_op_input(subgraph, op, i);
            if (!tensor || is_bias(op->code, i)) continue;
            bool usable = tmoi_is_float_constant(tensor) && tensor->shape.rank > rule->axis;
            if (!usable && rule->all) return (tmoi_weight_inputs){.count = 0};
            if (!usable || (!rule->all && tmoi_tensor_count(tensor) < least)) continue;
            out.inputs[out.count++] = i;
            total += tmoi_tensor_count(tensor);
        }
    if (total < least) out.count = 0;
    return out;
}

bool tmoi_has_float_weights(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    return tmoi_weight_inputs_of(subgraph, op, false, 1).count > 0;
}

static tmo_status set_integers(tmoi_graph *graph, tmoi_tensor *tensor, const int8_t *integers, int64_t count,
                               int32_t bits, tmoi_ctx *ctx)
{
    void *packed;
    if (bits == 8) return tmoi_graph_set_data(graph, tensor, integers, (size_t)count, ctx);
    TMO_TRY(tmoi_graph_new_data(graph, tensor, (size_t)(count + 1) / 2, &packed, ctx));
    tmoi_pack_int4(integers, count, packed);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_add_integer_constant(tmoi_graph *graph, int32_t subgraph, int32_t tensor, int32_t axis,
                                     int32_t bits, int32_t weight_range, int32_t *out, tmoi_ctx *ctx)
{
    const tmoi_tensor constant = graph->subgraphs[subgraph].tensors[tensor];
    const tmoi_weights weights = {constant.data, constant.shape, axis, bits};
    int64_t count = tmoi_tensor_count(&constant), channels = tmoi_weights_channels(&weights);
    int8_t *integers = NULL;
    float *scales = NULL;
    TMO_TRY(tmoi_new(ctx, &scales, (size_t)channels));
    TMO_TRY(tmoi_new(ctx, &integers, (size_t)count));
    tmoi_weights_scales(&weights, weight_range, scales);
    tmoi_weights_round(&weights, scales, integers);
    TMO_TRY(tmoi_graph_add_tensor(graph, subgraph, constant.name, bits == 8 ? TMO_TYPE_INT8 : TMO_TYPE_INT4,
                                  &constant.shape, out, ctx));
    tmoi_tensor *made = &graph->subgraphs[subgraph].tensors[*out];
    TMO_TRY(set_integers(graph, made, integers, count, bits, ctx));
    TMO_TRY(tmoi_graph_set_quant(graph, made, (int32_t)channels, axis < 0 ? 0 : axis, scales, NULL, ctx));
fail:
    tmoi_release(&ctx->allocator, integers);
    tmoi_release(&ctx->allocator, scales);
    return ctx->error.status;
}

tmo_status tmoi_read_through_dequantize(tmoi_graph *graph, int32_t subgraph, int32_t tensor, int32_t stored,
                                        tmoi_ctx *ctx)
{
    tmoi_tensor *reader = &graph->subgraphs[subgraph].tensors[tensor];
    tmoi_op *op;
    TMO_TRY(tmoi_arena_format(graph->arena, &reader->name, ctx, "dequantized_%d", (int)tensor));
    reader->data = NULL;
    reader->data_bytes = 0;
    TMO_TRY(tmoi_graph_insert_op(graph, subgraph, 0, TMOI_OP_DEQUANTIZE, 1, 1, &op, ctx));
    op->inputs[0] = stored;
    op->outputs[0] = tensor;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
