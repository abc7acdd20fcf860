/* What Vela asks of convolutions and matrix products. */
#include "target/ethos_u_constraints.h"

#include <stdlib.h>

#include "target/constraints.h"

#define MAX_WEIGHT_SUM     8323072    /* 127 * 2^16: of absolute weights that make one output */
#define MAX_WEIGHT_SUM_U85 2130706432 /* for 16-bit data */
#define MAX_BIAS_40        1099511627775
#define MAX_BIAS_48        281474976710655
#define MAX_DEPTH          65536
#define MAX_STRIDE         3

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

bool tmoi_ethos_bias_40(const tmoi_site *site, tmoi_why *why)
{
    return check_bias(site, MAX_BIAS_40, why);
}

bool tmoi_ethos_bias_48(const tmoi_site *site, tmoi_why *why)
{
    return check_bias(site, MAX_BIAS_48, why);
}

bool tmoi_ethos_weights_8_bit(const tmoi_site *site, tmoi_why *why)
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

bool tmoi_ethos_weight_sum_u55(const tmoi_site *site, tmoi_why *why)
{
    return check_weight_sum(site, MAX_WEIGHT_SUM, why);
}

bool tmoi_ethos_weight_sum_u85(const tmoi_site *site, tmoi_why *why)
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

bool tmoi_ethos_valid_or_small_stride(const tmoi_site *site, tmoi_why *why)
{
    tmoi_window window = tmoi_window_of(site);
    if (window.stride_h <= MAX_STRIDE && window.stride_w <= MAX_STRIDE) return true;
    if (is_unpadded(site, &window) && window.dilation_h == 1 && window.dilation_w == 1) return true;
    return tmoi_why_not(
        why, "stride %dx%d with %s, more than %d needs VALID padding and no dilation; use a smaller stride",
        (int)window.stride_h, (int)window.stride_w,
        window.padding == TMOI_PADDING_VALID ? "dilation" : "SAME padding", MAX_STRIDE);
}

bool tmoi_ethos_small_stride(const tmoi_site *site, tmoi_why *why)
{
    tmoi_window window = tmoi_window_of(site);
    if (window.stride_h <= MAX_STRIDE && window.stride_w <= MAX_STRIDE) return true;
    return tmoi_why_not(why, "stride %dx%d, the limit is %d; use a smaller stride", (int)window.stride_h,
                        (int)window.stride_w, MAX_STRIDE);
}

bool tmoi_ethos_computed_operand(const tmoi_site *site, tmoi_why *why)
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

bool tmoi_ethos_matrix_weights(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *weights = tmoi_site_input_at(site, 1);
    if (!weights || weights->shape.rank < 2 ||
        tmoi_shape_product(&weights->shape, 1, weights->shape.rank - 1) == 1)
        return true;
    return tmoi_why_not(why, "weights of shape %s, they must be [outputs, inputs]",
                        tmoi_shape_format(&weights->shape).text);
}

bool tmoi_ethos_transpose_conv_strides(const tmoi_site *site, tmoi_why *why)
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

bool tmoi_ethos_transpose_conv_shape(const tmoi_site *site, tmoi_why *why)
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
