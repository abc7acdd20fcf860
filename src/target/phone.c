/* Sources: the operator lists of LiteRT's GPU delegate (documentation, "GPU ML operations support") and of its Core ML delegate
 * ("Supported ops"). Both compute in floating point; the GPU delegate reads 8-bit models by turning them back into floats. */
#include "target/constraints.h"
#include "target/litert.h"

static bool batch_of_one(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *in = tmoi_site_input(site);
    if (!in || in->data || in->shape.rank < 4 || in->shape.dims[0] == 1) return true;
    return tmoi_why_not(why, "batch %d; run the samples one by one", (int)in->shape.dims[0]);
}

static bool rank_up_to_4(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *in = tmoi_site_input(site);
    if (!in || in->shape.rank <= 4) return true;
    return tmoi_why_not(why, "rank %d, the limit is 4; reshape it", (int)in->shape.rank);
}

static bool basic_lstm(const tmoi_site *site, tmoi_why *why)
{
    if (tmoi_op_options(site->op, lstm_options)->kernel_type == TMOI_LSTM_BASIC) return true;
    return tmoi_why_not(why, "only the basic LSTM is taken; convert with the basic kernel");
}

/* Core ML pads the rows and columns of an image only. */
static bool pads_image(const tmoi_site *site, tmoi_why *why)
{
    int64_t value;
    const tmoi_tensor *in = tmoi_site_input(site), *paddings = tmoi_site_input_at(site, 1);
    if (!in || in->shape.rank != 4) return tmoi_why_not(why, "it pads images of rank 4 only");
    for (int64_t k = 0; k < 8; k++) {
        bool image = k >= 2 && k < 6;
        if (!image && tmoi_constant_value(paddings, k, &value) && value != 0)
            return tmoi_why_not(why,
                                "it pads the batch or the channels; only height and width can be padded");
    }
    return true;
}

static bool reflects(const tmoi_site *site, tmoi_why *why)
{
    if (tmoi_op_options(site->op, mirror_pad_options)->mode == TMOI_MIRROR_REFLECT) return true;
    return tmoi_why_not(why, "mode SYMMETRIC; only REFLECT is taken");
}

static bool joins_channels(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *out = tmoi_site_output(site);
    int32_t axis = tmoi_op_options(site->op, concatenation_options)->axis;
    if (!out || axis == -1 || axis == out->shape.rank - 1) return true;
    return tmoi_why_not(why, "axis %d; only the channels can be joined", (int)axis);
}

#define F  (TMOI_T(FLOAT32) | TMOI_T(FLOAT16))
#define FQ (F | TMOI_T(INT8) | TMOI_T(UINT8))
#define FB (FQ | TMOI_T(BOOL))

/* clang-format off */
static const tmoi_rule gpu[] = {
    {TMOI_OP_ADD, FQ, FQ, {NULL}},
    {TMOI_OP_AVERAGE_POOL_2D, FQ, FQ, {NULL}},
    {TMOI_OP_CONCATENATION, FQ, FQ, {NULL}},
    {TMOI_OP_CONV_2D, FQ, FQ, {tmoi_constant_weights}},
    {TMOI_OP_DEPTHWISE_CONV_2D, FQ, FQ, {tmoi_constant_weights}},
    {TMOI_OP_DEQUANTIZE, FQ, F, {NULL}},
    {TMOI_OP_EXP, FQ, FQ, {NULL}},
    {TMOI_OP_FULLY_CONNECTED, FQ, FQ, {tmoi_constant_weights}},
    {TMOI_OP_LOGICAL_AND, FB, FB, {NULL}},
    {TMOI_OP_LOGISTIC, FQ, FQ, {NULL}},
    {TMOI_OP_LSTM, F, F, {basic_lstm}},
    {TMOI_OP_MAX_POOL_2D, FQ, FQ, {NULL}},
    {TMOI_OP_MAXIMUM, FQ, FQ, {NULL}},
    {TMOI_OP_MINIMUM, FQ, FQ, {NULL}},
    {TMOI_OP_MUL, FQ, FQ, {NULL}},
    {TMOI_OP_PAD, FQ, FQ, {tmoi_constant_parameters}},
    {TMOI_OP_PRELU, FQ, FQ, {NULL}},
    {TMOI_OP_QUANTIZE, FQ, FQ, {NULL}},
    {TMOI_OP_RELU, FQ, FQ, {NULL}},
    {TMOI_OP_RELU6, FQ, FQ, {NULL}},
    {TMOI_OP_RESHAPE, FQ, FQ, {NULL}},
    {TMOI_OP_RESIZE_BILINEAR, FQ, FQ, {tmoi_constant_parameters}},
    {TMOI_OP_SOFTMAX, FQ, FQ, {NULL}},
    {TMOI_OP_STRIDED_SLICE, FQ, FQ, {tmoi_constant_parameters}},
    {TMOI_OP_SUB, FQ, FQ, {NULL}},
    {TMOI_OP_TRANSPOSE_CONV, FQ, FQ, {NULL}},
};

static const tmoi_rule core_ml[] = {
    {TMOI_OP_ADD, F, F, {NULL}},
    {TMOI_OP_AVERAGE_POOL_2D, F, F, {NULL}},
    {TMOI_OP_CONCATENATION, F, F, {joins_channels}},
    {TMOI_OP_CONV_2D, F, F, {tmoi_constant_weights}},
    {TMOI_OP_DEPTHWISE_CONV_2D, F, F, {tmoi_constant_weights}},
    {TMOI_OP_DEQUANTIZE, F, F, {NULL}},
    {TMOI_OP_FULLY_CONNECTED, F, F, {tmoi_constant_weights}},
    {TMOI_OP_HARD_SWISH, F, F, {NULL}},
    {TMOI_OP_LOGISTIC, F, F, {NULL}},
    {TMOI_OP_MAX_POOL_2D, F, F, {NULL}},
    {TMOI_OP_MIRROR_PAD, F, F, {tmoi_constant_parameters, reflects, pads_image}},
    {TMOI_OP_MUL, F, F, {NULL}},
    {TMOI_OP_PAD, F, F, {tmoi_constant_parameters, pads_image}},
    {TMOI_OP_PADV2, F, F, {tmoi_constant_parameters, pads_image}},
    {TMOI_OP_RELU, F, F, {NULL}},
    {TMOI_OP_RELU_N1_TO_1, F, F, {NULL}},
    {TMOI_OP_RELU6, F, F, {NULL}},
    {TMOI_OP_RESHAPE, F, F, {NULL}},
    {TMOI_OP_RESIZE_BILINEAR, F, F, {NULL}},
    {TMOI_OP_SOFTMAX, F, F, {NULL}},
    {TMOI_OP_TANH, F, F, {NULL}},
    {TMOI_OP_TRANSPOSE_CONV, F, F, {tmoi_constant_parameters}},
};
/* clang-format on */

static const tmoi_constraint generic[] = {tmoi_static_shapes, rank_up_to_4, batch_of_one, NULL};

const tmoi_rule_set tmoi_gpu_rules = {"the GPU", "the CPU runs it, and the copies between them cost time",
                                      gpu,       sizeof gpu / sizeof *gpu,
                                      false,     generic};
const tmoi_rule_set tmoi_core_ml_rules = {"Core ML", "the CPU runs it, and the copies between them cost time",
                                          core_ml,   sizeof core_ml / sizeof *core_ml,
                                          false,     generic};
