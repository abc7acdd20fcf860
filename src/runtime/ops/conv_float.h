/* CONV_2D with float weights: the parts of its operator definition. */
#ifndef TMOI_RUNTIME_OPS_CONV_FLOAT_H
#define TMOI_RUNTIME_OPS_CONV_FLOAT_H

#include "runtime/op.h"

tmo_status tmoi_conv_float_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx);
tmo_status tmoi_conv_float_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx);
void tmoi_conv_float_begin(tmoi_exec *exec, tmoi_node *node);
void tmoi_conv_float_rows(const tmoi_node *node, int64_t row_begin, int64_t row_end, int32_t thread);
bool tmoi_conv_float_span(const tmoi_exec *exec, const tmoi_node *node, tmoi_row_span *out);
bool tmoi_conv_float_pads_residual(const tmoi_exec *exec, const tmoi_node *node);

#endif
