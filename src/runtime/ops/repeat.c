/* TILE and BROADCAST_TO: input strides of 0. */
#include "runtime/ops/moves.h"

static tmo_status prepare_tile(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_shape *in = &node->inputs[0]->shape, *out = &node->outputs[0]->shape;
    int64_t in_stride[TMO_MAX_RANK], out_stride[TMO_MAX_RANK];
    TMO_TRY(tmoi_moves_begin(exec, node, 1, ctx));
    tmoi_move *move = tmoi_moves_add(node, 0, 0);
    tmoi_strides(in, move->elem_bytes, in_stride);
    tmoi_strides(out, move->elem_bytes, out_stride);
    for (int32_t k = 0; k < in->rank; k++) {
        int64_t times = in->dims[k] ? out->dims[k] / in->dims[k] : 0;
        tmoi_move_add_dim(move, times, 0, in->dims[k] * out_stride[k]);
        tmoi_move_add_dim(move, in->dims[k], in_stride[k], out_stride[k]);
    }
    TMO_TRY(tmoi_moves_end(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_broadcast_to(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_shape *in = &node->inputs[0]->shape, *out = &node->outputs[0]->shape;
    int32_t added = out->rank - in->rank;
    int64_t in_stride[TMO_MAX_RANK], out_stride[TMO_MAX_RANK];
    TMO_TRY(tmoi_moves_begin(exec, node, 1, ctx));
    tmoi_move *move = tmoi_moves_add(node, 0, 0);
    tmoi_strides(in, move->elem_bytes, in_stride);
    tmoi_strides(out, move->elem_bytes, out_stride);
    for (int32_t k = 0; k < out->rank; k++) {
        bool repeats = k < added || in->dims[k - added] == 1;
        tmoi_move_add_dim(move, out->dims[k], repeats ? 0 : in_stride[k - added], out_stride[k]);
    }
    TMO_TRY(tmoi_moves_end(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_tile = {.prepare = prepare_tile, .eval = tmoi_moves_eval};
const tmoi_op_def tmoi_op_broadcast_to = {.prepare = prepare_broadcast_to, .eval = tmoi_moves_eval};
