/* Source: the constraints that ethos-u-vela 5.2.0 publishes (vela --supported-ops-report), for Ethos-U55 and Ethos-U65 and for
 * Ethos-U85; the meaning of a sentence that leaves room was taken from what that compiler does. */
#include "target/ethos_u.h"

#include <stdlib.h>

#include "target/constraints.h"

#define MAX_WEIGHT_SUM      8323072    /* 127 * 2^16: of absolute weights that make one output */
#define MAX_WEIGHT_SUM_U85  2130706432 /* for 16-bit data */
#define MAX_BIAS_40         1099511627775
#define MAX_BIAS_48         281474976710655
#define MAX_DEPTH           65536
#define MAX_SOFTMAX_AREA    65536
#define MAX_ARG_MAX_DEPTH   127
#define MAX_MEAN_AXIS       4096
#define MAX_KERNEL_HEIGHT   256
#define MAX_KERNEL_AREA     (256 * 256)
#define MAX_SAME_POOL       8
#define MAX_STRIDE          3
#define MAX_TRANSPOSE_PLANE 65536

/* ---- for every operator ---- */

/* Calls `test` for each data input, each output and the weights. */
static bool each_tensor(const tmoi_site *site, tmoi_why *why,
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

static bool fixed_dims(const tmoi_site *site, const tmoi_tensor *tensor, tmoi_why *why)
{
    (void)site;
    if (tensor->shape.rank == 0 && !tensor->data && tensor->type != TMO_TYPE_RESOURCE)
        return tmoi_why_not(why, "'%.80s' is a scalar; reshape it to [1]", tensor->name);
    for (uint32_t k = 1; k < tensor->shape_signature.count; k++)
        if (tensor->shape_signature.data[k] < 0)
            return tmoi_why_not(
                why, "dimension %u of '%.80s' is not fixed; only the batch may be: convert with fixed shapes",
                (unsigned)k, tensor->name);
    return true;
}

static bool shapes_are_fixed(const tmoi_site *site, tmoi_why *why)
{
    return each_tensor(site, why, fixed_dims);
}

static bool has_weights(const tmoi_op *op)
{
    return op->code == TMOI_OP_CONV_2D || op->code == TMOI_OP_DEPTHWISE_CONV_2D ||
           op->code == TMOI_OP_FULLY_CONNECTED || op->code == TMOI_OP_TRANSPOSE_CONV;
}

/* Only 8-bit and 16-bit data need a scale; wider integers and truth values are taken as they are. */
static bool has_scale(const tmoi_site *site, const tmoi_tensor *tensor, tmoi_why *why)
{
    (void)site;
    if (tensor->type != TMO_TYPE_INT8 && tensor->type != TMO_TYPE_UINT8 && tensor->type != TMO_TYPE_INT16)
        return true;
    if (tensor->quant.count == 0)
        return tmoi_why_not(why, "'%.80s' has no quantization; quantize the model to int8", tensor->name);
    for (int32_t k = 0; k < tensor->quant.count; k++)
        if (!(tensor->quant.scale[k] > 0))
            return tmoi_why_not(why, "scale %d of '%.80s' is not positive; quantize the model again", (int)k,
                                tensor->name);
    return true;
}

static bool is_quantized(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *weights = has_weights(site->op) ? tmoi_site_input_at(site, 1) : NULL;
    return each_tensor(site, why, has_scale) && (!weights || has_scale(site, weights, why));
}

static bool one_scale(const tmoi_site *site, const tmoi_tensor *tensor, tmoi_why *why)
{
    if (has_weights(site->op) || !tmoi_is_per_channel(tensor)) return true;
    return tmoi_why_not(why, "'%.80s' is quantized per channel; quantize it per tensor", tensor->name);
}

static bool per_tensor(const tmoi_site *site, tmoi_why *why)
{
    return each_tensor(site, why, one_scale);
}

static bool zero_point_fits(const tmoi_site *site, const tmoi_tensor *tensor, tmoi_why *why)
{
    (void)site;
    for (int32_t k = 0; k < tensor->quant.count; k++) {
        int64_t zero = tensor->quant.zero_point[k];
        if ((tensor->type == TMO_TYPE_INT32 && zero != 0) || (tensor->type == TMO_TYPE_UINT8 && zero < 0))
            return tmoi_why_not(why, "zero point %lld of '%.80s' does not fit %s; quantize the model again",
                                (long long)zero, tensor->name, tmo_type_name(tensor->type));
    }
    return true;
}

/* Source: what the report calls the ranges of IFM and OFM zero points. */
static bool zero_point_fits_u85(const tmoi_tensor *tensor, bool is_output, tmoi_why *why)
{
    for (int32_t k = 0; k < tensor->quant.count; k++) {
        int64_t zero = tensor->quant.zero_point[k];
        bool is_unsigned = tensor->type == TMO_TYPE_UINT8;
        bool fits = is_unsigned ? zero >= 0 && zero <= 255 : zero >= -128 && zero <= 127;
        if (!is_output && !is_unsigned && tensor->type != TMO_TYPE_INT8) fits = zero == 0;
        if (!fits)
            return tmoi_why_not(why,
                                "zero point %lld of %s '%.80s' is out of range; quantize the model again",
                                (long long)zero, is_output ? "output" : "input", tensor->name);
    }
    return true;
}

static bool zero_points_fit_u85(const tmoi_site *site, tmoi_why *why)
{
    if (site->op->code == TMOI_OP_AVERAGE_POOL_2D || site->op->code == TMOI_OP_DIV ||
        site->op->code == TMOI_OP_RESIZE_BILINEAR || site->op->code == TMOI_OP_RESIZE_NEAREST_NEIGHBOR ||
        site->op->code == TMOI_OP_UNIDIRECTIONAL_SEQUENCE_LSTM)
        return true;
    for (int32_t k = 0; k < site->op->input_count; k++) {
        const tmoi_tensor *tensor = tmoi_site_input_at(site, k);
        if (tensor && tmoi_is_data_input(site->op, k) && !zero_point_fits_u85(tensor, false, why))
            return false;
    }
    for (int32_t k = 0; k < site->op->output_count; k++) {
        const tmoi_tensor *tensor = tmoi_op_output(site->subgraph, site->op, k);
        if (tensor && !zero_point_fits_u85(tensor, true, why)) return false;
    }
    return true;
}

static bool zero_points_fit(const tmoi_site *site, tmoi_why *why)
{
    switch (site->op->code) {
    case TMOI_OP_AVERAGE_POOL_2D:
    case TMOI_OP_RESIZE_BILINEAR:
    case TMOI_OP_RESIZE_NEAREST_NEIGHBOR:
    case TMOI_OP_UNIDIRECTIONAL_SEQUENCE_LSTM: return true;
    default: return each_tensor(site, why, zero_point_fits);
    }
}

/* ---- convolutions and matrix products ---- */

static bool bias_fits(const tmoi_tensor *bias, int64_t limit, tmoi_why *why)
{
    int64_t value;
    if (bias->type != TMO_TYPE_INT64) return true;
    for (int64_t k = 0; tmoi_constant_value(bias, k, &value); k++)
        if (value >= limit || value <= -limit)
            return tmoi_why_not(why,
                                "bias value %lld is too large, the limit is %lld; choose a wider input range",
                                (long long)value, (long long)limit);
    return true;
}

static bool check_bias(const tmoi_site *site, int64_t limit, tmoi_why *why)
{
    const tmoi_tensor *bias = tmoi_site_input_at(site, site->op->code == TMOI_OP_TRANSPOSE_CONV ? 3 : 2);
    if (!bias) return true;
    if (!bias->data)
        return tmoi_why_not(why, "the bias '%.80s' is computed at run time; make it a constant", bias->name);
    if (bias->type != TMO_TYPE_INT32 && bias->type != TMO_TYPE_INT64)
        return tmoi_why_not(why, "the bias is %s, it must be int32 or int64; quantize the model to int8",
                            tmo_type_name(bias->type));
    int32_t rank = bias->shape.rank;
    if (rank > 1 && tmoi_shape_count(&bias->shape) != bias->shape.dims[rank - 1])
        return tmoi_why_not(why, "the bias has shape %s, it must be a vector over the channels",
                            tmoi_shape_format(&bias->shape).text);
    return bias_fits(bias, limit, why);
}

static bool bias_40(const tmoi_site *site, tmoi_why *why)
{
    return check_bias(site, MAX_BIAS_40, why);
}

static bool bias_48(const tmoi_site *site, tmoi_why *why)
{
    return check_bias(site, MAX_BIAS_48, why);
}

static bool weights_8_bit(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *weights = tmoi_site_input_at(site, 1);
    if (!weights || weights->type == TMO_TYPE_INT8 || weights->type == TMO_TYPE_UINT8) return true;
    return tmoi_why_not(why, "the weights are %s, they must be int8 or uint8; quantize the model to int8",
                        tmo_type_name(weights->type));
}

/* The dimension of the weights over the outputs: the last of a depthwise filter, else the first. */
static int32_t output_dimension(const tmoi_site *site, const tmoi_tensor *weights)
{
    return site->op->code == TMOI_OP_DEPTHWISE_CONV_2D ? weights->shape.rank - 1 : 0;
}

static int64_t weight_zero(const tmoi_tensor *weights, int64_t channel)
{
    if (weights->quant.count == 0) return 0;
    return weights->quant.zero_point[weights->quant.count > channel ? channel : 0];
}

/* The sum of absolute weights, less their zero point, that make output `channel`. */
static int64_t weight_sum(const tmoi_tensor *weights, int32_t dimension, int64_t channel)
{
    const tmoi_shape *shape = &weights->shape;
    int64_t outer = tmoi_shape_product(shape, 0, dimension), channels = shape->dims[dimension];
    int64_t inner = tmoi_shape_product(shape, dimension + 1, shape->rank), sum = 0,
            zero = weight_zero(weights, channel);
    const int8_t *data = weights->data;
    for (int64_t o = 0; o < outer; o++) {
        for (int64_t i = 0; i < inner; i++) {
            int8_t stored = data[(o * channels + channel) * inner + i];
            sum += llabs((weights->type == TMO_TYPE_UINT8 ? (int64_t)(uint8_t)stored : (int64_t)stored) -
                         zero);
        }
    }
    return sum;
}

static bool check_weight_sum(const tmoi_site *site, int64_t limit_16_bit, tmoi_why *why)
{
    const tmoi_tensor *weights = tmoi_site_input_at(site, 1), *input = tmoi_site_input(site);
    if (!weights || !weights->data || weights->shape.rank < 1 || !input || weights->sparsity) return true;
    if (weights->data_bytes < tmoi_type_bytes(weights->type, tmoi_shape_count(&weights->shape))) return true;
    int64_t limit = input->type == TMO_TYPE_INT16 ? limit_16_bit : MAX_WEIGHT_SUM;
    int32_t dimension = output_dimension(site, weights);
    for (int64_t k = 0; k < weights->shape.dims[dimension]; k++) {
        int64_t sum = weight_sum(weights, dimension, k);
        if (sum > limit)
            return tmoi_why_not(why,
                                "the absolute weights of output channel %lld add up to %lld, the limit is "
                                "%lld; split the layer",
                                (long long)k, (long long)sum, (long long)limit);
    }
    return true;
}

static bool weight_sum_u55(const tmoi_site *site, tmoi_why *why)
{
    return check_weight_sum(site, MAX_WEIGHT_SUM, why);
}

static bool weight_sum_u85(const tmoi_site *site, tmoi_why *why)
{
    return check_weight_sum(site, MAX_WEIGHT_SUM_U85, why);
}

/* Whether a window over `size` values needs no padding, which SAME may come to. */
static bool needs_no_padding(int64_t size, int32_t filter, int32_t stride, int32_t dilation)
{
    int64_t outputs = stride > 0 ? (size + stride - 1) / stride : 0;
    return (outputs - 1) * stride + (int64_t)(filter - 1) * dilation + 1 <= size;
}

static bool is_unpadded(const tmoi_site *site, const tmoi_window *window)
{
    const tmoi_tensor *input = tmoi_site_input(site);
    if (window->padding == TMOI_PADDING_VALID || !input) return true;
    tmoi_image in = tmoi_image_of(&input->shape);
    return needs_no_padding(in.h, window->filter_h, window->stride_h, window->dilation_h) &&
           needs_no_padding(in.w, window->filter_w, window->stride_w, window->dilation_w);
}

static bool valid_or_small_stride(const tmoi_site *site, tmoi_why *why)
{
    tmoi_window window = tmoi_window_of(site);
    if (window.stride_h <= MAX_STRIDE && window.stride_w <= MAX_STRIDE) return true;
    if (is_unpadded(site, &window) && window.dilation_h == 1 && window.dilation_w == 1) return true;
    return tmoi_why_not(
        why, "stride %dx%d with %s, more than %d needs VALID padding and no dilation; use a smaller stride",
        (int)window.stride_h, (int)window.stride_w,
        window.padding == TMOI_PADDING_VALID ? "dilation" : "SAME padding", MAX_STRIDE);
}

static bool small_stride(const tmoi_site *site, tmoi_why *why)
{
    tmoi_window window = tmoi_window_of(site);
    if (window.stride_h <= MAX_STRIDE && window.stride_w <= MAX_STRIDE) return true;
    return tmoi_why_not(why, "stride %dx%d, the limit is %d; use a smaller stride", (int)window.stride_h,
                        (int)window.stride_w, MAX_STRIDE);
}

static bool computed_operand(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site), *output = tmoi_site_output(site),
                      *other = tmoi_site_input_at(site, 1);
    if (!input || !output || !other) return true;
    if (site->op->code == TMOI_OP_FULLY_CONNECTED && other->data) return true;
    if (input->type != TMO_TYPE_INT8)
        return tmoi_why_not(why, "a product of two computed matrices takes int8, not %s; quantize it to int8",
                            tmo_type_name(input->type));
    if (tmoi_image_of(&output->shape).c > MAX_DEPTH || tmoi_image_of(&input->shape).c > MAX_DEPTH)
        return tmoi_why_not(why, "matrices of shapes %s and %s, the limit of a side is %d; split them",
                            tmoi_shape_format(&input->shape).text, tmoi_shape_format(&other->shape).text,
                            MAX_DEPTH);
    return true;
}

