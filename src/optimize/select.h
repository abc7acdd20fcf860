/* Picking operators of a model by name, type, index or regular expression, as tmo_quantize_options.keep_float does. */
#ifndef TMOI_OPTIMIZE_SELECT_H
#define TMOI_OPTIMIZE_SELECT_H

#include "model/graph.h"

typedef struct tmoi_selection tmoi_selection;

/* Matches `text` (entries separated by commas, may be NULL) against the operators of `source`. Fails with INVALID_ARGUMENT for an
 * entry that matches no operator or is no valid expression. */
tmo_status tmoi_selection_make(tmoi_selection **out, const char *text, const tmoi_graph *source,
                               tmoi_ctx *ctx);
/* Accepts NULL. */
void tmoi_selection_free(tmoi_selection *selection);

/* Moves the choice from `source` to a graph that rewrites made of it: an operator that was fused into another one stands for it.
 * Operators are found again by the names of their output tensors. */
tmo_status tmoi_selection_follow(tmoi_selection *selection, const tmoi_graph *source, const tmoi_graph *graph,
                                 tmoi_ctx *ctx);

/* Whether the operator of the graph last followed to was chosen. */
bool tmoi_selection_has(const tmoi_selection *selection, int32_t subgraph, int32_t op);

#endif
