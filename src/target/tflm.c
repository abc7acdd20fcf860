/* Sources: tflite-micro's micro_mutable_op_resolver.h and the Prepare and Eval functions of its reference kernels; checked
 * against the release of October 2026 on some four thousand single-operator models. */
#include "target/tflm.h"

#include <string.h>

#include "target/constraints.h"

/* Custom operators that a resolver can register without code of its own. */
static const char *const custom[] = {"TFLite_Detection_PostProcess",
                                     "CIRCULAR_BUFFER",
                                     "ethos-u",
                                     "TFLM_DECODE",
                                     "SignalDelay",
                                     "SignalEnergy",
                                     "SignalFftAutoScale",
                                     "SignalFilterBank",
                                     "SignalFilterBankLog",
                                     "SignalFilterBankSpectralSubtraction",
                                     "SignalFilterBankSquareRoot",
                                     "SignalFramer",
                                     "SignalIrfft",
                                     "SignalOverlapAdd",
                                     "SignalPCAN",
                                     "SignalRfft",
                                     "SignalStacker",
                                     "SignalWindow"};

static bool no_hybrid(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *in = tmoi_site_input(site), *weights = tmoi_site_input_at(site, 1);
    if (!in || !weights || in->type != TMO_TYPE_FLOAT32 || weights->type == TMO_TYPE_FLOAT32) return true;
    return tmoi_why_not(why,
                        "float data with %s weights (dynamic range quantization); quantize with scheme int8",
                        tmo_type_name(weights->type));
}

/* What the types of input, weights and output must be together. */
static bool int8_or_int4_weights(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *in = tmoi_site_input(site), *weights = tmoi_site_input_at(site, 1);
    if (!no_hybrid(site, why)) return false;
    if (!in || !weights || in->type == TMO_TYPE_FLOAT32) return true;
    bool wide = weights->type == TMO_TYPE_INT8 ||
                (weights->type == TMO_TYPE_INT4 && in->type == TMO_TYPE_INT8);
    bool wider = weights->type == TMO_TYPE_INT16 && in->type == TMO_TYPE_INT16;
    if (wide || wider) return true;
    return tmoi_why_not(why, "%s weights with %s data; quantize with scheme int8",
                        tmo_type_name(weights->type), tmo_type_name(in->type));
}

static bool one_int4_scale(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *weights = tmoi_site_input_at(site, 1);
    if (!weights || weights->type != TMO_TYPE_INT4 || !tmoi_is_per_channel(weights)) return true;
    return tmoi_why_not(why, "int4 weights with a scale per channel; quantize them per tensor or to int8");
}

static bool rank_within(const tmoi_site *site, int32_t limit, tmoi_why *why)
{
    const tmoi_tensor *in = tmoi_site_input(site);
    if (!in || in->shape.rank <= limit) return true;
    return tmoi_why_not(why, "rank %d, the limit is %d; reshape it", (int)in->shape.rank, (int)limit);
}

static bool rank_up_to_4(const tmoi_site *site, tmoi_why *why)
{
    return rank_within(site, 4, why);
}

static bool rank_up_to_5(const tmoi_site *site, tmoi_why *why)
{
    return rank_within(site, 5, why);
}

static bool constant_paddings(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *paddings = tmoi_site_input_at(site, 1);
    if (paddings && paddings->data && paddings->type == TMO_TYPE_INT32) return true;
    return tmoi_why_not(why, "the paddings are not a constant of int32; make them one");
}

static bool short_index(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *indices = tmoi_site_input_at(site, 1);
    if (!indices || indices->type == TMO_TYPE_INT32) return true;
    return tmoi_why_not(why, "%s indices, it takes int32", tmo_type_name(indices->type));
}

static bool one_output_scale(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *out = tmoi_site_output(site);
    if (!out || !tmoi_is_per_channel(out)) return true;
    return tmoi_why_not(why, "the output is quantized per channel; quantize it per tensor");
}

/* The types that QUANTIZE makes of each type. */
static uint32_t quantize_results(tmo_type type)
{
    switch (type) {
    case TMO_TYPE_INT8: return TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT16) | TMOI_T(INT32);
    case TMO_TYPE_INT16: return TMOI_T(INT8) | TMOI_T(INT16) | TMOI_T(INT32);
    case TMO_TYPE_UINT8: return TMOI_T(INT8);
    default: return TMOI_T(INT8) | TMOI_T(INT16); /* float32, int32 */
    }
}

