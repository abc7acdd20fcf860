/* SELECT and SELECT_V2. */
#include "kernels/select/select.h"

#include "runtime/value.h"

/* Strides of a value seen as one of shape `out`, dimension 0 of the value at dimension `first`. */
static void broadcast_strides(const tmoi_value *value, const tmoi_shape *out, int32_t first, int64_t *strides)
{
    int64_t dense[TMO_MAX_RANK];
    tmoi_strides(&value->shape, tmoi_value_elem_bytes(value), dense);
    for (int32_t k = 0; k < out->rank; k++) {
        int32_t own = k - first;
        strides[k] = own < 0 || own >= value->shape.rank || value->shape.dims[own] == 1 ? 0 : dense[own];
    }
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_shape *out = &node->outputs[0]->shape;
    const tmoi_value *condition = node->inputs[0], *a = node->inputs[1], *b = node->inputs[2];
    TMO_TRY(tmoi_node_state(exec, node, sizeof(tmoi_select_shape), ctx));
    tmoi_select_shape *shape = node->state;
    *shape = (tmoi_select_shape){.rank = out->rank, .elem_bytes = tmoi_value_elem_bytes(a)};
    for (int32_t k = 0; k < out->rank; k++) shape->dims[k] = out->dims[k];
    /* SELECT aligns the condition with the first dimension, SELECT_V2 with the last. */
    int32_t first = node->op->code == TMOI_OP_SELECT ? 0 : out->rank - condition->shape.rank;
    broadcast_strides(condition, out, first, shape->condition_stride);
    broadcast_strides(a, out, out->rank - a->shape.rank, shape->a_stride);
    broadcast_strides(b, out, out->rank - b->shape.rank, shape->b_stride);
    tmoi_select_simplify(shape);
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, select);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

typedef struct select_job {
    const tmoi_exec *exec;
    const tmoi_node *node;
} select_job;

/* Indices of the outermost dimension. */
static void run_part(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const select_job *job = argument;
    const tmoi_node *node = job->node;
    const tmoi_select_shape *whole = node->state;
    tmoi_select_shape part = *whole;
    int64_t slice = (int64_t)whole->elem_bytes;
    (void)thread;
    for (int32_t k = 1; k < whole->rank; k++) slice *= whole->dims[k];
    part.dims[0] = end - begin;
    TMOI_KERNEL_OF(job->exec->kernels, select)
    (&part, (const uint8_t *)node->inputs[0]->data + begin * whole->condition_stride[0],
     (const uint8_t *)node->inputs[1]->data + begin * whole->a_stride[0],
     (const uint8_t *)node->inputs[2]->data + begin * whole->b_stride[0],
     (uint8_t *)node->outputs[0]->data + begin * slice);
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_select_shape *shape = node->state;
    const tmoi_value *out = node->outputs[0];
    select_job job = {exec, node};
    (void)ctx;
    if (tmoi_value_count(out) == 0) return TMO_STATUS_OK;
    if (shape->rank == 0) TMOI_KERNEL_OF(exec->kernels, select)
    (shape, node->inputs[0]->data, node->inputs[1]->data, node->inputs[2]->data, out->data);
    else tmoi_parallel_for(exec->pool, shape->dims[0], tmoi_grain((int64_t)out->bytes / shape->dims[0]),
                           run_part, &job);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_select = {.prepare = prepare, .eval = eval};
