#include "optimize/importance.h"

#include "rewrite/helpers.h"

typedef struct spreader {
    const tmoi_subgraph *subgraph;
    const tmoi_statistics *statistics;
    double **importance;
} spreader;

static int32_t channels_of(const spreader *self, int32_t tensor)
{
    return tensor >= 0 && self->importance[tensor] ? self->statistics[tensor].channels : 0;
}

static double mean_of(const double *values, int32_t count)
{
    double sum = 0;
    for (int32_t c = 0; c < count; c++) sum += values[c];
    return count ? sum / count : 0;
}

/* Elements a channel: how often a channel's noise is drawn. */
static double elements_of(const spreader *self, int32_t tensor)
{
    const tmoi_tensor *t = &self->subgraph->tensors[tensor];
    int64_t channels = t->shape.rank ? t->shape.dims[t->shape.rank - 1] : 1;
    return channels > 0 ? (double)(tmoi_tensor_count(t) / channels) : 1;
}

/* Importance is that of one element; where an output has more elements than the input, each input element counts in several. */
static double spread_of(const spreader *self, int32_t from, int32_t to)
{
    return elements_of(self, to) / elements_of(self, from);
}

/* Channel c of the input gets gain * the importance of channel c of the output; of the mean channel where they do not match. */
static void pass(spreader *self, int32_t from, int32_t to, int32_t offset, double gain)
{
    int32_t inputs = channels_of(self, from), outputs = channels_of(self, to);
    if (!inputs || !outputs) return;
    double mean = mean_of(self->importance[to], outputs);
    bool matches = offset + inputs <= outputs;
    for (int32_t c = 0; c < inputs; c++)
        self->importance[from][c] += gain * (matches ? self->importance[to][offset + c] : mean);
}

static void spread_weighted(spreader *self, const tmoi_op *op, const tmoi_weighted *at)
{
    const tmoi_tensor *weights = tmoi_op_input(self->subgraph, op, at->weights);
    int32_t input = op->inputs[at->input], output = op->outputs[0];
    int64_t channels = channels_of(self, input), outputs = channels_of(self, output);
    if (!tmoi_is_float_constant(weights) || channels == 0 || outputs != weights->shape.dims[at->axis]) return;
    const float *values = weights->data;
    bool depthwise = at->input_axis < 0;
    int64_t inner = tmoi_shape_product(&weights->shape, at->axis + 1, weights->shape.rank);
    int64_t inputs = depthwise ? outputs : weights->shape.dims[at->input_axis];
    int64_t multiplier = depthwise ? outputs / channels : 1;
    const int8_t *activation = tmoi_fused_activation(op);
    double gain = spread_of(self, input, output) *
                  (activation && *activation != TMOI_ACTIVATION_NONE ? 0.5 : 1);
    if ((depthwise && outputs % channels != 0) || (!depthwise && inputs % channels != 0)) return;
    for (int64_t k = 0; k < tmoi_tensor_count(weights); k++) {
        int64_t o = k / inner % outputs, c = depthwise ? o / multiplier : k % inputs % channels;
        self->importance[input][c] += gain * (double)values[k] * (double)values[k] *
                                      self->importance[output][o];
    }
}

static void spread_prelu(spreader *self, const tmoi_op *op)
{
    const tmoi_tensor *alpha = tmoi_op_input(self->subgraph, op, 1);
    int32_t input = op->inputs[0], output = op->outputs[0], channels = channels_of(self, input);
    if (channels == 0 || channels != channels_of(self, output)) return;
    bool known = tmoi_is_float_constant(alpha) && tmoi_tensor_count(alpha) % channels == 0;
    for (int32_t c = 0; c < channels; c++) {
        double slope = known ? (double)((const float *)alpha->data)[c] : 0;
        self->importance[input][c] += (1 + slope * slope) / 2 * self->importance[output][c];
    }
}

