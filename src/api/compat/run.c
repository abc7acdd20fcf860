/* Shapes, memory and invocations of a subgraph: what interpreters and signature runners share. */
#include <string.h>

#include "api/compat/compat.h"

static TfLiteStatus status_of(const tmoi_tfl_graph *graph, const tmoi_ctx *ctx)
{
    tmoi_tfl_report(&graph->interpreter->reporter, "%s", ctx->error.message);
    switch (ctx->error.status) {
    case TMO_STATUS_CANCELLED: return kTfLiteCancelled;
    case TMO_STATUS_UNSUPPORTED_OPERATOR: return kTfLiteUnresolvedOps;
    default: return kTfLiteError;
    }
}

static TfLiteTensor *input_tensor(const tmoi_tfl_graph *graph, int32_t k)
{
    return &graph->context.tensors[graph->subgraph->inputs[k]];
}

static TfLiteTensor *output_tensor(const tmoi_tfl_graph *graph, int32_t k)
{
    return &graph->context.tensors[graph->subgraph->outputs[k]];
}

/* ---- shapes ---- */

/* Whether only dimensions that are open differ. */
static bool keeps_fixed(const TfLiteTensor *tensor, const int *dims, int32_t count)
{
    const TfLiteIntArray *signature = TfLiteTensorGetDimsSignature(tensor);
    if (!signature || signature->size != count) return false;
    for (int32_t k = 0; k < count; k++)
        if (signature->data[k] != -1 && signature->data[k] != dims[k]) return false;
    return true;
}

TfLiteStatus tmoi_tfl_resize(tmoi_tfl_graph *graph, int32_t input, const int *dims, int32_t count,
                             bool strict)
{
    const tmoi_tfl_reporter *reporter = &graph->interpreter->reporter;
    tmoi_shape shape = {.rank = count};
    int64_t elements;
    if (input < 0 || input >= graph->subgraph->input_count) {
        tmoi_tfl_report(reporter, "input %d is out of range, there are %d", (int)input,
                        (int)graph->subgraph->input_count);
        return kTfLiteError;
    }
    if (count < 0 || count > TMO_MAX_RANK || (count > 0 && !dims)) {
        tmoi_tfl_report(reporter, "a shape has 0 to %d dimensions, got %d", TMO_MAX_RANK, (int)count);
        return kTfLiteError;
    }
    for (int32_t k = 0; k < count; k++) shape.dims[k] = dims[k];
    TfLiteTensor *tensor = input_tensor(graph, input);
    if (!tmoi_shape_count_checked(&shape, &elements) || (strict && !keeps_fixed(tensor, dims, count))) {
        tmoi_tfl_report(reporter, "input '%s' cannot have shape %s", tensor->name,
                        tmoi_shape_format(&shape).text);
        return kTfLiteError;
    }
    if (TfLiteIntArrayEqualsArray(tensor->dims, count, dims)) return kTfLiteOk;
    if (!tmoi_tfl_tensor_set_shape(tensor, &shape)) return kTfLiteError;
    if (tensor->type != kTfLiteString) tensor->data.data = NULL;
    graph->is_allocated = false;
    return kTfLiteOk;
}

/* ---- memory ---- */

static tmo_status make_session(TfLiteInterpreter *interpreter, tmoi_ctx *ctx)
{
    const tmoi_session_config config = {.threads = interpreter->threads,
                                        .cpu = tmoi_cpu_features(),
                                        .custom_ops = interpreter->custom_ops,
                                        .custom_op_count = interpreter->custom_count,
                                        .cancelled = interpreter->can_cancel ? &interpreter->cancelled
                                                                             : NULL};
    if (interpreter->session) return TMO_STATUS_OK;
    return tmoi_session_make(&interpreter->session, tmoi_tfl_model_graph(interpreter), &config, ctx);
}

static tmo_status plan(tmoi_tfl_graph *graph, tmoi_ctx *ctx)
{
    tmoi_session *session;
    TMO_TRY(make_session(graph->interpreter, ctx));
    session = graph->interpreter->session;
    TMO_TRY(tmoi_session_select(session, graph->index, ctx));
    for (int32_t k = 0; k < graph->subgraph->input_count; k++) {
        const tmoi_shape shape = tmoi_tfl_shape_of(input_tensor(graph, k)->dims);
        TMO_TRY(tmoi_session_set_shape(session, k, &shape, ctx));
    }
    return tmoi_session_plan(session, ctx);
fail:
    return ctx->error.status;
}

