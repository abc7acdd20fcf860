#include "target/constraints.h"

#include <string.h>

tmoi_image tmoi_image_of(const tmoi_shape *shape)
{
    tmoi_image image = {1, 1, 1, 1};
    int32_t rank = shape->rank;
    if (rank > 0) image.c = shape->dims[rank - 1];
    if (rank > 1) image.w = shape->dims[rank - 2];
    if (rank > 2) image.h = shape->dims[rank - 3];
    if (rank > 3) image.n = tmoi_shape_product(shape, 0, rank - 3);
    return image;
}

int32_t tmoi_site_activation(const tmoi_op *op)
{
    if (!op->options.value) return TMOI_ACTIVATION_NONE;
    switch (op->options.tag) {
    case TMOI_TAG_conv2d_options: return tmoi_op_options(op, conv2d_options)->fused_activation_function;
    case TMOI_TAG_depthwise_conv2d_options:
        return tmoi_op_options(op, depthwise_conv2d_options)->fused_activation_function;
    case TMOI_TAG_transpose_conv_options:
        return tmoi_op_options(op, transpose_conv_options)->fused_activation_function;
    case TMOI_TAG_pool2d_options: return tmoi_op_options(op, pool2d_options)->fused_activation_function;
    case TMOI_TAG_fully_connected_options:
        return tmoi_op_options(op, fully_connected_options)->fused_activation_function;
    case TMOI_TAG_concatenation_options:
        return tmoi_op_options(op, concatenation_options)->fused_activation_function;
    case TMOI_TAG_add_options: return tmoi_op_options(op, add_options)->fused_activation_function;
    case TMOI_TAG_sub_options: return tmoi_op_options(op, sub_options)->fused_activation_function;
    case TMOI_TAG_mul_options: return tmoi_op_options(op, mul_options)->fused_activation_function;
    case TMOI_TAG_div_options: return tmoi_op_options(op, div_options)->fused_activation_function;
    case TMOI_TAG_l2_norm_options: return tmoi_op_options(op, l2_norm_options)->fused_activation_function;
    default: return TMOI_ACTIVATION_NONE;
    }
}

bool tmoi_each_data_tensor(const tmoi_site *site, tmoi_why *why,
                           bool (*test)(const tmoi_site *, const tmoi_tensor *, tmoi_why *))
{
    for (int32_t k = 0; k < site->op->input_count; k++) {
        const tmoi_tensor *tensor = tmoi_site_input_at(site, k);
        if (tensor && tmoi_is_data_input(site->op, k) && !test(site, tensor, why)) return false;
    }
    for (int32_t k = 0; k < site->op->output_count; k++) {
        const tmoi_tensor *tensor = tmoi_op_output(site->subgraph, site->op, k);
        if (tensor && !test(site, tensor, why)) return false;
    }
    return true;
}

static tmoi_window pool_window(const tmoi_op *op)
{
    const tmoi_fb_pool2d_options *options = tmoi_op_options(op, pool2d_options);
    return (tmoi_window){options->stride_h,     options->stride_w, 1, 1, options->filter_height,
                         options->filter_width, options->padding};
}

static tmoi_window conv_window(const tmoi_op *op)
{
    if (op->code == TMOI_OP_CONV_2D) {
        const tmoi_fb_conv2d_options *options = tmoi_op_options(op, conv2d_options);
        return (tmoi_window){options->stride_h,
                             options->stride_w,
                             options->dilation_h_factor,
                             options->dilation_w_factor,
                             1,
                             1,
                             options->padding};
    }
    if (op->code == TMOI_OP_DEPTHWISE_CONV_2D) {
        const tmoi_fb_depthwise_conv2d_options *options = tmoi_op_options(op, depthwise_conv2d_options);
        return (tmoi_window){options->stride_h,
                             options->stride_w,
                             options->dilation_h_factor,
                             options->dilation_w_factor,
                             1,
                             1,
                             options->padding};
    }
    const tmoi_fb_transpose_conv_options *options = tmoi_op_options(op, transpose_conv_options);
    return (tmoi_window){options->stride_h, options->stride_w, 1, 1, 1, 1, options->padding};
}

tmoi_window tmoi_window_of(const tmoi_site *site)
{
    tmoi_window window = {1, 1, 1, 1, 1, 1, TMOI_PADDING_SAME};
    const tmoi_tensor *filter = tmoi_site_input_at(site, 1);
    switch (site->op->code) {
    case TMOI_OP_AVERAGE_POOL_2D:
    case TMOI_OP_MAX_POOL_2D: return pool_window(site->op);
    case TMOI_OP_CONV_2D:
    case TMOI_OP_DEPTHWISE_CONV_2D:
    case TMOI_OP_TRANSPOSE_CONV:
        window = conv_window(site->op);
        if (filter && filter->shape.rank == 4) {
            window.filter_h = filter->shape.dims[1];
            window.filter_w = filter->shape.dims[2];
        }
        return window;
    default: return window;
    }
}

