/* Post-training quantization: the whole way from a float graph to a quantized one. */
#ifndef TMOI_OPTIMIZE_QUANTIZE_H
#define TMOI_OPTIMIZE_QUANTIZE_H

#include "optimize/calibrate.h"
#include "optimize/select.h"
#include "tmo/quantize.h"

/* An operator left in float; the texts live in the graph or are static. */
typedef struct tmoi_float_op {
    int32_t subgraph, op;
    const char *reason;
} tmoi_float_op;

typedef struct tmoi_quantize_result {
    tmoi_graph *graph; /* owned by the caller */
    int32_t operators, quantized;
    tmoi_float_op *float_ops; /* in the graph's arena */
    int32_t float_op_count;
    int64_t samples;
} tmoi_quantize_result;

/* `options` are checked and have their defaults filled in. `source` may be NULL for schemes that measure nothing. */
tmo_status tmoi_quantize(tmoi_quantize_result *out, const tmoi_graph *graph, const tmoi_sample_source *source,
                         const tmo_quantize_options *options, tmoi_ctx *ctx);

/* ---- the schemes that need no samples: they change the weights in place of `graph`, an own graph ---- */

/* Float constants of at least so many elements become float16 with a DEQUANTIZE. */
tmo_status tmoi_store_float16(tmoi_graph *graph, const tmoi_selection *keep_float,
                              tmoi_quantize_result *result, tmoi_ctx *ctx);
/* int8 weights that the runtime multiplies with activations quantized while it runs. */
tmo_status tmoi_store_dynamic(tmoi_graph *graph, const tmo_quantize_options *options,
                              const tmoi_selection *keep_float, tmoi_quantize_result *result, tmoi_ctx *ctx);
/* int8 or int4 weights that are read back as float. */
tmo_status tmoi_store_weights(tmoi_graph *graph, const tmo_quantize_options *options,
                              const tmoi_selection *keep_float, tmoi_quantize_result *result, tmoi_ctx *ctx);

/* Adds an operator to result->float_ops. */
tmo_status tmoi_quantize_add_float(tmoi_quantize_result *result, int32_t subgraph, int32_t op,
                                   const char *reason, tmoi_ctx *ctx);

#endif
