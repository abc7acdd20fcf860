/* The C API of TensorFlow Lite, as libtmo_tflite gives it: see docs/tflite_api.md for what differs.
 *
 * A model is loaded, an interpreter made of it, its tensors allocated; then inputs are written, the interpreter invoked and outputs
 * read, as often as wanted. An interpreter belongs to one thread at a time; a model may have several interpreters.
 *
 * Unless said otherwise functions do not accept NULL, and an object made by ...Create() is freed by ...Delete(), which does. */
#ifndef TENSORFLOW_LITE_C_C_API_H_
#define TENSORFLOW_LITE_C_C_API_H_

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "tensorflow/lite/builtin_ops.h"
#include "tensorflow/lite/c/c_api_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct TfLiteModel TfLiteModel;
typedef struct TfLiteInterpreterOptions TfLiteInterpreterOptions;
typedef struct TfLiteInterpreter TfLiteInterpreter;
typedef struct TfLiteTensor TfLiteTensor;
typedef struct TfLiteSignatureRunner TfLiteSignatureRunner;
typedef struct TfLiteOperator TfLiteOperator;
typedef TfLiteOperator TfLiteRegistrationExternal; /* its name until 2.15 */

/* The release of TensorFlow Lite whose API this is, and of its API for operators; the version of the model format. */
TFL_CAPI_EXPORT extern const char *TfLiteVersion(void);
TFL_CAPI_EXPORT extern const char *TfLiteExtensionApisVersion(void);
TFL_CAPI_EXPORT extern int TfLiteSchemaVersion(void);

/* ---- model ---- */

/* Loads a model from memory, which must stay and not change until the model and its interpreters are gone. NULL when it is no valid
 * model; the reporter, if there is one, hears why. */
TFL_CAPI_EXPORT extern TfLiteModel *TfLiteModelCreate(const void *model_data, size_t model_size);
TFL_CAPI_EXPORT extern TfLiteModel *
TfLiteModelCreateWithErrorReporter(const void *model_data, size_t model_size,
                                   void (*reporter)(void *user_data, const char *format, va_list args),
                                   void *user_data);
/* The same from a file, which must not change meanwhile. */
TFL_CAPI_EXPORT extern TfLiteModel *TfLiteModelCreateFromFile(const char *model_path);
TFL_CAPI_EXPORT extern TfLiteModel *TfLiteModelCreateFromFileWithErrorReporter(
    const char *model_path, void (*reporter)(void *user_data, const char *format, va_list args),
    void *user_data);
/* Interpreters of the model may live on. */
TFL_CAPI_EXPORT extern void TfLiteModelDelete(TfLiteModel *model);

/* ---- options of an interpreter ---- */

TFL_CAPI_EXPORT extern TfLiteInterpreterOptions *TfLiteInterpreterOptionsCreate(void);
TFL_CAPI_EXPORT extern TfLiteInterpreterOptions *
TfLiteInterpreterOptionsCopy(const TfLiteInterpreterOptions *from);
TFL_CAPI_EXPORT extern void TfLiteInterpreterOptionsDelete(TfLiteInterpreterOptions *options);
/* 1 when not set, and for less. */
TFL_CAPI_EXPORT extern void TfLiteInterpreterOptionsSetNumThreads(TfLiteInterpreterOptions *options,
                                                                  int32_t num_threads);
/* Delegates cannot be used: TfLiteInterpreterCreate() fails and says so, unless SetEnableDelegateFallback() (c_api_experimental.h)
 * allows to do without. */
TFL_CAPI_EXPORT extern void TfLiteInterpreterOptionsAddDelegate(TfLiteInterpreterOptions *options,
                                                                TfLiteOpaqueDelegate *delegate);
TFL_CAPI_EXPORT extern void
TfLiteInterpreterOptionsAddOpaqueDelegate(TfLiteInterpreterOptions *options,
                                          TfLiteOpaqueDelegateStruct *opaque_delegate);
/* Hears what goes wrong, as vprintf() would take it. Without one nothing is said. */
TFL_CAPI_EXPORT extern void
TfLiteInterpreterOptionsSetErrorReporter(TfLiteInterpreterOptions *options,
                                         void (*reporter)(void *user_data, const char *format, va_list args),
                                         void *user_data);
