/* What an operator is to the runtime: prepare and eval, one file per operator (or per family that shares a kernel) in
 * runtime/ops/, listed in runtime/ops.def.
 *
 * When a session is made, and after each resize, the session runs shape inference (model/infer.h) for each operator in order,
 * lets lowering choose what runs (runtime/lower/lower.h), and then runs `prepare` for each node, in no certain order: it
 * checks what inference did not (quantization parameters above all), computes what eval needs (multipliers, tables, unpacked
 * weights) into memory from tmoi_node_state(), and asks for scratch memory. `eval` then only computes: it never allocates and
 * trusts what prepare checked; only values known at run time (indices) are checked.
 *
 * Prepare may run again for other shapes: it must not assume a fresh node, but state is always zeroed new memory. An operator
 * with an output of unknown shape is marked dynamic by inference; the session then infers again with the values at run
 * time, allocates that output, and calls prepare and eval in turn. */
#ifndef TMOI_RUNTIME_OP_H
#define TMOI_RUNTIME_OP_H

#include "base/thread_pool.h"
#include "kernels/kernels.h"
#include "model/graph.h"
#include "model/infer.h"

/* A tensor of the running session. */
typedef struct tmoi_value {
    tmo_type type;
    tmoi_shape shape;
    void *data;   /* 64-byte aligned, a view of another value: to its elements; constants: as the file has
                              them; NULL until planned */
    size_t bytes; /* of `data` */
    const tmoi_quant *quant; /* never NULL; count 0 when not quantized */
    const tmoi_tensor *tensor;
    bool is_constant; /* data never changes, and is readable in prepare */
    bool is_dynamic;  /* the shape is known only at run time */
    size_t capacity;  /* of a dynamic value's own block */
} tmoi_value;

enum { TMOI_MAX_SCRATCH = 12 };

/* Padding in place of what an operator's option says: this many rows and columns above and left of the image; output 0's shape
 * says how far it goes below and right. */
typedef struct tmoi_node_pad {
    bool given;
    int32_t top, left;
} tmoi_node_pad;

typedef struct tmoi_node {
    const tmoi_op *op; /* lowering may have put another in place of the model's: read options from here */
    const struct tmoi_op_def *def;
    tmoi_value **inputs; /* NULL for an optional input left out */
    tmoi_value **outputs;
    tmoi_value **intermediates;
    int32_t input_count, output_count, intermediate_count;
    void *state;                            /* from tmoi_node_state(), or NULL */
    size_t scratch_bytes[TMOI_MAX_SCRATCH]; /* asked for in prepare */
    void *scratch[TMOI_MAX_SCRATCH];        /* there in eval; contents do not survive between nodes */
    int32_t scratch_count;
    const char *kernel; /* name of the kernel that runs, for the profile; static storage; may be NULL */
    bool by_range;      /* set by prepare: range (below) may be used in place of eval */
    bool in_float;      /* set by prepare: of operators that may multiply integers, that this one does not */
    /* Set by lowering (runtime/lower/): element-wise operators that run on this one's output piece by piece, while it is in the
     * cache. Their first input is this operator's output, or that of the one before. */
    struct tmoi_node *const *posts;
    int32_t post_count;
    int32_t posts_taken; /* set by prepare: the operator computes so many of the first ones itself */
    struct tmoi_node *const *parts; /* set by lowering: the nodes that this one runs in its eval */
    int32_t part_count;
    /* Set by lowering: a PAD that went into a CONV_2D or DEPTHWISE_CONV_2D; or into an ADD after an operator that pads_residual,
     * whose second operand has fewer channels then. */
    tmoi_node_pad pad;
} tmoi_node;

/* Row y of an output reads the rows [y · stride − pad, y · stride − pad + reach) of input 0 that lie in the image. */
typedef struct tmoi_row_span {
    int32_t stride, pad, reach;
} tmoi_row_span;

/* What prepare and eval see of the session. */
typedef struct tmoi_exec {
    struct tmoi_session_graph *graph; /* the running subgraph; for control flow only */
    const tmoi_kernels *kernels;      /* the dispatch table */
    tmoi_thread_pool *pool;           /* may be NULL: one thread */
    bool reference;                   /* TMO_ARITHMETIC_REFERENCE: the bits of TFLite's reference kernels */
    tmoi_arena *persistent;           /* what lives as long as the prepared plan */
    struct tmoi_weights *weights; /* packed weights, shared by the sessions of a model (runtime/weights.h) */
} tmoi_exec;

