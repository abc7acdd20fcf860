#include "runtime/ops/tail.h"

#include <math.h>

#include "runtime/ops/conv_common.h"

static bool has_rows(const tmoi_value *value, int32_t columns)
{
    const tmoi_shape *shape = &value->shape;
    return value->type == TMO_TYPE_FLOAT32 && shape->rank > 0 && shape->dims[shape->rank - 1] == columns;
}

/* The next post of the node, when it is of this kind and works on rows of so many columns. */
static const tmoi_node *next_post(const tmoi_node *node, int32_t code, int32_t columns)
{
    const tmoi_node *post = node->posts_taken < node->post_count ? node->posts[node->posts_taken] : NULL;
    bool fits = post && post->part_count == 0 && post->op->code == code &&
                has_rows(post->inputs[0], columns) && has_rows(post->outputs[0], columns);
    return fits ? post : NULL;
}

/* The second operand is as large as the result, or as its first columns. */
static bool is_residual(const tmoi_node *add)
{
    const tmoi_value *value = add->inputs[1];
    return value->type == TMO_TYPE_FLOAT32 &&
           (add->pad.given || tmoi_shape_equal(&value->shape, &add->outputs[0]->shape));
}

static tmo_status take_add(tmoi_exec *exec, tmoi_node *node, tmoi_tail *tail, tmoi_ctx *ctx)
{
    const tmoi_node *post = next_post(node, TMOI_OP_ADD, tail->columns);
    if (!post || !is_residual(post)) return TMO_STATUS_OK;
    int32_t activation = tmoi_op_options(post->op, add_options)->fused_activation_function;
    TMO_TRY(tmoi_float_range(exec, activation, &tail->low, &tail->high, ctx));
    tail->adds = true;
    if (post->pad.given) tail->residual_columns = post->inputs[1]->shape.dims[3];
    node->posts_taken++;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status fill_slopes(tmoi_exec *exec, tmoi_tail *tail, float slope, tmoi_ctx *ctx)
{
    float *slopes;
    TMO_TRY(tmoi_arena_new(exec->persistent, &slopes, (size_t)tail->columns, ctx));
    for (int32_t k = 0; k < tail->columns; k++) slopes[k] = slope;
    tail->slope = slopes;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status take_slopes(tmoi_exec *exec, tmoi_node *node, tmoi_tail *tail, tmoi_ctx *ctx)
{
    const tmoi_node *prelu = next_post(node, TMOI_OP_PRELU, tail->columns);
    const tmoi_node *leaky = next_post(node, TMOI_OP_LEAKY_RELU, tail->columns);
    if (prelu) {
        const tmoi_value *slopes = prelu->inputs[1];
        if (!slopes->is_constant || slopes->type != TMO_TYPE_FLOAT32) return TMO_STATUS_OK;
        int64_t count = tmoi_shape_count(&slopes->shape);
        if (count == tail->columns && has_rows(slopes, tail->columns))
            tail->slope = slopes->data;
        else if (count == 1)
            TMO_TRY(fill_slopes(exec, tail, *(const float *)slopes->data, ctx));
    } else if (leaky) {
        /* Others give zeros another sign than a PRELU. */
        float slope = tmoi_op_options(leaky->op, leaky_relu_options)->alpha;
        if (slope >= 0.0f && isfinite(slope)) TMO_TRY(fill_slopes(exec, tail, slope, ctx));
    }
    node->posts_taken += tail->slope != NULL;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_tail_prepare(tmoi_exec *exec, tmoi_node *node, int32_t columns, tmoi_tail *tail,
                             tmoi_ctx *ctx)
{
    *tail = (tmoi_tail){.columns = columns};
    TMO_TRY(take_add(exec, node, tail, ctx));
    TMO_TRY(take_slopes(exec, node, tail, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmoi_gemm_f32_tail tmoi_tail_at(const tmoi_node *node, const tmoi_tail *tail, int64_t first)
{
    int32_t narrow = tail->residual_columns;
    int64_t at = narrow ? first / tail->columns * narrow : first;
    return (tmoi_gemm_f32_tail){.residual = tail->adds ? (const float *)node->posts[0]->inputs[1]->data + at
                                                       : NULL,
                                .residual_stride = narrow ? narrow : tail->columns,
                                .low = tail->low,
                                .high = tail->high,
                                .slope = tail->slope};
}
