/* The memory of a prepared subgraph: lifetimes of its tensors and scratch blocks, work in place, one arena. */
#include "runtime/places.h"
#include "runtime/plan.h"

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
    int32_t *first, *last;   /* per value: the steps that write and read it; first > last: none does */
    int32_t *block_of;       /* per value that is the base of a block: the block's number, or -1 */
    tmoi_plan_block *blocks; /* values first, then scratch */
    int32_t count;
} planner;

static tmoi_node *step_node(const planner *p, int32_t step)
{
    return &p->graph->nodes[p->graph->steps[step]];
}

/* ---- lifetimes ---- */

static void touch(planner *p, const tmoi_value *value, int32_t step)
{
    if (!value || !tmoi_is_planned(value)) return;
    int32_t k = (int32_t)(value - p->graph->values);
    if (step < p->first[k]) p->first[k] = step;
    if (step > p->last[k]) p->last[k] = step;
}

static void touch_node(planner *p, const tmoi_node *node, int32_t step)
{
    for (int32_t k = 0; k < node->input_count; k++) touch(p, node->inputs[k], step);
    for (int32_t k = 0; k < node->output_count; k++) touch(p, node->outputs[k], step);
    for (int32_t k = 0; k < node->post_count; k++) touch_node(p, node->posts[k], step);
}

static void find_lifetimes(planner *p)
{
    const tmoi_session_graph *graph = p->graph;
    const tmoi_subgraph *subgraph = graph->subgraph;
    bool keep_all = graph->session->config.keep_all_tensors;
    int32_t end = graph->step_count;
    for (int32_t k = 0; k < subgraph->tensor_count; k++) {
        p->first[k] = INT32_MAX;
        p->last[k] = INT32_MIN;
    }
    for (int32_t k = 0; k < subgraph->input_count; k++) {
        touch(p, &graph->values[subgraph->inputs[k]], -1);
        touch(p, &graph->values[subgraph->inputs[k]], end);
    }
    for (int32_t k = 0; k < end; k++) touch_node(p, step_node(p, k), k);
    for (int32_t k = 0; k < subgraph->output_count; k++) touch(p, &graph->values[subgraph->outputs[k]], end);
    for (int32_t k = 0; keep_all && k < subgraph->tensor_count; k++)
        if (p->first[k] <= p->last[k]) p->first[k] = -1, p->last[k] = end;
}

/* ---- work in place ---- */

static bool overlap(const tmoi_session_graph *graph, int32_t a, int32_t b)
{
    size_t a_begin = graph->places[a].offset, b_begin = graph->places[b].offset;
    return a_begin < b_begin + graph->values[b].bytes && b_begin < a_begin + graph->values[a].bytes;
}

/* Nobody reads what lies in the value's memory in this step, but input 0, nor later. */
static bool is_last_read(const planner *p, const tmoi_node *node, int32_t step)
{
    const tmoi_session_graph *graph = p->graph;
    int32_t from = (int32_t)(node->inputs[0] - graph->values);
    if (p->last[from] != step) return false;
    for (int32_t k = 1; k < node->input_count; k++)
        if (node->inputs[k] == node->inputs[0]) return false;
    for (int32_t k = graph->places[from].next; k != from; k = graph->places[k].next)
        if (overlap(graph, from, k) && p->last[k] >= step) return false;
    return true;
}

/* The result of an operator that works in place, or of a post, takes over the memory of input 0. */
static void share_input(planner *p, const tmoi_node *node)
{
    const tmoi_session_graph *graph = p->graph;
    const tmoi_value *from = node->inputs[0], *to = node->outputs[0];
    int32_t input = (int32_t)(from - graph->values), output = (int32_t)(to - graph->values);
    if (from->bytes == to->bytes && tmoi_places_fit(graph, output, input, 0))
        tmoi_places_put(p->graph, output, input, 0);
}

static void share_inputs(planner *p)
{
    for (int32_t k = 0; k < p->graph->step_count; k++) {
        const tmoi_node *node = step_node(p, k);
        bool in_place = node->def && (node->def->flags & TMOI_OP_INPLACE) && node->input_count > 0 &&
                        node->inputs[0] && node->output_count == 1 && tmoi_is_planned(node->inputs[0]);
        if (in_place && is_last_read(p, node, k)) share_input(p, node);
        for (int32_t i = 0; i < node->post_count; i++) share_input(p, node->posts[i]);
    }
}

/* ---- blocks ---- */

/* Inputs of a called subgraph lie where its caller has them: nobody writes them. Not those that are results too, as the caller may
 * write its results over its inputs, nor parts of something larger. */
