/* tensorflow/lite/c/c_api_opaque.h: tensors, nodes and contexts by functions alone. The opaque structs are the plain ones. */
#include <string.h>

#include "api/compat/compat.h"

static const TfLiteTensor *plain(const TfLiteOpaqueTensor *tensor)
{
    return (const TfLiteTensor *)tensor;
}

static TfLiteTensor *writable(TfLiteOpaqueTensor *tensor)
{
    return (TfLiteTensor *)tensor;
}

static const TfLiteNode *node_of(const TfLiteOpaqueNode *node)
{
    return (const TfLiteNode *)node;
}

static const TfLiteContext *context_of(const TfLiteOpaqueContext *context)
{
    return (const TfLiteContext *)context;
}

static TfLiteContext *writable_context(TfLiteOpaqueContext *context)
{
    return (TfLiteContext *)context;
}

static const tmoi_tfl_graph *graph_of(const TfLiteOpaqueContext *context)
{
    return context_of(context)->impl_;
}

/* ---- tensors ---- */

TfLiteType TfLiteOpaqueTensorType(const TfLiteOpaqueTensor *opaque_tensor)
{
    return plain(opaque_tensor)->type;
}

int32_t TfLiteOpaqueTensorNumDims(const TfLiteOpaqueTensor *opaque_tensor)
{
    return TfLiteTensorNumDims(plain(opaque_tensor));
}

int32_t TfLiteOpaqueTensorDim(const TfLiteOpaqueTensor *opaque_tensor, int32_t dim_index)
{
    return TfLiteTensorDim(plain(opaque_tensor), dim_index);
}

TfLiteStatus TfLiteOpaqueTensorGetNumDimsSignature(const TfLiteOpaqueTensor *opaque_tensor, int32_t *num_dims)
{
    const TfLiteIntArray *signature = plain(opaque_tensor)->dims_signature;
    *num_dims = signature ? signature->size : -1;
    return kTfLiteOk;
}

TfLiteStatus TfLiteOpaqueTensorGetDimSignature(const TfLiteOpaqueTensor *opaque_tensor, int32_t dim_index,
                                               int32_t *dim_length)
{
    const TfLiteIntArray *signature = TfLiteTensorGetDimsSignature(plain(opaque_tensor));
    if (!signature || dim_index < 0 || dim_index >= signature->size) return kTfLiteError;
    *dim_length = signature->data[dim_index];
    return kTfLiteOk;
}

int TfLiteOpaqueTensorIsVariable(const TfLiteOpaqueTensor *opaque_tensor)
{
    return plain(opaque_tensor)->is_variable;
}

size_t TfLiteOpaqueTensorByteSize(const TfLiteOpaqueTensor *opaque_tensor)
{
    return plain(opaque_tensor)->bytes;
}

void *TfLiteOpaqueTensorData(const TfLiteOpaqueTensor *opaque_tensor)
{
    return opaque_tensor ? plain(opaque_tensor)->data.data : NULL;
}

TfLiteAllocationType TfLiteOpaqueTensorGetAllocationType(const TfLiteOpaqueTensor *opaque_tensor)
{
    return plain(opaque_tensor)->allocation_type;
}

TfLiteAllocationStrategy TfLiteOpaqueTensorGetAllocationStrategy(const TfLiteOpaqueTensor *t)
{
    return TfLiteTensorGetAllocationStrategy(plain(t));
}

TfLiteRunStability TfLiteOpaqueTensorGetBufferAddressStability(const TfLiteOpaqueTensor *t)
{
    return TfLiteTensorGetBufferAddressStability(plain(t));
}

TfLiteRunStability TfLiteOpaqueTensorGetDataStability(const TfLiteOpaqueTensor *t)
{
    return TfLiteTensorGetDataStability(plain(t));
}

