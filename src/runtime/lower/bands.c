/* Chains of convolutions and pools whose values between are large run in bands of rows (bands.h). */
#include "runtime/lower/bands.h"
#include "runtime/lower/lower.h"

enum {
    /* Of a value between: a smaller one stays in the cache anyway. Where the next stage reads rows around its own, which
     * stay in the window from band to band at the cost of a copy, only what the last cache does not hold is worth it. */
    LEAST_BYTES = 160 * 1024,
    LEAST_BYTES_AROUND = 3 * 1024 * 1024,
    MOST_CACHED_BYTES = 384 * 1024, /* of the windows and weights, which pass for each band */
    LOOK_AHEAD = 64                 /* nodes in which to look for the next stage */
};

/* ---- finding ---- */

typedef struct chain {
    int32_t nodes[TMOI_MAX_STAGES]; /* numbers of nodes */
    const tmoi_node *stages[TMOI_MAX_STAGES];
    int32_t count;
} chain;

/* The results of a stage's node and its posts are all of one size, so that the posts work in place. */
static bool posts_fit(const tmoi_node *node)
{
    if (node->post_count > TMOI_MAX_STAGE_POSTS) return false;
    for (int32_t k = 0; k < node->post_count; k++) {
        const tmoi_node *post = node->posts[k];
        if (post->input_count > TMOI_MAX_STAGE_INPUTS || post->outputs[0]->bytes != node->outputs[0]->bytes ||
            !tmoi_shape_equal(&post->outputs[0]->shape, &node->outputs[0]->shape))
            return false;
    }
    return true;
}

static bool can_be_stage(const tmoi_lowering *l, int32_t k)
{
    const tmoi_node *node = &l->graph->nodes[k];
    return tmoi_lower_is_open(l, k) && node->def && node->def->rows &&
           node->input_count <= TMOI_MAX_STAGE_INPUTS && node->outputs[0]->shape.rank == 4 &&
           tmoi_shape_count(&node->outputs[0]->shape) > 0 && posts_fit(node) && tmoi_lower_can_wait(l, k);
}

/* What it reads besides input 0 is there before the first row. */
static bool can_follow(const tmoi_lowering *l, int32_t k)
{
    const tmoi_node *node = &l->graph->nodes[k];
    for (int32_t i = 1; i < node->input_count; i++)
        if (node->inputs[i] && !node->inputs[i]->is_constant) return false;
    return can_be_stage(l, k);
}

static bool is_worth_it(const tmoi_lowering *l, int32_t next, const tmoi_value *value)
{
    const tmoi_node *node = &l->graph->nodes[next];
    tmoi_row_span span;
    return node->def->span(&l->graph->exec, node, &span) &&
           value->bytes >= (span.reach > 1 ? LEAST_BYTES_AROUND : LEAST_BYTES);
}

/* The stage that reads the value, or -1. */
static int32_t find_next(const tmoi_lowering *l, int32_t after, const tmoi_value *value)
{
    int32_t last = l->graph->subgraph->op_count - 1;
    if (last > after + LOOK_AHEAD) last = after + LOOK_AHEAD;
    for (int32_t k = after + 1; k <= last; k++)
        if (l->graph->nodes[k].input_count > 0 && l->graph->nodes[k].inputs[0] == value && can_follow(l, k))
            return is_worth_it(l, k, value) ? k : -1;
    return -1;
}

static void find_chain(const tmoi_lowering *l, int32_t first, chain *c)
{
    c->count = 0;
    if (!can_be_stage(l, first)) return;
    for (int32_t k = first; k >= 0 && c->count < TMOI_MAX_STAGES;) {
        const tmoi_node *node = &l->graph->nodes[k];
        c->nodes[c->count] = k;
        c->stages[c->count++] = node;
        k = find_next(l, k, tmoi_stage_result(node));
    }
}

/* Nobody else reads the results between of the first `count` stages; posts read them row by row. */
static bool is_closed(const tmoi_lowering *l, const chain *c, int32_t count)
{
    for (int32_t k = 0; k + 1 < count; k++) {
        const tmoi_value *value = tmoi_stage_result(c->stages[k]);
        int32_t inside = 1;
        for (int32_t j = k + 1; j < count; j++)
            for (int32_t p = 0; p < c->stages[j]->post_count; p++) {
                const tmoi_node *post = c->stages[j]->posts[p];
                for (int32_t i = 1; i < post->input_count; i++) {
                    if (post->inputs[i] != value) continue;
                    if (!tmoi_shape_equal(&value->shape, &post->outputs[0]->shape)) return false;
                    inside++;
                }
            }
        if (l->reads[tmoi_lower_number(l, value)] != inside) return false;
    }
    return true;
}

