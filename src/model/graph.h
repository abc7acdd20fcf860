/* The graph in memory: what a .tflite file says, in a form that is easy to read and to edit. One graph type serves from
 * import to export: the runtime runs it, the rewrites edit it, the quantizer types it anew.
 *
 * Invariants of a graph that tmoi_graph_validate() accepted (and that every editing function keeps):
 *  - Tensors and operators are named by index in their subgraph; TMOI_NO_TENSOR (-1) is an optional input left out.
 *  - Operators stand in the order of execution; a tensor has at most one producer.
 *  - A tensor is constant when `data` is set; its bytes then fit its type and shape.
 *
 * Memory: all structs, names and new weights of a graph live in the arena of its source and go with it. Weights that came
 * from a file stay in the mapped file, which the source owns too. A clone has a source of its own that keeps the
 * original's alive, so the two share names, options, quantization arrays and weights: those are never written in place,
 * an edit replaces the pointer. Nothing in a graph that is shared (behind a tmo_model) is ever written; a rewrite works on a
 * tmoi_graph_clone().
 *
 * The option structs of the operators are the format's own (tflite/schema.h): tmoi_fb_conv2d_options and so on, read with
 * tmoi_op_options(). */
#ifndef TMOI_MODEL_GRAPH_H
#define TMOI_MODEL_GRAPH_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/shape.h"
#include "tflite/schema.h"

#define TMOI_NO_TENSOR      (-1)
#define TMOI_MAX_CALL_DEPTH 64 /* of subgraphs that call each other */

/* Affine quantization: real = scale * (stored - zero_point). */
typedef struct tmoi_quant {
    int32_t count;             /* 0: not quantized; 1: per tensor; else one entry a slice of `dimension` */
    int32_t dimension;         /* the quantized dimension; 0 when per tensor */
    const float *scale;        /* [count] */
    const int64_t *zero_point; /* [count] */
    tmoi_vec_f32 min, max;     /* recorded ranges, as a file may carry them */
    tmoi_fb_union details;     /* blockwise, multi-axis or custom quantization */
} tmoi_quant;

typedef struct tmoi_tensor {
    const char *name; /* never NULL */
    tmo_type type;
    tmoi_shape shape;             /* unknown dimensions hold the file's placeholder, usually 1 */
    tmoi_vec_i32 shape_signature; /* as `shape`, but -1 for unknown dimensions; absent: all known */
    bool has_rank;                /* as in the file: tells a scalar from an unknown rank */
    bool no_shape; /* the file gives no shape at all: `shape` is a scalar's, and data of any size fits */
    bool is_variable;
    tmoi_quant quant;
    const void *data;  /* constant bytes, or NULL; 16-byte aligned unless a foreign file says otherwise */
    size_t data_bytes; /* of `data` */
    const tmoi_fb_sparsity_parameters *sparsity; /* NULL: dense */
    const tmoi_fb_variant_sub_type *variants;
    uint32_t variant_count;
    uint32_t external_buffer; /* id of an external buffer, or 0 */
} tmoi_tensor;

typedef struct tmoi_op {
    int32_t code;            /* tmoi_op_code; TMOI_OP_CUSTOM with a custom_code */
    int32_t version;         /* as in the file; export raises it where the types ask for more */
    const char *custom_code; /* name of a custom operator, or NULL */
    int32_t *inputs, *outputs, *intermediates;
    int32_t input_count, output_count, intermediate_count;
    tmoi_fb_union options;   /* BuiltinOptions */
    tmoi_fb_union options_2; /* BuiltinOptions2 */
    tmoi_vec_u8 custom_options;
    int8_t custom_options_format;
    tmoi_vec_u8 mutating_variable_inputs;
    int32_t debug_metadata_index; /* or -1 */
} tmoi_op;

typedef struct tmoi_subgraph {
    const char *name; /* never NULL */
    tmoi_tensor *tensors;
    tmoi_op *ops;
    int32_t *inputs, *outputs;
    int32_t tensor_count, op_count, input_count, output_count;
    int32_t tensor_capacity, op_capacity, input_capacity,
        output_capacity; /* of the arrays, for the editing functions */
    int32_t debug_metadata_index;
} tmoi_subgraph;

typedef struct tmoi_metadata {
    const char *name;
    const void *data;
    size_t data_bytes;
} tmoi_metadata;

