/* FILL, ZEROS_LIKE, RANGE, ONE_HOT: outputs made from few values. */
#include <string.h>

#include "kernels/move/move.h"
#include "runtime/value.h"

static tmo_status eval_fill(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmoi_value *out = node->outputs[0];
    (void)exec, (void)ctx;
    tmoi_move_fill(out->data, node->inputs[1]->data, tmoi_value_elem_bytes(out), tmoi_value_count(out));
    return TMO_STATUS_OK;
}

static tmo_status eval_zeros_like(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    (void)exec, (void)ctx;
    if (node->outputs[0]->bytes) memset(node->outputs[0]->data, 0, node->outputs[0]->bytes);
    return TMO_STATUS_OK;
}

/* Adds the step again and again, as TFLite does: the rounding of float is part of the result. */
static tmo_status eval_range(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmoi_value *out = node->outputs[0];
    int64_t count = tmoi_value_count(out);
    (void)exec, (void)ctx;
    if (out->type == TMO_TYPE_FLOAT32) {
        float value = *(const float *)node->inputs[0]->data, step = *(const float *)node->inputs[2]->data;
        for (int64_t k = 0; k < count; k++, value += step) ((float *)out->data)[k] = value;
        return TMO_STATUS_OK;
    }
    uint64_t value = (uint64_t)tmoi_value_int(node->inputs[0], 0),
             step = (uint64_t)tmoi_value_int(node->inputs[2], 0);
    for (int64_t k = 0; k < count; k++, value += step) {
        if (out->type == TMO_TYPE_INT64)
            ((int64_t *)out->data)[k] = (int64_t)value;
        else
            ((int32_t *)out->data)[k] = (int32_t)(int64_t)value;
    }
    return TMO_STATUS_OK;
}

/* Indices outside [0, depth) give no "on" value at all. */
static tmo_status eval_one_hot(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *indices = node->inputs[0];
    tmoi_value *out = node->outputs[0];
    size_t elem = tmoi_value_elem_bytes(out);
    int32_t axis = tmoi_op_options(node->op, one_hot_options)->axis;
    if (axis < 0) axis += out->shape.rank;
    int64_t depth = out->shape.dims[axis], inner = tmoi_shape_product(&out->shape, axis + 1, out->shape.rank);
    (void)exec, (void)ctx;
    tmoi_move_fill(out->data, node->inputs[3]->data, elem, tmoi_value_count(out));
    for (int64_t k = 0; k < tmoi_value_count(indices); k++) {
        int64_t hot = tmoi_value_int(indices, k);
        if (hot < 0 || hot >= depth) continue;
        int64_t place = (k / inner * depth + hot) * inner + k % inner;
        memcpy((uint8_t *)out->data + (size_t)place * elem, node->inputs[2]->data, elem);
    }
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_fill = {.eval = eval_fill};
const tmoi_op_def tmoi_op_zeros_like = {.eval = eval_zeros_like};
const tmoi_op_def tmoi_op_range = {.eval = eval_range};
const tmoi_op_def tmoi_op_one_hot = {.eval = eval_one_hot};