TfLiteRunStep TfLiteOpaqueTensorGetDataKnownStep(const TfLiteOpaqueTensor *t)
{
    return TfLiteTensorGetDataKnownStep(plain(t));
}

TfLiteRunStep TfLiteOpaqueTensorGetShapeKnownStep(const TfLiteOpaqueTensor *t)
{
    return TfLiteTensorGetShapeKnownStep(plain(t));
}

const char *TfLiteOpaqueTensorName(const TfLiteOpaqueTensor *opaque_tensor)
{
    return plain(opaque_tensor)->name;
}

TfLiteQuantization TfLiteOpaqueTensorGetQuantization(const TfLiteOpaqueTensor *opaque_tensor)
{
    return plain(opaque_tensor)->quantization;
}

TfLiteQuantizationParams TfLiteOpaqueTensorGetQuantizationParams(const TfLiteOpaqueTensor *opaque_tensor)
{
    return plain(opaque_tensor)->params;
}

TfLiteStatus TfLiteOpaqueTensorCopyFromBuffer(TfLiteOpaqueTensor *opaque_tensor, const void *input_data,
                                              size_t input_data_size)
{
    return TfLiteTensorCopyFromBuffer(writable(opaque_tensor), input_data, input_data_size);
}

TfLiteStatus TfLiteOpaqueTensorCopyToBuffer(const TfLiteOpaqueTensor *opaque_tensor, void *output_data,
                                            size_t output_data_size)
{
    return TfLiteTensorCopyToBuffer(plain(opaque_tensor), output_data, output_data_size);
}

void TfLiteOpaqueTensorSetAllocationTypeToDynamic(TfLiteOpaqueTensor *tensor)
{
    TfLiteTensor *changed = writable(tensor);
    if (changed->allocation_type == kTfLiteDynamic) return;
    changed->allocation_type = kTfLiteDynamic;
    changed->data.data = NULL;
}

/* ---- texts: int32 count, int32 offsets[count + 1] from the first byte, then the texts ---- */

static int32_t int_at(const TfLiteTensor *tensor, size_t k)
{
    int32_t value;
    memcpy(&value, tensor->data.raw + k * sizeof value, sizeof value);
    return value;
}

int TfLiteOpaqueTensorGetStringCount(const TfLiteOpaqueTensor *tensor)
{
    const TfLiteTensor *texts = plain(tensor);
    if (!texts || texts->type != kTfLiteString || !texts->data.data || texts->bytes < sizeof(int32_t))
        return -1;
    const int32_t count = int_at(texts, 0);
    return count >= 0 && ((size_t)count + 2) * sizeof(int32_t) <= texts->bytes ? count : -1;
}

TfLiteStatus TfLiteOpaqueTensorGetString(const TfLiteOpaqueTensor *tensor, int index, const char **str,
                                         int *len)
{
    const int count = TfLiteOpaqueTensorGetStringCount(tensor);
    if (index < 0 || index >= count) return kTfLiteError;
    const int32_t begin = int_at(plain(tensor), (size_t)index + 1),
                  end = int_at(plain(tensor), (size_t)index + 2);
    if (begin < 0 || end < begin || (size_t)end > plain(tensor)->bytes) return kTfLiteError;
    *str = plain(tensor)->data.raw_const + begin;
    *len = end - begin;
    return kTfLiteOk;
}

static bool texts_size(const int *lengths, int count, size_t *bytes)
{
    *bytes = ((size_t)count + 2) * sizeof(int32_t);
    for (int k = 0; k < count; k++) {
        if (lengths[k] < 0) return false;
        *bytes += (size_t)lengths[k];
    }
    return *bytes <= INT32_MAX;
}

