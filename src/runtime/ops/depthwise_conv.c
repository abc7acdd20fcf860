/* DEPTHWISE_CONV_2D: float, integer and hybrid. */
#include "kernels/dwconv/dwconv.h"
#include "kernels/quant_rows/quant_rows.h"
#include "runtime/activation.h"
#include "runtime/ops/conv_common.h"
#include "runtime/ops/multipliers.h"
#include "runtime/ops/operand.h"

typedef struct dwconv_state {
    tmoi_dwconv_s16 s16;          /* its shape serves the float kernel too */
    tmoi_dwconv_f32_function f32; /* NULL: integer or hybrid */
    const void *filter_data, *bias_data;
    float low, high;
    tmoi_operand filter, bias;
    tmoi_thread_scratch rows, pointers, sums;
    int32_t zero_point;
    int32_t quantized, image_scales, image_zero_points;
} dwconv_state;

static tmoi_conv_shape shape_of(const tmoi_node *node)
{
    const tmoi_fb_depthwise_conv2d_options *options = tmoi_op_options(node->op, depthwise_conv2d_options);
    const tmoi_shape *in = &node->inputs[0]->shape, *filter = &node->inputs[1]->shape;
    tmoi_conv_shape s = {.batch = in->dims[0],
                         .in_d = 1,
                         .in_h = in->dims[1],
                         .in_w = in->dims[2],
                         .in_c = in->dims[3],
                         .filter_d = 1,
                         .filter_h = filter->dims[1],
                         .filter_w = filter->dims[2],
                         .filter_c = 1,
                         .out_d = 1,
                         .out_c = filter->dims[3],
                         .stride_d = 1,
                         .stride_h = options->stride_h,
                         .stride_w = options->stride_w,
                         .dilation_d = 1,
                         .dilation_h = options->dilation_h_factor,
                         .dilation_w = options->dilation_w_factor};
    tmoi_conv_pad_2d(node, options->padding, &s);
    return s;
}

