/* TRANSPOSE_CONV (float, integer, hybrid), and MediaPipe's custom Convolution2DTransposeBias. */
#include "kernels/quant_rows/quant_rows.h"
#include "kernels/transpose_conv/transpose_conv.h"
#include "model/infer/transpose_conv.h"
#include "runtime/activation.h"
#include "runtime/ops/conv_common.h"
#include "runtime/ops/multipliers.h"
#include "runtime/ops/operand.h"
#include "runtime/ops/transpose_conv_float.h"

typedef struct transpose_state {
    bool is_float;
    tmoi_transpose_float f32;
    tmoi_transpose_conv_s16 s16;
    const tmoi_value *input;
    tmoi_operand filter, bias;
    tmoi_thread_scratch products, sums;
    int32_t widened, quantized, image_scales, image_zero_points; /* scratch blocks */
} transpose_state;

/* [out_c, h, w, in_c] as [h, w, out_c, in_c]. */
static void arrange_s16(const tmoi_operand *operand, void *out)
{
    const tmoi_value *value = operand->value;
    const int32_t *dims = value->shape.dims;
    int32_t zero_point = value->quant->count == 1 ? tmoi_value_zero_point(value) : 0;
    int16_t *row = out;
    for (int64_t y = 0; y < dims[1]; y++)
        for (int64_t x = 0; x < dims[2]; x++)
            for (int64_t o = 0; o < dims[0]; o++, row += dims[3])
                tmoi_widen(value->type, value->data, ((o * dims[1] + y) * dims[2] + x) * dims[3], dims[3],
                           zero_point, row);
}

static tmo_status check_columns(const tmoi_conv_shape *s, tmoi_ctx *ctx)
{
    int64_t columns = (int64_t)s->filter_w * s->out_c;
    TMO_FAIL_IF(columns > INT32_MAX, LIMIT, ctx, "filter of width %d for %d channels is too large",
                (int)s->filter_w, (int)s->out_c);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_scratch(tmoi_exec *exec, tmoi_node *node, transpose_state *state,
                                  const tmoi_conv_shape *s, size_t elem_bytes, tmoi_ctx *ctx)
{
    size_t columns = (size_t)s->filter_w * (size_t)s->out_c, products;
    TMO_FAIL_IF(!tmoi_mul_size(columns, (size_t)s->in_w, &products), LIMIT, ctx,
                "image and filter are too large");
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, products, elem_bytes, &state->products, ctx));
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, (size_t)s->out_w * (size_t)s->out_c, elem_bytes,
                                        &state->sums, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_f32(tmoi_exec *exec, tmoi_node *node, transpose_state *state,
                              const tmoi_conv_shape *s, const tmoi_value *bias, int32_t activation,
                              tmoi_ctx *ctx)
{
    tmoi_transpose_float *f32 = &state->f32;
    state->is_float = true;
    f32->conv.shape = *s;
    f32->input = state->input;
    f32->weights = node->inputs[1]; /* [out_c, h, w, in_c] */
    f32->tap_stride = s->in_c;
    f32->k_stride = 1;
    f32->n_stride = (ptrdiff_t)s->filter_h * s->filter_w * s->in_c;
    return tmoi_transpose_float_prepare(exec, node, f32, bias, activation, ctx);
}

