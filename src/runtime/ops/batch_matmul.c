/* BATCH_MATMUL: float, integer and hybrid (float times int8). */
#include <string.h>

#include "kernels/gemm/product.h"
#include "kernels/quant_rows/quant_rows.h"
#include "runtime/activation.h"
#include "runtime/ops/multipliers.h"
#include "runtime/ops/operand.h"
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
    tmoi_product_s16 product;
    tmoi_thread_scratch sums;
    int32_t quantized, widened, row_scales, zero_points; /* hybrid: scratch blocks */
    bool as_litert;              /* hybrid: the reference's rows, see run_as_litert() */
    int32_t y_sums;              /* as_litert: scratch block, the sums of y's rows */
    const void *x_data, *y_data; /* of this run */
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
    state->split = tmoi_split_product(exec, state->panels.gemm, state->m, state->n, state->k, false);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* How to bring an integer operand into its form. With int32 output, LiteRT multiplies the numbers as they
 * are stored. */
static void (*widening(bool transposed, bool stored))(const tmoi_operand *, void *)
{
    if (stored) return transposed ? tmoi_operand_stored_transposed : tmoi_operand_stored;
    return transposed ? tmoi_operand_widen_transposed : tmoi_operand_widen;
}

/* What integer and hybrid share. */
static tmo_status prepare_s16(tmoi_exec *exec, tmoi_node *node, matmul_state *state, tmoi_ctx *ctx)
{
    const tmoi_fb_batch_mat_mul_options *options = tmoi_op_options(node->op, batch_mat_mul_options);
    tmoi_product_s16 *product = &state->product;
    product->m = state->m, product->n = state->n, product->k = state->k;
    product->gemm = TMOI_KERNEL_OF(exec->kernels, gemm_s16);
    product->gemm_wide = TMOI_KERNEL_OF(exec->kernels, gemm_s16s64);
    node->kernel = product->terms ? TMOI_KERNEL_NAME(exec->kernels, gemm_s16s64)
                                  : TMOI_KERNEL_NAME(exec->kernels, gemm_s16);
    TMO_TRY(tmoi_operand_prepare(exec, node, &state->y, node->inputs[1],
                                 widening(!options->adj_y, product->raw), sizeof(int16_t), state->k, state->n,
                                 ctx));
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, TMOI_PRODUCT_SUMS, sizeof(int64_t), &state->sums, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_integer(tmoi_exec *exec, tmoi_node *node, matmul_state *state, tmoi_ctx *ctx)
{
    const tmoi_fb_batch_mat_mul_options *options = tmoi_op_options(node->op, batch_mat_mul_options);
    tmoi_product_s16 *product = &state->product;
    const tmoi_value *x = node->inputs[0], *y = node->inputs[1], *output = node->outputs[0];
    product->raw = output->type == TMO_TYPE_INT32;
    product->requant.wide = x->type == TMO_TYPE_INT16;
    product->terms = !product->requant.wide ? 0 : y->type == TMO_TYPE_INT16 ? 1 : TMOI_BYTE_TERMS;
    TMO_TRY(tmoi_value_require_quant(x, "input 0", ctx));
    TMO_TRY(tmoi_value_require_quant(y, "input 1", ctx));
    TMO_FAIL_IF((x->type == TMO_TYPE_INT16 && tmoi_value_zero_point(x) != 0) ||
                    (y->type == TMO_TYPE_INT16 && tmoi_value_zero_point(y) != 0),
                UNSUPPORTED_OPERATOR, ctx, "int16 inputs must have zero point 0");
    TMO_TRY(prepare_s16(exec, node, state, ctx));
    TMO_TRY(tmoi_operand_prepare(exec, node, &state->x, x, widening(options->adj_x, product->raw),
                                 sizeof(int16_t), state->k, state->m, ctx));
    if (product->raw) return TMO_STATUS_OK;
    TMO_TRY(tmoi_value_require_quant(output, "output", ctx));
    TMO_TRY(tmoi_requant_prepare(exec, x, y, output, state->n, TMOI_SCALES_PER_TENSOR, false,
                                 &product->requant, ctx));
    TMO_TRY(tmoi_activation_range_quant(TMOI_ACTIVATION_NONE, output, &product->requant.low,
                                        &product->requant.high, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_hybrid(tmoi_exec *exec, tmoi_node *node, matmul_state *state, tmoi_ctx *ctx)
{
    const tmoi_fb_batch_mat_mul_options *options = tmoi_op_options(node->op, batch_mat_mul_options);
    tmoi_product_s16 *product = &state->product;
    size_t count = (size_t)tmoi_shape_count(&node->inputs[0]->shape);
    size_t rows = (size_t)(tmoi_shape_count(&state->x_batch) * state->m);
    TMO_TRY(tmoi_value_require_quant(node->inputs[1], "input 1", ctx));
    TMO_TRY(prepare_s16(exec, node, state, ctx));
    TMO_TRY(tmoi_operand_prepare(exec, node, &state->x, node->inputs[0],
                                 options->adj_x ? tmoi_operand_transpose : NULL, sizeof(float), state->k,
                                 state->m, ctx));
    TMO_TRY(tmoi_channel_scales(exec, node->inputs[1], state->n, &product->scales, ctx));
    TMO_TRY(tmoi_activation_range_f32(TMOI_ACTIVATION_NONE, &product->low, &product->high, ctx));
    TMO_TRY(tmoi_node_scratch(node, count, &state->quantized, ctx));
    TMO_TRY(tmoi_node_scratch(node, count * sizeof(int16_t), &state->widened, ctx));
    TMO_TRY(tmoi_node_scratch(node, rows * sizeof(float), &state->row_scales, ctx));
    TMO_TRY(tmoi_node_scratch(node, rows * sizeof(int32_t), &state->zero_points, ctx));
    product->hybrid = true;
    if (!exec->reference) return TMO_STATUS_OK;
    state->as_litert = product->raw = true;
    TMO_TRY(tmoi_node_scratch(node, (size_t)(tmoi_shape_count(&state->y_batch) * state->n) * sizeof(int32_t),
                              &state->y_sums, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_node_state(exec, node, sizeof(matmul_state), ctx));
    matmul_state *state = node->state;
    read_shapes(node, state);
    if (node->inputs[1]->type == TMO_TYPE_FLOAT32)
        TMO_TRY(prepare_f32(exec, node, state, ctx));
    else if (node->inputs[0]->type == TMO_TYPE_FLOAT32)
        TMO_TRY(prepare_hybrid(exec, node, state, ctx));
    else
        TMO_TRY(prepare_integer(exec, node, state, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The number of an input's matrix that goes into the output's matrix `batch`. */
static int64_t matrix_of(const tmoi_shape *in, const tmoi_shape *out, int64_t batch)
{
    int64_t index = 0, step = 1;
    for (int32_t k = 1; k <= in->rank; k++) {
        int32_t size = out->dims[out->rank - k];
        if (in->dims[in->rank - k] > 1) index += batch % size * step;
        step *= in->dims[in->rank - k];
        batch /= size;
    }
    return index;
}

static void run_dot(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const matmul_state *state = node->state;
    int64_t n = state->n, k = state->k;
    (void)thread;
    for (int64_t batch = begin; batch < end; batch++) {
        int64_t x = matrix_of(&state->x_batch, &state->out_batch, batch);
        int64_t y = matrix_of(&state->y_batch, &state->out_batch, batch);
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
    int64_t n = state->n, k = state->k;
    (void)thread;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t batch = unit / split->pieces, row = unit % split->pieces * split->rows;
        int64_t x = matrix_of(&state->x_batch, &state->out_batch, batch);
        int64_t y = matrix_of(&state->y_batch, &state->out_batch, batch);
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

static void run_s16(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const matmul_state *state = node->state;
    int64_t tiles = tmoi_product_tiles(state->m, state->n);
    size_t out_bytes = (size_t)state->m * (size_t)state->n * (tmo_type_bits(node->outputs[0]->type) / 8);
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t batch = unit / tiles, x = matrix_of(&state->x_batch, &state->out_batch, batch);
        tmoi_product_s16 product = state->product;
        product.a = (const int16_t *)state->x_data + x * state->m * state->k;
        product.b = (const int16_t *)state->y_data +
                    matrix_of(&state->y_batch, &state->out_batch, batch) * state->n * state->k;
        product.out = (char *)node->outputs[0]->data + (size_t)batch * out_bytes;
        if (product.hybrid)
            product.row_scales = (const float *)node->scratch[state->row_scales] + x * state->m;
        tmoi_product_s16_run(&product, unit % tiles, unit % tiles + 1,
                             tmoi_thread_scratch_of(node, &state->sums, thread));
    }
}

/* The number of the matrix whose row parameters LiteRT uses for the output's matrix `batch`: it adds up
 * the indices along the batch dimensions where the number of the input's matrix would be right. With one
 * batch dimension the two are the same. */
static int64_t litert_rows_of(const tmoi_shape *in, const tmoi_shape *out, int64_t batch)
{
    int64_t sum = 0;
    for (int32_t k = 1; k <= out->rank; k++) {
        if (k <= in->rank && in->dims[in->rank - k] > 1) sum += batch % out->dims[out->rank - k];
        batch /= out->dims[out->rank - k];
    }
    return sum;
}

static void sum_rows(const int16_t *in, int64_t rows, int64_t count, int32_t *out)
{
    for (int64_t r = 0; r < rows; r++) {
        int64_t sum = 0;
        for (int64_t k = 0; k < count; k++) sum += in[r * count + k];
        out[r] = (int32_t)sum;
    }
}

/* Hybrid, in reference arithmetic: scales the integer sums in `out` to floats as LiteRT does, which takes
 * scales, zero points and row sums from the wrong rows when there are several batch dimensions. Source:
 * TFLite reference_ops::BatchMatMul. */
static void finish_as_litert(const tmoi_node *node, const matmul_state *state)
{
    const int32_t *zero_points = node->scratch[state->zero_points];
    const float *scales = node->scratch[state->row_scales];
    int32_t *y_sums = node->scratch[state->y_sums];
    float *out = node->outputs[0]->data;
    sum_rows(state->y_data, tmoi_shape_count(&state->y_batch) * state->n, state->k, y_sums);
    for (int64_t row = 0; row < state->batches * state->m; row++) {
        int64_t x_row = litert_rows_of(&state->x_batch, &state->out_batch, row / state->m) * state->m +
                        row % state->m;
        int64_t y_row = litert_rows_of(&state->y_batch, &state->out_batch, row / state->m) * state->n;
        for (int32_t j = 0; j < state->n; j++) {
            int32_t sum;
            memcpy(&sum, &out[row * state->n + j], sizeof sum);
            int64_t shifted = sum - (int64_t)y_sums[y_row + j] * zero_points[x_row];
            out[row * state->n + j] = (float)shifted * (scales[x_row] * state->product.scales[j]);
        }
    }
}

/* Hybrid: the rows of x quantized, as 16-bit differences to their zero points (in reference arithmetic: as
 * they are). */
static const int16_t *quantize_rows(const tmoi_exec *exec, const tmoi_node *node, const matmul_state *state,
                                    const float *x)
{
    bool asymmetric = tmoi_op_options(node->op, batch_mat_mul_options)->asymmetric_quantize_inputs;
    int64_t rows = tmoi_shape_count(&state->x_batch) * state->m;
    int8_t *quantized = node->scratch[state->quantized];
    int16_t *out = node->scratch[state->widened];
    int32_t *zero_points = node->scratch[state->zero_points];
    tmoi_quantize_rows(TMOI_KERNEL_OF(exec->kernels, quantize_dynamic), asymmetric, x, rows, state->k,
                       quantized, node->scratch[state->row_scales], zero_points);
    for (int64_t r = 0; r < rows; r++)
        tmoi_widen(TMO_TYPE_INT8, quantized, r * state->k, state->k, state->as_litert ? 0 : zero_points[r],
                   out + r * state->k);
    return out;
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
    int64_t units = state->batches * tmoi_product_tiles(state->m, state->n);
    (void)ctx;
    if (state->is_float) {
        eval_f32(exec, node, state);
        return TMO_STATUS_OK;
    }
    state->x_data = tmoi_operand_data(node, &state->x);
    state->y_data = tmoi_operand_data(node, &state->y);
    if (state->product.hybrid) state->x_data = quantize_rows(exec, node, state, state->x_data);
    tmoi_parallel_for(exec->pool, units, 0, run_s16, node);
    if (state->as_litert) finish_as_litert(node, state);
    tmoi_node_post(node, 0, state->batches * state->m * state->n);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_batch_matmul = {.prepare = prepare, .eval = eval, .flags = TMOI_OP_POSTS};
