/* CONV_2D with float weights by Winograd's algorithm. */
#ifndef TMOI_RUNTIME_OPS_WINOGRAD_FLOAT_H
#define TMOI_RUNTIME_OPS_WINOGRAD_FLOAT_H

#include "kernels/winograd/winograd.h"
#include "runtime/ops/form.h"
#include "runtime/ops/operand.h"

typedef struct tmoi_winograd_float {
    tmoi_winograd_conv conv;   /* shape, low and high are set by the operator */
    const tmoi_value *weights; /* float32, float16, or integers with a scale for each output channel: */
    const float *scales;
    tmoi_form filter;
    tmoi_thread_scratch scratch;
} tmoi_winograd_float;

/* Whether the operator should be computed so. */
bool tmoi_winograd_float_applies(const tmoi_exec *exec, const tmoi_node *node, const tmoi_conv_shape *shape);
tmo_status tmoi_winograd_float_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_winograd_float *state,
                                       tmoi_ctx *ctx);

/* Once a run; bias may be NULL. */
void tmoi_winograd_float_begin(const tmoi_node *node, tmoi_winograd_float *state, const float *bias);
/* All rows, or some, of output 0, and what is fused. */
void tmoi_winograd_float_run(tmoi_exec *exec, tmoi_node *node, const tmoi_winograd_float *state);
void tmoi_winograd_float_rows(const tmoi_node *node, const tmoi_winograd_float *state, int64_t row_begin,
                              int64_t row_end, int32_t thread);

#endif
