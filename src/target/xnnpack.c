/* Source: the XNNPACK delegate's README and xnnpack_delegate.cc of LiteRT; checked against what the delegate of LiteRT 2.3.0
 * takes of some four thousand single-operator models. */
#include <math.h>
#include <string.h>

#include "target/constraints.h"
#include "target/litert.h"

#define MAX_PARTS 4 /* of a SPLIT or CONCATENATION */

static bool activation(const tmoi_site *site, tmoi_why *why)
{
    int32_t fused = tmoi_site_activation(site->op);
    if (fused != TMOI_ACTIVATION_TANH && fused != TMOI_ACTIVATION_SIGN_BIT) return true;
    return tmoi_why_not(why, "a fused TANH or SIGN_BIT; make the activation an operator of its own");
}

static bool one_scale(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *in = tmoi_site_input(site), *out = tmoi_site_output(site);
    if ((!in || !tmoi_is_per_channel(in)) && (!out || !tmoi_is_per_channel(out))) return true;
    return tmoi_why_not(why, "the data are quantized per channel; quantize them per tensor");
}

/* The ratio of two tensors' scales; 1 when either has none. */
static double scale_ratio(const tmoi_tensor *a, const tmoi_tensor *b)
{
    if (!a || !b || a->quant.count == 0 || b->quant.count == 0) return 1;
    return (double)a->quant.scale[0] / (double)b->quant.scale[0];
}

static bool ratio_within(double ratio, double min, double max, tmoi_why *why)
{
    if (ratio >= min && ratio <= max) return true;
    return tmoi_why_not(
        why, "input scale over output scale is %g, the limits are %g and %g; quantize with a closer range",
        ratio, min, max);
}

static bool sum_ratio(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *out = tmoi_site_output(site);
    for (int32_t k = 0; k < 2; k++)
        if (!ratio_within(scale_ratio(tmoi_site_input_at(site, k), out), 0x1p-10, nextafter(0x1p8, 0), why))
            return false;
    return true;
}

static bool product_ratio(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *out = tmoi_site_output(site), *b = tmoi_site_input_at(site, 1);
    double scale = b && b->quant.count ? (double)b->quant.scale[0] : 1;
    return ratio_within(scale * scale_ratio(tmoi_site_input_at(site, 0), out), 0x1p-16, nextafter(0x1p8, 0),
                        why);
}

static bool leaky_relu(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *in = tmoi_site_input(site);
    double slope = (double)tmoi_op_options(site->op, leaky_relu_options)->alpha;
    double ratio = scale_ratio(in, tmoi_site_output(site));
    if (slope == 0 || !isfinite(slope)) return tmoi_why_not(why, "slope %g; use RELU instead", slope);
    if (!in || in->quant.count == 0) return true;
    if (!ratio_within(ratio, 1.0 / 256, 128, why)) return false;
    double negative = slope * ratio;
    if ((negative >= -127.99609375 && negative <= -1.0 / 256) || (negative >= 1.0 / 256 && negative <= 128))
        return true;
    return tmoi_why_not(
        why, "slope times scale ratio is %g, it takes 1/256 to 128 in size; use a larger slope", negative);
}

static bool quantize_ratio(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *in = tmoi_site_input(site), *out = tmoi_site_output(site);
    if (!in || !out || in->type == TMO_TYPE_FLOAT32) return true;
    return tmoi_same_types(site, why) && ratio_within(scale_ratio(in, out), 0x1p-8, 0x1p7, why);
}

static bool dequantize(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *in = tmoi_site_input(site);
    if (!in || in->type != TMO_TYPE_FLOAT16 || tmoi_is_static(site, site->op->inputs[0])) return true;
    return tmoi_why_not(why, "float16 data that are computed; it takes constants only");
}

