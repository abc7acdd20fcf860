/* CONV_2D: integer and hybrid; float is in conv_float.c. */
#include "kernels/conv/conv.h"
#include "kernels/quant_rows/quant_rows.h"
#include "runtime/activation.h"
#include "runtime/ops/conv_common.h"
#include "runtime/ops/conv_float.h"
#include "runtime/ops/multipliers.h"
#include "runtime/ops/operand.h"

typedef struct conv_state {
    tmoi_conv_s16 s16;
    tmoi_operand filter, bias;
    tmoi_thread_scratch patches, sums;
    int32_t zero_point;                                 /* of the input */
    bool asymmetric;                                    /* hybrid */
    int32_t quantized, image_scales, image_zero_points; /* hybrid: scratch blocks */
} conv_state;

/* What integer and hybrid share. */
static tmo_status prepare_s16(tmoi_exec *exec, tmoi_node *node, conv_state *state, tmoi_ctx *ctx)
{
    tmoi_conv_s16 *conv = &state->s16;
    const tmoi_conv_shape *s = &conv->shape;
    conv->shape = tmoi_conv_2d_shape(node);
    size_t sum_bytes = conv->wide_sums ? sizeof(int64_t) : sizeof(int32_t);
    conv->tile = tmoi_conv_tile(s, sizeof(int16_t), sum_bytes);
    conv->gemm = TMOI_KERNEL_OF(exec->kernels, gemm_s16);
    conv->gemm_wide = TMOI_KERNEL_OF(exec->kernels, gemm_s16s64);
    node->kernel = conv->wide_sums ? TMOI_KERNEL_NAME(exec->kernels, gemm_s16s64)
                                   : TMOI_KERNEL_NAME(exec->kernels, gemm_s16);
    TMO_TRY(tmoi_conv_check_patch(s, ctx));
    TMO_TRY(tmoi_operand_prepare(exec, node, &state->filter, node->inputs[1],
                                 conv->hybrid ? tmoi_operand_widen_hybrid : tmoi_operand_widen,
                                 sizeof(int16_t), 0, 0, ctx));
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node, (size_t)conv->tile * (size_t)tmoi_conv_patch_size(s),
                                        sizeof(int16_t), &state->patches, ctx));
    TMO_TRY(tmoi_thread_scratch_prepare(exec, node,
                                        (size_t)conv->tile * (size_t)(s->out_c / tmoi_conv_groups(s)),
                                        sum_bytes, &state->sums, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_integer(tmoi_exec *exec, tmoi_node *node, conv_state *state, tmoi_ctx *ctx)
{
    tmoi_conv_s16 *conv = &state->s16;
    const tmoi_value *input = node->inputs[0], *filter = node->inputs[1],
                     *bias = node->input_count > 2 ? node->inputs[2] : NULL;
    const tmoi_value *output = node->outputs[0];
    int32_t activation = tmoi_op_options(node->op, conv2d_options)->fused_activation_function;
    conv->wide_sums = input->type == TMO_TYPE_INT16;
    conv->requant.wide = conv->wide_sums && !(bias && bias->type == TMO_TYPE_INT32);
    TMO_TRY(tmoi_value_require_quant(input, "input", ctx));
    TMO_TRY(tmoi_value_require_quant(output, "output", ctx));
    TMO_TRY(tmoi_weights_require_quant(filter, 0, filter->type == TMO_TYPE_UINT8, ctx));
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

static tmo_status prepare_hybrid(tmoi_exec *exec, tmoi_node *node, conv_state *state, tmoi_ctx *ctx)
{
    tmoi_conv_s16 *conv = &state->s16;
    const tmoi_value *input = node->inputs[0], *filter = node->inputs[1];
    int32_t activation = tmoi_op_options(node->op, conv2d_options)->fused_activation_function;
    size_t batch = (size_t)input->shape.dims[0];
    conv->hybrid = true;
    TMO_TRY(tmoi_weights_require_quant(filter, 0, false, ctx));
    TMO_TRY(prepare_s16(exec, node, state, ctx));
    TMO_TRY(tmoi_channel_scales(exec, filter, conv->shape.out_c, &conv->scales, ctx));
    TMO_TRY(tmoi_operand_prepare_float(exec, node, &state->bias,
                                       node->input_count > 2 ? node->inputs[2] : NULL, ctx));
    TMO_TRY(tmoi_activation_range_f32(activation, &conv->low, &conv->high, ctx));
    TMO_TRY(tmoi_node_scratch(node, (size_t)tmoi_shape_count(&input->shape), &state->quantized, ctx));
    TMO_TRY(tmoi_node_scratch(node, batch * sizeof(float), &state->image_scales, ctx));
    TMO_TRY(tmoi_node_scratch(node, batch * sizeof(int32_t), &state->image_zero_points, ctx));
    conv->in_type = TMO_TYPE_INT8;
    state->asymmetric = filter->quant->count > 1;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    if (tmoi_weights_are_float(node)) return tmoi_conv_float_prepare(exec, node, ctx);
    TMO_TRY(tmoi_node_state(exec, node, sizeof(conv_state), ctx));
    conv_state *state = node->state;
    bool float_input = node->inputs[0]->type == TMO_TYPE_FLOAT32;
    TMO_TRY(tmoi_require_dense(node->inputs[1], ctx));
    if (float_input)
        TMO_TRY(prepare_hybrid(exec, node, state, ctx));
    else
        TMO_TRY(prepare_integer(exec, node, state, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void run_s16(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const conv_state *state = node->state;
    tmoi_conv_s16_run(&state->s16, begin, end, tmoi_thread_scratch_of(node, &state->patches, thread),
                      tmoi_thread_scratch_of(node, &state->sums, thread));
}

/* Quantizes each image of a hybrid operator's input. */
static void quantize_images(const tmoi_node *node, conv_state *state)
{
    tmoi_conv_s16 *conv = &state->s16;
    const tmoi_value *input = node->inputs[0];
    float *scales = node->scratch[state->image_scales];
    int32_t *zero_points = node->scratch[state->image_zero_points];
    tmoi_quantize_rows(state->asymmetric, input->data, conv->shape.batch,
                       tmoi_shape_product(&input->shape, 1, 4), node->scratch[state->quantized], scales,
                       zero_points);
    conv->in = node->scratch[state->quantized];
    conv->image_scales = scales;
    conv->zero_points = zero_points;
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    if (tmoi_weights_are_float(node)) return tmoi_conv_float_eval(exec, node, ctx);
    conv_state *state = node->state;
    const void *filter = tmoi_operand_data(node, &state->filter),
               *bias = tmoi_operand_data(node, &state->bias);
    (void)ctx;
    tmoi_conv_s16 *conv = &state->s16;
    conv->filter = filter, conv->out = node->outputs[0]->data;
    if (conv->hybrid) {
        conv->bias = bias;
        quantize_images(node, state);
    } else {
        conv->in = node->inputs[0]->data;
        conv->requant.bias = bias;
    }
    tmoi_parallel_for(exec->pool, conv->shape.batch * tmoi_conv_image_pixels(&conv->shape), 0, run_s16, node);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_conv_2d = {.prepare = prepare, .eval = eval};
