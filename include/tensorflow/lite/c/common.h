/* Structs of TensorFlow Lite's C API that programs see inside: tensors, nodes, contexts and operators' callbacks. Layouts are those of
 * TensorFlow Lite 2.21. Left out: the C++ part, variant tensors, and reduced structs for microcontrollers. */
#ifndef TENSORFLOW_LITE_C_COMMON_H_
#define TENSORFLOW_LITE_C_COMMON_H_

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tensorflow/lite/c/c_api.h"
#include "tensorflow/lite/c/c_api_types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define kTfLiteOptionalTensor (-1)

typedef enum TfLiteExternalContextType {
    kTfLiteEigenContext = 0,
    kTfLiteGemmLowpContext = 1,
    kTfLiteEdgeTpuContext = 2,
    kTfLiteCpuBackendContext = 3,
    kTfLiteLiteRtBufferContext = 4,
    kTfLiteMaxExternalContexts = 5
} TfLiteExternalContextType;

struct TfLiteContext;
struct TfLiteRegistration;

typedef struct TfLiteExternalContext {
    TfLiteExternalContextType type;
    TfLiteStatus (*Refresh)(struct TfLiteContext *context);
} TfLiteExternalContext;

/* ---- arrays of known size: dimensions, lists of tensors, scales ---- */

typedef struct TfLiteIntArray {
    int size;
    int data[];
} TfLiteIntArray;

typedef struct TfLiteFloatArray {
    int size;
    float data[];
} TfLiteFloatArray;

TFL_CAPI_EXPORT size_t TfLiteIntArrayGetSizeInBytes(int size);
/* The elements are not set. NULL when there is no memory. */
TFL_CAPI_EXPORT TfLiteIntArray *TfLiteIntArrayCreate(int size);
/* 1 or 0; two NULL are equal, NULL and an array are not. */
TFL_CAPI_EXPORT int TfLiteIntArrayEqual(const TfLiteIntArray *a, const TfLiteIntArray *b);
/* NULL equals an array of size 0. */
TFL_CAPI_EXPORT int TfLiteIntArrayEqualsArray(const TfLiteIntArray *a, int b_size, const int b_data[]);
TFL_CAPI_EXPORT TfLiteIntArray *TfLiteIntArrayCopy(const TfLiteIntArray *src);
TFL_CAPI_EXPORT void TfLiteIntArrayFree(TfLiteIntArray *a);
TFL_CAPI_EXPORT int TfLiteFloatArrayGetSizeInBytes(int size);
TFL_CAPI_EXPORT TfLiteFloatArray *TfLiteFloatArrayCreate(int size);
TFL_CAPI_EXPORT TfLiteFloatArray *TfLiteFloatArrayCopy(const TfLiteFloatArray *src);
TFL_CAPI_EXPORT void TfLiteFloatArrayFree(TfLiteFloatArray *a);

/* ---- checks in operators' callbacks: they report to the context and return ---- */

#define TF_LITE_KERNEL_LOG(context, ...)                \
    do {                                                \
        (context)->ReportError((context), __VA_ARGS__); \
    } while (false)
#define TF_LITE_MAYBE_KERNEL_LOG(context, ...)                                 \
    do {                                                                       \
        if ((context) != NULL) (context)->ReportError((context), __VA_ARGS__); \
    } while (false)
#define TF_LITE_ENSURE_MSG(context, value, ...)                      \
    do {                                                             \
        if (!(value)) {                                              \
            TF_LITE_KERNEL_LOG((context), __FILE__ " " __VA_ARGS__); \
            return kTfLiteError;                                     \
        }                                                            \
    } while (0)