/* Weights as wide as the data, or int8 for float data (dynamic range). */
static bool weight_types(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *in = tmoi_site_input(site), *weights = tmoi_site_input_at(site, 1);
    if (!in || !weights || weights->type == in->type) return true;
    bool hybrid = in->type == TMO_TYPE_FLOAT32 && weights->type == TMO_TYPE_INT8;
    if (hybrid && site->op->code != TMOI_OP_DEPTHWISE_CONV_2D) return true;
    return tmoi_why_not(why, "%s weights with %s data; quantize with scheme int8",
                        tmo_type_name(weights->type), tmo_type_name(in->type));
}

/* As weight_types, and packed int4 weights whose rows are whole bytes. */
static bool matrix_types(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *weights = tmoi_site_input_at(site, 1);
    if (!weights || weights->shape.rank < 1) return true;
    if (weights->sparsity) return tmoi_why_not(why, "sparse weights; make them dense with tmo convert");
    if (weights->type != TMO_TYPE_INT4) return weight_types(site, why);
    if (weights->shape.dims[weights->shape.rank - 1] % 2 == 0) return true;
    return tmoi_why_not(why, "int4 weights with an odd number of inputs (%d); pad them to an even number",
                        (int)weights->shape.dims[weights->shape.rank - 1]);
}

static bool has_bias(const tmoi_site *site, tmoi_why *why)
{
    if (tmoi_site_input_at(site, 2)) return true;
    return tmoi_why_not(why, "there is no bias; add one of zeros");
}

static bool softmax(const tmoi_site *site, tmoi_why *why)
{
    float beta = tmoi_op_options(site->op, softmax_options)->beta;
    if (beta == 1.0f) return true;
    return tmoi_why_not(why, "beta is %g, it takes 1; scale the input instead", (double)beta);
}

static bool pool_stride(const tmoi_site *site, tmoi_why *why)
{
    tmoi_window window = tmoi_window_of(site);
    if (window.filter_h * window.filter_w != 1 || (window.stride_h == 1 && window.stride_w == 1)) return true;
    return tmoi_why_not(why, "a 1x1 window with a stride; use STRIDED_SLICE");
}

static bool input_parts(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *out = tmoi_site_output(site);
    int32_t count = site->op->input_count;
    if (count < 2 || count > MAX_PARTS + 1)
        return tmoi_why_not(why, "%d inputs, it takes 2 to %d; concatenate in steps", (int)count,
                            MAX_PARTS + 1);
    for (int32_t k = 0; out && k < count; k++) {
        const tmoi_tensor *in = tmoi_site_input_at(site, k);
        if (in && !tmoi_same_quant(in, out))
            return tmoi_why_not(why, "input %d has another scale than the output; quantize them alike",
                                (int)k);
    }
    return true;
}

static bool output_parts(const tmoi_site *site, tmoi_why *why)
{
    if (site->op->output_count >= 2 && site->op->output_count <= MAX_PARTS) return true;
    return tmoi_why_not(why, "%d outputs, it takes 2 to %d; split in steps", (int)site->op->output_count,
                        MAX_PARTS);
}

/* Parameters are int32, as the delegate reads no int64. */
static bool short_parameters(const tmoi_site *site, tmoi_why *why)
{
    if (!tmoi_constant_parameters(site, why)) return false;
    for (int32_t k = 0; k < site->op->input_count; k++) {
        const tmoi_tensor *tensor = tmoi_site_input_at(site, k);
        if (tensor && !tmoi_is_data_input(site->op, k) && tensor->type == TMO_TYPE_INT64)
            return tmoi_why_not(why, "parameter '%.80s' is int64; make it int32", tensor->name);
    }
    return true;
}

static bool explicit_sizes(const tmoi_site *site, tmoi_why *why)
{
    int64_t size;
    for (int64_t k = 0; tmoi_constant_value(tmoi_site_input_at(site, 2), k, &size); k++)
        if (size < 1)
            return tmoi_why_not(why, "size %lld of dimension %lld; write the size out", (long long)size,
                                (long long)k);
    return true;
}

