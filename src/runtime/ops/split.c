/* SPLIT, SPLIT_V, UNPACK: one input cut along an axis. PACK: inputs put side by side along a new axis. */
#include "runtime/ops/moves.h"

static int32_t axis_in(int64_t axis, int32_t rank)
{
    return (int32_t)(axis < 0 ? axis + rank : axis);
}

/* Each output takes as many slices of the input as its `axis` has, or one when it does not have that axis. */
static tmo_status cut(tmoi_exec *exec, tmoi_node *node, int32_t input, int32_t axis, bool keeps_axis,
                      tmoi_ctx *ctx)
{
    const tmoi_shape *in = &node->inputs[input]->shape;
    int64_t outer = tmoi_shape_product(in, 0, axis), inner = tmoi_shape_product(in, axis + 1, in->rank),
            taken = 0;
    TMO_TRY(tmoi_moves_begin(exec, node, node->output_count, ctx));
    for (int32_t k = 0; k < node->output_count; k++) {
        tmoi_move *move = tmoi_moves_add(node, input, k);
        int64_t slices = keeps_axis ? node->outputs[k]->shape.dims[axis] : 1;
        int64_t slice_bytes = (int64_t)(inner * (int64_t)move->elem_bytes);
        move->in_offset = taken * slice_bytes;
        tmoi_move_add_dim(move, outer, in->dims[axis] * slice_bytes, slices * slice_bytes);
        tmoi_move_add_dim(move, slices * inner, (int64_t)move->elem_bytes, (int64_t)move->elem_bytes);
        taken += slices;
    }
    TMO_TRY(tmoi_moves_end(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_split(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    int32_t rank = node->inputs[1]->shape.rank;
    return cut(exec, node, 1, axis_in(tmoi_value_int(node->inputs[0], 0), rank), true, ctx);
}

static tmo_status prepare_split_v(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    int32_t rank = node->inputs[0]->shape.rank;
    return cut(exec, node, 0, axis_in(tmoi_value_int(node->inputs[2], 0), rank), true, ctx);
}

static tmo_status prepare_unpack(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_unpack_options *options = tmoi_op_options(node->op, unpack_options);
    if (node->output_count == 0) return TMO_STATUS_OK;
    return cut(exec, node, 0, axis_in(options->axis, node->inputs[0]->shape.rank), false, ctx);
}

static tmo_status eval_unpack(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    return node->output_count == 0 ? TMO_STATUS_OK : tmoi_moves_eval(exec, node, ctx);
}

static tmo_status prepare_pack(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_pack_options *options = tmoi_op_options(node->op, pack_options);
    const tmoi_shape *in = &node->inputs[0]->shape;
    int32_t axis = axis_in(options->axis, in->rank + 1);
    int64_t outer = tmoi_shape_product(in, 0, axis), inner = tmoi_shape_product(in, axis, in->rank);
    TMO_TRY(tmoi_moves_begin(exec, node, node->input_count, ctx));
    for (int32_t k = 0; k < node->input_count; k++) {
        tmoi_move *move = tmoi_moves_add(node, k, 0);
        int64_t slice_bytes = (int64_t)(inner * (int64_t)move->elem_bytes);
        move->out_offset = k * slice_bytes;
        tmoi_move_add_dim(move, outer, slice_bytes, node->input_count * slice_bytes);
        tmoi_move_add_dim(move, inner, (int64_t)move->elem_bytes, (int64_t)move->elem_bytes);
    }
    TMO_TRY(tmoi_moves_end(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_split = {.prepare = prepare_split, .eval = tmoi_moves_eval};
const tmoi_op_def tmoi_op_split_v = {.prepare = prepare_split_v, .eval = tmoi_moves_eval};
const tmoi_op_def tmoi_op_unpack = {.prepare = prepare_unpack, .eval = eval_unpack};
const tmoi_op_def tmoi_op_pack = {.prepare = prepare_pack, .eval = tmoi_moves_eval};
