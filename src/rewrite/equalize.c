#include "rewrite/equalize.h"

#include <math.h>

#include "rewrite/helpers.h"

/* Channels with a hundredth of the range of their tensor and less are all treated as such. */
static const float least_share = 1.0f / 128;

/* Every channel of every float activation is a node; nodes that must share a factor form a tree. */
typedef struct equalizer {
    tmoi_graph *graph;
    tmoi_subgraph *subgraph;
    int32_t index;
    const tmoi_channel_ranges *ranges;
    int32_t *first;  /* [tensor] its first node, or -1 */
    int32_t *parent; /* [node] */
    bool *pinned;    /* [root] the factor is 1 */
    bool *
        mixed; /* [root] a convolution or matrix product mixes it with others: its weights suffer from uneven factors */
    float *factor; /* [root] */
} equalizer;

static int32_t root_of(equalizer *self, int32_t node)
{
    while (self->parent[node] != node) {
        self->parent[node] = self->parent[self->parent[node]];
        node = self->parent[node];
    }
    return node;
}

static void join(equalizer *self, int32_t a, int32_t b)
{
    a = root_of(self, a);
    b = root_of(self, b);
    if (a == b) return;
    self->parent[b] = a;
    self->pinned[a] = self->pinned[a] || self->pinned[b];
    self->mixed[a] = self->mixed[a] || self->mixed[b];
}

static int32_t channels_of(const equalizer *self, int32_t tensor)
{
    return tensor >= 0 && self->first[tensor] >= 0 ? self->ranges[tensor].channels : 0;
}

static void pin(equalizer *self, int32_t tensor)
{
    for (int32_t c = 0; c < channels_of(self, tensor); c++)
        self->pinned[root_of(self, self->first[tensor] + c)] = true;
}

static void pin_operator(equalizer *self, const tmoi_op *op)
{
    for (int32_t k = 0; k < op->input_count; k++) pin(self, op->inputs[k]);
    for (int32_t k = 0; k < op->output_count; k++) pin(self, op->outputs[k]);
}

/* ---- which channels go together ---- */

/* Channel c of `from` is channel c + offset of `to`. False when they are not there. */
static bool join_tensors(equalizer *self, int32_t from, int32_t to, int32_t offset)
{
    int32_t count = channels_of(self, from);
    if (count == 0 || offset < 0 || count + offset > channels_of(self, to)) return false;
    for (int32_t c = 0; c < count; c++) join(self, self->first[from] + c, self->first[to] + offset + c);
    return true;
}

/* All activations of the operator have the same channels. */
static bool join_all(equalizer *self, const tmoi_op *op, int32_t inputs)
{
    for (int32_t k = 0; k < inputs && k < op->input_count; k++) {
        if (channels_of(self, op->inputs[k]) != channels_of(self, op->outputs[0])) return false;
        if (!join_tensors(self, op->inputs[k], op->outputs[0], 0)) return false;
    }
    return true;
}

static bool scales_with_input(const tmoi_op *op)
{
    const int8_t *activation = tmoi_fused_activation(op);
    return !activation || *activation == TMOI_ACTIVATION_NONE || *activation == TMOI_ACTIVATION_RELU;
}

/* x * y, one of them constant or a gate: the channels of the other one go through. */
static bool join_product(equalizer *self, const tmoi_op *op)
{
    const tmoi_tensor *a = tmoi_op_input(self->subgraph, op, 0), *b = tmoi_op_input(self->subgraph, op, 1);
    if (!a || !b) return false;
    bool first = !a->data && (b->data || tmoi_tensor_count(a) >= tmoi_tensor_count(b));
    pin(self, op->inputs[first ? 1 : 0]);
    int32_t through = op->inputs[first ? 0 : 1];
    return channels_of(self, through) == channels_of(self, op->outputs[0]) &&
           join_tensors(self, through, op->outputs[0], 0);
}

static bool join_concatenation(equalizer *self, const tmoi_op *op)
{
    const tmoi_tensor *output = tmoi_op_output(self->subgraph, op, 0);
    int32_t axis, offset = 0;
    if (!tmoi_axis_normalize(tmoi_op_options(op, concatenation_options)->axis, output->shape.rank, &axis))
        return false;
    if (axis != output->shape.rank - 1) return join_all(self, op, op->input_count);
    for (int32_t k = 0; k < op->input_count; k++) {
        if (!join_tensors(self, op->inputs[k], op->outputs[0], offset)) return false;
        offset += channels_of(self, op->inputs[k]);
    }
    return true;
}

static bool join_pad(equalizer *self, const tmoi_op *op)
{
    const tmoi_tensor *amounts = tmoi_op_input(self->subgraph, op, 1);
    int32_t rank = self->subgraph->tensors[op->outputs[0]].shape.rank;
    if (!tmoi_is_constant(amounts) || tmoi_tensor_count(amounts) != 2 * rank) return false;
    return join_tensors(self, op->inputs[0], op->outputs[0],
                        (int32_t)tmoi_int_constant(amounts, 2 * rank - 2));
}