static bool quantize_types(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *in = tmoi_site_input(site), *out = tmoi_site_output(site);
    tmoi_why types;
    if (!in || !out) return true;
    uint32_t results = quantize_results(in->type);
    if (results >> (uint32_t)out->type & 1u) return true;
    return tmoi_why_not(why, "from %s to %s, it makes %s only; quantize with scheme int8",
                        tmo_type_name(in->type), tmo_type_name(out->type), tmoi_types_text(results, &types));
}

static bool not_empty(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *out = tmoi_site_output(site);
    if (!out || tmoi_shape_count(&out->shape) > 0) return true;
    return tmoi_why_not(why, "the slice is empty; remove it");
}

static bool keeps_dimensions(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_fb_strided_slice_options *options = tmoi_op_options(site->op, strided_slice_options);
    if (!options->new_axis_mask && !options->ellipsis_mask && !options->offset)
        return rank_up_to_4(site, why);
    return tmoi_why_not(
        why, "an ellipsis, a new axis or ends relative to the begins; slice without and use RESHAPE");
}

static bool quantized_int16(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *in = tmoi_site_input(site);
    if (!in || in->type != TMO_TYPE_INT16 || in->quant.count > 0) return true;
    return tmoi_why_not(why, "int16 data without quantization; use int32");
}

static bool equal_factor_types(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *a = tmoi_site_input_at(site, 0), *b = tmoi_site_input_at(site, 1);
    if (!a || !b || a->type == b->type) return true;
    return tmoi_why_not(why, "%s times %s (dynamic range quantization); quantize with scheme int8",
                        tmo_type_name(a->type), tmo_type_name(b->type));
}

static bool plain_lstm(const tmoi_site *site, tmoi_why *why)
{
    if (site->op->input_count != 24)
        return tmoi_why_not(why, "%d inputs, it takes the form with 24; convert the model again",
                            (int)site->op->input_count);
    for (int32_t k = 9; k < 24; k++) {
        bool optional = k < 12 || (k >= 16 && k < 18) || k >= 20;
        if (optional && tmoi_site_input_at(site, k))
            return tmoi_why_not(
                why, "it has peephole weights, a projection or layer normalization; train without them");
    }
    if (!tmoi_site_input_at(site, 1))
        return tmoi_why_not(why, "the input gate is left out (CIFG); give it weights");
    return no_hybrid(site, why);
}

static bool with_bias(const tmoi_site *site, tmoi_why *why)
{
    if (site->op->input_count == 5) return no_hybrid(site, why);
    return tmoi_why_not(why, "%d inputs, it takes 5", (int)site->op->input_count);
}

#define B    TMOI_T(BOOL)
#define F    TMOI_T(FLOAT32)
#define I32  TMOI_T(INT32)
#define I64  TMOI_T(INT64)
#define Q8   (F | TMOI_T(INT8))
#define Q16  (Q8 | TMOI_T(INT16))
#define Q32  (Q16 | I32)
#define Q64  (Q32 | I64)
#define QB   (Q32 | B)
#define ALL  (QB | I64 | TMOI_T(UINT8))
#define CAST (QB | TMOI_T(UINT32))