static bool matrix_weights(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *weights = tmoi_site_input_at(site, 1);
    if (!weights || weights->shape.rank < 2 ||
        tmoi_shape_product(&weights->shape, 1, weights->shape.rank - 1) == 1)
        return true;
    return tmoi_why_not(why, "weights of shape %s, they must be [outputs, inputs]",
                        tmoi_shape_format(&weights->shape).text);
}

static bool transpose_conv_strides(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site);
    tmoi_window window = tmoi_window_of(site);
    tmoi_image in = input ? tmoi_image_of(&input->shape) : (tmoi_image){1, 1, 1, 1};
    if (window.stride_h == window.stride_w && (window.stride_h == 1 || window.stride_h == 2)) return true;
    if (window.stride_h == 1 && window.stride_w == 2 && in.h == 1 && window.filter_h == 1) return true;
    if (window.stride_h == 2 && window.stride_w == 1 && in.w == 1 && window.filter_w == 1) return true;
    return tmoi_why_not(why, "stride %dx%d, it takes 1x1 and 2x2; resize and convolve instead",
                        (int)window.stride_h, (int)window.stride_w);
}

static bool transpose_conv_shape(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site), *output = tmoi_site_output(site);
    tmoi_window window = tmoi_window_of(site);
    if (!input || !output) return true;
    tmoi_image in = tmoi_image_of(&input->shape), out = tmoi_image_of(&output->shape);
    int64_t h = in.h * window.stride_h, w = in.w * window.stride_w;
    if (window.padding == TMOI_PADDING_VALID) {
        h += window.filter_h > window.stride_h ? window.filter_h - window.stride_h : 0;
        w += window.filter_w > window.stride_w ? window.filter_w - window.stride_w : 0;
    }
    if (out.h == h && out.w == w) return true;
    return tmoi_why_not(
        why,
        "the output is %lldx%lld, it takes only %lldx%lld for this input and stride; pad or crop after it",
        (long long)out.h, (long long)out.w, (long long)h, (long long)w);
}

