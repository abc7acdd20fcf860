/* Source: the table of supported operations and the model requirements that Coral publishes for the Edge TPU ("TensorFlow models
 * on the Edge TPU"), as of runtime version 14 and compiler version 16. */
#include "target/edgetpu.h"

#include <string.h>

#include "target/constraints.h"

#define MAX_SOFTMAX 16000

/* ---- for every operator ---- */

static bool batch_of_one(const tmoi_site *site, const tmoi_tensor *tensor, tmoi_why *why)
{
    (void)site;
    for (int32_t k = 0; k < tensor->shape.rank - 3; k++)
        if (tensor->shape.dims[k] > 1)
            return tmoi_why_not(
                why, "'%.80s' has shape %s; only the last three dimensions may be larger than 1: use batch 1",
                tensor->name, tmoi_shape_format(&tensor->shape).text);
    return true;
}

static bool is_quantized(const tmoi_site *site, const tmoi_tensor *tensor, tmoi_why *why)
{
    (void)site;
    if (tensor->quant.count > 0) return true;
    return tmoi_why_not(why, "'%.80s' has no quantization; quantize the model to int8", tensor->name);
}

static bool three_dimensions(const tmoi_site *site, tmoi_why *why)
{
    return tmoi_each_data_tensor(site, why, batch_of_one);
}

static bool all_quantized(const tmoi_site *site, tmoi_why *why)
{
    return tmoi_each_data_tensor(site, why, is_quantized);
}

/* ---- per operator ---- */

static bool weights_8_bit(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *weights = tmoi_site_input_at(site, 1);
    if (!weights || weights->type == TMO_TYPE_INT8 || weights->type == TMO_TYPE_UINT8) return true;
    return tmoi_why_not(why, "the weights are %s, they must be int8 or uint8; quantize the model to int8",
                        tmo_type_name(weights->type));
}

static bool square_dilation(const tmoi_site *site, tmoi_why *why)
{
    tmoi_window window = tmoi_window_of(site);
    if (window.dilation_h == window.dilation_w) return true;
    return tmoi_why_not(why, "dilation %dx%d, it must be the same in both directions", (int)window.dilation_h,
                        (int)window.dilation_w);
}

static bool all_zero(const tmoi_tensor *tensor)
{
    const unsigned char *bytes = tensor->data;
    int64_t zero = tensor->quant.count ? tensor->quant.zero_point[0] : 0;
    for (size_t k = 0; k < tensor->data_bytes; k++)
        if (bytes[k] != (unsigned char)((uint64_t)zero & 255)) return false;
    return true;
}

static bool constant_part(const tmoi_site *site, tmoi_why *why)
{
    for (int32_t k = 0; k < site->op->input_count; k++) {
        const tmoi_tensor *tensor = tmoi_site_input_at(site, k);
        if (!tensor || !tensor->data) continue;
        if (site->op->input_count != 2 || !all_zero(tensor))
            return tmoi_why_not(
                why, "input %d is a constant; a constant may only be zeros, joined to one other tensor",
                (int)k);
    }
    return true;
}

static bool vector_output(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *out = tmoi_site_output(site);
    if (tmoi_op_options(site->op, fully_connected_options)->weights_format != TMOI_WEIGHTS_DEFAULT)
        return tmoi_why_not(why, "the weights are shuffled; store them in the default format");
    if (!out || out->shape.rank == 0) return true;
    if (tmoi_shape_count(&out->shape) == out->shape.dims[out->shape.rank - 1]) return true;
    return tmoi_why_not(why, "output %s, it must be one vector; use CONV_2D with a 1x1 filter",
                        tmoi_shape_format(&out->shape).text);
}

static bool small_vector(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *in = tmoi_site_input(site);
    if (!in || in->shape.rank == 0) return true;
    int64_t count = tmoi_shape_count(&in->shape);
    if (count != in->shape.dims[in->shape.rank - 1])
        return tmoi_why_not(why, "input %s, it takes one vector; leave SOFTMAX to the application",
                            tmoi_shape_format(&in->shape).text);
    if (count <= MAX_SOFTMAX) return true;
    return tmoi_why_not(why, "%lld values, the limit is %d; leave SOFTMAX to the application",
                        (long long)count, MAX_SOFTMAX);
}