/* clang-format off */
static const tmoi_rule rules[] = {
    {TMOI_OP_ABS, Q16, Q16, {NULL}},
    {TMOI_OP_ADD, Q32, Q32, {quantized_int16}},
    {TMOI_OP_ADD_N, Q8, Q8, {NULL}},
    {TMOI_OP_ARG_MAX, Q8, I32, {NULL}},
    {TMOI_OP_ARG_MIN, Q8, I32, {NULL}},
    {TMOI_OP_ASSIGN_VARIABLE, 0, 0, {NULL}},
    {TMOI_OP_AVERAGE_POOL_2D, Q16, Q16, {NULL}},
    {TMOI_OP_BATCH_MATMUL, Q16, Q16, {equal_factor_types}},
    {TMOI_OP_BATCH_TO_SPACE_ND, Q8, Q8, {NULL}},
    {TMOI_OP_BROADCAST_ARGS, I32 | I64, I32 | I64, {NULL}},
    {TMOI_OP_BROADCAST_TO, 0, 0, {NULL}},
    {TMOI_OP_CALL_ONCE, 0, 0, {NULL}},
    {TMOI_OP_CAST, CAST, CAST, {NULL}},
    {TMOI_OP_CEIL, F, F, {NULL}},
    {TMOI_OP_CONCATENATION, Q64 | B, Q64 | B, {NULL}},
    {TMOI_OP_CONV_2D, Q16, Q16, {int8_or_int4_weights}},
    {TMOI_OP_COS, F, F, {NULL}},
    {TMOI_OP_CUMSUM, Q8, Q8, {NULL}},
    {TMOI_OP_DEPTH_TO_SPACE, Q8, Q8, {NULL}},
    {TMOI_OP_DEPTHWISE_CONV_2D, Q16, Q16, {int8_or_int4_weights}},
    {TMOI_OP_DEQUANTIZE, TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT16), F, {NULL}},
    {TMOI_OP_DIV, Q8, Q8, {NULL}},
    {TMOI_OP_DYNAMIC_UPDATE_SLICE, Q32, Q32, {NULL}},
    {TMOI_OP_ELU, Q8, Q8, {NULL}},
    {TMOI_OP_EMBEDDING_LOOKUP, Q8, Q8, {NULL}},
    {TMOI_OP_EQUAL, Q8 | I32 | I64 | B, B, {NULL}},
    {TMOI_OP_EXP, F, F, {NULL}},
    {TMOI_OP_EXPAND_DIMS, Q16, Q16, {NULL}},
    {TMOI_OP_FILL, Q8 | I32, Q8 | I32, {NULL}},
    {TMOI_OP_FLOOR, F, F, {NULL}},
    {TMOI_OP_FLOOR_DIV, F, F, {NULL}},
    {TMOI_OP_FLOOR_MOD, F, F, {NULL}},
    {TMOI_OP_FULLY_CONNECTED, Q16, Q16, {int8_or_int4_weights, one_int4_scale}},
    {TMOI_OP_GATHER, Q8, Q8, {short_index}},
    {TMOI_OP_GATHER_ND, Q8, Q8, {short_index}},
    {TMOI_OP_GREATER, Q64, B, {NULL}},
    {TMOI_OP_GREATER_EQUAL, Q8 | I32 | I64, B, {NULL}},
    {TMOI_OP_HARD_SWISH, Q8, Q8, {NULL}},
    {TMOI_OP_IF, 0, 0, {NULL}},
    {TMOI_OP_L2_NORMALIZATION, Q8, Q8, {NULL}},
    {TMOI_OP_L2_POOL_2D, F, F, {NULL}},
    {TMOI_OP_LEAKY_RELU, Q16, Q16, {NULL}},
    {TMOI_OP_LESS, Q8 | I32 | I64, B, {NULL}},
    {TMOI_OP_LESS_EQUAL, Q8 | I32 | I64, B, {NULL}},
    {TMOI_OP_LOG, F, F, {NULL}},
    {TMOI_OP_LOG_SOFTMAX, Q8, Q8, {NULL}},
    {TMOI_OP_LOGICAL_AND, B, B, {NULL}},
    {TMOI_OP_LOGICAL_NOT, B, B, {NULL}},
    {TMOI_OP_LOGICAL_OR, B, B, {NULL}},
    {TMOI_OP_LOGISTIC, Q16, Q16, {NULL}},
    {TMOI_OP_MAX_POOL_2D, Q16, Q16, {NULL}},
    {TMOI_OP_MAXIMUM, Q64, Q64, {NULL}},
    {TMOI_OP_MEAN, Q16, Q16, {NULL}},
    {TMOI_OP_MINIMUM, Q64, Q64, {NULL}},
    {TMOI_OP_MIRROR_PAD, Q8, Q8, {NULL}},
    {TMOI_OP_MUL, Q32, Q32, {NULL}},
    {TMOI_OP_NEG, F, F, {NULL}},
    {TMOI_OP_NOT_EQUAL, Q8 | I32 | I64 | B, B, {NULL}},
    {TMOI_OP_PACK, Q64, Q64, {NULL}},
    {TMOI_OP_PAD, Q32, Q32, {rank_up_to_5, constant_paddings}},
    {TMOI_OP_PADV2, Q32, Q32, {rank_up_to_5, constant_paddings}},
    {TMOI_OP_PRELU, Q8, Q8, {NULL}},
    {TMOI_OP_QUANTIZE, Q32 | TMOI_T(UINT8), TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT16) | I32, {one_output_scale, quantize_types}},
    {TMOI_OP_READ_VARIABLE, 0, 0, {NULL}},
    {TMOI_OP_REDUCE_ALL, B, B, {NULL}},
    {TMOI_OP_REDUCE_MAX, Q8, Q8, {NULL}},
    {TMOI_OP_REDUCE_MIN, Q8, Q8, {NULL}},
    {TMOI_OP_RELU, Q16, Q16, {NULL}},
    {TMOI_OP_RELU6, Q16, Q16, {NULL}},
    {TMOI_OP_RESHAPE, 0, 0, {NULL}},
    {TMOI_OP_RESIZE_BILINEAR, Q8, Q8, {NULL}},
    {TMOI_OP_RESIZE_NEAREST_NEIGHBOR, Q16, Q16, {NULL}},
    {TMOI_OP_REVERSE_V2, ALL, ALL, {NULL}},
    {TMOI_OP_ROUND, F, F, {NULL}},
    {TMOI_OP_RSQRT, Q16, Q16, {NULL}},
    {TMOI_OP_SELECT_V2, Q16, Q16, {NULL}},
    {TMOI_OP_SHAPE, 0, I32, {NULL}},
    {TMOI_OP_SIN, F, F, {NULL}},
    {TMOI_OP_SLICE, QB, QB, {NULL}},
    {TMOI_OP_SOFTMAX, Q16, Q16, {NULL}},
    {TMOI_OP_SPACE_TO_BATCH_ND, Q8, Q8, {NULL}},
    {TMOI_OP_SPACE_TO_DEPTH, Q8, Q8, {NULL}},
    {TMOI_OP_SPLIT, Q32, Q32, {NULL}},
    {TMOI_OP_SPLIT_V, Q32, Q32, {NULL}},
    {TMOI_OP_SQRT, F, F, {NULL}},
    {TMOI_OP_SQUARE, F, F, {NULL}},
    {TMOI_OP_SQUARED_DIFFERENCE, Q32, Q32, {NULL}},
    {TMOI_OP_SQUEEZE, 0, 0, {NULL}},
    {TMOI_OP_STRIDED_SLICE, QB, QB, {keeps_dimensions, not_empty}},
    {TMOI_OP_SUB, Q32, Q32, {NULL}},
    {TMOI_OP_SUM, Q16, Q16, {NULL}},
    {TMOI_OP_SVDF, Q8, Q16, {with_bias}},
    {TMOI_OP_TANH, Q16, Q16, {NULL}},
    {TMOI_OP_TRANSPOSE, Q16, Q16, {rank_up_to_5}},
    {TMOI_OP_TRANSPOSE_CONV, Q16, Q16, {no_hybrid}},
    {TMOI_OP_UNIDIRECTIONAL_SEQUENCE_LSTM, Q16, Q16, {plain_lstm}},
    {TMOI_OP_UNPACK, Q32, Q32, {NULL}},
    {TMOI_OP_VAR_HANDLE, 0, 0, {NULL}},
    {TMOI_OP_WHILE, 0, 0, {NULL}},
    {TMOI_OP_ZEROS_LIKE, Q8 | I32 | I64, Q8 | I32 | I64, {NULL}},
};
/* clang-format on */

static const tmoi_rule_set rule_set = {"TensorFlow Lite for Microcontrollers",
                                       "there is no fallback: express it with other operators",
                                       rules,
                                       sizeof rules / sizeof *rules,
                                       false,
                                       NULL};

static bool custom_runs(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *in = tmoi_site_input_at(site, 0);
    if (strcmp(tmoi_op_name(site->op), "TFLite_Detection_PostProcess") != 0 || !in ||
        in->type == TMO_TYPE_FLOAT32)
        return true;
    return tmoi_why_not(why, "%s boxes, it takes float32; put DEQUANTIZE before it", tmo_type_name(in->type));
}

bool tmoi_tflm_runs(const tmoi_site *site, tmoi_why *why)
{
    if (site->op->code != TMOI_OP_CUSTOM) return tmoi_rule_check(&rule_set, site, why);
    for (size_t k = 0; k < sizeof custom / sizeof *custom; k++)
        if (strcmp(custom[k], tmoi_op_name(site->op)) == 0) return custom_runs(site, why);
    return tmoi_why_not(
        why,
        "custom operator '%.80s' is not in TensorFlow Lite for Microcontrollers; register a kernel for it",
        tmoi_op_name(site->op));
}
