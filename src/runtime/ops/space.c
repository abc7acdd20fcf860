/* SPACE_TO_DEPTH, DEPTH_TO_SPACE, SPACE_TO_BATCH_ND, BATCH_TO_SPACE_ND. */
#include <string.h>

#include "runtime/ops/moves.h"

/* Between an image [n, y·block, x·block, c] and [n, y, x, block·block·c]: `image` are the strides of the first. */
static tmo_status prepare_depth(tmoi_exec *exec, tmoi_node *node, bool to_depth, int32_t block, tmoi_ctx *ctx)
{
    const tmoi_shape *image = &node->inputs[0]->shape, *deep = &node->outputs[0]->shape;
    if (!to_depth) {
        image = &node->outputs[0]->shape;
        deep = &node->inputs[0]->shape;
    }
    TMO_TRY(tmoi_moves_begin(exec, node, 1, ctx));
    tmoi_move *move = tmoi_moves_add(node, 0, 0);
    int64_t is[TMO_MAX_RANK], ds[TMO_MAX_RANK];
    tmoi_strides(image, move->elem_bytes, is);
    tmoi_strides(deep, move->elem_bytes, ds);
    int64_t pixel = image->dims[3] * ds[3];
    const int64_t dims[] = {deep->dims[0], deep->dims[1], deep->dims[2], block, block, image->dims[3]};
    const int64_t image_stride[] = {is[0], block * is[1], block * is[2], is[1], is[2], is[3]};
    const int64_t deep_stride[] = {ds[0], ds[1], ds[2], block * pixel, pixel, ds[3]};
    for (int32_t k = 0; k < 6; k++)
        tmoi_move_add_dim(move, dims[k], to_depth ? image_stride[k] : deep_stride[k],
                          to_depth ? deep_stride[k] : image_stride[k]);
    TMO_TRY(tmoi_moves_end(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_space_to_depth(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    return prepare_depth(exec, node, true, tmoi_op_options(node->op, space_to_depth_options)->block_size,
                         ctx);
}

static tmo_status prepare_depth_to_space(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    return prepare_depth(exec, node, false, tmoi_op_options(node->op, depth_to_space_options)->block_size,
                         ctx);
}

/* The move between image positions p of one phase and block positions b: p = b * block + phase - before, where both exist. */
static void add_phase_dim(tmoi_move *move, bool to_batch, const int64_t sizes[2], int64_t block,
                          int64_t phase, int64_t before, const int64_t strides[2])
{
    int64_t shift = phase - before, image_size = sizes[0], block_size = sizes[1];
    int64_t first = shift < 0 ? (-shift + block - 1) / block : 0;
    int64_t end = image_size - shift <= 0 ? 0 : (image_size - shift + block - 1) / block;
    if (end > block_size) end = block_size;
    int64_t count = end > first ? end - first : 0;
    int64_t image_offset = count ? (first * block + shift) * strides[0] : 0,
            block_offset = count ? first * strides[1] : 0;
    int64_t image_step = count > 1 ? block * strides[0] : strides[0];
    move->in_offset += to_batch ? image_offset : block_offset;
    move->out_offset += to_batch ? block_offset : image_offset;
    tmoi_move_add_dim(move, count, to_batch ? image_step : strides[1], to_batch ? strides[1] : image_step);
}

/* Copies all pixels of one phase: `image` is the side with few batches, `blocks` the one with many. */
static void move_phase(const tmoi_exec *exec, const tmoi_node *node, bool to_batch, int64_t phase)
{
    const tmoi_value *in = node->inputs[0];
    tmoi_value *out = node->outputs[0];
    const tmoi_shape *image = to_batch ? &in->shape : &out->shape,
                     *blocks = to_batch ? &out->shape : &in->shape;
    tmoi_move move = {.elem_bytes = tmoi_value_elem_bytes(in)};
    int64_t is[TMO_MAX_RANK], bs[TMO_MAX_RANK];
    tmoi_strides(image, move.elem_bytes, is);
    tmoi_strides(blocks, move.elem_bytes, bs);
    int32_t channel = image->rank - 1;
    int64_t batch_offset = phase * image->dims[0] * bs[0];
    *(to_batch ? &move.out_offset : &move.in_offset) = batch_offset;
    tmoi_move_add_dim(&move, image->dims[0], to_batch ? is[0] : bs[0], to_batch ? bs[0] : is[0]);
    int64_t rest = phase, phases[TMO_MAX_RANK];
    for (int32_t k = channel - 1; k >= 1; k--) {
        int64_t block = tmoi_value_int(node->inputs[1], k - 1);
        phases[k] = rest % block;
        rest /= block;
    }
    for (int32_t k = 1; k < channel; k++)
        add_phase_dim(&move, to_batch, (const int64_t[]){image->dims[k], blocks->dims[k]},
                      tmoi_value_int(node->inputs[1], k - 1), phases[k],
                      tmoi_value_int(node->inputs[2], 2 * (k - 1)), (const int64_t[]){is[k], bs[k]});
    tmoi_move_add_dim(&move, image->dims[channel], is[channel], bs[channel]);
    tmoi_move_simplify(&move);
    TMOI_KERNEL_OF(exec->kernels, move)(&move, in->data, out->data);
}

static tmo_status eval_batch(tmoi_exec *exec, tmoi_node *node, bool to_batch)
{
    int64_t phases = 1;
    if (tmoi_value_count(node->inputs[0]) == 0) return TMO_STATUS_OK;
    for (int32_t k = 0; k < node->inputs[0]->shape.rank - 2; k++)
        phases *= tmoi_value_int(node->inputs[1], k);
    for (int64_t phase = 0; phase < phases; phase++) move_phase(exec, node, to_batch, phase);
    return TMO_STATUS_OK;
}

static tmo_status eval_space_to_batch(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmoi_value *out = node->outputs[0];
    uint8_t zero[16] = {0};
    (void)ctx;
    if (out->quant->count > 0 && tmoi_value_elem_bytes(out) == 1)
        zero[0] = (uint8_t)tmoi_value_zero_point(out);
    tmoi_move_fill(out->data, zero, tmoi_value_elem_bytes(out), tmoi_value_count(out));
    return eval_batch(exec, node, true);
}

static tmo_status eval_batch_to_space(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    (void)ctx;
    return eval_batch(exec, node, false);
}

const tmoi_op_def tmoi_op_space_to_depth = {.prepare = prepare_space_to_depth, .eval = tmoi_moves_eval};
const tmoi_op_def tmoi_op_depth_to_space = {.prepare = prepare_depth_to_space, .eval = tmoi_moves_eval};
const tmoi_op_def tmoi_op_space_to_batch_nd = {.eval = eval_space_to_batch};
const tmoi_op_def tmoi_op_batch_to_space_nd = {.eval = eval_batch_to_space};
