#include "optimize/weights.h"

#include <math.h>

#include "optimize/store.h"

int64_t tmoi_weights_channels(const tmoi_weights *weights)
{
    return weights->axis < 0 ? 1 : weights->shape.dims[weights->axis];
}

int64_t tmoi_weights_channel(const tmoi_weights *weights, int64_t k)
{
    if (weights->axis < 0) return 0;
    int64_t inner = tmoi_shape_product(&weights->shape, weights->axis + 1, weights->shape.rank);
    return k / inner % weights->shape.dims[weights->axis];
}

static int32_t largest_integer(const tmoi_weights *weights)
{
    return (1 << (weights->bits - 1)) - 1;
}

static float round_clamped(float x, int32_t limit)
{
    float rounded = roundf(x);
    return rounded > (float)limit ? (float)limit : rounded < (float)-limit ? (float)-limit : rounded;
}

/* The elements of one channel: `runs` runs of `length` elements, `stride` apart. */
typedef struct channel_view {
    const float *first;
    int64_t runs, length, stride;
} channel_view;

static channel_view view_channel(const tmoi_weights *weights, int64_t channel)
{
    const tmoi_shape *shape = &weights->shape;
    if (weights->axis < 0) return (channel_view){weights->values, 1, tmoi_shape_count(shape), 0};
    int64_t inner = tmoi_shape_product(shape, weights->axis + 1, shape->rank);
    int64_t outer = tmoi_shape_product(shape, 0, weights->axis);
    return (channel_view){weights->values + channel * inner, outer, inner,
                          inner * shape->dims[weights->axis]};
}

static float largest_magnitude(const channel_view *view)
{
    float largest = 0;
    for (int64_t run = 0; run < view->runs; run++)
        for (int64_t k = 0; k < view->length; k++) {
            float magnitude = fabsf(view->first[run * view->stride + k]);
            largest = magnitude > largest ? magnitude : largest;
        }
    return largest;
}

static double square_error(const channel_view *view, float scale, int32_t limit)
{
    double error = 0;
    float inverse = 1 / scale;
    for (int64_t run = 0; run < view->runs; run++)
        for (int64_t k = 0; k < view->length; k++) {
            float x = view->first[run * view->stride + k];
            float difference = x - scale * round_clamped(x * inverse, limit);
            error += (double)(difference * difference);
        }
    return error;
}

/* Tries scales from the one that clips nothing down, in steps of a two-hundredth of it. */
static float best_scale(const channel_view *view, float widest, int32_t limit)
{
    int32_t steps = limit > 7 ? 40 : 120;
    float chosen = widest;
    double least = square_error(view, widest, limit);
    for (int32_t k = 1; k <= steps; k++) {
        float scale = widest * (1 - (float)k / 200);
        double error = square_error(view, scale, limit);
        if (error >= least) continue;
        least = error;
        chosen = scale;
    }
    return chosen;
}

void tmoi_weights_scales(const tmoi_weights *weights, int32_t method, float *scales)
{
    int32_t limit = largest_integer(weights);
    int64_t channels = tmoi_weights_channels(weights);
    bool search = method == TMO_QUANTIZE_WEIGHT_RANGE_MSE ||
                  (method == TMO_QUANTIZE_WEIGHT_RANGE_AUTO && weights->bits < 8);
    float largest = 0;
    for (int64_t c = 0; c < channels; c++) {
        channel_view view = view_channel(weights, c);
        float magnitude = largest_magnitude(&view), scale = magnitude / (float)limit;
        /* Magnitudes so small that their scale is no normal number count as zeros. */
        if (scale < 1e-30f) scale = 0;
        if (scale > 0 && search) scale = best_scale(&view, scale, limit);
        scales[c] = scale;
        largest = scale > largest ? scale : largest;
    }
    for (int64_t c = 0; c < channels; c++)
        if (scales[c] == 0) scales[c] = largest > 0 ? largest : 1;
}

