/* A running model: the plan, the values and the memory of one session.
 *
 * Making a session infers the shapes of all tensors, prepares every operator, plans the memory of the activations in one
 * arena and allocates it. After that `run` allocates nothing, except for operators whose output shape depends on values.
 * A session belongs to one thread at a time; many sessions may share one graph. */
#ifndef TMOI_RUNTIME_SESSION_H
#define TMOI_RUNTIME_SESSION_H

#include <stdatomic.h>

#include "runtime/op.h"

typedef struct tmoi_session tmoi_session;

/* A custom operator of the user: called like a builtin, through values. */
typedef struct tmoi_custom_op {
    const char *name;
    void *user;
    tmo_status (*infer)(void *user, tmoi_infer *infer, tmoi_ctx *ctx);
    tmo_status (*eval)(void *user, tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx);
} tmoi_custom_op;

typedef struct tmoi_session_config {
    int32_t threads;          /* 0: one a physical core */
    tmoi_thread_pool *pool;   /* borrowed threads, in place of `threads` of its own; may be NULL */
    tmoi_scheduler scheduler; /* or another's threads; its run may be NULL */
    uint32_t cpu;             /* the CPU features to use, see cpu/cpu.h */
    bool reference;           /* TMO_ARITHMETIC_REFERENCE */
    bool reduced_float;       /* float products may round their operands; not with `reference` */
    bool as_written;       /* no lowering: each operator of the model runs on its own, in the model's order */
    bool keep_all_tensors; /* no memory is shared: every tensor can be read after a run; implies as_written */
    size_t max_arena_bytes;  /* 0: 4 GiB */
    uint64_t max_loop_steps; /* of all loops in one run; 0: a million */
    void *arena;             /* the caller's block for the activations, 64-byte aligned, or NULL */
    size_t arena_bytes;      /* of `arena` */
    bool plan_only;          /* no memory for the activations, until tmoi_session_set_arena() */
    struct tmoi_weights
        *weights; /* the store of packed weights, borrowed; NULL: the session has one of its own */
    const tmoi_custom_op *custom_ops;
    int32_t custom_op_count;
    /* Called after each step of each subgraph, with the values still there: for every operator when as_written; otherwise once for
     * operators that run as one, under the number of the one that the others were fused into. May be NULL. */
    void (*observe)(void *user, int32_t subgraph, int32_t op, const tmoi_node *node, uint64_t time_ns);
    void *observe_user;
    const atomic_bool *
        cancelled; /* true ends a run before its next step, with CANCELLED; set from any thread. May be NULL. */
} tmoi_session_config;

/* `graph` is borrowed until the session is freed. `config` is copied; NULL: defaults. */
tmo_status tmoi_session_make(tmoi_session **out, const tmoi_graph *graph, const tmoi_session_config *config,
                             tmoi_ctx *ctx);
/* Accepts NULL. */
void tmoi_session_free(tmoi_session *session);

/* A signature's subgraph other than 0 can be the one that runs. Inputs and outputs below are those of this subgraph. */
tmo_status tmoi_session_select(tmoi_session *session, int32_t subgraph, tmoi_ctx *ctx);

/* The values of the main subgraph's inputs and outputs, in the graph's order. The data of an input may be written before a
 * run, the data of an output read after it, until the next resize or run. */
int32_t tmoi_session_input_count(const tmoi_session *session);
int32_t tmoi_session_output_count(const tmoi_session *session);
tmoi_value *tmoi_session_input(tmoi_session *session, int32_t k);
/* Gives an input of strings its texts: `data` in the layout of runtime/strings.h, as many as its shape says. Copied. */
tmo_status tmoi_session_set_texts(tmoi_session *session, int32_t k, const void *data, size_t bytes,
                                  tmoi_ctx *ctx);
const tmoi_value *tmoi_session_output(const tmoi_session *session, int32_t k);
/* Any tensor; its data are only meaningful with keep_all_tensors, or for constants. */
const tmoi_value *tmoi_session_tensor(const tmoi_session *session, int32_t subgraph, int32_t tensor);

/* Gives an input another shape. The session must be planned (below) before values are used again: so several inputs can change
 * together. */