/* ---- pooling and reductions ---- */

static bool pool_size(const tmoi_site *site, tmoi_why *why)
{
    tmoi_window window = tmoi_window_of(site);
    if (window.filter_h <= MAX_KERNEL_HEIGHT && (int64_t)window.filter_h * window.filter_w <= MAX_KERNEL_AREA)
        return true;
    return tmoi_why_not(why, "a %dx%d window, the limit is %d rows and %d values; pool in two steps",
                        (int)window.filter_h, (int)window.filter_w, MAX_KERNEL_HEIGHT, MAX_KERNEL_AREA);
}

static bool average_size(const tmoi_site *site, tmoi_why *why)
{
    tmoi_window window = tmoi_window_of(site);
    if (window.padding == TMOI_PADDING_VALID) return pool_size(site, why);
    if (window.filter_h <= MAX_SAME_POOL && window.filter_w <= MAX_SAME_POOL) return true;
    return tmoi_why_not(why,
                        "a %dx%d window with SAME padding, the limit is %dx%d; use VALID padding or MEAN",
                        (int)window.filter_h, (int)window.filter_w, MAX_SAME_POOL, MAX_SAME_POOL);
}

/* How many values one mean may take: 2^24 int8, 2^23 uint8, 2^16 int16. */
static int64_t mean_limit(tmo_type type)
{
    return type == TMO_TYPE_INT8 ? 1 << 24 : type == TMO_TYPE_UINT8 ? 1 << 23 : 1 << 16;
}

