/* STABLEHLO_GATHER and STABLEHLO_SCATTER: windows of a tensor at places that indices name. */
#include "model/infer/window_index.h"

#include <string.h>

#include "kernels/move/move.h"
#include "kernels/segment/segment.h"
#include "runtime/session.h"
#include "runtime/value.h"

typedef struct window_state {
    tmoi_window_index index;
    bool replaces; /* a scatter whose function is its second argument */
    tmoi_segment_kind kind;
} window_state;

/* Where one batch entry's window starts in the operand, and where it lies in the windows tensor. */
typedef struct window {
    int64_t start[TMO_MAX_RANK];
    int64_t offset;
} window;

static window window_at(const window_state *s, const tmoi_value *indices, const int64_t *windows_stride,
                        int64_t entry)
{
    const tmoi_window_index *x = &s->index;
    int64_t index_stride[TMO_MAX_RANK], vector = 0;
    window out = {.offset = 0};
    tmoi_strides(&indices->shape, 1, index_stride);
    for (int32_t k = x->batch_rank - 1; k >= 0; k--) {
        int64_t place = entry % x->batch.dims[k];
        entry /= x->batch.dims[k];
        out.offset += place * windows_stride[x->batch_dim[k]];
        vector += place * index_stride[k < x->vector_dim ? k : k + 1];
    }
    for (int32_t k = 0; k < x->vector_size; k++) {
        int64_t step = x->vector_dim < indices->shape.rank ? index_stride[x->vector_dim] : 0;
        out.start[x->operand_dim[k]] = tmoi_value_int(indices, vector + k * step);
    }
    return out;
}