/* The batch is the first dimension of a tensor of rank 4, or none. */
static bool reduces_batch(const tmoi_site *site, uint32_t *axes)
{
    const tmoi_tensor *in = tmoi_site_input(site);
    return in && tmoi_reduced_axes(site, axes) && in->shape.rank >= 4 && (*axes & 1u) &&
           in->shape.dims[0] > 1;
}

static bool keeps_batch(const tmoi_site *site, tmoi_why *why)
{
    uint32_t axes;
    if (!reduces_batch(site, &axes)) return true;
    return tmoi_why_not(why, "it reduces the batch; reduce the other dimensions only");
}

static bool mean(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *in = tmoi_site_input(site);
    uint32_t axes;
    if (!keeps_batch(site, why)) return false;
    if (!in || !tmoi_reduced_axes(site, &axes)) return true;
    int32_t rank = in->shape.rank;
    if (rank == 0 || !(axes >> (rank - 1) & 1u) || in->shape.dims[rank - 1] % 4 == 0) return true;
    return tmoi_why_not(why,
                        "the mean over %d channels, their number must be a multiple of 4; pad the channels",
                        (int)in->shape.dims[rank - 1]);
}

static bool pads_no_batch(const tmoi_site *site, tmoi_why *why)
{
    int64_t value;
    const tmoi_tensor *in = tmoi_site_input(site);
    for (int64_t k = 0; in && in->shape.rank >= 4 && k < 2; k++)
        if (tmoi_constant_value(tmoi_site_input_at(site, 1), k, &value) && value != 0)
            return tmoi_why_not(why, "it pads the batch; pad the other dimensions only");
    return true;
}

static bool packs_no_batch(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *out = tmoi_site_output(site);
    int32_t axis = tmoi_op_options(site->op, pack_options)->axis;
    if (!out || out->shape.rank < 4 || (axis != 0 && axis != -out->shape.rank)) return true;
    return tmoi_why_not(why, "it packs along the batch; pack along another axis");
}

static bool splits_no_batch(const tmoi_site *site, tmoi_why *why)
{
    int64_t axis;
    const tmoi_tensor *in = tmoi_site_input(site);
    if (!in || in->shape.rank < 4 || !tmoi_constant_value(tmoi_site_input_at(site, 0), 0, &axis)) return true;
    if (axis != 0 && axis != -in->shape.rank) return true;
    return tmoi_why_not(why, "it splits the batch; split along another axis");
}

static bool channel_slope(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *slope = tmoi_site_input_at(site, 1);
    if (!slope || slope->shape.rank == 0) return true;
    if (tmoi_shape_count(&slope->shape) == slope->shape.dims[slope->shape.rank - 1]) return true;
    return tmoi_why_not(why,
                        "slopes of shape %s, only one per channel is taken; train with shared axes [1, 2]",
                        tmoi_shape_format(&slope->shape).text);
}

static bool unit_strides(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_fb_strided_slice_options *options = tmoi_op_options(site->op, strided_slice_options);
    int64_t stride;
    if (options->ellipsis_mask || options->new_axis_mask)
        return tmoi_why_not(why, "an ellipsis or a new axis; slice without and use RESHAPE");
    for (int64_t k = 0; tmoi_constant_value(tmoi_site_input_at(site, 3), k, &stride); k++)
        if (stride != 1) return tmoi_why_not(why, "stride %lld, it takes 1", (long long)stride);
    return true;
}

#define Q (TMOI_T(INT8) | TMOI_T(UINT8))

