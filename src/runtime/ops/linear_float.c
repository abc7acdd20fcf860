#include "runtime/ops/linear_float.h"

#include "runtime/ops/conv_common.h"

tmo_status tmoi_linear_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_linear *linear,
                               const tmoi_value *weights, const tmoi_value *bias, int32_t activation,
                               tmoi_ctx *ctx)
{
    bool half = weights->type == TMO_TYPE_FLOAT16;
    TMO_TRY(tmoi_float_range(exec, activation, &linear->low, &linear->high, ctx));
    TMO_TRY(tmoi_operand_prepare_float(exec, node, &linear->bias, bias, ctx));
    if (linear->m == 1) {
        linear->dot = half ? TMOI_KERNEL_OF(exec->kernels, dot_f16) : TMOI_KERNEL_OF(exec->kernels, dot_f32);
        linear->elem_bytes = half ? sizeof(uint16_t) : sizeof(float);
        node->kernel = half ? TMOI_KERNEL_NAME(exec->kernels, dot_f16)
                            : TMOI_KERNEL_NAME(exec->kernels, dot_f32);
        return tmoi_operand_prepare(exec, node, &linear->rows, weights, NULL, 0, 0, 0, ctx);
    }
    TMO_TRY(tmoi_panels_prepare(exec, node, &linear->panels, weights, linear->k, linear->n, true, ctx));
    linear->split = tmoi_split_product(exec, &linear->panels, linear->m, true);
    if (linear->panels.widen)
        TMO_TRY(tmoi_thread_scratch_prepare(
            exec, node, (size_t)tmoi_gemm_f32_widened_size(linear->panels.gemm, linear->k), sizeof(float),
            &linear->widened, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void run_dot(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_linear *l = argument;
    (void)thread;
    l->dot(&(tmoi_dot_f32_block){.rows = 1,
                                 .columns = (int32_t)(end - begin),
                                 .terms = l->k,
                                 .a = l->a,
                                 .w = (const char *)l->weights + (size_t)(begin * l->k) * l->elem_bytes,
                                 .w_stride = l->k,
                                 .bias = l->bias_data ? l->bias_data + begin : NULL,
                                 .low = l->low,
                                 .high = l->high,
                                 .out = l->out + begin});
}

static void run_piece(const tmoi_linear *l, int64_t piece, int32_t thread)
{
    const tmoi_product_split *split = &l->split;
    int64_t row = piece / split->across * split->rows, column = piece % split->across * split->columns;
    tmoi_gemm_f32_block block = {.rows = split->rows,
                                 .columns = split->columns,
                                 .taps = 1,
                                 .terms = l->k,
                                 .bias = l->bias_data ? l->bias_data + column : NULL,
                                 .low = l->low,
                                 .high = l->high,
                                 .out = l->out + row * l->n + column,
                                 .out_stride = l->n};
    if (l->panels.widen)
        block.halves = (tmoi_gemm_f32_halves){(const uint16_t *)l->weights + column * l->k, l->panels.widen,
                                              tmoi_thread_scratch_of(l->node, &l->widened, thread)};
    else
        block.b = (const float *)l->weights + column * l->k;
    if (row + block.rows > l->m) block.rows = (int32_t)(l->m - row);
    if (column + block.columns > l->n) block.columns = (int32_t)(l->n - column);
    tmoi_gemm_f32_matrix(l->panels.gemm, &block, l->a + row * l->k, l->k);
    if (split->across == 1) tmoi_node_post(l->node, row * l->n, (row + block.rows) * l->n);
}

static void run_pieces(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    for (int64_t piece = begin; piece < end; piece++) run_piece(argument, piece, thread);
}

void tmoi_linear_begin(const tmoi_node *node, tmoi_linear *linear, const float *a)
{
    linear->a = a;
    linear->out = node->outputs[0]->data;
    linear->node = node;
    linear->bias_data = tmoi_operand_data(node, &linear->bias);
    linear->weights = linear->dot ? tmoi_operand_data(node, &linear->rows)
                                  : tmoi_panels_data(node, &linear->panels);
}

void tmoi_linear_run(tmoi_thread_pool *pool, tmoi_linear *linear)
{
    if (linear->dot)
        tmoi_parallel_for(pool, linear->n, tmoi_grain(linear->k), run_dot, linear);
    else
        tmoi_parallel_for(pool, linear->split.pieces, linear->split.grain, run_pieces, linear);
    if (linear->dot || linear->split.across > 1) tmoi_node_post(linear->node, 0, linear->m * linear->n);
}
