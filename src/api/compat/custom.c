/* Calls of the program's operators: their inputs and outputs are shown in the mirror, their callbacks called. */
#include <string.h>

#include "api/compat/compat.h"

static TfLiteOpaqueContext *opaque_context(tmoi_tfl_graph *graph)
{
    return (TfLiteOpaqueContext *)&graph->context;
}

static TfLiteOpaqueNode *opaque_node(tmoi_tfl_node *node)
{
    return (TfLiteOpaqueNode *)&node->node;
}

/* ---- callbacks: those of a TfLiteOperator, or those of a TfLiteRegistration ---- */

static void *call_init(tmoi_tfl_graph *graph, const tmoi_tfl_node *node, const char *buffer, size_t length)
{
    const TfLiteOperator *op = node->registration.registration_external;
    if (op && op->init_with_data)
        return op->init_with_data(op->user_data, opaque_context(graph), buffer, length);
    if (op && op->init) return op->init(opaque_context(graph), buffer, length);
    if (!op && node->registration.init) return node->registration.init(&graph->context, buffer, length);
    return NULL;
}

static void call_free(tmoi_tfl_graph *graph, tmoi_tfl_node *node)
{
    const TfLiteOperator *op = node->registration.registration_external;
    void *data = node->node.user_data;
    if (op && op->free_with_data)
        op->free_with_data(op->user_data, opaque_context(graph), data);
    else if (op && op->free)
        op->free(opaque_context(graph), data);
    else if (!op && node->registration.free)
        node->registration.free(&graph->context, data);
}

static TfLiteStatus call_prepare(tmoi_tfl_graph *graph, tmoi_tfl_node *node)
{
    const TfLiteOperator *op = node->registration.registration_external;
    if (op && op->prepare_with_data)
        return op->prepare_with_data(op->user_data, opaque_context(graph), opaque_node(node));
    if (op && op->prepare) return op->prepare(opaque_context(graph), opaque_node(node));
    if (!op && node->registration.prepare) return node->registration.prepare(&graph->context, &node->node);
    return kTfLiteOk;
}

static TfLiteStatus call_invoke(tmoi_tfl_graph *graph, tmoi_tfl_node *node)
{
    const TfLiteOperator *op = node->registration.registration_external;
    if (op && op->invoke_with_data)
        return op->invoke_with_data(op->user_data, opaque_context(graph), opaque_node(node));
    if (op && op->invoke) return op->invoke(opaque_context(graph), opaque_node(node));
    if (!op && node->registration.invoke) return node->registration.invoke(&graph->context, &node->node);
    return kTfLiteError;
}

/* ---- nodes ---- */

static TfLiteIntArray *list_of(const int32_t *tensors, int32_t count)
{
    TfLiteIntArray *list = TfLiteIntArrayCreate(count);
    for (int32_t k = 0; list && k < count; k++) list->data[k] = tensors[k];
    return list;
}

static bool set_up_node(tmoi_tfl_graph *graph, tmoi_tfl_node *node, int32_t index)
{
    const tmoi_op *op = &graph->subgraph->ops[index];
    const char *options = (const char *)op->custom_options.data;
    node->op = op;
    node->index = index;
    node->node = (TfLiteNode){.inputs = list_of(op->inputs, op->input_count),
                              .outputs = list_of(op->outputs, op->output_count),
                              .intermediates = list_of(op->intermediates, op->intermediate_count),
                              .temporaries = TfLiteIntArrayCreate(0),
                              .custom_initial_data = options,
                              .custom_initial_data_size = (int)op->custom_options.count};
    graph->node_count++;
    if (!node->node.inputs || !node->node.outputs || !node->node.intermediates || !node->node.temporaries)
        return false;
    node->registration.builtin_code = kTfLiteBuiltinCustom;
    node->registration.custom_name = op->custom_code;
    node->node.user_data = call_init(graph, node, options, op->custom_options.count);
    return true;
}

bool tmoi_tfl_nodes_set_up(tmoi_tfl_graph *graph, const TfLiteInterpreterOptions *options)
{
    const tmoi_subgraph *subgraph = graph->subgraph;
    TfLiteRegistration registration;
    size_t count = 0;
    for (int32_t k = 0; k < subgraph->op_count; k++)
        count += subgraph->ops[k].custom_code && tmoi_tfl_resolve(options, &subgraph->ops[k], &registration);
    if (count == 0) return true;
    graph->nodes = calloc(count, sizeof *graph->nodes);
    if (!graph->nodes) return false;
    for (int32_t k = 0; k < subgraph->op_count && (size_t)graph->node_count < count; k++) {
        tmoi_tfl_node *node = &graph->nodes[graph->node_count];
        if (!subgraph->ops[k].custom_code ||
            !tmoi_tfl_resolve(options, &subgraph->ops[k], &node->registration))
            continue;
        if (!set_up_node(graph, node, k)) return false;
    }
    return true;
}

void tmoi_tfl_nodes_release(tmoi_tfl_graph *graph)
{
    for (int32_t k = 0; k < graph->node_count; k++) {
        tmoi_tfl_node *node = &graph->nodes[k];
        call_free(graph, node);
        TfLiteIntArrayFree(node->node.inputs);
        TfLiteIntArrayFree(node->node.outputs);
        TfLiteIntArrayFree(node->node.intermediates);
        TfLiteIntArrayFree(node->node.temporaries);
    }
    free(graph->nodes);
}

static tmoi_tfl_node *find_node(const TfLiteInterpreter *interpreter, const tmoi_op *op,
                                tmoi_tfl_graph **graph)
{
    const int32_t count = tmoi_tfl_model_graph(interpreter)->subgraph_count;
    for (int32_t s = 0; s < count; s++)
        for (int32_t k = 0; k < interpreter->graphs[s].node_count; k++)
            if (interpreter->graphs[s].nodes[k].op == op) {
                *graph = &interpreter->graphs[s];
                return &interpreter->graphs[s].nodes[k];
            }
    return NULL;
}