TfLiteStatus TfLiteOpaqueTensorWriteStrings(TfLiteOpaqueTensor *tensor, const char *const *str_array,
                                            int str_array_len, const int *str_n_len)
{
    TfLiteTensor *texts = writable(tensor);
    const tmoi_shape shape = {.rank = 1, .dims = {str_array_len}};
    size_t bytes;
    if (str_array_len < 0 || texts->type != kTfLiteString || !texts_size(str_n_len, str_array_len, &bytes))
        return kTfLiteError;
    TfLiteOpaqueTensorSetAllocationTypeToDynamic(tensor);
    if (!tmoi_tfl_tensor_set_shape(texts, &shape) ||
        TfLiteTensorResizeMaybeCopy(bytes, texts, false) != kTfLiteOk)
        return kTfLiteError;
    int32_t *head = texts->data.i32;
    head[0] = str_array_len;
    head[1] = (int32_t)(((size_t)str_array_len + 2) * sizeof(int32_t));
    for (int k = 0; k < str_array_len; k++) {
        if (str_n_len[k]) memcpy(texts->data.raw + head[k + 1], str_array[k], (size_t)str_n_len[k]);
        head[k + 2] = head[k + 1] + str_n_len[k];
    }
    return kTfLiteOk;
}

TfLiteStatus TfLiteOpaqueTensorWriteString(TfLiteOpaqueTensor *tensor, const char *str, int len)
{
    return TfLiteOpaqueTensorWriteStrings(tensor, &str, 1, &len);
}

/* ---- builder ---- */

struct TfLiteOpaqueTensorBuilder {
    TfLiteType type;
    void *data;
    TfLiteAllocationType allocation_type;
    TfLiteQuantizationParams params;
    TfLiteQuantization quantization;
};

TfLiteOpaqueTensorBuilder *TfLiteOpaqueTensorBuilderCreate(void)
{
    return calloc(1, sizeof(TfLiteOpaqueTensorBuilder));
}

void TfLiteOpaqueTensorBuilderDelete(TfLiteOpaqueTensorBuilder *builder)
{
    free(builder);
}

TfLiteOpaqueTensorBuilder *TfLiteOpaqueTensorBuilderSetType(TfLiteOpaqueTensorBuilder *builder,
                                                            TfLiteType type)
{
    builder->type = type;
    return builder;
}

TfLiteOpaqueTensorBuilder *TfLiteOpaqueTensorBuilderSetData(TfLiteOpaqueTensorBuilder *builder, void *data)
{
    builder->data = data;
    return builder;
}

TfLiteOpaqueTensorBuilder *TfLiteOpaqueTensorBuilderSetAllocationType(TfLiteOpaqueTensorBuilder *builder,
                                                                      TfLiteAllocationType allocation_type)
{
    builder->allocation_type = allocation_type;
    return builder;
}

TfLiteOpaqueTensorBuilder *TfLiteOpaqueTensorBuilderSetQuantizationParams(TfLiteOpaqueTensorBuilder *builder,
                                                                          TfLiteQuantizationParams params)
{
    builder->params = params;
    return builder;
}

TfLiteOpaqueTensorBuilder *TfLiteOpaqueTensorBuilderSetQuantization(TfLiteOpaqueTensorBuilder *builder,
                                                                    TfLiteQuantization quantization)
{
    builder->quantization = quantization;
    return builder;
}

static bool builder_is_valid(const TfLiteOpaqueTensorBuilder *builder)
{
    switch (builder->allocation_type) {
    case kTfLiteDynamic: return builder->data != NULL;
    case kTfLiteArenaRw:
    case kTfLiteArenaRwPersistent: return builder->data == NULL;
    default: return false;
    }
}

TfLiteStatus TfLiteOpaqueContextAddTensor(TfLiteOpaqueContext *context, TfLiteOpaqueTensorBuilder *builder,
                                          int *new_tensor_index)
{
    TfLiteContext *plain_context = writable_context(context);
    int index;
    if (!builder_is_valid(builder)) {
        TfLiteOpaqueContextReportError(context,
                                       "a tensor to be added is dynamic and has data, or of the arena "
                                       "and has none");
        return kTfLiteError;
    }
    if (plain_context->AddTensors(plain_context, 1, &index) != kTfLiteOk) return kTfLiteError;
    TfLiteTensor *tensor = &plain_context->tensors[index];
    tensor->type = builder->type;
    tensor->data.data = builder->data;
    tensor->allocation_type = builder->allocation_type;
    tensor->params = builder->params;
    tensor->quantization = builder->quantization;
    if (new_tensor_index) *new_tensor_index = index;
    return kTfLiteOk;
}

