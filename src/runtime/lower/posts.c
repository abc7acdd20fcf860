/* Element-wise operators run on the pieces of the result before them while these are in the cache.
 *
 * The operand that a post shares with its host comes first; the others must be there when the host runs. If they are made later, the
 * host waits until just before where the post stood: nobody else reads its result. */
#include "runtime/lower/lower.h"

/* When a value is there: after this node, at the latest. */
static int32_t ready_at(const tmoi_lowering *l, const tmoi_value *value)
{
    int32_t node = value ? l->producer[tmoi_lower_number(l, value)] : -1;
    return node < 0 ? -1 : l->run_at[l->host[node]];
}

/* The host that makes a value as its present result, or -1. */
static int32_t host_of(const tmoi_lowering *l, const tmoi_value *value)
{
    int32_t node = l->producer[tmoi_lower_number(l, value)];
    if (node < 0) return -1;
    int32_t host = l->host[node];
    const tmoi_node *at = &l->graph->nodes[host];
    if (l->last_post[host] != node || !tmoi_lower_is_open(l, host)) return -1;
    return at->def && (at->def->flags & TMOI_OP_POSTS) && at->output_count == 1 ? host : -1;
}

/* Whole rows of the host's result are whole rows of the post's. */
static bool same_elements(const tmoi_value *in, const tmoi_value *out)
{
    const tmoi_shape *a = &in->shape, *b = &out->shape;
    int32_t in_row = a->rank > 0 ? a->dims[a->rank - 1] : 1, out_row = b->rank > 0 ? b->dims[b->rank - 1] : 1;
    return out_row > 0 && in_row % out_row == 0 && tmoi_shape_count(a) == tmoi_shape_count(b);
}

/* The host that can run node `k` on its result as operand `operand`, or -1; *waits when it runs later for that. */
static int32_t find_host(const tmoi_lowering *l, int32_t k, int32_t operand, bool *waits)
{
    const tmoi_node *node = &l->graph->nodes[k];
    const tmoi_value *shared = node->inputs[operand];
    if (!shared || tmoi_lower_only_reader(l, shared) != k || !same_elements(shared, node->outputs[0]))
        return -1;
    int32_t host = host_of(l, shared);
    if (host < 0) return -1;
    *waits = false;
    for (int32_t i = 0; i < node->input_count; i++) {
        if (i == operand || !node->inputs[i]) continue;
        if (node->inputs[i]->tensor->is_variable || node->inputs[i]->is_dynamic) return -1;
        if (ready_at(l, node->inputs[i]) >= l->run_at[host]) *waits = true;
    }
    return !*waits || tmoi_lower_can_wait(l, host) ? host : -1;
}

static int32_t choose_host(const tmoi_lowering *l, int32_t k, int32_t *operand, bool *waits)
{
    bool second_waits;
    int32_t first = find_host(l, k, 0, waits), second = -1;
    *operand = 0;
    if (tmoi_lower_commutes(&l->graph->nodes[k])) second = find_host(l, k, 1, &second_waits);
    if (second < 0 || (first >= 0 && (!*waits || second_waits))) return first;
    *operand = 1;
    *waits = second_waits;
    return second;
}

static void attach(tmoi_lowering *l, int32_t k, int32_t host, bool waits)
{
    tmoi_session_graph *graph = l->graph;
    l->next_post[l->last_post[host]] = k;
    l->last_post[host] = k;
    l->host[k] = host;
    graph->node_mode[k] = TMOI_NODE_FUSED;
    if (!waits) return;
    if (l->run_at[host] != host) l->delayed[l->run_at[host]] = -1;
    l->run_at[host] = k;
    l->delayed[k] = host;
}

static tmo_status try_attach(tmoi_lowering *l, int32_t k, tmoi_ctx *ctx)
{
    tmoi_session_graph *graph = l->graph;
    tmoi_node *node = &graph->nodes[k];
    int32_t operand;
    bool waits;
    if (!tmoi_lower_is_open(l, k) || !node->def || !node->def->range || node->output_count != 1 ||
        node->input_count < 1)
        return TMO_STATUS_OK;
    int32_t host = choose_host(l, k, &operand, &waits);
    if (host < 0) return TMO_STATUS_OK;
    tmoi_value *shared = node->inputs[operand];
    node->inputs[operand] = node->inputs[0];
    node->inputs[0] = shared;
    TMO_TRY(tmoi_session_prepare_at(graph, k, ctx));
    if (node->by_range) attach(l, k, host, waits);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status list_posts(const tmoi_lowering *l, int32_t host, tmoi_ctx *ctx)
{
    tmoi_node *node = &l->graph->nodes[host], **posts;
    int32_t count = 0;
    for (int32_t k = l->next_post[host]; k >= 0; k = l->next_post[k]) count++;
    TMO_TRY(tmoi_arena_new(&l->graph->prepared_memory, &posts, (size_t)count, ctx));
    node->posts = posts;
    for (int32_t k = l->next_post[host]; k >= 0; k = l->next_post[k])
        posts[node->post_count++] = &l->graph->nodes[k];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_lower_posts(tmoi_lowering *l, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < l->graph->subgraph->op_count; k++) TMO_TRY(try_attach(l, k, ctx));
    for (int32_t k = 0; k < l->graph->subgraph->op_count; k++)
        if (l->next_post[k] >= 0 && l->host[k] == k) TMO_TRY(list_posts(l, k, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
