#include "model/version.h"

#include <stdlib.h>

/* Sets of types. */
enum {
    F32 = 1 << TMO_TYPE_FLOAT32,
    F16 = 1 << TMO_TYPE_FLOAT16,
    BF16 = 1 << TMO_TYPE_BFLOAT16,
    F64 = 1 << TMO_TYPE_FLOAT64,
    F8 = 1 << TMO_TYPE_FLOAT8_E4M3FN | 1 << TMO_TYPE_FLOAT8_E5M2,
    C64 = 1 << TMO_TYPE_COMPLEX64,
    I2 = 1 << TMO_TYPE_INT2,
    I4 = 1 << TMO_TYPE_INT4,
    I8 = 1 << TMO_TYPE_INT8,
    I16 = 1 << TMO_TYPE_INT16,
    I32 = 1 << TMO_TYPE_INT32,
    I64 = 1 << TMO_TYPE_INT64,
    U4 = 1 << TMO_TYPE_UINT4,
    U8 = 1 << TMO_TYPE_UINT8,
    U16 = 1 << TMO_TYPE_UINT16,
    U32 = 1 << TMO_TYPE_UINT32,
    BOOL = 1 << TMO_TYPE_BOOL,
    STRING = 1 << TMO_TYPE_STRING,
    ANY = -1
};

/* What the conditions look at. */
typedef struct view {
    const tmoi_subgraph *subgraph;
    const tmoi_op *op;
} view;
typedef bool (*condition)(view v, int32_t index, int32_t types);

static bool is_of(const tmoi_tensor *tensor, int32_t types)
{
    return tensor && ((uint32_t)types >> tensor->type & 1u);
}

static const tmoi_tensor *input_at(view v, int32_t k)
{
    return tmoi_op_input(v.subgraph, v.op, k);
}

static const tmoi_tensor *output_at(view v, int32_t k)
{
    return tmoi_op_output(v.subgraph, v.op, k);
}

static bool input(view v, int32_t index, int32_t types)
{
    return is_of(input_at(v, index), types);
}

static bool output(view v, int32_t index, int32_t types)
{
    return is_of(output_at(v, index), types);
}

static bool either(view v, int32_t index, int32_t types)
{
    return input(v, index, types) || output(v, index, types);
}

static bool plain_input(view v, int32_t index, int32_t types)
{
    return input(v, index, types) && input_at(v, index)->quant.count == 0;
}

static bool per_channel_input(view v, int32_t index, int32_t types)
{
    return input(v, index, types) && input_at(v, index)->quant.count > 1;
}

static bool per_channel_output(view v, int32_t index, int32_t types)
{
    return output(v, index, types) && output_at(v, index)->quant.count > 1;
}

static bool inputs_exactly(view v, int32_t index, int32_t types)
{
    (void)types;
    return v.op->input_count == index;
}

static bool rank_above(view v, int32_t index, int32_t types)
{
    for (int32_t k = 0; k < v.op->input_count; k++)
        if (input(v, k, types) && input_at(v, k)->shape.rank > index) return true;
    return false;
}

static bool rank_other_than(view v, int32_t index, int32_t types)
{
    return input(v, 0, types) && input_at(v, 0)->shape.rank != index;
}

static bool broadcast_above_rank_4(view v, int32_t index, int32_t types)
{
    (void)index;
    const tmoi_tensor *a = input_at(v, 0), *b = input_at(v, 1);
    return a && b && rank_above(v, 4, types) && !tmoi_shape_equal(&a->shape, &b->shape);
}

/* Weights of a narrow type under activations of a wide one. */
static bool hybrid(view v, int32_t index, int32_t types)
{
    return input(v, 0, F32) && input(v, index, types) && output(v, 0, F32);
}

static bool hybrid_per_channel(view v, int32_t index, int32_t types)
{
    return hybrid(v, index, types) && input_at(v, index)->quant.count > 1;
}

static bool int8_input_with_weights(view v, int32_t index, int32_t types)
{
    return input(v, 0, I8) && input(v, index, types);
}