/* ---- nodes ---- */

/* The tensor at place `index` of a node's list, or NULL. */
static TfLiteOpaqueTensor *tensor_at(const TfLiteOpaqueContext *context, const TfLiteIntArray *list,
                                     int index)
{
    if (index < 0 || index >= list->size) return NULL;
    return list->data[index] < 0 ? NULL : TfLiteOpaqueContextGetOpaqueTensor(context, list->data[index]);
}

const TfLiteOpaqueTensor *TfLiteOpaqueNodeGetInput(const TfLiteOpaqueContext *opaque_context,
                                                   const TfLiteOpaqueNode *opaque_node, int index)
{
    return tensor_at(opaque_context, node_of(opaque_node)->inputs, index);
}

TfLiteOpaqueTensor *TfLiteOpaqueNodeGetOutput(TfLiteOpaqueContext *opaque_context,
                                              const TfLiteOpaqueNode *opaque_node, int index)
{
    return tensor_at(opaque_context, node_of(opaque_node)->outputs, index);
}

int TfLiteOpaqueNodeNumberOfInputs(const TfLiteOpaqueNode *opaque_node)
{
    return node_of(opaque_node)->inputs->size;
}

int TfLiteOpaqueNodeNumberOfOutputs(const TfLiteOpaqueNode *opaque_node)
{
    return node_of(opaque_node)->outputs->size;
}

void *TfLiteOpaqueNodeGetUserData(const TfLiteOpaqueNode *opaque_node)
{
    return node_of(opaque_node)->user_data;
}

void *TfLiteOpaqueNodeGetBuiltinData(const TfLiteOpaqueNode *opaque_node)
{
    return node_of(opaque_node)->builtin_data;
}

TfLiteStatus TfLiteOpaqueNodeGetCustomInitialData(const TfLiteOpaqueNode *opaque_node, const void **init_data,
                                                  int *size)
{
    *init_data = node_of(opaque_node)->custom_initial_data;
    *size = node_of(opaque_node)->custom_initial_data_size;
    return kTfLiteOk;
}

static TfLiteStatus give_list(const TfLiteIntArray *list, const int **items, int *count)
{
    *items = list->data;
    *count = list->size;
    return kTfLiteOk;
}

TfLiteStatus TfLiteOpaqueNodeInputs(const TfLiteOpaqueNode *opaque_node, const int **inputs, int *num_inputs)
{
    return give_list(node_of(opaque_node)->inputs, inputs, num_inputs);
}

TfLiteStatus TfLiteOpaqueNodeOutputs(const TfLiteOpaqueNode *opaque_node, const int **outputs,
                                     int *num_outputs)
{
    return give_list(node_of(opaque_node)->outputs, outputs, num_outputs);
}

TfLiteStatus TfLiteOpaqueNodeTemporaries(const TfLiteOpaqueNode *opaque_node, const int **temporaries,
                                         int *num_temporaries)
{
    return give_list(node_of(opaque_node)->temporaries, temporaries, num_temporaries);
}

TfLiteStatus TfLiteOpaqueNodeSetTemporaries(TfLiteOpaqueNode *opaque_node, const int *temporaries,
                                            int num_temporaries)
{
    TfLiteNode *node = (TfLiteNode *)opaque_node;
    TfLiteIntArray *list = TfLiteIntArrayCreate(num_temporaries);
    if (!list) return kTfLiteError;
    for (int k = 0; k < num_temporaries; k++) list->data[k] = temporaries[k];
    TfLiteIntArrayFree(node->temporaries);
    node->temporaries = list;
    return kTfLiteOk;
}