static size_t weight_bytes(const chain *c, int32_t count)
{
    size_t bytes = 0;
    for (int32_t k = 0; k < count; k++)
        for (int32_t i = 1; i < c->stages[k]->input_count; i++)
            if (c->stages[k]->inputs[i]) bytes += c->stages[k]->inputs[i]->bytes;
    return bytes;
}

/* What passes for each band stays in the second cache. */
static bool fits(const tmoi_lowering *l, const chain *c, int32_t count)
{
    tmoi_stage stages[TMOI_MAX_STAGES];
    int64_t window_rows[TMOI_MAX_STAGES];
    int64_t rows = tmoi_stages_useful_rows(c->stages[count - 1]->outputs[0]->shape.dims[2]);
    return tmoi_stages_find(&l->graph->exec, c->stages, count, stages) &&
           tmoi_stages_windows(stages, count, rows, window_rows) + weight_bytes(c, count) <=
               MOST_CACHED_BYTES;
}

/* The first stages that run together: those whose result is the smallest, and most of them; 0 when none can. */
static int32_t choose_count(const tmoi_lowering *l, const chain *c)
{
    int32_t best = 0;
    size_t least = SIZE_MAX;
    for (int32_t count = c->count; count > 1; count--) {
        size_t bytes = tmoi_stage_result(c->stages[count - 1])->bytes;
        if (bytes >= least || !is_closed(l, c, count) || !fits(l, c, count)) continue;
        best = count;
        least = bytes;
    }
    return best;
}

/* ---- joining ---- */

static bool is_between(const chain *c, const tmoi_value *value)
{
    for (int32_t k = 0; k + 1 < c->count; k++)
        if (value == tmoi_stage_result(c->stages[k])) return true;
    return false;
}

static void add_inputs(const chain *c, const tmoi_node *from, int32_t first, tmoi_node *node)
{
    for (int32_t i = first; i < from->input_count; i++)
        if (!is_between(c, from->inputs[i])) node->inputs[node->input_count++] = from->inputs[i];
}

/* What the stages and their posts read from outside. */
static tmo_status list_inputs(tmoi_lowering *l, const chain *c, tmoi_node *node, tmoi_ctx *ctx)
{
    int32_t most = c->count * (TMOI_MAX_STAGE_POSTS + 1) * TMOI_MAX_STAGE_INPUTS;
    TMO_TRY(tmoi_arena_new(&l->graph->prepared_memory, &node->inputs, (size_t)most, ctx));
    for (int32_t k = 0; k < c->count; k++) {
        add_inputs(c, c->stages[k], 0, node);
        for (int32_t p = 0; p < c->stages[k]->post_count; p++) add_inputs(c, c->stages[k]->posts[p], 1, node);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The last stage's place is taken by the node that runs all. */
static tmo_status join(tmoi_lowering *l, chain *c, tmoi_ctx *ctx)
{
    tmoi_session_graph *graph = l->graph;
    int32_t last = c->nodes[c->count - 1];
    tmoi_node *node = &graph->nodes[last], *copy, **parts;
    TMO_TRY(tmoi_arena_new(&graph->prepared_memory, &copy, 1, ctx));
    TMO_TRY(tmoi_arena_new(&graph->prepared_memory, &parts, (size_t)c->count, ctx));
    *copy = *node;
    c->stages[c->count - 1] = copy;
    for (int32_t k = 0; k + 1 < c->count; k++) {
        int32_t stage = c->nodes[k];
        parts[k] = &graph->nodes[stage];
        if (l->run_at[stage] != stage) l->delayed[l->run_at[stage]] = -1;
        graph->node_mode[stage] = TMOI_NODE_FUSED;
        l->host[stage] = last;
    }
    parts[c->count - 1] = copy;
    *node = (tmoi_node){.op = copy->op,
                        .def = &tmoi_bands_def,
                        .outputs = copy->outputs,
                        .output_count = copy->output_count,
                        .posts = copy->posts,
                        .post_count = copy->post_count,
                        .parts = parts,
                        .part_count = c->count};
    TMO_TRY(list_inputs(l, c, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_lower_bands(tmoi_lowering *l, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < l->graph->subgraph->op_count; k++) {
        chain c;
        find_chain(l, k, &c);
        c.count = choose_count(l, &c);
        if (c.count > 0) TMO_TRY(join(l, &c, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
