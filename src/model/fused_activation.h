/* Activations that operators apply to their own result: shared by the rewrites and the runtime's lowering. */
#ifndef TMOI_MODEL_FUSED_ACTIVATION_H
#define TMOI_MODEL_FUSED_ACTIVATION_H

#include "model/graph.h"

/* The fused activation of an operator that has one and whose kernels honour it; NULL otherwise. */
const int8_t *tmoi_fused_activation(const tmoi_op *op);
/* Gives such an operator another one, in options of its own from `arena`. */
tmo_status tmoi_set_fused_activation(tmoi_arena *arena, tmoi_op *op, int32_t activation, tmoi_ctx *ctx);

/* What RELU, RELU6 and RELU_N1_TO_1 are when fused; TMOI_ACTIVATION_NONE for other operators. */
int32_t tmoi_activation_of(int32_t op_code);
/* What `first` and then `second` do as one; -1 when no single activation does it. */
int32_t tmoi_activation_combine(int32_t first, int32_t second);

#endif
