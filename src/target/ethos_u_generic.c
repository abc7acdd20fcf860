/* What Vela asks of every operator, of elementwise ones and of recurrent ones. */
#include "target/ethos_u_constraints.h"

#include "target/constraints.h"

/* ---- for every operator ---- */

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

bool tmoi_ethos_shapes_are_fixed(const tmoi_site *site, tmoi_why *why)
{
    return tmoi_each_data_tensor(site, why, fixed_dims);
}

bool tmoi_ethos_gather_shapes(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *indices = tmoi_site_input_at(site, 1);
    return !indices || fixed_dims(site, indices, why);
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

bool tmoi_ethos_is_quantized(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *weights = has_weights(site->op) ? tmoi_site_input_at(site, 1) : NULL;
    return tmoi_each_data_tensor(site, why, has_scale) && (!weights || has_scale(site, weights, why));
}

static bool one_scale(const tmoi_site *site, const tmoi_tensor *tensor, tmoi_why *why)
{
    if (has_weights(site->op) || !tmoi_is_per_channel(tensor)) return true;
    return tmoi_why_not(why, "'%.80s' is quantized per channel; quantize it per tensor", tensor->name);
}

bool tmoi_ethos_per_tensor(const tmoi_site *site, tmoi_why *why)
{
    return tmoi_each_data_tensor(site, why, one_scale);
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

bool tmoi_ethos_zero_points_fit_u85(const tmoi_site *site, tmoi_why *why)
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

bool tmoi_ethos_zero_points_fit(const tmoi_site *site, tmoi_why *why)
{
    switch (site->op->code) {
    case TMOI_OP_AVERAGE_POOL_2D:
    case TMOI_OP_RESIZE_BILINEAR:
    case TMOI_OP_RESIZE_NEAREST_NEIGHBOR:
    case TMOI_OP_UNIDIRECTIONAL_SEQUENCE_LSTM: return true;
    default: return tmoi_each_data_tensor(site, why, zero_point_fits);
    }
}

/* ---- elementwise ---- */

bool tmoi_ethos_same_quantization(const tmoi_site *site, tmoi_why *why)
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

bool tmoi_ethos_same_type_and_shape(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *input = tmoi_site_input(site), *output = tmoi_site_output(site);
    if (!tmoi_same_types(site, why)) return false;
    if (!input || !output || tmoi_shape_equal(&input->shape, &output->shape)) return true;
    return tmoi_why_not(why, "input %s and output %s, they must have one shape",
                        tmoi_shape_format(&input->shape).text, tmoi_shape_format(&output->shape).text);
}

/* A fused activation becomes an operator of its own, which takes no 32-bit data. */
bool tmoi_ethos_narrow_activation(const tmoi_site *site, tmoi_why *why)
{
    const tmoi_tensor *output = tmoi_site_output(site);
    if (!output || output->type != TMO_TYPE_INT32 || tmoi_site_activation(site->op) == TMOI_ACTIVATION_NONE)
        return true;
    return tmoi_why_not(why, "a fused activation on int32 data; quantize it to int8");
}

/* ---- recurrent ---- */

bool tmoi_ethos_plain_lstm(const tmoi_site *site, tmoi_why *why)
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
