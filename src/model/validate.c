#include "model/validate.h"

#include "base/alloc.h"

enum { MAX_OP_TENSORS = 1 << 16 };

/* ---- calls between subgraphs ---- */

typedef struct call_list {
    int32_t fixed[2];
    const int32_t *subgraphs;
    uint32_t count;
} call_list;

static void list_calls(call_list *calls, int32_t count, int32_t first, int32_t second)
{
    calls->fixed[0] = first;
    calls->fixed[1] = second;
    calls->subgraphs = calls->fixed;
    calls->count = (uint32_t)count;
}

/* The subgraphs that an operator runs. */
static void find_calls(const tmoi_op *op, call_list *calls)
{
#define OPTIONS(table)   tmoi_op_options(op, table)
#define OPTIONS_2(table) tmoi_op_options_2(op, table)
    *calls = (call_list){.count = 0};
    switch (op->code) {
    case TMOI_OP_IF:
        list_calls(calls, 2, OPTIONS(if_options)->then_subgraph_index,
                   OPTIONS(if_options)->else_subgraph_index);
        break;
    case TMOI_OP_WHILE:
        list_calls(calls, 2, OPTIONS(while_options)->cond_subgraph_index,
                   OPTIONS(while_options)->body_subgraph_index);
        break;
    case TMOI_OP_CALL_ONCE: list_calls(calls, 1, OPTIONS(call_once_options)->init_subgraph_index, 0); break;
    case TMOI_OP_CALL: list_calls(calls, 1, (int32_t)OPTIONS(call_options)->subgraph, 0); break;
    case TMOI_OP_STABLEHLO_REDUCE:
        list_calls(calls, 1, OPTIONS_2(stablehlo_reduce_options)->body_subgraph_index, 0);
        break;
    case TMOI_OP_STABLEHLO_REDUCE_WINDOW:
        list_calls(calls, 1, OPTIONS_2(stablehlo_reduce_window_options)->body_subgraph_index, 0);
        break;
    case TMOI_OP_STABLEHLO_SORT:
        list_calls(calls, 1, OPTIONS_2(stablehlo_sort_options)->comparator_subgraph_index, 0);
        break;
    case TMOI_OP_STABLEHLO_WHILE:
        list_calls(calls, 2, OPTIONS_2(stablehlo_while_options)->cond_subgraph_index,
                   OPTIONS_2(stablehlo_while_options)->body_subgraph_index);
        break;
    case TMOI_OP_STABLEHLO_SCATTER:
        list_calls(calls, 1, OPTIONS_2(stablehlo_scatter_options)->update_computation_subgraph_index, 0);
        break;
    case TMOI_OP_STABLEHLO_COMPOSITE:
        list_calls(calls, 1, OPTIONS_2(stablehlo_composite_options)->decomposition_subgraph_index, 0);
        break;
    case TMOI_OP_STABLEHLO_CASE:
        calls->subgraphs = OPTIONS_2(stablehlo_case_options)->branch_subgraph_indices.data;
        calls->count = OPTIONS_2(stablehlo_case_options)->branch_subgraph_indices.count;
        break;
    default: break;
    }
#undef OPTIONS
#undef OPTIONS_2
}

typedef struct call_walk {
    const tmoi_graph *graph;
    int32_t *heights; /* by subgraph: UNSEEN, OPEN, or the number of levels below it */
    int32_t limit;
    tmoi_ctx *ctx;
} call_walk;
enum { UNSEEN = -1, OPEN = -2 };

/* Walks what `subgraph`, itself `depth` calls deep, calls. The recursion is bounded by the limit. */
static tmo_status walk_calls(call_walk *walk, int32_t subgraph, int32_t depth)
{
    const tmoi_subgraph *from = &walk->graph->subgraphs[subgraph];
    int32_t k = 0, height = 0;
    call_list calls;
    TMO_FAIL_IF(depth > walk->limit, INVALID_MODEL, walk->ctx, "subgraphs call each other more than %d deep",
                (int)walk->limit);
    walk->heights[subgraph] = OPEN;
    for (; k < from->op_count; k++) {
        find_calls(&from->ops[k], &calls);
        for (uint32_t i = 0; i < calls.count; i++) {
            int32_t callee = calls.subgraphs[i];
            TMO_FAIL_IF(callee < 0 || callee >= walk->graph->subgraph_count, INVALID_MODEL, walk->ctx,
                        "%s calls subgraph %d of %d", tmoi_op_name(&from->ops[k]), (int)callee,
                        (int)walk->graph->subgraph_count);
            TMO_FAIL_IF(walk->heights[callee] == OPEN, INVALID_MODEL, walk->ctx,
                        "%s calls subgraph %d recursively", tmoi_op_name(&from->ops[k]), (int)callee);
            if (walk->heights[callee] == UNSEEN) TMO_TRY(walk_calls(walk, callee, depth + 1));
            if (walk->heights[callee] >= height) height = walk->heights[callee] + 1;
            TMO_FAIL_IF(depth + height > walk->limit, INVALID_MODEL, walk->ctx,
                        "subgraphs call each other more than %d deep", (int)walk->limit);
        }
    }
    walk->heights[subgraph] = height;
    return TMO_STATUS_OK;
fail:
    if (k < from->op_count) tmoi_fail_at_op(walk->ctx, subgraph, k);
    return walk->ctx->error.status;
}

