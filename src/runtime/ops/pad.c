/* PAD, PADV2, DILATE, STABLEHLO_PAD: a filled output with the input put inside. MIRROR_PAD: the margins mirrored. */
#include <string.h>

#include "kernels/move/pad.h"
#include "runtime/ops/moves.h"

/* What PAD fills with: zero, in the output's quantization. */
static void zero_elem(const tmoi_value *out, uint8_t elem[16])
{
    memset(elem, 0, 16);
    if (out->quant->count < 1) return;
    int64_t zero_point = out->quant->zero_point[0];
    if (out->type == TMO_TYPE_INT16)
        memcpy(elem, &(int16_t){(int16_t)zero_point}, sizeof(int16_t));
    else if (tmo_type_bits(out->type) <= 8 && out->type != TMO_TYPE_BOOL)
        elem[0] = (uint8_t)zero_point;
}

static void place_input(const tmoi_node *node, tmoi_move *move, const int64_t *out_stride)
{
    const tmoi_shape *in = &node->inputs[0]->shape;
    int64_t in_stride[TMO_MAX_RANK];
    tmoi_strides(in, move->elem_bytes, in_stride);
    for (int32_t k = 0; k < in->rank; k++) {
        move->out_offset += tmoi_value_int(node->inputs[1], 2 * k) * out_stride[k];
        tmoi_move_add_dim(move, in->dims[k], in_stride[k], out_stride[k]);
    }
}

/* Packed elements are moved unpacked. */
static bool is_packed(const tmoi_node *node)
{
    return tmo_type_bits(node->outputs[0]->type) < 8;
}

