/* A convolution and the 1x1 convolution after it run together in bands of rows: a band of the first one's result stays in the cache,
 * in a block of the thread's own, and the values between the two never lie in memory as a whole. */
#include <string.h>

#include "runtime/lower/lower.h"
#include "runtime/ops/operand.h"

enum {
    BAND_BYTES = 48 * 1024,       /* of the values between, most of the time; and */
    BAND_PIXELS = 64,             /* at least so many pixels, to make use of the second one's weights */
    LEAST_BYTES = 160 * 1024,     /* of all values between: fewer stay in the cache anyway */
    MOST_WEIGHT_BYTES = 96 * 1024 /* of the second one, which reads them for each band */
};
enum { MAX_POSTS = 4, MAX_INPUTS = 4 };

/* Of the node that runs both, which are its parts. */
typedef struct bands_state {
    tmoi_node *first, *second;
    int64_t rows, band_rows;
    size_t row_bytes; /* of the values between */
    tmoi_thread_scratch band;
} bands_state;

/* ---- preparing ---- */

/* So many rows that a band fits, that the second one's weights serve enough pixels, and that each thread has some. */
static int64_t choose_band_rows(const bands_state *state, int32_t width, int32_t threads)
{
    int64_t fits = (int64_t)(BAND_BYTES / state->row_bytes), useful = (BAND_PIXELS + width - 1) / width;
    int64_t fair = state->rows / (4 * (int64_t)threads);
    int64_t rows = fits < fair ? fits : fair;
    rows = rows > useful ? rows : useful;
    return rows < state->rows ? rows : state->rows;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_node_state(exec, node, sizeof(bands_state), ctx));
    bands_state *state = node->state;
    state->first = node->parts[0];
    state->second = node->parts[1];
    TMO_TRY(tmoi_session_prepare_node(exec->graph, state->first, ctx));
    TMO_TRY(tmoi_session_prepare_node(exec->graph, state->second, ctx));
    node->kernel = state->first->kernel;
    const tmoi_value *between = state->first->outputs[0];
    state->rows = tmoi_shape_product(&between->shape, 0, 2);
    state->row_bytes = between->bytes / (size_t)state->rows;
    state->band_rows = choose_band_rows(state, between->shape.dims[2], tmoi_thread_pool_size(exec->pool));
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, (size_t)state->band_rows, state->row_bytes, &state->band,
                                        ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- running ---- */

/* Copies of the nodes whose values between lie in a band of one thread's own. */
typedef struct band_nodes {
    tmoi_node first, second, posts[MAX_POSTS];
    tmoi_node *post_list[MAX_POSTS];
    tmoi_value between[MAX_POSTS + 1], *outputs[MAX_POSTS + 1];
    tmoi_value *inputs[MAX_POSTS][MAX_INPUTS], *second_inputs[MAX_INPUTS];
} band_nodes;

static void copy_nodes(const bands_state *state, band_nodes *b)
{
    b->first = *state->first;
    b->second = *state->second;
    for (int32_t k = 0; k <= b->first.post_count; k++) {
        const tmoi_node *node = k == 0 ? state->first : state->first->posts[k - 1];
        b->between[k] = *node->outputs[0];
        b->outputs[k] = &b->between[k];
    }
    b->first.outputs = &b->outputs[0];
    for (int32_t k = 0; k < b->first.post_count; k++) {
        tmoi_node *post = &b->posts[k];
        *post = *state->first->posts[k];
        memcpy(b->inputs[k], post->inputs, (size_t)post->input_count * sizeof *post->inputs);
        b->inputs[k][0] = &b->between[k];
        post->inputs = b->inputs[k];
        post->outputs = &b->outputs[k + 1];
        b->post_list[k] = post;
    }
    b->first.posts = b->post_list;
    memcpy(b->second_inputs, b->second.inputs, (size_t)b->second.input_count * sizeof *b->second.inputs);
    b->second_inputs[0] = &b->between[b->first.post_count];
    b->second.inputs = b->second_inputs;
}

/* Rows have the same numbers in a band as in the whole: the whole begins before the band, by all rows before it. */
static void place_band(const bands_state *state, band_nodes *b, void *band, int64_t row)
{
    uintptr_t whole = (uintptr_t)band - (uintptr_t)row * state->row_bytes;
    for (int32_t k = 0; k <= b->first.post_count; k++) memcpy(&b->between[k].data, &whole, sizeof whole);
}

static void run_bands(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const bands_state *state = node->state;
    void *band = tmoi_thread_scratch_of(node, &state->band, thread);
    band_nodes b;
    copy_nodes(state, &b);
    for (int64_t row = begin; row < end; row += state->band_rows) {
        int64_t next = end - row < state->band_rows ? end : row + state->band_rows;
        place_band(state, &b, band, row);
        b.first.def->rows(&b.first, row, next, thread);
        b.second.def->rows(&b.second, row, next, thread);
    }
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const bands_state *state = node->state;
    (void)ctx;
    state->first->def->begin(exec, state->first);
    state->second->def->begin(exec, state->second);
    tmoi_parallel_for(exec->pool, state->rows, state->band_rows, run_bands, node);
    return TMO_STATUS_OK;
}

