/* DEPTHWISE_CONV_2D: float, integer and hybrid. So few products use each input that quantizing it costs more
 * than integers gain, so hybrid runs in float with dequantized weights; reference arithmetic quantizes each
 * image, as TFLite does. */
#include <string.h>

#include "base/fp16.h"
#include "kernels/dwconv/dwconv_run.h"
#include "kernels/quant_rows/quant_rows.h"
#include "runtime/activation.h"
#include "runtime/ops/conv_common.h"
#include "runtime/ops/multipliers.h"
#include "runtime/ops/operand.h"
#include "runtime/weights.h"

/* What the kernels read besides the input; each array has at least TMOI_DWCONV_LANES elements. Forms of constants are made in
 * prepare, others in scratch memory at each run. */
typedef struct dwconv_forms {
    void *weights;
    int32_t *weight_sums;
    int32_t *start; /* integers */
    float *bias;    /* float and hybrid */
} dwconv_forms;

typedef struct dwconv_state {
    tmoi_dwconv_plan plan;
    tmoi_dwconv_images images;
    tmoi_dwconv_f32 f32;
    tmoi_dwconv_f32_function f32_kernel; /* NULL: integer, or hybrid in reference arithmetic */
    tmoi_dwconv_integer integer;
    tmoi_dwconv_integer_function integer_kernel;
    bool hybrid;     /* in reference arithmetic */
    bool is_padded;  /* some taps read padding */
    bool takes_sums; /* sums are requantized apart: reference arithmetic, and biases of more than 32 bits */
    tmo_type filter_type;
    int32_t filter_zero_point;
    dwconv_forms forms;
    bool filter_is_constant, forms_are_constant;
    int32_t filter_scratch, arrays_scratch;
    tmoi_operand bias;          /* 64 bits, when takes_sums */
    const float *filter_scales; /* of integers with a float input */
    int32_t padding;            /* scratch blocks */
    int32_t quantized, image_scales, image_zero_points, image_start, image_scale; /* hybrid */
    tmoi_thread_scratch band, sums;
} dwconv_state;

static int64_t padded_channels(const dwconv_state *state)
{
    const int32_t channels = state->plan.grid.channels;
    return channels < TMOI_DWCONV_LANES ? TMOI_DWCONV_LANES : channels;
}

/* ---- forms ---- */

static void fill_filter_f32(const void *user, void *out)
{
    const tmoi_node *node = user;
    const dwconv_state *state = node->state;
    tmoi_dwconv_pack_f32(&state->plan, state->filter_type, node->inputs[1]->data, state->filter_scales, out);
}

static void fill_filter_integer(const void *user, void *out)
{
    const tmoi_node *node = user;
    const dwconv_state *state = node->state;
    int16_t *weights = out;
    int32_t *sums = (int32_t *)(void *)(weights + tmoi_dwconv_packed_size(&state->plan));
    tmoi_dwconv_pack_integer(&state->plan, state->filter_type, node->inputs[1]->data,
                             state->filter_zero_point, weights, sums);
}

static void fill_filter(const tmoi_node *node, void *out)
{
    const dwconv_state *state = node->state;
    if (state->f32_kernel)
        fill_filter_f32(node, out);
    else
        fill_filter_integer(node, out);
}

static float float_element(const tmoi_value *value, int64_t k)
{
    return value->type == TMO_TYPE_FLOAT16 ? tmoi_fp16_to_float(((const uint16_t *)value->data)[k])
                                           : ((const float *)value->data)[k];
}

static int64_t integer_element(const tmoi_value *value, int64_t k)
{
    return value->type == TMO_TYPE_INT64 ? ((const int64_t *)value->data)[k]
                                         : ((const int32_t *)value->data)[k];
}

/* The sums of an image begin with the bias less what the zero point adds; the sums taken apart get their bias later. */
static void fill_start(const dwconv_state *state, int32_t zero_point, const tmoi_value *bias, int32_t *start)
{
    for (int32_t c = 0; c < state->plan.grid.channels; c++) {
        const uint32_t first = bias ? (uint32_t)integer_element(bias, c) : 0;
        start[c] = (int32_t)(first - (uint32_t)zero_point * (uint32_t)state->forms.weight_sums[c]);
    }
}