static bool plain_slice(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_fb_strided_slice_options *options = tmoi_op_options(site->op, strided_slice_options);
    int64_t stride;
    if (options->ellipsis_mask || options->new_axis_mask || options->shrink_axis_mask)
        return tmoi_why_not(why, "it adds or drops dimensions; do that with RESHAPE");
    for (int64_t k = 0; tmoi_constant_value(tmoi_site_input_at(site, 3), k, &stride); k++)
        if (stride != 1) return tmoi_why_not(why, "stride %lld, it takes 1", (long long)stride);
    return true;
}

static bool rank_4(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *in = tmoi_site_input(site);
    if (!in || in->shape.rank == 4) return true;
    return tmoi_why_not(why, "rank %d, it takes 4", (int)in->shape.rank);
}

/* The second factor of an int8 product must be symmetric: it is packed like weights. */
static bool symmetric_factor(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *b = tmoi_site_input_at(site, 1);
    if (!b || b->type != TMO_TYPE_INT8 || b->quant.count == 0 || b->quant.zero_point[0] == 0) return true;
    return tmoi_why_not(why, "the second factor has zero point %lld, it takes 0; quantize it symmetrically",
                        (long long)b->quant.zero_point[0]);
}

static bool constant_slope(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *slope = tmoi_site_input_at(site, 1);
    if (slope && slope->data) return true;
    return tmoi_why_not(why, "the slope is computed at run time; make it a constant");
}

/* The value of a resource variable: float, or int8 with a scale. */
static bool variable_value(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *value = site->op->code == TMOI_OP_READ_VARIABLE ? tmoi_site_output(site)
                                                                       : tmoi_site_input_at(site, 1);
    if (!value || value->type == TMO_TYPE_FLOAT32 || value->quant.count > 0) return true;
    return tmoi_why_not(why, "the variable's value '%.80s' has no quantization", value->name);
}

#define F   TMOI_T(FLOAT32)
#define FH  (TMOI_T(FLOAT32) | TMOI_T(FLOAT16))
#define FQ  (TMOI_T(FLOAT32) | TMOI_T(INT8) | TMOI_T(UINT8))
#define FHQ (FQ | TMOI_T(FLOAT16))
#define FS  (TMOI_T(FLOAT32) | TMOI_T(INT8))
#define FHS (FS | TMOI_T(FLOAT16))
#define Q   (TMOI_T(INT8) | TMOI_T(UINT8))