/* What integer and hybrid share. */
static tmo_status prepare_s16(tmoi_exec *exec, tmoi_node *node, transpose_state *state,
                              const tmoi_conv_shape *s, const tmoi_value *filter, tmoi_ctx *ctx)
{
    tmoi_transpose_conv_s16 *conv = &state->s16;
    conv->shape = *s;
    conv->gemm = TMOI_KERNEL_OF(exec->kernels, gemm_s16);
    conv->gemm_wide = TMOI_KERNEL_OF(exec->kernels, gemm_s16s64);
    node->kernel = conv->wide_sums ? TMOI_KERNEL_NAME(exec->kernels, gemm_s16s64)
                                   : TMOI_KERNEL_NAME(exec->kernels, gemm_s16);
    TMO_TRY(check_columns(s, ctx));
    TMO_TRY(
        tmoi_operand_prepare(exec, node, &state->filter, filter, arrange_s16, sizeof(int16_t), 0, 0, ctx));
    TMO_TRY(tmoi_node_scratch(node, (size_t)tmoi_shape_count(&state->input->shape) * sizeof(int16_t),
                              &state->widened, ctx));
    TMO_TRY(prepare_scratch(exec, node, state, s, conv->wide_sums ? sizeof(int64_t) : sizeof(int32_t), ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_integer(tmoi_exec *exec, tmoi_node *node, transpose_state *state,
                                  const tmoi_conv_shape *s, const tmoi_value *filter, const tmoi_value *bias,
                                  int32_t activation, tmoi_ctx *ctx)
{
    tmoi_transpose_conv_s16 *conv = &state->s16;
    const tmoi_value *input = state->input, *output = node->outputs[0];
    conv->wide_sums = input->type == TMO_TYPE_INT16;
    conv->requant.wide = conv->wide_sums && !(bias && bias->type == TMO_TYPE_INT32);
    TMO_TRY(tmoi_value_require_quant(input, "input", ctx));
    TMO_TRY(tmoi_value_require_quant(output, "output", ctx));
    TMO_TRY(tmoi_weights_require_quant(filter, 0, filter->type == TMO_TYPE_UINT8, ctx));
    TMO_TRY(tmoi_conv_check_wide(input, output, ctx));
    TMO_TRY(prepare_s16(exec, node, state, s, filter, ctx));
    TMO_TRY(
        tmoi_requant_prepare(exec, input, filter, output, s->out_c,
                             input->type == TMO_TYPE_UINT8 ? TMOI_SCALES_PER_TENSOR : TMOI_SCALES_PER_CHANNEL,
                             false, &conv->requant, ctx));
    TMO_TRY(tmoi_activation_range_quant(activation, output, &conv->requant.low, &conv->requant.high, ctx));
    TMO_TRY(
        tmoi_operand_prepare(exec, node, &state->bias, bias, tmoi_operand_bias, sizeof(int64_t), 0, 0, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_hybrid(tmoi_exec *exec, tmoi_node *node, transpose_state *state,
                                 const tmoi_conv_shape *s, const tmoi_value *filter, const tmoi_value *bias,
                                 int32_t activation, tmoi_ctx *ctx)
{
    tmoi_transpose_conv_s16 *conv = &state->s16;
    size_t batch = (size_t)s->batch;
    conv->hybrid = true;
    TMO_TRY(tmoi_weights_require_quant(filter, 0, false, ctx));
    TMO_TRY(prepare_s16(exec, node, state, s, filter, ctx));
    TMO_TRY(tmoi_channel_scales(exec, filter, s->out_c, &conv->scales, ctx));
    TMO_TRY(tmoi_operand_prepare_float(exec, node, &state->bias, bias, ctx));
    TMO_TRY(tmoi_activation_range_f32(activation, &conv->low, &conv->high, ctx));
    TMO_TRY(tmoi_node_scratch(node, (size_t)tmoi_shape_count(&state->input->shape), &state->quantized, ctx));
    TMO_TRY(tmoi_node_scratch(node, batch * sizeof(float), &state->image_scales, ctx));
    TMO_TRY(tmoi_node_scratch(node, batch * sizeof(int32_t), &state->image_zero_points, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmoi_conv_shape shape_of(const tmoi_value *in, const tmoi_value *filter, const tmoi_value *out,
                                int32_t stride_h, int32_t stride_w)
{
    return (tmoi_conv_shape){.batch = in->shape.dims[0],
                             .in_d = 1,
                             .in_h = in->shape.dims[1],
                             .in_w = in->shape.dims[2],
                             .in_c = in->shape.dims[3],
                             .filter_d = 1,
                             .filter_h = filter->shape.dims[1],
                             .filter_w = filter->shape.dims[2],
                             .filter_c = in->shape.dims[3],
                             .out_d = 1,
                             .out_h = out->shape.dims[1],
                             .out_w = out->shape.dims[2],
                             .out_c = out->shape.dims[3],
                             .stride_d = 1,
                             .stride_h = stride_h,
                             .stride_w = stride_w,
                             .dilation_d = 1,
                             .dilation_h = 1,
                             .dilation_w = 1};
}

/* Padding of the convolution that leads from the output back to the input. */
static int32_t padding_before(int32_t padding, int32_t out, int32_t filter, int32_t stride)
{
    int64_t in = ((int64_t)out + stride - 1) / stride, total = (in - 1) * stride + filter - out;
    return padding == TMOI_PADDING_SAME && total > 0 ? (int32_t)(total / 2) : 0;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_transpose_conv_options *options = tmoi_op_options(node->op, transpose_conv_options);
    const tmoi_value *filter = node->inputs[1], *bias = node->input_count > 3 ? node->inputs[3] : NULL;
    int32_t activation = options->fused_activation_function;
    TMO_TRY(tmoi_node_state(exec, node, sizeof(transpose_state), ctx));
    transpose_state *state = node->state;
    state->input = node->inputs[2];
    tmoi_conv_shape s = shape_of(state->input, filter, node->outputs[0], options->stride_h,
                                 options->stride_w);
    s.pad_top = padding_before(options->padding, s.out_h, s.filter_h, s.stride_h);
    s.pad_left = padding_before(options->padding, s.out_w, s.filter_w, s.stride_w);
    TMO_TRY(tmoi_require_dense(filter, ctx));
    if (filter->type == TMO_TYPE_FLOAT32 || filter->type == TMO_TYPE_FLOAT16)
        TMO_TRY(prepare_f32(exec, node, state, &s, bias, activation, ctx));
    else if (state->input->type == TMO_TYPE_FLOAT32)
        TMO_TRY(prepare_hybrid(exec, node, state, &s, filter, bias, activation, ctx));
    else
        TMO_TRY(prepare_integer(exec, node, state, &s, filter, bias, activation, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_bias(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmoi_transpose_bias_options options;
    int32_t size;
    TMO_TRY(tmoi_transpose_bias_options_read(node->op, &options, ctx));
    TMO_TRY(tmoi_node_state(exec, node, sizeof(transpose_state), ctx));
    transpose_state *state = node->state;
    state->input = node->inputs[0];
    tmoi_conv_shape s = shape_of(state->input, node->inputs[1], node->outputs[0], options.stride_h,
                                 options.stride_w);
    (void)tmoi_transpose_bias_window(&options, s.stride_h, s.in_h, s.filter_h, &size, &s.pad_top);
    (void)tmoi_transpose_bias_window(&options, s.stride_w, s.in_w, s.filter_w, &size, &s.pad_left);
    TMO_TRY(prepare_f32(exec, node, state, &s, node->inputs[2], TMOI_ACTIVATION_NONE, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void run_s16(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const transpose_state *state = node->state;
    tmoi_transpose_conv_s16_run(&state->s16, begin, end,
                                tmoi_thread_scratch_of(node, &state->products, thread),
                                tmoi_thread_scratch_of(node, &state->sums, thread));
    int64_t size = tmoi_shape_product(&node->outputs[0]->shape, 2, 4);
    tmoi_node_post(node, begin * size, end * size);
}

/* The input as 16-bit differences to its zero point; a hybrid operator quantizes its images first. */
static const int16_t *widen_input(const tmoi_exec *exec, const tmoi_node *node, transpose_state *state)
{
    const tmoi_value *input = state->input;
    int16_t *out = node->scratch[state->widened];
    int64_t image = tmoi_shape_product(&input->shape, 1, 4);
    if (!state->s16.hybrid) {
        tmoi_widen(input->type, input->data, 0, tmoi_shape_count(&input->shape), tmoi_value_zero_point(input),
                   out);
        return out;
    }
    int8_t *quantized = node->scratch[state->quantized];
    float *scales = node->scratch[state->image_scales];
    int32_t *zero_points = node->scratch[state->image_zero_points];
    tmoi_quantize_rows(TMOI_KERNEL_OF(exec->kernels, quantize_dynamic), true, input->data,
                       input->shape.dims[0], image, quantized, scales, zero_points);
    for (int32_t n = 0; n < input->shape.dims[0]; n++)
        tmoi_widen(TMO_TYPE_INT8, quantized, n * image, image, zero_points[n], out + n * image);
    state->s16.image_scales = scales;
    return out;
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    transpose_state *state = node->state;
    (void)ctx;
    if (state->is_float) {
        tmoi_transpose_float_run(exec, node, &state->f32);
        return TMO_STATUS_OK;
    }
    const void *filter = tmoi_operand_data(node, &state->filter),
               *bias = tmoi_operand_data(node, &state->bias);
    tmoi_transpose_conv_s16 *conv = &state->s16;
    conv->in = widen_input(exec, node, state);
    conv->filter = filter;
    conv->out = node->outputs[0]->data;
    if (conv->hybrid)
        conv->bias = bias;
    else
        conv->requant.bias = bias;
    tmoi_parallel_for(exec->pool, (int64_t)conv->shape.batch * conv->shape.out_h, 0, run_s16, node);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_transpose_conv = {.prepare = prepare, .eval = eval, .flags = TMOI_OP_POSTS};
const tmoi_op_def tmoi_op_transpose_conv_bias = {
    .prepare = prepare_bias, .eval = eval, .flags = TMOI_OP_POSTS};
