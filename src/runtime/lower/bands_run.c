#include <string.h>

#include "runtime/lower/bands.h"
#include "runtime/ops/operand.h"
#include "runtime/session_private.h"

enum {
    WINDOW_BYTES = 192 * 1024 /* of all windows, unless useful bands need more */
};

/* ---- the way of rows ---- */

static bool reads(const tmoi_node *post, const tmoi_value *value)
{
    for (int32_t i = 1; i < post->input_count; i++)
        if (post->inputs[i] == value) return true;
    return false;
}

bool tmoi_stages_find(const tmoi_exec *exec, const tmoi_node *const *nodes, int32_t count, tmoi_stage *stages)
{
    for (int32_t k = 0; k < count; k++) {
        const tmoi_value *result = tmoi_stage_result(nodes[k]);
        stages[k] = (tmoi_stage){.node = nodes[k], .height = result->shape.dims[1]};
        stages[k].row_bytes = result->bytes / (size_t)tmoi_shape_product(&result->shape, 0, 2);
        if (k > 0 && !nodes[k]->def->span(exec, nodes[k], &stages[k].span)) return false;
        for (int32_t j = k + 1; j < count; j++)
            for (int32_t p = 0; p < nodes[j]->post_count; p++)
                if (reads(nodes[j]->posts[p], result)) stages[k].post_readers |= UINT32_C(1) << j;
    }
    return true;
}

/* The first row of result `k` that its readers need, when stage j begins with row from[j]. */
static int64_t first_needed(const tmoi_stage *stages, int32_t count, int32_t k, const int64_t *from)
{
    const tmoi_row_span *span = &stages[k + 1].span;
    int64_t first = from[k + 1] * span->stride - span->pad;
    for (int32_t j = k + 1; j < count; j++)
        if (stages[k].post_readers >> j & 1 && from[j] < first) first = from[j];
    return first;
}

/* The row after the last one that they need, when stage j ends before row to[j]. */
static int64_t end_needed(const tmoi_stage *stages, int32_t count, int32_t k, const int64_t *to)
{
    const tmoi_row_span *span = &stages[k + 1].span;
    int64_t end = (to[k + 1] - 1) * span->stride - span->pad + span->reach;
    for (int32_t j = k + 1; j < count; j++)
        if (stages[k].post_readers >> j & 1 && to[j] > end) end = to[j];
    return end;
}

/* A band at the beginning of a piece, far from the image's borders, needs the most rows at once. */
size_t tmoi_stages_windows(const tmoi_stage *stages, int32_t count, int64_t rows, int64_t *window_rows)
{
    int64_t from[TMOI_MAX_STAGES], to[TMOI_MAX_STAGES];
    size_t bytes = 0;
    from[count - 1] = 0;
    to[count - 1] = rows;
    for (int32_t k = count - 2; k >= 0; k--) {
        from[k] = first_needed(stages, count, k, from);
        to[k] = end_needed(stages, count, k, to);
        window_rows[k] = to[k] - from[k] < stages[k].height ? to[k] - from[k] : stages[k].height;
        bytes += (size_t)window_rows[k] * stages[k].row_bytes;
    }
    return bytes;
}

/* ---- preparing ---- */

typedef struct bands_state {
    tmoi_stage stages[TMOI_MAX_STAGES];
    int32_t count;
    int64_t rows; /* of the result, in all images */
    int64_t band_rows, piece_rows;
    int64_t window_rows[TMOI_MAX_STAGES];
    size_t
        windows[TMOI_MAX_STAGES]; /* where each begins in the thread's scratch memory, behind a bands_run */
    tmoi_thread_scratch scratch;
} bands_state;

/* Copies of the nodes, which read and write windows in place of the values between. */
typedef struct stage_copy {
    tmoi_node node, posts[TMOI_MAX_STAGE_POSTS];
    tmoi_node *post_list[TMOI_MAX_STAGE_POSTS];
    tmoi_value results[TMOI_MAX_STAGE_POSTS + 1], *outputs[TMOI_MAX_STAGE_POSTS + 1];
    tmoi_value *inputs[TMOI_MAX_STAGE_POSTS + 1][TMOI_MAX_STAGE_INPUTS];
} stage_copy;

