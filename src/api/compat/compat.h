/* What stands behind the handles of TensorFlow Lite's C API (tensorflow/lite/c/c_api.h).
 *
 * Programs look into TfLiteTensor themselves, so each subgraph in use has an array of them, a mirror of the session's values: shapes
 * and data pointers are copied when tensors are allocated, and those of outputs after each invocation. The objects here come from
 * malloc(), because programs free some of them with TfLiteIntArrayFree() and the like. */
#ifndef TMOI_API_COMPAT_COMPAT_H
#define TMOI_API_COMPAT_COMPAT_H

#include <stdatomic.h>

#include "api/handle.h"
#include "runtime/session.h"
#include "tensorflow/lite/c/c_api_experimental.h"
#include "tensorflow/lite/c/c_api_opaque.h"

/* ---- reporting ---- */

typedef struct tmoi_tfl_reporter {
    void (*report)(void *user_data, const char *format, va_list args); /* NULL: nothing is said */
    void *user_data;
} tmoi_tfl_reporter;

void tmoi_tfl_report(const tmoi_tfl_reporter *reporter, const char *format, ...) TMOI_PRINTF(2, 3);

/* ---- model ---- */

/* Deleted by the program, kept by interpreters. */
struct TfLiteModel {
    atomic_int references;
    tmo_model *model;
};

TfLiteModel *tmoi_tfl_model_keep(const TfLiteModel *model);

/* ---- operators that the program brings ---- */

struct TfLiteOperator {
    TfLiteBuiltinOperator builtin_code;
    char *custom_name; /* NULL for a builtin operator */
    int version;
    void *user_data;
    void *(*init)(TfLiteOpaqueContext *context, const char *buffer, size_t length);
    void *(*init_with_data)(void *user_data, TfLiteOpaqueContext *context, const char *buffer, size_t length);
    void (*free)(TfLiteOpaqueContext *context, void *data);
    void (*free_with_data)(void *user_data, TfLiteOpaqueContext *context, void *data);
    TfLiteStatus (*prepare)(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node);
    TfLiteStatus (*prepare_with_data)(void *user_data, TfLiteOpaqueContext *context, TfLiteOpaqueNode *node);
    TfLiteStatus (*invoke)(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node);
    TfLiteStatus (*invoke_with_data)(void *user_data, TfLiteOpaqueContext *context, TfLiteOpaqueNode *node);
};

/* False when no callback was set. */
bool tmoi_tfl_operator_has_callbacks(const TfLiteOperator *op);

/* One entry of the options: an operator and the versions that it is for. */
typedef struct tmoi_tfl_entry {
    int32_t code;     /* kTfLiteBuiltinCustom or a builtin operator */
    const char *name; /* of a custom operator; the program's */
    int min_version, max_version;
    TfLiteRegistration registration; /* registration_external set: that one's callbacks count */
} tmoi_tfl_entry;

/* The functions of TfLiteInterpreterOptionsSetOpResolver...(); unset ones are NULL. */
typedef struct tmoi_tfl_resolver {
    void *user_data;
    const TfLiteRegistration *(*find_builtin)(void *, TfLiteBuiltinOperator, int);
    const TfLiteRegistration *(*find_custom)(void *, const char *, int);
    const TfLiteRegistration_V1 *(*find_builtin_v1)(void *, TfLiteBuiltinOperator, int);
    const TfLiteRegistration_V1 *(*find_custom_v1)(void *, const char *, int);
    const TfLiteRegistration_V2 *(*find_builtin_v2)(void *, TfLiteBuiltinOperator, int);
    const TfLiteRegistration_V2 *(*find_custom_v2)(void *, const char *, int);
    const TfLiteRegistration_V3 *(*find_builtin_v3)(void *, TfLiteBuiltinOperator, int);
    const TfLiteRegistration_V3 *(*find_custom_v3)(void *, const char *, int);
    const TfLiteOperator *(*find_builtin_external)(void *, int, int);
    const TfLiteOperator *(*find_custom_external)(void *, const char *, int);
} tmoi_tfl_resolver;

struct TfLiteInterpreterOptions {
    int32_t threads;
    bool enable_cancellation, delegate_fallback, has_delegate;
    tmoi_tfl_reporter reporter;
    tmoi_tfl_resolver resolver;
    tmoi_tfl_entry *entries; /* [entry_count] */
    int32_t entry_count;
    bool out_of_memory; /* an entry was lost */
};