static void lend_inputs(const planner *p)
{
    const tmoi_session_graph *graph = p->graph;
    const tmoi_subgraph *subgraph = graph->subgraph;
    bool lends = graph->is_called && !graph->session->config.keep_all_tensors;
    for (int32_t k = 0; k < subgraph->tensor_count; k++) graph->lent[k] = false;
    for (int32_t k = 0; lends && k < subgraph->input_count; k++) {
        int32_t input = subgraph->inputs[k], base = graph->places[input].base;
        if (tmoi_is_planned(&graph->values[input]) &&
            graph->values[base].bytes == graph->values[input].bytes && !tmoi_places_hold_result(graph, input))
            graph->lent[base] = true;
    }
}

static void add_values(planner *p)
{
    const tmoi_session_graph *graph = p->graph;
    for (int32_t k = 0; k < graph->subgraph->tensor_count; k++) {
        int32_t base = graph->places[k].base;
        if (p->first[k] > p->last[k] || graph->lent[base]) continue;
        if (p->block_of[base] < 0) {
            p->block_of[base] = p->count;
            p->blocks[p->count++] = (tmoi_plan_block){graph->values[base].bytes, p->first[k], p->last[k], 0};
        }
        tmoi_plan_block *block = &p->blocks[p->block_of[base]];
        if (p->first[k] < block->first) block->first = p->first[k];
        if (p->last[k] > block->last) block->last = p->last[k];
    }
}

/* Posts have none: they work with what prepare made. */
static void add_scratch(planner *p, const tmoi_node *node, int32_t step)
{
    for (int32_t i = 0; i < node->scratch_count; i++)
        p->blocks[p->count++] = (tmoi_plan_block){node->scratch_bytes[i], step, step, 0};
    for (int32_t k = 0; k < node->part_count; k++) add_scratch(p, node->parts[k], step);
}

static bool is_static(const planner *p, int32_t step)
{
    return p->graph->node_mode[p->graph->steps[step]] == TMOI_NODE_STATIC;
}

static tmo_status take_arena(tmoi_session_graph *graph, size_t bytes, tmoi_ctx *ctx)
{
    tmoi_session *session = graph->session;
    TMO_FAIL_IF(bytes > session->config.max_arena_bytes, LIMIT, ctx,
                "the activations need %zu bytes, more than the limit of %zu", bytes,
                session->config.max_arena_bytes);
    tmoi_session_release_activations(graph);
    graph->activation_bytes = bytes;
    if (session->config.plan_only) return TMO_STATUS_OK;
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

static void assign_scratch(const planner *p, tmoi_node *node, int32_t *block)
{
    unsigned char *base = p->graph->activations;
    for (int32_t i = 0; i < node->scratch_count; i++) node->scratch[i] = base + p->blocks[(*block)++].offset;
    for (int32_t k = 0; k < node->part_count; k++) assign_scratch(p, node->parts[k], block);
}

static void assign(const planner *p, int32_t first_scratch)
{
    const tmoi_session_graph *graph = p->graph;
    unsigned char *base = graph->activations;
    for (int32_t k = 0; k < graph->subgraph->tensor_count; k++) {
        const tmoi_place *place = &graph->places[k];
        if (p->first[k] <= p->last[k] && !graph->lent[place->base])
            graph->values[k].data = base + p->blocks[p->block_of[place->base]].offset + place->offset;
    }
    for (int32_t k = 0; k < graph->step_count; k++)
        if (is_static(p, k)) assign_scratch(p, step_node(p, k), &first_scratch);
}

static tmo_status start(planner *p, tmoi_ctx *ctx)
{
    const tmoi_subgraph *subgraph = p->graph->subgraph;
    tmoi_arena *memory = &p->graph->run_memory;
    size_t values = (size_t)subgraph->tensor_count;
    TMO_TRY(tmoi_arena_new(memory, &p->first, values, ctx));
    TMO_TRY(tmoi_arena_new(memory, &p->last, values, ctx));
    TMO_TRY(tmoi_arena_new(memory, &p->block_of, values, ctx));
    TMO_TRY(tmoi_arena_new(memory, &p->blocks, values + (size_t)subgraph->op_count * TMOI_MAX_SCRATCH, ctx));
    for (size_t k = 0; k < values; k++) p->block_of[k] = -1;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_session_plan_memory(tmoi_session_graph *graph, tmoi_ctx *ctx)
{
    planner p = {.graph = graph};
    size_t bytes;
    TMO_TRY(start(&p, ctx));
    find_lifetimes(&p);
    if (!graph->session->config.keep_all_tensors) share_inputs(&p);
    lend_inputs(&p);
    add_values(&p);
    int32_t first_scratch = p.count;
    for (int32_t k = 0; k < graph->step_count; k++)
        if (is_static(&p, k)) add_scratch(&p, step_node(&p, k), k);
    TMO_TRY(tmoi_plan_place(p.blocks, p.count, &bytes, ctx));
    TMO_TRY(take_arena(graph, bytes, ctx));
    if (graph->activations) assign(&p, first_scratch);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