typedef struct tmoi_op_def {
    tmo_status (*prepare)(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx); /* NULL: nothing to do */
    tmo_status (*eval)(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx);
    uint32_t flags;
    /* Element-wise operators: computes the elements [begin, end) of output 0 from the same elements of input 0 (other inputs may
     * broadcast), with nothing but what prepare made. Any ranges, from any threads, in place or not; the node may be a copy whose
     * inputs and output lie elsewhere. Used only for nodes whose prepare has set by_range. */
    void (*range)(const tmoi_node *node, int64_t begin, int64_t end);
    /* Operators whose output rows (all but the last two dimensions) can be computed on their own: `begin`, which may be NULL, once a
     * run, then `rows` for any split, from any threads; together the same as eval. For running operators in bands: `rows` may be
     * given a copy of the node whose inputs and output lie elsewhere than in `begin`, where `span`, which says so, allows it.
     * Without `rows`, the others are NULL. */
    void (*begin)(tmoi_exec *exec, tmoi_node *node);
    void (*rows)(const tmoi_node *node, int64_t row_begin, int64_t row_end, int32_t thread);
    /* Before or after prepare: which rows of input 0, [n, height, width, channels], are read; false: of this node, input 0 must be
     * there as a whole and where `begin` found it. */
    bool (*span)(const tmoi_exec *exec, const tmoi_node *node, tmoi_row_span *out);
    /* BATCH_MATMUL: the step that it becomes with the scores and the softmax before it (runtime/ops/attention.h); else NULL. Found
     * here, so that a build without the operator has not the step either. */
    const struct tmoi_op_def *attention;
    /* CONV_2D: whether the node, not prepared yet, will take an ADD that follows also when it is of values with fewer channels, the
     * others being zeros; else NULL. */
    bool (*pads_residual)(const tmoi_exec *exec, const tmoi_node *node);
} tmoi_op_def;

enum {
    TMOI_OP_INPLACE =
        1, /* output 0 may share input 0's memory when types and sizes are equal (element k of the output
                                 depends only on element k of input 0 among the bytes of input 0) */
    TMOI_OP_SIDE_EFFECT = 2, /* must run even if nobody reads its outputs */
    TMOI_OP_STATEFUL = 4,    /* writes a variable input */
    TMOI_OP_POSTS = 8        /* a producer: calls tmoi_node_post() for each piece of output 0 */
};

/* NULL when we have no kernel. */
const tmoi_op_def *tmoi_op_def_find(int32_t op_code);
/* For custom operators that come with the library (TFLite_Detection_PostProcess, Convolution2DTransposeBias, …). */
const tmoi_op_def *tmoi_op_def_find_custom(const char *name);

/* Why an operator has no kernel: "is not supported", or that it was left out of this build. Static storage. */
const char *tmoi_op_missing_text(const tmoi_op *op);

/* Zeroed memory that lives until the next prepare, in node->state. */
tmo_status tmoi_node_state(tmoi_exec *exec, tmoi_node *node, size_t bytes, tmoi_ctx *ctx);
/* More of it. */
tmo_status tmoi_node_memory(tmoi_exec *exec, void **out, size_t count, size_t elem_bytes, tmoi_ctx *ctx);
/* Asks for `bytes` of scratch memory, at node->scratch[*index] in eval, 64-byte aligned. */
tmo_status tmoi_node_scratch(tmoi_node *node, size_t bytes, int32_t *index, tmoi_ctx *ctx);

/* Where a producer writes: to output 0, or that of the last post it has taken. */
static inline void *tmoi_node_target(const tmoi_node *node)
{
    return (node->posts_taken ? node->posts[node->posts_taken - 1] : node)->outputs[0]->data;
}

/* A producer has computed the elements [begin, end) of output 0, whole rows of its last dimension: what was fused into it, and it
 * has not taken, runs on them now. Each element exactly once; from any thread. */
static inline void tmoi_node_post(const tmoi_node *node, int64_t begin, int64_t end)
{
    for (int32_t k = node->posts_taken; k < node->post_count; k++)
        node->posts[k]->def->range(node->posts[k], begin, end);
}

/* The per-tensor scale and zero point of a value that inference found quantized. */
static inline float tmoi_value_scale(const tmoi_value *value)
{
    return value->quant->scale[0];
}

static inline int32_t tmoi_value_zero_point(const tmoi_value *value)
{
    return (int32_t)value->quant->zero_point[0];
}

/* Fails unless the value has per-tensor quantization with a positive finite scale and a zero point in its type's range. */
tmo_status tmoi_value_require_quant(const tmoi_value *value, const char *what, tmoi_ctx *ctx);
/* The same, but also per-channel over `dimension`. */
tmo_status tmoi_value_require_channel_quant(const tmoi_value *value, int32_t dimension, const char *what,
                                            tmoi_ctx *ctx);

#endif
