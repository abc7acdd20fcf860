/* CONV_2D: integer and hybrid; what multiplies floats is in conv_float.c. */
#include <string.h>

#include "kernels/conv/conv_s8.h"
#include "runtime/ops/conv_common.h"
#include "runtime/ops/conv_float.h"
#include "runtime/ops/hybrid.h"
#include "runtime/ops/integer_product.h"
#include "runtime/ops/multipliers.h"
#include "runtime/ops/tail.h"

typedef struct conv_state {
    tmoi_conv_s8 conv;
    tmoi_integer_product integer;
    tmoi_thread_scratch scratch;
    tmoi_tail tail;     /* hybrid */
    bool direct;        /* pixels are rows of a matrix */
    int32_t block_rows; /* direct: how many at a time */
    int64_t
        band_rows; /* direct and hybrid: not 0, each image row has a scale, found for so many rows at a time */
} conv_state;

/* Of hybrid convolutions, which quantize their input: whether each row of the image may have a scale of its own, as no sum has
 * terms from several rows. Its values are then still in the cache, and it is finer than one for the image, which reference
 * arithmetic has. */
static bool has_row_scales(const tmoi_exec *exec, const tmoi_node *node, const tmoi_conv_shape *shape)
{
    return !exec->reference && node->inputs[0]->type == TMO_TYPE_FLOAT32 && tmoi_conv_is_direct(shape) &&
           shape->out_h > 1;
}

static tmoi_integer_request request_of(const tmoi_exec *exec, const tmoi_node *node,
                                       const tmoi_conv_shape *shape)
{
    tmoi_integer_request r = {
        .input = node->inputs[0],
        .weights = node->inputs[1],
        .bias = tmoi_bias_of(node),
        .output = node->outputs[0],
        .groups = tmoi_conv_groups(shape),
        .activation = tmoi_op_options(node->op, conv2d_options)->fused_activation_function,
        .scales = node->inputs[0]->type == TMO_TYPE_UINT8 ? TMOI_SCALES_PER_TENSOR : TMOI_SCALES_PER_CHANNEL};
    r.columns = shape->out_c / r.groups;
    r.late_scales = has_row_scales(exec, node, shape);
    tmoi_conv_s8_segments(shape, &r.segments, &r.segment_terms);
    return r;
}

