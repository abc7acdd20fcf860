/* Graph to graph, with equal results: what prepares a model for optimization. One file a rewrite.
 *
 * A rewrite changes a graph of its own (a tmoi_graph_clone()) and counts what it changed. Indices of tensors stay valid
 * until tmoi_graph_compact(), which tmoi_rewrite_run() calls at its end. Operators in other hands than the format's float32
 * (already quantized, strings, control flow) are passed by. */
#ifndef TMOI_REWRITE_REWRITE_H
#define TMOI_REWRITE_REWRITE_H

#include "model/graph.h"

/* Computes what an operator gives whose inputs are all constant. The rewrites cannot run an operator themselves. */
typedef struct tmoi_evaluator {
    /* Gives the operator's outputs their shapes and data. *done is false when the operator cannot be computed, or when its
     * outputs take more than `max_bytes`; the graph is then unchanged. */
    tmo_status (*evaluate)(void *user, tmoi_graph *graph, int32_t subgraph, int32_t op, size_t max_bytes,
                           bool *done, tmoi_ctx *ctx);
    void *user;
} tmoi_evaluator;

typedef tmo_status (*tmoi_rewrite_function)(tmoi_graph *graph, int32_t subgraph,
                                            const tmoi_evaluator *evaluator, int32_t *changes, tmoi_ctx *ctx);

/* Every rewrite, in the order in which tmoi_rewrite_run() applies them. */
#define TMOI_REWRITES(X)                                                                                          \
    X(expand_weights)  /* float16, int8 and sparse constants become dense float32 constants */                    \
    X(fold_constants)  /* operators on constants become constants */                                              \
    X(lower_custom)    /* custom operators that a builtin operator does as well become that operator */           \
    X(remove_identity) /* operators that change nothing go */                                                     \
    X(fold_batch_norm) /* MUL, DIV, ADD and SUB by constants around a convolution go into its weights and bias */ \
    X(fuse_activation) /* RELU, RELU6 and RELU_N1_TO_1 go into the operator before them */                        \
    X(fuse_pad)        /* PAD before a convolution becomes its SAME padding where that is the same */             \
    X(fuse_leaky_relu) /* MAXIMUM(x, alpha * x) becomes LEAKY_RELU */                                             \
    X(fuse_hard_swish) /* x * RELU6(x + 3) / 6 becomes HARD_SWISH */

#define X(name) tmoi_rewrite_##name,
enum tmoi_rewrite { TMOI_REWRITES(X) TMOI_REWRITE_COUNT };
#undef X
#define X(name)                                                                                  \
    tmo_status tmoi_##name(tmoi_graph *graph, int32_t subgraph, const tmoi_evaluator *evaluator, \
                           int32_t *changes, tmoi_ctx *ctx);
TMOI_REWRITES(X)
#undef X

/* Not part of the list, for integer schemes only: SQUARE, NEG, DIV by a constant and POW(x, 2), which have no integer kernel,
 * become MUL; the result may differ from the original in the last bit. */
tmo_status tmoi_lower_for_integers(tmoi_graph *graph, int32_t subgraph, const tmoi_evaluator *evaluator,
                                   int32_t *changes, tmoi_ctx *ctx);

/* One rewrite's name, "fold_constants", and function. */
const char *tmoi_rewrite_name(enum tmoi_rewrite rewrite);
tmoi_rewrite_function tmoi_rewrite_find(enum tmoi_rewrite rewrite);

/* Applies the rewrites in `mask` (a sum of 1 << tmoi_rewrite_NAME) to every subgraph until nothing changes, compacts the graph,
 * and adds up in `changes` (TMOI_REWRITE_COUNT entries, may be NULL) how often each one did something. */
#define TMOI_REWRITE_ALL ((1u << TMOI_REWRITE_COUNT) - 1)
tmo_status tmoi_rewrite_run(tmoi_graph *graph, uint32_t mask, const tmoi_evaluator *evaluator,
                            int32_t *changes, tmoi_ctx *ctx);

#endif
