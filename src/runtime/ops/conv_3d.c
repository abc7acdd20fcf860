/* CONV_3D and CONV_3D_TRANSPOSE, float. */
#include "kernels/conv/conv_f32.h"
#include "runtime/ops/conv_common.h"
#include "runtime/ops/operand.h"
#include "runtime/ops/panels.h"
#include "runtime/ops/transpose_conv_float.h"

typedef struct conv_3d_state {
    tmoi_conv_f32 conv;
    tmoi_panels filter;
    tmoi_operand bias;
    tmoi_thread_scratch scratch;
} conv_3d_state;

/* Everything but sizes of the output and padding. The filter is [d, h, w, …]. */
static tmoi_conv_shape shape_of(const tmoi_node *node, const tmoi_value *in, const tmoi_value *filter)
{
    const tmoi_fb_conv3d_options *o = tmoi_op_options(node->op, conv3d_options);
    const int32_t *dims = in->shape.dims, *taps = filter->shape.dims, *out = node->outputs[0]->shape.dims;
    return (tmoi_conv_shape){.batch = dims[0],
                             .in_d = dims[1],
                             .in_h = dims[2],
                             .in_w = dims[3],
                             .in_c = dims[4],
                             .filter_d = taps[0],
                             .filter_h = taps[1],
                             .filter_w = taps[2],
                             .filter_c = dims[4],
                             .out_d = out[1],
                             .out_h = out[2],
                             .out_w = out[3],
                             .out_c = out[4],
                             .stride_d = o->stride_d,
                             .stride_h = o->stride_h,
                             .stride_w = o->stride_w,
                             .dilation_d = o->dilation_d_factor,
                             .dilation_h = o->dilation_h_factor,
                             .dilation_w = o->dilation_w_factor};
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_conv3d_options *o = tmoi_op_options(node->op, conv3d_options);
    const tmoi_value *filter = node->inputs[1];
    int32_t size;
    size_t bytes;
    TMO_TRY(tmoi_node_state(exec, node, sizeof(conv_3d_state), ctx));
    conv_3d_state *state = node->state;
    tmoi_conv_f32 *conv = &state->conv;
    tmoi_conv_shape *s = &conv->shape;
    *s = shape_of(node, node->inputs[0], filter);
    (void)tmoi_infer_window(o->padding, s->in_d, s->filter_d, s->stride_d, s->dilation_d, &size,
                            &s->pad_front);
    (void)tmoi_infer_window(o->padding, s->in_h, s->filter_h, s->stride_h, s->dilation_h, &size, &s->pad_top);
    (void)tmoi_infer_window(o->padding, s->in_w, s->filter_w, s->stride_w, s->dilation_w, &size,
                            &s->pad_left);
    TMO_TRY(tmoi_require_dense(filter, ctx));
    TMO_TRY(tmoi_conv_check_patch(s, ctx));
    TMO_TRY(tmoi_panels_prepare(exec, node, &state->filter, filter, tmoi_conv_patch_size(s), s->out_c, false,
                                ctx));
    conv->gemm = state->filter.gemm;
    conv->widen = state->filter.widen;
    tmoi_conv_f32_plan(conv);
    TMO_TRY(tmoi_operand_prepare_float(exec, node, &state->bias, tmoi_bias_of(node), ctx));
    TMO_TRY(tmoi_float_range(exec, o->fused_activation_function, &conv->low, &conv->high, ctx));
    TMO_FAIL_IF(!tmoi_conv_f32_scratch_bytes(conv, &bytes), LIMIT, ctx, "filter is too large");
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, bytes, 1, &state->scratch, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void run(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const conv_3d_state *state = node->state;
    int32_t channels = state->conv.shape.out_c;
    tmoi_conv_f32_target target = {
        .out = (float *)node->outputs[0]->data + begin * channels, .stride = channels, .count = channels};
    tmoi_conv_f32_run(&state->conv, begin, end - begin, &target,
                      tmoi_thread_scratch_of(node, &state->scratch, thread));
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    conv_3d_state *state = node->state;
    tmoi_conv_f32 *conv = &state->conv;
    const tmoi_conv_shape *s = &conv->shape;
    (void)ctx;
    conv->in = node->inputs[0]->data;
    conv->filter = tmoi_panels_data(node, &state->filter);
    conv->bias = tmoi_operand_data(node, &state->bias);
    tmoi_parallel_for(exec->pool, s->batch * tmoi_conv_image_pixels(s),
                      tmoi_grain(tmoi_conv_patch_size(s) * s->out_c), run, node);
    return TMO_STATUS_OK;
}

static tmo_status prepare_transpose(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_conv3d_options *o = tmoi_op_options(node->op, conv3d_options);
    int32_t size;
    TMO_TRY(tmoi_node_state(exec, node, sizeof(tmoi_transpose_float), ctx));
    tmoi_transpose_float *state = node->state;
    tmoi_conv_shape *s = &state->conv.shape;
    state->input = node->inputs[2];
    state->weights = node->inputs[1]; /* [d, h, w, out_c, in_c] */
    *s = shape_of(node, state->input, state->weights);
    (void)tmoi_infer_window(o->padding, s->out_d, s->filter_d, s->stride_d, s->dilation_d, &size,
                            &s->pad_front);
    (void)tmoi_infer_window(o->padding, s->out_h, s->filter_h, s->stride_h, s->dilation_h, &size,
                            &s->pad_top);
    (void)tmoi_infer_window(o->padding, s->out_w, s->filter_w, s->stride_w, s->dilation_w, &size,
                            &s->pad_left);
    state->tap_stride = (ptrdiff_t)s->out_c * s->in_c;
    state->k_stride = 1;
    state->n_stride = s->in_c;
    TMO_TRY(tmoi_transpose_float_prepare(exec, node, state, node->input_count > 3 ? node->inputs[3] : NULL,
                                         o->fused_activation_function, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status eval_transpose(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    (void)ctx;
    tmoi_transpose_float_run(exec, node, node->state);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_conv_3d = {.prepare = prepare, .eval = eval};
const tmoi_op_def tmoi_op_conv_3d_transpose = {
    .prepare = prepare_transpose, .eval = eval_transpose, .flags = TMOI_OP_POSTS};
