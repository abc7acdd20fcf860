/* Running a prepared subgraph. */
#include <string.h>

#include "base/os.h"
#include "runtime/session_private.h"

/* Names the operator in the message, once. */
tmo_status tmoi_session_fail_at(const tmoi_session_graph *graph, int32_t op, tmoi_ctx *ctx)
{
    char message[TMO_ERROR_MESSAGE_BYTES];
    if (ctx->error.op >= 0) return ctx->error.status;
    memcpy(message, ctx->error.message, sizeof message);
    tmoi_fail_at_op(ctx, graph->index, op);
    return tmoi_fail(ctx, ctx->error.status, "operator %d %s: %.400s", (int)op,
                     tmoi_op_name(&graph->subgraph->ops[op]), message);
}

static tmo_status prepare_dynamic(tmoi_session_graph *graph, tmoi_node *node, tmoi_ctx *ctx)
{
    bool dynamic = true;
    tmoi_arena *persistent = graph->exec.persistent;
    TMO_TRY(tmoi_session_infer(graph, node, &dynamic, ctx));
    for (int32_t k = 0; !dynamic && k < node->output_count; k++)
        if (node->outputs[k])
            TMO_TRY(tmoi_value_resize(&graph->exec, node->outputs[k], &node->outputs[k]->shape, ctx));
    graph->exec.persistent = &graph->run_memory;
    tmo_status status = tmoi_session_prepare_node(graph, node, ctx);
    graph->exec.persistent = persistent;
    TMO_TRY(status);
    TMO_TRY(tmoi_session_take_scratch(graph, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status run_node(tmoi_session_graph *graph, int32_t k, tmoi_ctx *ctx)
{
    const tmoi_session_config *config = &graph->session->config;
    tmoi_node *node = &graph->nodes[k];
    uint64_t start = config->observe ? tmoi_clock_ns() : 0;
    TMO_FAIL_IF(config->cancelled && atomic_load(config->cancelled), CANCELLED, ctx, "cancelled");
    if (graph->node_mode[k] == TMOI_NODE_DYNAMIC) TMO_TRY(prepare_dynamic(graph, node, ctx));
    if (node->def) {
        TMO_TRY(node->def->eval(&graph->exec, node, ctx));
    } else {
        const tmoi_custom_op *custom = tmoi_session_find_custom(graph->session, node->op);
        TMO_TRY(custom->eval(custom->user, &graph->exec, node, ctx));
    }
    if (config->observe)
        config->observe(config->observe_user, graph->index, k, node, tmoi_clock_ns() - start);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_session_graph_run(tmoi_session_graph *graph, tmoi_ctx *ctx)
{
    int32_t step = 0;
    graph->running = true;
    if (graph->run_memory.blocks) tmoi_arena_clear(&graph->run_memory);
    for (; step < graph->step_count; step++) TMO_TRY(run_node(graph, graph->steps[step], ctx));
    graph->running = false;
    return TMO_STATUS_OK;
fail:
    graph->running = false;
    return tmoi_session_fail_at(graph, graph->steps[step], ctx);
}
