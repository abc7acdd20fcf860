/* How much noise in an activation matters: by how much the power of noise in one channel grows on its way to the outputs.
 *
 * A linear model of independent noise: a convolution passes on the sum of its squared weights, a sum of activations passes on
 * all, a rectifier half, and so on. Only ratios mean anything. */
#ifndef TMOI_OPTIMIZE_IMPORTANCE_H
#define TMOI_OPTIMIZE_IMPORTANCE_H

#include "optimize/calibrate.h"

/* (*out)[tensor][channel], NULL for tensors that were not measured; in the arena. Each output of the subgraph counts by its
 * own power. The statistics are of the first `known` tensors; those after them are constants. */
tmo_status tmoi_importance_of(double ***out, const tmoi_subgraph *subgraph, const tmoi_statistics *statistics,
                              int32_t known, tmoi_arena *arena, tmoi_ctx *ctx);

#endif
