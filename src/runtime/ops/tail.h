/* What a float product does with its sums besides bias and activation: the posts that its kernel takes over. */
#ifndef TMOI_RUNTIME_OPS_TAIL_H
#define TMOI_RUNTIME_OPS_TAIL_H

#include "kernels/gemm_f32/gemm_f32.h"
#include "runtime/op.h"

typedef struct tmoi_tail {
    bool
        adds; /* the first post is an ADD of values of the same shape, or of fewer channels, and has this range: */
    float low, high;
    int32_t residual_columns; /* of the other value, where it has fewer; else 0 */
    const float *slope;       /* [columns] of the PRELU or LEAKY_RELU that comes first or next; or NULL */
    int32_t columns;
} tmoi_tail;

/* Looks at the posts of a node whose output has rows of `columns` floats, and sets posts_taken. */
tmo_status tmoi_tail_prepare(tmoi_exec *exec, tmoi_node *node, int32_t columns, tmoi_tail *tail,
                             tmoi_ctx *ctx);
/* In eval: for the elements from `first` of the output on; the slopes are those of all columns. A residual of fewer columns
 * begins with the first one of the row that `first` is in. */
tmoi_gemm_f32_tail tmoi_tail_at(const tmoi_node *node, const tmoi_tail *tail, int64_t first);

#endif
