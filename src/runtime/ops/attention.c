/* The scores of a few rows at a time, which stay in the cache; K and V of one matrix in panels, for each thread. */
#include "runtime/ops/attention.h"

#include <math.h>
#include <string.h>

#include "kernels/elementwise/elementwise.h"
#include "kernels/gemm_f32/gemm_f32.h"
#include "kernels/softmax/softmax.h"
#include "runtime/ops/matrix_of.h"
#include "runtime/ops/operand.h"

/* How a value's matrices lie in the batch. */
typedef struct matrices {
    const tmoi_value *value;
    tmoi_shape batch;
    int64_t size; /* of a matrix */
} matrices;

/* The right side of a product: [terms, columns], or transposed. */
typedef struct right_side {
    matrices in;
    int64_t terms, columns;
    bool transposed;
    int64_t packed_size;
} right_side;

typedef struct attention_state {
    int64_t m, batches;
    tmoi_shape batch;
    tmoi_operand queries; /* as [M, D] */
    matrices q, mask;
    right_side k, v;
    int64_t mask_step; /* from row to row */
    float scale, beta;
    int64_t block_rows;        /* scores at a time; the same for any number of threads, as is what they are */
    int64_t unit_rows, pieces; /* rows of a unit of work, and units of a matrix */
    const tmoi_gemm_f32_kernel *gemm;
    tmoi_softmax_f32_function softmax;
    tmoi_binary_function multiply, add;
    tmoi_binary_params unclamped;
    tmoi_thread_scratch scratch; /* K and V in panels, scores */
    const float *q_data;         /* of this run */
} attention_state;

/* ---- preparing ---- */

static matrices matrices_of(const tmoi_value *value)
{
    matrices m = {.value = value, .batch = value->shape};
    m.batch.rank -= 2;
    m.size = tmoi_shape_product(&value->shape, m.batch.rank, value->shape.rank);
    return m;
}

static right_side right_side_of(const tmoi_value *value, bool transposed, int32_t lanes)
{
    right_side side = {.in = matrices_of(value), .transposed = transposed};
    const int32_t *dims = value->shape.dims + side.in.batch.rank;
    side.terms = dims[transposed ? 1 : 0];
    side.columns = dims[transposed ? 0 : 1];
    side.packed_size = tmoi_gemm_f32_packed_size(lanes, side.terms, side.columns);
    return side;
}

/* A mask of fewer dimensions has leading ones. */
static void read_mask(attention_state *state, const tmoi_value *mask)
{
    int32_t rank = mask->shape.rank, rows = rank > 1 ? mask->shape.dims[rank - 2] : 1;
    state->mask_step = rows > 1 ? state->k.columns : 0;
    state->mask = (matrices){.value = mask, .batch = mask->shape, .size = rows * state->k.columns};
    state->mask.batch.rank = rank > 2 ? rank - 2 : 0;
}

static void read_parts(const tmoi_node *node, attention_state *state)
{
    state->scale = 1.0f;
    for (int32_t k = 1; k + 1 < node->part_count; k++) {
        const tmoi_node *part = node->parts[k];
        if (part->op->code == TMOI_OP_MUL || part->op->code == TMOI_OP_DIV)
            state->scale = tmoi_attention_scale(part);
        if (part->op->code == TMOI_OP_SOFTMAX) state->beta = tmoi_op_options(part->op, softmax_options)->beta;
    }
}

static void read_shapes(const tmoi_node *node, attention_state *state)
{
    const tmoi_fb_batch_mat_mul_options *first = tmoi_op_options(node->parts[0]->op, batch_mat_mul_options);
    const tmoi_node *last = node->parts[node->part_count - 1];
    int32_t lanes = state->gemm->lanes;
    state->q = matrices_of(node->inputs[TMOI_ATTENTION_Q]);
    state->k = right_side_of(node->inputs[TMOI_ATTENTION_K], first->adj_y, lanes);
    state->v = right_side_of(node->inputs[TMOI_ATTENTION_V],
                             tmoi_op_options(last->op, batch_mat_mul_options)->adj_y, lanes);
    if (node->inputs[TMOI_ATTENTION_MASK]) read_mask(state, node->inputs[TMOI_ATTENTION_MASK]);
    state->batch = node->outputs[0]->shape;
    state->batch.rank -= 2;
    state->batches = tmoi_shape_count(&state->batch);
    state->m = node->outputs[0]->shape.dims[state->batch.rank];
}

