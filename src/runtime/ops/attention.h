/* Attention, a step that lowering makes of operators (runtime/lower/attention.c):
 *
 *   out = SOFTMAX(scale · Q·K + mask) · V
 *
 * for each matrix of the batch: Q [M, D], K [D, N] (or [N, D]: adj_y), V [N, C] (or [C, N]), float32, broadcast over the batch as
 * BATCH_MATMUL does it; the mask, which may be left out, is broadcast to [.., M, N]. The node's inputs come in the order below; its parts
 * are the operators as the model has them, the two products first and last, and between them in order what there is of MUL or DIV
 * by a constant, ADD and SOFTMAX. */
#ifndef TMOI_RUNTIME_OPS_ATTENTION_H
#define TMOI_RUNTIME_OPS_ATTENTION_H

#include "runtime/op.h"

enum { TMOI_ATTENTION_Q, TMOI_ATTENTION_K, TMOI_ATTENTION_V, TMOI_ATTENTION_MASK, TMOI_ATTENTION_INPUTS };

/* Row r of the result is made of row r of the scores alone. Each row's sums are taken in the same order for any number of threads. */
extern const tmoi_op_def tmoi_op_attention;

/* The factor of a MUL or DIV by a constant. */
static inline float tmoi_attention_scale(const tmoi_node *node)
{
    const tmoi_value *constant = node->inputs[node->inputs[1]->is_constant ? 1 : 0];
    float value = *(const float *)constant->data;
    return node->op->code == TMOI_OP_DIV ? 1.0f / value : value;
}

#endif
