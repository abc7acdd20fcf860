/* CONV_2D. */
#include "kernels/conv/conv.h"
#include "runtime/activation.h"
#include "runtime/op.h"

typedef struct conv_state {
    tmoi_conv_shape shape;
    float low, high;
} conv_state;

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_conv2d_options *options = tmoi_op_options(node->op, conv2d_options);
    const tmoi_shape *in = &node->inputs[0]->shape, *filter = &node->inputs[1]->shape;
    TMO_FAIL_IF(node->inputs[0]->type != TMO_TYPE_FLOAT32 || node->inputs[1]->type != TMO_TYPE_FLOAT32, UNSUPPORTED_OPERATOR, ctx,
                "input of type %s with filter of type %s is not supported", tmo_type_name(node->inputs[0]->type),
                tmo_type_name(node->inputs[1]->type));
    TMO_TRY(tmoi_node_state(exec, node, sizeof(conv_state), ctx));
    conv_state *state = node->state;
    tmoi_conv_shape *s = &state->shape;
    *s = (tmoi_conv_shape){.batch = in->dims[0], .in_h = in->dims[1], .in_w = in->dims[2], .in_c = in->dims[3],
                           .filter_h = filter->dims[1], .filter_w = filter->dims[2], .filter_c = filter->dims[3],
                           .out_c = filter->dims[0], .stride_h = options->stride_h, .stride_w = options->stride_w,
                           .dilation_h = options->dilation_h_factor, .dilation_w = options->dilation_w_factor};
    (void)tmoi_infer_window(options->padding, s->in_h, s->filter_h, s->stride_h, s->dilation_h, &s->out_h, &s->pad_top);
    (void)tmoi_infer_window(options->padding, s->in_w, s->filter_w, s->stride_w, s->dilation_w, &s->out_w, &s->pad_left);
    TMO_TRY(tmoi_activation_range_f32(options->fused_activation_function, &state->low, &state->high, ctx));
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, conv_f32);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

typedef struct conv_job {
    const tmoi_exec *exec;
    const tmoi_node *node;
} conv_job;

static void run_rows(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const conv_job *job = argument;
    const tmoi_node *node = job->node;
    const conv_state *state = node->state;
    const tmoi_value *bias = node->input_count > 2 ? node->inputs[2] : NULL;
    (void)thread;
    TMOI_KERNEL_OF(job->exec->kernels, conv_f32)
    (&state->shape, node->inputs[0]->data, node->inputs[1]->data, bias ? bias->data : NULL, state->low, state->high,
     node->outputs[0]->data, begin, end);
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const conv_state *state = node->state;
    conv_job job = {exec, node};
    (void)ctx;
    tmoi_parallel_for(exec->pool, (int64_t)state->shape.batch * state->shape.out_h, run_rows, &job);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_conv_2d = {prepare, eval, 0};