static void spread_concatenation(spreader *self, const tmoi_op *op)
{
    int32_t offset = 0, rank = self->subgraph->tensors[op->outputs[0]].shape.rank, axis;
    bool last = tmoi_axis_normalize(tmoi_op_options(op, concatenation_options)->axis, rank, &axis) &&
                axis == rank - 1;
    for (int32_t k = 0; k < op->input_count; k++) {
        pass(self, op->inputs[k], op->outputs[0], offset, 1);
        if (last) offset += channels_of(self, op->inputs[k]);
    }
}

static double mean_square(const spreader *self, int32_t tensor)
{
    const tmoi_tensor *constant = &self->subgraph->tensors[tensor];
    double sum = 0;
    if (tmoi_is_float_constant(constant)) {
        for (int64_t k = 0; k < tmoi_tensor_count(constant); k++) {
            double value = (double)((const float *)constant->data)[k];
            sum += value * value;
        }
        return sum / (double)tmoi_tensor_count(constant);
    }
    const tmoi_statistics *seen = &self->statistics[tensor];
    if (!seen->seen || seen->count == 0) return 1;
    return mean_of(seen->channel_squares, seen->channels) / seen->count;
}

/* The power that an operator's own slope lets through. */
static double gain_of(const tmoi_op *op)
{
    float alpha;
    switch (op->code) {
    case TMOI_OP_RELU:
    case TMOI_OP_RELU6:
    case TMOI_OP_HARD_SWISH:
    case TMOI_OP_GELU:
    case TMOI_OP_ELU: return 0.5;
    case TMOI_OP_LEAKY_RELU:
        alpha = tmoi_op_options(op, leaky_relu_options)->alpha;
        return (1 + (double)(alpha * alpha)) / 2;
    case TMOI_OP_LOGISTIC: return 1.0 / 32;
    default: return 1;
    }
}

static void spread(spreader *self, const tmoi_op *op)
{
    tmoi_weighted at;
    if (op->output_count < 1 || op->outputs[0] < 0 || channels_of(self, op->outputs[0]) == 0) return;
    if (tmoi_weighted_of(op, &at)) {
        spread_weighted(self, op, &at);
    } else if (op->code == TMOI_OP_PRELU) {
        spread_prelu(self, op);
    } else if (op->code == TMOI_OP_CONCATENATION) {
        spread_concatenation(self, op);
    } else if (op->code == TMOI_OP_MUL && op->input_count == 2) {
        pass(self, op->inputs[0], op->outputs[0], 0, mean_square(self, op->inputs[1]));
        pass(self, op->inputs[1], op->outputs[0], 0, mean_square(self, op->inputs[0]));
    } else {
        for (int32_t k = 0; k < op->input_count; k++)
            for (int32_t i = 0; i < op->output_count; i++)
                if (channels_of(self, op->inputs[k]) && channels_of(self, op->outputs[i]))
                    pass(self, op->inputs[k], op->outputs[i], 0,
                         gain_of(op) * spread_of(self, op->inputs[k], op->outputs[i]));
    }
}

static void start_at_outputs(spreader *self)
{
    for (int32_t k = 0; k < self->subgraph->output_count; k++) {
        int32_t tensor = self->subgraph->outputs[k], channels = channels_of(self, tensor);
        if (!channels) continue;
        double power = mean_square(self, tensor) * elements_of(self, tensor) * channels;
        for (int32_t c = 0; c < channels; c++) self->importance[tensor][c] += power > 0 ? 1 / power : 1;
    }
}

tmo_status tmoi_importance_of(double ***out, const tmoi_subgraph *subgraph, const tmoi_statistics *statistics,
                              int32_t known, tmoi_arena *arena, tmoi_ctx *ctx)
{
    spreader self = {subgraph, statistics, NULL};
    TMO_TRY(tmoi_arena_new(arena, &self.importance, (size_t)subgraph->tensor_count, ctx));
    for (int32_t k = 0; k < known; k++)
        if (statistics[k].channels > 0)
            TMO_TRY(tmoi_arena_new(arena, &self.importance[k], (size_t)statistics[k].channels, ctx));
    start_at_outputs(&self);
    for (int32_t k = subgraph->op_count - 1; k >= 0; k--) spread(&self, &subgraph->ops[k]);
    *out = self.importance;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
