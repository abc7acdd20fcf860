/* Full integer quantization in two steps: a plan, which says what becomes an integer with which parameters, and then the graph
 * made anew by it. */
#ifndef TMOI_OPTIMIZE_INTEGER_H
#define TMOI_OPTIMIZE_INTEGER_H

#include "optimize/calibrate.h"
#include "optimize/op_rules.h"
#include "optimize/weights.h"

typedef enum tmoi_op_decision {
    TMOI_DECISION_PASS, /* has no float tensors: stays as it is */
    TMOI_DECISION_QUANTIZE,
    TMOI_DECISION_FLOAT /* reason says why */
} tmoi_op_decision;

typedef struct tmoi_op_plan {
    tmoi_op_decision decision;
    const char *reason; /* of FLOAT */
} tmoi_op_plan;

typedef struct tmoi_subgraph_plan {
    tmoi_op_plan *ops;
    bool *has_params;    /* a tensor: some quantized operator reads or makes it */
    tmoi_affine *params; /* a tensor */
    tmoi_range *ranges;  /* a tensor: what `params` were made for */
} tmoi_subgraph_plan;

typedef struct tmoi_integer_plan {
    int32_t bits; /* of activations: 8 or 16 */
    tmoi_subgraph_plan *subgraphs;
} tmoi_integer_plan;

typedef struct tmoi_integer_config {
    tmoi_range_rule range;
    int32_t weight_range;
    bool per_tensor;
    bool bias_correction;
    int32_t io; /* a tmo_quantize_io */
    const char *(*keep_float)(void *user, int32_t subgraph,
                              int32_t op); /* why an operator stays float, or NULL */
    void *keep_float_user;
} tmoi_integer_config;

/* The plan lives in `arena`. `graph` is the float graph that was calibrated. */
tmo_status tmoi_integer_plan_make(tmoi_integer_plan *out, const tmoi_graph *graph,
                                  const tmoi_calibration *calibration, const tmoi_integer_config *config,
                                  tmoi_arena *arena, tmoi_ctx *ctx);

/* Makes the graph an integer one. Called once for each operator left in float: `report`. */
typedef struct tmoi_float_report {
    tmo_status (*add)(void *user, int32_t subgraph, int32_t op, const char *reason, tmoi_ctx *ctx);
    void *user;
} tmoi_float_report;

tmo_status tmoi_integer_apply(tmoi_graph *graph, const tmoi_integer_plan *plan,
                              const tmoi_calibration *calibration, const tmoi_integer_config *config,
                              const tmoi_float_report *report, tmoi_ctx *ctx);

#endif
