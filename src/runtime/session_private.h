/* What the files of the session share. */
#ifndef TMOI_RUNTIME_SESSION_PRIVATE_H
#define TMOI_RUNTIME_SESSION_PRIVATE_H

#include "runtime/session.h"

/* Where a value lies: `offset` bytes into the block of the value number `base`, which is its own number when it has a block to
 * itself. `next` links the values of one block in a ring. */
typedef struct tmoi_place {
    int32_t base, next;
    size_t offset;
} tmoi_place;

/* One subgraph of the session. */
typedef struct tmoi_session_graph {
    tmoi_session *session;
    int32_t index;
    const tmoi_subgraph *subgraph;
    tmoi_exec exec;
    tmoi_value *values;  /* one a tensor */
    tmoi_node *nodes;    /* one an operator */
    bool *stays_half;    /* per value, or NULL: see half.c */
    tmoi_value ***lists; /* one a node: room for the inputs, outputs and intermediates of its operator */
    uint8_t *node_mode;  /* TMOI_NODE_* */
    bool *node_prepared; /* of static nodes */
    tmoi_place *places;  /* one a value */
    bool *lent;          /* per value: the base of a block that lies in the caller's memory */
    int32_t *steps;      /* numbers of the nodes that run, in order */
    int32_t step_count;
    tmoi_shape *input_shapes;   /* what the inputs shall have */
    tmoi_arena fixed;           /* values, nodes and their lists: for the session's life */
    tmoi_arena prepared_memory; /* what the operators prepared: until the next prepare */
    tmoi_arena run_memory;      /* of dynamic operators: until the next run */
    void *activations;          /* the planned arena; may be the caller's block */
    size_t activation_bytes;
    bool owns_activations;
    bool is_called; /* prepared for tmoi_session_call(): inputs may be lent */
    bool prepared, preparing, running;
} tmoi_session_graph;

enum {
    TMOI_NODE_STATIC = 0,  /* prepared once */
    TMOI_NODE_DYNAMIC = 1, /* inferred and prepared at each run */
    TMOI_NODE_FOLDED = 2,  /* its outputs are constants, computed when it was prepared */
    TMOI_NODE_VIEW = 3,    /* prepared but not run: inputs and outputs lie in the same memory */
    TMOI_NODE_FUSED = 4    /* runs as a part of another node */
};

typedef struct resource_entry {
    tmoi_resource resource;
    void (*release)(const tmo_allocator *allocator, void *object);
    struct resource_entry *next;
} resource_entry;

/* A text that outlives the plans. */
typedef struct name_entry {
    const char *text;
    struct name_entry *next;
} name_entry;

struct tmoi_session {
    tmo_allocator allocator;
    const tmoi_graph *graph;
    tmoi_session_config config;
    tmoi_kernels kernels;
    tmoi_thread_pool *pool;
    struct tmoi_weights *weights;
    tmoi_session_graph *graphs; /* one a subgraph, set up when first needed */
    int32_t main;
    uint64_t loop_steps; /* of the present run */
    resource_entry *resources;
    int32_t resource_count;
    tmoi_arena resource_memory;
    name_entry *names; /* of fused kernels */
    tmoi_arena name_memory;
    bool caller_arena_taken;
};

/* Values and nodes of a subgraph, not prepared yet. Does nothing when that was done before. */
tmo_status tmoi_session_graph_setup(tmoi_session *session, int32_t index, tmoi_ctx *ctx);
/* Infers, prepares and plans. */
tmo_status tmoi_session_graph_prepare(tmoi_session_graph *graph, tmoi_ctx *ctx);
tmo_status tmoi_session_graph_run(tmoi_session_graph *graph, tmoi_ctx *ctx);
void tmoi_session_graph_release(tmoi_session_graph *graph);
/* Infers the outputs of a node from its inputs' present shapes and data. */
tmo_status tmoi_session_infer(tmoi_session_graph *graph, tmoi_node *node, bool *dynamic, tmoi_ctx *ctx);
/* A variable's first state: zeros, or the zero point of int8, as in TFLite's Subgraph::ResetVariableTensors. */
void tmoi_value_start_variable(tmoi_value *value);
void tmoi_session_release_resources(tmoi_session *session);

/* prepare.c: the caller's custom operator of that name, or NULL; one operator's prepare; its scratch memory outside the plan. */
const tmoi_custom_op *tmoi_session_find_custom(const tmoi_session *session, const tmoi_op *op);
tmo_status tmoi_session_prepare_node(tmoi_session_graph *graph, tmoi_node *node, tmoi_ctx *ctx);
/* Prepares the static node number k, unless that was done before. */
tmo_status tmoi_session_prepare_at(tmoi_session_graph *graph, int32_t k, tmoi_ctx *ctx);
tmo_status tmoi_session_take_scratch(tmoi_session_graph *graph, tmoi_node *node, tmoi_ctx *ctx);
/* lower/lower.c: chooses what runs: merges operators, makes views, orders the steps. Prepares some of the nodes. */
tmo_status tmoi_session_lower(tmoi_session_graph *graph, tmoi_ctx *ctx);
/* lower/names.c: names in the nodes' kernels what was fused into them, once all are prepared. */
tmo_status tmoi_session_name_fused(tmoi_session_graph *graph, tmoi_ctx *ctx);
/* half.c: finds, once, the values that may stay float16; whether this node's output does, which is a constant then. */
tmo_status tmoi_session_find_halves(tmoi_session_graph *graph, tmoi_ctx *ctx);
bool tmoi_session_keep_half(const tmoi_session_graph *graph, const tmoi_node *node);
/* memory.c */
tmo_status tmoi_session_plan_memory(tmoi_session_graph *graph, tmoi_ctx *ctx);
void tmoi_session_release_activations(tmoi_session_graph *graph);
/* run.c: names the operator in the error, once. */
tmo_status tmoi_session_fail_at(const tmoi_session_graph *graph, int32_t op, tmoi_ctx *ctx);

#endif