static bool mean_size(const tmoi_shape *shape, tmo_type type, uint32_t axes, tmoi_why *why)
{
    int64_t count = 1;
    for (int32_t k = 0; k < shape->rank; k++) {
        if (!(axes >> k & 1u)) continue;
        count *= shape->dims[k];
        if (shape->dims[k] > MAX_MEAN_AXIS)
            return tmoi_why_not(why, "the mean over an axis of %d, the limit is %d; average in two steps",
                                (int)shape->dims[k], MAX_MEAN_AXIS);
    }
    if (count <= mean_limit(type)) return true;
    return tmoi_why_not(why, "the mean of %lld values, the limit for %s is %lld; average in two steps",
                        (long long)count, tmo_type_name(type), (long long)mean_limit(type));
}

static bool mean(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site);
    uint32_t axes;
    if (!input || !tmoi_reduced_axes(site, &axes)) return true;
    tmoi_image in = tmoi_image_of(&input->shape);
    int32_t rank = input->shape.rank;
    if (rank >= 4 && input->shape.dims[rank - 4] > 1)
        return tmoi_why_not(why, "batch %d, it takes 1; run the samples one by one",
                            (int)input->shape.dims[rank - 4]);
    if (rank > 0 && axes >> (rank - 1) & 1u && in.h > 1 && in.w > 1 && in.c > 1)
        return tmoi_why_not(why,
                            "the mean over the channels of a %lldx%lld image; average over height and width "
                            "only, or reshape first",
                            (long long)in.h, (long long)in.w);
    return mean_size(&input->shape, input->type, axes, why);
}

static bool arg_max(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site);
    int64_t axis;
    if (!input || !tmoi_constant_value(tmoi_site_input_at(site, 1), 0, &axis)) return true;
    if (axis != -1 && axis != input->shape.rank - 1)
        return tmoi_why_not(why, "axis %lld, it takes only the last; transpose before it", (long long)axis);
    return true;
}

static bool arg_max_depth(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site);
    if (!input || tmoi_image_of(&input->shape).c <= MAX_ARG_MAX_DEPTH) return true;
    return tmoi_why_not(why, "%lld channels, the limit is %d; leave ARG_MAX to the application",
                        (long long)tmoi_image_of(&input->shape).c, MAX_ARG_MAX_DEPTH);
}

static bool softmax_area(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site);
    if (!input) return true;
    tmoi_image in = tmoi_image_of(&input->shape);
    if (in.h * in.w <= MAX_SOFTMAX_AREA) return true;
    return tmoi_why_not(why, "%lldx%lld rows, the limit is %d; split the tensor", (long long)in.h,
                        (long long)in.w, MAX_SOFTMAX_AREA);
}

/* ---- elementwise ---- */

static bool same_quantization(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *output = tmoi_site_output(site);
    for (int32_t k = 0; output && k < 2; k++) {
        const tmoi_tensor *input = tmoi_site_input_at(site, k);
        if (input && !tmoi_same_quant(input, output))
            return tmoi_why_not(
                why, "scale and zero point of input %d differ from the output's; quantize them alike",
                (int)k);
    }
    return true;
}

static bool same_type_and_shape(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site), *output = tmoi_site_output(site);
    if (!tmoi_same_types(site, why)) return false;
    if (!input || !output || tmoi_shape_equal(&input->shape, &output->shape)) return true;
    return tmoi_why_not(why, "input %s and output %s, they must have one shape",
                        tmoi_shape_format(&input->shape).text, tmoi_shape_format(&output->shape).text);
}

/* A fused activation becomes an operator of its own, which takes no 32-bit data. */
static bool narrow_activation(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *output = tmoi_site_output(site);
    if (!output || output->type != TMO_TYPE_INT32 || tmoi_site_activation(site->op) == TMOI_ACTIVATION_NONE)
        return true;
    return tmoi_why_not(why, "a fused activation on int32 data; quantize it to int8");
}

/* ---- resizing ---- */

typedef struct resize {
    tmoi_image in, out;
    bool align_corners, half_pixel_centers;
} resize;

static bool read_resize(const tmoi_site *site, resize *out)
{
    const tmoi_tensor *input = tmoi_site_input(site), *output = tmoi_site_output(site);
    if (!input || !output) return false;
    out->in = tmoi_image_of(&input->shape);
    out->out = tmoi_image_of(&output->shape);
    if (site->op->code == TMOI_OP_RESIZE_BILINEAR) {
        const tmoi_fb_resize_bilinear_options *options = tmoi_op_options(site->op, resize_bilinear_options);
        out->align_corners = options->align_corners;
        out->half_pixel_centers = options->half_pixel_centers;
    } else {
        const tmoi_fb_resize_nearest_neighbor_options *options = tmoi_op_options(
            site->op, resize_nearest_neighbor_options);
        out->align_corners = options->align_corners;
        out->half_pixel_centers = options->half_pixel_centers;
    }
    return true;
}

static bool is_trivial_resize(const resize *r)
{
    return (r->in.h == 1 && r->in.w == 1) || (r->in.h == r->out.h && r->in.w == r->out.w);
}

/* The factor from `in` to `out` when it is whole, else 0. With aligned corners the factor is that of the gaps. */
static int64_t whole_factor(int64_t in, int64_t out, bool align_corners)
{
    if (align_corners) {
        in--;
        out--;
    }
    return in > 0 && out % in == 0 ? out / in : 0;
}

static bool resize_refused(const resize *r, const char *allowed, tmoi_why *why)
{
    return tmoi_why_not(why,
                        "from %lldx%lld to %lldx%lld%s%s, it takes a factor of %s in both directions; change "
                        "the size or use TRANSPOSE_CONV",
                        (long long)r->in.h, (long long)r->in.w, (long long)r->out.h, (long long)r->out.w,
                        r->align_corners ? " with aligned corners" : "",
                        r->half_pixel_centers ? " with half-pixel centers" : "", allowed);
}