/* A thread's work on a piece of one image. Rows are numbered in the image. */
typedef struct bands_run {
    const bands_state *state;
    int64_t image;
    int64_t base[TMOI_MAX_STAGES]; /* the row that the window begins with */
    int64_t done[TMOI_MAX_STAGES]; /* rows before it are computed */
    stage_copy copies[TMOI_MAX_STAGES];
} bands_run;

static void choose_band_rows(bands_state *state, int32_t width)
{
    int64_t most = state->stages[state->count - 1].height, useful = tmoi_stages_useful_rows(width);
    state->band_rows = 1;
    while (state->band_rows < most && (state->band_rows < useful ||
                                       tmoi_stages_windows(state->stages, state->count, state->band_rows + 1,
                                                           state->window_rows) <= WINDOW_BYTES))
        state->band_rows++;
}

/* What a piece computes twice, as its neighbour does so too, is little of it. */
static void choose_piece_rows(bands_state *state, int32_t threads)
{
    int64_t twice = 0, fair = (state->rows + 2 * threads - 1) / (2 * threads);
    (void)tmoi_stages_windows(state->stages, state->count, 1, state->window_rows);
    for (int32_t k = 0; k + 1 < state->count; k++)
        if (state->window_rows[k] > twice) twice = state->window_rows[k];
    state->piece_rows = threads == 1 ? state->rows : fair > 4 * twice ? fair : 4 * twice;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_node_state(exec, node, sizeof(bands_state), ctx));
    bands_state *state = node->state;
    state->count = node->part_count;
    for (int32_t k = 0; k < state->count; k++)
        TMO_TRY(tmoi_session_prepare_node(exec->graph, node->parts[k], ctx));
    node->kernel = node->parts[0]->kernel;
    (void)tmoi_stages_find(exec, (const tmoi_node *const *)node->parts, state->count, state->stages);
    const tmoi_shape *shape = &node->parts[state->count - 1]->outputs[0]->shape;
    state->rows = tmoi_shape_product(shape, 0, 2);
    choose_piece_rows(state, tmoi_thread_pool_size(exec->pool));
    choose_band_rows(state, shape->dims[2]);
    (void)tmoi_stages_windows(state->stages, state->count, state->band_rows, state->window_rows);
    size_t bytes = tmoi_align_up(sizeof(bands_run), TMOI_ALIGNMENT);
    for (int32_t k = 0; k + 1 < state->count; k++) {
        state->windows[k] = bytes;
        bytes += tmoi_align_up((size_t)state->window_rows[k] * state->stages[k].row_bytes, TMOI_ALIGNMENT);
    }
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, 1, bytes, &state->scratch, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- running ---- */

/* The window's value in place of a result between. */
static tmoi_value *moved(bands_run *run, tmoi_value *value)
{
    for (int32_t k = 0; k + 1 < run->state->count; k++) {
        const tmoi_node *stage = run->state->stages[k].node;
        if (value == tmoi_stage_result(stage)) return run->copies[k].outputs[stage->post_count];
    }
    return value;
}

static void move_inputs(bands_run *run, tmoi_node *node, tmoi_value **inputs)
{
    for (int32_t i = 0; i < node->input_count; i++) inputs[i] = moved(run, node->inputs[i]);
    node->inputs = inputs;
}

static void copy_stage(bands_run *run, int32_t k)
{
    stage_copy *copy = &run->copies[k];
    bool is_last = k + 1 == run->state->count;
    copy->node = *run->state->stages[k].node;
    for (int32_t p = 0; p <= copy->node.post_count; p++) {
        const tmoi_node *from = p == 0 ? run->state->stages[k].node : copy->node.posts[p - 1];
        copy->results[p] = *from->outputs[0];
        copy->outputs[p] = is_last ? from->outputs[0] : &copy->results[p];
    }
    move_inputs(run, &copy->node, copy->inputs[0]);
    copy->node.outputs = &copy->outputs[0];
    for (int32_t p = 0; p < copy->node.post_count; p++) {
        tmoi_node *post = &copy->posts[p];
        *post = *copy->node.posts[p];
        move_inputs(run, post, copy->inputs[p + 1]);
        copy->inputs[p + 1][0] = copy->outputs[p];
        post->outputs = &copy->outputs[p + 1];
        copy->post_list[p] = post;
    }
    copy->node.posts = copy->post_list;
}

