#include "runtime/ops/conv_common.h"

#include <math.h>

#include "runtime/activation.h"

bool tmoi_weights_are_float(const tmoi_node *node)
{
    tmo_type type = node->inputs[1]->type;
    return type == TMO_TYPE_FLOAT32 || type == TMO_TYPE_FLOAT16;
}

/* The options that both operators have, in structs of their own. */
typedef struct window {
    int32_t padding, stride_h, stride_w, dilation_h, dilation_w;
} window;

/* The output's size and the padding above and left are what the option says, or what lowering gave the node. */
static tmoi_conv_shape shape_2d(const tmoi_node *node, const window *w, int32_t filter_c, int32_t out_c)
{
    const tmoi_shape *in = &node->inputs[0]->shape, *filter = &node->inputs[1]->shape;
    tmoi_conv_shape s = {.batch = in->dims[0],
                         .in_d = 1,
                         .in_h = in->dims[1],
                         .in_w = in->dims[2],
                         .in_c = in->dims[3],
                         .filter_d = 1,
                         .filter_h = filter->dims[1],
                         .filter_w = filter->dims[2],
                         .filter_c = filter_c,
                         .out_d = 1,
                         .out_c = out_c,
                         .stride_d = 1,
                         .stride_h = w->stride_h,
                         .stride_w = w->stride_w,
                         .dilation_d = 1,
                         .dilation_h = w->dilation_h,
                         .dilation_w = w->dilation_w};
    (void)tmoi_infer_window(w->padding, s.in_h, s.filter_h, s.stride_h, s.dilation_h, &s.out_h, &s.pad_top);
    (void)tmoi_infer_window(w->padding, s.in_w, s.filter_w, s.stride_w, s.dilation_w, &s.out_w, &s.pad_left);
    if (!node->pad.given) return s;
    s.pad_top = node->pad.top;
    s.pad_left = node->pad.left;
    s.out_h = node->outputs[0]->shape.dims[1];
    s.out_w = node->outputs[0]->shape.dims[2];
    return s;
}

tmoi_conv_shape tmoi_conv_2d_shape(const tmoi_node *node)
{
    const tmoi_fb_conv2d_options *o = tmoi_op_options(node->op, conv2d_options);
    const tmoi_shape *filter = &node->inputs[1]->shape;
    const window w = {o->padding, o->stride_h, o->stride_w, o->dilation_h_factor, o->dilation_w_factor};
    return shape_2d(node, &w, filter->dims[3], filter->dims[0]);
}

tmoi_conv_shape tmoi_depthwise_conv_2d_shape(const tmoi_node *node)
{
    const tmoi_fb_depthwise_conv2d_options *o = tmoi_op_options(node->op, depthwise_conv2d_options);
    const window w = {o->padding, o->stride_h, o->stride_w, o->dilation_h_factor, o->dilation_w_factor};
    return shape_2d(node, &w, 1, node->inputs[1]->shape.dims[3]);
}

tmo_status tmoi_conv_check_patch(const tmoi_conv_shape *shape, tmoi_ctx *ctx)
{
    int64_t terms = tmoi_conv_patch_size(shape);
    TMO_FAIL_IF(terms > INT32_MAX, LIMIT, ctx, "filter of %lld elements an output channel is too large",
                (long long)terms);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_conv_check_wide(const tmoi_value *input, const tmoi_value *output, tmoi_ctx *ctx)
{
    if (input->type != TMO_TYPE_INT16) return TMO_STATUS_OK;
    TMO_FAIL_IF(tmoi_value_zero_point(input) != 0 || tmoi_value_zero_point(output) != 0, UNSUPPORTED_OPERATOR,
                ctx, "int16 input and output have zero points %d and %d, expected 0",
                (int)tmoi_value_zero_point(input), (int)tmoi_value_zero_point(output));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_float_range(const tmoi_exec *exec, int32_t activation, float *low, float *high, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_activation_range_f32(activation, low, high, ctx));
    if (activation == TMOI_ACTIVATION_NONE && !exec->reference) {
        *low = -INFINITY;
        *high = INFINITY;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_require_dense(const tmoi_value *weights, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(weights->tensor->sparsity && weights->data == weights->tensor->data, UNSUPPORTED_OPERATOR,
                ctx, "sparse weights '%s' of type %s are not supported", weights->tensor->name,
                tmo_type_name(weights->type));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