/* With half-pixel centers only twice the size, in both directions, or a single pixel spread out. */
static bool half_pixel_factor(const resize *r, tmoi_why *why)
{
    bool doubles = r->out.h == 2 * r->in.h && r->out.w == 2 * r->in.w;
    return doubles || (r->in.h == 1 && r->in.w == 1) || resize_refused(r, "2", why);
}

static bool resize_factor(const tmoi_site *site, tmoi_why *why)
{
    resize r;
    if (!read_resize(site, &r)) return true;
    if (site->op->code == TMOI_OP_RESIZE_BILINEAR && r.half_pixel_centers) return half_pixel_factor(&r, why);
    if (is_trivial_resize(&r)) return true;
    int64_t h = whole_factor(r.in.h, r.out.h, r.align_corners),
            w = whole_factor(r.in.w, r.out.w, r.align_corners);
    if (r.out.h == 1 && r.in.h == 1) h = w;
    if (r.out.w == 1 && r.in.w == 1) w = h;
    return (h == w && (h == 2 || h == 4 || h == 8)) || resize_refused(&r, "2, 4 or 8", why);
}

static bool is_power_of_two(int64_t value)
{
    return value > 0 && (value & (value - 1)) == 0;
}

static bool resize_factor_u85(const tmoi_site *site, tmoi_why *why)
{
    resize r;
    if (!read_resize(site, &r)) return true;
    if (r.align_corners && r.half_pixel_centers)
        return tmoi_why_not(why, "it has both aligned corners and half-pixel centers; choose one");
    if (is_trivial_resize(&r)) return true;
    int64_t limit = r.align_corners ? 2048 : 1024;
    int64_t h = whole_factor(r.in.h, r.out.h, r.align_corners),
            w = whole_factor(r.in.w, r.out.w, r.align_corners);
    bool bilinear = site->op->code == TMOI_OP_RESIZE_BILINEAR;
    if (r.align_corners && ((r.out.h == 1 && r.in.h > 1) || (r.out.w == 1 && r.in.w > 1)))
        return resize_refused(&r, "1 or more", why);
    if (h > limit || w > limit)
        return resize_refused(&r, r.align_corners ? "at most 2048" : "at most 1024", why);
    if (bilinear && !(is_power_of_two(h) && is_power_of_two(w)))
        return resize_refused(&r, "a power of two", why);
    return true;
}

/* ---- moving data ---- */

static bool split_count(const tmoi_site *site, tmoi_why *why)
{
    int32_t wanted = site->op->code == TMOI_OP_SPLIT ? tmoi_op_options(site->op, split_options)->num_splits
                                                     : tmoi_op_options(site->op, split_v_options)->num_splits;
    if (wanted == site->op->output_count) return true;
    return tmoi_why_not(why, "num_splits is %d but there are %d outputs", (int)wanted,
                        (int)site->op->output_count);
}

static bool positive_strides(const tmoi_site *site, tmoi_why *why)
{
    int64_t stride;
    for (int64_t k = 0; tmoi_constant_value(tmoi_site_input_at(site, 3), k, &stride); k++)
        if (stride < 1)
            return tmoi_why_not(why, "stride %lld, it takes positive strides only", (long long)stride);
    return true;
}

static bool slice_is_volume(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *output = tmoi_site_output(site);
    if (!positive_strides(site, why)) return false;
    if (!output || tmoi_shape_count(&output->shape) > 0) return true;
    return tmoi_why_not(why, "the slice is empty; remove it");
}

/* Steps larger than one only from row to row and from column to column. */
static bool steps_in_image(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site);
    int64_t stride;
    for (int64_t k = 0; input && tmoi_constant_value(tmoi_site_input_at(site, 3), k, &stride); k++) {
        int64_t from_end = input->shape.rank - k;
        if (stride > 1 && from_end != 2 && from_end != 3)
            return tmoi_why_not(why,
                                "stride %lld on dimension %lld, it takes strides on height and width only; "
                                "transpose before it",
                                (long long)stride, (long long)k);
    }
    return true;
}

static bool no_reversal(const tmoi_site *site, tmoi_why *why)
{
    (void)site;
    return tmoi_why_not(why, "the NPU cannot reverse an axis; reverse the weights or the input instead");
}

static bool transpose_rank(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site);
    if (!input || input->shape.rank <= 8) return true;
    return tmoi_why_not(why, "rank %d, the limit is 8", (int)input->shape.rank);
}

/* Where each of the four dimensions of an image comes from: missing leading dimensions stay. False when it is not known. */
static bool image_permutation(const tmoi_site *site, const tmoi_shape *shape, int32_t out[4])
{
    int64_t value;
    int32_t shift = 4 - shape->rank;
    for (int32_t k = 0; k < 4; k++) {
        if (k < shift) {
            out[k] = k;
            continue;
        }
        if (!tmoi_constant_value(tmoi_site_input_at(site, 1), k - shift, &value)) return false;
        out[k] = (int32_t)(value < 0 ? value + shape->rank : value) + shift;
    }
    return true;
}

static bool is_permutation(const int32_t permutation[4], int32_t a, int32_t b, int32_t c, int32_t d)
{
    return permutation[0] == a && permutation[1] == b && permutation[2] == c && permutation[3] == d;
}

static bool transpose_32_bit(const tmoi_site *site, const tmoi_shape *shape, tmoi_why *why)
{
    int32_t permutation[4];
    tmoi_image in = tmoi_image_of(shape);
    if (shape->rank > 4)
        return tmoi_why_not(why, "an int32 tensor of rank %d, the limit is 4", (int)shape->rank);
    if (!image_permutation(site, shape, permutation)) return true;
    bool ok = (is_permutation(permutation, 0, 1, 2, 3) && in.c <= MAX_TRANSPOSE_PLANE) ||
              (is_permutation(permutation, 0, 2, 1, 3) && in.n == 1 && in.h <= MAX_TRANSPOSE_PLANE &&
               in.w <= MAX_TRANSPOSE_PLANE && in.c <= MAX_TRANSPOSE_PLANE / 4) ||
              (is_permutation(permutation, 0, 1, 3, 2) && in.n * in.h <= MAX_TRANSPOSE_PLANE &&
               in.w <= MAX_TRANSPOSE_PLANE && in.c <= MAX_TRANSPOSE_PLANE);
    return ok ||
           tmoi_why_not(
               why,
               "an int32 transpose of %s that moves more than neighbouring dimensions; quantize it to int8",
               tmoi_shape_format(shape).text);
}

