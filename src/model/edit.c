/* The editing functions of graph.h. */
#include <string.h>

#include "base/alloc.h"
#include "model/graph.h"

tmo_status tmoi_graph_add_tensor(tmoi_graph *graph, int32_t subgraph_index, const char *name, tmo_type type,
                                 const tmoi_shape *shape, int32_t *out, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[subgraph_index];
    TMO_TRY(tmoi_arena_grow(graph->arena, (void **)&subgraph->tensors, &subgraph->tensor_capacity,
                            subgraph->tensor_count + 1, sizeof *subgraph->tensors, ctx));
    tmoi_tensor *tensor = &subgraph->tensors[subgraph->tensor_count];
    *tensor = (tmoi_tensor){.type = type, .shape = *shape, .has_rank = true};
    TMO_TRY(tmoi_arena_text(graph->arena, &tensor->name, name, strlen(name), ctx));
    *out = subgraph->tensor_count++;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_graph_new_data(tmoi_graph *graph, tmoi_tensor *tensor, size_t bytes, void **out,
                               tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_arena_alloc(graph->arena, out, bytes, 1, TMOI_ALIGNMENT, ctx));
    tensor->data = *out;
    tensor->data_bytes = bytes;
    tensor->sparsity = NULL;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_graph_set_data(tmoi_graph *graph, tmoi_tensor *tensor, const void *data, size_t bytes,
                               tmoi_ctx *ctx)
{
    void *copy;
    TMO_TRY(tmoi_graph_new_data(graph, tensor, bytes, &copy, ctx));
    if (bytes) memcpy(copy, data, bytes);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_graph_set_quant(tmoi_graph *graph, tmoi_tensor *tensor, int32_t count, int32_t dimension,
                                const float *scale, const int64_t *zero_point, tmoi_ctx *ctx)
{
    void *scales, *zero_points;
    TMO_TRY(tmoi_arena_copy(graph->arena, &scales, scale, (size_t)count * sizeof *scale, ctx));
    TMO_TRY(tmoi_arena_alloc(graph->arena, &zero_points, (size_t)count, sizeof *zero_point, 16, ctx));
    if (zero_point) memcpy(zero_points, zero_point, (size_t)count * sizeof *zero_point);
    tensor->quant = (tmoi_quant){
        .count = count, .dimension = dimension, .scale = scales, .zero_point = zero_points};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status new_list(tmoi_graph *graph, int32_t **out, int32_t count, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_arena_new(graph->arena, out, (size_t)count, ctx));
    for (int32_t k = 0; k < count; k++) (*out)[k] = TMOI_NO_TENSOR;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_graph_insert_op(tmoi_graph *graph, int32_t subgraph_index, int32_t at, int32_t code,
                                int32_t input_count, int32_t output_count, tmoi_op **out, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[subgraph_index];
    tmoi_op op = {.code = code,
                  .version = 1,
                  .input_count = input_count,
                  .output_count = output_count,
                  .debug_metadata_index = -1};
    *out = NULL;
    TMO_TRY(new_list(graph, &op.inputs, input_count, ctx));
    TMO_TRY(new_list(graph, &op.outputs, output_count, ctx));
    TMO_TRY(tmoi_arena_grow(graph->arena, (void **)&subgraph->ops, &subgraph->op_capacity,
                            subgraph->op_count + 1, sizeof *subgraph->ops, ctx));
    memmove(&subgraph->ops[at + 1], &subgraph->ops[at], (size_t)(subgraph->op_count - at) * sizeof op);
    subgraph->ops[at] = op;
    subgraph->op_count++;
    *out = &subgraph->ops[at];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

void tmoi_subgraph_remove_op(tmoi_subgraph *subgraph, int32_t op)
{
    subgraph->op_count--;
    memmove(&subgraph->ops[op], &subgraph->ops[op + 1],
            (size_t)(subgraph->op_count - op) * sizeof *subgraph->ops);
}

tmo_status tmoi_graph_edit_union(tmoi_graph *graph, tmoi_fb_union *options, uint8_t tag, size_t struct_bytes,
                                 const void *fallback, void **out, tmoi_ctx *ctx)
{
    TMO_TRY(
        tmoi_arena_copy(graph->arena, out, tmoi_union_or_default(options, tag, fallback), struct_bytes, ctx));
    *options = (tmoi_fb_union){tag, *out};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void replace_in(int32_t *list, int32_t count, int32_t from, int32_t to)
{
    for (int32_t k = 0; k < count; k++)
        if (list[k] == from) list[k] = to;
}

void tmoi_graph_replace_uses(tmoi_graph *graph, int32_t subgraph_index, int32_t from, int32_t to)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[subgraph_index];
    for (int32_t k = 0; k < subgraph->op_count; k++)
        replace_in(subgraph->ops[k].inputs, subgraph->ops[k].input_count, from, to);
    replace_in(subgraph->outputs, subgraph->output_count, from, to);
    for (int32_t k = 0; k < graph->signature_count; k++) {
        tmoi_signature *signature = &graph->signatures[k];
        if (signature->subgraph != subgraph_index) continue;
        for (int32_t i = 0; i < signature->output_count; i++)
            if (signature->outputs[i].tensor == from) signature->outputs[i].tensor = to;
    }
}

/* ---- compact ---- */

static bool has_side_effect(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    switch (op->code) {
    case TMOI_OP_CALL_ONCE:
    case TMOI_OP_ASSIGN_VARIABLE:
    case TMOI_OP_HASHTABLE_IMPORT:
    case TMOI_OP_IF:
    case TMOI_OP_WHILE:
    case TMOI_OP_CUSTOM: return true;
    default: break;
    }
    for (int32_t k = 0; k < op->input_count; k++) {
        const tmoi_tensor *input = tmoi_op_input(subgraph, op, k);
        if (input && input->is_variable) return true;
    }
    return op->output_count == 0;
}

static void mark(uint8_t *used, const int32_t *list, int32_t count)
{
    for (int32_t k = 0; k < count; k++)
        if (list[k] >= 0) used[list[k]] = 1;
}

/* Walks backwards, so that the operators that feed a dead operator die with it. */
static void remove_dead_ops(tmoi_subgraph *subgraph, uint8_t *used)
{
    mark(used, subgraph->outputs, subgraph->output_count);
    for (int32_t k = subgraph->op_count - 1; k >= 0; k--) {
        tmoi_op *op = &subgraph->ops[k];
        bool alive = has_side_effect(subgraph, op);
        for (int32_t i = 0; i < op->output_count; i++)
            alive = alive || (op->outputs[i] >= 0 && used[op->outputs[i]]);
        if (!alive) {
            tmoi_subgraph_remove_op(subgraph, k);
            continue;
        }
        mark(used, op->inputs, op->input_count);
        mark(used, op->outputs, op->output_count);
        mark(used, op->intermediates, op->intermediate_count);
    }
    mark(used, subgraph->inputs, subgraph->input_count);
}

static void mark_signatures(const tmoi_graph *graph, int32_t subgraph, uint8_t *used)
{
    for (int32_t k = 0; k < graph->signature_count; k++) {
        const tmoi_signature *signature = &graph->signatures[k];
        if (signature->subgraph != subgraph) continue;
        for (int32_t i = 0; i < signature->input_count; i++) used[signature->inputs[i].tensor] = 1;
        for (int32_t i = 0; i < signature->output_count; i++) used[signature->outputs[i].tensor] = 1;
    }
}

/* Scales and zero points of blockwise and multi-axis quantization are tensors that only the details name. */
static void quant_tensors(const tmoi_tensor *tensor, int32_t *scales, int32_t *zero_points)
{
    const tmoi_fb_union *details = &tensor->quant.details;
    *scales = *zero_points = TMOI_NO_TENSOR;
    if (!details->value) return;
    if (details->tag == TMOI_TAG_blockwise_quantization) {
        *scales = ((const tmoi_fb_blockwise_quantization *)details->value)->scales;
        *zero_points = ((const tmoi_fb_blockwise_quantization *)details->value)->zero_points;
    } else if (details->tag == TMOI_TAG_multi_axis_quantization) {
        *scales = ((const tmoi_fb_multi_axis_quantization *)details->value)->scales;
        *zero_points = ((const tmoi_fb_multi_axis_quantization *)details->value)->zero_points;
    }
}

static void mark_quant_tensors(const tmoi_subgraph *subgraph, uint8_t *used)
{
    for (int32_t k = 0; k < subgraph->tensor_count; k++) {
        int32_t scales, zero_points;
        if (!used[k]) continue;
        quant_tensors(&subgraph->tensors[k], &scales, &zero_points);
        if (scales >= 0) used[scales] = 1;
        if (zero_points >= 0) used[zero_points] = 1;
    }
}

static tmo_status renumber_quant(tmoi_graph *graph, tmoi_tensor *tensor, const int32_t *to, tmoi_ctx *ctx)
{
    tmoi_fb_union *details = &tensor->quant.details;
    int32_t scales, zero_points;
    quant_tensors(tensor, &scales, &zero_points);
    if (details->tag == TMOI_TAG_blockwise_quantization && details->value) {
        tmoi_fb_blockwise_quantization *edit;
        TMO_TRY(tmoi_graph_edit_union(graph, details, TMOI_TAG_blockwise_quantization, sizeof *edit, NULL,
                                      (void **)&edit, ctx));
        if (scales >= 0) edit->scales = to[scales];
        if (zero_points >= 0) edit->zero_points = to[zero_points];
    } else if (details->tag == TMOI_TAG_multi_axis_quantization && details->value) {
        tmoi_fb_multi_axis_quantization *edit;
        TMO_TRY(tmoi_graph_edit_union(graph, details, TMOI_TAG_multi_axis_quantization, sizeof *edit, NULL,
                                      (void **)&edit, ctx));
        if (scales >= 0) edit->scales = to[scales];
        if (zero_points >= 0) edit->zero_points = to[zero_points];
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void renumber(int32_t *list, int32_t count, const int32_t *to)
{
    for (int32_t k = 0; k < count; k++)
        if (list[k] >= 0) list[k] = to[list[k]];
}

static void renumber_signatures(tmoi_graph *graph, int32_t subgraph, const int32_t *to)
{
    for (int32_t k = 0; k < graph->signature_count; k++) {
        tmoi_signature *signature = &graph->signatures[k];
        if (signature->subgraph != subgraph) continue;
        for (int32_t i = 0; i < signature->input_count; i++) renumber(&signature->inputs[i].tensor, 1, to);
        for (int32_t i = 0; i < signature->output_count; i++) renumber(&signature->outputs[i].tensor, 1, to);
    }
}

static tmo_status compact_subgraph(tmoi_graph *graph, int32_t index, tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[index];
    uint8_t *used = NULL;
    int32_t *to = NULL, kept = 0;
    TMO_TRY(tmoi_new(ctx, &used, (size_t)subgraph->tensor_count));
    TMO_TRY(tmoi_new(ctx, &to, (size_t)subgraph->tensor_count));
    mark_signatures(graph, index, used);
    remove_dead_ops(subgraph, used);
    mark_quant_tensors(subgraph, used);
    for (int32_t k = 0; k < subgraph->tensor_count; k++) {
        to[k] = used[k] ? kept++ : TMOI_NO_TENSOR;
        if (used[k]) subgraph->tensors[to[k]] = subgraph->tensors[k];
    }
    subgraph->tensor_count = kept;
    for (int32_t k = 0; k < kept; k++) TMO_TRY(renumber_quant(graph, &subgraph->tensors[k], to, ctx));
    for (int32_t k = 0; k < subgraph->op_count; k++) {
        renumber(subgraph->ops[k].inputs, subgraph->ops[k].input_count, to);
        renumber(subgraph->ops[k].outputs, subgraph->ops[k].output_count, to);
        renumber(subgraph->ops[k].intermediates, subgraph->ops[k].intermediate_count, to);
    }
    renumber(subgraph->inputs, subgraph->input_count, to);
    renumber(subgraph->outputs, subgraph->output_count, to);
    renumber_signatures(graph, index, to);
    tmoi_release(&ctx->allocator, used);
    tmoi_release(&ctx->allocator, to);
    return TMO_STATUS_OK;
fail:
    tmoi_release(&ctx->allocator, used);
    tmoi_release(&ctx->allocator, to);
    return ctx->error.status;
}

tmo_status tmoi_graph_compact(tmoi_graph *graph, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < graph->subgraph_count; k++) TMO_TRY(compact_subgraph(graph, k, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
