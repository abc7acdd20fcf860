/* CONV_3D and CONV_3D_TRANSPOSE, float. */
#include "kernels/transpose_conv/transpose_conv.h"
#include "runtime/activation.h"
#include "runtime/ops/conv_common.h"
#include "runtime/ops/operand.h"

typedef struct conv_3d_state {
    tmoi_conv_f32 conv;                /* CONV_3D */
    tmoi_transpose_conv_f32 transpose; /* CONV_3D_TRANSPOSE */
    tmoi_operand filter, bias;
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
    conv->tile = tmoi_conv_tile(s, sizeof(float), sizeof(float));
    conv->gemm = TMOI_KERNEL_OF(exec->kernels, gemm_f32);
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, gemm_f32);
    TMO_TRY(tmoi_operand_prepare_float(exec, node, &state->filter, filter, ctx));
    TMO_TRY(tmoi_operand_prepare_float(exec, node, &state->bias,
                                       node->input_count > 2 ? node->inputs[2] : NULL, ctx));
    TMO_TRY(tmoi_activation_range_f32(o->fused_activation_function, &conv->low, &conv->high, ctx));
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, (size_t)conv->tile * (size_t)tmoi_conv_patch_size(s),
                                        sizeof(float), &state->scratch, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void run(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const conv_3d_state *state = node->state;
    tmoi_conv_f32_run(&state->conv, begin, end, tmoi_thread_scratch_of(node, &state->scratch, thread));
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    conv_3d_state *state = node->state;
    tmoi_conv_f32 *conv = &state->conv;
    (void)ctx;
    conv->in = node->inputs[0]->data;
    conv->filter = tmoi_operand_data(node, &state->filter);
    conv->bias = tmoi_operand_data(node, &state->bias);
    conv->out = node->outputs[0]->data;
    tmoi_parallel_for(exec->pool, conv->shape.batch * tmoi_conv_image_pixels(&conv->shape), 0, run, node);
    return TMO_STATUS_OK;
}

static tmo_status prepare_transpose(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_conv3d_options *o = tmoi_op_options(node->op, conv3d_options);
    const tmoi_value *filter = node->inputs[1];
    int32_t size;
    size_t products;
    TMO_TRY(tmoi_node_state(exec, node, sizeof(conv_3d_state), ctx));
    conv_3d_state *state = node->state;
    tmoi_transpose_conv_f32 *conv = &state->transpose;
    tmoi_conv_shape *s = &conv->shape;
    *s = shape_of(node, node->inputs[2], filter);
    (void)tmoi_infer_window(o->padding, s->out_d, s->filter_d, s->stride_d, s->dilation_d, &size,
                            &s->pad_front);
    (void)tmoi_infer_window(o->padding, s->out_h, s->filter_h, s->stride_h, s->dilation_h, &size,
                            &s->pad_top);
    (void)tmoi_infer_window(o->padding, s->out_w, s->filter_w, s->stride_w, s->dilation_w, &size,
                            &s->pad_left);
    int64_t columns = (int64_t)s->filter_w * s->out_c;
    TMO_FAIL_IF(columns > INT32_MAX || !tmoi_mul_size((size_t)columns, (size_t)s->in_w, &products), LIMIT,
                ctx, "filter of width %d for %d channels is too large", (int)s->filter_w, (int)s->out_c);
    conv->gemm = TMOI_KERNEL_OF(exec->kernels, gemm_f32);
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, gemm_f32);
    TMO_TRY(tmoi_require_dense(filter, ctx));
    TMO_TRY(tmoi_operand_prepare(exec, node, &state->filter, filter, tmoi_operand_transpose, sizeof(float),
                                 columns, s->in_c, ctx));
    TMO_TRY(tmoi_operand_prepare_float(exec, node, &state->bias,
                                       node->input_count > 3 ? node->inputs[3] : NULL, ctx));
    TMO_TRY(tmoi_activation_range_f32(o->fused_activation_function, &conv->low, &conv->high, ctx));
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, products, sizeof(float), &state->scratch, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void run_transpose(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const conv_3d_state *state = node->state;
    tmoi_transpose_conv_f32_run(&state->transpose, begin, end,
                                tmoi_thread_scratch_of(node, &state->scratch, thread));
}

static tmo_status eval_transpose(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    conv_3d_state *state = node->state;
    tmoi_transpose_conv_f32 *conv = &state->transpose;
    (void)ctx;
    conv->in = node->inputs[2]->data;
    conv->filter = tmoi_operand_data(node, &state->filter);
    conv->bias = tmoi_operand_data(node, &state->bias);
    conv->out = node->outputs[0]->data;
    tmoi_parallel_for(exec->pool, (int64_t)conv->shape.batch * conv->shape.out_d * conv->shape.out_h, 0,
                      run_transpose, node);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_conv_3d = {.prepare = prepare, .eval = eval};
const tmoi_op_def tmoi_op_conv_3d_transpose = {.prepare = prepare_transpose, .eval = eval_transpose};