/* Whether the product of the dimensions without any two of them stays below the limit. */
static bool planes_fit(const tmoi_shape *shape)
{
    for (int32_t a = 0; a < shape->rank; a++) {
        for (int32_t b = a + 1; b < shape->rank; b++) {
            int64_t product = 1;
            for (int32_t k = 0; k < shape->rank; k++)
                if (k != a && k != b) product *= shape->dims[k];
            if (product > MAX_TRANSPOSE_PLANE) return false;
        }
    }
    return true;
}

static bool transpose(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site);
    int32_t permutation[4];
    if (!input) return true;
    const tmoi_shape *shape = &input->shape;
    if (input->type == TMO_TYPE_INT32) return transpose_32_bit(site, shape, why);
    tmoi_image in = tmoi_image_of(shape);
    if (shape->rank <= 4 && image_permutation(site, shape, permutation) &&
        is_permutation(permutation, 0, 1, 2, 3))
        return true;
    if (in.n == 1)
        return (in.h <= MAX_TRANSPOSE_PLANE && in.w <= MAX_TRANSPOSE_PLANE && in.c <= MAX_TRANSPOSE_PLANE) ||
               tmoi_why_not(why, "a transpose of %s, the limit of a side is %d; split the tensor",
                            tmoi_shape_format(shape).text, MAX_TRANSPOSE_PLANE);
    return planes_fit(shape) ||
           tmoi_why_not(why, "a transpose of %s, whose planes are larger than %d; split the tensor",
                        tmoi_shape_format(shape).text, MAX_TRANSPOSE_PLANE);
}

static bool gather_axis(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_fb_gather_options *options = tmoi_op_options(site->op, gather_options);
    if (options->axis == options->batch_dims) return true;
    return tmoi_why_not(why, "axis %d and batch_dims %d, they must be equal; transpose before it",
                        (int)options->axis, (int)options->batch_dims);
}

static bool gather_shapes(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *indices = tmoi_site_input_at(site, 1);
    return !indices || fixed_dims(site, indices, why);
}

static bool constant_indices(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *indices = tmoi_site_input_at(site, 0);
    if (!indices || !indices->data)
        return tmoi_why_not(why, "the indices are computed at run time; make them a constant");
    if (tmoi_image_of(&indices->shape).c != 1)
        return tmoi_why_not(why, "indices of shape %s, the last dimension must be 1",
                            tmoi_shape_format(&indices->shape).text);
    return true;
}

static bool unique_indices(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *indices = tmoi_site_input_at(site, 0);
    int64_t a, b;
    for (int64_t i = 0; tmoi_constant_value(indices, i, &a); i++)
        for (int64_t k = 0; k < i && tmoi_constant_value(indices, k, &b); k++)
            if (a == b)
                return tmoi_why_not(why, "index %lld is there twice; scatter to each place once",
                                    (long long)a);
    return true;
}

/* ---- recurrent ---- */

static bool plain_lstm(const tmoi_site *site, tmoi_why *why)
{
    if (!tmoi_site_input_at(site, 1))
        return tmoi_why_not(why, "the input gate is left out (CIFG); give it weights");
    for (int32_t k = 9; k < 12; k++)
        if (tmoi_site_input_at(site, k))
            return tmoi_why_not(why, "it has peephole weights; train without them");
    for (int32_t k = 16; k < 18; k++)
        if (tmoi_site_input_at(site, k))
            return tmoi_why_not(why, "it has a projection; make it a FULLY_CONNECTED after it");
    for (int32_t k = 20; k < 24; k++)
        if (tmoi_site_input_at(site, k))
            return tmoi_why_not(why, "it has layer normalization; train without it");
    return true;
}

/* ---- the tables ---- */

#define S8   TMOI_T(INT8)
#define B8   (TMOI_T(INT8) | TMOI_T(UINT8))
#define B16  (B8 | TMOI_T(INT16))
#define B32  (B16 | TMOI_T(INT32))
#define B64  (B32 | TMOI_T(INT64))
#define BB   (B32 | TMOI_T(BOOL))
#define ANY  (BB | TMOI_T(INT64))
#define BOOL TMOI_T(BOOL)