static tmo_status prepare_packed_pad(tmoi_exec *exec, tmoi_node *node, const uint8_t *zero, tmoi_ctx *ctx)
{
    int64_t out_stride[TMO_MAX_RANK];
    TMO_TRY(tmoi_moves_begin(exec, node, 1, ctx));
    tmoi_moves_fill(node, zero);
    tmoi_move *move = tmoi_moves_add(node, 0, 0);
    tmoi_strides(&node->outputs[0]->shape, move->elem_bytes, out_stride);
    place_input(node, move, out_stride);
    TMO_TRY(tmoi_moves_end(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_pad(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_shape *in = &node->inputs[0]->shape;
    uint8_t zero[16];
    zero_elem(node->outputs[0], zero);
    if (is_packed(node)) return prepare_packed_pad(exec, node, zero, ctx);
    TMO_TRY(tmoi_node_state(exec, node, sizeof(tmoi_pad), ctx));
    tmoi_pad *pad = node->state;
    for (int32_t k = 0; k < in->rank; k++)
        tmoi_pad_add_dim(pad, in->dims[k], tmoi_value_int(node->inputs[1], 2 * k),
                         tmoi_value_int(node->inputs[1], 2 * k + 1));
    if (in->rank == 0) tmoi_pad_add_dim(pad, 1, 0, 0);
    tmoi_pad_end(pad, tmoi_value_elem_bytes(node->outputs[0]));
    tmoi_pad_fill(pad, zero, tmoi_value_elem_bytes(node->outputs[0]));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void pad_part(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    (void)thread;
    tmoi_pad_run(node->state, node->inputs[0]->data, node->outputs[0]->data, begin, end);
}

static tmo_status eval_pad(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_pad *pad = node->state;
    if (is_packed(node)) return tmoi_moves_eval(exec, node, ctx);
    if (tmoi_value_count(node->outputs[0]) > 0)
        tmoi_parallel_for(exec->pool, tmoi_pad_slices(pad), tmoi_grain((int64_t)pad->out_step[0]), pad_part,
                          node);
    return TMO_STATUS_OK;
}

static tmo_status eval_pad_v2(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const void *fill = node->inputs[2]->data;
    if (is_packed(node))
        tmoi_moves_fill(node, fill);
    else
        tmoi_pad_fill(node->state, fill, tmoi_value_elem_bytes(node->outputs[0]));
    return eval_pad(exec, node, ctx);
}

/* The value to fill with may be known only now. */
static tmo_status eval_filled(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmoi_moves_fill(node, node->inputs[node->input_count - 1]->data);
    return tmoi_moves_eval(exec, node, ctx);
}

static tmo_status prepare_dilate(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_shape *in = &node->inputs[0]->shape;
    int64_t in_stride[TMO_MAX_RANK], out_stride[TMO_MAX_RANK];
    TMO_TRY(tmoi_moves_begin(exec, node, 1, ctx));
    tmoi_move *move = tmoi_moves_add(node, 0, 0);
    tmoi_strides(in, move->elem_bytes, in_stride);
    tmoi_strides(&node->outputs[0]->shape, move->elem_bytes, out_stride);
    for (int32_t k = 0; k < in->rank; k++)
        tmoi_move_add_dim(move, in->dims[k], in_stride[k],
                          tmoi_value_int(node->inputs[1], k) * out_stride[k]);
    TMO_TRY(tmoi_moves_end(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Input element i lies at low + i * step of the output, which cuts off what is outside of it. */
static void place_spread(tmoi_move *move, int64_t in_size, int64_t out_size, int64_t low, int64_t step,
                         int64_t in_stride, int64_t out_stride)
{
    int64_t first = low < 0 ? (-low + step - 1) / step : 0;
    int64_t last = out_size - 1 - low < 0 ? -1 : (out_size - 1 - low) / step;
    if (last > in_size - 1) last = in_size - 1;
    int64_t count = last >= first ? last - first + 1 : 0;
    if (count > 0) {
        move->in_offset += first * in_stride;
        move->out_offset += (low + first * step) * out_stride;
    }
    tmoi_move_add_dim(move, count, in_stride, count > 1 ? step * out_stride : out_stride);
}

static tmo_status prepare_stablehlo_pad(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_stablehlo_pad_options *options = tmoi_op_options_2(node->op, stablehlo_pad_options);
    const tmoi_shape *in = &node->inputs[0]->shape, *out = &node->outputs[0]->shape;
    int64_t in_stride[TMO_MAX_RANK], out_stride[TMO_MAX_RANK];
    TMO_TRY(tmoi_moves_begin(exec, node, 1, ctx));
    tmoi_move *move = tmoi_moves_add(node, 0, 0);
    tmoi_strides(in, move->elem_bytes, in_stride);
    tmoi_strides(out, move->elem_bytes, out_stride);
    for (int32_t k = 0; k < in->rank; k++)
        place_spread(move, in->dims[k], out->dims[k], options->edge_padding_low.data[k],
                     options->interior_padding.data[k] + 1, in_stride[k], out_stride[k]);
    TMO_TRY(tmoi_moves_end(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* A step within the output that mirrors `count` slices along `axis`, onto those that begin at `to`, from slice `from` on
 * backwards. Dimensions after the axis are complete by now, those before hold only the input's part. */
static void add_mirror(tmoi_node *node, const int64_t *stride, int32_t axis, int64_t to, int64_t from,
                       int64_t count)
{
    const tmoi_shape *in = &node->inputs[0]->shape, *out = &node->outputs[0]->shape;
    tmoi_move *move = tmoi_moves_add(node, TMOI_MOVE_FROM_OUTPUT, 0);
    int64_t base = 0;
    for (int32_t k = 0; k < axis; k++) {
        base += tmoi_value_int(node->inputs[1], 2 * k) * stride[k];
        tmoi_move_add_dim(move, in->dims[k], stride[k], stride[k]);
    }
    tmoi_move_add_dim(move, count, -stride[axis], stride[axis]);
    for (int32_t k = axis + 1; k < in->rank; k++) tmoi_move_add_dim(move, out->dims[k], stride[k], stride[k]);
    move->in_offset = base + from * stride[axis];
    move->out_offset = base + to * stride[axis];
}

static tmo_status prepare_mirror_pad(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_mirror_pad_options *options = tmoi_op_options(node->op, mirror_pad_options);
    const tmoi_shape *in = &node->inputs[0]->shape;
    int64_t skip = options->mode == TMOI_MIRROR_REFLECT ? 1 : 0; /* the edge itself is not repeated */
    int64_t stride[TMO_MAX_RANK];
    TMO_TRY(tmoi_moves_begin(exec, node, 1 + 2 * in->rank, ctx));
    tmoi_move *move = tmoi_moves_add(node, 0, 0);
    tmoi_strides(&node->outputs[0]->shape, move->elem_bytes, stride);
    place_input(node, move, stride);
    for (int32_t k = in->rank - 1; k >= 0; k--) {
        int64_t before = tmoi_value_int(node->inputs[1], 2 * k),
                after = tmoi_value_int(node->inputs[1], 2 * k + 1);
        add_mirror(node, stride, k, 0, 2 * before - 1 + skip, before);
        add_mirror(node, stride, k, before + in->dims[k], before + in->dims[k] - 1 - skip, after);
    }
    TMO_TRY(tmoi_moves_end(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_pad = {.prepare = prepare_pad, .eval = eval_pad};
const tmoi_op_def tmoi_op_pad_v2 = {.prepare = prepare_pad, .eval = eval_pad_v2};
const tmoi_op_def tmoi_op_dilate = {.prepare = prepare_dilate, .eval = eval_filled};
const tmoi_op_def tmoi_op_stablehlo_pad = {.prepare = prepare_stablehlo_pad, .eval = eval_filled};
const tmoi_op_def tmoi_op_mirror_pad = {.prepare = prepare_mirror_pad, .eval = tmoi_moves_eval};
