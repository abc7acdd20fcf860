/* BATCH_MATMUL of integers, and of floats with int8 numbers. */
#ifndef TMOI_RUNTIME_OPS_BATCH_MATMUL_INTEGER_H
#define TMOI_RUNTIME_OPS_BATCH_MATMUL_INTEGER_H

#include "runtime/ops/integer_product.h"

/* Batches of [M, K] by [K, N], with the batch dimensions of both inputs and of the output. */
typedef struct tmoi_matmul_shape {
    int32_t m, n, k;
    int64_t batches; /* of the output */
    tmoi_shape x_batch, y_batch, out_batch;
} tmoi_matmul_shape;

typedef struct tmoi_matmul_integer {
    tmoi_matmul_shape shape;
    tmoi_integer_product integer;
    tmoi_gemm_s8_matrix matrix;
    tmoi_gemm_s8_product *products; /* one for each matrix of y */
    tmoi_value x_value, y_value;    /* the inputs as the product wants them */
    tmoi_operand x, y;              /* their transposed forms */
    tmoi_thread_scratch scratch;
    bool by_panels; /* few rows: the work is split by panels, else by blocks of rows */
    int32_t block_rows;
    int64_t pieces; /* of each output matrix */
    /* Hybrid in reference arithmetic: the rows are quantized first, and finished as LiteRT does. */
    bool as_litert;
    int32_t quantized, row_scales, zero_points; /* scratch blocks */
    const float *scales;                        /* [N] */
} tmoi_matmul_integer;

tmo_status tmoi_matmul_integer_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_matmul_integer *matmul,
                                       tmoi_ctx *ctx);
void tmoi_matmul_integer_run(tmoi_exec *exec, tmoi_node *node, tmoi_matmul_integer *matmul);

#endif
