/* What several rewrites need. */
#ifndef TMOI_REWRITE_HELPERS_H
#define TMOI_REWRITE_HELPERS_H

#include "model/fused_activation.h"
#include "model/graph.h"

static inline bool tmoi_is_constant(const tmoi_tensor *tensor)
{
    return tensor && tensor->data && !tensor->is_variable;
}

/* A dense float32 constant, not quantized. */
bool tmoi_is_float_constant(const tmoi_tensor *tensor);
/* The number of elements of a tensor whose shape is valid. */
int64_t tmoi_tensor_count(const tmoi_tensor *tensor);
/* True when the constant has one element, which then is *value. */
bool tmoi_scalar_constant(const tmoi_tensor *tensor, float *value);
/* Element k of an int32 or int64 constant. */
int64_t tmoi_int_constant(const tmoi_tensor *tensor, int64_t k);

/* True when a float constant acts on the last dimension only: a scalar, or 1x1x…xC. */
bool tmoi_is_channel_constant(const tmoi_tensor *tensor, int64_t channels);
/* Its value for channel c. */
static inline float tmoi_channel_value(const tmoi_tensor *tensor, int64_t c)
{
    const float *values = tensor->data;
    return values[tmoi_tensor_count(tensor) == 1 ? 0 : c];
}

/* Where the weights of an operator with weights are; false for any other operator. */
typedef struct tmoi_weighted {
    int32_t input, weights, bias; /* numbers of inputs of the operator; `bias` may lie beyond input_count */
    int32_t axis;                 /* of the weights: the output channels */
    int32_t input_axis; /* of the weights: the input channels; -1 when it is `axis` too (depthwise) */
} tmoi_weighted;
bool tmoi_weighted_of(const tmoi_op *op, tmoi_weighted *out);

/* The float bias of a weighted operator as an array of its own in the graph, for writing: a copy of the old one, or zeros.
 * The operator then reads a new tensor. */
tmo_status tmoi_own_bias(tmoi_graph *graph, int32_t subgraph, int32_t op, const tmoi_weighted *at,
                         int64_t channels, float **out, tmoi_ctx *ctx);
/* The same for the weights. */
tmo_status tmoi_own_weights(tmoi_graph *graph, int32_t subgraph, int32_t op, const tmoi_weighted *at,
                            float **out, tmoi_ctx *ctx);

/* Takes operator `op`, whose only output equals its input number `input`, out of the subgraph. The name of a subgraph output
 * stays: then the producer of the input writes that tensor. False when neither is possible. */
bool tmoi_bypass(tmoi_graph *graph, int32_t subgraph, int32_t op, int32_t input);

#endif