static const tmoi_op_def bands_def = {.prepare = prepare, .eval = eval};

/* ---- finding ---- */

static bool is_pointwise(const tmoi_node *node)
{
    const tmoi_fb_conv2d_options *options = tmoi_op_options(node->op, conv2d_options);
    if (node->op->code != TMOI_OP_CONV_2D || node->pad.given || node->input_count > MAX_INPUTS) return false;
    const tmoi_shape *in = &node->inputs[0]->shape, *filter = &node->inputs[1]->shape;
    return filter->dims[1] == 1 && filter->dims[2] == 1 && options->stride_h == 1 && options->stride_w == 1 &&
           filter->dims[3] == in->dims[3] && node->inputs[1]->is_constant &&
           node->inputs[1]->bytes <= MOST_WEIGHT_BYTES;
}

/* A hybrid operator needs all of its input before its first row. */
static bool is_hybrid(const tmoi_node *node)
{
    return node->inputs[0]->type == TMO_TYPE_FLOAT32 && node->inputs[1]->type != TMO_TYPE_FLOAT32 &&
           node->inputs[1]->type != TMO_TYPE_FLOAT16;
}

static bool can_be_first(const tmoi_node *node)
{
    bool convolution = node->op->code == TMOI_OP_DEPTHWISE_CONV_2D || node->op->code == TMOI_OP_CONV_2D;
    return convolution && node->def && node->def->rows && node->outputs[0]->shape.rank == 4;
}

/* The values between are all of one size, so that the posts work in place. */
static bool posts_fit(const tmoi_lowering *l, int32_t first)
{
    const tmoi_node *nodes = l->graph->nodes;
    int32_t count = 0;
    for (int32_t k = l->next_post[first]; k >= 0; k = l->next_post[k]) {
        if (++count > MAX_POSTS || nodes[k].input_count > MAX_INPUTS) return false;
        if (nodes[k].outputs[0]->bytes != nodes[first].outputs[0]->bytes ||
            !tmoi_shape_equal(&nodes[k].outputs[0]->shape, &nodes[first].outputs[0]->shape))
            return false;
    }
    return true;
}

static int32_t find_first(const tmoi_lowering *l, int32_t second)
{
    const tmoi_node *node = &l->graph->nodes[second];
    if (!tmoi_lower_is_open(l, second) || !is_pointwise(node) || is_hybrid(node) || !node->def->rows)
        return -1;
    const tmoi_value *between = node->inputs[0];
    int32_t made = l->producer[tmoi_lower_number(l, between)];
    if (made < 0 || tmoi_lower_only_reader(l, between) != second || between->bytes < LEAST_BYTES) return -1;
    int32_t first = l->host[made];
    if (!tmoi_lower_is_open(l, first) || l->last_post[first] != made ||
        !can_be_first(&l->graph->nodes[first]) || !posts_fit(l, first))
        return -1;
    return tmoi_lower_can_wait(l, first) ? first : -1;
}

/* ---- joining ---- */

static tmo_status list_inputs(tmoi_lowering *l, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_node *first = node->parts[0], *second = node->parts[1];
    int32_t count = first->input_count + second->input_count - 1;
    for (int32_t k = 0; k < first->post_count; k++) count += first->posts[k]->input_count - 1;
    TMO_TRY(tmoi_arena_new(&l->graph->prepared_memory, &node->inputs, (size_t)count, ctx));
    for (int32_t k = 0; k < first->input_count; k++) node->inputs[node->input_count++] = first->inputs[k];
    for (int32_t k = 0; k < first->post_count; k++)
        for (int32_t i = 1; i < first->posts[k]->input_count; i++)
            node->inputs[node->input_count++] = first->posts[k]->inputs[i];
    for (int32_t k = 1; k < second->input_count; k++) node->inputs[node->input_count++] = second->inputs[k];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The second one's place is taken by the node that runs both. */
static tmo_status join(tmoi_lowering *l, int32_t first, int32_t second, tmoi_ctx *ctx)
{
    tmoi_session_graph *graph = l->graph;
    tmoi_node *node = &graph->nodes[second], *copy, **parts;
    TMO_TRY(tmoi_arena_new(&graph->prepared_memory, &copy, 1, ctx));
    TMO_TRY(tmoi_arena_new(&graph->prepared_memory, &parts, 2, ctx));
    *copy = *node;
    parts[0] = &graph->nodes[first];
    parts[1] = copy;
    *node = (tmoi_node){.op = copy->op,
                        .def = &bands_def,
                        .outputs = copy->outputs,
                        .output_count = copy->output_count,
                        .posts = copy->posts,
                        .post_count = copy->post_count,
                        .parts = parts,
                        .part_count = 2};
    TMO_TRY(list_inputs(l, node, ctx));
    if (l->run_at[first] != first) l->delayed[l->run_at[first]] = -1;
    graph->node_mode[first] = TMOI_NODE_FUSED;
    l->host[first] = second;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_lower_bands(tmoi_lowering *l, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < l->graph->subgraph->op_count; k++) {
        int32_t first = find_first(l, k);
        if (first >= 0) TMO_TRY(join(l, first, k, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
