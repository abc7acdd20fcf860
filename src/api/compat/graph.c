/* The mirror of a subgraph: a TfLiteTensor for each tensor. */
#include <string.h>

#include "api/compat/compat.h"

const tmoi_graph *tmoi_tfl_model_graph(const TfLiteInterpreter *interpreter)
{
    return interpreter->model->model->graph;
}

/* ---- shapes ---- */

static TfLiteIntArray *array_of(const int32_t *values, int32_t count)
{
    TfLiteIntArray *array = TfLiteIntArrayCreate(count);
    for (int32_t k = 0; array && k < count; k++) array->data[k] = values[k];
    return array;
}

tmoi_shape tmoi_tfl_shape_of(const TfLiteIntArray *dims)
{
    tmoi_shape shape = {.rank = dims ? dims->size : 0};
    for (int32_t k = 0; k < shape.rank && k < TMO_MAX_RANK; k++) shape.dims[k] = dims->data[k];
    return shape;
}

bool tmoi_tfl_tensor_set_shape(TfLiteTensor *tensor, const tmoi_shape *shape)
{
    int64_t count;
    if (!tensor->dims || tensor->dims->size != shape->rank) {
        TfLiteIntArray *dims = TfLiteIntArrayCreate(shape->rank);
        if (!dims) return false;
        TfLiteIntArrayFree(tensor->dims);
        tensor->dims = dims;
    }
    for (int32_t k = 0; k < shape->rank; k++) tensor->dims->data[k] = shape->dims[k];
    tensor->bytes = tmoi_shape_count_checked(shape, &count)
                        ? (size_t)((uint64_t)count * tmoi_tfl_type_bits(tensor->type) + 7) / 8
                        : 0;
    return true;
}

bool tmoi_tfl_tensor_follow(TfLiteTensor *tensor, const tmoi_value *value)
{
    if (!tmoi_tfl_tensor_set_shape(tensor, &value->shape)) return false;
    tensor->data.data = value->data;
    tensor->bytes = value->bytes;
    return true;
}

/* ---- what a model says about a tensor ---- */

static bool set_affine(TfLiteTensor *tensor, const tmoi_quant *quant)
{
    TfLiteAffineQuantization *affine = calloc(1, sizeof *affine);
    if (!affine) return false;
    tensor->quantization = (TfLiteQuantization){kTfLiteAffineQuantization, affine};
    affine->scale = TfLiteFloatArrayCreate(quant->count);
    affine->zero_point = TfLiteIntArrayCreate(quant->count);
    affine->quantized_dimension = quant->dimension;
    if (!affine->scale || !affine->zero_point) return false;
    for (int32_t k = 0; k < quant->count; k++) {
        affine->scale->data[k] = quant->scale[k];
        affine->zero_point->data[k] = (int)quant->zero_point[k];
    }
    if (quant->count == 1)
        tensor->params = (TfLiteQuantizationParams){quant->scale[0], (int32_t)quant->zero_point[0]};
    return true;
}

static bool set_blockwise(TfLiteTensor *tensor, const tmoi_fb_blockwise_quantization *from, int32_t dimension)
{
    TfLiteBlockwiseQuantization *blockwise = malloc(sizeof *blockwise);
    if (!blockwise) return false;
    *blockwise = (TfLiteBlockwiseQuantization){from->scales, from->zero_points, from->block_size, dimension};
    tensor->quantization = (TfLiteQuantization){kTfLiteBlockwiseQuantization, blockwise};
    return true;
}

static bool set_quantization(TfLiteTensor *tensor, const tmoi_quant *quant)
{
    if (quant->details.tag == TMOI_TAG_blockwise_quantization && quant->details.value)
        return set_blockwise(tensor, quant->details.value, quant->dimension);
    return quant->count == 0 || set_affine(tensor, quant);
}

