/* The part of TensorFlow Lite's C API that may change between its releases: variables, registration of operators by their callbacks,
 * delegates. */
#ifndef TENSORFLOW_LITE_C_C_API_EXPERIMENTAL_H_
#define TENSORFLOW_LITE_C_C_API_EXPERIMENTAL_H_

#include "tensorflow/lite/builtin_ops.h"
#include "tensorflow/lite/c/c_api.h"
#include "tensorflow/lite/c/common.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sets all variables back to their first state. */
TFL_CAPI_EXPORT extern TfLiteStatus TfLiteInterpreterResetVariableTensors(TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT extern int32_t TfLiteInterpreterGetVariableTensorCount(const TfLiteInterpreter *interpreter);
/* NULL for an index out of range. */
TFL_CAPI_EXPORT extern TfLiteTensor *TfLiteInterpreterGetVariableTensor(const TfLiteInterpreter *interpreter,
                                                                        int32_t variable_index);

/* ---- operators ---- */

/* Names a builtin operator for TfLiteInterpreterCreateWithSelectedOps(). The callbacks are not called: the library computes it. */
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsAddBuiltinOp(TfLiteInterpreterOptions *options,
                                                          TfLiteBuiltinOperator op,
                                                          const TfLiteRegistration *registration,
                                                          int32_t min_version, int32_t max_version);
/* A custom operator for the versions from min_version to max_version. The callbacks are copied, `name` is not. */
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsAddCustomOp(TfLiteInterpreterOptions *options, const char *name,
                                                         const TfLiteRegistration *registration,
                                                         int32_t min_version, int32_t max_version);
/* Functions that are asked for operators when an interpreter is made: for a builtin operator whether it may be used, for a custom one
 * by its callbacks. NULL: not known. The last of these calls counts. */
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsSetOpResolver(
    TfLiteInterpreterOptions *options,
    const TfLiteRegistration *(*find_builtin_op)(void *user_data, TfLiteBuiltinOperator op, int version),
    const TfLiteRegistration *(*find_custom_op)(void *user_data, const char *custom_op, int version),
    void *op_resolver_user_data);
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsSetOpResolverV1(
    TfLiteInterpreterOptions *options,
    const TfLiteRegistration_V1 *(*find_builtin_op_v1)(void *user_data, TfLiteBuiltinOperator op,
                                                       int version),
    const TfLiteRegistration_V1 *(*find_custom_op_v1)(void *user_data, const char *op, int version),
    void *op_resolver_user_data);
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsSetOpResolverV2(
    TfLiteInterpreterOptions *options,
    const TfLiteRegistration_V2 *(*find_builtin_op_v2)(void *user_data, TfLiteBuiltinOperator op,
                                                       int version),
    const TfLiteRegistration_V2 *(*find_custom_op_v2)(void *user_data, const char *op, int version),
    void *op_resolver_user_data);
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsSetOpResolverV3(
    TfLiteInterpreterOptions *options,
    const TfLiteRegistration_V3 *(*find_builtin_op_v3)(void *user_data, TfLiteBuiltinOperator op,
                                                       int version),
    const TfLiteRegistration_V3 *(*find_custom_op_v3)(void *user_data, const char *op, int version),
    void *op_resolver_user_data);
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsSetOpResolverExternal(
    TfLiteInterpreterOptions *options,
    const TfLiteOperator *(*find_builtin_op)(void *user_data, int op, int version),
    const TfLiteOperator *(*find_custom_op)(void *user_data, const char *custom_op, int version),
    void *op_resolver_user_data);
/* The first two are asked first; where they have no operator, or one without callbacks, the last two. */
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsSetOpResolverExternalWithFallback(
    TfLiteInterpreterOptions *options,
    const TfLiteOperator *(*find_builtin_op_external)(void *user_data, int op, int version),
    const TfLiteOperator *(*find_custom_op_external)(void *user_data, const char *custom_op, int version),
    const TfLiteRegistration *(*find_builtin_op)(void *user_data, TfLiteBuiltinOperator op, int version),
    const TfLiteRegistration *(*find_custom_op)(void *user_data, const char *op, int version),
    void *op_resolver_user_data);
/* As TfLiteInterpreterCreate(), for a model of which every operator was named by one of the functions above. */
TFL_CAPI_EXPORT extern TfLiteInterpreter *
TfLiteInterpreterCreateWithSelectedOps(const TfLiteModel *model, const TfLiteInterpreterOptions *options);

/* ---- delegates: see docs/tflite_api.md ---- */

/* Accepted, without effect. */
TFL_CAPI_EXPORT extern void TfLiteInterpreterOptionsSetUseNNAPI(TfLiteInterpreterOptions *options,
                                                                bool enable);
/* Enabled: delegates of the options are left out instead of failing. */
TFL_CAPI_EXPORT extern void
TfLiteInterpreterOptionsSetEnableDelegateFallback(TfLiteInterpreterOptions *options, bool enable);
/* kTfLiteApplicationError; the interpreter stays as it is. */
TFL_CAPI_EXPORT extern TfLiteStatus
TfLiteInterpreterModifyGraphWithDelegate(const TfLiteInterpreter *interpreter, TfLiteDelegate *delegate);
TFL_CAPI_EXPORT extern TfLiteStatus TfLiteInterpreterSetBufferHandle(TfLiteInterpreter *interpreter,
                                                                     TfLiteTensor *tensor,
                                                                     TfLiteBufferHandle buffer_handle,
                                                                     TfLiteOpaqueDelegate *delegate);
TFL_CAPI_EXPORT extern TfLiteStatus TfLiteInterpreterGetBufferHandle(TfLiteInterpreter *interpreter,
                                                                     int tensor_index,
                                                                     TfLiteBufferHandle *buffer_handle,
                                                                     TfLiteOpaqueDelegate **delegate);
/* Accepted, without effect: outputs are in the processor's memory always. */
TFL_CAPI_EXPORT extern void TfLiteSetAllowBufferHandleOutput(const TfLiteInterpreter *interpreter,
                                                             bool allow_buffer_handle_output);

/* ---- tensors ---- */

/* The tensor's number in the model, or -1 for an index out of range. */
TFL_CAPI_EXPORT extern int32_t TfLiteInterpreterGetInputTensorIndex(const TfLiteInterpreter *interpreter,
                                                                    int32_t input_index);
TFL_CAPI_EXPORT extern int32_t TfLiteInterpreterGetOutputTensorIndex(const TfLiteInterpreter *interpreter,
                                                                     int32_t output_index);
/* Memory of the program's for an input or an output, aligned to 64 bytes unless the flags say otherwise; AllocateTensors checks that
 * it suffices. Contents are copied at each invocation. kTfLiteError for other tensors. */
TFL_CAPI_EXPORT extern TfLiteStatus
TfLiteInterpreterSetCustomAllocationForTensor(TfLiteInterpreter *interpreter, int tensor_index,
                                              const TfLiteCustomAllocation *allocation, int64_t flags);
/* kTfLiteOk for every tensor of the model. */
TFL_CAPI_EXPORT extern TfLiteStatus
TfLiteInterpreterEnsureTensorDataIsReadable(TfLiteInterpreter *interpreter, int tensor_index);

/* As TfLiteInterpreterCancel(), for the interpreter of the runner. */
TFL_CAPI_EXPORT extern TfLiteStatus TfLiteSignatureRunnerCancel(TfLiteSignatureRunner *signature_runner);

/* Accepted, and never called. */
struct TfLiteTelemetryProfilerStruct;
TFL_CAPI_EXPORT extern void
TfLiteInterpreterOptionsSetTelemetryProfiler(TfLiteInterpreterOptions *options,
                                             struct TfLiteTelemetryProfilerStruct *profiler);
TFL_CAPI_EXPORT extern void
TfLiteInterpreterSetTelemetryProfiler(const TfLiteInterpreter *interpreter,
                                      struct TfLiteTelemetryProfilerStruct *profiler);

#ifdef __cplusplus
}
#endif
#endif