/* Rows have the same numbers in a window as in the whole, which would begin before it. */
static void place_window(bands_run *run, int32_t k)
{
    const tmoi_stage *stage = &run->state->stages[k];
    int64_t before = run->image * stage->height + run->base[k];
    uintptr_t whole = (uintptr_t)run + run->state->windows[k] - (uintptr_t)before * stage->row_bytes;
    stage_copy *copy = &run->copies[k];
    for (int32_t p = 0; p <= copy->node.post_count; p++) memcpy(&copy->results[p].data, &whole, sizeof whole);
}

/* Rows that nobody needs any more leave the window, until it holds those before `end`. */
static void slide_window(bands_run *run, int32_t k, int64_t first, int64_t end)
{
    const bands_state *state = run->state;
    size_t row_bytes = state->stages[k].row_bytes;
    char *window = (char *)run + state->windows[k];
    if (end - run->base[k] <= state->window_rows[k]) return;
    if (first < run->done[k])
        memmove(window, window + (size_t)(first - run->base[k]) * row_bytes,
                (size_t)(run->done[k] - first) * row_bytes);
    run->base[k] = first;
    place_window(run, k);
}

static int64_t clamp(int64_t row, int64_t low, int64_t high)
{
    return row < low ? low : row > high ? high : row;
}

static void start_piece(bands_run *run, int64_t row)
{
    const bands_state *state = run->state;
    run->done[state->count - 1] = row;
    for (int32_t k = state->count - 2; k >= 0; k--) {
        int64_t first = first_needed(state->stages, state->count, k, run->done);
        run->base[k] = run->done[k] = clamp(first, 0, state->stages[k].height);
        place_window(run, k);
    }
}

/* The rows of the result before `end`, and before them what they need. */
static void run_band(bands_run *run, int64_t end, int32_t thread)
{
    const bands_state *state = run->state;
    int32_t count = state->count;
    int64_t to[TMOI_MAX_STAGES];
    to[count - 1] = end;
    for (int32_t k = count - 2; k >= 0; k--)
        to[k] = clamp(end_needed(state->stages, count, k, to), run->done[k], state->stages[k].height);
    for (int32_t k = 0; k < count; k++) {
        int64_t image_row = run->image * state->stages[k].height;
        if (to[k] == run->done[k]) continue;
        if (k + 1 < count) {
            int64_t first = first_needed(state->stages, count, k, run->done);
            slide_window(run, k, clamp(first, run->base[k], run->done[k]), to[k]);
        }
        run->copies[k].node.def->rows(&run->copies[k].node, image_row + run->done[k], image_row + to[k],
                                      thread);
        run->done[k] = to[k];
    }
}

static void run_piece(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const bands_state *state = node->state;
    bands_run *run = tmoi_thread_scratch_of(node, &state->scratch, thread);
    int64_t height = state->stages[state->count - 1].height;
    run->state = state;
    for (int32_t k = 0; k < state->count; k++) copy_stage(run, k);
    while (begin < end) {
        run->image = begin / height;
        int64_t row = begin % height, last = end - run->image * height;
        last = last < height ? last : height;
        begin += last - row;
        start_piece(run, row);
        for (; row < last; row = run->done[state->count - 1])
            run_band(run, clamp(row + state->band_rows, 0, last), thread);
    }
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const bands_state *state = node->state;
    (void)ctx;
    for (int32_t k = 0; k < state->count; k++)
        if (node->parts[k]->def->begin) node->parts[k]->def->begin(exec, node->parts[k]);
    tmoi_parallel_for(exec->pool, state->rows, state->piece_rows, run_piece, node);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_bands_def = {.prepare = prepare, .eval = eval};
