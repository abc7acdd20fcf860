/* tensorflow/lite/c/c_api.h, common.h: tensors. */
#include <string.h>

#include "api/compat/compat.h"

/* ---- reading ---- */

TfLiteType TfLiteTensorType(const TfLiteTensor *tensor)
{
    return tensor->type;
}

int32_t TfLiteTensorNumDims(const TfLiteTensor *tensor)
{
    return tensor->dims ? tensor->dims->size : -1;
}

int32_t TfLiteTensorDim(const TfLiteTensor *tensor, int32_t dim_index)
{
    return tensor->dims->data[dim_index];
}

size_t TfLiteTensorByteSize(const TfLiteTensor *tensor)
{
    return tensor->bytes;
}

void *TfLiteTensorData(const TfLiteTensor *tensor)
{
    return tensor->data.data;
}

const char *TfLiteTensorName(const TfLiteTensor *tensor)
{
    return tensor->name;
}

TfLiteQuantizationParams TfLiteTensorQuantizationParams(const TfLiteTensor *tensor)
{
    return tensor->params;
}

const TfLiteIntArray *TfLiteTensorGetDimsSignature(const TfLiteTensor *t)
{
    return t->dims_signature && t->dims_signature->size > 0 ? t->dims_signature : t->dims;
}

/* ---- contents ---- */

TfLiteStatus TfLiteTensorCopyFromBuffer(TfLiteTensor *tensor, const void *input_data, size_t input_data_size)
{
    if (tensor->bytes != input_data_size) return kTfLiteError;
    if (input_data_size == 0) return kTfLiteOk;
    if (!tensor->data.data || !input_data) return kTfLiteError;
    memcpy(tensor->data.data, input_data, input_data_size);
    return kTfLiteOk;
}

TfLiteStatus TfLiteTensorCopyToBuffer(const TfLiteTensor *output_tensor, void *output_data,
                                      size_t output_data_size)
{
    if (output_tensor->bytes != output_data_size) return kTfLiteError;
    if (output_data_size == 0) return kTfLiteOk;
    if (!output_tensor->data.data || !output_data) return kTfLiteError;
    memcpy(output_data, output_tensor->data.data, output_data_size);
    return kTfLiteOk;
}

TfLiteStatus TfLiteTensorCopy(const TfLiteTensor *src, TfLiteTensor *dst)
{
    if (!src || !dst || src == dst) return kTfLiteOk;
    if (src->bytes != dst->bytes) return kTfLiteError;
    if (src->bytes > 0 && (!src->data.data || !dst->data.data)) return kTfLiteError;
    TfLiteIntArray *dims = TfLiteIntArrayCopy(src->dims);
    if (src->dims && !dims) return kTfLiteError;
    TfLiteIntArrayFree(dst->dims);
    dst->type = src->type;
    dst->dims = dims;
    if (src->bytes > 0) memcpy(dst->data.data, src->data.data, src->bytes);
    dst->buffer_handle = src->buffer_handle;
    dst->data_is_stale = src->data_is_stale;
    dst->delegate = src->delegate;
    return kTfLiteOk;
}

static bool owns_data(const TfLiteTensor *t)
{
    return t->allocation_type == kTfLiteDynamic || t->allocation_type == kTfLitePersistentRo;
}

TfLiteStatus TfLiteTensorResizeMaybeCopy(size_t num_bytes, TfLiteTensor *tensor, bool preserve_data)
{
    enum { SPARE = 16 }; /* so that a buffer of no bytes is one too */
    if (!tensor || num_bytes > SIZE_MAX - SPARE) return kTfLiteError;
    if (!owns_data(tensor)) return kTfLiteOk;
    if (!preserve_data) {
        free(tensor->data.data);
        tensor->data.data = NULL;
    }
    void *data = realloc(tensor->data.data, num_bytes + SPARE);
    if (!data) return kTfLiteError;
    tensor->data.data = data;
    tensor->bytes = num_bytes;
    return kTfLiteOk;
}

TfLiteStatus TfLiteTensorRealloc(size_t num_bytes, TfLiteTensor *tensor)
{
    return TfLiteTensorResizeMaybeCopy(num_bytes, tensor, true);
}

/* ---- life ---- */

void TfLiteTensorDataFree(TfLiteTensor *t)
{
    if (!t) return;
    if (owns_data(t)) free(t->data.data);
    t->data.data = NULL;
}

void TfLiteQuantizationFree(TfLiteQuantization *quantization)
{
    if (!quantization) return;
    if (quantization->type == kTfLiteAffineQuantization && quantization->params) {
        TfLiteAffineQuantization *affine = quantization->params;
        TfLiteFloatArrayFree(affine->scale);
        TfLiteIntArrayFree(affine->zero_point);
    }
    free(quantization->params);
    *quantization = (TfLiteQuantization){kTfLiteNoQuantization, NULL};
}

