/* What the constants of a graph are like. */
#ifndef TMOI_REPORT_INSPECT_H
#define TMOI_REPORT_INSPECT_H

#include "model/graph.h"

typedef struct tmoi_weight_stats {
    uint64_t elements, zeros, distinct, not_finite;
    double min, max; /* of the real, finite values */
} tmoi_weight_stats;

/* The tensor must be constant and of a real type (report/values.h). */
tmo_status tmoi_weight_stats_of(tmoi_weight_stats *out, const tmoi_tensor *tensor, tmoi_ctx *ctx);

typedef struct tmoi_graph_stats {
    int32_t ops, float_ops, integer_ops;
    uint64_t macs, weight_bytes, weights, zero_weights;
} tmoi_graph_stats;

tmo_status tmoi_graph_stats_of(tmoi_graph_stats *out, const tmoi_graph *graph, tmoi_ctx *ctx);

/* True when a float tensor goes in or comes out of an operator other than QUANTIZE and DEQUANTIZE. */
bool tmoi_op_is_float(const tmoi_subgraph *subgraph, const tmoi_op *op);
/* True when a quantized tensor comes out, or goes in beside no float one. */
bool tmoi_op_is_integer(const tmoi_subgraph *subgraph, const tmoi_op *op);

/* Bytes after gzip -9, header and all. */
tmo_status tmoi_gzip_bytes(const void *data, size_t size_bytes, uint64_t *out, tmoi_ctx *ctx);
tmo_status tmoi_file_sizes(const char *path, uint64_t *file_bytes, uint64_t *gzip_bytes, tmoi_ctx *ctx);

#endif