tmo_status tmoi_graph_check_calls(const tmoi_graph *graph, int32_t limit, tmoi_ctx *ctx)
{
    call_walk walk = {.graph = graph, .limit = limit, .ctx = ctx};
    TMO_TRY(tmoi_new(ctx, &walk.heights, (size_t)graph->subgraph_count));
    for (int32_t k = 0; k < graph->subgraph_count; k++) walk.heights[k] = UNSEEN;
    for (int32_t k = 0; k < graph->subgraph_count; k++)
        if (walk.heights[k] == UNSEEN) TMO_TRY(walk_calls(&walk, k, 0));
    tmoi_release(&ctx->allocator, walk.heights);
    return TMO_STATUS_OK;
fail:
    tmoi_release(&ctx->allocator, walk.heights);
    return ctx->error.status;
}

/* ---- one subgraph ---- */

static tmo_status check_indices(const tmoi_subgraph *subgraph, const int32_t *list, int32_t count,
                                int32_t lowest, const char *what, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < count; k++)
        TMO_FAIL_IF(list[k] < lowest || list[k] >= subgraph->tensor_count, INVALID_MODEL, ctx,
                    "%s %d is tensor %d of %d", what, (int)k, (int)list[k], (int)subgraph->tensor_count);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* True for tensors whose value does not come from an operator. */
static bool is_given(const tmoi_tensor *tensor)
{
    return tensor->data || tensor->is_variable || tensor->external_buffer ||
           tmoi_shape_count(&tensor->shape) == 0;
}

