#include "optimize/evaluate.h"

#include "runtime/session.h"

/* A graph of the operator alone: tensors in the order of its inputs, then its outputs. They share the original's data. */
static tmo_status isolate(tmoi_graph **out, const tmoi_subgraph *from, const tmoi_op *op, tmoi_ctx *ctx)
{
    tmoi_graph *graph = NULL;
    tmoi_subgraph *subgraph;
    tmoi_op *copy;
    int32_t count = op->input_count + op->output_count;
    TMO_TRY(tmoi_graph_make(&graph, ctx));
    TMO_TRY(tmoi_arena_new(graph->arena, &graph->subgraphs, 1, ctx));
    graph->subgraph_count = 1;
    subgraph = graph->subgraphs;
    subgraph->name = "";
    TMO_TRY(tmoi_arena_new(graph->arena, &subgraph->tensors, (size_t)count, ctx));
    TMO_TRY(tmoi_arena_new(graph->arena, &subgraph->outputs, (size_t)op->output_count, ctx));
    TMO_TRY(tmoi_graph_insert_op(graph, 0, 0, op->code, op->input_count, op->output_count, &copy, ctx));
    int32_t *inputs = copy->inputs, *outputs = copy->outputs;
    *copy = *op;
    copy->inputs = inputs;
    copy->outputs = outputs;
    copy->intermediate_count = 0;
    for (int32_t k = 0; k < count; k++) {
        bool is_input = k < op->input_count;
        int32_t tensor = is_input ? op->inputs[k] : op->outputs[k - op->input_count];
        subgraph->tensors[k].name = "";
        if (tensor >= 0) subgraph->tensors[k] = from->tensors[tensor];
        if (is_input)
            inputs[k] = tensor >= 0 ? k : TMOI_NO_TENSOR;
        else
            subgraph->outputs[k - op->input_count] = outputs[k - op->input_count] = k;
    }
    subgraph->tensor_count = subgraph->tensor_capacity = count;
    subgraph->output_count = subgraph->output_capacity = op->output_count;
    *out = graph;
    return TMO_STATUS_OK;
fail:
    tmoi_graph_free(graph);
    return ctx->error.status;
}

static bool fits(const tmoi_session *session, size_t max_bytes)
{
    size_t total = 0;
    for (int32_t k = 0; k < tmoi_session_output_count(session); k++) {
        const tmoi_value *value = tmoi_session_output(session, k);
        if (!value->data) return false;
        total += value->bytes;
    }
    return total <= max_bytes;
}

static tmo_status take_outputs(tmoi_graph *graph, int32_t index, const tmoi_op *op,
                               const tmoi_session *session, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < op->output_count; k++) {
        tmoi_tensor *tensor = &graph->subgraphs[index].tensors[op->outputs[k]];
        const tmoi_value *value = tmoi_session_output(session, k);
        tensor->shape = value->shape;
        tensor->shape_signature = (tmoi_vec_i32){0};
        tensor->has_rank = true;
        TMO_TRY(tmoi_graph_set_data(graph, tensor, value->data, value->bytes, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status evaluate(void *user, tmoi_graph *graph, int32_t index, int32_t op_index, size_t max_bytes,
                           bool *done, tmoi_ctx *ctx)
{
    const tmoi_subgraph *subgraph = &graph->subgraphs[index];
    const tmoi_op *op = &subgraph->ops[op_index];
    const tmoi_session_config config = {.threads = 1, .cpu = tmoi_cpu_features()};
    /* An operator that cannot run is no failure of the rewrite: it stays where it is. */
    tmoi_ctx attempt = tmoi_ctx_make(&ctx->allocator);
    tmoi_graph *alone = NULL;
    tmoi_session *session = NULL;
    (void)user;
    *done = false;
    if (isolate(&alone, subgraph, op, &attempt) == TMO_STATUS_OK &&
        tmoi_session_make(&session, alone, &config, &attempt) == TMO_STATUS_OK &&
        tmoi_session_run(session, &attempt) == TMO_STATUS_OK && fits(session, max_bytes)) {
        TMO_TRY(take_outputs(graph, index, op, session, ctx));
        *done = true;
    }
    TMO_FAIL_IF(attempt.error.status == TMO_STATUS_OUT_OF_MEMORY, OUT_OF_MEMORY, ctx, "%s",
                attempt.error.message);
fail:
    tmoi_session_free(session);
    tmoi_graph_free(alone);
    return ctx->error.status;
}

const tmoi_evaluator tmoi_runtime_evaluator = {evaluate, NULL};
