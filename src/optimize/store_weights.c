/* Integer weights beside float activations: multiplied as integers where the runtime can (dynamic-range quantization), else read
 * back as float by a DEQUANTIZE. */
#include <math.h>

#include "base/fp16.h"
#include "optimize/store.h"
#include "rewrite/helpers.h"

typedef struct storer {
    tmoi_graph *graph;
    int32_t index; /* of the subgraph */
    const tmo_quantize_options *options;
    const tmoi_selection *keep_float;
    tmoi_quantize_result *result;
    bool dynamic;
    int32_t *integer_of; /* a float constant's integer form, or 0: none yet (tensor 0 is never made here) */
    bool *through;       /* a float constant: to be read through a DEQUANTIZE */
} storer;

static tmoi_subgraph *subgraph_of(const storer *self)
{
    return &self->graph->subgraphs[self->index];
}

/* ---- blocks of weights of a matrix product: each block of a row has a float16 scale ---- */

static bool fits_blocks(const storer *self, const tmoi_op *op)
{
    int32_t block = self->options->block_size;
    const tmoi_tensor *weights = tmoi_op_input(subgraph_of(self), op, 1);
    return block > 0 && op->code == TMOI_OP_FULLY_CONNECTED && weights->shape.rank == 2 &&
           weights->shape.dims[1] % block == 0;
}

