#include "model/macs.h"

#include <string.h>

static uint64_t multiply(uint64_t a, uint64_t b)
{
    return a && b > UINT64_MAX / a ? UINT64_MAX : a * b;
}

static uint64_t add(uint64_t a, uint64_t b)
{
    return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

/* The product of dims[begin .. end-1]; 0 when a dimension is not positive. */
static uint64_t extent(const tmoi_shape *shape, int32_t begin, int32_t end)
{
    uint64_t product = 1;
    for (int32_t k = begin; k < end; k++) {
        if (shape->dims[k] < 1) return 0;
        product = multiply(product, (uint64_t)shape->dims[k]);
    }
    return product;
}

static uint64_t elements(const tmoi_shape *shape)
{
    return extent(shape, 0, shape->rank);
}

static const tmoi_shape *input_shape(const tmoi_subgraph *subgraph, const tmoi_op *op, int32_t k,
                                     int32_t min_rank)
{
    const tmoi_tensor *tensor = tmoi_op_input(subgraph, op, k);
    return tensor && tensor->shape.rank >= min_rank ? &tensor->shape : NULL;
}

static const tmoi_shape *output_shape(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    const tmoi_tensor *tensor = tmoi_op_output(subgraph, op, 0);
    return tensor ? &tensor->shape : NULL;
}

/* Filter [O, H, W, I / groups]. */
static uint64_t conv_2d(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    const tmoi_shape *filter = input_shape(subgraph, op, 1, 4), *out = output_shape(subgraph, op);
    return filter && out ? multiply(elements(out), extent(filter, 1, 4)) : 0;
}

/* Filter [1, H, W, O]. */
static uint64_t depthwise_conv_2d(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    const tmoi_shape *filter = input_shape(subgraph, op, 1, 4), *out = output_shape(subgraph, op);
    return filter && out ? multiply(elements(out), extent(filter, 1, 3)) : 0;
}

/* Filter [D, H, W, I, O]. */
static uint64_t conv_3d(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    const tmoi_shape *filter = input_shape(subgraph, op, 1, 5), *out = output_shape(subgraph, op);
    return filter && out ? multiply(elements(out), extent(filter, 0, 4)) : 0;
}

/* Inputs are output shape, filter [O, H, W, I], image; each input value meets each filter value of its channel. */
static uint64_t transpose_conv(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    const tmoi_shape *filter = input_shape(subgraph, op, 1, 4), *in = input_shape(subgraph, op, 2, 4);
    return filter && in ? multiply(elements(in), extent(filter, 0, 3)) : 0;
}

/* As TRANSPOSE_CONV with filter [D, H, W, O, I]. */
static uint64_t conv_3d_transpose(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    const tmoi_shape *filter = input_shape(subgraph, op, 1, 5), *in = input_shape(subgraph, op, 2, 5);
    return filter && in ? multiply(elements(in), extent(filter, 0, 4)) : 0;
}

/* Weights [O, I]; the input is taken as rows of I values. */
static uint64_t fully_connected(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    const tmoi_shape *in = input_shape(subgraph, op, 0, 0), *weights = input_shape(subgraph, op, 1, 2);
    return in && weights ? multiply(elements(in), extent(weights, 0, weights->rank - 1)) : 0;
}

static uint64_t batch_matmul(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    const tmoi_shape *x = input_shape(subgraph, op, 0, 2), *out = output_shape(subgraph, op);
    if (!x || !out) return 0;
    int32_t reduced = tmoi_op_options(op, batch_mat_mul_options)->adj_x ? x->rank - 2 : x->rank - 1;
    return multiply(elements(out), extent(x, reduced, reduced + 1));
}

/* LSTM of the basic kind has one matrix for all gates; its other inputs of rank 2 are activations. */
static bool is_weight(const tmoi_op *op, int32_t k)
{
    return op->code != TMOI_OP_LSTM || op->input_count != 5 || k == 2;
}

/* Every row of the input (a time step of a sequence) meets each weight matrix once: RNN, SVDF and LSTM in all forms. */
static uint64_t recurrent(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    const tmoi_shape *in = input_shape(subgraph, op, 0, 2);
    uint64_t weights = 0;
    if (!in) return 0;
    for (int32_t k = 1; k < op->input_count; k++) {
        const tmoi_tensor *tensor = tmoi_op_input(subgraph, op, k);
        if (tensor && tensor->shape.rank == 2 && !tensor->is_variable && is_weight(op, k))
            weights = add(weights, elements(&tensor->shape));
    }
    return multiply(extent(in, 0, in->rank - 1), weights);
}

/* Input, filter [O, H, W, I], bias. */
static uint64_t custom(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    if (!op->custom_code || strcmp(op->custom_code, "Convolution2DTransposeBias") != 0) return 0;
    const tmoi_shape *in = input_shape(subgraph, op, 0, 4), *filter = input_shape(subgraph, op, 1, 4);
    return in && filter ? multiply(elements(in), extent(filter, 0, 3)) : 0;
}

uint64_t tmoi_op_macs(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    switch (op->code) {
    case TMOI_OP_CONV_2D: return conv_2d(subgraph, op);
    case TMOI_OP_DEPTHWISE_CONV_2D: return depthwise_conv_2d(subgraph, op);
    case TMOI_OP_CONV_3D: return conv_3d(subgraph, op);
    case TMOI_OP_TRANSPOSE_CONV: return transpose_conv(subgraph, op);
    case TMOI_OP_CONV_3D_TRANSPOSE: return conv_3d_transpose(subgraph, op);
    case TMOI_OP_FULLY_CONNECTED: return fully_connected(subgraph, op);
    case TMOI_OP_BATCH_MATMUL: return batch_matmul(subgraph, op);
    case TMOI_OP_RNN:
    case TMOI_OP_UNIDIRECTIONAL_SEQUENCE_RNN:
    case TMOI_OP_BIDIRECTIONAL_SEQUENCE_RNN:
    case TMOI_OP_LSTM:
    case TMOI_OP_UNIDIRECTIONAL_SEQUENCE_LSTM:
    case TMOI_OP_BIDIRECTIONAL_SEQUENCE_LSTM:
    case TMOI_OP_SVDF: return recurrent(subgraph, op);
    case TMOI_OP_CUSTOM: return custom(subgraph, op);
    default: return 0;
    }
}
