/* Lowering: from a subgraph's operators, whose shapes are known by now, to the nodes that run.
 *
 * One fusion a file. Each looks at the nodes in order and changes those of the session, never the model: a node may get another
 * operator (a copy with other options), other inputs and outputs; its neighbour then runs no more. Only nodes that are static and not
 * prepared yet take part. The results stay those of the model as it is written: the same bits for integers. */
#ifndef TMOI_RUNTIME_LOWER_LOWER_H
#define TMOI_RUNTIME_LOWER_LOWER_H

#include "runtime/places.h"

typedef struct tmoi_lowering {
    tmoi_session_graph *graph;
    int32_t *producer;   /* per value: the node that makes it, or -1 */
    int32_t *reads;      /* per value: how many inputs of nodes read it, and results of the subgraph */
    int64_t *reader_sum; /* per value: the sum of the readers' numbers; a result counts as number -1 */
    int32_t
        *run_at; /* per node: after which node of the model's order it runs; its own number, or a later one */
    int32_t *host;      /* per node: the node that it runs as a part of; its own number when it runs itself */
    int32_t *next_post; /* per node: the post that follows it, or -1 */
    int32_t *last_post; /* per host: its last post, or its own number */
    int32_t *delayed;   /* per node: the host that runs just before it instead of at its own place, or -1 */
} tmoi_lowering;

/* ---- what the fusions share (lower.c) ---- */

static inline int32_t tmoi_lower_number(const tmoi_lowering *l, const tmoi_value *value)
{
    return (int32_t)(value - l->graph->values);
}

/* The node that makes the value, when it is static, not prepared yet and runs by itself; or -1. */
int32_t tmoi_lower_producer(const tmoi_lowering *l, const tmoi_value *value);
/* The only reader of a value, a node; -1 when there are others or the value is a result. */
int32_t tmoi_lower_only_reader(const tmoi_lowering *l, const tmoi_value *value);
/* True for a node that fusions may change. */
bool tmoi_lower_is_open(const tmoi_lowering *l, int32_t node);
/* Input `k` of a node reads another value. */
void tmoi_lower_set_input(tmoi_lowering *l, int32_t node, int32_t k, tmoi_value *value);
/* One more input of the node reads the value. */
void tmoi_lower_add_read(tmoi_lowering *l, const tmoi_value *value, int32_t node);
/* An input of `reader` reads the value no more; operators whose results nobody reads then are a part of `by`. */
void tmoi_lower_release(tmoi_lowering *l, const tmoi_value *value, int32_t reader, int32_t by);
/* The node runs no more, but as a part of `by`: its inputs lose a reader. */
void tmoi_lower_drop(tmoi_lowering *l, int32_t node, int32_t by);
/* The same, and its result becomes that of `by`, in place of its present one. */
void tmoi_lower_absorb(tmoi_lowering *l, int32_t node, int32_t by);
/* A copy of the node's operator, for other options. */
tmo_status tmoi_lower_own_op(tmoi_lowering *l, int32_t node, tmoi_op **out, tmoi_ctx *ctx);
/* True when the node may run later: it reads no variable, which others write. */
bool tmoi_lower_can_wait(const tmoi_lowering *l, int32_t node);
/* The same scale and zero point, or neither has any. */
bool tmoi_lower_same_quant(const tmoi_value *a, const tmoi_value *b);
/* An operator of two inputs that gives the same bits in either order. */
bool tmoi_lower_commutes(const tmoi_node *node);

/* The operator `code` of `arity` inputs that makes the value, open and without an activation; or NULL. */
const tmoi_node *tmoi_lower_made_by(const tmoi_lowering *l, const tmoi_value *value, int32_t code,
                                    int32_t arity);
/* The same for a reduction of floats that are no variable over the last dimension, which stays as one of size 1. */
const tmoi_node *tmoi_lower_row_reduction(const tmoi_lowering *l, const tmoi_value *value, int32_t code);
bool tmoi_lower_is_float_constant(const tmoi_value *value, int64_t count);

/* ---- the fusions ---- */

/* activations.c: RELU, RELU6, RELU_N1_TO_1 into the clamp of the operator before. */
tmo_status tmoi_lower_activations(tmoi_lowering *l, tmoi_ctx *ctx);
/* pads.c: PAD into the padding of the convolutions after it. */
void tmoi_lower_pads(tmoi_lowering *l);
/* The same file: PAD of channels into the ADD that reads it. After the posts. */
void tmoi_lower_channel_pads(tmoi_lowering *l);
/* views.c: operators that only rename, cut or join memory. */
void tmoi_lower_views(tmoi_lowering *l);
/* norms.c: layer normalization from its pieces. Before anything that changes them. */
tmo_status tmoi_lower_norms(tmoi_lowering *l, tmoi_ctx *ctx);
/* softmax.c: SOFTMAX from its pieces. Before anything that changes them. */
tmo_status tmoi_lower_softmax(tmoi_lowering *l, tmoi_ctx *ctx);
/* attention.c: two BATCH_MATMULs and the SOFTMAX between them. After softmax.c, and before anything that changes what lies between. */
tmo_status tmoi_lower_attention(tmoi_lowering *l, tmoi_ctx *ctx);
/* expressions.c: element-wise operators that read each other's results into one node. Before the posts. */
tmo_status tmoi_lower_expressions(tmoi_lowering *l, tmoi_ctx *ctx);
/* posts.c: element-wise operators into the operator before, which runs them on each piece of its result. */
tmo_status tmoi_lower_posts(tmoi_lowering *l, tmoi_ctx *ctx);

/* bands.c: chains of convolutions and pools into one node. After the posts. */
tmo_status tmoi_lower_bands(tmoi_lowering *l, tmoi_ctx *ctx);

#endif