/* Channels of a flattened or split last dimension repeat. */
static bool join_reshape(equalizer *self, const tmoi_op *op)
{
    int32_t from = op->inputs[0], to = op->outputs[0];
    int32_t a = channels_of(self, from), b = channels_of(self, to), most = a > b ? a : b;
    if (a == 0 || b == 0 || (a > b ? a % b : b % a) != 0) return false;
    for (int32_t c = 0; c < most; c++) join(self, self->first[from] + c % a, self->first[to] + c % b);
    return true;
}

static bool join_mean(equalizer *self, const tmoi_op *op)
{
    const tmoi_tensor *input = tmoi_op_input(self->subgraph, op, 0),
                      *axes = tmoi_op_input(self->subgraph, op, 1);
    if (!tmoi_is_constant(axes)) return false;
    for (int64_t k = 0; k < tmoi_tensor_count(axes); k++) {
        int64_t axis = tmoi_int_constant(axes, k);
        if (axis < 0) axis += input->shape.rank;
        if (axis >= input->shape.rank - 1) return false;
    }
    return join_all(self, op, 1);
}

/* ---- operators with weights: factors go into them on both sides ---- */

static bool is_scalable(const equalizer *self, const tmoi_op *op, tmoi_weighted *at)
{
    if (!tmoi_weighted_of(op, at)) return false;
    const tmoi_tensor *weights = tmoi_op_input(self->subgraph, op, at->weights);
    const tmoi_tensor *bias = tmoi_op_input(self->subgraph, op, at->bias);
    if (!tmoi_is_float_constant(weights) || (bias && !tmoi_is_float_constant(bias))) return false;
    int32_t outputs = weights->shape.dims[at->axis],
            inputs = at->input_axis < 0 ? outputs : weights->shape.dims[at->input_axis];
    int32_t channels = channels_of(self, op->inputs[at->input]);
    if (outputs != channels_of(self, op->outputs[0]) || channels == 0) return false;
    return at->input_axis == 3 ? inputs == channels : inputs % channels == 0;
}

static void mark_mixed(equalizer *self, int32_t tensor)
{
    for (int32_t c = 0; c < channels_of(self, tensor); c++)
        self->mixed[root_of(self, self->first[tensor] + c)] = true;
}

static bool connect_weighted(equalizer *self, const tmoi_op *op)
{
    tmoi_weighted at;
    if (!is_scalable(self, op, &at)) return false;
    if (at.input_axis >= 0) mark_mixed(self, op->inputs[at.input]);
    if (!scales_with_input(op)) pin(self, op->outputs[0]);
    return true;
}

static bool connect(equalizer *self, const tmoi_op *op)
{
    const tmoi_tensor *second = tmoi_op_input(self->subgraph, op, 1);
    switch (op->code) {
    case TMOI_OP_CONV_2D:
    case TMOI_OP_DEPTHWISE_CONV_2D:
    case TMOI_OP_FULLY_CONNECTED:
    case TMOI_OP_TRANSPOSE_CONV: return connect_weighted(self, op);
    case TMOI_OP_RELU:
    case TMOI_OP_LEAKY_RELU:
    case TMOI_OP_PRELU:
    case TMOI_OP_MAX_POOL_2D:
    case TMOI_OP_AVERAGE_POOL_2D:
    case TMOI_OP_RESIZE_BILINEAR:
    case TMOI_OP_RESIZE_NEAREST_NEIGHBOR: return scales_with_input(op) && join_all(self, op, 1);
    case TMOI_OP_ADD:
    case TMOI_OP_SUB:
    case TMOI_OP_MAXIMUM:
    case TMOI_OP_MINIMUM: return scales_with_input(op) && second && !second->data && join_all(self, op, 2);
    case TMOI_OP_MUL: return scales_with_input(op) && join_product(self, op);
    case TMOI_OP_CONCATENATION: return join_concatenation(self, op);
    case TMOI_OP_PAD: return join_pad(self, op);
    case TMOI_OP_RESHAPE: return join_reshape(self, op);
    case TMOI_OP_MEAN: return join_mean(self, op);
    default: return false;
    }
}

/* ---- the factors ---- */

static float share(float part, float whole)
{
    return whole > 0 && part > 0 ? part / whole : 0;
}

/* A channel's factor is the largest share of a tensor's range that it takes up anywhere, so that no tensor's range grows. */
static void measure(equalizer *self, int32_t tensor)
{
    const tmoi_channel_ranges *ranges = &self->ranges[tensor];
    float low = 0, high = 0;
    for (int32_t c = 0; c < ranges->channels; c++) {
        low = fminf(low, ranges->min[c]);
        high = fmaxf(high, ranges->max[c]);
    }
    for (int32_t c = 0; c < ranges->channels; c++) {
        float here = fmaxf(share(-ranges->min[c], -low), share(ranges->max[c], high));
        float *factor = &self->factor[root_of(self, self->first[tensor] + c)];
        *factor = fmaxf(*factor, here);
    }
}

