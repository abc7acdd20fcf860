/* The weights and the bias of a convolution or matrix product as integers. */
#include <math.h>

#include "base/alloc.h"
#include "optimize/integer_private.h"
#include "rewrite/helpers.h"

typedef struct weighted {
    tmoi_weighted at;
    tmoi_tensor weights, bias; /* copies of the float tensors' descriptions */
    bool has_bias;
    int64_t outputs; /* output channels */
    float input_scale;
    float *scales;     /* [outputs], or [1] per tensor */
    double *real_bias; /* [outputs] */
    int8_t *rounded;   /* the integers of the weights */
} weighted;

static float scale_of(const weighted *self, const tmoi_weights *weights, int64_t output)
{
    return self->scales[weights->axis < 0 ? 0 : output];
}

/* A scale below which the bias would not fit in 32 bits: at the least, the bias takes half of them. Source: TFLite,
 * quantization_utils.cc, AdjustWeightsForBiasScale. */
static void make_room_for_bias(weighted *self, const tmoi_weights *weights)
{
    for (int64_t o = 0; o < self->outputs; o++) {
        double least = 2 * fabs(self->real_bias[o]) / INT32_MAX / (double)self->input_scale;
        float *scale = &self->scales[weights->axis < 0 ? 0 : o];
        if ((double)*scale < least) *scale = (float)least;
    }
}

/* The mean of the error that rounding the weights adds to each output comes off the bias: E[(w' - w) x] by the input's mean.
 * Source: Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction" (2019), section 4.2. */
static void correct_bias(weighted *self, const tmoi_weights *weights, const tmoi_statistics *input)
{
    const tmoi_shape *shape = &weights->shape;
    bool depthwise = self->at.input_axis < 0;
    int64_t inputs = depthwise ? self->outputs : shape->dims[self->at.input_axis];
    if (!input->seen || input->count == 0 || input->channels < 1 || inputs % input->channels != 0) return;
    int64_t multiplier = depthwise ? inputs / input->channels : 1;
    int64_t inner = tmoi_shape_product(shape, self->at.axis + 1, shape->rank);
    for (int64_t k = 0; k < tmoi_shape_count(shape); k++) {
        int64_t output = k / inner % self->outputs;
        int64_t channel = depthwise ? output / multiplier : k % inputs % input->channels;
        double error = (double)(scale_of(self, weights, output) * (float)self->rounded[k]) -
                       (double)weights->values[k];
        self->real_bias[output] -= error * input->channel_sum[channel] / input->count;
    }
}

