/* The parts of tmoi_graph_validate(). */
#ifndef TMOI_MODEL_VALIDATE_H
#define TMOI_MODEL_VALIDATE_H

#include "model/graph.h"

/* Checks one tensor by itself: type, shape, quantization, and that its data fit them. */
tmo_status tmoi_tensor_validate(const tmoi_subgraph *subgraph, const tmoi_tensor *tensor, tmoi_ctx *ctx);

/* Checks the sparsity of a tensor so far that expanding its data needs no further checks. *stored becomes the number of
 * elements that its data hold. */
tmo_status tmoi_sparsity_validate(const tmoi_tensor *tensor, int64_t *stored, tmoi_ctx *ctx);

#endif
