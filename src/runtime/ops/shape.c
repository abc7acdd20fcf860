/* SHAPE, RANK, BROADCAST_ARGS: operators on shapes. */
#include <string.h>

#include "runtime/value.h"

static void write_int(tmoi_value *out, int64_t k, int64_t value)
{
    if (out->type == TMO_TYPE_INT64)
        memcpy((uint8_t *)out->data + k * 8, &value, 8);
    else
        memcpy((uint8_t *)out->data + k * 4, &(int32_t){(int32_t)value}, 4);
}

static tmo_status eval_shape(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    (void)exec, (void)ctx;
    const tmoi_shape *shape = &node->inputs[0]->shape;
    for (int32_t k = 0; k < shape->rank; k++) write_int(node->outputs[0], k, shape->dims[k]);
    return TMO_STATUS_OK;
}

static tmo_status eval_rank(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    (void)exec, (void)ctx;
    write_int(node->outputs[0], 0, node->inputs[0]->shape.rank);
    return TMO_STATUS_OK;
}

/* Entry k counted from the end, or 1 beyond the beginning. */
static int64_t entry_from_end(const tmoi_value *vector, int64_t k)
{
    int64_t count = tmoi_value_count(vector);
    return k <= count ? tmoi_value_int(vector, count - k) : 1;
}

static tmo_status eval_broadcast_args(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    (void)exec;
    tmoi_value *out = node->outputs[0];
    int64_t count = tmoi_value_count(out);
    for (int64_t k = 1; k <= count; k++) {
        int64_t a = entry_from_end(node->inputs[0], k), b = entry_from_end(node->inputs[1], k);
        TMO_FAIL_IF(a != b && a != 1 && b != 1, INVALID_INPUT, ctx,
                    "sizes %lld and %lld of dimension %lld do not broadcast", (long long)a, (long long)b,
                    (long long)(count - k));
        write_int(out, count - k, a == 1 ? b : a);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_shape = {.eval = eval_shape};
const tmoi_op_def tmoi_op_rank = {.eval = eval_rank};
const tmoi_op_def tmoi_op_broadcast_args = {.eval = eval_broadcast_args};