static bool describe(TfLiteTensor *tensor, const tmoi_tensor *from)
{
    tensor->type = tmoi_tfl_type_of(from->type);
    tensor->name = from->name;
    tensor->is_variable = from->is_variable;
    tensor->buffer_handle = kTfLiteNullBufferHandle;
    tensor->allocation_type = from->data                      ? kTfLiteMmapRo
                              : from->is_variable             ? kTfLiteArenaRwPersistent
                              : from->type == TMO_TYPE_STRING ? kTfLiteDynamic
                                                              : kTfLiteArenaRw;
    if (!tmoi_tfl_tensor_set_shape(tensor, &from->shape) || !set_quantization(tensor, &from->quant))
        return false;
    if (!tmoi_tensor_is_static(from)) {
        tensor->dims_signature = array_of(from->shape_signature.data, (int32_t)from->shape_signature.count);
        if (!tensor->dims_signature) return false;
    }
    if (from->data) {
        memcpy(&tensor->data.data, &from->data, sizeof from->data); /* programs must not write constants */
        tensor->bytes = from->data_bytes;
    }
    return true;
}

/* ---- life ---- */

static TfLiteIntArray *list_variables(const tmoi_subgraph *subgraph)
{
    int32_t count = 0;
    for (int32_t k = 0; k < subgraph->tensor_count; k++) count += subgraph->tensors[k].is_variable;
    TfLiteIntArray *variables = TfLiteIntArrayCreate(count);
    for (int32_t k = 0, at = 0; variables && k < subgraph->tensor_count; k++)
        if (subgraph->tensors[k].is_variable) variables->data[at++] = k;
    return variables;
}

static TfLiteIntArray *list_nodes(const tmoi_subgraph *subgraph)
{
    TfLiteIntArray *plan = TfLiteIntArrayCreate(subgraph->op_count);
    for (int32_t k = 0; plan && k < subgraph->op_count; k++) plan->data[k] = k;
    return plan;
}

bool tmoi_tfl_graph_set_up(tmoi_tfl_graph *graph, TfLiteInterpreter *interpreter, int32_t index)
{
    const tmoi_subgraph *subgraph = &tmoi_tfl_model_graph(interpreter)->subgraphs[index];
    const size_t count = (size_t)subgraph->tensor_count;
    *graph = (tmoi_tfl_graph){
        .interpreter = interpreter, .subgraph = subgraph, .index = index, .is_set_up = true};
    tmoi_tfl_context_set_up(graph, interpreter->threads);
    graph->variables = list_variables(subgraph);
    graph->plan = list_nodes(subgraph);
    graph->context.tensors = calloc(count + TMOI_TFL_ADDED_TENSORS, sizeof *graph->context.tensors);
    if (!graph->variables || !graph->plan || !graph->context.tensors) return false;
    graph->context.tensors_size = count;
    for (size_t k = 0; k < count; k++)
        if (!describe(&graph->context.tensors[k], &subgraph->tensors[k])) return false;
    return true;
}

bool tmoi_tfl_holds_texts(const tmoi_tfl_graph *graph, int32_t k)
{
    const tmoi_tensor *tensor = &graph->subgraph->tensors[k];
    return tensor->type == TMO_TYPE_STRING && !tensor->data && tmoi_subgraph_is_input(graph->subgraph, k);
}

void tmoi_tfl_graph_release(tmoi_tfl_graph *graph)
{
    tmoi_tfl_nodes_release(graph);
    const int32_t of_model = graph->subgraph->tensor_count, count = (int32_t)graph->context.tensors_size;
    for (int32_t k = 0; k < count; k++) {
        TfLiteTensor *tensor = &graph->context.tensors[k];
        if (k < of_model && !tmoi_tfl_holds_texts(graph, k)) tensor->data.data = NULL; /* the session's */
        if (k >= of_model && tensor->allocation_type != kTfLiteDynamic) free(tensor->data.data);
        TfLiteTensorFree(tensor);
    }
    free(graph->context.tensors);
    free(graph->allocations);
    TfLiteIntArrayFree(graph->plan);
    TfLiteIntArrayFree(graph->variables);
}
