/* Runs a model as TensorFlow Lite's documentation shows it and prints the outputs as real numbers, one a line: the same program for
 * libtensorflowlite_c and for libtmo_tflite.
 * usage: tflite_run MODEL [BATCH]      BATCH: another first dimension for input 0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tflite_prototypes.h"

static void must(bool condition, const char *what)
{
    if (condition) return;
    fprintf(stderr, "tflite_run: %s failed\n", what);
    exit(1);
}

static void report(void *user_data, const char *format, va_list args)
{
    (void)user_data;
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

static size_t element_bytes(TfLiteType type)
{
    switch (type) {
    case kTfLiteFloat32:
    case kTfLiteInt32: return 4;
    case kTfLiteInt64: return 8;
    case kTfLiteInt16: return 2;
    default: return 1;
    }
}

/* Smooth numbers in [-1, 1], or small whole ones for integers. */
static void fill(TfLiteTensor *tensor)
{
    const size_t bytes = TfLiteTensorByteSize(tensor), size = element_bytes(TfLiteTensorType(tensor));
    unsigned char *data = calloc(bytes + 1, 1);
    must(data != NULL, "calloc");
    for (size_t k = 0; k < bytes / size; k++) {
        const float wave = sinf((float)k * 0.37f);
        const int32_t whole = (int32_t)(wave * 100.0f);
        if (TfLiteTensorType(tensor) == kTfLiteFloat32)
            memcpy(data + k * size, &wave, size);
        else if (size == 1)
            data[k] = (unsigned char)whole;
        else
            memcpy(data + k * size, &(int64_t){whole}, size); /* little-endian */
    }
    must(TfLiteTensorCopyFromBuffer(tensor, data, bytes) == kTfLiteOk, "TfLiteTensorCopyFromBuffer");
    free(data);
}

static double value_at(const TfLiteTensor *tensor, const unsigned char *data, size_t k)
{
    const TfLiteQuantizationParams quantization = TfLiteTensorQuantizationParams(tensor);
    double value = 0;
    switch (TfLiteTensorType(tensor)) {
    case kTfLiteFloat32: return (double)((const float *)(const void *)data)[k];
    case kTfLiteInt32: value = ((const int32_t *)(const void *)data)[k]; break;
    case kTfLiteInt64: value = (double)((const int64_t *)(const void *)data)[k]; break;
    case kTfLiteInt16: value = ((const int16_t *)(const void *)data)[k]; break;
    case kTfLiteInt8: value = ((const signed char *)data)[k]; break;
    case kTfLiteUInt8: value = data[k]; break;
    }
    return quantization.scale == 0.0f ? value
                                      : (value - quantization.zero_point) * (double)quantization.scale;
}

static void print_output(const TfLiteTensor *tensor)
{
    const size_t bytes = TfLiteTensorByteSize(tensor), size = element_bytes(TfLiteTensorType(tensor));
    unsigned char *data = malloc(bytes + 1);
    must(data != NULL, "malloc");
    must(TfLiteTensorCopyToBuffer(tensor, data, bytes) == kTfLiteOk, "TfLiteTensorCopyToBuffer");
    printf("# type %d, dims", (int)TfLiteTensorType(tensor));
    for (int32_t d = 0; d < TfLiteTensorNumDims(tensor); d++) printf(" %d", (int)TfLiteTensorDim(tensor, d));
    printf(", scale %.9g\n", (double)TfLiteTensorQuantizationParams(tensor).scale);
    for (size_t k = 0; k < bytes / size; k++) printf("%.9g\n", value_at(tensor, data, k));
    free(data);
}

static void set_batch(TfLiteInterpreter *interpreter, int batch)
{
    const TfLiteTensor *input = TfLiteInterpreterGetInputTensor(interpreter, 0);
    int dims[8], rank = TfLiteTensorNumDims(input);
    for (int d = 0; d < rank; d++) dims[d] = TfLiteTensorDim(input, d);
    dims[0] = batch;
    must(TfLiteInterpreterResizeInputTensor(interpreter, 0, dims, rank) == kTfLiteOk, "resize");
}

int main(int argc, char **argv)
{
    must(argc > 1, "command line: a model");
    TfLiteModel *model = TfLiteModelCreateFromFile(argv[1]);
    must(model != NULL, "TfLiteModelCreateFromFile");
    TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
    TfLiteInterpreterOptionsSetNumThreads(options, 2);
    TfLiteInterpreterOptionsSetErrorReporter(options, report, NULL);
    TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
    must(interpreter != NULL, "TfLiteInterpreterCreate");
    TfLiteInterpreterOptionsDelete(options);
    TfLiteModelDelete(model);
    if (argc > 2) set_batch(interpreter, atoi(argv[2]));
    must(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk, "TfLiteInterpreterAllocateTensors");
    for (int run = 0; run < 2; run++) {
        for (int32_t k = 0; k < TfLiteInterpreterGetInputTensorCount(interpreter); k++)
            fill(TfLiteInterpreterGetInputTensor(interpreter, k));
        must(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk, "TfLiteInterpreterInvoke");
    }
    for (int32_t k = 0; k < TfLiteInterpreterGetOutputTensorCount(interpreter); k++)
        print_output(TfLiteInterpreterGetOutputTensor(interpreter, k));
    TfLiteInterpreterDelete(interpreter);
    return 0;
}
