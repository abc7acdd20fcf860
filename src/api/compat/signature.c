/* tensorflow/lite/c/c_api.h: signatures. */
#include <string.h>

#include "api/compat/compat.h"

int32_t TfLiteInterpreterGetSignatureCount(const TfLiteInterpreter *interpreter)
{
    return tmoi_tfl_model_graph(interpreter)->signature_count;
}

const char *TfLiteInterpreterGetSignatureKey(const TfLiteInterpreter *interpreter, int32_t signature_index)
{
    const tmoi_graph *graph = tmoi_tfl_model_graph(interpreter);
    if (signature_index < 0 || signature_index >= graph->signature_count) return NULL;
    return graph->signatures[signature_index].key;
}

TfLiteSignatureRunner *TfLiteInterpreterGetSignatureRunner(const TfLiteInterpreter *interpreter,
                                                           const char *signature_key)
{
    const tmoi_graph *graph = tmoi_tfl_model_graph(interpreter);
    int32_t k = 0;
    while (signature_key && k < graph->signature_count &&
           strcmp(graph->signatures[k].key, signature_key) != 0)
        k++;
    if (!signature_key || k == graph->signature_count) {
        tmoi_tfl_report(&interpreter->reporter, "the model has no signature '%s'",
                        signature_key ? signature_key : "");
        return NULL;
    }
    TfLiteSignatureRunner *runner = malloc(sizeof *runner);
    if (!runner) return NULL;
    runner->signature = &graph->signatures[k];
    runner->graph = &interpreter->graphs[runner->signature->subgraph];
    return runner;
}

void TfLiteSignatureRunnerDelete(TfLiteSignatureRunner *signature_runner)
{
    free(signature_runner);
}

/* ---- names ---- */

size_t TfLiteSignatureRunnerGetInputCount(const TfLiteSignatureRunner *signature_runner)
{
    return (size_t)signature_runner->signature->input_count;
}

size_t TfLiteSignatureRunnerGetOutputCount(const TfLiteSignatureRunner *signature_runner)
{
    return (size_t)signature_runner->signature->output_count;
}

const char *TfLiteSignatureRunnerGetInputName(const TfLiteSignatureRunner *signature_runner,
                                              int32_t input_index)
{
    const tmoi_signature *signature = signature_runner->signature;
    return input_index >= 0 && input_index < signature->input_count ? signature->inputs[input_index].name
                                                                    : NULL;
}

const char *TfLiteSignatureRunnerGetOutputName(const TfLiteSignatureRunner *signature_runner,
                                               int32_t output_index)
{
    const tmoi_signature *signature = signature_runner->signature;
    return output_index >= 0 && output_index < signature->output_count ? signature->outputs[output_index].name
                                                                       : NULL;
}

/* ---- tensors ---- */

static TfLiteTensor *find(const TfLiteSignatureRunner *runner, const tmoi_signature_entry *entries,
                          int32_t count, const char *name)
{
    for (int32_t k = 0; name && k < count; k++)
        if (strcmp(entries[k].name, name) == 0) return &runner->graph->context.tensors[entries[k].tensor];
    tmoi_tfl_report(&runner->graph->interpreter->reporter, "signature '%s' has no tensor '%s'",
                    runner->signature->key, name ? name : "");
    return NULL;
}

TfLiteTensor *TfLiteSignatureRunnerGetInputTensor(TfLiteSignatureRunner *signature_runner,
                                                  const char *input_name)
{
    const tmoi_signature *signature = signature_runner->signature;
    return find(signature_runner, signature->inputs, signature->input_count, input_name);
}

const TfLiteTensor *TfLiteSignatureRunnerGetOutputTensor(const TfLiteSignatureRunner *signature_runner,
                                                         const char *output_name)
{
    const tmoi_signature *signature = signature_runner->signature;
    return find(signature_runner, signature->outputs, signature->output_count, output_name);
}

TfLiteStatus TfLiteSignatureRunnerResizeInputTensor(TfLiteSignatureRunner *signature_runner,
                                                    const char *input_name, const int *input_dims,
                                                    int32_t input_dims_size)
{
    tmoi_tfl_graph *graph = signature_runner->graph;
    const TfLiteTensor *tensor = TfLiteSignatureRunnerGetInputTensor(signature_runner, input_name);
    if (!tensor) return kTfLiteError;
    int32_t input = 0;
    while (input < graph->subgraph->input_count &&
           &graph->context.tensors[graph->subgraph->inputs[input]] != tensor)
        input++;
    return tmoi_tfl_resize(graph, input, input_dims, input_dims_size, true);
}

/* ---- running ---- */

TfLiteStatus TfLiteSignatureRunnerAllocateTensors(TfLiteSignatureRunner *signature_runner)
{
    return tmoi_tfl_allocate(signature_runner->graph);
}

TfLiteStatus TfLiteSignatureRunnerInvoke(TfLiteSignatureRunner *signature_runner)
{
    return tmoi_tfl_invoke(signature_runner->graph);
}

TfLiteStatus TfLiteSignatureRunnerCancel(TfLiteSignatureRunner *signature_runner)
{
    return TfLiteInterpreterCancel(signature_runner->graph->interpreter);
}
