/* Hybrid operators: float activations, integer weights. */
#ifndef TMOI_RUNTIME_OPS_HYBRID_H
#define TMOI_RUNTIME_OPS_HYBRID_H

#include "kernels/conv/conv.h"
#include "runtime/op.h"

/* Whether a CONV_2D with a float input multiplies floats: its weights are floats, or integers that are better dequantized once,
 * when they are packed. That is where quantizing the input and scaling the sums costs more than products of integers
 * gain, or where Winograd's algorithm saves more. In reference arithmetic never with integer weights. */
bool tmoi_hybrid_runs_in_float(const tmoi_exec *exec, const tmoi_node *node, const tmoi_conv_shape *shape);

#endif
