/* The context that an operator's callbacks get: the functions in TfLiteContext. */
#include <string.h>

#include "api/compat/compat.h"

static tmoi_tfl_graph *graph_of(TfLiteContext *context)
{
    return context->impl_;
}

static void report_error(TfLiteContext *context, const char *format, ...)
{
    const tmoi_tfl_reporter *reporter = &graph_of(context)->interpreter->reporter;
    va_list args;
    if (!reporter->report) return;
    va_start(args, format);
    reporter->report(reporter->user_data, format, args);
    va_end(args);
}

/* ---- tensors ---- */

/* The value behind an output of the operator that runs now, or NULL. */
static tmoi_value *running_output(const tmoi_tfl_graph *graph, const TfLiteTensor *tensor)
{
    for (int32_t k = 0; graph->running && k < graph->running->output_count; k++)
        if (&graph->context.tensors[graph->running->op->outputs[k]] == tensor)
            return graph->running->outputs[k];
    return NULL;
}

static TfLiteStatus resize_running(tmoi_tfl_graph *graph, TfLiteTensor *tensor, const tmoi_shape *shape)
{
    tmoi_value *value = running_output(graph, tensor);
    if (!value || !value->is_dynamic || tensor->type == kTfLiteString)
        return tmoi_tfl_tensor_set_shape(tensor, shape) ? kTfLiteOk : kTfLiteError;
    if (tmoi_value_resize(graph->exec, value, shape, graph->ctx) != TMO_STATUS_OK) return kTfLiteError;
    return tmoi_tfl_tensor_follow(tensor, value) ? kTfLiteOk : kTfLiteError;
}

/* Scratch tensors that an operator added and made dynamic live in malloc's memory. */
static TfLiteStatus resize_added(TfLiteTensor *tensor, const tmoi_shape *shape)
{
    const size_t old_bytes = tensor->bytes;
    if (!tmoi_tfl_tensor_set_shape(tensor, shape)) return kTfLiteError;
    const size_t bytes = tensor->bytes;
    tensor->bytes = old_bytes;
    if (tensor->allocation_type == kTfLiteDynamic) return TfLiteTensorRealloc(bytes, tensor);
    if (bytes > old_bytes || !tensor->data.data) {
        free(tensor->data.data);
        tensor->data.data = malloc(bytes ? bytes : 1);
    }
    tensor->bytes = bytes;
    return tensor->data.data ? kTfLiteOk : kTfLiteError;
}

static TfLiteStatus resize_explicit(TfLiteContext *context, TfLiteTensor *tensor, int dims, const int *shape)
{
    tmoi_tfl_graph *graph = graph_of(context);
    tmoi_shape wanted = {.rank = dims};
    int64_t count;
    if (dims < 0 || dims > TMO_MAX_RANK) {
        report_error(context, "a shape has 0 to %d dimensions, got %d", TMO_MAX_RANK, dims);
        return kTfLiteError;
    }
    for (int k = 0; k < dims; k++) wanted.dims[k] = shape[k];
    if (!tmoi_shape_count_checked(&wanted, &count)) {
        report_error(context, "a tensor cannot have shape %s", tmoi_shape_format(&wanted).text);
        return kTfLiteError;
    }
    if (tensor - context->tensors >= graph->subgraph->tensor_count) return resize_added(tensor, &wanted);
    return resize_running(graph, tensor, &wanted);
}

static TfLiteStatus resize(TfLiteContext *context, TfLiteTensor *tensor, TfLiteIntArray *new_size)
{
    if (!new_size) return kTfLiteError;
    const TfLiteStatus status = resize_explicit(context, tensor, new_size->size, new_size->data);
    TfLiteIntArrayFree(new_size);
    return status;
}

static TfLiteStatus add_tensors(TfLiteContext *context, int tensors_to_add, int *first_new_tensor_index)
{
    const tmoi_tfl_graph *graph = graph_of(context);
    const size_t room = (size_t)graph->subgraph->tensor_count + TMOI_TFL_ADDED_TENSORS -
                        context->tensors_size;
    if (tensors_to_add < 0 || (size_t)tensors_to_add > room) {
        report_error(context, "operators may add %d tensors to a graph", TMOI_TFL_ADDED_TENSORS);
        return kTfLiteError;
    }
    if (first_new_tensor_index) *first_new_tensor_index = (int)context->tensors_size;
    for (int k = 0; k < tensors_to_add; k++) {
        TfLiteTensor *tensor = &context->tensors[context->tensors_size++];
        *tensor = (TfLiteTensor){.type = kTfLiteNoType, .buffer_handle = kTfLiteNullBufferHandle};
    }
    return kTfLiteOk;
}