void tmoi_weights_round(const tmoi_weights *weights, const float *scales, int8_t *out)
{
    int32_t limit = largest_integer(weights);
    int64_t count = tmoi_shape_count(&weights->shape);
    for (int64_t k = 0; k < count; k++)
        out[k] = (int8_t)round_clamped(weights->values[k] / scales[tmoi_weights_channel(weights, k)], limit);
}

void tmoi_pack_int4(const int8_t *values, int64_t count, uint8_t *out)
{
    for (int64_t k = 0; k < count; k += 2) {
        uint32_t low = (uint32_t)values[k] & 15, high = k + 1 < count ? (uint32_t)values[k + 1] & 15 : 0;
        out[k / 2] = (uint8_t)(low | high << 4);
    }
}

static bool is_acceptable(const float *values, int64_t count, bool may_be_infinite)
{
    for (int64_t k = 0; k < count; k++)
        if (may_be_infinite ? isnan(values[k]) : !isfinite(values[k])) return false;
    return true;
}

static tmo_status require_finite_inputs(const tmoi_subgraph *subgraph, int32_t index, int32_t op_index,
                                        tmoi_ctx *ctx)
{
    const tmoi_op *op = &subgraph->ops[op_index];
    bool has_weights = tmoi_has_float_weights(subgraph, op);
    for (int32_t k = 0; k < op->input_count; k++) {
        const tmoi_tensor *tensor = tmoi_op_input(subgraph, op, k);
        if (!tensor || !tensor->data || tensor->type != TMO_TYPE_FLOAT32 || tensor->sparsity) continue;
        if (is_acceptable(tensor->data, (int64_t)(tensor->data_bytes / sizeof(float)), !has_weights))
            continue;
        ctx->error.subgraph = index;
        ctx->error.op = op_index;
        ctx->error.tensor = op->inputs[k];
        TMO_FAIL_IF(true, NOT_FINITE, ctx,
                    "quantize: constant '%s' of operator %d (%s) holds NaN or infinity", tensor->name,
                    (int)op_index, tmoi_op_name(op));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_require_finite(const tmoi_graph *graph, tmoi_ctx *ctx)
{
    for (int32_t s = 0; s < graph->subgraph_count; s++)
        for (int32_t k = 0; k < graph->subgraphs[s].op_count; k++)
            TMO_TRY(require_finite_inputs(&graph->subgraphs[s], s, k, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- activations ---- */

tmoi_range tmoi_range_of_constant(const tmoi_tensor *constant)
{
    const float *values = constant->data;
    tmoi_range range = {0, 0};
    for (int64_t k = 0; k < tmoi_shape_count(&constant->shape); k++) {
        if (!isfinite(values[k])) continue;
        range.min = values[k] < range.min ? values[k] : range.min;
        range.max = values[k] > range.max ? values[k] : range.max;
    }
    return range;
}

tmoi_affine tmoi_affine_of(tmoi_range range, int32_t bits)
{
    float least = 1e-9f; /* a range of nothing still needs a scale */
    if (bits == 16) {
        float reach = fmaxf(-range.min, range.max);
        return (tmoi_affine){fmaxf(reach, least) / 32767, 0};
    }
    float scale = fmaxf(range.max - range.min, least) / 255;
    float zero_point = roundf(-128 - range.min / scale);
    zero_point = zero_point < -128 ? -128 : zero_point > 127 ? 127 : zero_point;
    return (tmoi_affine){scale, (int64_t)zero_point};
}

tmoi_range tmoi_affine_range(const tmoi_affine *affine, int32_t bits)
{
    float low = bits == 16 ? -32768 : -128, high = bits == 16 ? 32767 : 127;
    float zero_point = (float)affine->zero_point;
    return (tmoi_range){affine->scale * (low - zero_point), affine->scale * (high - zero_point)};
}

int32_t tmoi_affine_quantize(const tmoi_affine *affine, int32_t bits, float value)
{
    float low = bits == 16 ? -32768 : -128, high = bits == 16 ? 32767 : 127;
    float stored = roundf(value / affine->scale) + (float)affine->zero_point;
    return (int32_t)(stored < low ? low : stored > high ? high : stored);
}
