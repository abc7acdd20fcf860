/* From a .tflite file to a graph. */
#ifndef TMOI_MODEL_IMPORT_H
#define TMOI_MODEL_IMPORT_H

#include "base/os.h"
#include "model/graph.h"

/* What a file may ask for; a zero stands for the default. */
typedef struct tmoi_import_limits {
    uint64_t max_bytes;    /* of the file; default 1 TiB */
    int32_t max_tensors;   /* in all subgraphs; default 2^20 */
    int32_t max_ops;       /* in all subgraphs; default 2^20 */
    int32_t max_subgraphs; /* default 4096 */
    int32_t max_rank;      /* default and most: TMO_MAX_RANK */
    int32_t max_nesting;   /* of subgraphs that call each other; default TMOI_MAX_CALL_DEPTH */
} tmoi_import_limits;

/* Verifies a file, makes a graph of it and validates that. The graph borrows `bytes`, which must outlive it and all its
 * clones. `limits` may be NULL. A failure names the byte (ctx->error.file_offset) or the tensor or operator. */
tmo_status tmoi_graph_import(tmoi_graph **out, const uint8_t *bytes, size_t size,
                             const tmoi_import_limits *limits, tmoi_ctx *ctx);
/* The same for a mapped file. On success the graph owns the map and *map is zeroed; on failure the caller still does. */
tmo_status tmoi_graph_import_map(tmoi_graph **out, tmoi_file_map *map, const tmoi_import_limits *limits,
                                 tmoi_ctx *ctx);
/* The same for the file at `path`, which the failure's text names. */
tmo_status tmoi_graph_import_file(tmoi_graph **out, const char *path, const tmoi_import_limits *limits,
                                  tmoi_ctx *ctx);

/* Lets the system take back the memory of the files that the graph's weights are mapped from; what is needed is read again. */
void tmoi_graph_forget(const tmoi_graph *graph);

#endif