/* clang-format off */
static const tmoi_rule rules[] = {
    {TMOI_OP_ABS, FH, FH, {NULL}},
    {TMOI_OP_ADD, FHQ, FHQ, {activation, sum_ratio}},
    {TMOI_OP_ASSIGN_VARIABLE, FS, 0, {variable_value}},
    {TMOI_OP_AVERAGE_POOL_2D, FH, FH, {activation, pool_stride}},
    {TMOI_OP_BATCH_MATMUL, FHS, FHS, {symmetric_factor}},
    {TMOI_OP_CEIL, FH, FH, {NULL}},
    {TMOI_OP_CONCATENATION, FHQ, FHQ, {activation, input_parts}},
    {TMOI_OP_CONV_2D, FQ, FQ, {activation, tmoi_constant_weights, weight_types}},
    {TMOI_OP_COS, FH, FH, {NULL}},
    {TMOI_OP_DENSIFY, TMOI_T(FLOAT32) | TMOI_T(FLOAT16) | TMOI_T(INT8), 0, {NULL}},
    {TMOI_OP_DEPTH_TO_SPACE, FHQ, FHQ, {NULL}},
    {TMOI_OP_DEPTHWISE_CONV_2D, FQ, FQ, {activation, tmoi_constant_weights, weight_types, has_bias}},
    {TMOI_OP_DEQUANTIZE, Q | TMOI_T(FLOAT16), F, {one_scale, dequantize}},
    {TMOI_OP_DIV, FH, FH, {activation}},
    {TMOI_OP_ELU, FHS, FHS, {NULL}},
    {TMOI_OP_EXP, FH, FH, {NULL}},
    {TMOI_OP_FLOOR, FH, FH, {NULL}},
    {TMOI_OP_FULLY_CONNECTED, FQ, FQ, {activation, tmoi_constant_weights, matrix_types}},
    {TMOI_OP_GELU, FH, FH, {NULL}},
    {TMOI_OP_HARD_SWISH, FH, FH, {NULL}},
    {TMOI_OP_LEAKY_RELU, FHQ, FHQ, {leaky_relu}},
    {TMOI_OP_LOG, FH, FH, {NULL}},
    {TMOI_OP_LOGISTIC, FHQ, FHQ, {NULL}},
    {TMOI_OP_MAX_POOL_2D, FQ, FQ, {activation, pool_stride}},
    {TMOI_OP_MAXIMUM, FH, FH, {NULL}},
    {TMOI_OP_MEAN, FHQ, FHQ, {short_parameters}},
    {TMOI_OP_MINIMUM, FH, FH, {NULL}},
    {TMOI_OP_MUL, FHQ, FHQ, {activation, product_ratio}},
    {TMOI_OP_NEG, FH, FH, {NULL}},
    {TMOI_OP_PAD, FHQ, FHQ, {short_parameters}},
    {TMOI_OP_PRELU, F, F, {constant_slope}},
    {TMOI_OP_QUANTIZE, FQ, Q, {one_scale, quantize_ratio}},
    {TMOI_OP_READ_VARIABLE, 0, FS, {variable_value}},
    {TMOI_OP_REDUCE_MAX, FHQ, FHQ, {short_parameters}},
    {TMOI_OP_REDUCE_MIN, FHQ, FHQ, {short_parameters}},
    {TMOI_OP_RELU, FH, FH, {NULL}},
    {TMOI_OP_RELU6, FH, FH, {NULL}},
    {TMOI_OP_RELU_N1_TO_1, FH, FH, {NULL}},
    {TMOI_OP_RESHAPE, FHQ, FHQ, {tmoi_constant_parameters}},
    {TMOI_OP_RESIZE_BILINEAR, FQ, FQ, {rank_4, short_parameters}},
    {TMOI_OP_ROUND, FH, FH, {NULL}},
    {TMOI_OP_RSQRT, FH, FH, {NULL}},
    {TMOI_OP_SIN, FH, FH, {NULL}},
    {TMOI_OP_SLICE, FHQ, FHQ, {short_parameters, explicit_sizes}},
    {TMOI_OP_SOFTMAX, FH, FH, {softmax}},
    {TMOI_OP_SPACE_TO_DEPTH, FQ, FQ, {NULL}},
    {TMOI_OP_SPLIT, FHQ, FHQ, {short_parameters, output_parts}},
    {TMOI_OP_SQRT, FH, FH, {NULL}},
    {TMOI_OP_SQUARE, FH, FH, {NULL}},
    {TMOI_OP_SQUARED_DIFFERENCE, FH, FH, {NULL}},
    {TMOI_OP_STRIDED_SLICE, FHQ, FHQ, {short_parameters, plain_slice}},
    {TMOI_OP_SUB, FHQ, FHQ, {activation, sum_ratio}},
    {TMOI_OP_SUM, FHQ, FHQ, {short_parameters}},
    {TMOI_OP_TANH, FHQ, FHQ, {NULL}},
    {TMOI_OP_TRANSPOSE, FHQ, FHQ, {short_parameters}},
    {TMOI_OP_TRANSPOSE_CONV, FQ, FQ, {activation, tmoi_constant_parameters, weight_types}},
    {TMOI_OP_VAR_HANDLE, 0, 0, {NULL}},
};
/* clang-format on */

const tmoi_rule_set tmoi_xnnpack_rules = {
    "XNNPACK", "LiteRT's own kernel runs it", rules, sizeof rules / sizeof *rules, false, NULL};

bool tmoi_xnnpack_takes_custom(const tmoi_op *op)
{
    static const char *const names[] = {"Convolution2DTransposeBias", "MaxPoolingWithArgmax2D",
                                        "MaxUnpooling2D"};
    if (op->code != TMOI_OP_CUSTOM) return false;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (strcmp(tmoi_op_name(op), names[k]) == 0) return true;
    return false;
}