static int number_at(const TfLiteIntArray *list, int index)
{
    return index >= 0 && index < list->size ? list->data[index] : -1;
}

int TfLiteOpaqueNodeGetInputTensorIndex(const TfLiteOpaqueNode *opaque_node, int index_of_input)
{
    return number_at(node_of(opaque_node)->inputs, index_of_input);
}

int TfLiteOpaqueNodeGetOutputTensorIndex(const TfLiteOpaqueNode *opaque_node, int index_of_output)
{
    return number_at(node_of(opaque_node)->outputs, index_of_output);
}

/* ---- context ---- */

TfLiteStatus TfLiteOpaqueContextGetExecutionPlan(TfLiteOpaqueContext *opaque_context,
                                                 TfLiteIntArray **execution_plan)
{
    TfLiteContext *context = writable_context(opaque_context);
    return context->GetExecutionPlan(context, execution_plan);
}

TfLiteStatus TfLiteOpaqueContextGetExternalContext(TfLiteOpaqueContext *opaque_context,
                                                   void **external_context, TfLiteExternalContextType type)
{
    TfLiteContext *context = writable_context(opaque_context);
    *external_context = context->GetExternalContext(context, type);
    return kTfLiteOk;
}

TfLiteOpaqueTensor *TfLiteOpaqueContextGetOpaqueTensor(const TfLiteOpaqueContext *opaque_context, int index)
{
    const TfLiteContext *context = context_of(opaque_context);
    if (index < 0 || (size_t)index >= context->tensors_size) return NULL;
    return (TfLiteOpaqueTensor *)&context->tensors[index];
}

TfLiteStatus TfLiteOpaqueContextGetInputs(const TfLiteOpaqueContext *opaque_context, const int **inputs,
                                          int *num_inputs)
{
    *inputs = graph_of(opaque_context)->subgraph->inputs;
    *num_inputs = graph_of(opaque_context)->subgraph->input_count;
    return kTfLiteOk;
}

TfLiteStatus TfLiteOpaqueContextGetOutputs(const TfLiteOpaqueContext *opaque_context, const int **outputs,
                                           int *num_outputs)
{
    *outputs = graph_of(opaque_context)->subgraph->outputs;
    *num_outputs = graph_of(opaque_context)->subgraph->output_count;
    return kTfLiteOk;
}

TfLiteStatus TfLiteOpaqueContextGetVariables(const TfLiteOpaqueContext *opaque_context, const int **variables,
                                             int *num_variables)
{
    return give_list(graph_of(opaque_context)->variables, variables, num_variables);
}

size_t TfLiteOpaqueContextGetNumNodes(const TfLiteOpaqueContext *opaque_context)
{
    return (size_t)graph_of(opaque_context)->subgraph->op_count;
}

size_t TfLiteOpaqueContextGetNumTensors(const TfLiteOpaqueContext *opaque_context)
{
    return context_of(opaque_context)->tensors_size;
}

const char *TfLiteOpaqueContextGetName(const TfLiteOpaqueContext *opaque_context)
{
    return graph_of(opaque_context)->subgraph->name;
}

TfLiteStatus TfLiteOpaqueContextResizeTensor(TfLiteOpaqueContext *context, TfLiteOpaqueTensor *tensor,
                                             TfLiteIntArray *new_size)
{
    TfLiteContext *plain_context = writable_context(context);
    return plain_context->ResizeTensor(plain_context, writable(tensor), new_size);
}

TfLiteStatus TfLiteOpaqueContextGetSizeOfType(TfLiteOpaqueContext *context, TfLiteType type, size_t *bytes)
{
    const uint32_t bits = tmoi_tfl_type_bits(type);
    if (bits == 0) {
        TfLiteOpaqueContextReportError(context, "elements of type %s have no fixed size",
                                       TfLiteTypeGetName(type));
        return kTfLiteError;
    }
    *bytes = (bits + 7) / 8;
    return kTfLiteOk;
}

