/* A float matrix times constant or computed weights [N, K], with bias, activation range and fused operators: all of
 * FULLY_CONNECTED, and CONV_2D where it is one. */
#ifndef TMOI_RUNTIME_OPS_LINEAR_FLOAT_H
#define TMOI_RUNTIME_OPS_LINEAR_FLOAT_H

#include "runtime/ops/operand.h"
#include "runtime/ops/panels.h"

typedef struct tmoi_linear {
    int64_t m;
    int32_t n, k;
    float low, high;
    tmoi_dot_f32_function dot; /* one row: the weights as they are; else NULL */
    tmoi_operand bias, rows;   /* rows: weights for `dot` */
    size_t elem_bytes;         /* of these */
    tmoi_panels panels;        /* weights for products */
    tmoi_product_split split;
    tmoi_thread_scratch widened; /* of float16 panels */
    /* Of this run: */
    const float *a, *bias_data;
    const void *weights;
    float *out;
    const tmoi_node *node;
} tmoi_linear;

/* bias may be NULL. */
tmo_status tmoi_linear_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_linear *linear,
                               const tmoi_value *weights, const tmoi_value *bias, int32_t activation,
                               tmoi_ctx *ctx);
/* A run from a [M, K] to the node's output 0: once `begin`, then `run`. pool may be NULL. */
void tmoi_linear_begin(const tmoi_node *node, tmoi_linear *linear, const float *a);
void tmoi_linear_run(tmoi_thread_pool *pool, tmoi_linear *linear);

#endif
