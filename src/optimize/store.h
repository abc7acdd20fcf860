/* Which inputs of an operator are weights, and constants in other types: what the schemes without samples share. */
#ifndef TMOI_OPTIMIZE_STORE_H
#define TMOI_OPTIMIZE_STORE_H

#include "optimize/quantize.h"
#include "optimize/weights.h"

enum { TMOI_MAX_WEIGHT_INPUTS = 32 };

typedef struct tmoi_weight_inputs {
    int32_t inputs[TMOI_MAX_WEIGHT_INPUTS]; /* numbers of inputs that are weights */
    int32_t count;
    int32_t axis; /* of the output channels, or -1: one scale for all */
    bool hybrid;  /* the stock runtime multiplies int8 weights with float activations */
    bool all;     /* its kernel wants all its weights in one type */
} tmoi_weight_inputs;

/* The weights of an operator that are dense float constants and worth storing smaller; count 0 for other operators. With
 * `per_tensor` the axis is -1. Weights of fewer than `least` elements do not count, unless the kernel wants all in one type. */
tmoi_weight_inputs tmoi_weight_inputs_of(const tmoi_subgraph *subgraph, const tmoi_op *op, bool per_tensor,
                                         int64_t least);

/* Adds a constant with the integers of a float constant (4 bits: two an element's byte) and its scales. */
tmo_status tmoi_add_integer_constant(tmoi_graph *graph, int32_t subgraph, int32_t tensor, int32_t axis,
                                     int32_t bits, int32_t weight_range, int32_t *out, tmoi_ctx *ctx);

/* Makes a constant tensor the output of a new DEQUANTIZE of `stored` at the start of the subgraph. */
tmo_status tmoi_read_through_dequantize(tmoi_graph *graph, int32_t subgraph, int32_t tensor, int32_t stored,
                                        tmoi_ctx *ctx);

/* Whether the operator has weights that are float constants. */
bool tmoi_has_float_weights(const tmoi_subgraph *subgraph, const tmoi_op *op);

#endif