/* clang-format off */
static const tmoi_rule u55[] = {
    {TMOI_OP_ABS, B16, B16, {is_quantized}},
    {TMOI_OP_ADD, B32, B32, {is_quantized, narrow_activation}},
    {TMOI_OP_ARG_MAX, B32, B64, {arg_max, arg_max_depth}},
    {TMOI_OP_AVERAGE_POOL_2D, B16, B16, {is_quantized, valid_or_small_stride, average_size}},
    {TMOI_OP_BATCH_MATMUL, B16, B32, {is_quantized, computed_operand}},
    {TMOI_OP_CONCATENATION, B16, B16, {is_quantized}},
    {TMOI_OP_CONV_2D, B16, B16, {is_quantized, weights_8_bit, bias_40, valid_or_small_stride, weight_sum_u55}},
    {TMOI_OP_DEPTHWISE_CONV_2D, B16, B16, {is_quantized, weights_8_bit, bias_40, small_stride, weight_sum_u55}},
    {TMOI_OP_ELU, S8, S8, {is_quantized, same_type_and_shape}},
    {TMOI_OP_EXP, B16, B16, {is_quantized}},
    {TMOI_OP_EXPAND_DIMS, B32, B32, {NULL}},
    {TMOI_OP_FULLY_CONNECTED, B16, B32, {is_quantized, weights_8_bit, matrix_weights, computed_operand, bias_40, weight_sum_u55}},
    {TMOI_OP_GELU, B8, B8, {is_quantized, same_type_and_shape}},
    {TMOI_OP_HARD_SWISH, B16, B16, {is_quantized}},
    {TMOI_OP_LEAKY_RELU, B16, B16, {is_quantized}},
    {TMOI_OP_LOG, S8 | TMOI_T(INT16), S8 | TMOI_T(INT16), {is_quantized, same_type_and_shape}},
    {TMOI_OP_LOGISTIC, B16, B16, {is_quantized}},
    {TMOI_OP_MAXIMUM, B16, B16, {is_quantized, same_quantization}},
    {TMOI_OP_MAX_POOL_2D, B16, B16, {is_quantized, valid_or_small_stride, pool_size}},
    {TMOI_OP_MEAN, B16, B16, {is_quantized, tmoi_constant_parameters, mean}},
    {TMOI_OP_MINIMUM, B16, B16, {is_quantized, same_quantization}},
    {TMOI_OP_MIRROR_PAD, B32, B32, {tmoi_constant_parameters}},
    {TMOI_OP_MUL, B32, B32, {is_quantized, narrow_activation}},
    {TMOI_OP_NEG, B32, B32, {is_quantized}},
    {TMOI_OP_PACK, B16, B16, {is_quantized}},
    {TMOI_OP_PAD, B16, B16, {tmoi_constant_parameters}},
    {TMOI_OP_PADV2, B16, B16, {tmoi_constant_parameters}},
    {TMOI_OP_PRELU, B16, B16, {is_quantized}},
    {TMOI_OP_QUANTIZE, B16, B16, {NULL}},
    {TMOI_OP_REDUCE_MAX, B16, B16, {is_quantized}},
    {TMOI_OP_REDUCE_MIN, B16, B16, {is_quantized}},
    {TMOI_OP_RELU, B16, B16, {is_quantized}},
    {TMOI_OP_RELU6, B16, B16, {is_quantized}},
    {TMOI_OP_RELU_0_TO_1, B16, B16, {is_quantized}},
    {TMOI_OP_RELU_N1_TO_1, B16, B16, {is_quantized}},
    {TMOI_OP_RESHAPE, B32, B32, {is_quantized}},
    {TMOI_OP_RESIZE_BILINEAR, B16, B16, {is_quantized, resize_factor}},
    {TMOI_OP_RESIZE_NEAREST_NEIGHBOR, B16, B16, {is_quantized, resize_factor}},
    {TMOI_OP_REVERSE_V2, B16, B16, {no_reversal}},
    {TMOI_OP_RSQRT, S8 | TMOI_T(INT16), B16, {is_quantized}},
    {TMOI_OP_SLICE, B16, B16, {is_quantized, tmoi_constant_parameters}},
    {TMOI_OP_SOFTMAX, B16, B16, {is_quantized, softmax_area}},
    {TMOI_OP_SPLIT, B16, B16, {is_quantized, split_count}},
    {TMOI_OP_SPLIT_V, B16, B16, {is_quantized, split_count}},
    {TMOI_OP_SQUARED_DIFFERENCE, B16, B16, {is_quantized}},
    {TMOI_OP_SQUEEZE, B32, B32, {is_quantized}},
    {TMOI_OP_STRIDED_SLICE, B16, B16, {is_quantized, tmoi_constant_parameters, slice_is_volume, steps_in_image}},
    {TMOI_OP_SUB, B32, B32, {is_quantized, narrow_activation}},
    {TMOI_OP_SUM, B32, B32, {is_quantized}},
    {TMOI_OP_TANH, B16, B16, {is_quantized}},
    {TMOI_OP_TILE, B16, B16, {is_quantized}},
    {TMOI_OP_TRANSPOSE, B32, B32, {tmoi_constant_parameters, transpose_rank, transpose}},
    {TMOI_OP_TRANSPOSE_CONV, B16, B16, {is_quantized, weights_8_bit, bias_40, transpose_conv_strides, transpose_conv_shape, weight_sum_u55}},
    {TMOI_OP_UNIDIRECTIONAL_SEQUENCE_LSTM, B16, B16, {is_quantized, plain_lstm}},
    {TMOI_OP_UNPACK, B16, B16, {is_quantized}},
};