/* ---- the graph ---- */

static TfLiteStatus get_execution_plan(TfLiteContext *context, TfLiteIntArray **execution_plan)
{
    *execution_plan = graph_of(context)->plan;
    return kTfLiteOk;
}

static TfLiteStatus get_node(TfLiteContext *context, int node_index, TfLiteNode **node,
                             TfLiteRegistration **registration)
{
    tmoi_tfl_graph *graph = graph_of(context);
    for (int32_t k = 0; k < graph->node_count; k++) {
        if (graph->nodes[k].index != node_index) continue;
        *node = &graph->nodes[k].node;
        *registration = &graph->nodes[k].registration;
        return kTfLiteOk;
    }
    report_error(context, "operator %d is not one of the program's", node_index);
    return kTfLiteError;
}

static TfLiteStatus get_metadata(const TfLiteContext *context, const char *name, const char **ptr,
                                 size_t *bytes)
{
    const tmoi_tfl_graph *graph = context->impl_;
    const tmoi_graph *model = tmoi_tfl_model_graph(graph->interpreter);
    for (int32_t k = 0; k < model->metadata_count; k++) {
        if (strcmp(model->metadata[k].name, name) != 0) continue;
        *ptr = model->metadata[k].data;
        *bytes = model->metadata[k].data_bytes;
        return kTfLiteOk;
    }
    return kTfLiteError;
}

static TfLiteExternalContext *get_external(TfLiteContext *context, TfLiteExternalContextType type)
{
    (void)context;
    (void)type;
    return NULL;
}

static void set_external(TfLiteContext *context, TfLiteExternalContextType type,
                         TfLiteExternalContext *external)
{
    (void)context;
    (void)type;
    (void)external;
}

/* ---- delegates ---- */

static TfLiteStatus no_delegates(TfLiteContext *context)
{
    report_error(context, "delegates are not supported: this library computes all operators itself");
    return kTfLiteError;
}

static TfLiteStatus replace_nodes(TfLiteContext *context, TfLiteRegistration registration,
                                  const TfLiteIntArray *nodes_to_replace, TfLiteDelegate *delegate)
{
    (void)registration;
    (void)nodes_to_replace;
    (void)delegate;
    return no_delegates(context);
}

static TfLiteStatus preview_partitioning(TfLiteContext *context, const TfLiteIntArray *nodes_to_replace,
                                         TfLiteDelegateParams **partition_params_array, int *num_partitions)
{
    (void)nodes_to_replace;
    (void)partition_params_array;
    (void)num_partitions;
    return no_delegates(context);
}

static TfLiteStatus acquire_subgraph(TfLiteContext *context, int subgraph_index, TfLiteContext **acquired)
{
    (void)subgraph_index;
    (void)acquired;
    return no_delegates(context);
}

static TfLiteStatus release_subgraph(TfLiteContext *context, int subgraph_index)
{
    (void)subgraph_index;
    return no_delegates(context);
}

void tmoi_tfl_context_set_up(tmoi_tfl_graph *graph, int32_t threads)
{
    graph->context = (TfLiteContext){.GetExecutionPlan = get_execution_plan,
                                     .impl_ = graph,
                                     .ResizeTensor = resize,
                                     .ReportError = report_error,
                                     .AddTensors = add_tensors,
                                     .GetNodeAndRegistration = get_node,
                                     .ReplaceNodeSubsetsWithDelegateKernels = replace_nodes,
                                     .recommended_num_threads = threads,
                                     .GetExternalContext = get_external,
                                     .SetExternalContext = set_external,
                                     .ResizeTensorExplicit = resize_explicit,
                                     .PreviewDelegatePartitioning = preview_partitioning,
                                     .GetModelMetadata = get_metadata,
                                     .AcquireSubgraphContext = acquire_subgraph,
                                     .ReleaseSubgraphContext = release_subgraph};
#if defined(_WIN32)
    graph->context.TfLiteIntArrayCreate = TfLiteIntArrayCreate;
    graph->context.TfLiteIntArrayFree = TfLiteIntArrayFree;
#endif
}
