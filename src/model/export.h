/* From a graph to a .tflite file. */
#ifndef TMOI_MODEL_EXPORT_H
#define TMOI_MODEL_EXPORT_H

#include "model/graph.h"

typedef struct tmoi_export_options {
    bool buffers_outside; /* weights beyond the flatbuffer, as is done anyway above 2 GB */
    bool keep_versions;   /* neither raise operator versions nor write min_runtime_version */
} tmoi_export_options;

/* Writes the graph so that stock LiteRT runs it: equal operator codes, weights, names and quantization arrays once each,
 * operator versions raised to what their types and options need, metadata `min_runtime_version` set accordingly. Equal graphs
 * give equal bytes. `options` may be NULL. */

/* Into a file, which is replaced as a whole or not at all. */
tmo_status tmoi_graph_export_file(const tmoi_graph *graph, const char *path,
                                  const tmoi_export_options *options, tmoi_ctx *ctx);
/* Into memory from ctx->allocator, 64-byte aligned, which the caller releases with tmoi_release(). *out is NULL on failure. */
tmo_status tmoi_graph_export_memory(const tmoi_graph *graph, uint8_t **out, size_t *size,
                                    const tmoi_export_options *options, tmoi_ctx *ctx);

#endif
