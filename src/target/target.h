/* Targets: what a device, a runtime or an accelerator publishes about the models that it runs, held against a graph.
 *
 * Each target is a table of rules (rule.h) in a file of its own: an operator, the element types of its data, and the
 * constraints on its shapes, options and quantization. What a target does beyond single operators (the Edge TPU's single
 * partition, the runtime version that LiteRT needs) stands beside its table. */
#ifndef TMOI_TARGET_TARGET_H
#define TMOI_TARGET_TARGET_H

#include "model/graph.h"
#include "tmo/check.h"

typedef struct tmoi_finding {
    int32_t subgraph, op; /* -1: the model as a whole */
    const char *name;     /* of the operator, or "" */
    tmo_severity severity;
    const char *text;
} tmoi_finding;

typedef struct tmoi_target_report {
    tmoi_arena arena; /* of everything below */
    tmoi_finding *findings;
    int32_t count, capacity;
    int32_t operators, accelerated;
} tmoi_target_report;

void tmoi_target_report_init(tmoi_target_report *report, const tmo_allocator *allocator);
void tmoi_target_report_clear(tmoi_target_report *report);

/* Adds what `target` has to say about `graph`, which passed tmoi_graph_validate(). */
tmo_status tmoi_target_check(tmoi_target_report *report, const tmoi_graph *graph, tmo_target target,
                             tmoi_ctx *ctx);

#endif
