#include "runtime/ops/batch_matmul_integer.h"

#include <string.h>

#include "kernels/quant_rows/quant_rows.h"
#include "runtime/activation.h"
#include "runtime/ops/matrix_of.h"
#include "runtime/ops/multipliers.h"

static const tmoi_fb_batch_mat_mul_options *options_of(const tmoi_node *node)
{
    return tmoi_op_options(node->op, batch_mat_mul_options);
}

/* Matrices [rows, columns] of 8 or 16 bits, each transposed. */
static void transpose_integers(const tmoi_operand *operand, void *out)
{
    const tmoi_value *value = operand->value;
    size_t bytes = tmo_type_bits(value->type) / 8;
    int64_t size = operand->rows * operand->columns, count = tmoi_shape_count(&value->shape);
    char *element = out;
    for (int64_t start = 0; start < count; start += size)
        for (int64_t c = 0; c < operand->columns; c++)
            for (int64_t r = 0; r < operand->rows; r++, element += bytes)
                memcpy(element,
                       (const char *)value->data + (size_t)(start + r * operand->columns + c) * bytes, bytes);
}

/* The inputs with each row of x, and each column of y if of 16 bits, in one piece. */
static tmo_status prepare_inputs(tmoi_exec *exec, tmoi_node *node, tmoi_matmul_integer *matmul, tmoi_ctx *ctx)
{
    const tmoi_matmul_shape *s = &matmul->shape;
    const tmoi_value *x = node->inputs[0], *y = node->inputs[1];
    bool is_float = x->type == TMO_TYPE_FLOAT32,
         arranged = y->type == TMO_TYPE_INT16 && !options_of(node)->adj_y;
    void (*transpose)(const tmoi_operand *, void *) = is_float ? tmoi_operand_transpose : transpose_integers;
    matmul->x_value = *x;
    matmul->y_value = *y;
    matmul->y_value.is_constant = y->is_constant && !arranged;
    TMO_TRY(tmoi_operand_prepare(exec, node, &matmul->x, x, options_of(node)->adj_x ? transpose : NULL,
                                 tmo_type_bits(x->type) / 8, s->k, s->m, ctx));
    TMO_TRY(tmoi_operand_prepare(exec, node, &matmul->y, y, arranged ? transpose_integers : NULL,
                                 tmo_type_bits(y->type) / 8, s->k, s->n, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_integer(tmoi_exec *exec, tmoi_node *node, tmoi_matmul_integer *matmul,
                                  const tmoi_integer_request *request, tmoi_ctx *ctx)
{
    const tmoi_value *x = request->input, *y = request->weights;
    TMO_TRY(tmoi_value_require_quant(x, "input 0", ctx));
    TMO_TRY(tmoi_value_require_quant(y, "input 1", ctx));
    TMO_FAIL_IF((x->type == TMO_TYPE_INT16 && tmoi_value_zero_point(x) != 0) ||
                    (y->type == TMO_TYPE_INT16 && tmoi_value_zero_point(y) != 0),
                UNSUPPORTED_OPERATOR, ctx, "int16 inputs must have zero point 0");
    if (!request->raw) TMO_TRY(tmoi_value_require_quant(request->output, "output", ctx));
    TMO_TRY(tmoi_integer_prepare(exec, node, request, &matmul->integer, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Reference arithmetic: the integer sums of quantized rows, which finish_as_litert() scales. */
static tmo_status prepare_as_litert(tmoi_exec *exec, tmoi_node *node, tmoi_matmul_integer *matmul,
                                    tmoi_integer_request *request, tmoi_ctx *ctx)
{
    const tmoi_matmul_shape *s = &matmul->shape;
    size_t rows = (size_t)(tmoi_shape_count(&s->x_batch) * s->m);
    matmul->as_litert = request->raw = true;
    matmul->x_value.type = TMO_TYPE_INT8;
    TMO_TRY(tmoi_integer_prepare(exec, node, request, &matmul->integer, ctx));
    TMO_TRY(tmoi_channel_scales(exec, request->weights, s->n, &matmul->scales, ctx));
    TMO_TRY(
        tmoi_node_scratch(node, (size_t)tmoi_shape_count(&matmul->x_value.shape), &matmul->quantized, ctx));
    TMO_TRY(tmoi_node_scratch(node, rows * sizeof(float), &matmul->row_scales, ctx));
    TMO_TRY(tmoi_node_scratch(node, rows * sizeof(int32_t), &matmul->zero_points, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_hybrid(tmoi_exec *exec, tmoi_node *node, tmoi_matmul_integer *matmul,
                                 tmoi_integer_request *request, tmoi_ctx *ctx)
{
    const tmoi_matmul_shape *s = &matmul->shape;
    TMO_TRY(tmoi_weights_require_quant(request->weights, 0, false, ctx));
    if (exec->reference) return prepare_as_litert(exec, node, matmul, request, ctx);
    TMO_TRY(tmoi_hybrid_prepare(exec, node, request, tmoi_shape_count(&s->x_batch) * s->m,
                                options_of(node)->asymmetric_quantize_inputs, &matmul->integer, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_pieces(tmoi_exec *exec, tmoi_node *node, tmoi_matmul_integer *matmul, tmoi_ctx *ctx)
{
    const tmoi_matmul_shape *s = &matmul->shape;
    const tmoi_gemm_s8_product *product = &matmul->integer.product;
    size_t matrices = (size_t)matmul->integer.request.groups;
    void *memory;
    matmul->by_panels = s->m <= 2 * product->kernel->mr && !product->requant;
    matmul->block_rows = matmul->by_panels ? s->m : tmoi_gemm_s8_block_rows(product);
    matmul->pieces = matmul->by_panels ? tmoi_gemm_s8_panels(product)
                                       : ((int64_t)s->m + matmul->block_rows - 1) / matmul->block_rows;
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, tmoi_gemm_s8_block_bytes(product, matmul->block_rows), 1,
                                        &matmul->scratch, ctx));
    TMO_TRY(tmoi_node_memory(exec, &memory, matrices, sizeof *matmul->products, ctx));
    matmul->products = memory;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_matmul_integer_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_matmul_integer *matmul,
                                       tmoi_ctx *ctx)
{
    const tmoi_matmul_shape *s = &matmul->shape;
    const tmoi_value *x = node->inputs[0], *y = node->inputs[1];
    int64_t matrices = tmoi_shape_count(&s->y_batch);
    TMO_FAIL_IF(matrices > INT32_MAX / (s->n > 0 ? s->n : 1), LIMIT, ctx, "input 1 has too many columns");
    TMO_TRY(prepare_inputs(exec, node, matmul, ctx));
    tmoi_integer_request request = {.input = &matmul->x_value,
                                    .weights = &matmul->y_value,
                                    .output = node->outputs[0],
                                    .groups = (int32_t)matrices,
                                    .columns = s->n,
                                    .segments = 1,
                                    .segment_terms = s->k,
                                    .activation = TMOI_ACTIVATION_NONE,
                                    .scales = TMOI_SCALES_PER_TENSOR,
                                    .transposed = y->type == TMO_TYPE_INT8 && !options_of(node)->adj_y,
                                    .common = true,
                                    .raw = node->outputs[0]->type == TMO_TYPE_INT32};
    if (x->type == TMO_TYPE_FLOAT32)
        TMO_TRY(prepare_hybrid(exec, node, matmul, &request, ctx));
    else
        TMO_TRY(prepare_integer(exec, node, matmul, &request, ctx));
    return prepare_pieces(exec, node, matmul, ctx);
fail:
    return ctx->error.status;
}

/* Pieces of one output matrix. */
static void run_batch(const tmoi_matmul_integer *matmul, int64_t batch, int64_t begin, int64_t end, char *out,
                      void *scratch)
{
    const tmoi_matmul_shape *s = &matmul->shape;
    int64_t x = tmoi_matrix_of(&s->x_batch, &s->out_batch, batch);
    const tmoi_gemm_s8_product *product =
        &matmul->products[tmoi_matrix_of(&s->y_batch, &s->out_batch, batch)];
    size_t matrix_bytes = (size_t)s->m * (size_t)s->n * product->out_bytes;
    out += (size_t)(batch - x) * matrix_bytes; /* rows are counted from the first of all of x */
    if (matmul->by_panels) {
        tmoi_gemm_s8_block(product, &matmul->matrix, x * s->m, s->m, (int32_t)begin, (int32_t)end, out,
                           scratch);
        return;
    }
    for (int64_t row = begin * matmul->block_rows; begin < end; begin++, row += matmul->block_rows) {
        int64_t left = s->m - row;
        tmoi_gemm_s8_block(product, &matmul->matrix, x * s->m + row,
                           left < matmul->block_rows ? (int32_t)left : matmul->block_rows, 0,
                           tmoi_gemm_s8_panels(product), out, scratch);
    }
}

typedef struct matmul_run {
    const tmoi_node *node;
    const tmoi_matmul_integer *matmul;
} matmul_run;

static void run_pieces(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const matmul_run *run = argument;
    const tmoi_matmul_integer *matmul = run->matmul;
    while (begin < end) {
        int64_t batch = begin / matmul->pieces, first = begin % matmul->pieces,
                count = matmul->pieces - first;
        if (count > end - begin) count = end - begin;
        run_batch(matmul, batch, first, first + count, run->node->outputs[0]->data,
                  tmoi_thread_scratch_of(run->node, &matmul->scratch, thread));
        begin += count;
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

/* Scales the integer sums in `out` to floats as LiteRT does, which takes scales, zero points and row sums from the wrong rows
 * when there are several batch dimensions. Source: TFLite reference_ops::BatchMatMul. */
static void finish_as_litert(const tmoi_node *node, const tmoi_matmul_integer *matmul)
{
    const tmoi_matmul_shape *s = &matmul->shape;
    const int32_t *zero_points = node->scratch[matmul->zero_points];
    const int32_t *y_sums = matmul->integer.product.finish.column_sums;
    const float *scales = node->scratch[matmul->row_scales];
    float *out = node->outputs[0]->data;
    for (int64_t row = 0; row < s->batches * s->m; row++) {
        int64_t x_row = litert_rows_of(&s->x_batch, &s->out_batch, row / s->m) * s->m + row % s->m;
        int64_t y_row = litert_rows_of(&s->y_batch, &s->out_batch, row / s->m) * s->n;
        for (int32_t j = 0; j < s->n; j++) {
            int32_t sum;
            memcpy(&sum, &out[row * s->n + j], sizeof sum);
            int64_t shifted = sum - (int64_t)y_sums[y_row + j] * zero_points[x_row];
            out[row * s->n + j] = (float)shifted * (scales[x_row] * matmul->scales[j]);
        }
    }
}

static void quantize_rows(const tmoi_exec *exec, const tmoi_node *node, tmoi_matmul_integer *matmul)
{
    const tmoi_matmul_shape *s = &matmul->shape;
    int8_t *quantized = node->scratch[matmul->quantized];
    tmoi_quantize_rows(TMOI_KERNEL_OF(exec->kernels, quantize_dynamic),
                       options_of(node)->asymmetric_quantize_inputs, matmul->x_value.data,
                       tmoi_shape_count(&s->x_batch) * s->m, s->k, quantized,
                       node->scratch[matmul->row_scales], node->scratch[matmul->zero_points]);
    matmul->x_value.data = quantized;
}

/* Operands are read only. */
static void set_data(const tmoi_node *node, const tmoi_operand *operand, tmoi_value *value)
{
    const void *data = tmoi_operand_data(node, operand);
    memcpy(&value->data, &data, sizeof data);
}

void tmoi_matmul_integer_run(tmoi_exec *exec, tmoi_node *node, tmoi_matmul_integer *matmul)
{
    const tmoi_matmul_shape *s = &matmul->shape;
    matmul_run run = {node, matmul};
    if (s->batches == 0 || s->m == 0 || s->n == 0) return;
    set_data(node, &matmul->x, &matmul->x_value);
    set_data(node, &matmul->y, &matmul->y_value);
    if (matmul->as_litert) quantize_rows(exec, node, matmul);
    tmoi_integer_begin(node, &matmul->integer, &matmul->matrix);
    for (int32_t y = 0; y < matmul->integer.request.groups; y++)
        matmul->products[y] = tmoi_integer_group(&matmul->integer, y);
    int64_t operations = (int64_t)s->m * s->n * s->k / matmul->pieces;
    tmoi_parallel_for(exec->pool, s->batches * matmul->pieces, tmoi_grain(operations), run_pieces, &run);
    if (matmul->as_litert) finish_as_litert(node, matmul);
    tmoi_node_post(node, 0, s->batches * s->m * s->n);
}