typedef struct tmoi_signature_entry {
    const char *name;
    int32_t tensor;
} tmoi_signature_entry;

typedef struct tmoi_signature {
    const char *key;
    const char *deprecated_tag; /* may be NULL */
    int32_t subgraph;
    tmoi_signature_entry *inputs, *outputs;
    int32_t input_count, output_count;
} tmoi_signature;

typedef struct tmoi_graph {
    struct tmoi_source *source; /* what owns all memory of the graph; reference-counted */
    tmoi_arena *arena;          /* the source's: for what an edit adds */
    const char *description;    /* may be NULL */
    tmoi_subgraph *subgraphs;
    int32_t subgraph_count;
    tmoi_metadata *metadata;
    int32_t metadata_count;
    tmoi_metadata *nameless_metadata; /* the format's older list of metadata, without names (name is "") */
    int32_t nameless_metadata_count;
    tmoi_signature *signatures;
    int32_t signature_count;
    const tmoi_fb_external_buffer_group *external_groups;
    uint32_t external_group_count;
    const tmoi_fb_external_buffer *external_buffers;
    uint32_t external_buffer_count;
    const void
        *suffix; /* bytes after the flatbuffer that are not tensor data, such as a zip archive of labels */
    size_t suffix_bytes;
} tmoi_graph;

/* ---- life ---- */

tmo_status tmoi_graph_make(tmoi_graph **out, tmoi_ctx *ctx);
/* Accepts NULL. */
void tmoi_graph_free(tmoi_graph *graph);
/* A copy to edit, which shares with the original what is never written in place. Either may be freed first. */
tmo_status tmoi_graph_clone(tmoi_graph **out, const tmoi_graph *graph, tmoi_ctx *ctx);

/* The memory behind graphs: an arena, and optionally something else (a mapped file) that `release` frees with it. */
typedef struct tmoi_source {
    tmo_allocator allocator;
    atomic_int references;
    tmoi_arena arena;
    void *owned;
    void (*release)(void *owned);
    struct tmoi_source *parent; /* kept alive too; may be NULL */
} tmoi_source;

/* ---- reading ---- */

/* The operator's name: "CONV_2D", or the custom code. */
const char *tmoi_op_name(const tmoi_op *op);
/* "CONV_2D" for a builtin code, "UNKNOWN" for another. */
const char *tmoi_op_code_name(int32_t code);
/* The code of a builtin operator's name, or -1. */
int32_t tmoi_op_code_find(const char *name);

/* The options of an operator as the struct that `tag` names, or a struct of the schema's defaults when they are absent. */
static inline const void *tmoi_union_or_default(const tmoi_fb_union *options, uint8_t tag,
                                                const void *fallback)
{
    return options->tag == tag && options->value ? options->value : fallback;
}