tmo_status tmoi_session_set_shape(tmoi_session *session, int32_t input, const tmoi_shape *shape,
                                  tmoi_ctx *ctx);
/* Infers, prepares and plans, if a shape has changed since; all data pointers are new then. A new session is planned, unless its
 * inputs have unknown dimensions whose placeholders do not fit the model. */
tmo_status tmoi_session_plan(tmoi_session *session, tmoi_ctx *ctx);
/* Both at once. On failure the input keeps its old shape. */
tmo_status tmoi_session_resize(tmoi_session *session, int32_t input, const tmoi_shape *shape, tmoi_ctx *ctx);

/* Gives the activations the caller's block (as in the config), or with NULL memory of the session's own, and plans anew: values
 * and variables are lost. */
tmo_status tmoi_session_set_arena(tmoi_session *session, void *arena, size_t arena_bytes, tmoi_ctx *ctx);

/* Plans when needed. */
tmo_status tmoi_session_run(tmoi_session *session, tmoi_ctx *ctx);

/* Sets all variable tensors and resource variables back to their first state. */
void tmoi_session_reset(tmoi_session *session);

size_t tmoi_session_arena_bytes(const tmoi_session *session);
/* Everything the session allocated, the arena included. */
size_t tmoi_session_memory_bytes(const tmoi_session *session);

/* Runs another subgraph with the given values as inputs, where they lie, and copies its outputs, which may be the same values: for IF,
 * WHILE, CALL_ONCE and composites, called from an operator's eval. Output values of unknown shape are resized. */
tmo_status tmoi_session_call(tmoi_exec *exec, int32_t subgraph, tmoi_value *const *inputs,
                             int32_t input_count, tmoi_value **outputs, int32_t output_count, tmoi_ctx *ctx);
/* In prepare: checks that the subgraph exists and takes and gives that many tensors, and prepares it for the shapes of
 * `inputs`. */
tmo_status tmoi_session_prepare_call(tmoi_exec *exec, int32_t subgraph, tmoi_value *const *inputs,
                                     int32_t input_count, int32_t output_count, tmoi_ctx *ctx);
/* An output of a subgraph that was prepared: its type, its shape, and whether that is known before it runs. */
const tmoi_value *tmoi_session_callee_output(const tmoi_exec *exec, int32_t subgraph, int32_t k);

/* Counts a step of a loop; fails with LIMIT when the loops of one run take more than the session allows. */
tmo_status tmoi_session_count_step(tmoi_exec *exec, tmoi_ctx *ctx);
/* A subgraph of the running model, or NULL: for operators that recognize what a small subgraph computes. */
const tmoi_subgraph *tmoi_session_subgraph(const tmoi_exec *exec, int32_t subgraph);

/* Gives a dynamic output a shape and memory of its own. Called from eval (WHERE, UNIQUE, control flow…) for outputs that
 * inference cannot size even with all inputs known. */
tmo_status tmoi_value_resize(tmoi_exec *exec, tmoi_value *value, const tmoi_shape *shape, tmoi_ctx *ctx);
/* The same for elements without a fixed size (strings): the shape, and the bytes that they take. */
tmo_status tmoi_value_resize_bytes(tmoi_exec *exec, tmoi_value *value, const tmoi_shape *shape, size_t bytes,
                                   tmoi_ctx *ctx);

/* Objects that live as long as the session and that operators share by name or id: resource variables and hash tables.
 * Returns the existing object of that kind and name, or a new one of `bytes` zeroed bytes. `release` is called on it when the
 * session ends (and by tmoi_session_reset), before its memory goes; may be NULL. */
typedef struct tmoi_resource {
    int32_t id;       /* what a RESOURCE tensor holds, as an int32 in its data */
    const char *kind; /* "variable", "hashtable" */
    const char *name;
    void *object;
} tmoi_resource;
tmo_status tmoi_session_resource(tmoi_exec *exec, const char *kind, const char *name, size_t bytes,
                                 void (*release)(const tmo_allocator *allocator, void *object),
                                 tmoi_resource **out, tmoi_ctx *ctx);
tmoi_resource *tmoi_session_resource_by_id(tmoi_exec *exec, int32_t id);

#endif
