/* REVERSE_SEQUENCE: for each entry of the batch, the first `length` steps of the sequence backwards, the rest as it is. */
#include "kernels/move/move.h"
#include "runtime/value.h"

/* Copies steps [begin, end) of one batch entry, backwards or not. */
static void copy_steps(const tmoi_exec *exec, const tmoi_node *node, int32_t sequence, int32_t batch,
                       int64_t entry, const int64_t range[2], bool back)
{
    const tmoi_shape *shape = &node->inputs[0]->shape;
    tmoi_move move = {.elem_bytes = tmoi_value_elem_bytes(node->inputs[0])};
    int64_t stride[TMO_MAX_RANK];
    tmoi_strides(shape, move.elem_bytes, stride);
    for (int32_t k = 0; k < shape->rank; k++) {
        if (k == batch) continue;
        bool is_sequence = k == sequence;
        tmoi_move_add_dim(&move, is_sequence ? range[1] - range[0] : shape->dims[k],
                          is_sequence && back ? -stride[k] : stride[k], stride[k]);
    }
    move.in_offset = entry * stride[batch] + (back ? range[1] - 1 : range[0]) * stride[sequence];
    move.out_offset = entry * stride[batch] + range[0] * stride[sequence];
    tmoi_move_simplify(&move);
    TMOI_KERNEL_OF(exec->kernels, move)(&move, node->inputs[0]->data, node->outputs[0]->data);
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_reverse_sequence_options *options = tmoi_op_options(node->op, reverse_sequence_options);
    const tmoi_shape *shape = &node->inputs[0]->shape;
    int32_t sequence, batch;
    (void)tmoi_axis_normalize(options->seq_dim, shape->rank, &sequence);
    (void)tmoi_axis_normalize(options->batch_dim, shape->rank, &batch);
    for (int32_t entry = 0; entry < shape->dims[batch]; entry++) {
        int64_t steps = shape->dims[sequence], length = tmoi_value_int(node->inputs[1], entry);
        TMO_FAIL_IF(length < 0 || length > steps, INVALID_INPUT, ctx,
                    "sequence length %lld is out of range [0, %lld]", (long long)length, (long long)steps);
        copy_steps(exec, node, sequence, batch, entry, (const int64_t[]){0, length}, true);
        copy_steps(exec, node, sequence, batch, entry, (const int64_t[]){length, steps}, false);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_reverse_sequence = {.eval = eval};
