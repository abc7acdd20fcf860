/* MATRIX_DIAG: zeros but for a diagonal. MATRIX_SET_DIAG: a copy with another diagonal. */
#include "runtime/ops/moves.h"

/* Writes the vectors of `input` to the diagonals of the output's matrices. */
static void add_diagonal(tmoi_node *node, int32_t input)
{
    const tmoi_shape *out = &node->outputs[0]->shape;
    const tmoi_shape *diagonal = &node->inputs[input]->shape;
    tmoi_move *move = tmoi_moves_add(node, input, 0);
    int64_t elem = (int64_t)move->elem_bytes, columns = out->dims[out->rank - 1],
            rows = out->dims[out->rank - 2];
    int64_t length = diagonal->dims[diagonal->rank - 1];
    tmoi_move_add_dim(move, tmoi_shape_product(out, 0, out->rank - 2), length * elem, rows * columns * elem);
    tmoi_move_add_dim(move, length, elem, (columns + 1) * elem);
}

static tmo_status prepare_diag(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    static const uint8_t zero[16] = {0};
    TMO_TRY(tmoi_moves_begin(exec, node, 1, ctx));
    tmoi_moves_fill(node, zero);
    add_diagonal(node, 0);
    TMO_TRY(tmoi_moves_end(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_set_diag(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_moves_begin(exec, node, 2, ctx));
    tmoi_move *copy = tmoi_moves_add(node, 0, 0);
    tmoi_move_add_dim(copy, tmoi_value_count(node->inputs[0]), (int64_t)copy->elem_bytes,
                      (int64_t)copy->elem_bytes);
    add_diagonal(node, 1);
    TMO_TRY(tmoi_moves_end(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_matrix_diag = {.prepare = prepare_diag, .eval = tmoi_moves_eval};
const tmoi_op_def tmoi_op_matrix_set_diag = {.prepare = prepare_set_diag, .eval = tmoi_moves_eval};
