/* TRANSPOSE and REVERSE_V2: the input walked with other strides. */
#include "runtime/ops/moves.h"

static tmo_status prepare_transpose(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[0], *out = node->outputs[0];
    int64_t in_stride[TMO_MAX_RANK], out_stride[TMO_MAX_RANK];
    TMO_TRY(tmoi_moves_begin(exec, node, 1, ctx));
    tmoi_move *move = tmoi_moves_add(node, 0, 0);
    tmoi_strides(&in->shape, move->elem_bytes, in_stride);
    tmoi_strides(&out->shape, move->elem_bytes, out_stride);
    for (int32_t k = 0; k < in->shape.rank; k++) {
        int64_t axis = tmoi_value_int(node->inputs[1], k);
        tmoi_move_add_dim(move, out->shape.dims[k], in_stride[axis < 0 ? axis + in->shape.rank : axis],
                          out_stride[k]);
    }
    TMO_TRY(tmoi_moves_end(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_reverse(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_shape *shape = &node->inputs[0]->shape;
    int64_t stride[TMO_MAX_RANK];
    uint32_t reversed = 0;
    for (int32_t k = 0; k < node->inputs[1]->shape.dims[0]; k++) {
        int64_t axis = tmoi_value_int(node->inputs[1], k);
        reversed |= 1u << (axis < 0 ? axis + shape->rank : axis);
    }
    TMO_TRY(tmoi_moves_begin(exec, node, 1, ctx));
    tmoi_move *move = tmoi_moves_add(node, 0, 0);
    tmoi_strides(shape, move->elem_bytes, stride);
    for (int32_t k = 0; k < shape->rank; k++) {
        bool back = reversed >> k & 1u;
        tmoi_move_add_dim(move, shape->dims[k], back ? -stride[k] : stride[k], stride[k]);
        if (back) move->in_offset += (shape->dims[k] - 1) * stride[k];
    }
    TMO_TRY(tmoi_moves_end(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_transpose = {.prepare = prepare_transpose, .eval = tmoi_moves_eval};
const tmoi_op_def tmoi_op_reverse_v2 = {.prepare = prepare_reverse, .eval = tmoi_moves_eval};
