/* ARG_MAX, ARG_MIN, CUMSUM, TOPK_V2. */
#include "kernels/reduce/reduce.h"
#include "runtime/op.h"

/* A tensor as [outer, axis, inner]. */
typedef struct axis_view {
    int64_t outer, axis, inner;
} axis_view;

typedef struct top_k_state {
    tmoi_top_k top;
    int32_t keys, heap; /* scratch */
} top_k_state;

static int64_t scalar(const tmoi_value *value)
{
    switch (value->type) {
    case TMO_TYPE_INT16: return *(const int16_t *)value->data;
    case TMO_TYPE_INT64: return *(const int64_t *)value->data;
    default: return *(const int32_t *)value->data;
    }
}

static tmo_status view_along(const tmoi_value *in, const tmoi_value *axis, axis_view *view, tmoi_ctx *ctx)
{
    int64_t at = scalar(axis);
    int32_t rank = in->shape.rank;
    TMO_FAIL_IF(at < -rank || at >= rank, INVALID_ARGUMENT, ctx, "axis %lld is out of range for rank %d",
                (long long)at, (int)rank);
    int32_t k = (int32_t)(at < 0 ? at + rank : at);
    *view = (axis_view){tmoi_shape_product(&in->shape, 0, k), in->shape.dims[k],
                        tmoi_shape_product(&in->shape, k + 1, rank)};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

typedef struct arg_job {
    const tmoi_node *node;
    axis_view view;
} arg_job;

static void arg_part(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const arg_job *job = argument;
    const tmoi_node *node = job->node;
    const tmoi_value *in = node->inputs[0], *out = node->outputs[0];
    const axis_view *view = &job->view;
    (void)thread;
    (void)tmoi_arg_reduce(in->type, node->op->code == TMOI_OP_ARG_MAX, out->type == TMO_TYPE_INT64,
                          end - begin, view->axis, view->inner,
                          (const unsigned char *)in->data +
                              tmoi_type_bytes(in->type, begin * view->axis * view->inner),
                          (unsigned char *)out->data + tmoi_type_bytes(out->type, begin * view->inner));
}

static tmo_status eval_arg(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    arg_job job = {.node = node};
    TMO_TRY(view_along(node->inputs[0], node->inputs[1], &job.view, ctx));
    tmoi_parallel_for(exec->pool, job.view.outer, tmoi_grain(4 * job.view.axis * job.view.inner), arg_part,
                      &job);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status eval_cumsum(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_cumsum_options *options = tmoi_op_options(node->op, cumsum_options);
    const tmoi_value *in = node->inputs[0];
    axis_view view;
    (void)exec;
    TMO_TRY(view_along(in, node->inputs[1], &view, ctx));
    tmoi_cumulative_sum(in->type, options->exclusive, options->reverse, view.outer, view.axis, view.inner,
                        in->data, node->outputs[0]->data);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_top_k(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_shape *in = &node->inputs[0]->shape, *out = &node->outputs[0]->shape;
    TMO_TRY(tmoi_node_state(exec, node, sizeof(top_k_state), ctx));
    top_k_state *state = node->state;
    state->top = (tmoi_top_k){.type = node->inputs[0]->type,
                              .rows = tmoi_shape_product(in, 0, in->rank - 1),
                              .depth = in->dims[in->rank - 1],
                              .k = out->dims[out->rank - 1],
                              .narrow_index = node->outputs[1]->type == TMO_TYPE_INT16};
    TMO_TRY(tmoi_node_scratch(node, (size_t)state->top.depth * sizeof(int64_t), &state->keys, ctx));
    TMO_TRY(tmoi_node_scratch(node, (size_t)state->top.k * sizeof(int32_t), &state->heap, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status eval_top_k(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const top_k_state *state = node->state;
    tmoi_top_k top = state->top;
    (void)exec;
    (void)ctx;
    top.keys = node->scratch[state->keys];
    top.heap = node->scratch[state->heap];
    tmoi_top_k_run(&top, node->inputs[0]->data, node->outputs[0]->data, node->outputs[1]->data);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_arg_reduce = {.eval = eval_arg};
const tmoi_op_def tmoi_op_cumsum = {.eval = eval_cumsum};
const tmoi_op_def tmoi_op_top_k = {.prepare = prepare_top_k, .eval = eval_top_k};