#define tmoi_op_options(op, table)                                                    \
    ((const tmoi_fb_##table *)tmoi_union_or_default(&(op)->options, TMOI_TAG_##table, \
                                                    &tmoi_fb_default_##table))
/* The same for the members of BuiltinOptions2. */
#define tmoi_op_options_2(op, table)                                                    \
    ((const tmoi_fb_##table *)tmoi_union_or_default(&(op)->options_2, TMOI_TAG_##table, \
                                                    &tmoi_fb_default_##table))
static inline tmoi_tensor *tmoi_op_input(const tmoi_subgraph *subgraph, const tmoi_op *op, int32_t k)
{
    return k < op->input_count && op->inputs[k] >= 0 ? &subgraph->tensors[op->inputs[k]] : NULL;
}

static inline tmoi_tensor *tmoi_op_output(const tmoi_subgraph *subgraph, const tmoi_op *op, int32_t k)
{
    return k < op->output_count && op->outputs[k] >= 0 ? &subgraph->tensors[op->outputs[k]] : NULL;
}

/* False for operators whose outputs do not follow from their inputs alone (random numbers, variables, hash tables) or that may call
 * other subgraphs or the caller's code: those are never computed ahead. */
bool tmoi_op_is_pure(const tmoi_op *op);
/* The operator that makes `tensor`, or -1. */
int32_t tmoi_subgraph_producer(const tmoi_subgraph *subgraph, int32_t tensor);
/* How many operator inputs and subgraph outputs read `tensor`. */
int32_t tmoi_subgraph_use_count(const tmoi_subgraph *subgraph, int32_t tensor);
bool tmoi_subgraph_is_input(const tmoi_subgraph *subgraph, int32_t tensor);
bool tmoi_subgraph_is_output(const tmoi_subgraph *subgraph, int32_t tensor);
/* The only operator that reads `tensor`, if there is exactly one use and it is an operator's; else -1. */
int32_t tmoi_subgraph_only_user(const tmoi_subgraph *subgraph, int32_t tensor);
/* True when the dimension sizes are all known: no -1 in the signature. */
bool tmoi_tensor_is_static(const tmoi_tensor *tensor);

/* ---- editing: what rewrites stand on. Indices of tensors stay valid until tmoi_graph_compact(). ---- */

/* A new tensor, named `name` (copied); everything else zero. Pointers to tensors of the subgraph become stale. */
tmo_status tmoi_graph_add_tensor(tmoi_graph *graph, int32_t subgraph, const char *name, tmo_type type,
                                 const tmoi_shape *shape, int32_t *out, tmoi_ctx *ctx);
/* Gives a tensor a copy of `data` as its constant bytes. */
tmo_status tmoi_graph_set_data(tmoi_graph *graph, tmoi_tensor *tensor, const void *data, size_t bytes,
                               tmoi_ctx *ctx);
/* Zeroed constant bytes that the caller fills through *out before anybody else sees the graph. */
tmo_status tmoi_graph_new_data(tmoi_graph *graph, tmoi_tensor *tensor, size_t bytes, void **out,
                               tmoi_ctx *ctx);
/* Per-tensor (count 1) or per-channel quantization; copies the arrays. zero_point NULL: zeros. */
tmo_status tmoi_graph_set_quant(tmoi_graph *graph, tmoi_tensor *tensor, int32_t count, int32_t dimension,
                                const float *scale, const int64_t *zero_point, tmoi_ctx *ctx);

/* A new operator before position `at` (op_count: at the end), with room for the given numbers of inputs and outputs, all
 * TMOI_NO_TENSOR. *out is valid until the next operator is added to or removed from the subgraph. */
tmo_status tmoi_graph_insert_op(tmoi_graph *graph, int32_t subgraph, int32_t at, int32_t code,
                                int32_t input_count, int32_t output_count, tmoi_op **out, tmoi_ctx *ctx);
void tmoi_subgraph_remove_op(tmoi_subgraph *subgraph, int32_t op);
/* A writable copy of a union's struct (or of the defaults, when absent), now the operator's own:
 *     tmoi_fb_conv2d_options *options;
 *     TMO_TRY(tmoi_graph_edit_options(graph, op, conv2d_options, &options, ctx)); */
tmo_status tmoi_graph_edit_union(tmoi_graph *graph, tmoi_fb_union *options, uint8_t tag, size_t struct_bytes,
                                 const void *fallback, void **out, tmoi_ctx *ctx);
#define tmoi_graph_edit_options(graph, op, table, out, ctx)                          \
    tmoi_graph_edit_union((graph), &(op)->options, TMOI_TAG_##table, sizeof **(out), \
                          &tmoi_fb_default_##table, (void **)(out), (ctx))
/* Every operator input and subgraph output that reads `from` reads `to` instead; signatures follow. */
void tmoi_graph_replace_uses(tmoi_graph *graph, int32_t subgraph, int32_t from, int32_t to);
/* Removes operators whose outputs nobody reads (unless they have side effects), then tensors that nobody names, and
 * renumbers. */
tmo_status tmoi_graph_compact(tmoi_graph *graph, tmoi_ctx *ctx);

/* ---- checking and printing ---- */

/* Checks every invariant above and that options, counts of inputs and outputs and subgraph indices make sense. */
tmo_status tmoi_graph_validate(const tmoi_graph *graph, tmoi_ctx *ctx);
/* Checks that subgraphs call each other (IF, WHILE, CALL_ONCE, STABLEHLO_...) without recursion and at most `limit` deep. */
tmo_status tmoi_graph_check_calls(const tmoi_graph *graph, int32_t limit, tmoi_ctx *ctx);

/* Writes the graph as text, one line a tensor and an operator, through `write`. */
void tmoi_graph_dump(const tmoi_graph *graph, void (*write)(void *user, const char *text), void *user);

#endif
