/* BATCH_MATMUL: float; integer and hybrid are in batch_matmul_integer.c. */
#include <math.h>

#include "runtime/ops/attention.h"
#include "runtime/ops/batch_matmul_integer.h"
#include "runtime/ops/matrix_of.h"
#include "runtime/ops/panels.h"

typedef struct matmul_state {
    int32_t m, n, k;
    int64_t batches;
    tmoi_shape x_batch, y_batch, out_batch;
    tmoi_operand x, y; /* x as [M, K]; y as [N, K] */
    bool is_float;
    tmoi_dot_f32_function dot; /* float: one row; else products with y in panels: */
    tmoi_panels panels;
    tmoi_product_split split;
    const void *x_data, *y_data; /* of this run */
    tmoi_matmul_integer integer;
} matmul_state;

static void read_shapes(const tmoi_node *node, matmul_state *state)
{
    const tmoi_fb_batch_mat_mul_options *options = tmoi_op_options(node->op, batch_mat_mul_options);
    state->x_batch = node->inputs[0]->shape;
    state->y_batch = node->inputs[1]->shape;
    state->out_batch = node->outputs[0]->shape;
    state->x_batch.rank -= 2;
    state->y_batch.rank -= 2;
    state->out_batch.rank -= 2;
    state->batches = tmoi_shape_count(&state->out_batch);
    state->m = state->out_batch.dims[state->out_batch.rank];
    state->n = state->out_batch.dims[state->out_batch.rank + 1];
    state->k = state->x_batch.dims[state->x_batch.rank + (options->adj_x ? 0 : 1)];
}

static tmo_status prepare_f32(tmoi_exec *exec, tmoi_node *node, matmul_state *state, tmoi_ctx *ctx)
{
    const tmoi_fb_batch_mat_mul_options *options = tmoi_op_options(node->op, batch_mat_mul_options);
    const tmoi_value *y = node->inputs[1];
    state->is_float = true;
    TMO_TRY(tmoi_operand_prepare(exec, node, &state->x, node->inputs[0],
                                 options->adj_x ? tmoi_operand_transpose : NULL, sizeof(float), state->k,
                                 state->m, ctx));
    if (state->m == 1) {
        state->dot = TMOI_KERNEL_OF(exec->kernels, dot_f32);
        node->kernel = TMOI_KERNEL_NAME(exec->kernels, dot_f32);
        return tmoi_operand_prepare(exec, node, &state->y, y, options->adj_y ? NULL : tmoi_operand_transpose,
                                    sizeof(float), state->k, state->n, ctx);
    }
    TMO_TRY(tmoi_panels_prepare(exec, node, &state->panels, y, state->k, state->n, options->adj_y, ctx));
    state->split = tmoi_split_product(exec, &state->panels, state->m, false);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_node_state(exec, node, sizeof(matmul_state), ctx));
    matmul_state *state = node->state;
    read_shapes(node, state);
    if (node->inputs[1]->type == TMO_TYPE_FLOAT32) {
        TMO_TRY(prepare_f32(exec, node, state, ctx));
    } else {
        state->integer.shape = (tmoi_matmul_shape){.m = state->m,
                                                   .n = state->n,
                                                   .k = state->k,
                                                   .batches = state->batches,
                                                   .x_batch = state->x_batch,
                                                   .y_batch = state->y_batch,
                                                   .out_batch = state->out_batch};
        TMO_TRY(tmoi_matmul_integer_prepare(exec, node, &state->integer, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void run_dot(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const matmul_state *state = node->state;
    const ptrdiff_t n = state->n, k = state->k;
    (void)thread;
    for (int64_t batch = begin; batch < end; batch++) {
        int64_t x = tmoi_matrix_of(&state->x_batch, &state->out_batch, batch);
        int64_t y = tmoi_matrix_of(&state->y_batch, &state->out_batch, batch);
        state->dot(&(tmoi_dot_f32_block){.rows = 1,
                                         .columns = state->n,
                                         .terms = state->k,
                                         .a = (const float *)state->x_data + x * k,
                                         .w = (const float *)state->y_data + y * n * k,
                                         .w_stride = k,
                                         .low = -INFINITY,
                                         .high = INFINITY,
                                         .out = (float *)node->outputs[0]->data + batch * n});
        tmoi_node_post(node, batch * n, (batch + 1) * n);
    }
}

static void run_f32(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const matmul_state *state = node->state;
    const tmoi_product_split *split = &state->split;
    const ptrdiff_t n = state->n, k = state->k;
    (void)thread;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t batch = unit / split->pieces, row = unit % split->pieces * split->rows;
        int64_t x = tmoi_matrix_of(&state->x_batch, &state->out_batch, batch);
        int64_t y = tmoi_matrix_of(&state->y_batch, &state->out_batch, batch);
        int64_t first = batch * state->m + row,
                rows = state->m - row < split->rows ? state->m - row : split->rows;
        tmoi_gemm_f32_block block = {.rows = (int32_t)rows,
                                     .columns = state->n,
                                     .taps = 1,
                                     .terms = state->k,
                                     .b = (const float *)state->y_data + y * state->panels.step,
                                     .low = -INFINITY,
                                     .high = INFINITY,
                                     .out = (float *)node->outputs[0]->data + first * n,
                                     .out_stride = n};
        tmoi_gemm_f32_matrix(state->panels.gemm, &block,
                             (const float *)state->x_data + (x * state->m + row) * k, k);
        tmoi_node_post(node, first * n, (first + rows) * n);
    }
}

static void eval_f32(tmoi_exec *exec, tmoi_node *node, matmul_state *state)
{
    state->x_data = tmoi_operand_data(node, &state->x);
    state->y_data = state->dot ? tmoi_operand_data(node, &state->y) : tmoi_panels_data(node, &state->panels);
    if (state->dot)
        tmoi_parallel_for(exec->pool, state->batches, tmoi_grain((int64_t)state->n * state->k), run_dot,
                          node);
    else
        tmoi_parallel_for(exec->pool, state->batches * state->split.pieces, state->split.grain, run_f32,
                          node);
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    matmul_state *state = node->state;
    (void)ctx;
    if (state->is_float)
        eval_f32(exec, node, state);
    else
        tmoi_matmul_integer_run(exec, node, &state->integer);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_batch_matmul = {
    .prepare = prepare, .eval = eval, .flags = TMOI_OP_POSTS, .attention = &tmoi_op_attention};
