/* tensorflow/lite/c/c_api.h, c_api_experimental.h: interpreters. */
#include <string.h>

#include "api/compat/compat.h"

/* ---- which operators ---- */

static bool knows_builtin(const tmoi_op *op)
{
    return op->custom_code ? tmoi_op_def_find_custom(op->custom_code) != NULL
                           : tmoi_op_def_find(op->code) != NULL;
}

static bool is_resolved(const TfLiteInterpreterOptions *options, const tmoi_op *op, bool selected_only)
{
    TfLiteRegistration registration;
    const bool named = tmoi_tfl_resolve(options, op, &registration);
    if (op->custom_code && named) return true;
    return knows_builtin(op) && (named || !selected_only);
}

static bool all_resolved(const tmoi_graph *graph, const TfLiteInterpreterOptions *options, bool selected_only)
{
    for (int32_t s = 0; s < graph->subgraph_count; s++)
        for (int32_t k = 0; k < graph->subgraphs[s].op_count; k++) {
            const tmoi_op *op = &graph->subgraphs[s].ops[k];
            if (is_resolved(options, op, selected_only)) continue;
            tmoi_tfl_report(&options->reporter, "operator %d %s, version %d, of subgraph %d %s", (int)k,
                            tmoi_op_name(op), (int)op->version, (int)s,
                            knows_builtin(op) ? "was not selected" : tmoi_op_missing_text(op));
            return false;
        }
    return true;
}

/* The names under which the session calls the program's operators. */
static bool add_custom(TfLiteInterpreter *interpreter, const char *name)
{
    for (int32_t k = 0; k < interpreter->custom_count; k++)
        if (strcmp(interpreter->custom_ops[k].name, name) == 0) return true;
    tmoi_custom_op *grown = realloc(interpreter->custom_ops,
                                    ((size_t)interpreter->custom_count + 1) * sizeof *grown);
    if (!grown) return false;
    interpreter->custom_ops = grown;
    grown[interpreter->custom_count++] = (tmoi_custom_op){name, interpreter, tmoi_tfl_custom_infer,
                                                          tmoi_tfl_custom_eval};
    return true;
}

static bool set_up_graphs(TfLiteInterpreter *interpreter, const TfLiteInterpreterOptions *options)
{
    const int32_t count = tmoi_tfl_model_graph(interpreter)->subgraph_count;
    interpreter->graphs = calloc((size_t)count, sizeof *interpreter->graphs);
    if (!interpreter->graphs) return false;
    for (int32_t s = 0; s < count; s++) {
        tmoi_tfl_graph *graph = &interpreter->graphs[s];
        if (!tmoi_tfl_graph_set_up(graph, interpreter, s) || !tmoi_tfl_nodes_set_up(graph, options))
            return false;
        for (int32_t k = 0; k < graph->node_count; k++)
            if (!add_custom(interpreter, graph->nodes[k].op->custom_code)) return false;
    }
    return true;
}

/* ---- life ---- */

static bool delegates_allow(const TfLiteInterpreterOptions *options)
{
    if (!options->has_delegate) return true;
    tmoi_tfl_report(
        &options->reporter,
        options->delegate_fallback
            ? "delegates are not supported; all operators run on the processor"
            : "delegates are not supported: this library computes all operators itself; leave out "
              "TfLiteInterpreterOptionsAddDelegate()");
    return options->delegate_fallback;
}

static TfLiteInterpreter *create(const TfLiteModel *model, const TfLiteInterpreterOptions *options,
                                 bool selected_only)
{
    static const TfLiteInterpreterOptions defaults;
    if (!options) options = &defaults;
    if (!model) {
        tmoi_tfl_report(&options->reporter, "the model is NULL");
        return NULL;
    }
    if (!delegates_allow(options) || !all_resolved(model->model->graph, options, selected_only)) return NULL;
    TfLiteInterpreter *interpreter = options->out_of_memory ? NULL : calloc(1, sizeof *interpreter);
    if (interpreter) {
        interpreter->model = tmoi_tfl_model_keep(model);
        interpreter->reporter = options->reporter;
        interpreter->threads = options->threads > 0 ? options->threads : 1;
        interpreter->can_cancel = options->enable_cancellation;
        atomic_init(&interpreter->cancelled, false);
        if (set_up_graphs(interpreter, options)) return interpreter;
    }
    tmoi_tfl_report(&options->reporter, "out of memory");
    TfLiteInterpreterDelete(interpreter);
    return NULL;
}

TfLiteInterpreter *TfLiteInterpreterCreate(const TfLiteModel *model,
                                           const TfLiteInterpreterOptions *optional_options)
{
    return create(model, optional_options, false);
}