bool tmoi_constant_value(const tmoi_tensor *tensor, int64_t k, int64_t *out)
{
    if (!tensor || !tensor->data || k < 0) return false;
    if (tensor->type == TMO_TYPE_INT32) {
        int32_t value;
        if ((uint64_t)k >= tensor->data_bytes / sizeof value) return false;
        memcpy(&value, (const char *)tensor->data + (size_t)k * sizeof value, sizeof value);
        *out = value;
        return true;
    }
    if (tensor->type != TMO_TYPE_INT64 || (uint64_t)k >= tensor->data_bytes / sizeof *out) return false;
    memcpy(out, (const char *)tensor->data + (size_t)k * sizeof *out, sizeof *out);
    return true;
}

bool tmoi_reduced_axes(const tmoi_site *site, uint32_t *axes)
{
    const tmoi_tensor *input = tmoi_site_input_at(site, 0), *list = tmoi_site_input_at(site, 1);
    int64_t value;
    int32_t axis;
    *axes = 0;
    if (!input || !list || !list->data) return false;
    for (int64_t k = 0; k < tmoi_shape_count(&list->shape); k++) {
        if (!tmoi_constant_value(list, k, &value) || value < INT32_MIN || value > INT32_MAX) return false;
        if (!tmoi_axis_normalize((int32_t)value, input->shape.rank, &axis)) return false;
        *axes |= 1u << axis;
    }
    return true;
}

bool tmoi_is_per_channel(const tmoi_tensor *tensor)
{
    return tensor->quant.count > 1;
}

bool tmoi_same_quant(const tmoi_tensor *a, const tmoi_tensor *b)
{
    if (a->quant.count != b->quant.count) return false;
    return a->quant.count == 0 ||
           (a->quant.scale[0] == b->quant.scale[0] && a->quant.zero_point[0] == b->quant.zero_point[0]);
}

bool tmoi_static_shapes(const tmoi_site *site, tmoi_why *why)
{
    for (int32_t k = 0; k < site->op->input_count + site->op->output_count; k++) {
        bool in = k < site->op->input_count;
        const tmoi_tensor *tensor = in ? tmoi_site_input_at(site, k)
                                       : tmoi_op_output(site->subgraph, site->op, k - site->op->input_count);
        if (tensor && !tmoi_tensor_is_static(tensor))
            return tmoi_why_not(
                why, "the shape of %s '%.80s' is not fixed; convert the model with fixed input shapes",
                in ? "input" : "output", tensor->name);
    }
    return true;
}

bool tmoi_constant_parameters(const tmoi_site *site, tmoi_why *why)
{
    for (int32_t k = 0; k < site->op->input_count; k++) {
        const tmoi_tensor *tensor = tmoi_site_input_at(site, k);
        if (tensor && !tensor->data && !tmoi_is_data_input(site->op, k))
            return tmoi_why_not(why, "parameter '%.80s' is computed at run time; make it a constant",
                                tensor->name);
    }
    return true;
}

static bool is_unpacking(const tmoi_op *op)
{
    return (op->code == TMOI_OP_DEQUANTIZE || op->code == TMOI_OP_DENSIFY) && op->input_count == 1;
}

bool tmoi_is_static(const tmoi_site *site, int32_t tensor)
{
    for (int32_t depth = 0; depth < 4 && tensor >= 0; depth++) {
        if (site->subgraph->tensors[tensor].data) return true;
        int32_t producer = site->producers[tensor];
        if (producer < 0 || !is_unpacking(&site->subgraph->ops[producer])) return false;
        tensor = site->subgraph->ops[producer].inputs[0];
    }
    return false;
}

static bool static_input(const tmoi_site *site, int32_t k, const char *what, tmoi_why *why)
{
    if (!tmoi_site_input_at(site, k) || tmoi_is_static(site, site->op->inputs[k])) return true;
    return tmoi_why_not(why, "the %s '%.80s' are computed at run time; make them a constant", what,
                        tmoi_site_input_at(site, k)->name);
}

bool tmoi_constant_weights(const tmoi_site *site, tmoi_why *why)
{
    return static_input(site, 1, "weights", why) &&
           static_input(site, site->op->code == TMOI_OP_TRANSPOSE_CONV ? 3 : 2, "biases", why);
}

bool tmoi_no_fused_activation(const tmoi_site *site, tmoi_why *why)
{
    if (tmoi_site_activation(site->op) == TMOI_ACTIVATION_NONE) return true;
    return tmoi_why_not(why, "it has a fused activation; make the activation an operator of its own");
}

bool tmoi_same_types(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *in = tmoi_site_input(site), *out = tmoi_site_output(site);
    if (!in || !out || in->type == out->type) return true;
    return tmoi_why_not(why, "input is %s and output %s; they must have one type", tmo_type_name(in->type),
                        tmo_type_name(out->type));
}
