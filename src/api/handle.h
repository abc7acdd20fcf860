/* What stands behind the public handles. */
#ifndef TMOI_API_HANDLE_H
#define TMOI_API_HANDLE_H

#include "model/graph.h"
#include "tmo/session.h"

struct tmo_model {
    tmo_allocator allocator;
    tmoi_graph *graph;            /* never written */
    struct tmoi_weights *weights; /* the packed weights of its sessions */
};

/* Wraps a graph, which then belongs to the model; on failure it is freed. */
tmo_status tmoi_model_wrap(tmo_model **out, tmoi_graph *graph, tmoi_ctx *ctx);

/* Subgraph k, or NULL with the error set. */
const tmoi_subgraph *tmoi_model_subgraph(const tmo_model *model, int32_t k, tmoi_ctx *ctx);

/* Copies the caller's option struct over zeros: older callers have shorter structs, and a longer one is accepted when its unknown
 * tail is zero. `known_bytes` is the size of `out`. NULL options give zeros. */
tmo_status tmoi_options_copy(void *out, size_t known_bytes, const void *options, const char *subject,
                             tmoi_ctx *ctx);

/* Copies an info struct to the caller's, up to the struct_size that the caller set. */
void tmoi_info_copy(void *caller, const void *info, size_t known_bytes);

/* The features of this processor up to the instruction set of that name; all of them for NULL. */
tmo_status tmoi_cpu_of_isa(uint32_t *out, const char *isa, tmoi_ctx *ctx);

/* What a public session runs. */
struct tmoi_session *tmoi_session_of(const tmo_session *session);

/* What a public data set reads. */
struct tmo_dataset;
const struct tmoi_dataset *tmoi_dataset_of(const struct tmo_dataset *dataset);

#endif