/* What the product does besides: the kernel reads whole vectors of slopes. */
static tmo_status prepare_tail(tmoi_exec *exec, tmoi_node *node, conv_state *state, tmoi_ctx *ctx)
{
    tmoi_gemm_s8_product *product = &state->integer.product;
    size_t channels = (size_t)state->conv.shape.out_c;
    void *slope;
    if (node->inputs[0]->type != TMO_TYPE_FLOAT32) return TMO_STATUS_OK;
    TMO_TRY(tmoi_tail_prepare(exec, node, state->conv.shape.out_c, &state->tail, ctx));
    product->finish.sum_low = state->tail.low;
    product->finish.sum_high = state->tail.high;
    if (!state->tail.slope) return TMO_STATUS_OK;
    TMO_TRY(tmoi_node_memory(exec, &slope, channels + (size_t)product->kernel->nr, sizeof(float), ctx));
    memcpy(slope, state->tail.slope, channels * sizeof(float));
    product->finish.slope = slope;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* So many rows of the image that they stay in the second cache, and fill whole blocks. */
static int64_t choose_band_rows(const tmoi_conv_shape *s)
{
    enum { MOST = 32 * 1024 };
    int64_t row = (int64_t)s->in_w * s->in_c;
    return row > MOST / 2 ? 1 : MOST / (row ? row : 1);
}

static tmo_status prepare_scratch(tmoi_exec *exec, tmoi_node *node, conv_state *state, tmoi_ctx *ctx)
{
    const tmoi_conv_s8 *conv = &state->conv;
    size_t bytes;
    state->direct = tmoi_conv_is_direct(&conv->shape);
    state->block_rows = tmoi_gemm_s8_block_rows(&conv->product);
    bytes = state->direct ? tmoi_gemm_s8_block_bytes(&conv->product, state->block_rows)
                          : tmoi_conv_s8_scratch_bytes(conv);
    state->band_rows = state->integer.request.late_scales ? choose_band_rows(&conv->shape) : 0;
    TMO_FAIL_IF(bytes == 0, LIMIT, ctx, "a row of the input takes too much memory");
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, bytes, 1, &state->scratch, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_conv_shape shape = tmoi_conv_2d_shape(node);
    node->in_float = tmoi_hybrid_runs_in_float(exec, node, &shape);
    if (node->in_float) {
        if (!tmoi_weights_are_float(node))
            TMO_TRY(tmoi_weights_require_quant(node->inputs[1], 0, false, ctx));
        return tmoi_conv_float_prepare(exec, node, ctx);
    }
    TMO_TRY(tmoi_node_state(exec, node, sizeof(conv_state), ctx));
    conv_state *state = node->state;
    const tmoi_value *filter = node->inputs[1];
    state->conv.shape = shape;
    TMO_TRY(tmoi_require_dense(filter, ctx));
    TMO_TRY(tmoi_conv_check_patch(&shape, ctx));
    tmoi_integer_request request = request_of(exec, node, &shape);
    int64_t scales = request.late_scales ? (int64_t)shape.batch * shape.out_h : shape.batch;
    TMO_TRY(tmoi_product_prepare(exec, node, &request, filter->type == TMO_TYPE_UINT8, scales,
                                 filter->quant->count > 1, &state->integer, ctx));
    TMO_TRY(prepare_tail(exec, node, state, ctx));
    state->conv.product = state->integer.product;
    TMO_TRY(prepare_scratch(exec, node, state, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void finished(const void *user, int64_t pixel_begin, int64_t pixel_end)
{
    const tmoi_node *node = user;
    const conv_state *state = node->state;
    tmoi_node_post(node, pixel_begin * state->conv.shape.out_c, pixel_end * state->conv.shape.out_c);
}

/* With the image and the result of this node, which may be a copy whose values lie elsewhere. */
static tmoi_conv_s8 conv_of(const tmoi_node *node)
{
    const conv_state *state = node->state;
    tmoi_conv_s8 conv = state->conv;
    conv.image.data = node->inputs[0]->data;
    conv.out = tmoi_node_target(node);
    if (state->tail.adds) {
        conv.product.residual = (const char *)tmoi_tail_at(node, &state->tail, 0).residual;
        conv.product.out_base = conv.out;
    }
    return conv;
}

/* The pixels [begin, end) of a direct convolution. */
static void run_pixels(const tmoi_node *node, int64_t begin, int64_t end, int32_t thread)
{
    const conv_state *state = node->state;
    const tmoi_conv_s8 conv = conv_of(node);
    for (int64_t pixel = begin; pixel < end; pixel += state->block_rows) {
        int32_t count = end - pixel < state->block_rows ? (int32_t)(end - pixel) : state->block_rows;
        tmoi_gemm_s8_block(&conv.product, &conv.image, pixel, count, 0, tmoi_gemm_s8_panels(&conv.product),
                           conv.out, tmoi_thread_scratch_of(node, &state->scratch, thread));
        finished(node, pixel, pixel + count);
    }
}

/* Direct, with scales of rows: the rows [begin, end) of the image. */
static void run_bands(const tmoi_node *node, int64_t begin, int64_t end, int32_t thread)
{
    const conv_state *state = node->state;
    int64_t width = state->conv.shape.out_w;
    for (int64_t row = begin, next; row < end; row = next) {
        next = end - row < state->band_rows ? end : row + state->band_rows;
        tmoi_integer_find_scales(node, &state->integer, node->inputs[0]->data, row, next);
        run_pixels(node, row * width, next * width, thread);
    }
}

static void run_blocks(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    run_pixels(argument, begin, end, thread);
}

static void run_rows(const tmoi_node *node, int64_t begin, int64_t end, int32_t thread)
{
    const conv_state *state = node->state;
    const tmoi_conv_s8 conv = conv_of(node);
    tmoi_conv_s8_rows(&conv, begin, end, tmoi_thread_scratch_of(node, &state->scratch, thread), finished,
                      node);
}

static void any_rows(const tmoi_node *node, int64_t begin, int64_t end, int32_t thread)
{
    const conv_state *state = node->state;
    int64_t width = state->conv.shape.out_w;
    if (state->band_rows)
        run_bands(node, begin, end, thread);
    else if (state->direct)
        run_pixels(node, begin * width, end * width, thread);
    else
        run_rows(node, begin, end, thread);
}

static void run_row_pieces(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    any_rows(argument, begin, end, thread);
}

static void begin(tmoi_exec *exec, tmoi_node *node)
{
    if (node->in_float) {
        tmoi_conv_float_begin(exec, node);
        return;
    }
    conv_state *state = node->state;
    tmoi_integer_begin(node, &state->integer, &state->conv.image);
    state->conv.product = state->integer.product;
    const tmoi_conv_shape *s = &state->conv.shape;
    state->conv.image.rows_per_scale = state->band_rows ? s->out_w : tmoi_conv_image_pixels(s);
}

static void rows(const tmoi_node *node, int64_t row_begin, int64_t row_end, int32_t thread)
{
    if (node->in_float) {
        tmoi_conv_float_rows(node, row_begin, row_end, thread);
        return;
    }
    any_rows(node, row_begin, row_end, thread);
}

static bool span(const tmoi_exec *exec, const tmoi_node *node, tmoi_row_span *out)
{
    tmoi_conv_shape shape = tmoi_conv_2d_shape(node);
    if (tmoi_hybrid_runs_in_float(exec, node, &shape)) return tmoi_conv_float_span(exec, node, out);
    *out = tmoi_conv_row_span(&shape);
    return node->inputs[0]->type != TMO_TYPE_FLOAT32 || has_row_scales(exec, node, &shape);
}

static int64_t at_least(int64_t x, int64_t least)
{
    return x < least ? least : x;
}

/* Rows that are worth a piece of work: as many as a tile has, or as fill a block. */
static int64_t grain_rows(const conv_state *state)
{
    const tmoi_conv_shape *s = &state->conv.shape;
    return state->direct ? (state->block_rows + s->out_w - 1) / s->out_w : tmoi_conv_s8_tile_rows(s);
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    if (node->in_float) return tmoi_conv_float_eval(exec, node, ctx);
    conv_state *state = node->state;
    const tmoi_conv_shape *s = &state->conv.shape;
    int64_t pixel_operations = tmoi_conv_patch_size(s) * s->out_c;
    if (tmoi_shape_count(&node->outputs[0]->shape) == 0) return TMO_STATUS_OK;
    begin(exec, node);
    if (state->direct && !state->band_rows)
        tmoi_parallel_for(exec->pool, s->batch * tmoi_conv_image_pixels(s),
                          at_least(tmoi_grain(pixel_operations), state->block_rows), run_blocks, node);
    else
        tmoi_parallel_for(exec->pool, (int64_t)s->batch * s->out_h,
                          at_least(tmoi_grain(pixel_operations * s->out_w), grain_rows(state)),
                          run_row_pieces, node);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_conv_2d = {.prepare = prepare,
                                     .eval = eval,
                                     .flags = TMOI_OP_POSTS,
                                     .begin = begin,
                                     .rows = rows,
                                     .span = span,
                                     .pads_residual = tmoi_conv_float_pads_residual};