static tmo_status check_op_inputs(const tmoi_subgraph *subgraph, const tmoi_op *op, const uint8_t *available,
                                  tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < op->input_count; k++) {
        int32_t tensor = op->inputs[k];
        if (tensor < 0 || available[tensor]) continue;
        TMO_FAIL_IF(true, INVALID_MODEL, ctx, "%s reads tensor %d '%s' before any operator makes it",
                    tmoi_op_name(op), (int)tensor, subgraph->tensors[tensor].name);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_op_outputs(const tmoi_subgraph *subgraph, const tmoi_op *op, uint8_t *available,
                                   tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < op->output_count; k++) {
        int32_t tensor = op->outputs[k];
        if (tensor < 0) continue;
        bool empty = tmoi_shape_count(&subgraph->tensors[tensor].shape) == 0 &&
                     !subgraph->tensors[tensor].data;
        TMO_FAIL_IF(available[tensor] && !empty, INVALID_MODEL, ctx,
                    "%s makes tensor %d '%s', which already has a value", tmoi_op_name(op), (int)tensor,
                    subgraph->tensors[tensor].name);
        available[tensor] = 1;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_op(const tmoi_subgraph *subgraph, const tmoi_op *op, uint8_t *available,
                           tmoi_ctx *ctx)
{
    TMO_FAIL_IF(op->code == TMOI_OP_CUSTOM && (!op->custom_code || !op->custom_code[0]), INVALID_MODEL, ctx,
                "a custom operator has no name");
    TMO_FAIL_IF(op->input_count > MAX_OP_TENSORS || op->output_count > MAX_OP_TENSORS, INVALID_MODEL, ctx,
                "%s has %d inputs and %d outputs, the limit is %d", tmoi_op_name(op), (int)op->input_count,
                (int)op->output_count, MAX_OP_TENSORS);
    TMO_TRY(check_indices(subgraph, op->inputs, op->input_count, TMOI_NO_TENSOR, "input", ctx));
    TMO_TRY(check_indices(subgraph, op->outputs, op->output_count, TMOI_NO_TENSOR, "output", ctx));
    TMO_TRY(check_indices(subgraph, op->intermediates, op->intermediate_count, TMOI_NO_TENSOR, "intermediate",
                          ctx));
    TMO_TRY(check_op_inputs(subgraph, op, available, ctx));
    return check_op_outputs(subgraph, op, available, ctx);
fail:
    return ctx->error.status;
}

/* The order of execution; `available` marks the tensors that have a value. */
static tmo_status check_order(const tmoi_subgraph *subgraph, uint8_t *available, tmoi_ctx *ctx)
{
    int32_t k = 0;
    for (int32_t i = 0; i < subgraph->tensor_count; i++) available[i] = is_given(&subgraph->tensors[i]);
    for (int32_t i = 0; i < subgraph->input_count; i++) {
        const tmoi_tensor *input = &subgraph->tensors[subgraph->inputs[i]];
        TMO_FAIL_IF(input->data, INVALID_MODEL, ctx, "input %d '%s' of the subgraph is constant", (int)i,
                    input->name);
        available[subgraph->inputs[i]] = 1;
    }
    for (; k < subgraph->op_count; k++) TMO_TRY(check_op(subgraph, &subgraph->ops[k], available, ctx));
    for (int32_t i = 0; i < subgraph->output_count; i++)
        TMO_FAIL_IF(!available[subgraph->outputs[i]], INVALID_MODEL, ctx, "no operator makes output %d '%s'",
                    (int)i, subgraph->tensors[subgraph->outputs[i]].name);
    return TMO_STATUS_OK;
fail:
    if (k < subgraph->op_count) ctx->error.op = k;
    return ctx->error.status;
}

static tmo_status check_tensors(const tmoi_subgraph *subgraph, tmoi_ctx *ctx)
{
    int32_t k = 0;
    for (; k < subgraph->tensor_count; k++)
        TMO_TRY(tmoi_tensor_validate(subgraph, &subgraph->tensors[k], ctx));
    return TMO_STATUS_OK;
fail:
    ctx->error.tensor = k;
    return ctx->error.status;
}

static tmo_status check_subgraph(const tmoi_subgraph *subgraph, tmoi_ctx *ctx)
{
    uint8_t *available = NULL;
    TMO_TRY(check_tensors(subgraph, ctx));
    TMO_TRY(check_indices(subgraph, subgraph->inputs, subgraph->input_count, 0, "subgraph input", ctx));
    TMO_TRY(check_indices(subgraph, subgraph->outputs, subgraph->output_count, 0, "subgraph output", ctx));
    TMO_TRY(tmoi_new(ctx, &available, (size_t)subgraph->tensor_count));
    TMO_TRY(check_order(subgraph, available, ctx));
    tmoi_release(&ctx->allocator, available);
    return TMO_STATUS_OK;
fail:
    tmoi_release(&ctx->allocator, available);
    return ctx->error.status;
}

/* ---- signatures ---- */

static tmo_status check_entries(const tmoi_signature *signature, const tmoi_signature_entry *entries,
                                int32_t count, const uint8_t *allowed, int32_t tensor_count, const char *what,
                                tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < count; k++) {
        int32_t tensor = entries[k].tensor;
        TMO_FAIL_IF(tensor < 0 || tensor >= tensor_count || !allowed[tensor], INVALID_MODEL, ctx,
                    "signature '%s': tensor %d is no %s of subgraph %d", signature->key, (int)tensor, what,
                    (int)signature->subgraph);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_signature(const tmoi_graph *graph, const tmoi_signature *signature, tmoi_ctx *ctx)
{
    uint8_t *inputs = NULL, *outputs = NULL;
    TMO_FAIL_IF(signature->subgraph < 0 || signature->subgraph >= graph->subgraph_count, INVALID_MODEL, ctx,
                "signature '%s' names subgraph %d of %d", signature->key, (int)signature->subgraph,
                (int)graph->subgraph_count);
    const tmoi_subgraph *subgraph = &graph->subgraphs[signature->subgraph];
    TMO_TRY(tmoi_new(ctx, &inputs, (size_t)subgraph->tensor_count));
    TMO_TRY(tmoi_new(ctx, &outputs, (size_t)subgraph->tensor_count));
    for (int32_t k = 0; k < subgraph->input_count; k++) inputs[subgraph->inputs[k]] = 1;
    for (int32_t k = 0; k < subgraph->output_count; k++) outputs[subgraph->outputs[k]] = 1;
    TMO_TRY(check_entries(signature, signature->inputs, signature->input_count, inputs,
                          subgraph->tensor_count, "input", ctx));
    TMO_TRY(check_entries(signature, signature->outputs, signature->output_count, outputs,
                          subgraph->tensor_count, "output", ctx));
    tmoi_release(&ctx->allocator, inputs);
    tmoi_release(&ctx->allocator, outputs);
    return TMO_STATUS_OK;
fail:
    tmoi_release(&ctx->allocator, inputs);
    tmoi_release(&ctx->allocator, outputs);
    return ctx->error.status;
}

tmo_status tmoi_graph_validate(const tmoi_graph *graph, tmoi_ctx *ctx)
{
    int32_t k = 0;
    for (; k < graph->subgraph_count; k++) TMO_TRY(check_subgraph(&graph->subgraphs[k], ctx));
    for (int32_t i = 0; i < graph->signature_count; i++)
        TMO_TRY(check_signature(graph, &graph->signatures[i], ctx));
    return tmoi_graph_check_calls(graph, TMOI_MAX_CALL_DEPTH, ctx);
fail:
    if (k < graph->subgraph_count) ctx->error.subgraph = k;
    return ctx->error.status;
}
