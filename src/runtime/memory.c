/* The memory of a prepared subgraph: lifetimes of its tensors and scratch blocks, work in place, one arena. */
#include "runtime/plan.h"
#include "runtime/session_private.h"

void tmoi_session_release_activations(tmoi_session_graph *graph)
{
    if (graph->owns_activations)
        tmoi_release(&graph->session->allocator, graph->activations);
    else if (graph->activations)
        graph->session->caller_arena_taken = false;
    graph->activations = NULL;
    graph->activation_bytes = 0;
    graph->owns_activations = false;
}

typedef struct planner {
    tmoi_session_graph *graph;
    int32_t *block_of;       /* per tensor: index of its block, or -1 */
    tmoi_plan_block *blocks; /* tensors first, then scratch */
    int32_t count;
} planner;

static bool is_planned(const tmoi_value *value)
{
    return !value->is_constant && !value->is_dynamic && !value->tensor->is_variable;
}

static void touch(planner *p, int32_t tensor, int32_t step)
{
    if (tensor < 0 || !is_planned(&p->graph->values[tensor])) return;
    if (p->block_of[tensor] < 0) {
        p->block_of[tensor] = p->count;
        p->blocks[p->count++] = (tmoi_plan_block){p->graph->values[tensor].bytes, step, step, 0};
    }
    tmoi_plan_block *block = &p->blocks[p->block_of[tensor]];
    if (step < block->first) block->first = step;
    if (step > block->last) block->last = step;
}

static int32_t last_use(const tmoi_subgraph *subgraph, int32_t tensor)
{
    for (int32_t k = subgraph->op_count - 1; k >= 0; k--)
        for (int32_t i = 0; i < subgraph->ops[k].input_count; i++)
            if (subgraph->ops[k].inputs[i] == tensor) return k;
    return -1;
}

/* An operator that works in place takes over the block of its first input, when nobody reads that input later. */
static bool share_input(planner *p, int32_t step)
{
    const tmoi_session_graph *graph = p->graph;
    const tmoi_op *op = &graph->subgraph->ops[step];
    const tmoi_node *node = &graph->nodes[step];
    if (graph->session->config.keep_all_tensors || !node->def || !(node->def->flags & TMOI_OP_INPLACE))
        return false;
    if (op->input_count < 1 || op->output_count != 1 || op->inputs[0] < 0 || op->outputs[0] < 0) return false;
    int32_t from = op->inputs[0], to = op->outputs[0];
    if (!is_planned(&graph->values[from]) || !is_planned(&graph->values[to]) || p->block_of[to] >= 0)
        return false;
    if (graph->values[from].bytes != graph->values[to].bytes) return false;
    if (tmoi_subgraph_is_input(graph->subgraph, from) || tmoi_subgraph_is_output(graph->subgraph, from))
        return false;
    if (last_use(graph->subgraph, from) != step || p->block_of[from] < 0) return false;
    for (int32_t k = 1; k < op->input_count; k++)
        if (op->inputs[k] == from) return false;
    p->block_of[to] = p->block_of[from];
    return true;
}

static void add_lifetimes(planner *p)
{
    const tmoi_subgraph *subgraph = p->graph->subgraph;
    int32_t end = subgraph->op_count;
    for (int32_t k = 0; k < subgraph->input_count; k++) {
        touch(p, subgraph->inputs[k], -1);
        touch(p, subgraph->inputs[k], end);
    }
    for (int32_t k = 0; k < end; k++) {
        const tmoi_op *op = &subgraph->ops[k];
        if (p->graph->node_mode[k] == TMOI_NODE_FOLDED) continue;
        for (int32_t i = 0; i < op->input_count; i++) touch(p, op->inputs[i], k);
        (void)share_input(p, k);
        for (int32_t i = 0; i < op->output_count; i++) touch(p, op->outputs[i], k);
    }
    for (int32_t k = 0; k < subgraph->output_count; k++) touch(p, subgraph->outputs[k], end);
    if (!p->graph->session->config.keep_all_tensors) return;
    for (int32_t k = 0; k < p->count; k++) {
        p->blocks[k].first = -1;
        p->blocks[k].last = end;
    }
}

static void add_scratch(planner *p)
{
    for (int32_t k = 0; k < p->graph->subgraph->op_count; k++)
        for (int32_t i = 0;
             p->graph->node_mode[k] == TMOI_NODE_STATIC && i < p->graph->nodes[k].scratch_count; i++)
            p->blocks[p->count++] = (tmoi_plan_block){p->graph->nodes[k].scratch_bytes[i], k, k, 0};
}

static tmo_status take_arena(tmoi_session_graph *graph, size_t bytes, tmoi_ctx *ctx)
{
    tmoi_session *session = graph->session;
    TMO_FAIL_IF(bytes > session->config.max_arena_bytes, LIMIT, ctx,
                "the activations need %zu bytes, more than the limit of %zu", bytes,
                session->config.max_arena_bytes);
    tmoi_session_release_activations(graph);
    graph->activation_bytes = bytes;
    if (session->config.arena && !session->caller_arena_taken) {
        TMO_FAIL_IF(bytes > session->config.arena_bytes, OUT_OF_MEMORY, ctx,
                    "the activations need %zu bytes, the given arena has %zu", bytes,
                    session->config.arena_bytes);
        graph->activations = session->config.arena;
        session->caller_arena_taken = true;
        return TMO_STATUS_OK;
    }
    TMO_TRY(tmoi_alloc(ctx, &graph->activations, bytes, 1, TMOI_ALIGNMENT));
    graph->owns_activations = true;
    return TMO_STATUS_OK;
fail:
    graph->activation_bytes = 0;
    return ctx->error.status;
}

static void assign(planner *p)
{
    tmoi_session_graph *graph = p->graph;
    unsigned char *base = graph->activations;
    for (int32_t k = 0; k < graph->subgraph->tensor_count; k++)
        if (p->block_of[k] >= 0) graph->values[k].data = base + p->blocks[p->block_of[k]].offset;
    int32_t next = p->count;
    for (int32_t k = graph->subgraph->op_count - 1; k >= 0; k--)
        for (int32_t i = graph->nodes[k].scratch_count - 1; graph->node_mode[k] == TMOI_NODE_STATIC && i >= 0;
             i--)
            graph->nodes[k].scratch[i] = base + p->blocks[--next].offset;
}

tmo_status tmoi_session_plan_memory(tmoi_session_graph *graph, tmoi_ctx *ctx)
{
    const tmoi_subgraph *subgraph = graph->subgraph;
    planner p = {.graph = graph};
    size_t bytes;
    TMO_TRY(tmoi_arena_new(&graph->run_memory, &p.block_of, (size_t)subgraph->tensor_count, ctx));
    TMO_TRY(tmoi_arena_new(&graph->run_memory, &p.blocks,
                           (size_t)subgraph->tensor_count + (size_t)subgraph->op_count * TMOI_MAX_SCRATCH,
                           ctx));
    for (int32_t k = 0; k < subgraph->tensor_count; k++) p.block_of[k] = -1;
    add_lifetimes(&p);
    add_scratch(&p);
    TMO_TRY(tmoi_plan_place(p.blocks, p.count, &bytes, ctx));
    TMO_TRY(take_arena(graph, bytes, ctx));
    assign(&p);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