static TfLiteCustomAllocation *allocation_of(const tmoi_tfl_graph *graph, int32_t tensor)
{
    return graph->allocations && graph->allocations[tensor].data ? &graph->allocations[tensor] : NULL;
}

/* The mirror of a tensor that is no string input: those hold the program's texts. */
static bool follow(tmoi_tfl_graph *graph, int32_t k)
{
    TfLiteTensor *tensor = &graph->context.tensors[k];
    const tmoi_value *value = tmoi_session_tensor(graph->interpreter->session, graph->index, k);
    if (tensor->allocation_type == kTfLiteMmapRo) return true;
    if (tmoi_tfl_holds_texts(graph, k)) return true;
    if (!tmoi_tfl_tensor_follow(tensor, value)) return false;
    if (value->is_dynamic) tensor->allocation_type = kTfLiteDynamic;
    const TfLiteCustomAllocation *allocation = allocation_of(graph, k);
    if (allocation) tensor->data.data = allocation->data;
    return true;
}

static bool allocations_suffice(const tmoi_tfl_graph *graph)
{
    for (int32_t k = 0; graph->allocations && k < graph->subgraph->tensor_count; k++) {
        const TfLiteTensor *tensor = &graph->context.tensors[k];
        if (!graph->allocations[k].data || graph->allocations[k].bytes >= tensor->bytes) continue;
        tmoi_tfl_report(&graph->interpreter->reporter,
                        "the memory given for tensor '%s' has %zu bytes, it needs %zu", tensor->name,
                        graph->allocations[k].bytes, tensor->bytes);
        return false;
    }
    return true;
}

TfLiteStatus tmoi_tfl_allocate(tmoi_tfl_graph *graph)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    bool followed = true;
    graph->is_allocated = false;
    if (plan(graph, &ctx) != TMO_STATUS_OK) return status_of(graph, &ctx);
    for (int32_t k = 0; k < graph->subgraph->tensor_count; k++) followed &= follow(graph, k);
    if (!followed || !allocations_suffice(graph)) return kTfLiteError;
    graph->is_allocated = true;
    return kTfLiteOk;
}

/* ---- invocations ---- */

static tmo_status give_inputs(tmoi_tfl_graph *graph, tmoi_ctx *ctx)
{
    tmoi_session *session = graph->interpreter->session;
    for (int32_t k = 0; k < graph->subgraph->input_count; k++) {
        const TfLiteTensor *tensor = input_tensor(graph, k);
        const TfLiteCustomAllocation *allocation = allocation_of(graph, graph->subgraph->inputs[k]);
        if (tmoi_tfl_holds_texts(graph, graph->subgraph->inputs[k]))
            TMO_TRY(tmoi_session_set_texts(session, k, tensor->data.data, tensor->bytes, ctx));
        if (allocation && tensor->bytes)
            memcpy(tmoi_session_input(session, k)->data, allocation->data, tensor->bytes);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static TfLiteStatus take_outputs(tmoi_tfl_graph *graph)
{
    for (int32_t k = 0; k < graph->subgraph->output_count; k++) {
        const int32_t index = graph->subgraph->outputs[k];
        const TfLiteCustomAllocation *allocation = allocation_of(graph, index);
        if (!follow(graph, index)) return kTfLiteError;
        const TfLiteTensor *tensor = output_tensor(graph, k);
        if (!allocation || tensor->bytes == 0) continue;
        if (allocation->bytes < tensor->bytes) return kTfLiteError;
        memcpy(allocation->data, tmoi_session_output(graph->interpreter->session, k)->data, tensor->bytes);
    }
    return kTfLiteOk;
}

TfLiteStatus tmoi_tfl_invoke(tmoi_tfl_graph *graph)
{
    TfLiteInterpreter *interpreter = graph->interpreter;
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    if (!graph->is_allocated) {
        tmoi_tfl_report(&interpreter->reporter, "the tensors are not allocated: call AllocateTensors first");
        return kTfLiteError;
    }
    atomic_store(&interpreter->cancelled, false);
    interpreter->invoked = graph;
    TMO_TRY(tmoi_session_select(interpreter->session, graph->index, &ctx));
    TMO_TRY(give_inputs(graph, &ctx));
    TMO_TRY(tmoi_session_run(interpreter->session, &ctx));
    return take_outputs(graph);
fail:
    return status_of(graph, &ctx);
}
