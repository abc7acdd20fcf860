/* How much arithmetic an operator does. */
#ifndef TMOI_MODEL_MACS_H
#define TMOI_MODEL_MACS_H

#include "model/graph.h"

/* The multiply-accumulates of one run of `op`, for the shapes that the graph declares: of convolutions, matrix products
 * and recurrent cells. Everything else, and operators whose inputs are missing or of an unexpected rank, count 0; so do
 * IF, WHILE and CALL_ONCE, whose subgraphs have operators of their own. Padding is counted as if it were data. Stops at
 * UINT64_MAX instead of wrapping. */
uint64_t tmoi_op_macs(const tmoi_subgraph *subgraph, const tmoi_op *op);

#endif