TfLiteStatus TfLiteOpaqueContextGetMetadata(TfLiteOpaqueContext *context, const char *name, const char **ptr,
                                            size_t *bytes)
{
    const TfLiteContext *plain_context = context_of(context);
    return plain_context->GetModelMetadata(plain_context, name, ptr, bytes);
}

void TfLiteOpaqueContextReportErrorVa(TfLiteOpaqueContext *opaque_context, const char *format, va_list vlist)
{
    const tmoi_tfl_reporter *reporter = &graph_of(opaque_context)->interpreter->reporter;
    if (reporter->report) reporter->report(reporter->user_data, format, vlist);
}

void TfLiteOpaqueContextReportError(TfLiteOpaqueContext *opaque_context, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    TfLiteOpaqueContextReportErrorVa(opaque_context, format, args);
    va_end(args);
}

/* ---- for delegates ---- */

TfLiteStatus TfLiteOpaqueContextGetNodeAndRegistration(TfLiteOpaqueContext *opaque_context, int node_index,
                                                       TfLiteOpaqueNode **node,
                                                       TfLiteOperator **registration_external)
{
    TfLiteContext *context = writable_context(opaque_context);
    TfLiteNode *found;
    TfLiteRegistration *registration;
    if (context->GetNodeAndRegistration(context, node_index, &found, &registration) != kTfLiteOk)
        return kTfLiteError;
    if (!registration->registration_external) return kTfLiteError;
    *node = (TfLiteOpaqueNode *)found;
    *registration_external = registration->registration_external;
    return kTfLiteOk;
}

static TfLiteStatus no_delegates(TfLiteOpaqueContext *context)
{
    TfLiteOpaqueContextReportError(context,
                                   "delegates are not supported: this library computes all operators itself");
    return kTfLiteError;
}

TfLiteStatus TfLiteOpaqueContextReplaceNodeSubsetsWithDelegateKernels(TfLiteOpaqueContext *opaque_context,
                                                                      TfLiteOperator *registration_external,
                                                                      const TfLiteIntArray *nodes_to_replace,
                                                                      TfLiteOpaqueDelegate *opaque_delegate)
{
    (void)registration_external;
    (void)nodes_to_replace;
    (void)opaque_delegate;
    return no_delegates(opaque_context);
}

TfLiteStatus TfLiteOpaqueContextAcquireSubgraphContext(TfLiteOpaqueContext *opaque_context,
                                                       int subgraph_index,
                                                       TfLiteOpaqueContext **acquired_opaque_context)
{
    (void)subgraph_index;
    (void)acquired_opaque_context;
    return no_delegates(opaque_context);
}

TfLiteStatus TfLiteOpaqueContextReleaseSubgraphContext(TfLiteOpaqueContext *opaque_context,
                                                       int subgraph_index)
{
    (void)subgraph_index;
    return no_delegates(opaque_context);
}

TfLiteStatus TfLiteOpaqueContextMarkSubgraphAsDelegationSkippable(TfLiteOpaqueContext *opaque_context,
                                                                  int subgraph_index)
{
    (void)subgraph_index;
    return no_delegates(opaque_context);
}

TfLiteStatus TfLiteOpaqueContextGetNodeInitDataMmapInfo(const TfLiteOpaqueContext *context,
                                                        const TfLiteOpaqueNode *node, int *fd,
                                                        int64_t *custom_initial_data_offset_in_file,
                                                        int64_t *custom_initial_data_size)
{
    (void)context;
    (void)node;
    *fd = -1;
    *custom_initial_data_offset_in_file = -1;
    *custom_initial_data_size = -1;
    return kTfLiteError;
}
