/* Transposed convolution with float weights, for TRANSPOSE_CONV, Convolution2DTransposeBias and CONV_3D_TRANSPOSE. */
#ifndef TMOI_RUNTIME_OPS_TRANSPOSE_CONV_FLOAT_H
#define TMOI_RUNTIME_OPS_TRANSPOSE_CONV_FLOAT_H

#include "kernels/transpose_conv/transpose_conv_f32.h"
#include "runtime/ops/form.h"
#include "runtime/ops/operand.h"

typedef struct tmoi_transpose_float {
    tmoi_transpose_conv_f32 conv; /* its shape is set by the operator */
    /* Of the filter, set by the operator: strides of taps, input and output channels. */
    ptrdiff_t tap_stride, k_stride, n_stride;
    const tmoi_value *input, *weights;
    tmoi_form filter;
    tmoi_operand bias;
    tmoi_thread_scratch scratch;
} tmoi_transpose_float;

/* bias may be NULL. */
tmo_status tmoi_transpose_float_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_transpose_float *state,
                                        const tmoi_value *bias, int32_t activation, tmoi_ctx *ctx);
/* To output 0, and what is fused. */
void tmoi_transpose_float_run(tmoi_exec *exec, const tmoi_node *node, tmoi_transpose_float *state);

#endif