static tmo_status add_weights(const tmoi_emitter *emitter, const weighted *self, const tmoi_weights *weights,
                              int32_t *out, tmoi_ctx *ctx)
{
    tmoi_graph *graph = emitter->graph;
    tmoi_tensor *made;
    TMO_TRY(tmoi_graph_add_tensor(graph, emitter->index, self->weights.name, TMO_TYPE_INT8, &weights->shape,
                                  out, ctx));
    made = &graph->subgraphs[emitter->index].tensors[*out];
    TMO_TRY(tmoi_graph_set_data(graph, made, self->rounded, (size_t)tmoi_shape_count(&weights->shape), ctx));
    TMO_TRY(tmoi_graph_set_quant(graph, made, (int32_t)tmoi_weights_channels(weights),
                                 weights->axis < 0 ? 0 : weights->axis, self->scales, NULL, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static double clamped(double x, double limit)
{
    return x > limit ? limit : x < -limit ? -limit : x;
}

static tmo_status add_bias(const tmoi_emitter *emitter, const weighted *self, const tmoi_weights *weights,
                           int32_t *out, tmoi_ctx *ctx)
{
    tmoi_graph *graph = emitter->graph;
    bool wide = emitter->plan->bits == 16;
    int32_t count = (int32_t)tmoi_weights_channels(weights);
    const tmoi_shape shape = {1, {(int32_t)self->outputs}};
    tmoi_tensor *made;
    float *scales = NULL;
    void *data;
    TMO_TRY(tmoi_graph_add_tensor(graph, emitter->index, self->bias.name,
                                  wide ? TMO_TYPE_INT64 : TMO_TYPE_INT32, &shape, out, ctx));
    made = &graph->subgraphs[emitter->index].tensors[*out];
    TMO_TRY(tmoi_graph_new_data(
        graph, made, (size_t)self->outputs * (wide ? sizeof(int64_t) : sizeof(int32_t)), &data, ctx));
    TMO_TRY(tmoi_new(ctx, &scales, (size_t)count));
    for (int32_t c = 0; c < count; c++) scales[c] = self->input_scale * self->scales[c];
    for (int64_t o = 0; o < self->outputs; o++) {
        double stored = clamped(round(self->real_bias[o] / (double)scales[count == 1 ? 0 : o]), INT32_MAX);
        if (wide)
            ((int64_t *)data)[o] = (int64_t)stored;
        else
            ((int32_t *)data)[o] = (int32_t)stored;
    }
    TMO_TRY(tmoi_graph_set_quant(graph, made, count, 0, scales, NULL, ctx));
    tmoi_release(&ctx->allocator, scales);
    return TMO_STATUS_OK;
fail:
    tmoi_release(&ctx->allocator, scales);
    return ctx->error.status;
}

static tmo_status describe(weighted *self, const tmoi_emitter *emitter, const tmoi_op *op, tmoi_ctx *ctx)
{
    const tmoi_subgraph *subgraph = &emitter->graph->subgraphs[emitter->index];
    const tmoi_tensor *bias;
    (void)tmoi_weighted_of(op, &self->at);
    bias = tmoi_op_input(subgraph, op, self->at.bias);
    self->weights = *tmoi_op_input(subgraph, op, self->at.weights);
    self->has_bias = bias != NULL;
    if (bias) self->bias = *bias;
    self->outputs = self->weights.shape.dims[self->at.axis];
    self->input_scale = emitter->subgraph_plan->params[op->inputs[self->at.input]].scale;
    TMO_FAIL_IF(bias && tmoi_tensor_count(bias) != self->outputs, INVALID_MODEL, ctx,
                "quantize: bias '%s' has %lld elements, its weights %lld channels", bias->name,
                (long long)tmoi_tensor_count(bias), (long long)self->outputs);
    TMO_TRY(tmoi_new(ctx, &self->scales, (size_t)self->outputs));
    TMO_TRY(tmoi_new(ctx, &self->real_bias, (size_t)self->outputs));
    TMO_TRY(tmoi_new(ctx, &self->rounded, (size_t)tmoi_tensor_count(&self->weights)));
    for (int64_t o = 0; bias && o < self->outputs; o++)
        self->real_bias[o] = (double)((const float *)bias->data)[o];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void release(weighted *self, tmoi_ctx *ctx)
{
    tmoi_release(&ctx->allocator, self->scales);
    tmoi_release(&ctx->allocator, self->real_bias);
    tmoi_release(&ctx->allocator, self->rounded);
}

tmo_status tmoi_emit_weights(const tmoi_emitter *emitter, const tmoi_op *op, int32_t *inputs, tmoi_ctx *ctx)
{
    weighted self = {.scales = NULL};
    const tmoi_integer_config *config = emitter->config;
    TMO_TRY(describe(&self, emitter, op, ctx));
    tmoi_weights weights = {self.weights.data, self.weights.shape, config->per_tensor ? -1 : self.at.axis, 8};
    tmoi_weights_scales(&weights, config->weight_range, self.scales);
    make_room_for_bias(&self, &weights);
    tmoi_weights_round(&weights, self.scales, self.rounded);
    if (config->bias_correction && self.has_bias && op->code != TMOI_OP_TRANSPOSE_CONV)
        correct_bias(&self, &weights, &emitter->statistics[op->inputs[self.at.input]]);
    TMO_TRY(add_weights(emitter, &self, &weights, &inputs[self.at.weights], ctx));
    if (self.has_bias) TMO_TRY(add_bias(emitter, &self, &weights, &inputs[self.at.bias], ctx));
    release(&self, ctx);
    return TMO_STATUS_OK;
fail:
    release(&self, ctx);
    return ctx->error.status;
}
