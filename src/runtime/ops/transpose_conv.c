/* TRANSPOSE_CONV (float, integer, hybrid), and MediaPipe's custom Convolution2DTransposeBias. */
#include "kernels/transpose_conv/transpose_conv_s8.h"
#include "model/infer/transpose_conv.h"
#include "runtime/activation.h"
#include "runtime/ops/conv_common.h"
#include "runtime/ops/integer_product.h"
#include "runtime/ops/multipliers.h"
#include "runtime/ops/transpose_conv_float.h"

typedef struct transpose_state {
    bool is_float;
    tmoi_transpose_float f32;
    const tmoi_value *input;
    /* Integer and hybrid. */
    tmoi_transpose_conv_s8 conv;
    tmoi_integer_product integer;
    tmoi_integer_taps taps;
    tmoi_gemm_s8_product *products; /* one a phase */
    tmoi_thread_scratch scratch;
    int32_t rows; /* scratch block: the input in the kernel's form */
} transpose_state;

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

/* The taps of the phases. */
static tmo_status prepare_taps(tmoi_exec *exec, transpose_state *state, tmoi_ctx *ctx)
{
    const tmoi_conv_shape *s = &state->conv.shape;
    int64_t phases = tmoi_transpose_conv_s8_phases(s), most = tmoi_transpose_conv_s8_most_taps(s);
    int64_t all = (int64_t)s->filter_h * s->filter_w;
    void *counts, *which, *products;
    TMO_FAIL_IF(all > INT32_MAX / (s->in_c ? s->in_c : 1) ||
                    phases > INT32_MAX / 2 / (s->out_c ? s->out_c : 1) ||
                    phases > INT32_MAX / 2 / (most ? most : 1),
                LIMIT, ctx, "the filter or its strides are too large");
    TMO_TRY(tmoi_node_memory(exec, &counts, (size_t)phases, sizeof(int32_t), ctx));
    TMO_TRY(tmoi_node_memory(exec, &which, (size_t)(phases * most), sizeof(int32_t), ctx));
    TMO_TRY(tmoi_node_memory(exec, &products, (size_t)phases, sizeof *state->products, ctx));
    tmoi_transpose_conv_s8_taps(s, (int32_t)most, counts, which);
    state->taps = (tmoi_integer_taps){.all = (int32_t)all, .counts = counts, .which = which};
    state->conv.counts = counts;
    state->conv.which = which;
    state->conv.most_taps = (int32_t)most;
    state->products = products;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_scratch(tmoi_exec *exec, tmoi_node *node, transpose_state *state, tmoi_ctx *ctx)
{
    const tmoi_gemm_s8_product *product = &state->integer.product;
    size_t image = tmoi_transpose_conv_s8_image_bytes(&state->conv.shape,
                                                      tmoi_gemm_s8_elem_bytes(product->kernel));
    TMO_FAIL_IF(image == 0 && state->conv.shape.batch != 0, LIMIT, ctx, "the input takes too much memory");
    TMO_TRY(tmoi_node_scratch(node, image, &state->rows, ctx));
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node,
                                        tmoi_transpose_conv_s8_scratch_bytes(product, state->conv.most_taps),
                                        1, &state->scratch, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_integer(tmoi_exec *exec, tmoi_node *node, transpose_state *state,
                                  const tmoi_conv_shape *s, const tmoi_value *bias, int32_t activation,
                                  tmoi_ctx *ctx)
{
    const tmoi_value *input = state->input, *filter = node->inputs[1];
    state->conv.shape = *s;
    TMO_TRY(prepare_taps(exec, state, ctx));
    tmoi_integer_request request = {.input = input,
                                    .weights = filter,
                                    .bias = bias,
                                    .output = node->outputs[0],
                                    .groups = (int32_t)tmoi_transpose_conv_s8_phases(s),
                                    .columns = s->out_c,
                                    .segments = state->conv.most_taps,
                                    .segment_terms = s->in_c,
                                    .activation = activation,
                                    .scales = input->type == TMO_TYPE_UINT8 ? TMOI_SCALES_PER_TENSOR
                                                                            : TMOI_SCALES_PER_CHANNEL,
                                    .common = true,
                                    .taps = &state->taps};
    TMO_TRY(tmoi_product_prepare(exec, node, &request, filter->type == TMO_TYPE_UINT8, s->batch, true,
                                 &state->integer, ctx));
    return prepare_scratch(exec, node, state, ctx);
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
    else
        TMO_TRY(prepare_integer(exec, node, state, &s, bias, activation, ctx));
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

static void fill_rows(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const transpose_state *state = ((const tmoi_node *)argument)->state;
    (void)thread;
    tmoi_transpose_conv_s8_fill(&state->conv, begin, end);
}

static void run_rows(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const transpose_state *state = node->state;
    int64_t size = tmoi_shape_product(&node->outputs[0]->shape, 2, 4);
    tmoi_transpose_conv_s8_rows(&state->conv, begin, end,
                                tmoi_thread_scratch_of(node, &state->scratch, thread));
    tmoi_node_post(node, begin * size, end * size);
}

static void eval_integer(tmoi_exec *exec, tmoi_node *node, transpose_state *state)
{
    tmoi_transpose_conv_s8 *conv = &state->conv;
    const tmoi_conv_shape *s = &conv->shape;
    int64_t row = (int64_t)s->in_w * s->in_c, out_row = (int64_t)s->out_w * s->out_c;
    tmoi_integer_begin(node, &state->integer, &conv->image);
    for (int32_t k = 0; k < state->integer.request.groups; k++)
        state->products[k] = tmoi_integer_group(&state->integer, k);
    conv->products = state->products;
    conv->rows = node->scratch[state->rows];
    conv->out = node->outputs[0]->data;
    tmoi_parallel_for(exec->pool, s->batch * ((int64_t)s->in_h + 1), tmoi_grain(row), fill_rows, node);
    tmoi_parallel_for(exec->pool, (int64_t)s->batch * s->out_h,
                      tmoi_grain(out_row * conv->most_taps * s->in_c), run_rows, node);
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    transpose_state *state = node->state;
    (void)ctx;
    if (state->is_float)
        tmoi_transpose_float_run(exec, node, &state->f32);
    else if (tmoi_shape_count(&node->outputs[0]->shape) > 0)
        eval_integer(exec, node, state);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_transpose_conv = {.prepare = prepare, .eval = eval, .flags = TMOI_OP_POSTS};
const tmoi_op_def tmoi_op_transpose_conv_bias = {
    .prepare = prepare_bias, .eval = eval, .flags = TMOI_OP_POSTS};
