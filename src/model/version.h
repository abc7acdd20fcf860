/* What a runtime must be able to do to run an operator: versions of operators and releases of TFLite. */
#ifndef TMOI_MODEL_VERSION_H
#define TMOI_MODEL_VERSION_H

#include "model/graph.h"

/* The version to write for an operator: what its types, shapes and options ask for (op_versions.def), but at least the one it
 * came with and at most the newest that stock resolvers register. */
int32_t tmoi_op_needed_version(const tmoi_subgraph *subgraph, const tmoi_op *op);

/* The first TFLite release that runs an operator at its needed version: "2.3.0", or "" when it is not known. Static storage. */
const char *tmoi_op_min_runtime(const tmoi_subgraph *subgraph, const tmoi_op *op);

/* Whether release `a` is older than `b`: dotted numbers, compared number by number; "" is older than all. */
bool tmoi_release_before(const char *a, const char *b);

/* The first TFLite release that runs every builtin operator of the graph, at its needed version: "2.3.0"; "" when no operator
 * is known. Static storage. */
const char *tmoi_graph_min_runtime(const tmoi_graph *graph);

#endif
