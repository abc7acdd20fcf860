/* Prototypes of TensorFlow Lite's C API as its documentation shows them, apart from our own headers: what a program was compiled
 * against that is to run with libtmo_tflite. */
#ifndef TESTS_API_TFLITE_PROTOTYPES_H
#define TESTS_API_TFLITE_PROTOTYPES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct TfLiteModel TfLiteModel;
typedef struct TfLiteInterpreterOptions TfLiteInterpreterOptions;
typedef struct TfLiteInterpreter TfLiteInterpreter;
typedef struct TfLiteTensor TfLiteTensor;
typedef enum { kTfLiteOk = 0, kTfLiteError = 1 } TfLiteStatus;
typedef enum {
    kTfLiteFloat32 = 1,
    kTfLiteInt32 = 2,
    kTfLiteUInt8 = 3,
    kTfLiteInt64 = 4,
    kTfLiteInt16 = 7,
    kTfLiteInt8 = 9
} TfLiteType;
typedef struct {
    float scale;
    int32_t zero_point;
} TfLiteQuantizationParams;

extern const char *TfLiteVersion(void);
extern TfLiteModel *TfLiteModelCreate(const void *model_data, size_t model_size);
extern TfLiteModel *TfLiteModelCreateFromFile(const char *model_path);
extern void TfLiteModelDelete(TfLiteModel *model);
extern TfLiteInterpreterOptions *TfLiteInterpreterOptionsCreate(void);
extern void TfLiteInterpreterOptionsDelete(TfLiteInterpreterOptions *options);
extern void TfLiteInterpreterOptionsSetNumThreads(TfLiteInterpreterOptions *options, int32_t num_threads);
extern void TfLiteInterpreterOptionsSetErrorReporter(TfLiteInterpreterOptions *options,
                                                     void (*reporter)(void *user_data, const char *format,
                                                                      va_list args),
                                                     void *user_data);
extern TfLiteInterpreter *TfLiteInterpreterCreate(const TfLiteModel *model,
                                                  const TfLiteInterpreterOptions *optional_options);
extern void TfLiteInterpreterDelete(TfLiteInterpreter *interpreter);
extern int32_t TfLiteInterpreterGetInputTensorCount(const TfLiteInterpreter *interpreter);
extern TfLiteTensor *TfLiteInterpreterGetInputTensor(const TfLiteInterpreter *interpreter,
                                                     int32_t input_index);
extern TfLiteStatus TfLiteInterpreterResizeInputTensor(TfLiteInterpreter *interpreter, int32_t input_index,
                                                       const int *input_dims, int32_t input_dims_size);
extern TfLiteStatus TfLiteInterpreterAllocateTensors(TfLiteInterpreter *interpreter);
extern TfLiteStatus TfLiteInterpreterInvoke(TfLiteInterpreter *interpreter);
extern int32_t TfLiteInterpreterGetOutputTensorCount(const TfLiteInterpreter *interpreter);
extern const TfLiteTensor *TfLiteInterpreterGetOutputTensor(const TfLiteInterpreter *interpreter,
                                                            int32_t output_index);
extern TfLiteType TfLiteTensorType(const TfLiteTensor *tensor);
extern int32_t TfLiteTensorNumDims(const TfLiteTensor *tensor);
extern int32_t TfLiteTensorDim(const TfLiteTensor *tensor, int32_t dim_index);
extern size_t TfLiteTensorByteSize(const TfLiteTensor *tensor);
extern void *TfLiteTensorData(const TfLiteTensor *tensor);
extern const char *TfLiteTensorName(const TfLiteTensor *tensor);
extern TfLiteQuantizationParams TfLiteTensorQuantizationParams(const TfLiteTensor *tensor);
extern TfLiteStatus TfLiteTensorCopyFromBuffer(TfLiteTensor *tensor, const void *input_data,
                                               size_t input_data_size);
extern TfLiteStatus TfLiteTensorCopyToBuffer(const TfLiteTensor *output_tensor, void *output_data,
                                             size_t output_data_size);

#endif