/* A custom operator; borrowed until the interpreters are gone. Two names of one function. */
TFL_CAPI_EXPORT extern void TfLiteInterpreterOptionsAddOperator(TfLiteInterpreterOptions *options,
                                                                TfLiteOperator *registration);
TFL_CAPI_EXPORT extern void
TfLiteInterpreterOptionsAddRegistrationExternal(TfLiteInterpreterOptions *options,
                                                TfLiteRegistrationExternal *registration);
/* Makes TfLiteInterpreterCancel() work. */
TFL_CAPI_EXPORT extern TfLiteStatus
TfLiteInterpreterOptionsEnableCancellation(TfLiteInterpreterOptions *options, bool enable);

/* ---- interpreter ---- */

/* NULL on failure. Model and options (which may be NULL) can be deleted afterwards. */
TFL_CAPI_EXPORT extern TfLiteInterpreter *
TfLiteInterpreterCreate(const TfLiteModel *model, const TfLiteInterpreterOptions *optional_options);
TFL_CAPI_EXPORT extern void TfLiteInterpreterDelete(TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT extern int32_t TfLiteInterpreterGetInputTensorCount(const TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT extern const int *TfLiteInterpreterInputTensorIndices(const TfLiteInterpreter *interpreter);
/* The tensor is the interpreter's, as all tensors below; NULL for an index out of range. */
TFL_CAPI_EXPORT extern TfLiteTensor *TfLiteInterpreterGetInputTensor(const TfLiteInterpreter *interpreter,
                                                                     int32_t input_index);
/* To be followed by AllocateTensors. */
TFL_CAPI_EXPORT extern TfLiteStatus TfLiteInterpreterResizeInputTensor(TfLiteInterpreter *interpreter,
                                                                       int32_t input_index,
                                                                       const int *input_dims,
                                                                       int32_t input_dims_size);
/* Needed before the first invocation and after each resize; data pointers may be new then. */
TFL_CAPI_EXPORT extern TfLiteStatus TfLiteInterpreterAllocateTensors(TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT extern TfLiteStatus TfLiteInterpreterInvoke(TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT extern int32_t TfLiteInterpreterGetOutputTensorCount(const TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT extern const int *TfLiteInterpreterOutputTensorIndices(const TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT extern const TfLiteTensor *
TfLiteInterpreterGetOutputTensor(const TfLiteInterpreter *interpreter, int32_t output_index);
/* Any tensor of the model's first subgraph, by its number there. */
TFL_CAPI_EXPORT extern TfLiteTensor *TfLiteInterpreterGetTensor(const TfLiteInterpreter *interpreter,
                                                                int index);
/* From any thread: the invocation that runs ends soon, with kTfLiteCancelled. */
TFL_CAPI_EXPORT extern TfLiteStatus TfLiteInterpreterCancel(const TfLiteInterpreter *interpreter);

/* ---- signatures: named entries of a model, with named inputs and outputs ---- */

TFL_CAPI_EXPORT extern int32_t TfLiteInterpreterGetSignatureCount(const TfLiteInterpreter *interpreter);
/* NULL for an index out of range; likewise the names below. */
TFL_CAPI_EXPORT extern const char *TfLiteInterpreterGetSignatureKey(const TfLiteInterpreter *interpreter,
                                                                    int32_t signature_index);
/* NULL when the model has no such signature. To be deleted before the interpreter. */
TFL_CAPI_EXPORT extern TfLiteSignatureRunner *
TfLiteInterpreterGetSignatureRunner(const TfLiteInterpreter *interpreter, const char *signature_key);
TFL_CAPI_EXPORT extern void TfLiteSignatureRunnerDelete(TfLiteSignatureRunner *signature_runner);
TFL_CAPI_EXPORT extern size_t
TfLiteSignatureRunnerGetInputCount(const TfLiteSignatureRunner *signature_runner);
TFL_CAPI_EXPORT extern const char *
TfLiteSignatureRunnerGetInputName(const TfLiteSignatureRunner *signature_runner, int32_t input_index);
/* Only dimensions that the model leaves open (-1 in the tensor's dims_signature) can change. */
TFL_CAPI_EXPORT extern TfLiteStatus
TfLiteSignatureRunnerResizeInputTensor(TfLiteSignatureRunner *signature_runner, const char *input_name,
                                       const int *input_dims, int32_t input_dims_size);
TFL_CAPI_EXPORT extern TfLiteStatus
TfLiteSignatureRunnerAllocateTensors(TfLiteSignatureRunner *signature_runner);
/* NULL when there is no such input. */
TFL_CAPI_EXPORT extern TfLiteTensor *
TfLiteSignatureRunnerGetInputTensor(TfLiteSignatureRunner *signature_runner, const char *input_name);
TFL_CAPI_EXPORT extern TfLiteStatus TfLiteSignatureRunnerInvoke(TfLiteSignatureRunner *signature_runner);
TFL_CAPI_EXPORT extern size_t
TfLiteSignatureRunnerGetOutputCount(const TfLiteSignatureRunner *signature_runner);
TFL_CAPI_EXPORT extern const char *
TfLiteSignatureRunnerGetOutputName(const TfLiteSignatureRunner *signature_runner, int32_t output_index);
TFL_CAPI_EXPORT extern const TfLiteTensor *
TfLiteSignatureRunnerGetOutputTensor(const TfLiteSignatureRunner *signature_runner, const char *output_name);

/* ---- tensors ---- */

TFL_CAPI_EXPORT extern TfLiteType TfLiteTensorType(const TfLiteTensor *tensor);
/* -1 when the tensor has no dimensions yet. */
TFL_CAPI_EXPORT extern int32_t TfLiteTensorNumDims(const TfLiteTensor *tensor);
TFL_CAPI_EXPORT extern int32_t TfLiteTensorDim(const TfLiteTensor *tensor, int32_t dim_index);
TFL_CAPI_EXPORT extern size_t TfLiteTensorByteSize(const TfLiteTensor *tensor);
/* NULL before the tensors are allocated, and for an output of unknown size before the first invocation. */
TFL_CAPI_EXPORT extern void *TfLiteTensorData(const TfLiteTensor *tensor);
TFL_CAPI_EXPORT extern const char *TfLiteTensorName(const TfLiteTensor *tensor);
/* Those of the whole tensor; zeros when it has none, or one pair a channel. */
TFL_CAPI_EXPORT extern TfLiteQuantizationParams TfLiteTensorQuantizationParams(const TfLiteTensor *tensor);
/* Fail unless the size is the tensor's, or when it has no data yet. */
TFL_CAPI_EXPORT extern TfLiteStatus TfLiteTensorCopyFromBuffer(TfLiteTensor *tensor, const void *input_data,
                                                               size_t input_data_size);
TFL_CAPI_EXPORT extern TfLiteStatus TfLiteTensorCopyToBuffer(const TfLiteTensor *output_tensor,
                                                             void *output_data, size_t output_data_size);

/* ---- custom operators ---- */

/* `custom_name` is copied; version and user_data are kept. Operators other than kTfLiteBuiltinCustom are accepted and have no effect:
 * builtin operators are computed by the library. NULL when there is no memory. */
TFL_CAPI_EXPORT extern TfLiteOperator *TfLiteOperatorCreate(TfLiteBuiltinOperator builtin_code,
                                                            const char *custom_name, int version,
                                                            void *user_data);
TFL_CAPI_EXPORT extern void TfLiteOperatorDelete(TfLiteOperator *registration);
TFL_CAPI_EXPORT extern TfLiteBuiltinOperator TfLiteOperatorGetBuiltInCode(const TfLiteOperator *registration);
TFL_CAPI_EXPORT extern const char *TfLiteOperatorGetCustomName(const TfLiteOperator *registration);
/* -1 for NULL. */
TFL_CAPI_EXPORT extern int TfLiteOperatorGetVersion(const TfLiteOperator *registration);
TFL_CAPI_EXPORT extern void *TfLiteOperatorGetUserData(const TfLiteOperator *registration);

/* init: once an interpreter and operator, with the custom options of the model; what it returns is the node's user data, which `free`
 * gets in the end. prepare: when shapes are known, to resize the outputs. invoke: to compute them. The callback set last counts; the
 * ...WithData forms hand over user_data as well. */
TFL_CAPI_EXPORT extern void TfLiteOperatorSetInit(TfLiteOperator *registration,
                                                  void *(*init)(TfLiteOpaqueContext *context,
                                                                const char *buffer, size_t length));
TFL_CAPI_EXPORT extern TfLiteStatus TfLiteOperatorSetInitWithData(
    TfLiteOperator *registration,
    void *(*init)(void *user_data, TfLiteOpaqueContext *context, const char *buffer, size_t length));
TFL_CAPI_EXPORT extern void TfLiteOperatorSetFree(TfLiteOperator *registration,
                                                  void (*free)(TfLiteOpaqueContext *context, void *data));
TFL_CAPI_EXPORT extern TfLiteStatus
TfLiteOperatorSetFreeWithData(TfLiteOperator *registration,
                              void (*free)(void *user_data, TfLiteOpaqueContext *context, void *data));
TFL_CAPI_EXPORT extern void TfLiteOperatorSetPrepare(TfLiteOperator *registration,
                                                     TfLiteStatus (*prepare)(TfLiteOpaqueContext *context,
                                                                             TfLiteOpaqueNode *node));
TFL_CAPI_EXPORT extern TfLiteStatus TfLiteOperatorSetPrepareWithData(
    TfLiteOperator *registration,
    TfLiteStatus (*prepare)(void *user_data, TfLiteOpaqueContext *context, TfLiteOpaqueNode *node));
TFL_CAPI_EXPORT extern void TfLiteOperatorSetInvoke(TfLiteOperator *registration,
                                                    TfLiteStatus (*invoke)(TfLiteOpaqueContext *context,
                                                                           TfLiteOpaqueNode *node));
TFL_CAPI_EXPORT extern TfLiteStatus TfLiteOperatorSetInvokeWithData(
    TfLiteOperator *registration,
    TfLiteStatus (*invoke)(void *user_data, TfLiteOpaqueContext *context, TfLiteOpaqueNode *node));
/* Accepted, without effect: nothing runs asynchronously, and outputs never share memory with inputs. */
struct TfLiteAsyncKernel;
TFL_CAPI_EXPORT extern void TfLiteOperatorSetAsyncKernel(
    TfLiteOperator *registration,
    struct TfLiteAsyncKernel *(*async_kernel)(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node));
TFL_CAPI_EXPORT extern TfLiteStatus TfLiteOperatorSetAsyncKernelWithData(
    TfLiteOperator *registration,
    struct TfLiteAsyncKernel *(*async_kernel)(void *user_data, TfLiteOpaqueContext *context,
                                              TfLiteOpaqueNode *node));
TFL_CAPI_EXPORT extern void TfLiteOperatorSetInplaceOperator(TfLiteOperator *registration,
                                                             uint64_t inplace_operator);

/* The names until 2.15. */
TFL_CAPI_EXPORT extern TfLiteRegistrationExternal *
TfLiteRegistrationExternalCreate(TfLiteBuiltinOperator builtin_code, const char *custom_name, int version);
TFL_CAPI_EXPORT extern void TfLiteRegistrationExternalDelete(TfLiteRegistrationExternal *registration);
TFL_CAPI_EXPORT extern TfLiteBuiltinOperator
TfLiteRegistrationExternalGetBuiltInCode(const TfLiteRegistrationExternal *registration);
TFL_CAPI_EXPORT extern const char *
TfLiteRegistrationExternalGetCustomName(const TfLiteRegistrationExternal *registration);
TFL_CAPI_EXPORT extern int
TfLiteRegistrationExternalGetVersion(const TfLiteRegistrationExternal *registration);
TFL_CAPI_EXPORT extern void TfLiteRegistrationExternalSetInit(TfLiteRegistrationExternal *registration,
                                                              void *(*init)(TfLiteOpaqueContext *context,
                                                                            const char *buffer,
                                                                            size_t length));
TFL_CAPI_EXPORT extern void TfLiteRegistrationExternalSetFree(TfLiteRegistrationExternal *registration,
                                                              void (*free)(TfLiteOpaqueContext *context,
                                                                           void *data));
TFL_CAPI_EXPORT extern void TfLiteRegistrationExternalSetPrepare(
    TfLiteRegistrationExternal *registration,
    TfLiteStatus (*prepare)(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node));
TFL_CAPI_EXPORT extern void TfLiteRegistrationExternalSetInvoke(
    TfLiteRegistrationExternal *registration,
    TfLiteStatus (*invoke)(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node));

#ifdef __cplusplus
}
#endif
#endif