static bool int16_input_with_weights(view v, int32_t index, int32_t types)
{
    return input(v, 0, I16) && input(v, index, types);
}

static bool asymmetric_inputs(const tmoi_op *op)
{
    switch (op->code) {
    case TMOI_OP_FULLY_CONNECTED:
        return tmoi_op_options(op, fully_connected_options)->asymmetric_quantize_inputs;
    case TMOI_OP_BATCH_MATMUL: return tmoi_op_options(op, batch_mat_mul_options)->asymmetric_quantize_inputs;
    case TMOI_OP_LSTM: return tmoi_op_options(op, lstm_options)->asymmetric_quantize_inputs;
    case TMOI_OP_SVDF: return tmoi_op_options(op, svdf_options)->asymmetric_quantize_inputs;
    case TMOI_OP_RNN: return tmoi_op_options(op, rnn_options)->asymmetric_quantize_inputs;
    case TMOI_OP_UNIDIRECTIONAL_SEQUENCE_RNN:
        return tmoi_op_options(op, sequence_rnn_options)->asymmetric_quantize_inputs;
    case TMOI_OP_BIDIRECTIONAL_SEQUENCE_RNN:
        return tmoi_op_options(op, bidirectional_sequence_rnn_options)->asymmetric_quantize_inputs;
    case TMOI_OP_UNIDIRECTIONAL_SEQUENCE_LSTM:
        return tmoi_op_options(op, unidirectional_sequence_lstm_options)->asymmetric_quantize_inputs;
    case TMOI_OP_BIDIRECTIONAL_SEQUENCE_LSTM:
        return tmoi_op_options(op, bidirectional_sequence_lstm_options)->asymmetric_quantize_inputs;
    default: return false;
    }
}

static bool hybrid_asymmetric(view v, int32_t index, int32_t types)
{
    return hybrid(v, index, types) && asymmetric_inputs(v.op);
}

static bool sparse(view v, int32_t index, int32_t types)
{
    return input(v, index, types) && input_at(v, index)->sparsity != NULL;
}

/* MUL: the product of the inputs' scales is not below the output's. */
static bool rescale_of_one_or_more(view v, int32_t index, int32_t types)
{
    const tmoi_tensor *a = input_at(v, 0), *b = input_at(v, 1), *out = output_at(v, 0);
    (void)index;
    (void)types;
    if (!a || !b || !out || !a->quant.count || !b->quant.count || !out->quant.count) return false;
    return out->quant.scale[0] > 0 &&
           (double)a->quant.scale[0] * (double)b->quant.scale[0] >= (double)out->quant.scale[0];
}

static bool grouped(view v, int32_t index, int32_t types)
{
    const tmoi_tensor *in = input_at(v, 0), *filter = input_at(v, 1);
    (void)index;
    (void)types;
    return in && filter && in->shape.rank == 4 && filter->shape.rank == 4 &&
           in->shape.dims[3] != filter->shape.dims[3];
}

/* ---- options: each says whether one of them has a value that version 1 lacks ---- */

#define OPTION_CONDITION(name, table, test)                      \
    static bool name(view v, int32_t index, int32_t types)       \
    {                                                            \
        const tmoi_fb_##table *o = tmoi_op_options(v.op, table); \
        return (test) && input(v, index, types);                 \
    }
OPTION_CONDITION(any_scale_add, add_options, !o->pot_scale_int16)
OPTION_CONDITION(any_scale_sub, sub_options, !o->pot_scale_int16)
OPTION_CONDITION(bias_type_conv, conv2d_options, o->quantized_bias_type != 0 && input(v, 0, I16))
OPTION_CONDITION(bias_type_fully_connected, fully_connected_options,
                 o->quantized_bias_type != 0 && input(v, 0, I16))
OPTION_CONDITION(bias_type_transpose_conv, transpose_conv_options,
                 o->quantized_bias_type != 0 && input(v, 2, I16))
OPTION_CONDITION(fused_transpose_conv, transpose_conv_options,
                 o->fused_activation_function != TMOI_ACTIVATION_NONE)