static tmo_status add_block_scales(storer *self, const char *weights_name, const tmoi_shape *shape,
                                   const float *scales, int32_t *out, tmoi_ctx *ctx)
{
    const char *name;
    void *halves;
    int64_t count = tmoi_shape_count(shape);
    TMO_TRY(tmoi_arena_format(self->graph->arena, &name, ctx, "%s_scales", weights_name));
    TMO_TRY(tmoi_graph_add_tensor(self->graph, self->index, name, TMO_TYPE_FLOAT16, shape, out, ctx));
    TMO_TRY(tmoi_graph_new_data(self->graph, &subgraph_of(self)->tensors[*out],
                                (size_t)count * sizeof(uint16_t), &halves, ctx));
    for (int64_t k = 0; k < count; k++) ((uint16_t *)halves)[k] = tmoi_fp16_from_float(scales[k]);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The weights, seen as one row a block, each with a scale that float16 holds. */
static tmo_status add_blocks(storer *self, int32_t tensor, int32_t *out, tmoi_ctx *ctx)
{
    const tmoi_tensor constant = subgraph_of(self)->tensors[tensor];
    int32_t block = self->options->block_size, rows = constant.shape.dims[0],
            columns = constant.shape.dims[1] / block;
    const tmoi_weights view = {constant.data, {2, {rows * columns, block}}, 0, 4};
    const tmoi_shape scale_shape = {2, {rows, columns}};
    int64_t count = tmoi_tensor_count(&constant);
    tmoi_fb_blockwise_quantization *details;
    float *scales;
    int8_t *integers;
    void *packed;
    int32_t scale_tensor;
    TMO_TRY(tmoi_arena_new(self->graph->arena, &scales, (size_t)view.shape.dims[0], ctx));
    TMO_TRY(tmoi_arena_new(self->graph->arena, &integers, (size_t)count, ctx));
    tmoi_weights_scales(&view, self->options->weight_range, scales);
    for (int32_t k = 0; k < view.shape.dims[0]; k++) {
        scales[k] = tmoi_fp16_to_float(tmoi_fp16_from_float(scales[k]));
        if (!(scales[k] > 0 && isfinite(scales[k]))) scales[k] = 1;
    }
    tmoi_weights_round(&view, scales, integers);
    TMO_TRY(add_block_scales(self, constant.name, &scale_shape, scales, &scale_tensor, ctx));
    TMO_TRY(tmoi_graph_add_tensor(self->graph, self->index, constant.name, TMO_TYPE_INT4, &constant.shape,
                                  out, ctx));
    tmoi_tensor *made = &subgraph_of(self)->tensors[*out];
    TMO_TRY(tmoi_graph_new_data(self->graph, made, (size_t)(count + 1) / 2, &packed, ctx));
    tmoi_pack_int4(integers, count, packed);
    TMO_TRY(tmoi_arena_new(self->graph->arena, &details, 1, ctx));
    *details = (tmoi_fb_blockwise_quantization){
        .scales = scale_tensor, .zero_points = -1, .block_size = block};
    made->quant.details = (tmoi_fb_union){TMOI_TAG_blockwise_quantization, details};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- one operator ---- */

static tmo_status set_asymmetric_inputs(tmoi_graph *graph, tmoi_op *op, tmoi_ctx *ctx)
{
#define SET_ASYMMETRIC(op_name, table)                                     \
    case TMOI_OP_##op_name: {                                              \
        tmoi_fb_##table *options;                                          \
        TMO_TRY(tmoi_graph_edit_options(graph, op, table, &options, ctx)); \
        options->asymmetric_quantize_inputs = true;                        \
        break;                                                             \
    }
    switch (op->code) {
        SET_ASYMMETRIC(FULLY_CONNECTED, fully_connected_options)
        SET_ASYMMETRIC(BATCH_MATMUL, batch_mat_mul_options)
        SET_ASYMMETRIC(SVDF, svdf_options)
        SET_ASYMMETRIC(RNN, rnn_options)
        SET_ASYMMETRIC(LSTM, lstm_options)
        SET_ASYMMETRIC(UNIDIRECTIONAL_SEQUENCE_RNN, sequence_rnn_options)
        SET_ASYMMETRIC(BIDIRECTIONAL_SEQUENCE_RNN, bidirectional_sequence_rnn_options)
        SET_ASYMMETRIC(UNIDIRECTIONAL_SEQUENCE_LSTM, unidirectional_sequence_lstm_options)
        SET_ASYMMETRIC(BIDIRECTIONAL_SEQUENCE_LSTM, bidirectional_sequence_lstm_options)
    default: break;
    }
#undef SET_ASYMMETRIC
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status store_input(storer *self, int32_t op_index, int32_t input,
                              const tmoi_weight_inputs *weights, tmoi_ctx *ctx)
{
    tmoi_op *op = &subgraph_of(self)->ops[op_index];
    int32_t tensor = op->inputs[input], bits = self->dynamic ? 8 : self->options->weight_bits;
    bool blocks = !self->dynamic && fits_blocks(self, op),
         direct = blocks || (self->dynamic && weights->hybrid);
    if (self->integer_of[tensor] == 0 && blocks)
        TMO_TRY(add_blocks(self, tensor, &self->integer_of[tensor], ctx));
    else if (self->integer_of[tensor] == 0)
        TMO_TRY(tmoi_add_integer_constant(self->graph, self->index, tensor, weights->axis, bits,
                                          self->options->weight_range, &self->integer_of[tensor], ctx));
    if (direct)
        subgraph_of(self)->ops[op_index].inputs[input] = self->integer_of[tensor];
    else
        self->through[tensor] = true;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status store_op(storer *self, int32_t k, tmoi_ctx *ctx)
{
    const tmo_quantize_options *options = self->options;
    tmoi_op *op = &subgraph_of(self)->ops[k];
    tmoi_weight_inputs weights = tmoi_weight_inputs_of(subgraph_of(self), op, options->per_tensor,
                                                       options->min_weight_elements);
    if (weights.count == 0 || tmoi_selection_has(self->keep_float, self->index, k)) return TMO_STATUS_OK;
    for (int32_t i = 0; i < weights.count; i++)
        TMO_TRY(store_input(self, k, weights.inputs[i], &weights, ctx));
    if (self->dynamic && weights.hybrid) TMO_TRY(set_asymmetric_inputs(self->graph, op, ctx));
    self->result->quantized++;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status report_float(storer *self, int32_t inserted, tmoi_ctx *ctx)
{
    const tmoi_subgraph *subgraph = subgraph_of(self);
    for (int32_t k = inserted; k < subgraph->op_count; k++) {
        if (!tmoi_has_float_weights(subgraph, &subgraph->ops[k])) continue;
        bool kept = tmoi_selection_has(self->keep_float, self->index, k - inserted);
        TMO_TRY(tmoi_quantize_add_float(
            self->result, self->index, k,
            kept ? "the caller asked for it" : "its weights are fewer than min-weight-elements", ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status store_subgraph(storer *self, tmoi_ctx *ctx)
{
    int32_t tensors = subgraph_of(self)->tensor_count, ops = subgraph_of(self)->op_count;
    TMO_TRY(tmoi_arena_new(self->graph->arena, &self->integer_of, (size_t)tensors, ctx));
    TMO_TRY(tmoi_arena_new(self->graph->arena, &self->through, (size_t)tensors, ctx));
    for (int32_t k = 0; k < ops; k++) TMO_TRY(store_op(self, k, ctx));
    for (int32_t k = tensors - 1; k >= 0; k--)
        if (self->through[k])
            TMO_TRY(tmoi_read_through_dequantize(self->graph, self->index, k, self->integer_of[k], ctx));
    return report_float(self, subgraph_of(self)->op_count - ops, ctx);
fail:
    return ctx->error.status;
}

static tmo_status store(tmoi_graph *graph, const tmo_quantize_options *options,
                        const tmoi_selection *keep_float, bool dynamic, tmoi_quantize_result *result,
                        tmoi_ctx *ctx)
{
    for (int32_t s = 0; s < graph->subgraph_count; s++) {
        storer self = {.graph = graph,
                       .index = s,
                       .options = options,
                       .keep_float = keep_float,
                       .result = result,
                       .dynamic = dynamic};
        TMO_TRY(store_subgraph(&self, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_store_dynamic(tmoi_graph *graph, const tmo_quantize_options *options,
                              const tmoi_selection *keep_float, tmoi_quantize_result *result, tmoi_ctx *ctx)
{
    return store(graph, options, keep_float, true, result, ctx);
}

tmo_status tmoi_store_weights(tmoi_graph *graph, const tmo_quantize_options *options,
                              const tmoi_selection *keep_float, tmoi_quantize_result *result, tmoi_ctx *ctx)
{
    return store(graph, options, keep_float, false, result, ctx);
}
