#include "runtime/ops/conv_float.h"

#include "kernels/conv/conv.h"
#include "runtime/activation.h"
#include "runtime/ops/conv_common.h"
#include "runtime/ops/operand.h"

typedef struct conv_state {
    tmoi_conv_f32 f32;
    tmoi_operand filter, bias;
    tmoi_thread_scratch patches;
} conv_state;

tmo_status tmoi_conv_float_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_node_state(exec, node, sizeof(conv_state), ctx));
    conv_state *state = node->state;
    tmoi_conv_f32 *conv = &state->f32;
    int32_t activation = tmoi_op_options(node->op, conv2d_options)->fused_activation_function;
    TMO_TRY(tmoi_require_dense(node->inputs[1], ctx));
    conv->shape = tmoi_conv_2d_shape(node);
    TMO_TRY(tmoi_conv_prepare_f32(exec, node, conv, node->inputs[1], tmoi_conv_groups(&conv->shape),
                                  &state->filter, ctx));
    TMO_TRY(tmoi_operand_prepare_float(exec, node, &state->bias,
                                       node->input_count > 2 ? node->inputs[2] : NULL, ctx));
    TMO_TRY(tmoi_activation_range_f32(activation, &conv->low, &conv->high, ctx));
    if (!tmoi_conv_is_direct(&conv->shape))
        TMO_TRY(tmoi_thread_scratch_prepare(exec, node,
                                            (size_t)conv->tile * (size_t)tmoi_conv_patch_size(&conv->shape),
                                            sizeof(float), &state->patches, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void run_f32(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const conv_state *state = node->state;
    bool direct = tmoi_conv_is_direct(&state->f32.shape);
    tmoi_conv_f32_run(&state->f32, begin, end,
                      direct ? NULL : tmoi_thread_scratch_of(node, &state->patches, thread));
}

tmo_status tmoi_conv_float_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    conv_state *state = node->state;
    tmoi_conv_f32 *conv = &state->f32;
    (void)ctx;
    conv->in = node->inputs[0]->data;
    conv->filter = tmoi_operand_data(node, &state->filter);
    conv->bias = tmoi_operand_data(node, &state->bias);
    conv->out = node->outputs[0]->data;
    tmoi_parallel_for(exec->pool, conv->shape.batch * tmoi_conv_image_pixels(&conv->shape), 0, run_f32, node);
    return TMO_STATUS_OK;
}