/* The callbacks for an operator of a model: *out is filled for a custom operator. False when the options do not know it. */
bool tmoi_tfl_resolve(const TfLiteInterpreterOptions *options, const tmoi_op *op, TfLiteRegistration *out);

/* ---- interpreter ---- */

/* An operator whose callbacks are the program's. */
typedef struct tmoi_tfl_node {
    TfLiteNode node; /* first: a TfLiteOpaqueNode is one */
    TfLiteRegistration registration;
    const tmoi_op *op;
    int32_t index; /* in the subgraph */
} tmoi_tfl_node;

enum { TMOI_TFL_ADDED_TENSORS = 64 }; /* that operators may add to a subgraph */

/* One subgraph. */
typedef struct tmoi_tfl_graph {
    TfLiteContext context; /* first: a TfLiteOpaqueContext is one; its `tensors` are the mirror */
    TfLiteInterpreter *interpreter;
    const tmoi_subgraph *subgraph;
    int32_t index;
    bool is_set_up;
    bool is_allocated; /* and not resized since */
    TfLiteIntArray *plan, *variables;
    TfLiteCustomAllocation *allocations; /* [tensor_count] memory of the program's; or NULL */
    tmoi_tfl_node *nodes;                /* [node_count] */
    int32_t node_count;
    tmoi_exec *exec; /* while an operator's callback runs */
    tmoi_node *running;
    tmoi_ctx *ctx;
} tmoi_tfl_graph;

struct TfLiteInterpreter {
    TfLiteModel *model;
    tmoi_tfl_reporter reporter;
    int32_t threads;
    bool can_cancel;
    atomic_bool cancelled;      /* read by the session between operators */
    tmoi_session *session;      /* NULL until tensors are allocated */
    tmoi_tfl_graph *graphs;     /* one a subgraph */
    tmoi_custom_op *custom_ops; /* [custom_count] by name */
    int32_t custom_count;
    const tmoi_tfl_graph *invoked; /* what runs, or ran last */
};

struct TfLiteSignatureRunner {
    tmoi_tfl_graph *graph;
    const tmoi_signature *signature;
};

const tmoi_graph *tmoi_tfl_model_graph(const TfLiteInterpreter *interpreter);

/* graph.c: the mirror. Each returns false when there is no memory. */
bool tmoi_tfl_graph_set_up(tmoi_tfl_graph *graph, TfLiteInterpreter *interpreter, int32_t index);
void tmoi_tfl_graph_release(tmoi_tfl_graph *graph);
/* Whether tensor k holds texts that the program writes, in memory of its own. */
bool tmoi_tfl_holds_texts(const tmoi_tfl_graph *graph, int32_t k);
/* Copies shape, size and data pointer. */
bool tmoi_tfl_tensor_follow(TfLiteTensor *tensor, const tmoi_value *value);
/* Copies a shape, and sets the size to what it takes. */
bool tmoi_tfl_tensor_set_shape(TfLiteTensor *tensor, const tmoi_shape *shape);
tmoi_shape tmoi_tfl_shape_of(const TfLiteIntArray *dims);
TfLiteType tmoi_tfl_type_of(tmo_type type);
/* Bits of an element; 0 for types of no fixed size. */
uint32_t tmoi_tfl_type_bits(TfLiteType type);

/* run.c: what interpreter and signature runners share. */
TfLiteStatus tmoi_tfl_resize(tmoi_tfl_graph *graph, int32_t input, const int *dims, int32_t count,
                             bool strict);
TfLiteStatus tmoi_tfl_allocate(tmoi_tfl_graph *graph);
TfLiteStatus tmoi_tfl_invoke(tmoi_tfl_graph *graph);

/* custom.c: calls of the program's operators. */
bool tmoi_tfl_nodes_set_up(tmoi_tfl_graph *graph, const TfLiteInterpreterOptions *options);
void tmoi_tfl_nodes_release(tmoi_tfl_graph *graph);
tmo_status tmoi_tfl_custom_infer(void *user, tmoi_infer *infer, tmoi_ctx *ctx);
tmo_status tmoi_tfl_custom_eval(void *user, tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx);

/* context.c */
void tmoi_tfl_context_set_up(tmoi_tfl_graph *graph, int32_t threads);

#endif