static const tmoi_rule u85[] = {
    {TMOI_OP_ABS, B32, B32, {is_quantized}},
    {TMOI_OP_ADD, B32, B32, {is_quantized}},
    {TMOI_OP_ARG_MAX, B32, B64, {NULL}},
    {TMOI_OP_ASSIGN_VARIABLE, ANY, 0, {NULL}},
    {TMOI_OP_AVERAGE_POOL_2D, B32, B32, {is_quantized, average_size}},
    {TMOI_OP_BATCH_MATMUL, B32, B32, {is_quantized}},
    {TMOI_OP_CAST, BB, ANY, {is_quantized}},
    {TMOI_OP_CONCATENATION, ANY, ANY, {is_quantized}},
    {TMOI_OP_CONV_2D, B32, B32, {is_quantized, weights_8_bit, bias_48, weight_sum_u85}},
    {TMOI_OP_DEPTHWISE_CONV_2D, B32, B32, {is_quantized, weights_8_bit, bias_48, weight_sum_u85}},
    {TMOI_OP_DIV, B32, B32, {is_quantized}},
    {TMOI_OP_ELU, S8, S8, {is_quantized, same_type_and_shape}},
    {TMOI_OP_EQUAL, BB, BOOL, {is_quantized}},
    {TMOI_OP_EXP, B32, B32, {is_quantized}},
    {TMOI_OP_EXPAND_DIMS, ANY, ANY, {NULL}},
    {TMOI_OP_FULLY_CONNECTED, B32, B32, {is_quantized, weights_8_bit, matrix_weights, bias_48, weight_sum_u85}},
    {TMOI_OP_GATHER, ANY, ANY, {gather_axis, gather_shapes}},
    {TMOI_OP_GELU, B8, B8, {is_quantized, same_type_and_shape}},
    {TMOI_OP_GREATER, B32, BOOL, {is_quantized}},
    {TMOI_OP_GREATER_EQUAL, B32, BOOL, {is_quantized}},
    {TMOI_OP_HARD_SWISH, B32, B32, {is_quantized}},
    {TMOI_OP_LEAKY_RELU, B32, B32, {is_quantized}},
    {TMOI_OP_LESS, B32, BOOL, {is_quantized}},
    {TMOI_OP_LESS_EQUAL, B32, BOOL, {is_quantized}},
    {TMOI_OP_LOG, S8 | TMOI_T(INT16), S8 | TMOI_T(INT16), {is_quantized, same_type_and_shape}},
    {TMOI_OP_LOGICAL_AND, BOOL, BOOL, {is_quantized}},
    {TMOI_OP_LOGICAL_NOT, BOOL, BOOL, {is_quantized}},
    {TMOI_OP_LOGICAL_OR, BOOL, BOOL, {is_quantized}},
    {TMOI_OP_LOGISTIC, B32, B32, {is_quantized}},
    {TMOI_OP_MAXIMUM, B32, B32, {is_quantized, same_quantization}},
    {TMOI_OP_MAX_POOL_2D, B32, B32, {is_quantized, pool_size}},
    {TMOI_OP_MEAN, B16, B16, {is_quantized, tmoi_constant_parameters, mean}},
    {TMOI_OP_MINIMUM, B32, B32, {is_quantized, same_quantization}},
    {TMOI_OP_MIRROR_PAD, ANY, ANY, {tmoi_constant_parameters}},
    {TMOI_OP_MUL, B32, B32, {is_quantized}},
    {TMOI_OP_NEG, B32, B32, {is_quantized}},
    {TMOI_OP_NOT_EQUAL, BB, BOOL, {is_quantized}},
    {TMOI_OP_PACK, ANY, ANY, {is_quantized}},
    {TMOI_OP_PAD, ANY, ANY, {tmoi_constant_parameters}},
    {TMOI_OP_PADV2, ANY, ANY, {tmoi_constant_parameters}},
    {TMOI_OP_PRELU, B32, B32, {is_quantized}},
    {TMOI_OP_QUANTIZE, B32, B32, {NULL}},
    {TMOI_OP_READ_VARIABLE, 0, ANY, {NULL}},
    {TMOI_OP_REDUCE_ALL, BOOL, BOOL, {NULL}},
    {TMOI_OP_REDUCE_ANY, BOOL, BOOL, {NULL}},
    {TMOI_OP_REDUCE_MAX, B32, B32, {is_quantized}},
    {TMOI_OP_REDUCE_MIN, B32, B32, {is_quantized}},
    {TMOI_OP_RELU, B32, B32, {is_quantized}},
    {TMOI_OP_RELU6, B32, B32, {is_quantized}},
    {TMOI_OP_RELU_0_TO_1, B32, B32, {is_quantized}},
    {TMOI_OP_RELU_N1_TO_1, B32, B32, {is_quantized}},
    {TMOI_OP_RESHAPE, ANY, ANY, {is_quantized}},
    {TMOI_OP_RESIZE_BILINEAR, B32, B32, {is_quantized, resize_factor_u85}},
    {TMOI_OP_RESIZE_NEAREST_NEIGHBOR, B32, B32, {is_quantized, resize_factor_u85}},
    {TMOI_OP_REVERSE_V2, ANY, ANY, {is_quantized}},
    {TMOI_OP_RSQRT, S8 | TMOI_T(INT16), B32, {is_quantized}},
    {TMOI_OP_SCATTER_ND, ANY, ANY, {constant_indices, unique_indices, tmoi_constant_parameters}},
    {TMOI_OP_SELECT, BB, BB, {NULL}},
    {TMOI_OP_SELECT_V2, BB, BB, {NULL}},
    {TMOI_OP_SLICE, ANY, ANY, {is_quantized, tmoi_constant_parameters}},
    {TMOI_OP_SOFTMAX, B32, B32, {is_quantized, softmax_area}},
    {TMOI_OP_SPLIT, ANY, ANY, {is_quantized, split_count}},
    {TMOI_OP_SPLIT_V, ANY, ANY, {is_quantized, split_count}},
    {TMOI_OP_SQUARED_DIFFERENCE, B32, B32, {is_quantized}},
    {TMOI_OP_SQUEEZE, ANY, ANY, {is_quantized}},
    {TMOI_OP_STRIDED_SLICE, ANY, ANY, {is_quantized, tmoi_constant_parameters, positive_strides, steps_in_image}},
    {TMOI_OP_SUB, B32, B32, {is_quantized}},
    {TMOI_OP_SUM, B32, B32, {is_quantized}},
    {TMOI_OP_TANH, B32, B32, {is_quantized}},
    {TMOI_OP_TILE, ANY, ANY, {is_quantized}},
    {TMOI_OP_TRANSPOSE, ANY, ANY, {tmoi_constant_parameters, transpose_rank}},
    {TMOI_OP_TRANSPOSE_CONV, B32, B32, {is_quantized, weights_8_bit, bias_48, transpose_conv_shape, weight_sum_u85}},
    {TMOI_OP_UNIDIRECTIONAL_SEQUENCE_LSTM, B16, B16, {is_quantized, plain_lstm}},
    {TMOI_OP_UNPACK, ANY, ANY, {is_quantized}},
    {TMOI_OP_VAR_HANDLE, 0, 0, {NULL}},
};
/* clang-format on */

static const tmoi_constraint generic[] = {shapes_are_fixed, per_tensor, zero_points_fit, NULL};
static const tmoi_constraint generic_u85[] = {shapes_are_fixed, per_tensor, zero_points_fit_u85, NULL};

#define REMEDY "express it with operators that the NPU has, or let the CPU run it"
const tmoi_rule_set tmoi_ethos_u_rules = {"the Ethos-U55/U65 NPU", REMEDY, u55, sizeof u55 / sizeof *u55,
                                          generic};
const tmoi_rule_set tmoi_ethos_u85_rules = {"the Ethos-U85 NPU", REMEDY, u85, sizeof u85 / sizeof *u85,
                                            generic_u85};