static tmo_status prepare_f32(tmoi_exec *exec, tmoi_node *node, dwconv_state *state, tmoi_ctx *ctx)
{
    int32_t activation = tmoi_op_options(node->op, depthwise_conv2d_options)->fused_activation_function;
    state->f32 = TMOI_KERNEL_OF(exec->kernels, dwconv_f32);
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, dwconv_f32);
    TMO_TRY(tmoi_operand_prepare_float(exec, node, &state->filter, node->inputs[1], ctx));
    TMO_TRY(tmoi_operand_prepare_float(exec, node, &state->bias,
                                       node->input_count > 2 ? node->inputs[2] : NULL, ctx));
    TMO_TRY(tmoi_activation_range_f32(activation, &state->low, &state->high, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_s16(tmoi_exec *exec, tmoi_node *node, dwconv_state *state, tmoi_ctx *ctx)
{
    const tmoi_conv_shape *s = &state->s16.shape;
    size_t row, rows;
    state->s16.kernel = TMOI_KERNEL_OF(exec->kernels, dwconv_s16);
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, dwconv_s16);
    TMO_FAIL_IF(!tmoi_mul_size((size_t)tmoi_dwconv_row_pixels(s), (size_t)s->in_c, &row) ||
                    !tmoi_mul_size(row, (size_t)s->filter_h, &rows),
                LIMIT, ctx, "filter and image are too large");
    TMO_TRY(tmoi_operand_prepare(exec, node, &state->filter, node->inputs[1],
                                 state->s16.hybrid ? tmoi_operand_widen_hybrid : tmoi_operand_widen,
                                 sizeof(int16_t), 0, 0, ctx));
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, rows, sizeof(int16_t), &state->rows, ctx));
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, (size_t)s->filter_h, sizeof(int16_t *), &state->pointers,
                                        ctx));
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, (size_t)s->out_w * (size_t)s->out_c, sizeof(int32_t),
                                        &state->sums, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_integer(tmoi_exec *exec, tmoi_node *node, dwconv_state *state, tmoi_ctx *ctx)
{
    enum { MOST_INT16_TAPS = 511 };
    tmoi_dwconv_s16 *conv = &state->s16;
    const tmoi_value *input = node->inputs[0], *filter = node->inputs[1],
                     *bias = node->input_count > 2 ? node->inputs[2] : NULL;
    const tmoi_value *output = node->outputs[0];
    int32_t activation = tmoi_op_options(node->op, depthwise_conv2d_options)->fused_activation_function;
    int64_t taps = (int64_t)conv->shape.filter_h * conv->shape.filter_w;
    conv->requant.wide = input->type == TMO_TYPE_INT16;
    TMO_FAIL_IF(conv->requant.wide && taps > MOST_INT16_TAPS, UNSUPPORTED_SHAPE, ctx,
                "filter of %lld taps for int16 input, at most %d are supported", (long long)taps,
                (int)MOST_INT16_TAPS);
    TMO_TRY(tmoi_value_require_quant(input, "input", ctx));
    TMO_TRY(tmoi_value_require_quant(output, "output", ctx));
    TMO_TRY(tmoi_weights_require_quant(filter, 3, filter->type == TMO_TYPE_UINT8, ctx));
    TMO_TRY(tmoi_conv_check_wide(input, output, ctx));
    TMO_TRY(prepare_s16(exec, node, state, ctx));
    TMO_TRY(
        tmoi_requant_prepare(exec, input, filter, output, conv->shape.out_c,
                             input->type == TMO_TYPE_UINT8 ? TMOI_SCALES_PER_TENSOR : TMOI_SCALES_PER_CHANNEL,
                             false, &conv->requant, ctx));
    TMO_TRY(tmoi_activation_range_quant(activation, output, &conv->requant.low, &conv->requant.high, ctx));
    TMO_TRY(
        tmoi_operand_prepare(exec, node, &state->bias, bias, tmoi_operand_bias, sizeof(int64_t), 0, 0, ctx));
    state->zero_point = tmoi_value_zero_point(input);
    conv->in_type = input->type;
    conv->zero_points = &state->zero_point;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_hybrid(tmoi_exec *exec, tmoi_node *node, dwconv_state *state, tmoi_ctx *ctx)
{
    tmoi_dwconv_s16 *conv = &state->s16;
    const tmoi_value *input = node->inputs[0], *filter = node->inputs[1];
    int32_t activation = tmoi_op_options(node->op, depthwise_conv2d_options)->fused_activation_function;
    size_t batch = (size_t)input->shape.dims[0];
    conv->hybrid = true;
    TMO_TRY(tmoi_weights_require_quant(filter, 3, false, ctx));
    TMO_TRY(prepare_s16(exec, node, state, ctx));
    TMO_TRY(tmoi_channel_scales(exec, filter, conv->shape.out_c, &conv->scales, ctx));
    TMO_TRY(tmoi_operand_prepare_float(exec, node, &state->bias,
                                       node->input_count > 2 ? node->inputs[2] : NULL, ctx));
    TMO_TRY(tmoi_activation_range_f32(activation, &conv->low, &conv->high, ctx));
    TMO_TRY(tmoi_node_scratch(node, (size_t)tmoi_shape_count(&input->shape), &state->quantized, ctx));
    TMO_TRY(tmoi_node_scratch(node, batch * sizeof(float), &state->image_scales, ctx));
    TMO_TRY(tmoi_node_scratch(node, batch * sizeof(int32_t), &state->image_zero_points, ctx));
    conv->in_type = TMO_TYPE_INT8;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_node_state(exec, node, sizeof(dwconv_state), ctx));
    dwconv_state *state = node->state;
    tmo_type filter = node->inputs[1]->type;
    state->s16.shape = shape_of(node);
    TMO_TRY(tmoi_require_dense(node->inputs[1], ctx));
    if (filter == TMO_TYPE_FLOAT32 || filter == TMO_TYPE_FLOAT16)
        TMO_TRY(prepare_f32(exec, node, state, ctx));
    else if (node->inputs[0]->type == TMO_TYPE_FLOAT32)
        TMO_TRY(prepare_hybrid(exec, node, state, ctx));
    else
        TMO_TRY(prepare_integer(exec, node, state, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void run_f32(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const dwconv_state *state = node->state;
    (void)thread;
    state->f32(&state->s16.shape, node->inputs[0]->data, state->filter_data, state->bias_data, state->low,
               state->high, node->outputs[0]->data, begin, end);
}

static void run_s16(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const dwconv_state *state = node->state;
    tmoi_dwconv_s16_run(&state->s16, begin, end, tmoi_thread_scratch_of(node, &state->rows, thread),
                        tmoi_thread_scratch_of(node, &state->pointers, thread),
                        tmoi_thread_scratch_of(node, &state->sums, thread));
}

static void quantize_images(const tmoi_node *node, dwconv_state *state)
{
    tmoi_dwconv_s16 *conv = &state->s16;
    const tmoi_value *input = node->inputs[0];
    float *scales = node->scratch[state->image_scales];
    int32_t *zero_points = node->scratch[state->image_zero_points];
    tmoi_quantize_rows(true, input->data, conv->shape.batch, tmoi_shape_product(&input->shape, 1, 4),
                       node->scratch[state->quantized], scales, zero_points);
    conv->in = node->scratch[state->quantized];
    conv->image_scales = scales;
    conv->zero_points = zero_points;
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    dwconv_state *state = node->state;
    tmoi_dwconv_s16 *conv = &state->s16;
    int64_t rows = (int64_t)conv->shape.batch * conv->shape.out_h;
    state->filter_data = tmoi_operand_data(node, &state->filter);
    state->bias_data = tmoi_operand_data(node, &state->bias);
    (void)ctx;
    if (state->f32) {
        tmoi_parallel_for(exec->pool, rows, 0, run_f32, node);
        return TMO_STATUS_OK;
    }
    conv->filter = state->filter_data;
    conv->out = node->outputs[0]->data;
    if (conv->hybrid) {
        conv->bias = state->bias_data;
        quantize_images(node, state);
    } else {
        conv->in = node->inputs[0]->data;
        conv->requant.bias = state->bias_data;
    }
    tmoi_parallel_for(exec->pool, rows, 0, run_s16, node);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_depthwise_conv_2d = {.prepare = prepare, .eval = eval};