/* ---- inference: the prepare callback ---- */

static tmo_status show_shapes(tmoi_tfl_graph *graph, const tmoi_infer *infer, tmoi_ctx *ctx)
{
    bool shown = true;
    for (int32_t k = 0; k < infer->input_count; k++) {
        const tmoi_infer_input *input = &infer->inputs[k];
        if (!input->present) continue;
        TfLiteTensor *tensor = &graph->context.tensors[infer->op->inputs[k]];
        if (tensor->allocation_type == kTfLiteMmapRo || tmoi_tfl_holds_texts(graph, infer->op->inputs[k]))
            continue;
        shown &= tmoi_tfl_tensor_set_shape(tensor, &input->shape);
        if (input->data) memcpy(&tensor->data.data, &input->data, sizeof input->data);
    }
    for (int32_t k = 0; k < infer->output_count; k++)
        shown &= tmoi_tfl_tensor_set_shape(&graph->context.tensors[infer->op->outputs[k]],
                                           &infer->outputs[k].shape);
    TMO_FAIL_IF(!shown, OUT_OF_MEMORY, ctx, "out of memory");
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_tfl_custom_infer(void *user, tmoi_infer *infer, tmoi_ctx *ctx)
{
    tmoi_tfl_graph *graph = NULL;
    tmoi_tfl_node *node = find_node(user, infer->op, &graph);
    TMO_FAIL_IF(!node, UNSUPPORTED_OPERATOR, ctx, "version %d of the operator is not known",
                (int)infer->op->version);
    TMO_TRY(show_shapes(graph, infer, ctx));
    TMO_FAIL_IF(call_prepare(graph, node) != kTfLiteOk, INVALID_MODEL, ctx, "prepare failed");
    for (int32_t k = 0; k < infer->output_count; k++) {
        const TfLiteTensor *tensor = &graph->context.tensors[infer->op->outputs[k]];
        infer->outputs[k].dynamic = tensor->allocation_type == kTfLiteDynamic;
        infer->outputs[k].shape = tmoi_tfl_shape_of(tensor->dims);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- evaluation: the invoke callback ---- */

static bool show_input(tmoi_tfl_graph *graph, int32_t k, const tmoi_value *value)
{
    TfLiteTensor *tensor = &graph->context.tensors[k];
    const bool texts = tmoi_tfl_holds_texts(graph, k);
    if (value->is_constant || (texts && graph == graph->interpreter->invoked)) return true;
    if (texts) TfLiteTensorDataFree(tensor);
    return tmoi_tfl_tensor_follow(tensor, value);
}

/* Texts of an input that a calling subgraph gave are no longer shown. */
static void hide_texts(tmoi_tfl_graph *graph, const tmoi_node *node)
{
    for (int32_t k = 0; k < node->input_count; k++) {
        const int32_t index = node->op->inputs[k];
        if (index < 0 || graph == graph->interpreter->invoked || !tmoi_tfl_holds_texts(graph, index))
            continue;
        graph->context.tensors[index].data.data = NULL;
        graph->context.tensors[index].bytes = 0;
    }
}

static bool show_values(tmoi_tfl_graph *graph, const tmoi_node *node)
{
    bool shown = true;
    for (int32_t k = 0; k < node->input_count; k++)
        if (node->inputs[k]) shown &= show_input(graph, node->op->inputs[k], node->inputs[k]);
    for (int32_t k = 0; k < node->output_count; k++) {
        TfLiteTensor *tensor = &graph->context.tensors[node->op->outputs[k]];
        shown &= tmoi_tfl_tensor_follow(tensor, node->outputs[k]);
        if (!node->outputs[k]->is_dynamic) continue;
        tensor->data.data = NULL; /* there after a resize */
        tensor->bytes = 0;
    }
    return shown;
}

/* An operator may have put memory of its own behind a dynamic output, as for texts: its contents move to the session. */
static tmo_status take_outputs(tmoi_tfl_graph *graph, tmoi_node *node, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < node->output_count; k++) {
        TfLiteTensor *tensor = &graph->context.tensors[node->op->outputs[k]];
        tmoi_value *value = node->outputs[k];
        const tmoi_shape shape = tmoi_tfl_shape_of(tensor->dims);
        if (!value->is_dynamic || !tensor->data.data || tensor->data.data == value->data) continue;
        void *data = tensor->data.data;
        const size_t bytes = tensor->bytes;
        if (tmoi_value_resize_bytes(graph->exec, value, &shape, bytes, ctx) == TMO_STATUS_OK && bytes)
            memcpy(value->data, data, bytes);
        free(data);
        tensor->data.data = value->data;
        TMO_TRY(ctx->error.status);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_tfl_custom_eval(void *user, tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmoi_tfl_graph *graph = NULL;
    tmoi_tfl_node *custom = find_node(user, node->op, &graph);
    TMO_FAIL_IF(!custom || !show_values(graph, node), OUT_OF_MEMORY, ctx, "out of memory");
    graph->exec = exec;
    graph->running = node;
    graph->ctx = ctx;
    const TfLiteStatus status = call_invoke(graph, custom);
    graph->running = NULL;
    hide_texts(graph, node);
    TMO_FAIL_IF(status != kTfLiteOk && ctx->error.status == TMO_STATUS_OK, INVALID_MODEL, ctx,
                "invoke failed with status %d", (int)status);
    TMO_TRY(ctx->error.status);
    TMO_TRY(take_outputs(graph, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