static void fill_arrays(const tmoi_node *node)
{
    const dwconv_state *state = node->state;
    const tmoi_value *bias = tmoi_bias_of(node);
    if (state->f32_kernel || state->hybrid) {
        for (int32_t c = 0; c < state->plan.grid.channels; c++)
            state->forms.bias[c] = bias ? float_element(bias, c) : 0.0f;
    } else {
        fill_start(state, tmoi_value_zero_point(node->inputs[0]), state->takes_sums ? NULL : bias,
                   state->forms.start);
    }
}

static void place_forms(dwconv_state *state, void *filter, void *arrays)
{
    dwconv_forms *forms = &state->forms;
    if (filter) {
        forms->weights = filter;
        forms->weight_sums = (int32_t *)(void *)((int16_t *)filter + tmoi_dwconv_packed_size(&state->plan));
    }
    if (arrays) forms->bias = arrays, forms->start = arrays;
    state->f32.weights = forms->weights;
    state->f32.bias = forms->bias;
    state->integer.weights = forms->weights;
    state->integer.start = forms->start;
    state->integer.bias = forms->bias;
}

static tmo_status prepare_constant_filter(tmoi_exec *exec, tmoi_node *node, size_t bytes, tmoi_ctx *ctx)
{
    dwconv_state *state = node->state;
    const bool is_float = state->f32_kernel != NULL;
    const uint64_t kind = (uint64_t)state->plan.grid.columns | (uint64_t)state->hybrid << 8 |
                          (uint64_t)(uint32_t)state->filter_zero_point << 32;
    const tmoi_packing packing = {.value = node->inputs[1],
                                  .layout = is_float ? "dwconv_f32" : "dwconv_integer",
                                  .kind = kind,
                                  .bytes = bytes,
                                  .fill = is_float ? fill_filter_f32 : fill_filter_integer,
                                  .user = node};
    const void *filter;
    TMO_TRY(tmoi_weights_get(exec, &packing, &filter, ctx));
    memcpy(&state->forms.weights, &filter, sizeof filter);
    place_forms(state, state->forms.weights, NULL);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_forms(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    dwconv_state *state = node->state;
    const tmoi_value *bias = tmoi_bias_of(node);
    const int64_t packed = tmoi_dwconv_packed_size(&state->plan), channels = padded_channels(state);
    const size_t array_bytes = (size_t)channels * sizeof(int32_t);
    TMO_FAIL_IF(packed < 0, LIMIT, ctx, "the filter is too large");
    const size_t bytes = state->f32_kernel ? (size_t)packed * sizeof(float)
                                           : (size_t)packed * sizeof(int16_t) + array_bytes;
    void *arrays = NULL;
    state->filter_is_constant = node->inputs[1]->is_constant;
    state->forms_are_constant = state->filter_is_constant && (!bias || bias->is_constant);
    if (state->filter_is_constant)
        TMO_TRY(prepare_constant_filter(exec, node, bytes, ctx));
    else
        TMO_TRY(tmoi_node_scratch(node, bytes, &state->filter_scratch, ctx));
    if (!state->forms_are_constant) return tmoi_node_scratch(node, array_bytes, &state->arrays_scratch, ctx);
    TMO_TRY(tmoi_node_memory(exec, &arrays, 1, array_bytes, ctx));
    place_forms(state, NULL, arrays);
    fill_arrays(node);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void make_forms(tmoi_node *node)
{
    dwconv_state *state = node->state;
    if (state->forms_are_constant) return;
    place_forms(state, state->filter_is_constant ? NULL : node->scratch[state->filter_scratch],
                node->scratch[state->arrays_scratch]);
    if (!state->filter_is_constant) fill_filter(node, state->forms.weights);
    fill_arrays(node);
}

/* ---- prepare ---- */

static bool reads_padding(const tmoi_dwconv_plan *plan)
{
    const tmoi_conv_shape *s = &plan->shape;
    const int64_t bottom = ((int64_t)s->out_h - 1) * s->stride_h - s->pad_top +
                           ((int64_t)s->filter_h - 1) * s->dilation_h;
    return plan->is_copied || plan->first > 0 || plan->last < s->out_w || s->pad_top > 0 || bottom >= s->in_h;
}

static size_t padding_bytes(const dwconv_state *state)
{
    return (size_t)tmoi_dwconv_padding_size(&state->plan) * state->plan.elem_bytes;
}

static tmo_status prepare_plan(tmoi_exec *exec, tmoi_node *node, tmo_type type, tmoi_ctx *ctx)
{
    dwconv_state *state = node->state;
    const tmoi_conv_shape shape = tmoi_depthwise_conv_2d_shape(node);
    TMO_FAIL_IF((int64_t)shape.filter_h * shape.filter_w > INT32_MAX / 64, LIMIT, ctx,
                "the filter is too large");
    state->plan = tmoi_dwconv_plan_of(&shape, type);
    state->f32.grid = state->integer.grid = state->plan.grid;
    state->is_padded = reads_padding(&state->plan);
    state->images = (tmoi_dwconv_images){.plan = &state->plan};
    const int64_t scratch = tmoi_dwconv_scratch_bytes(&state->plan), images = state->hybrid ? shape.batch : 1;
    size_t bytes;
    TMO_FAIL_IF(scratch < 0 || !tmoi_mul_size(padding_bytes(state), (size_t)images, &bytes), LIMIT, ctx,
                "filter and image are too large");
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, (size_t)scratch, 1, &state->band, ctx));
    if (state->is_padded) TMO_TRY(tmoi_node_scratch(node, bytes, &state->padding, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static int32_t activation_of(const tmoi_node *node)
{
    return tmoi_op_options(node->op, depthwise_conv2d_options)->fused_activation_function;
}

static tmo_status prepare_f32(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    dwconv_state *state = node->state;
    state->f32_kernel = TMOI_KERNEL_OF(exec->kernels, dwconv_f32);
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, dwconv_f32);
    TMO_TRY(prepare_plan(exec, node, TMO_TYPE_FLOAT32, ctx));
    TMO_TRY(tmoi_activation_range_f32(activation_of(node), &state->f32.low, &state->f32.high, ctx));
    TMO_TRY(prepare_forms(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void choose_integer_kernel(const tmoi_exec *exec, tmoi_node *node, tmo_type type)
{
    dwconv_state *state = node->state;
    switch (type) {
    case TMO_TYPE_INT16:
        state->integer_kernel = TMOI_KERNEL_OF(exec->kernels, dwconv_s16);
        node->kernel = TMOI_KERNEL_NAME(exec->kernels, dwconv_s16);
        break;
    case TMO_TYPE_UINT8:
        state->integer_kernel = TMOI_KERNEL_OF(exec->kernels, dwconv_u8);
        node->kernel = TMOI_KERNEL_NAME(exec->kernels, dwconv_u8);
        break;
    default:
        state->integer_kernel = TMOI_KERNEL_OF(exec->kernels, dwconv_s8);
        node->kernel = TMOI_KERNEL_NAME(exec->kernels, dwconv_s8);
        break;
    }
}

/* Whether sums of a bias and as many products of 16 and 8 bits as taps may not fit 32 bits. */
static bool may_overflow(const tmoi_value *bias, int64_t taps)
{
    if (!bias) return false;
    if (!bias->is_constant) return true;
    const int64_t room = INT32_MAX - taps * 32768 * 128;
    for (int64_t k = 0; k < tmoi_shape_count(&bias->shape); k++) {
        const int64_t value = integer_element(bias, k);
        if (value > room || value < -room) return true;
    }
    return false;
}

static tmo_status prepare_sums(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    dwconv_state *state = node->state;
    const tmoi_conv_shape *s = &state->plan.shape;
    state->integer.out_type = TMO_TYPE_INT32;
    TMO_TRY(tmoi_operand_prepare(exec, node, &state->bias, tmoi_bias_of(node), tmoi_operand_bias,
                                 sizeof(int64_t), 0, 0, ctx));
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, (size_t)s->out_w * (size_t)s->out_c, sizeof(int32_t),
                                        &state->sums, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The scales for the kernel, which reads whole vectors of them. */
static tmo_status prepare_scale(tmoi_exec *exec, dwconv_state *state, tmoi_ctx *ctx)
{
    const int32_t channels = state->plan.grid.channels;
    void *scale;
    state->integer.scale = state->integer.requant.scale;
    if (state->takes_sums || channels >= TMOI_DWCONV_LANES) return TMO_STATUS_OK;
    TMO_TRY(tmoi_node_memory(exec, &scale, TMOI_DWCONV_LANES, sizeof(float), ctx));
    memcpy(scale, state->integer.requant.scale, (size_t)channels * sizeof(float));
    state->integer.scale = scale;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_integer(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    enum { MOST_INT16_TAPS = 511 };
    dwconv_state *state = node->state;
    tmoi_requant *requant = &state->integer.requant;
    const tmoi_value *input = node->inputs[0], *filter = node->inputs[1], *output = node->outputs[0];
    const int64_t taps = tmoi_shape_product(&filter->shape, 1, 3);
    const int32_t scales = input->type == TMO_TYPE_UINT8 ? TMOI_SCALES_PER_TENSOR : TMOI_SCALES_PER_CHANNEL;
    requant->wide = input->type == TMO_TYPE_INT16;
    TMO_FAIL_IF(requant->wide && taps > MOST_INT16_TAPS, UNSUPPORTED_SHAPE, ctx,
                "filter of %lld taps for int16 input, at most %d are supported", (long long)taps,
                (int)MOST_INT16_TAPS);
    TMO_TRY(tmoi_value_require_quant(input, "input", ctx));
    TMO_TRY(tmoi_value_require_quant(output, "output", ctx));
    TMO_TRY(tmoi_weights_require_quant(filter, 3, filter->type == TMO_TYPE_UINT8, ctx));
    TMO_TRY(tmoi_conv_check_wide(input, output, ctx));
    choose_integer_kernel(exec, node, input->type);
    TMO_TRY(prepare_plan(exec, node, input->type, ctx));
    TMO_TRY(tmoi_requant_prepare(exec, input, filter, output, state->plan.grid.channels, scales, false,
                                 requant, ctx));
    TMO_TRY(tmoi_activation_range_quant(activation_of(node), output, &requant->low, &requant->high, ctx));
    state->filter_type = filter->type;
    state->filter_zero_point = filter->quant->count == 1 ? tmoi_value_zero_point(filter) : 0;
    state->integer.out_type = output->type;
    state->takes_sums = !requant->scale || (requant->wide && may_overflow(tmoi_bias_of(node), taps));
    if (state->takes_sums) TMO_TRY(prepare_sums(exec, node, ctx));
    TMO_TRY(prepare_scale(exec, state, ctx));
    TMO_TRY(prepare_forms(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_hybrid_reference(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    dwconv_state *state = node->state;
    const tmoi_value *input = node->inputs[0];
    const size_t batch = (size_t)input->shape.dims[0];
    size_t arrays;
    state->hybrid = true;
    state->integer.out_type = TMO_TYPE_FLOAT32;
    choose_integer_kernel(exec, node, TMO_TYPE_INT8);
    TMO_TRY(prepare_plan(exec, node, TMO_TYPE_INT8, ctx));
    TMO_TRY(tmoi_activation_range_f32(activation_of(node), &state->integer.low, &state->integer.high, ctx));
    TMO_TRY(prepare_forms(exec, node, ctx));
    TMO_FAIL_IF(!tmoi_mul_size(batch, (size_t)padded_channels(state) * sizeof(int32_t), &arrays), LIMIT, ctx,
                "batch is too large");
    TMO_TRY(tmoi_node_scratch(node, (size_t)tmoi_shape_count(&input->shape), &state->quantized, ctx));
    TMO_TRY(tmoi_node_scratch(node, batch * sizeof(float), &state->image_scales, ctx));
    TMO_TRY(tmoi_node_scratch(node, batch * sizeof(int32_t), &state->image_zero_points, ctx));
    TMO_TRY(tmoi_node_scratch(node, arrays, &state->image_start, ctx));
    TMO_TRY(tmoi_node_scratch(node, arrays, &state->image_scale, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_hybrid(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    dwconv_state *state = node->state;
    const tmoi_value *filter = node->inputs[1];
    if (filter->type == TMO_TYPE_UINT8) state->filter_type = TMO_TYPE_INT8; /* as old models write them */
    TMO_TRY(tmoi_weights_require_quant(filter, 3, false, ctx));
    TMO_TRY(tmoi_channel_scales(exec, filter, filter->shape.dims[3], &state->filter_scales, ctx));
    return exec->reference ? prepare_hybrid_reference(exec, node, ctx) : prepare_f32(exec, node, ctx);
fail:
    return ctx->error.status;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_node_state(exec, node, sizeof(dwconv_state), ctx));
    dwconv_state *state = node->state;
    state->filter_type = node->inputs[1]->type;
    TMO_TRY(tmoi_require_dense(node->inputs[1], ctx));
    if (tmoi_weights_are_float(node))
        TMO_TRY(prepare_f32(exec, node, ctx));
    else if (node->inputs[0]->type == TMO_TYPE_FLOAT32)
        TMO_TRY(prepare_hybrid(exec, node, ctx));
    else
        TMO_TRY(prepare_integer(exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- eval ---- */

/* Quantizes each image, and sets what depends on its scale and zero point. */
static void begin_hybrid(const tmoi_exec *exec, tmoi_node *node)
{
    dwconv_state *state = node->state;
    const tmoi_value *input = node->inputs[0];
    const int64_t channels = padded_channels(state), batch = state->plan.shape.batch;
    float *scales = node->scratch[state->image_scales], *scale = node->scratch[state->image_scale];
    int32_t *zero_points = node->scratch[state->image_zero_points],
            *start = node->scratch[state->image_start];
    char *padding = state->is_padded ? node->scratch[state->padding] : NULL;
    tmoi_quantize_rows(TMOI_KERNEL_OF(exec->kernels, quantize_dynamic), true, input->data, batch,
                       tmoi_shape_product(&input->shape, 1, 4), node->scratch[state->quantized], scales,
                       zero_points);
    state->images.in = node->scratch[state->quantized];
    state->images.padding_bytes = padding ? padding_bytes(state) : 0;
    for (int64_t n = 0; n < batch; n++, start += channels, scale += channels) {
        fill_start(state, zero_points[n], NULL, start);
        for (int32_t c = 0; c < state->plan.grid.channels; c++)
            scale[c] = scales[n] * state->filter_scales[c];
        if (padding)
            memset(padding + (size_t)n * padding_bytes(state), zero_points[n] & 0xff, padding_bytes(state));
    }
}

static void begin(tmoi_exec *exec, tmoi_node *node)
{
    dwconv_state *state = node->state;
    (void)exec;
    make_forms(node);
    state->images.padding = state->is_padded ? node->scratch[state->padding] : NULL;
    if (state->hybrid) {
        begin_hybrid(exec, node);
    } else if (state->is_padded) {
        const int32_t zero = state->f32_kernel ? 0 : tmoi_value_zero_point(node->inputs[0]);
        memset(node->scratch[state->padding], zero & 0xff, padding_bytes(state));
    }
    if (state->takes_sums) state->integer.requant.bias = tmoi_operand_data(node, &state->bias);
}

/* What a thread computes of one row: a slice of its channels. */
typedef struct dwconv_job {
    const dwconv_state *state;
    tmoi_dwconv_f32 f32;
    tmoi_dwconv_integer integer;
    char *out; /* the row's slice */
    size_t pixel_bytes;
} dwconv_job;

static void compute_f32(const void *user, int32_t x, tmoi_dwconv_mode mode, const void *const *taps,
                        int32_t pixels)
{
    const dwconv_job *job = user;
    job->state->f32_kernel(&job->f32, mode, (const float *const *)taps, pixels,
                           (float *)(void *)(job->out + (size_t)x * job->pixel_bytes));
}

static void compute_integer(const void *user, int32_t x, tmoi_dwconv_mode mode, const void *const *taps,
                            int32_t pixels)
{
    const dwconv_job *job = user;
    job->state->integer_kernel(&job->integer, mode, taps, pixels, job->out + (size_t)x * job->pixel_bytes);
}

static void set_layer(const tmoi_node *node, int64_t image, const tmoi_dwconv_band *band, dwconv_job *job)
{
    const dwconv_state *state = node->state;
    job->f32 = state->f32;
    job->integer = state->integer;
    if (state->hybrid) {
        const int64_t at = image * padded_channels(state);
        job->integer.start = (const int32_t *)node->scratch[state->image_start] + at;
        job->integer.scale = (const float *)node->scratch[state->image_scale] + at;
    }
    if (state->f32_kernel)
        tmoi_dwconv_slice_f32(&state->plan, band, &job->f32);
    else
        tmoi_dwconv_slice_integer(&state->plan, band, &job->integer);
}

/* Rows of one image, one slice after the other. */
static void compute_rows(const tmoi_node *node, int64_t begin, int64_t end, void *scratch, char *out,
                         size_t elem_bytes)
{
    const dwconv_state *state = node->state;
    const tmoi_conv_shape *s = &state->plan.shape;
    dwconv_job job = {.state = state, .pixel_bytes = (size_t)s->out_c * elem_bytes};
    tmoi_dwconv_images images = state->images;
    if (!state->hybrid) images.in = node->inputs[0]->data;
    const size_t row_bytes = (size_t)s->out_w * job.pixel_bytes;
    for (int32_t slice = 0; slice < state->plan.slices; slice++) {
        tmoi_dwconv_band band;
        tmoi_dwconv_begin(&state->plan, slice, scratch, &band);
        set_layer(node, begin / s->out_h, &band, &job);
        for (int64_t row = begin; row < end; row++) {
            job.out = out + (size_t)(row - begin) * row_bytes + (size_t)band.first * elem_bytes;
            tmoi_dwconv_row(&images, &band, row, state->f32_kernel ? compute_f32 : compute_integer, &job);
        }
    }
}

static void requantize_rows(const dwconv_state *state, const int32_t *sums, int64_t pixels, char *out)
{
    const tmoi_requant *requant = &state->integer.requant;
    const int32_t channels = state->plan.grid.channels;
    const size_t pixel_bytes = (size_t)channels * (requant->type == TMO_TYPE_INT16 ? sizeof(int16_t) : 1);
    for (int64_t x = 0; x < pixels; x++, sums += channels, out += pixel_bytes)
        tmoi_requant_s32(requant, 0, channels, sums, out);
}

/* As many rows at once as stay in the second cache, for what is fused. */
static int64_t rows_at_once(const dwconv_state *state, int64_t row_size)
{
    enum { MOST = 16384 };
    if (state->takes_sums) return 1;
    return row_size > MOST / 8 ? 8 : MOST / row_size;
}

static void rows(const tmoi_node *node, int64_t row_begin, int64_t row_end, int32_t thread)
{
    const dwconv_state *state = node->state;
    const tmoi_conv_shape *s = &state->plan.shape;
    const int64_t row_size = (int64_t)s->out_w * s->out_c, most = rows_at_once(state, row_size);
    const size_t elem_bytes = node->outputs[0]->type == TMO_TYPE_FLOAT32 ? sizeof(float)
                                                                         : state->plan.elem_bytes;
    void *scratch = tmoi_thread_scratch_of(node, &state->band, thread),
         *sums = state->takes_sums ? tmoi_thread_scratch_of(node, &state->sums, thread) : NULL;
    for (int64_t row = row_begin, end; row < row_end; row = end) {
        const int64_t image_end = (row / s->out_h + 1) * s->out_h,
                      last = row_end < image_end ? row_end : image_end;
        char *out = (char *)node->outputs[0]->data + (size_t)(row * row_size) * elem_bytes;
        end = row + most < last ? row + most : last;
        compute_rows(node, row, end, scratch, sums ? sums : out, sums ? sizeof(int32_t) : elem_bytes);
        if (sums) requantize_rows(state, sums, (end - row) * s->out_w, out);
        tmoi_node_post(node, row * row_size, end * row_size);
    }
}

static void run_rows(void *argument, int64_t row_begin, int64_t row_end, int32_t thread)
{
    rows(argument, row_begin, row_end, thread);
}

static bool span(const tmoi_exec *exec, const tmoi_node *node, tmoi_row_span *out)
{
    const tmoi_conv_shape shape = tmoi_depthwise_conv_2d_shape(node);
    const bool hybrid = node->inputs[0]->type == TMO_TYPE_FLOAT32 && !tmoi_weights_are_float(node);
    *out = tmoi_conv_row_span(&shape);
    return !(hybrid && exec->reference);
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const dwconv_state *state = node->state;
    const tmoi_conv_shape *s = &state->plan.shape;
    const int64_t taps = (int64_t)s->filter_h * s->filter_w,
                  row_operations = (int64_t)s->out_w * s->out_c * taps;
    (void)ctx;
    begin(exec, node);
    tmoi_parallel_for(exec->pool, (int64_t)s->batch * s->out_h, tmoi_grain(row_operations), run_rows, node);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_depthwise_conv_2d = {
    .prepare = prepare, .eval = eval, .flags = TMOI_OP_POSTS, .begin = begin, .rows = rows, .span = span};
