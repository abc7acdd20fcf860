/* SLICE and STRIDED_SLICE. */
#include "model/infer/slice.h"
#include "runtime/ops/moves.h"

static tmo_status copy_slice(tmoi_exec *exec, tmoi_node *node, const tmoi_slice_spec *spec, tmoi_ctx *ctx)
{
    int64_t in_stride[TMO_MAX_RANK], out_stride[TMO_MAX_RANK];
    tmoi_shape taken = {.rank = spec->rank};
    for (int32_t k = 0; k < spec->rank; k++) taken.dims[k] = spec->count[k];
    TMO_TRY(tmoi_moves_begin(exec, node, 1, ctx));
    tmoi_move *move = tmoi_moves_add(node, 0, 0);
    tmoi_strides(&node->inputs[0]->shape, move->elem_bytes, in_stride);
    tmoi_strides(&taken, move->elem_bytes, out_stride);
    for (int32_t k = 0; k < spec->rank; k++) {
        move->in_offset += spec->begin[k] * in_stride[k];
        tmoi_move_add_dim(move, spec->count[k], spec->stride[k] * in_stride[k], out_stride[k]);
    }
    TMO_TRY(tmoi_moves_end(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_slice(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmoi_infer_input begin = tmoi_value_as_input(node->inputs[1]),
                     size = tmoi_value_as_input(node->inputs[2]);
    tmoi_slice_spec spec;
    TMO_TRY(tmoi_slice_resolve(&node->inputs[0]->shape, &begin, &size, &spec, ctx));
    TMO_TRY(copy_slice(exec, node, &spec, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_strided_slice(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmoi_infer_input begin = tmoi_value_as_input(node->inputs[1]), end = tmoi_value_as_input(node->inputs[2]);
    tmoi_infer_input stride = tmoi_value_as_input(node->inputs[3]);
    tmoi_slice_spec spec;
    tmoi_shape out;
    TMO_TRY(tmoi_strided_slice_resolve(tmoi_op_options(node->op, strided_slice_options),
                                       &node->inputs[0]->shape, &begin, &end, &stride, &spec, &out, ctx));
    TMO_TRY(copy_slice(exec, node, &spec, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_slice = {.prepare = prepare_slice, .eval = tmoi_moves_eval};
const tmoi_op_def tmoi_op_strided_slice = {.prepare = prepare_strided_slice, .eval = tmoi_moves_eval};