/* Where weights are mixed, half of the unevenness (in decibel) goes to them. */
static void finish_factors(equalizer *self, int32_t nodes, int32_t *scaled)
{
    for (int32_t k = 0; k < nodes; k++) {
        if (self->parent[k] != k) continue;
        float factor = fmaxf(self->factor[k], least_share);
        if (self->pinned[k] || self->factor[k] <= 0) factor = 1;
        self->factor[k] = self->mixed[k] ? powf(factor, 0.75f) : factor;
        *scaled += factor != 1;
    }
}

static float factor_of(equalizer *self, int32_t tensor, int64_t channel)
{
    return self->factor[root_of(self, self->first[tensor] + (int32_t)channel)];
}

static tmo_status apply(equalizer *self, int32_t k, tmoi_ctx *ctx)
{
    const tmoi_op *op = &self->subgraph->ops[k];
    tmoi_weighted at;
    float *values, *bias;
    if (!is_scalable(self, op, &at)) return TMO_STATUS_OK;
    int32_t input = op->inputs[at.input], output = op->outputs[0];
    const tmoi_shape shape = tmoi_op_input(self->subgraph, op, at.weights)->shape;
    bool has_bias = tmoi_op_input(self->subgraph, op, at.bias) != NULL;
    int64_t outputs = shape.dims[at.axis], inner = tmoi_shape_product(&shape, at.axis + 1, shape.rank);
    int64_t channels = channels_of(self, input),
            inputs = at.input_axis < 0 ? outputs : shape.dims[at.input_axis];
    int64_t multiplier = at.input_axis < 0 ? outputs / channels : 1;
    TMO_TRY(tmoi_own_weights(self->graph, self->index, k, &at, &values, ctx));
    for (int64_t i = 0; i < tmoi_shape_count(&shape); i++) {
        int64_t o = i / inner % outputs, c = at.input_axis < 0 ? o / multiplier : i % inputs % channels;
        values[i] *= factor_of(self, input, c) / factor_of(self, output, o);
    }
    if (!has_bias) return TMO_STATUS_OK;
    TMO_TRY(tmoi_own_bias(self->graph, self->index, k, &at, outputs, &bias, ctx));
    for (int64_t o = 0; o < outputs; o++) bias[o] /= factor_of(self, output, o);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status number_nodes(equalizer *self, tmoi_arena *arena, int32_t *nodes, tmoi_ctx *ctx)
{
    *nodes = 0;
    TMO_TRY(tmoi_arena_new(arena, &self->first, (size_t)self->subgraph->tensor_count, ctx));
    for (int32_t k = 0; k < self->subgraph->tensor_count; k++) {
        self->first[k] = self->ranges[k].channels > 0 ? *nodes : -1;
        *nodes += self->ranges[k].channels;
    }
    TMO_TRY(tmoi_arena_new(arena, &self->parent, (size_t)*nodes, ctx));
    TMO_TRY(tmoi_arena_new(arena, &self->pinned, (size_t)*nodes, ctx));
    TMO_TRY(tmoi_arena_new(arena, &self->mixed, (size_t)*nodes, ctx));
    TMO_TRY(tmoi_arena_new(arena, &self->factor, (size_t)*nodes, ctx));
    for (int32_t k = 0; k < *nodes; k++) self->parent[k] = k;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_equalize(tmoi_graph *graph, int32_t index, const tmoi_channel_ranges *ranges, int32_t *scaled,
                         tmoi_ctx *ctx)
{
    tmoi_subgraph *subgraph = &graph->subgraphs[index];
    equalizer self = {.graph = graph, .subgraph = subgraph, .index = index, .ranges = ranges};
    int32_t nodes, tensors = subgraph->tensor_count;
    tmoi_arena arena;
    tmoi_arena_init(&arena, &ctx->allocator);
    *scaled = 0;
    TMO_TRY(number_nodes(&self, &arena, &nodes, ctx));
    for (int32_t k = 0; k < subgraph->input_count; k++) pin(&self, subgraph->inputs[k]);
    for (int32_t k = 0; k < subgraph->output_count; k++) pin(&self, subgraph->outputs[k]);
    for (int32_t k = 0; k < subgraph->op_count; k++)
        if (!connect(&self, &subgraph->ops[k])) pin_operator(&self, &subgraph->ops[k]);
    for (int32_t k = 0; k < tensors; k++)
        if (self.first[k] >= 0) measure(&self, k);
    finish_factors(&self, nodes, scaled);
    for (int32_t k = 0; k < subgraph->op_count; k++) TMO_TRY(apply(&self, k, ctx));
fail:
    tmoi_arena_clear(&arena);
    return ctx->error.status;
}