/* clang-format off */
static const tmoi_rule rules[] = {
    {TMOI_OP_ADD, Q, Q, {NULL}},
    {TMOI_OP_AVERAGE_POOL_2D, Q, Q, {tmoi_no_fused_activation}},
    {TMOI_OP_CONCATENATION, Q, Q, {tmoi_no_fused_activation, constant_part}},
    {TMOI_OP_CONV_2D, Q, Q, {weights_8_bit, tmoi_constant_weights, square_dilation}},
    {TMOI_OP_DEPTHWISE_CONV_2D, Q, Q, {weights_8_bit, tmoi_constant_weights, square_dilation}},
    {TMOI_OP_EXPAND_DIMS, Q, Q, {tmoi_constant_parameters}},
    {TMOI_OP_FULLY_CONNECTED, Q, Q, {weights_8_bit, tmoi_constant_weights, vector_output}},
    {TMOI_OP_L2_NORMALIZATION, Q, Q, {NULL}},
    {TMOI_OP_LOGISTIC, Q, Q, {NULL}},
    {TMOI_OP_LSTM, Q, Q, {NULL}},
    {TMOI_OP_MAX_POOL_2D, Q, Q, {tmoi_no_fused_activation}},
    {TMOI_OP_MAXIMUM, Q, Q, {NULL}},
    {TMOI_OP_MEAN, Q, Q, {tmoi_constant_parameters, mean}},
    {TMOI_OP_MINIMUM, Q, Q, {NULL}},
    {TMOI_OP_MUL, Q, Q, {NULL}},
    {TMOI_OP_PACK, Q, Q, {packs_no_batch}},
    {TMOI_OP_PAD, Q, Q, {tmoi_constant_parameters, pads_no_batch}},
    {TMOI_OP_PRELU, Q, Q, {channel_slope}},
    {TMOI_OP_QUANTIZE, Q, Q, {NULL}},
    {TMOI_OP_REDUCE_MAX, Q, Q, {tmoi_constant_parameters, keeps_batch}},
    {TMOI_OP_REDUCE_MIN, Q, Q, {tmoi_constant_parameters, keeps_batch}},
    {TMOI_OP_RELU, Q, Q, {NULL}},
    {TMOI_OP_RELU_N1_TO_1, Q, Q, {NULL}},
    {TMOI_OP_RELU6, Q, Q, {NULL}},
    {TMOI_OP_RESHAPE, Q, Q, {NULL}},
    {TMOI_OP_RESIZE_BILINEAR, Q, Q, {tmoi_constant_parameters}},
    {TMOI_OP_RESIZE_NEAREST_NEIGHBOR, Q, Q, {tmoi_constant_parameters}},
    {TMOI_OP_RSQRT, Q, Q, {NULL}},
    {TMOI_OP_SLICE, Q, Q, {tmoi_constant_parameters}},
    {TMOI_OP_SOFTMAX, Q, Q, {small_vector}},
    {TMOI_OP_SPACE_TO_DEPTH, Q, Q, {NULL}},
    {TMOI_OP_SPLIT, Q, Q, {tmoi_constant_parameters, splits_no_batch}},
    {TMOI_OP_SQUARED_DIFFERENCE, Q, Q, {NULL}},
    {TMOI_OP_SQUEEZE, Q, Q, {NULL}},
    {TMOI_OP_STRIDED_SLICE, Q, Q, {tmoi_constant_parameters, unit_strides}},
    {TMOI_OP_SUB, Q, Q, {NULL}},
    {TMOI_OP_SUM, Q, Q, {tmoi_constant_parameters, keeps_batch}},
    {TMOI_OP_TANH, Q, Q, {NULL}},
    {TMOI_OP_TRANSPOSE, Q, Q, {tmoi_constant_parameters}},
    {TMOI_OP_TRANSPOSE_CONV, Q, Q, {weights_8_bit}},
    {TMOI_OP_UNIDIRECTIONAL_SEQUENCE_LSTM, Q, Q, {NULL}},
};
/* clang-format on */

static const tmoi_constraint generic[] = {tmoi_static_shapes, three_dimensions, all_quantized, NULL};

const tmoi_rule_set tmoi_edgetpu_rules = {
    "the Edge TPU", "replace it, or keep it at the very end of the model",
    rules,          sizeof rules / sizeof *rules,
    true,           generic};
