/* What the operators of the convolution family share. */
#ifndef TMOI_RUNTIME_OPS_CONV_COMMON_H
#define TMOI_RUNTIME_OPS_CONV_COMMON_H

#include "kernels/conv/conv.h"
#include "runtime/ops/operand.h"

/* Whether input 1 holds float weights, of 32 or 16 bits. */
bool tmoi_weights_are_float(const tmoi_node *node);
/* Input 2, the bias of a convolution or product; NULL when left out. */
static inline const tmoi_value *tmoi_bias_of(const tmoi_node *node)
{
    return node->input_count > 2 ? node->inputs[2] : NULL;
}
/* Of a CONV_2D; of a DEPTHWISE_CONV_2D. */
tmoi_conv_shape tmoi_conv_2d_shape(const tmoi_node *node);
tmoi_conv_shape tmoi_depthwise_conv_2d_shape(const tmoi_node *node);
/* The rows that it reads. */
static inline tmoi_row_span tmoi_conv_row_span(const tmoi_conv_shape *shape)
{
    return (tmoi_row_span){shape->stride_h, shape->pad_top, (shape->filter_h - 1) * shape->dilation_h + 1};
}
/* Fails when one patch has more terms than a kernel counts. */
tmo_status tmoi_conv_check_patch(const tmoi_conv_shape *shape, tmoi_ctx *ctx);
/* int16 inputs and outputs have zero point 0. */
tmo_status tmoi_conv_check_wide(const tmoi_value *input, const tmoi_value *output, tmoi_ctx *ctx);
/* The range of a float operator's fused activation; NONE: everything, but finite floats in reference arithmetic. */
tmo_status tmoi_float_range(const tmoi_exec *exec, int32_t activation, float *low, float *high,
                            tmoi_ctx *ctx);
/* Sparse weights go through DENSIFY. */
tmo_status tmoi_require_dense(const tmoi_value *weights, tmoi_ctx *ctx);
#endif
