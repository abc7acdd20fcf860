/* What the files of integer quantization share. */
#ifndef TMOI_OPTIMIZE_INTEGER_PRIVATE_H
#define TMOI_OPTIMIZE_INTEGER_PRIVATE_H

#include "optimize/integer.h"

/* Makes one subgraph anew, operator by operator. */
typedef struct tmoi_emitter {
    tmoi_graph *graph;
    int32_t index; /* of the subgraph */
    const tmoi_integer_plan *plan;
    const tmoi_subgraph_plan *subgraph_plan;
    const tmoi_statistics *statistics; /* of the subgraph's float tensors */
    const tmoi_integer_config *config;
    bool is_entry;       /* a caller of the model gives and takes its tensors, not another subgraph */
    int32_t *integer_of; /* a float tensor's integer form, or -1 */
    int32_t *float_of;   /* a tensor's float form, or -1 */
} tmoi_emitter;

/* Adds the integer weights and bias of a weighted operator to the graph and puts them into `inputs`, a copy of the operator's
 * list. */
tmo_status tmoi_emit_weights(const tmoi_emitter *emitter, const tmoi_op *op, int32_t *inputs, tmoi_ctx *ctx);

#endif