void TfLiteSparsityFree(TfLiteSparsity *sparsity)
{
    if (!sparsity) return;
    for (int k = 0; sparsity->dim_metadata && k < sparsity->dim_metadata_size; k++) {
        TfLiteIntArrayFree(sparsity->dim_metadata[k].array_segments);
        TfLiteIntArrayFree(sparsity->dim_metadata[k].array_indices);
    }
    TfLiteIntArrayFree(sparsity->traversal_order);
    TfLiteIntArrayFree(sparsity->block_map);
    free(sparsity->dim_metadata);
    free(sparsity);
}

/* An array of the tensor's that programs only read. */
static void free_constant(const TfLiteIntArray *array)
{
    TfLiteIntArray *owned;
    memcpy(&owned, &array, sizeof owned);
    TfLiteIntArrayFree(owned);
}

void TfLiteTensorFree(TfLiteTensor *t)
{
    if (!t) return;
    TfLiteTensorDataFree(t);
    TfLiteIntArrayFree(t->dims);
    free_constant(t->dims_signature);
    TfLiteQuantizationFree(&t->quantization);
    TfLiteSparsityFree(t->sparsity);
    t->dims = NULL;
    t->dims_signature = NULL;
    t->sparsity = NULL;
}

void TfLiteTensorReset(TfLiteType type, const char *name, TfLiteIntArray *dims,
                       TfLiteQuantizationParams quantization, char *buffer, size_t size,
                       TfLiteAllocationType allocation_type, const void *allocation, bool is_variable,
                       TfLiteTensor *tensor)
{
    TfLiteTensorFree(tensor);
    tensor->type = type;
    tensor->name = name;
    tensor->dims = dims;
    tensor->params = quantization;
    tensor->data.raw = buffer;
    tensor->bytes = size;
    tensor->allocation_type = allocation_type;
    tensor->allocation = allocation;
    tensor->is_variable = is_variable;
}

/* ---- copies ---- */

static TfLiteQuantization clone_quantization(const TfLiteQuantization *src)
{
    TfLiteQuantization copy = {src->type, NULL};
    if (src->type == kTfLiteAffineQuantization && src->params) {
        const TfLiteAffineQuantization *from = src->params;
        TfLiteAffineQuantization *to = calloc(1, sizeof *to);
        if (!to) return (TfLiteQuantization){kTfLiteNoQuantization, NULL};
        *to = (TfLiteAffineQuantization){TfLiteFloatArrayCopy(from->scale),
                                         TfLiteIntArrayCopy(from->zero_point), from->quantized_dimension};
        copy.params = to;
    } else if (src->type == kTfLiteBlockwiseQuantization && src->params) {
        copy.params = malloc(sizeof(TfLiteBlockwiseQuantization));
        if (!copy.params) return (TfLiteQuantization){kTfLiteNoQuantization, NULL};
        memcpy(copy.params, src->params, sizeof(TfLiteBlockwiseQuantization));
    }
    return copy;
}

static TfLiteSparsity *clone_sparsity(const TfLiteSparsity *src)
{
    TfLiteSparsity *copy = src ? calloc(1, sizeof *copy) : NULL;
    if (!copy) return NULL;
    copy->traversal_order = TfLiteIntArrayCopy(src->traversal_order);
    copy->block_map = TfLiteIntArrayCopy(src->block_map);
    if (!src->dim_metadata || src->dim_metadata_size <= 0) return copy;
    copy->dim_metadata = calloc((size_t)src->dim_metadata_size, sizeof *copy->dim_metadata);
    if (!copy->dim_metadata) return copy;
    copy->dim_metadata_size = src->dim_metadata_size;
    for (int k = 0; k < src->dim_metadata_size; k++) {
        const TfLiteDimensionMetadata *from = &src->dim_metadata[k];
        copy->dim_metadata[k] = (TfLiteDimensionMetadata){from->format, from->dense_size,
                                                          TfLiteIntArrayCopy(from->array_segments),
                                                          TfLiteIntArrayCopy(from->array_indices)};
    }
    return copy;
}

TfLiteTensor TfLiteTensorClone(TfLiteTensor src)
{
    TfLiteTensor copy = src;
    if (src.data.data && owns_data(&src)) {
        copy.data.data = malloc(src.bytes ? src.bytes : 1);
        if (!copy.data.data) return (TfLiteTensor){.type = kTfLiteNoType};
        memcpy(copy.data.data, src.data.data, src.bytes);
    }
    copy.dims = TfLiteIntArrayCopy(src.dims);
    copy.dims_signature = TfLiteIntArrayCopy(src.dims_signature);
    copy.quantization = clone_quantization(&src.quantization);
    copy.sparsity = clone_sparsity(src.sparsity);
    return copy;
}