static tmo_status prepare_gather(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmoi_shape result;
    TMO_TRY(tmoi_node_state(exec, node, sizeof(window_state), ctx));
    window_state *s = node->state;
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, move);
    TMO_TRY(tmoi_window_index_of_gather(tmoi_op_options_2(node->op, stablehlo_gather_options),
                                        &node->inputs[0]->shape, &node->inputs[1]->shape, &s->index, &result,
                                        ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* A start out of range moves to the nearest one in range. */
static tmo_status eval_gather(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const window_state *s = node->state;
    const tmoi_value *in = node->inputs[0];
    int64_t in_stride[TMO_MAX_RANK], out_stride[TMO_MAX_RANK];
    size_t elem = tmoi_value_elem_bytes(in);
    (void)ctx;
    if (tmoi_value_count(node->outputs[0]) == 0) return TMO_STATUS_OK;
    tmoi_strides(&in->shape, elem, in_stride);
    tmoi_strides(&node->outputs[0]->shape, elem, out_stride);
    for (int64_t entry = 0; entry < tmoi_shape_count(&s->index.batch); entry++) {
        window w = window_at(s, node->inputs[1], out_stride, entry);
        tmoi_move move = {.elem_bytes = elem, .out_offset = w.offset};
        for (int32_t k = 0; k < in->shape.rank; k++) {
            int64_t last = in->shape.dims[k] - s->index.window_size[k];
            move.in_offset += (w.start[k] < 0 ? 0 : w.start[k] > last ? last : w.start[k]) * in_stride[k];
            int32_t to = s->index.window_dim[k];
            tmoi_move_add_dim(&move, s->index.window_size[k], in_stride[k], to < 0 ? 0 : out_stride[to]);
        }
        tmoi_move_simplify(&move);
        TMOI_KERNEL_OF(exec->kernels, move)(&move, in->data, node->outputs[0]->data);
    }
    return TMO_STATUS_OK;
}

/* ---- scatter ---- */

/* What the update function computes: one operator on its two arguments, or just the second one. */
static tmo_status recognize(const tmoi_subgraph *function, window_state *s, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(!function || function->input_count != 2 || function->output_count != 1 ||
                    function->op_count > 1,
                UNSUPPORTED_OPERATOR, ctx, "the update function is not a single operator on two values");
    s->replaces = function->op_count == 0;
    if (s->replaces) {
        TMO_FAIL_IF(function->outputs[0] != function->inputs[1], UNSUPPORTED_OPERATOR, ctx,
                    "the update function gives neither a new value nor the update");
        return TMO_STATUS_OK;
    }
    switch (function->ops[0].code) {
    case TMOI_OP_STABLEHLO_ADD: s->kind = TMOI_SEGMENT_SUM; return TMO_STATUS_OK;
    case TMOI_OP_STABLEHLO_MULTIPLY: s->kind = TMOI_SEGMENT_PROD; return TMO_STATUS_OK;
    case TMOI_OP_STABLEHLO_MAXIMUM: s->kind = TMOI_SEGMENT_MAX; return TMO_STATUS_OK;
    case TMOI_OP_STABLEHLO_MINIMUM: s->kind = TMOI_SEGMENT_MIN; return TMO_STATUS_OK;
    default: break;
    }
    TMO_FAIL_IF(true, UNSUPPORTED_OPERATOR, ctx, "the update function %s is not supported",
                tmoi_op_name(&function->ops[0]));
fail:
    return ctx->error.status;
}

static tmo_status prepare_scatter(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_stablehlo_scatter_options *options = tmoi_op_options_2(node->op, stablehlo_scatter_options);
    TMO_TRY(tmoi_node_state(exec, node, sizeof(window_state), ctx));
    window_state *s = node->state;
    TMO_TRY(tmoi_window_index_of_scatter(options, &node->inputs[0]->shape, &node->inputs[1]->shape,
                                         &node->inputs[2]->shape, &s->index, ctx));
    TMO_TRY(recognize(tmoi_session_subgraph(exec, options->update_computation_subgraph_index), s, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

typedef struct scatter_walk {
    const window_state *state;
    tmo_type type;
    size_t elem;
    int64_t out_stride[TMO_MAX_RANK], window_stride[TMO_MAX_RANK];
    int32_t rank;
} scatter_walk;

static void scatter_dim(const scatter_walk *walk, int32_t dim, const uint8_t *update, uint8_t *out)
{
    if (dim == walk->rank) {
        if (walk->state->replaces)
            memcpy(out, update, walk->elem);
        else
            tmoi_segment_combine(walk->state->kind, walk->type, update, out, 1);
        return;
    }
    for (int64_t k = 0; k < walk->state->index.window_size[dim]; k++)
        scatter_dim(walk, dim + 1, update + k * walk->window_stride[dim], out + k * walk->out_stride[dim]);
}

/* A window that is not wholly inside is left out. */
static tmo_status eval_scatter(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const window_state *s = node->state;
    const tmoi_value *updates = node->inputs[2];
    tmoi_value *out = node->outputs[0];
    scatter_walk walk = {
        .state = s, .type = out->type, .elem = tmoi_value_elem_bytes(out), .rank = out->shape.rank};
    int64_t updates_stride[TMO_MAX_RANK];
    (void)exec, (void)ctx;
    tmoi_strides(&updates->shape, walk.elem, updates_stride);
    tmoi_strides(&out->shape, walk.elem, walk.out_stride);
    for (int32_t k = 0; k < walk.rank; k++)
        walk.window_stride[k] = s->index.window_dim[k] < 0 ? 0 : updates_stride[s->index.window_dim[k]];
    if (out->bytes && out->data != node->inputs[0]->data)
        memcpy(out->data, node->inputs[0]->data, out->bytes);
    if (tmoi_value_count(updates) == 0) return TMO_STATUS_OK;
    for (int64_t entry = 0; entry < tmoi_shape_count(&s->index.batch); entry++) {
        window w = window_at(s, node->inputs[1], updates_stride, entry);
        bool inside = true;
        int64_t start = 0;
        for (int32_t k = 0; k < walk.rank; k++) {
            inside = inside && w.start[k] >= 0 && w.start[k] <= out->shape.dims[k] - s->index.window_size[k];
            if (inside) start += w.start[k] * walk.out_stride[k];
        }
        if (inside)
            scatter_dim(&walk, 0, (const uint8_t *)updates->data + w.offset, (uint8_t *)out->data + start);
    }
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_stablehlo_gather = {.prepare = prepare_gather, .eval = eval_gather};
const tmoi_op_def tmoi_op_stablehlo_scatter = {
    .prepare = prepare_scatter, .eval = eval_scatter, .flags = TMOI_OP_INPLACE};