OPTION_CONDITION(dilated_depthwise, depthwise_conv2d_options,
                 o->dilation_w_factor != 1 || o->dilation_h_factor != 1)
OPTION_CONDITION(keeps_dims, fully_connected_options, o->keep_num_dims)
OPTION_CONDITION(shuffled, fully_connected_options, o->weights_format == TMOI_WEIGHTS_SHUFFLED_4X16_INT8)
OPTION_CONDITION(basic_lstm, lstm_options, o->kernel_type == TMOI_LSTM_BASIC)
OPTION_CONDITION(diagonal_lstm, unidirectional_sequence_lstm_options, o->diagonal_recurrent_tensors)
OPTION_CONDITION(half_pixel_bilinear, resize_bilinear_options, o->half_pixel_centers)
OPTION_CONDITION(aligned_nearest, resize_nearest_neighbor_options, o->half_pixel_centers || o->align_corners)
OPTION_CONDITION(slice_by_offset, strided_slice_options, o->offset)
OPTION_CONDITION(slice_new_axes, strided_slice_options, o->ellipsis_mask != 0 || o->new_axis_mask != 0)
OPTION_CONDITION(batched_gather, gather_options, o->batch_dims != 0)
OPTION_CONDITION(narrow_range, fake_quant_options, o->narrow_range)

static const struct {
    int32_t code, version;
    condition holds;
    int32_t index, types;
} rules[] = {
#define TMOI_OP_VERSION(name, version, condition, index, types) \
    {TMOI_OP_##name, version, condition, index, types},
#include "model/op_versions.def"
#undef TMOI_OP_VERSION
};

static int32_t newest_version(int32_t code)
{
    switch (code) {
#define TMOI_BUILTIN(code, name, min_version, max_version, options_union, options_tag) \
    case code:                                                                         \
        return max_version;
#include "tflite/builtins.def"
#undef TMOI_BUILTIN
    default: return 1;
    }
}

static int32_t ruled_version(view v)
{
    for (size_t k = 0; k < sizeof rules / sizeof rules[0]; k++)
        if (rules[k].code == v.op->code && rules[k].holds(v, rules[k].index, rules[k].types))
            return rules[k].version;
    return 1;
}

int32_t tmoi_op_needed_version(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    int32_t ruled = ruled_version((view){subgraph, op}), newest = newest_version(op->code);
    if (ruled > newest) ruled = newest;
    return ruled > op->version ? ruled : op->version;
}

/* ---- releases ---- */

static const struct {
    int32_t code, version;
    const char *release;
} releases[] = {
#define TMOI_RUNTIME_VERSION(name, version, release) {TMOI_OP_##name, version, release},
#include "tflite/runtime_versions.def"
#undef TMOI_RUNTIME_VERSION
};

static const char *find_release(int32_t code, int32_t version)
{
    for (size_t k = 0; k < sizeof releases / sizeof releases[0]; k++)
        if (releases[k].code == code && releases[k].version == version) return releases[k].release;
    return "";
}

bool tmoi_release_before(const char *a, const char *b)
{
    while (*a && *b) {
        char *a_end, *b_end;
        long x = strtol(a, &a_end, 10), y = strtol(b, &b_end, 10);
        if (x != y) return x < y;
        a = *a_end == '.' ? a_end + 1 : a_end;
        b = *b_end == '.' ? b_end + 1 : b_end;
    }
    return !*a && *b;
}

const char *tmoi_op_min_runtime(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    return find_release(op->code, tmoi_op_needed_version(subgraph, op));
}

const char *tmoi_graph_min_runtime(const tmoi_graph *graph)
{
    const char *highest = "";
    for (int32_t s = 0; s < graph->subgraph_count; s++) {
        const tmoi_subgraph *subgraph = &graph->subgraphs[s];
        for (int32_t k = 0; k < subgraph->op_count; k++) {
            const char *release = tmoi_op_min_runtime(subgraph, &subgraph->ops[k]);
            if (tmoi_release_before(highest, release)) highest = release;
        }
    }
    return highest;
}