TfLiteInterpreter *TfLiteInterpreterCreateWithSelectedOps(const TfLiteModel *model,
                                                          const TfLiteInterpreterOptions *options)
{
    return create(model, options, true);
}

void TfLiteInterpreterDelete(TfLiteInterpreter *interpreter)
{
    if (!interpreter) return;
    const int32_t count = tmoi_tfl_model_graph(interpreter)->subgraph_count;
    tmoi_session_free(interpreter->session);
    for (int32_t s = 0; interpreter->graphs && s < count; s++)
        if (interpreter->graphs[s].is_set_up) tmoi_tfl_graph_release(&interpreter->graphs[s]);
    free(interpreter->graphs);
    free(interpreter->custom_ops);
    TfLiteModelDelete(interpreter->model);
    free(interpreter);
}

/* ---- inputs and outputs: of the first subgraph ---- */

static const tmoi_subgraph *first_subgraph(const TfLiteInterpreter *interpreter)
{
    return interpreter->graphs[0].subgraph;
}

/* The tensor at `index` of a list of `count` tensors, or NULL. */
static TfLiteTensor *pick(const TfLiteInterpreter *interpreter, const int32_t *list, int32_t count,
                          int32_t index)
{
    if (index < 0 || index >= count) return NULL;
    return &interpreter->graphs[0].context.tensors[list[index]];
}

int32_t TfLiteInterpreterGetInputTensorCount(const TfLiteInterpreter *interpreter)
{
    return first_subgraph(interpreter)->input_count;
}

int32_t TfLiteInterpreterGetOutputTensorCount(const TfLiteInterpreter *interpreter)
{
    return first_subgraph(interpreter)->output_count;
}

const int *TfLiteInterpreterInputTensorIndices(const TfLiteInterpreter *interpreter)
{
    return first_subgraph(interpreter)->inputs;
}

const int *TfLiteInterpreterOutputTensorIndices(const TfLiteInterpreter *interpreter)
{
    return first_subgraph(interpreter)->outputs;
}

int32_t TfLiteInterpreterGetInputTensorIndex(const TfLiteInterpreter *interpreter, int32_t input_index)
{
    const tmoi_subgraph *subgraph = first_subgraph(interpreter);
    return input_index >= 0 && input_index < subgraph->input_count ? subgraph->inputs[input_index] : -1;
}

int32_t TfLiteInterpreterGetOutputTensorIndex(const TfLiteInterpreter *interpreter, int32_t output_index)
{
    const tmoi_subgraph *subgraph = first_subgraph(interpreter);
    return output_index >= 0 && output_index < subgraph->output_count ? subgraph->outputs[output_index] : -1;
}

TfLiteTensor *TfLiteInterpreterGetInputTensor(const TfLiteInterpreter *interpreter, int32_t input_index)
{
    const tmoi_subgraph *subgraph = first_subgraph(interpreter);
    return pick(interpreter, subgraph->inputs, subgraph->input_count, input_index);
}

const TfLiteTensor *TfLiteInterpreterGetOutputTensor(const TfLiteInterpreter *interpreter,
                                                     int32_t output_index)
{
    const tmoi_subgraph *subgraph = first_subgraph(interpreter);
    return pick(interpreter, subgraph->outputs, subgraph->output_count, output_index);
}

TfLiteTensor *TfLiteInterpreterGetTensor(const TfLiteInterpreter *interpreter, int index)
{
    if (index < 0 || (size_t)index >= interpreter->graphs[0].context.tensors_size) return NULL;
    return &interpreter->graphs[0].context.tensors[index];
}

int32_t TfLiteInterpreterGetVariableTensorCount(const TfLiteInterpreter *interpreter)
{
    return interpreter->graphs[0].variables->size;
}

TfLiteTensor *TfLiteInterpreterGetVariableTensor(const TfLiteInterpreter *interpreter, int32_t variable_index)
{
    const TfLiteIntArray *variables = interpreter->graphs[0].variables;
    return pick(interpreter, variables->data, variables->size, variable_index);
}

/* ---- running ---- */

TfLiteStatus TfLiteInterpreterResizeInputTensor(TfLiteInterpreter *interpreter, int32_t input_index,
                                                const int *input_dims, int32_t input_dims_size)
{
    return tmoi_tfl_resize(&interpreter->graphs[0], input_index, input_dims, input_dims_size, false);
}

TfLiteStatus TfLiteInterpreterAllocateTensors(TfLiteInterpreter *interpreter)
{
    return tmoi_tfl_allocate(&interpreter->graphs[0]);
}