/* ---- what each kind of memory means ---- */

typedef struct memory_kind {
    TfLiteAllocationStrategy strategy;
    TfLiteRunStability address, data;
    TfLiteRunStep data_known, shape_known;
} memory_kind;

/* By TfLiteAllocationType, as in TensorFlow Lite's core/c/common.cc. Those left out are unknown in all. */
static const memory_kind kinds[] = {
    [kTfLiteMemNone] = {kTfLiteAllocationStrategyNone, kTfLiteRunStabilityAcrossRuns,
                        kTfLiteRunStabilityAcrossRuns, kTfLiteRunStepInit, kTfLiteRunStepInit},
    [kTfLiteMmapRo] = {kTfLiteAllocationStrategyMMap, kTfLiteRunStabilityAcrossRuns,
                       kTfLiteRunStabilityAcrossRuns, kTfLiteRunStepInit, kTfLiteRunStepInit},
    [kTfLiteArenaRw] = {kTfLiteAllocationStrategyArena, kTfLiteRunStabilityUnstable,
                        kTfLiteRunStabilitySingleRun, kTfLiteRunStepEval, kTfLiteRunStepPrepare},
    [kTfLiteArenaRwPersistent] = {kTfLiteAllocationStrategyArena, kTfLiteRunStabilityUnstable,
                                  kTfLiteRunStabilityAcrossRuns, kTfLiteRunStepEval, kTfLiteRunStepPrepare},
    [kTfLiteDynamic] = {kTfLiteAllocationStrategyMalloc, kTfLiteRunStabilitySingleRun,
                        kTfLiteRunStabilitySingleRun, kTfLiteRunStepEval, kTfLiteRunStepEval},
    [kTfLitePersistentRo] = {kTfLiteAllocationStrategyMalloc, kTfLiteRunStabilitySingleRun,
                             kTfLiteRunStabilitySingleRun, kTfLiteRunStepPrepare, kTfLiteRunStepPrepare},
    [kTfLiteVariantObject] = {kTfLiteAllocationStrategyNew, kTfLiteRunStabilityAcrossRuns,
                              kTfLiteRunStabilitySingleRun, kTfLiteRunStepEval, kTfLiteRunStepEval},
    [kTfLiteNonCpu] = {kTfLiteAllocationStrategyUnknown, kTfLiteRunStabilityUnknown,
                       kTfLiteRunStabilityUnknown, kTfLiteRunStepUnknown, kTfLiteRunStepUnknown},
};

static const memory_kind *kind_of(const TfLiteTensor *t)
{
    const size_t kind = (size_t)t->allocation_type;
    return &kinds[kind < sizeof kinds / sizeof kinds[0] ? kind : kTfLiteNonCpu];
}

TfLiteAllocationStrategy TfLiteTensorGetAllocationStrategy(const TfLiteTensor *t)
{
    return kind_of(t)->strategy;
}

TfLiteRunStability TfLiteTensorGetBufferAddressStability(const TfLiteTensor *t)
{
    return kind_of(t)->address;
}

TfLiteRunStability TfLiteTensorGetDataStability(const TfLiteTensor *t)
{
    return kind_of(t)->data;
}

TfLiteRunStep TfLiteTensorGetDataKnownStep(const TfLiteTensor *t)
{
    return kind_of(t)->data_known;
}

TfLiteRunStep TfLiteTensorGetShapeKnownStep(const TfLiteTensor *t)
{
    return kind_of(t)->shape_known;
}

/* ---- delegates, which nothing here uses ---- */

TfLiteDelegate TfLiteDelegateCreate(void)
{
    return (TfLiteDelegate){.data_ = NULL};
}

TfLiteOpaqueDelegate *TfLiteOpaqueDelegateCreate(const TfLiteOpaqueDelegateBuilder *opaque_delegate_builder)
{
    TfLiteDelegate *delegate = opaque_delegate_builder ? calloc(1, sizeof *delegate) : NULL;
    if (!delegate) return NULL;
    delegate->opaque_delegate_builder = malloc(sizeof *opaque_delegate_builder);
    if (!delegate->opaque_delegate_builder) {
        free(delegate);
        return NULL;
    }
    *delegate->opaque_delegate_builder = *opaque_delegate_builder;
    return delegate;
}

void TfLiteOpaqueDelegateDelete(TfLiteOpaqueDelegate *delegate)
{
    if (!delegate) return;
    free(delegate->opaque_delegate_builder);
    free(delegate);
}

void *TfLiteOpaqueDelegateGetData(const TfLiteOpaqueDelegate *delegate)
{
    if (!delegate) return NULL;
    return delegate->opaque_delegate_builder ? delegate->opaque_delegate_builder->data : delegate->data_;
}

void *TfLiteKernelInitFailed(void)
{
    return (void *)(intptr_t)-1;
}
