/* CONCATENATION. Source of the uint8 arithmetic: TFLite reference_ops::ConcatenationWithScaling. */
#include <math.h>
#include <string.h>

#include "kernels/unary/quantized.h"
#include "runtime/ops/moves.h"

/* Inputs whose scale or zero point is not the output's go through a table; the others are copied. */
typedef struct rescale_state {
    uint8_t (*tables)[256]; /* one an input */
} rescale_state;

static bool same_quant(const tmoi_value *a, const tmoi_value *b)
{
    if (a->quant->count == 0 || b->quant->count == 0) return a->quant->count == b->quant->count;
    return a->quant->scale[0] == b->quant->scale[0] && a->quant->zero_point[0] == b->quant->zero_point[0];
}

static bool all_same_quant(const tmoi_node *node)
{
    for (int32_t k = 0; k < node->input_count; k++)
        if (!same_quant(node->inputs[k], node->outputs[0])) return false;
    return true;
}

static void fill_table(uint8_t table[256], const tmoi_value *in, const tmoi_value *out)
{
    float scale = tmoi_value_scale(in) * (1.0f / tmoi_value_scale(out));
    float bias = (float)-tmoi_value_zero_point(in) * scale;
    for (int32_t k = 0; k < 256; k++) {
        float stored = roundf((float)k * scale + bias) + (float)tmoi_value_zero_point(out);
        table[k] = same_quant(in, out) ? (uint8_t)k
                                       : (uint8_t)(stored < 0.0f     ? 0.0f
                                                   : stored > 255.0f ? 255.0f
                                                                     : stored);
    }
}

static tmo_status prepare_rescale(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_value_require_quant(node->outputs[0], "output", ctx));
    TMO_TRY(tmoi_node_state(exec, node, sizeof(rescale_state), ctx));
    rescale_state *state = node->state;
    TMO_TRY(tmoi_node_memory(exec, (void **)&state->tables, (size_t)node->input_count, sizeof *state->tables,
                             ctx));
    for (int32_t k = 0; k < node->input_count; k++) {
        TMO_TRY(tmoi_value_require_quant(node->inputs[k], "input", ctx));
        fill_table(state->tables[k], node->inputs[k], node->outputs[0]);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static int32_t axis_of(const tmoi_node *node)
{
    int32_t axis = tmoi_op_options(node->op, concatenation_options)->axis;
    return axis < 0 ? axis + node->outputs[0]->shape.rank : axis;
}

static tmo_status prepare_copy(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_shape *out = &node->outputs[0]->shape;
    int32_t axis = axis_of(node);
    int64_t outer = tmoi_shape_product(out, 0, axis), inner = tmoi_shape_product(out, axis + 1, out->rank),
            done = 0;
    TMO_TRY(tmoi_moves_begin(exec, node, node->input_count, ctx));
    for (int32_t k = 0; k < node->input_count; k++) {
        tmoi_move *move = tmoi_moves_add(node, k, 0);
        int64_t slices = node->inputs[k]->shape.dims[axis];
        int64_t slice_bytes = (int64_t)(inner * (int64_t)move->elem_bytes);
        move->out_offset = done * slice_bytes;
        tmoi_move_add_dim(move, outer, slices * slice_bytes, out->dims[axis] * slice_bytes);
        tmoi_move_add_dim(move, slices * inner, (int64_t)move->elem_bytes, (int64_t)move->elem_bytes);
        done += slices;
    }
    TMO_TRY(tmoi_moves_end(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static bool rescales(const tmoi_node *node)
{
    return node->outputs[0]->type == TMO_TYPE_UINT8 && !all_same_quant(node);
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(node->outputs[0]->type == TMO_TYPE_INT8 && !all_same_quant(node), INVALID_MODEL, ctx,
                "int8 inputs and output have different quantization");
    if (rescales(node))
        TMO_TRY(prepare_rescale(exec, node, ctx));
    else
        TMO_TRY(prepare_copy(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void eval_rescale(const tmoi_exec *exec, const tmoi_node *node)
{
    const rescale_state *state = node->state;
    const tmoi_shape *shape = &node->outputs[0]->shape;
    int32_t axis = axis_of(node);
    int64_t outer = tmoi_shape_product(shape, 0, axis),
            inner = tmoi_shape_product(shape, axis + 1, shape->rank);
    uint8_t *out = node->outputs[0]->data;
    if (inner == 0) return;
    for (int64_t row = 0; row < outer; row++) {
        for (int32_t k = 0; k < node->input_count; k++) {
            int64_t count = node->inputs[k]->shape.dims[axis] * inner;
            const uint8_t *in = (const uint8_t *)node->inputs[k]->data + row * count;
            TMOI_KERNEL_OF(exec->kernels, lookup_x8)(state->tables[k], in, out, count);
            out += count;
        }
    }
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    if (!rescales(node)) return tmoi_moves_eval(exec, node, ctx);
    eval_rescale(exec, node);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_concatenation = {.prepare = prepare, .eval = eval};