#define TF_LITE_ENSURE(context, a)                                                           \
    do {                                                                                     \
        if (!(a)) {                                                                          \
            TF_LITE_KERNEL_LOG((context), "%s:%d %s was not true.", __FILE__, __LINE__, #a); \
            return kTfLiteError;                                                             \
        }                                                                                    \
    } while (0)
#define TF_LITE_ENSURE_STATUS(a)      \
    do {                              \
        const TfLiteStatus s = (a);   \
        if (s != kTfLiteOk) return s; \
    } while (0)
#define TF_LITE_ENSURE_OK(context, status) \
    do {                                   \
        const TfLiteStatus s = (status);   \
        if (s != kTfLiteOk) return s;      \
    } while (0)
#define TF_LITE_ENSURE_EQ(context, a, b)                                                                \
    do {                                                                                                \
        if ((a) != (b)) {                                                                               \
            TF_LITE_KERNEL_LOG((context), "%s:%d %s != %s (%d != %d)", __FILE__, __LINE__, #a, #b, (a), \
                               (b));                                                                    \
            return kTfLiteError;                                                                        \
        }                                                                                               \
    } while (0)
#define TF_LITE_ENSURE_TYPES_EQ(context, a, b)                                                     \
    do {                                                                                           \
        if ((a) != (b)) {                                                                          \
            TF_LITE_KERNEL_LOG((context), "%s:%d %s != %s (%s != %s)", __FILE__, __LINE__, #a, #b, \
                               TfLiteTypeGetName(a), TfLiteTypeGetName(b));                        \
            return kTfLiteError;                                                                   \
        }                                                                                          \
    } while (0)

/* ---- elements and quantization ---- */

typedef struct TfLiteComplex64 {
    float re, im;
} TfLiteComplex64;
typedef struct TfLiteComplex128 {
    double re, im;
} TfLiteComplex128;
typedef struct TfLiteFloat16 {
    uint16_t data;
} TfLiteFloat16;
typedef struct TfLiteBFloat16 {
    uint16_t data;
} TfLiteBFloat16;

/* "FLOAT32" and so on, "NOTYPE", or "Unknown type". */
TFL_CAPI_EXPORT const char *TfLiteTypeGetName(TfLiteType type);

typedef enum TfLiteQuantizationType {
    kTfLiteNoQuantization = 0,
    kTfLiteAffineQuantization = 1,
    kTfLiteBlockwiseQuantization = 2
} TfLiteQuantizationType;

typedef struct TfLiteQuantization {
    TfLiteQuantizationType type;
    void *params; /* the struct below that `type` names, or NULL */
} TfLiteQuantization;

/* One scale and zero point, or one a slice of quantized_dimension. */
typedef struct TfLiteAffineQuantization {
    TfLiteFloatArray *scale;
    TfLiteIntArray *zero_point;
    int32_t quantized_dimension;
} TfLiteAffineQuantization;

typedef struct TfLiteBlockwiseQuantization {
    int32_t scale, zero_point; /* numbers of the tensors that hold them */
    int32_t blocksize;
    int32_t quantized_dimension;
} TfLiteBlockwiseQuantization;

/* ---- tensors ---- */

typedef union TfLitePtrUnion {
    int32_t *i32;
    uint32_t *u32;
    int64_t *i64;
    uint64_t *u64;
    float *f;
    TfLiteFloat16 *f16;
    TfLiteBFloat16 *bf16;
    double *f64;
    char *raw;
    const char *raw_const;
    uint8_t *uint8;
    bool *b;
    int16_t *i16;
    uint16_t *ui16;
    TfLiteComplex64 *c64;
    TfLiteComplex128 *c128;
    int8_t *int8;
    void *data;
} TfLitePtrUnion;

typedef enum TfLiteAllocationType {
    kTfLiteMemNone = 0,
    kTfLiteMmapRo,            /* a constant of the model */
    kTfLiteArenaRw,           /* there during an invocation */
    kTfLiteArenaRwPersistent, /* keeps its values between invocations */
    kTfLiteDynamic,           /* sized when computed; texts */
    kTfLitePersistentRo,
    kTfLiteCustom,
    kTfLiteVariantObject,
    kTfLiteNonCpu
} TfLiteAllocationType;

typedef enum TfLiteAllocationStrategy {
    kTfLiteAllocationStrategyUnknown,
    kTfLiteAllocationStrategyNone,
    kTfLiteAllocationStrategyMMap,
    kTfLiteAllocationStrategyArena,
    kTfLiteAllocationStrategyMalloc,
    kTfLiteAllocationStrategyNew
} TfLiteAllocationStrategy;

typedef enum TfLiteRunStability {
    kTfLiteRunStabilityUnknown,
    kTfLiteRunStabilityUnstable,
    kTfLiteRunStabilitySingleRun,
    kTfLiteRunStabilityAcrossRuns
} TfLiteRunStability;

typedef enum TfLiteRunStep {
    kTfLiteRunStepUnknown,
    kTfLiteRunStepInit,
    kTfLiteRunStepPrepare,
    kTfLiteRunStepEval
} TfLiteRunStep;

typedef int TfLiteBufferHandle;
enum { kTfLiteNullBufferHandle = -1 };

typedef struct TfLiteDimensionMetadata {
    TfLiteDimensionType format;
    int dense_size;
    TfLiteIntArray *array_segments;
    TfLiteIntArray *array_indices;
} TfLiteDimensionMetadata;

typedef struct TfLiteSparsity {
    TfLiteIntArray *traversal_order;
    TfLiteIntArray *block_map;
    TfLiteDimensionMetadata *dim_metadata;
    int dim_metadata_size;
} TfLiteSparsity;

typedef struct TfLiteCustomAllocation {
    void *data;
    size_t bytes;
} TfLiteCustomAllocation;

typedef enum TfLiteCustomAllocationFlags {
    kTfLiteCustomAllocationFlagsNone = 0,
    kTfLiteCustomAllocationFlagsSkipAlignCheck = 1
} TfLiteCustomAllocationFlags;

struct TfLiteTensor {
    TfLiteType type;
    TfLitePtrUnion data;
    TfLiteIntArray *dims;
    TfLiteQuantizationParams params; /* of the whole tensor */
    TfLiteAllocationType allocation_type;
    size_t bytes;
    const void *allocation; /* of the runtime */
    const char *name;
    struct TfLiteDelegate *delegate;  /* NULL */
    TfLiteBufferHandle buffer_handle; /* kTfLiteNullBufferHandle */
    bool data_is_stale;               /* false */
    bool is_variable;
    TfLiteQuantization quantization;
    TfLiteSparsity *sparsity;             /* NULL: weights come dense */
    const TfLiteIntArray *dims_signature; /* dims with -1 for those that are open; NULL when none is */
};

/* An operator of the graph. Tensors are named by their numbers in the context, kTfLiteOptionalTensor for one left out. */
typedef struct TfLiteNode {
    TfLiteIntArray *inputs;
    TfLiteIntArray *outputs;
    TfLiteIntArray *intermediates;
    TfLiteIntArray *temporaries;
    void *user_data; /* what `init` returned */
    void *builtin_data;
    const void *custom_initial_data;
    int custom_initial_data_size;
    struct TfLiteDelegate *delegate;
    bool might_have_side_effect;
} TfLiteNode;

typedef struct TfLiteEvalTensor {
    TfLitePtrUnion data;
    TfLiteIntArray *dims;
    TfLiteType type;
} TfLiteEvalTensor;

/* Functions for tensors that a program or an operator owns; those of an interpreter take care of themselves. */
TFL_CAPI_EXPORT void TfLiteTensorDataFree(TfLiteTensor *t);
TFL_CAPI_EXPORT void TfLiteQuantizationFree(TfLiteQuantization *quantization);
TFL_CAPI_EXPORT void TfLiteSparsityFree(TfLiteSparsity *sparsity);
TFL_CAPI_EXPORT void TfLiteTensorFree(TfLiteTensor *t);
/* Frees what the tensor holds, then sets all fields. Takes over dims and buffer. */
TFL_CAPI_EXPORT void TfLiteTensorReset(TfLiteType type, const char *name, TfLiteIntArray *dims,
                                       TfLiteQuantizationParams quantization, char *buffer, size_t size,
                                       TfLiteAllocationType allocation_type, const void *allocation,
                                       bool is_variable, TfLiteTensor *tensor);
/* Copies contents and dims to a tensor of as many bytes; kTfLiteError for another size, nothing for NULL. */
TFL_CAPI_EXPORT TfLiteStatus TfLiteTensorCopy(const TfLiteTensor *src, TfLiteTensor *dst);
/* A tensor of the same contents that owns all it points to, but for constants and the arena's. */
TFL_CAPI_EXPORT TfLiteTensor TfLiteTensorClone(TfLiteTensor src);
/* Gives a dynamic tensor num_bytes of malloc's memory, with the old contents if preserve_data; does nothing to others. */
TFL_CAPI_EXPORT TfLiteStatus TfLiteTensorResizeMaybeCopy(size_t num_bytes, TfLiteTensor *tensor,
                                                         bool preserve_data);
/* The same, with the old contents. */
TFL_CAPI_EXPORT TfLiteStatus TfLiteTensorRealloc(size_t num_bytes, TfLiteTensor *tensor);
TFL_CAPI_EXPORT const TfLiteIntArray *TfLiteTensorGetDimsSignature(const TfLiteTensor *t);
TFL_CAPI_EXPORT TfLiteAllocationStrategy TfLiteTensorGetAllocationStrategy(const TfLiteTensor *t);
TFL_CAPI_EXPORT TfLiteRunStability TfLiteTensorGetBufferAddressStability(const TfLiteTensor *t);
TFL_CAPI_EXPORT TfLiteRunStability TfLiteTensorGetDataStability(const TfLiteTensor *t);
TFL_CAPI_EXPORT TfLiteRunStep TfLiteTensorGetDataKnownStep(const TfLiteTensor *t);
TFL_CAPI_EXPORT TfLiteRunStep TfLiteTensorGetShapeKnownStep(const TfLiteTensor *t);

/* ---- what an operator's callbacks get ---- */

typedef struct TfLiteDelegateParams {
    struct TfLiteDelegate *delegate;
    TfLiteIntArray *nodes_to_replace;
    TfLiteIntArray *input_tensors;
    TfLiteIntArray *output_tensors;
} TfLiteDelegateParams;

typedef struct TfLiteOpaqueDelegateParams {
    TfLiteOpaqueDelegate *delegate;
    void *delegate_data;
    TfLiteIntArray *nodes_to_replace;
    TfLiteIntArray *input_tensors;
    TfLiteIntArray *output_tensors;
} TfLiteOpaqueDelegateParams;

/* Pointers marked NULL are not set; those for delegates report an error and return kTfLiteError. */
typedef struct TfLiteContext {
    size_t tensors_size;
    TfLiteStatus (*GetExecutionPlan)(struct TfLiteContext *context, TfLiteIntArray **execution_plan);
    TfLiteTensor *tensors;
    void *impl_;
    /* Takes over new_size. */
    TfLiteStatus (*ResizeTensor)(struct TfLiteContext *context, TfLiteTensor *tensor,
                                 TfLiteIntArray *new_size);
    void (*ReportError)(struct TfLiteContext *context, const char *msg, ...);
    /* At most 64 in a graph. */
    TfLiteStatus (*AddTensors)(struct TfLiteContext *context, int tensors_to_add,
                               int *first_new_tensor_index);
    /* Of custom operators. */
    TfLiteStatus (*GetNodeAndRegistration)(struct TfLiteContext *context, int node_index, TfLiteNode **node,
                                           struct TfLiteRegistration **registration);
    TfLiteStatus (*ReplaceNodeSubsetsWithDelegateKernels)(struct TfLiteContext *context,
                                                          struct TfLiteRegistration registration,
                                                          const TfLiteIntArray *nodes_to_replace,
                                                          struct TfLiteDelegate *delegate);
    int recommended_num_threads;
    TfLiteExternalContext *(*GetExternalContext)(struct TfLiteContext *context,
                                                 TfLiteExternalContextType type);
    void (*SetExternalContext)(struct TfLiteContext *context, TfLiteExternalContextType type,
                               TfLiteExternalContext *external);
    bool allow_fp32_relax_to_fp16;
    void *profiler;                                                                                 /* NULL */
    void *(*AllocatePersistentBuffer)(struct TfLiteContext *context, size_t bytes);                 /* NULL */
    TfLiteStatus (*AllocateBufferForEval)(struct TfLiteContext *context, size_t bytes, void **ptr); /* NULL */
    TfLiteStatus (*RequestScratchBufferInArena)(struct TfLiteContext *context, size_t bytes,
                                                int *buffer_idx);             /* NULL */
    void *(*GetScratchBuffer)(struct TfLiteContext *context, int buffer_idx); /* NULL */
    TfLiteStatus (*ResizeTensorExplicit)(struct TfLiteContext *context, TfLiteTensor *tensor, int dims,
                                         const int *shape);
    TfLiteStatus (*PreviewDelegatePartitioning)(struct TfLiteContext *context,
                                                const TfLiteIntArray *nodes_to_replace,
                                                TfLiteDelegateParams **partition_params_array,
                                                int *num_partitions);
    TfLiteTensor *(*GetTensor)(const struct TfLiteContext *context, int tensor_idx);         /* NULL */
    TfLiteEvalTensor *(*GetEvalTensor)(const struct TfLiteContext *context, int tensor_idx); /* NULL */
    TfLiteStatus (*GetModelMetadata)(const struct TfLiteContext *context, const char *name, const char **ptr,
                                     size_t *bytes);
    TfLiteStatus (*AcquireSubgraphContext)(struct TfLiteContext *context, int subgraph_index,
                                           struct TfLiteContext **acquired_context);
    TfLiteStatus (*ReleaseSubgraphContext)(struct TfLiteContext *context, int subgraph_index);
#if defined(_WIN32)
    TfLiteIntArray *(*TfLiteIntArrayCreate)(int size);
    void (*TfLiteIntArrayFree)(TfLiteIntArray *a);
#endif
} TfLiteContext;

typedef enum {
    kTfLiteInplaceOpNone = 0,
    kTfLiteInplaceOpDataUnmodified = 1,
    kTfLiteInplaceInputCanBeSharedWithCorrespondingOutput = 2,
    kTfLiteInplaceOpInput0Shared = 4,
    kTfLiteInplaceOpInput1Shared = 8,
    kTfLiteInplaceOpInput2Shared = 16
} TfLiteInPlaceOp;

/* The callbacks of an operator: see TfLiteOperatorSetInit() and so on in c_api.h. */
typedef struct TfLiteRegistration {
    void *(*init)(TfLiteContext *context, const char *buffer, size_t length);
    void (*free)(TfLiteContext *context, void *buffer);
    TfLiteStatus (*prepare)(TfLiteContext *context, TfLiteNode *node);
    TfLiteStatus (*invoke)(TfLiteContext *context, TfLiteNode *node);
    const char *(*profiling_string)(const TfLiteContext *context, const TfLiteNode *node);
    int32_t builtin_code;
    const char *custom_name;
    int version;
    TfLiteOperator *registration_external;
    struct TfLiteAsyncKernel *(*async_kernel)(TfLiteContext *context, TfLiteNode *node);
    uint64_t inplace_operator;
} TfLiteRegistration;

/* Its forms in earlier releases: each a head of the one above. */
typedef struct TfLiteRegistration_V3 {
    void *(*init)(TfLiteContext *context, const char *buffer, size_t length);
    void (*free)(TfLiteContext *context, void *buffer);
    TfLiteStatus (*prepare)(TfLiteContext *context, TfLiteNode *node);
    TfLiteStatus (*invoke)(TfLiteContext *context, TfLiteNode *node);
    const char *(*profiling_string)(const TfLiteContext *context, const TfLiteNode *node);
    int32_t builtin_code;
    const char *custom_name;
    int version;
    TfLiteOperator *registration_external;
    struct TfLiteAsyncKernel *(*async_kernel)(TfLiteContext *context, TfLiteNode *node);
} TfLiteRegistration_V3;

typedef struct TfLiteRegistration_V2 {
    void *(*init)(TfLiteContext *context, const char *buffer, size_t length);
    void (*free)(TfLiteContext *context, void *buffer);
    TfLiteStatus (*prepare)(TfLiteContext *context, TfLiteNode *node);
    TfLiteStatus (*invoke)(TfLiteContext *context, TfLiteNode *node);
    const char *(*profiling_string)(const TfLiteContext *context, const TfLiteNode *node);
    int32_t builtin_code;
    const char *custom_name;
    int version;
    TfLiteOperator *registration_external;
} TfLiteRegistration_V2;

typedef struct TfLiteRegistration_V1 {
    void *(*init)(TfLiteContext *context, const char *buffer, size_t length);
    void (*free)(TfLiteContext *context, void *buffer);
    TfLiteStatus (*prepare)(TfLiteContext *context, TfLiteNode *node);
    TfLiteStatus (*invoke)(TfLiteContext *context, TfLiteNode *node);
    const char *(*profiling_string)(const TfLiteContext *context, const TfLiteNode *node);
    int32_t builtin_code;
    const char *custom_name;
    int version;
} TfLiteRegistration_V1;

/* ---- delegates: the structs, for programs that make one; an interpreter takes none ---- */

typedef enum TfLiteDelegateFlags {
    kTfLiteDelegateFlagsNone = 0,
    kTfLiteDelegateFlagsAllowDynamicTensors = 1,
    kTfLiteDelegateFlagsRequirePropagatedShapes = 2,
    kTfLiteDelegateFlagsPerOperatorProfiling = 4,
    kTfLiteDelegateFlagsHintFullyDelegatedToSingleDelegate = 8
} TfLiteDelegateFlags;

struct TfLiteDelegate {
    void *data_;
    TfLiteStatus (*Prepare)(TfLiteContext *context, struct TfLiteDelegate *delegate);
    TfLiteStatus (*CopyFromBufferHandle)(TfLiteContext *context, struct TfLiteDelegate *delegate,
                                         TfLiteBufferHandle buffer_handle, TfLiteTensor *tensor);
    TfLiteStatus (*CopyToBufferHandle)(TfLiteContext *context, struct TfLiteDelegate *delegate,
                                       TfLiteBufferHandle buffer_handle, TfLiteTensor *tensor);
    void (*FreeBufferHandle)(TfLiteContext *context, struct TfLiteDelegate *delegate,
                             TfLiteBufferHandle *handle);
    int64_t flags;
    struct TfLiteOpaqueDelegateBuilder *opaque_delegate_builder;
};

typedef struct TfLiteOpaqueDelegateBuilder {
    void *data;
    TfLiteStatus (*Prepare)(TfLiteOpaqueContext *context, TfLiteOpaqueDelegate *delegate, void *data);
    TfLiteStatus (*CopyFromBufferHandle)(TfLiteOpaqueContext *context, TfLiteOpaqueDelegate *delegate,
                                         void *data, TfLiteBufferHandle buffer_handle,
                                         TfLiteOpaqueTensor *tensor);
    TfLiteStatus (*CopyToBufferHandle)(TfLiteOpaqueContext *context, TfLiteOpaqueDelegate *delegate,
                                       void *data, TfLiteBufferHandle buffer_handle,
                                       TfLiteOpaqueTensor *tensor);
    void (*FreeBufferHandle)(TfLiteOpaqueContext *context, TfLiteOpaqueDelegate *delegate, void *data,
                             TfLiteBufferHandle *handle);
    int64_t flags;
} TfLiteOpaqueDelegateBuilder;

/* All zero. */
TFL_CAPI_EXPORT TfLiteDelegate TfLiteDelegateCreate(void);
/* NULL for NULL. */
TFL_CAPI_EXPORT TfLiteOpaqueDelegate *
TfLiteOpaqueDelegateCreate(const TfLiteOpaqueDelegateBuilder *opaque_delegate_builder);
TFL_CAPI_EXPORT void TfLiteOpaqueDelegateDelete(TfLiteOpaqueDelegate *delegate);
/* NULL for NULL. */
TFL_CAPI_EXPORT void *TfLiteOpaqueDelegateGetData(const TfLiteOpaqueDelegate *delegate);

/* What `init` returns when it fails. */
TFL_CAPI_EXPORT void *TfLiteKernelInitFailed(void);

#ifdef __cplusplus
}
#endif
#endif