TfLiteStatus TfLiteInterpreterInvoke(TfLiteInterpreter *interpreter)
{
    return tmoi_tfl_invoke(&interpreter->graphs[0]);
}

TfLiteStatus TfLiteInterpreterResetVariableTensors(TfLiteInterpreter *interpreter)
{
    if (interpreter->session) tmoi_session_reset(interpreter->session);
    return kTfLiteOk;
}

TfLiteStatus TfLiteInterpreterCancel(const TfLiteInterpreter *interpreter)
{
    TfLiteInterpreter *running;
    if (!interpreter->can_cancel) return kTfLiteError;
    memcpy(&running, &interpreter, sizeof running); /* made by create(), so writable */
    atomic_store(&running->cancelled, true);
    return kTfLiteOk;
}

/* ---- memory and delegates ---- */

static bool is_aligned(const TfLiteCustomAllocation *allocation, int64_t flags)
{
    return (flags & kTfLiteCustomAllocationFlagsSkipAlignCheck) ||
           (uintptr_t)allocation->data % TMOI_ALIGNMENT == 0;
}

TfLiteStatus TfLiteInterpreterSetCustomAllocationForTensor(TfLiteInterpreter *interpreter, int tensor_index,
                                                           const TfLiteCustomAllocation *allocation,
                                                           int64_t flags)
{
    tmoi_tfl_graph *graph = &interpreter->graphs[0];
    const tmoi_subgraph *subgraph = graph->subgraph;
    const bool outside = tensor_index >= 0 && tensor_index < subgraph->tensor_count &&
                         !subgraph->tensors[tensor_index].data &&
                         subgraph->tensors[tensor_index].type != TMO_TYPE_STRING &&
                         (tmoi_subgraph_is_input(subgraph, tensor_index) ||
                          tmoi_subgraph_is_output(subgraph, tensor_index));
    if (!outside || !allocation || !allocation->data || !is_aligned(allocation, flags)) {
        tmoi_tfl_report(&interpreter->reporter,
                        "memory can be given for inputs and outputs only, aligned to %d bytes",
                        TMOI_ALIGNMENT);
        return kTfLiteError;
    }
    if (!graph->allocations)
        graph->allocations = calloc((size_t)subgraph->tensor_count, sizeof *graph->allocations);
    if (!graph->allocations) return kTfLiteError;
    graph->allocations[tensor_index] = *allocation;
    graph->is_allocated = false;
    return kTfLiteOk;
}

TfLiteStatus TfLiteInterpreterEnsureTensorDataIsReadable(TfLiteInterpreter *interpreter, int tensor_index)
{
    return TfLiteInterpreterGetTensor(interpreter, tensor_index) ? kTfLiteOk : kTfLiteError;
}

static TfLiteStatus no_delegates(const TfLiteInterpreter *interpreter)
{
    tmoi_tfl_report(&interpreter->reporter,
                    "delegates are not supported: this library computes all operators itself");
    return kTfLiteApplicationError;
}

TfLiteStatus TfLiteInterpreterModifyGraphWithDelegate(const TfLiteInterpreter *interpreter,
                                                      TfLiteDelegate *delegate)
{
    (void)delegate;
    return no_delegates(interpreter);
}

TfLiteStatus TfLiteInterpreterSetBufferHandle(TfLiteInterpreter *interpreter, TfLiteTensor *tensor,
                                              TfLiteBufferHandle buffer_handle,
                                              TfLiteOpaqueDelegate *delegate)
{
    (void)tensor;
    (void)buffer_handle;
    (void)delegate;
    return no_delegates(interpreter);
}

TfLiteStatus TfLiteInterpreterGetBufferHandle(TfLiteInterpreter *interpreter, int tensor_index,
                                              TfLiteBufferHandle *buffer_handle,
                                              TfLiteOpaqueDelegate **delegate)
{
    if (!TfLiteInterpreterGetTensor(interpreter, tensor_index)) return kTfLiteError;
    *buffer_handle = kTfLiteNullBufferHandle;
    *delegate = NULL;
    return kTfLiteOk;
}

void TfLiteSetAllowBufferHandleOutput(const TfLiteInterpreter *interpreter, bool allow_buffer_handle_output)
{
    (void)interpreter;
    (void)allow_buffer_handle_output;
}

void TfLiteInterpreterSetTelemetryProfiler(const TfLiteInterpreter *interpreter,
                                           struct TfLiteTelemetryProfilerStruct *profiler)
{
    (void)interpreter;
    (void)profiler;
}