/* A unit packs K and V anew, so it takes all rows of a matrix unless there are too few matrices. */
static void split_work(const tmoi_exec *exec, attention_state *state)
{
    int64_t threads = tmoi_thread_pool_size(exec->pool), wanted = threads > 1 ? 4 * threads : 1;
    int64_t parts = (wanted + state->batches - 1) / state->batches;
    state->block_rows = tmoi_gemm_f32_rows(state->gemm, state->k.columns, false);
    int64_t blocks = (state->m + state->block_rows - 1) / state->block_rows;
    state->unit_rows = (blocks + parts - 1) / parts * state->block_rows;
    state->pieces = (state->m + state->unit_rows - 1) / state->unit_rows;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_node_state(exec, node, sizeof(attention_state), ctx));
    attention_state *state = node->state;
    state->gemm = TMOI_KERNEL_OF(exec->kernels, gemm_f32)();
    state->softmax = TMOI_KERNEL_OF(exec->kernels, softmax_f32);
    state->multiply = TMOI_KERNEL_OF(exec->kernels, binary_f32)(TMOI_BINARY_MUL);
    state->add = TMOI_KERNEL_OF(exec->kernels, binary_f32)(TMOI_BINARY_ADD);
    state->unclamped = (tmoi_binary_params){.low_f32 = -INFINITY, .high_f32 = INFINITY};
    node->kernel = state->gemm->name;
    read_shapes(node, state);
    read_parts(node, state);
    split_work(exec, state);
    bool transposed = tmoi_op_options(node->parts[0]->op, batch_mat_mul_options)->adj_x;
    TMO_TRY(tmoi_operand_prepare(exec, node, &state->queries, state->q.value,
                                 transposed ? tmoi_operand_transpose : NULL, sizeof(float), state->k.terms,
                                 state->m, ctx));
    int64_t count = state->k.packed_size + state->v.packed_size + state->block_rows * state->k.columns;
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, (size_t)count, sizeof(float), &state->scratch, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- running ---- */

static const float *matrix(const attention_state *state, const matrices *in, const float *data, int64_t batch)
{
    return data + tmoi_matrix_of(&in->batch, &state->batch, batch) * in->size;
}

static void pack(const attention_state *state, const right_side *side, int64_t batch, float *out)
{
    int32_t lanes = state->gemm->lanes;
    const tmoi_gemm_f32_weights weights = {.data = matrix(state, &side->in, side->in.value->data, batch),
                                           .k_stride = side->transposed ? 1 : (ptrdiff_t)side->columns,
                                           .n_stride = side->transposed ? (ptrdiff_t)side->terms : 1};
    int64_t last = side->columns / lanes * lanes * side->terms;
    memset(out + last, 0, (size_t)(side->packed_size - last) * sizeof *out);
    tmoi_gemm_f32_pack(&weights, lanes, side->terms, side->columns, 0, side->terms, out);
}

/* K times the scale, and V after it. */
static void pack_both(const attention_state *state, int64_t batch, float *panels)
{
    int64_t size = state->k.packed_size;
    pack(state, &state->k, batch, panels);
    pack(state, &state->v, batch, panels + size);
    if (state->scale != 1.0f) state->multiply(&state->unclamped, panels, 1, &state->scale, 0, panels, size);
}

static void multiply(const attention_state *state, const right_side *side, const float *a, int64_t rows,
                     const float *packed, float *out)
{
    const tmoi_gemm_f32_block block = {.rows = (int32_t)rows,
                                       .columns = (int32_t)side->columns,
                                       .taps = 1,
                                       .terms = (int32_t)side->terms,
                                       .b = packed,
                                       .low = -INFINITY,
                                       .high = INFINITY,
                                       .out = out,
                                       .out_stride = (ptrdiff_t)side->columns};
    tmoi_gemm_f32_matrix(state->gemm, &block, a, (ptrdiff_t)side->terms);
}

static void add_mask(const attention_state *state, int64_t batch, int64_t row, int64_t rows, float *scores)
{
    int64_t n = state->k.columns;
    const float *mask = matrix(state, &state->mask, state->mask.value->data, batch) + row * state->mask_step;
    for (int64_t r = 0; r < rows; r++, scores += n, mask += state->mask_step)
        state->add(&state->unclamped, scores, 1, mask, 1, scores, n);
}

static void run_rows(const tmoi_node *node, int64_t batch, int64_t row, int64_t rows, float *panels)
{
    const attention_state *state = node->state;
    const float *values = panels + state->k.packed_size;
    float *scores = panels + state->k.packed_size + state->v.packed_size;
    int64_t first = (batch * state->m + row) * state->v.columns;
    const float *queries = matrix(state, &state->q, state->q_data, batch) + row * state->k.terms;
    multiply(state, &state->k, queries, rows, panels, scores);
    if (state->mask.value) add_mask(state, batch, row, rows, scores);
    state->softmax(scores, scores, rows, state->k.columns, state->beta);
    multiply(state, &state->v, scores, rows, values, (float *)node->outputs[0]->data + first);
    tmoi_node_post(node, first, first + rows * state->v.columns);
}

static void run_units(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const attention_state *state = node->state;
    float *panels = tmoi_thread_scratch_of(node, &state->scratch, thread);
    int64_t packed = -1;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t batch = unit / state->pieces, row = unit % state->pieces * state->unit_rows;
        int64_t stop = row + state->unit_rows < state->m ? row + state->unit_rows : state->m;
        if (batch != packed) {
            pack_both(state, batch, panels);
            packed = batch;
        }
        for (; row < stop; row += state->block_rows)
            run_rows(node, batch, row, stop - row < state->block_rows ? stop - row : state->block_rows,
                     panels);
    }
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    attention_state *state = node->state;
    int64_t operations = state->unit_rows * state->k.columns * (state->k.terms + state->v.columns);
    (void)ctx;
    state->q_data = tmoi_operand_data(node, &state->queries);
    tmoi_parallel_for(exec->pool, state->batches * state->pieces, tmoi_grain(operations), run_units, node);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_attention = {.prepare = prepare, .eval = eval, .flags = TMOI_OP_POSTS};
