#include "runtime/ops/conv_float.h"

#include "kernels/conv/conv_f32.h"
#include "runtime/ops/conv_common.h"
#include "runtime/ops/hybrid.h"
#include "runtime/ops/linear_float.h"
#include "runtime/ops/tail.h"
#include "runtime/ops/winograd_float.h"

typedef struct conv_state {
    enum { PATCHES, LINEAR, WINOGRAD } way;
    tmoi_linear linear; /* one pixel, whose patch is the image */
    tmoi_winograd_float winograd;
    /* PATCHES: */
    tmoi_conv_f32 conv;
    tmoi_panels filter;
    tmoi_operand bias;
    tmoi_thread_scratch scratch;
    tmoi_product_split split;
    tmoi_tail tail;
} conv_state;

static bool is_linear(const tmoi_conv_shape *s)
{
    return s->batch == 1 && s->out_h == 1 && s->out_w == 1 && s->pad_top == 0 && s->pad_left == 0 &&
           s->filter_c == s->in_c && s->filter_h == s->in_h && s->filter_w == s->in_w && s->dilation_h == 1 &&
           s->dilation_w == 1;
}

static tmo_status prepare_patches(tmoi_exec *exec, tmoi_node *node, conv_state *state, tmoi_ctx *ctx)
{
    tmoi_conv_f32 *conv = &state->conv;
    const tmoi_conv_shape *s = &conv->shape;
    int32_t columns = s->out_c / tmoi_conv_groups(s);
    int64_t k = tmoi_conv_patch_size(s), pixels = s->batch * tmoi_conv_image_pixels(s);
    size_t bytes;
    TMO_TRY(tmoi_tail_prepare(exec, node, s->out_c, &state->tail, ctx));
    conv->residual_channels = state->tail.residual_columns;
    TMO_TRY(tmoi_panels_prepare(exec, node, &state->filter, node->inputs[1], k, columns, true, ctx));
    conv->gemm = state->filter.gemm;
    conv->widen = state->filter.widen;
    tmoi_conv_f32_plan(conv);
    TMO_FAIL_IF(!tmoi_conv_f32_scratch_bytes(conv, &bytes), LIMIT, ctx,
                "filter of %lld elements is too large", (long long)k);
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, bytes, 1, &state->scratch, ctx));
    state->split = tmoi_split_product(exec, &state->filter, pixels, columns == s->out_c);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_conv_float_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    int32_t activation = tmoi_op_options(node->op, conv2d_options)->fused_activation_function;
    TMO_TRY(tmoi_node_state(exec, node, sizeof(conv_state), ctx));
    conv_state *state = node->state;
    tmoi_conv_f32 *conv = &state->conv;
    TMO_TRY(tmoi_require_dense(node->inputs[1], ctx));
    conv->shape = tmoi_conv_2d_shape(node);
    TMO_TRY(tmoi_conv_check_patch(&conv->shape, ctx));
    TMO_TRY(tmoi_float_range(exec, activation, &conv->low, &conv->high, ctx));
    if (is_linear(&conv->shape)) {
        state->way = LINEAR;
        state->linear.m = 1;
        state->linear.n = conv->shape.out_c;
        state->linear.k = (int32_t)tmoi_conv_patch_size(&conv->shape);
        return tmoi_linear_prepare(exec, node, &state->linear, node->inputs[1], tmoi_bias_of(node),
                                   activation, ctx);
    }
    TMO_TRY(tmoi_operand_prepare_float(exec, node, &state->bias, tmoi_bias_of(node), ctx));
    if (tmoi_winograd_float_applies(exec, node, &conv->shape)) {
        state->way = WINOGRAD;
        state->winograd.conv.shape = conv->shape;
        state->winograd.conv.low = conv->low;
        state->winograd.conv.high = conv->high;
        return tmoi_winograd_float_prepare(exec, node, &state->winograd, ctx);
    }
    TMO_TRY(prepare_patches(exec, node, state, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The channels [first, first + count) of the pixels [begin, end). */
static void run_pixels(const tmoi_node *node, int64_t begin, int64_t end, int32_t first, int32_t count,
                       int32_t thread)
{
    const conv_state *state = node->state;
    int32_t channels = state->conv.shape.out_c;
    int64_t at = begin * channels + first;
    tmoi_conv_f32 conv = state->conv;
    conv.in = node->inputs[0]->data;
    tmoi_conv_f32_target target = {.out = (float *)tmoi_node_target(node) + at,
                                   .stride = channels,
                                   .first = first,
                                   .count = count,
                                   .tail = tmoi_tail_at(node, &state->tail, at)};
    tmoi_conv_f32_run(&conv, begin, end - begin, &target,
                      tmoi_thread_scratch_of(node, &state->scratch, thread));
}

static void run_pieces(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const conv_state *state = node->state;
    const tmoi_product_split *split = &state->split;
    for (int64_t piece = begin; piece < end; piece++) {
        int64_t pixel = piece / split->across * split->rows, column = piece % split->across * split->columns;
        int64_t pixels = split->m - pixel < split->rows ? split->m - pixel : split->rows;
        int64_t columns = split->n - column < split->columns ? split->n - column : split->columns;
        run_pixels(node, pixel, pixel + pixels, (int32_t)column, (int32_t)columns, thread);
        int32_t channels = state->conv.shape.out_c;
        if (split->across == 1) tmoi_node_post(node, pixel * channels, (pixel + pixels) * channels);
    }
}

void tmoi_conv_float_begin(tmoi_exec *exec, tmoi_node *node)
{
    conv_state *state = node->state;
    (void)exec;
    if (state->way == LINEAR) {
        tmoi_linear_begin(node, &state->linear, node->inputs[0]->data);
        return;
    }
    state->conv.bias = tmoi_operand_data(node, &state->bias);
    if (state->way == WINOGRAD)
        tmoi_winograd_float_begin(node, &state->winograd, state->conv.bias);
    else
        state->conv.filter = tmoi_panels_data(node, &state->filter);
}

static void patch_rows(const tmoi_node *node, int64_t row_begin, int64_t row_end, int32_t thread)
{
    const conv_state *state = node->state;
    const tmoi_product_split *split = &state->split;
    int64_t channels = state->conv.shape.out_c, end = row_end * state->conv.shape.out_w;
    for (int64_t pixel = row_begin * state->conv.shape.out_w; pixel < end; pixel += split->rows) {
        int64_t next = end - pixel < split->rows ? end : pixel + split->rows;
        run_pixels(node, pixel, next, 0, split->n, thread);
        tmoi_node_post(node, pixel * channels, next * channels);
    }
}

void tmoi_conv_float_rows(const tmoi_node *node, int64_t row_begin, int64_t row_end, int32_t thread)
{
    const conv_state *state = node->state;
    if (state->way == WINOGRAD) {
        tmoi_winograd_float_rows(node, &state->winograd, row_begin, row_end, thread);
    } else if (state->way == PATCHES) {
        patch_rows(node, row_begin, row_end, thread);
    } else {
        tmoi_linear linear = state->linear;
        linear.a = node->inputs[0]->data;
        linear.out = node->outputs[0]->data;
        linear.node = node;
        tmoi_linear_run(NULL, &linear);
    }
}

/* Tiles of Winograd's reach past the rows asked for. */
bool tmoi_conv_float_span(const tmoi_exec *exec, const tmoi_node *node, tmoi_row_span *out)
{
    tmoi_conv_shape shape = tmoi_conv_2d_shape(node);
    *out = tmoi_conv_row_span(&shape);
    return !is_linear(&shape) && !tmoi_winograd_float_applies(exec, node, &shape);
}

bool tmoi_conv_float_pads_residual(const tmoi_exec *exec, const tmoi_node *node)
{
    tmoi_conv_shape shape = tmoi_conv_2d_shape(node);
    tmoi_row_span span;
    return tmoi_hybrid_runs_in_float(exec, node, &shape) && tmoi_conv_float_span(exec, node, &span) &&
           tmoi_conv_groups(&shape) == 1;
}

static void run_patches(tmoi_exec *exec, tmoi_node *node, const conv_state *state)
{
    tmoi_parallel_for(exec->pool, state->split.pieces, state->split.grain, run_pieces, node);
    if (state->split.across > 1) tmoi_node_post(node, 0, tmoi_shape_count(&node->outputs[0]->shape));
}

tmo_status tmoi_conv_float_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    conv_state *state = node->state;
    (void)ctx;
    tmoi_conv_float_begin(exec, node);
    switch (state->way) {
    case PATCHES: run_patches(exec, node, state); break;
    case LINEAR: tmoi_linear_run(exec->pool, &state->linear); break;
    case WINOGRAD: tmoi_winograd_float_run(exec, node, &state->winograd); break;
    }
    return TMO_STATUS_OK;
}
