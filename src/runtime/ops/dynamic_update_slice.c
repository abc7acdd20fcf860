/* DYNAMIC_UPDATE_SLICE: a copy of the input with a part replaced; in place where the planner allows it. */
#include <string.h>

#include "kernels/move/move.h"
#include "runtime/value.h"

static int64_t clamped_start(int64_t start, int64_t dim, int64_t update)
{
    return start < 0 ? 0 : start > dim - update ? dim - update : start;
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[0], *update = node->inputs[1];
    tmoi_value *out = node->outputs[0];
    tmoi_move move = {.elem_bytes = tmoi_value_elem_bytes(in)};
    int64_t in_stride[TMO_MAX_RANK], out_stride[TMO_MAX_RANK];
    (void)ctx;
    tmoi_strides(&update->shape, move.elem_bytes, in_stride);
    tmoi_strides(&out->shape, move.elem_bytes, out_stride);
    for (int32_t k = 0; k < out->shape.rank; k++) {
        int64_t start = clamped_start(tmoi_value_int(node->inputs[2], k), out->shape.dims[k],
                                      update->shape.dims[k]);
        move.out_offset += start * out_stride[k];
        tmoi_move_add_dim(&move, update->shape.dims[k], in_stride[k], out_stride[k]);
    }
    tmoi_move_simplify(&move);
    if (out->data != in->data && out->bytes) memcpy(out->data, in->data, out->bytes);
    TMOI_KERNEL_OF(exec->kernels, move)(&move, update->data, out->data);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_dynamic_update_slice = {.eval = eval, .flags = TMOI_OP_INPLACE};
