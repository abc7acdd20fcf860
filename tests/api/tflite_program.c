/* Models, interpreters, signatures, options and errors, as a program sees them.
 * usage: tflite_program FOLDER          with the models of tflite_models */
#include "tflite_program.h"

static const char *folder;
char reported[1024];
int report_count;

const char *model_path(const char *name)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

TfLiteModel *load_model(const char *name)
{
    TfLiteModel *model = TfLiteModelCreateFromFile(model_path(name));
    CHECK(model);
    return model;
}

void report(void *user_data, const char *format, va_list args)
{
    CHECK(user_data == reported);
    vsnprintf(reported, sizeof reported, format, args);
    report_count++;
}

TfLiteInterpreterOptions *reporting_options(void)
{
    TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
    CHECK(options);
    TfLiteInterpreterOptionsSetErrorReporter(options, report, reported);
    return options;
}

TfLiteInterpreter *open_model(const char *name, TfLiteInterpreterOptions *options)
{
    TfLiteModel *model = load_model(name);
    TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
    CHECK(interpreter);
    TfLiteModelDelete(model);
    CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
    return interpreter;
}

static void *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    CHECK(file && fseek(file, 0, SEEK_END) == 0);
    *size = (size_t)ftell(file);
    rewind(file);
    void *bytes = malloc(*size);
    CHECK(bytes && fread(bytes, 1, *size, file) == *size);
    fclose(file);
    return bytes;
}

static void test_models(void)
{
    size_t size;
    void *bytes = read_file(model_path("add.tflite"), &size);
    CHECK(TfLiteVersion()[0] == '2' && TfLiteExtensionApisVersion()[0] == '2' && TfLiteSchemaVersion() == 3);
    TfLiteModel *model = TfLiteModelCreate(bytes, size);
    CHECK(model);
    TfLiteModelDelete(model);
    model = TfLiteModelCreateWithErrorReporter(bytes, size, report, reported);
    CHECK(model && report_count == 0);
    TfLiteModelDelete(model);
    model = TfLiteModelCreateFromFileWithErrorReporter(model_path("add.tflite"), report, reported);
    CHECK(model && report_count == 0);
    TfLiteModelDelete(model);
    TfLiteModelDelete(NULL);

    CHECK(!TfLiteModelCreate(NULL, 0) && !TfLiteModelCreate(bytes, size / 2) && !TfLiteModelCreate(bytes, 0));
    CHECK(!TfLiteModelCreateFromFile(NULL) && !TfLiteModelCreateFromFile(model_path("none.tflite")));
    CHECK(!TfLiteModelCreateWithErrorReporter(NULL, 10, report, reported) && report_count == 1);
    CHECK(!TfLiteModelCreateWithErrorReporter(bytes, size / 2, report, reported) && report_count == 2);
    CHECK(strlen(reported) > 0);
    CHECK(!TfLiteModelCreateFromFileWithErrorReporter(NULL, report, reported) && report_count == 3);
    CHECK(!TfLiteModelCreateFromFileWithErrorReporter(model_path("none.tflite"), report, reported));
    CHECK(report_count == 4 && strstr(reported, "none.tflite"));
    free(bytes);
}

static void test_inference(void)
{
    const float input[] = {10, 20, 30};
    float output[3] = {0};
    TfLiteModel *model = load_model("add.tflite");
    TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
    TfLiteInterpreterOptionsSetNumThreads(options, 2);
    TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
    CHECK(interpreter);
    TfLiteInterpreterOptionsDelete(options);
    TfLiteModelDelete(model);
    CHECK(TfLiteInterpreterGetInputTensorCount(interpreter) == 1);
    CHECK(TfLiteInterpreterGetOutputTensorCount(interpreter) == 1);
    TfLiteTensor *x = TfLiteInterpreterGetInputTensor(interpreter, 0);
    CHECK(TfLiteTensorType(x) == kTfLiteFloat32 && TfLiteTensorNumDims(x) == 2 && TfLiteTensorDim(x, 1) == 3);
    CHECK(TfLiteTensorByteSize(x) == sizeof input && !TfLiteTensorData(x));
    CHECK(TfLiteTensorCopyFromBuffer(x, input, sizeof input) == kTfLiteError);
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteError);

    CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
    CHECK(strcmp(TfLiteTensorName(x), "x") == 0 && TfLiteTensorData(x));
    CHECK(TfLiteTensorQuantizationParams(x).scale == 0.0f);
    CHECK(TfLiteTensorCopyFromBuffer(x, input, sizeof input - 1) == kTfLiteError);
    CHECK(TfLiteTensorCopyFromBuffer(x, input, sizeof input) == kTfLiteOk);
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
    const TfLiteTensor *y = TfLiteInterpreterGetOutputTensor(interpreter, 0);
    CHECK(TfLiteTensorCopyToBuffer(y, output, sizeof output + 1) == kTfLiteError);
    CHECK(TfLiteTensorCopyToBuffer(y, output, sizeof output) == kTfLiteOk);
    CHECK(output[0] == 11 && output[1] == 22 && output[2] == 33 && y->data.f[2] == 33);
    TfLiteInterpreterDelete(interpreter);
    TfLiteInterpreterDelete(NULL);
}

static void test_indices(void)
{
    TfLiteInterpreter *interpreter = open_model("add.tflite", NULL);
    const int x = TfLiteInterpreterInputTensorIndices(interpreter)[0];
    const int y = TfLiteInterpreterOutputTensorIndices(interpreter)[0];
    CHECK(TfLiteInterpreterGetInputTensorIndex(interpreter, 0) == x);
    CHECK(TfLiteInterpreterGetOutputTensorIndex(interpreter, 0) == y);
    CHECK(TfLiteInterpreterGetTensor(interpreter, x) == TfLiteInterpreterGetInputTensor(interpreter, 0));
    CHECK(TfLiteInterpreterGetTensor(interpreter, y) == TfLiteInterpreterGetOutputTensor(interpreter, 0));
    CHECK(!TfLiteInterpreterGetTensor(interpreter, -1) && !TfLiteInterpreterGetTensor(interpreter, 1000));
    CHECK(!TfLiteInterpreterGetInputTensor(interpreter, -1) &&
          !TfLiteInterpreterGetInputTensor(interpreter, 1));
    CHECK(!TfLiteInterpreterGetOutputTensor(interpreter, -1) &&
          !TfLiteInterpreterGetOutputTensor(interpreter, 1));
    CHECK(TfLiteInterpreterGetInputTensorIndex(interpreter, 1) == -1);
    CHECK(TfLiteInterpreterGetOutputTensorIndex(interpreter, -1) == -1);
    CHECK(TfLiteInterpreterEnsureTensorDataIsReadable(interpreter, y) == kTfLiteOk);
    CHECK(TfLiteInterpreterEnsureTensorDataIsReadable(interpreter, 1000) == kTfLiteError);
    /* The constant b lies between them. */
    const TfLiteTensor *b = TfLiteInterpreterGetTensor(interpreter, 1);
    CHECK(b->allocation_type == kTfLiteMmapRo && b->data.f[2] == 3 && b->bytes == 12);
    TfLiteInterpreterDelete(interpreter);
}

static void test_resize(void)
{
    TfLiteInterpreterOptions *options = reporting_options();
    TfLiteInterpreter *interpreter = open_model("add.tflite", options);
    TfLiteTensor *x = TfLiteInterpreterGetInputTensor(interpreter, 0);
    const int two[] = {2, 3}, negative[] = {-1, 3}, misfit[] = {2, 4};
    const float input[] = {1, 2, 3, 4, 5, 6};
    CHECK(x->dims_signature && x->dims_signature->data[0] == -1 && x->dims_signature->data[1] == 3);
    CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 0, two, 2) == kTfLiteOk);
    CHECK(TfLiteTensorDim(x, 0) == 2 && TfLiteTensorByteSize(x) == sizeof input);
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteError && strstr(reported, "AllocateTensors"));
    CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
    CHECK(TfLiteTensorCopyFromBuffer(x, input, sizeof input) == kTfLiteOk);
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
    const TfLiteTensor *y = TfLiteInterpreterGetOutputTensor(interpreter, 0);
    CHECK(TfLiteTensorDim(y, 0) == 2 && y->data.f[5] == 9);
    CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 0, two, 2) == kTfLiteOk);
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk); /* the same shape: nothing to allocate */

    CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 1, two, 2) == kTfLiteError);
    CHECK(TfLiteInterpreterResizeInputTensor(interpreter, -1, two, 2) == kTfLiteError);
    CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 0, negative, 2) == kTfLiteError);
    CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 0, NULL, 2) == kTfLiteError);
    CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 0, two, 100) == kTfLiteError);
    CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 0, misfit, 2) == kTfLiteOk);
    CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteError); /* {2, 4} + {3} */
    CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 0, two, 2) == kTfLiteOk);
    CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
    TfLiteInterpreterDelete(interpreter);
    TfLiteInterpreterOptionsDelete(options);
}

static void test_quantized(void)
{
    TfLiteInterpreter *interpreter = open_model("quantize.tflite", NULL);
    const float input[] = {0, 1, -2, 1000};
    CHECK(TfLiteTensorCopyFromBuffer(TfLiteInterpreterGetInputTensor(interpreter, 0), input, sizeof input) ==
          kTfLiteOk);
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
    const TfLiteTensor *y = TfLiteInterpreterGetOutputTensor(interpreter, 0);
    CHECK(TfLiteTensorType(y) == kTfLiteInt8 && TfLiteTensorByteSize(y) == 4);
    CHECK(y->data.int8[0] == 3 && y->data.int8[1] == 5 && y->data.int8[2] == -1 && y->data.int8[3] == 127);
    CHECK(TfLiteTensorQuantizationParams(y).scale == 0.5f &&
          TfLiteTensorQuantizationParams(y).zero_point == 3);
    CHECK(y->quantization.type == kTfLiteAffineQuantization);
    const TfLiteAffineQuantization *affine = y->quantization.params;
    CHECK(affine->scale->size == 1 && affine->scale->data[0] == 0.5f && affine->zero_point->data[0] == 3);
    TfLiteInterpreterDelete(interpreter);
}

static float step(TfLiteInterpreter *interpreter, float value)
{
    CHECK(TfLiteTensorCopyFromBuffer(TfLiteInterpreterGetInputTensor(interpreter, 0), &value, sizeof value) ==
          kTfLiteOk);
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
    return TfLiteInterpreterGetOutputTensor(interpreter, 0)->data.f[0];
}

static void test_variables(void)
{
    TfLiteInterpreter *interpreter = open_model("variable.tflite", NULL);
    CHECK(TfLiteInterpreterGetVariableTensorCount(interpreter) == 1);
    CHECK(!TfLiteInterpreterGetVariableTensor(interpreter, 1));
    const TfLiteTensor *state = TfLiteInterpreterGetVariableTensor(interpreter, 0);
    CHECK(state->is_variable && state->allocation_type == kTfLiteArenaRwPersistent);
    CHECK(step(interpreter, 1) == 1 && step(interpreter, 2) == 3 && step(interpreter, 3) == 6);
    CHECK(TfLiteInterpreterResetVariableTensors(interpreter) == kTfLiteOk);
    CHECK(step(interpreter, 5) == 5);
    TfLiteInterpreterDelete(interpreter);
}

static void test_signatures(void)
{
    TfLiteInterpreterOptions *options = reporting_options();
    TfLiteModel *model = load_model("add.tflite");
    TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
    const int four[] = {4, 3}, wide[] = {1, 4}, fixed[] = {2, 2};
    CHECK(TfLiteInterpreterGetSignatureCount(interpreter) == 2);
    CHECK(strcmp(TfLiteInterpreterGetSignatureKey(interpreter, 1), "double") == 0);
    CHECK(!TfLiteInterpreterGetSignatureKey(interpreter, -1) &&
          !TfLiteInterpreterGetSignatureKey(interpreter, 2));
    CHECK(!TfLiteInterpreterGetSignatureRunner(interpreter, "none") && strstr(reported, "none"));
    CHECK(!TfLiteInterpreterGetSignatureRunner(interpreter, NULL));

    TfLiteSignatureRunner *add = TfLiteInterpreterGetSignatureRunner(interpreter, "add");
    TfLiteSignatureRunner *twice = TfLiteInterpreterGetSignatureRunner(interpreter, "double");
    CHECK(add && twice && TfLiteSignatureRunnerGetInputCount(add) == 1);
    CHECK(TfLiteSignatureRunnerGetOutputCount(twice) == 1);
    CHECK(strcmp(TfLiteSignatureRunnerGetInputName(add, 0), "x") == 0);
    CHECK(strcmp(TfLiteSignatureRunnerGetOutputName(twice, 0), "y") == 0);
    CHECK(!TfLiteSignatureRunnerGetInputName(add, 1) && !TfLiteSignatureRunnerGetOutputName(add, -1));
    CHECK(!TfLiteSignatureRunnerGetInputTensor(add, "none") &&
          !TfLiteSignatureRunnerGetOutputTensor(add, NULL));
    CHECK(TfLiteSignatureRunnerResizeInputTensor(add, "none", four, 2) == kTfLiteError);
    CHECK(TfLiteSignatureRunnerResizeInputTensor(add, "x", wide, 2) == kTfLiteError);
    CHECK(TfLiteSignatureRunnerResizeInputTensor(twice, "x", fixed, 2) == kTfLiteError);
    CHECK(TfLiteSignatureRunnerInvoke(twice) == kTfLiteError);
    CHECK(TfLiteSignatureRunnerResizeInputTensor(add, "x", four, 2) == kTfLiteOk);
    CHECK(TfLiteSignatureRunnerAllocateTensors(add) == kTfLiteOk);
    CHECK(TfLiteSignatureRunnerAllocateTensors(twice) == kTfLiteOk);

    TfLiteTensor *x = TfLiteSignatureRunnerGetInputTensor(add, "x");
    TfLiteTensor *u = TfLiteSignatureRunnerGetInputTensor(twice, "x");
    for (int k = 0; k < 12; k++) x->data.f[k] = (float)k;
    u->data.f[0] = 7;
    u->data.f[1] = 8;
    CHECK(TfLiteSignatureRunnerInvoke(add) == kTfLiteOk && TfLiteSignatureRunnerInvoke(twice) == kTfLiteOk);
    CHECK(TfLiteSignatureRunnerGetOutputTensor(add, "y")->data.f[11] == 14);
    CHECK(TfLiteSignatureRunnerGetOutputTensor(twice, "y")->data.f[1] == 16);
    CHECK(TfLiteSignatureRunnerCancel(add) == kTfLiteError);
    TfLiteSignatureRunnerDelete(add);
    TfLiteSignatureRunnerDelete(twice);
    TfLiteSignatureRunnerDelete(NULL);
    TfLiteInterpreterDelete(interpreter);
    TfLiteModelDelete(model);
    TfLiteInterpreterOptionsDelete(options);
}

static void test_options(void)
{
    TfLiteInterpreterOptions *options = reporting_options();
    TfLiteInterpreterOptionsSetNumThreads(options, -1);
    TfLiteInterpreterOptionsSetUseNNAPI(options, true);
    TfLiteInterpreterOptionsSetTelemetryProfiler(options, NULL);
    CHECK(TfLiteInterpreterOptionsEnableCancellation(options, true) == kTfLiteOk);
    TfLiteInterpreterOptions *copy = TfLiteInterpreterOptionsCopy(options);
    CHECK(copy && !TfLiteInterpreterOptionsCopy(NULL));
    TfLiteInterpreterOptionsDelete(options);
    TfLiteInterpreter *interpreter = open_model("add.tflite", copy);
    CHECK(TfLiteInterpreterCancel(interpreter) == kTfLiteOk);
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk); /* only runs that had started are cancelled */
    TfLiteInterpreterSetTelemetryProfiler(interpreter, NULL);
    TfLiteSetAllowBufferHandleOutput(interpreter, false);
    TfLiteInterpreterDelete(interpreter);
    TfLiteInterpreterOptionsDelete(copy);
    TfLiteInterpreterOptionsDelete(NULL);

    interpreter = open_model("add.tflite", NULL);
    CHECK(TfLiteInterpreterCancel(interpreter) == kTfLiteError); /* not enabled */
    TfLiteInterpreterDelete(interpreter);
    CHECK(!TfLiteInterpreterCreate(NULL, NULL));
}

static void test_delegates(void)
{
    TfLiteDelegate delegate = TfLiteDelegateCreate();
    TfLiteOpaqueDelegateBuilder builder = {.data = &delegate};
    TfLiteOpaqueDelegate *opaque = TfLiteOpaqueDelegateCreate(&builder);
    CHECK(!delegate.Prepare && delegate.flags == 0 && opaque);
    delegate.data_ = &builder;
    CHECK(TfLiteOpaqueDelegateGetData(opaque) == &delegate &&
          TfLiteOpaqueDelegateGetData(&delegate) == &builder);
    CHECK(!TfLiteOpaqueDelegateGetData(NULL) && !TfLiteOpaqueDelegateCreate(NULL));

    TfLiteModel *model = load_model("add.tflite");
    TfLiteInterpreterOptions *options = reporting_options();
    TfLiteInterpreterOptionsAddDelegate(options, NULL);
    TfLiteInterpreterOptionsAddOpaqueDelegate(options, NULL);
    TfLiteInterpreterDelete(TfLiteInterpreterCreate(model, options));
    TfLiteInterpreterOptionsAddDelegate(options, opaque);
    reported[0] = 0;
    CHECK(!TfLiteInterpreterCreate(model, options) && strstr(reported, "delegates are not supported"));
    TfLiteInterpreterOptionsSetEnableDelegateFallback(options, true);
    TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
    CHECK(interpreter && TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
    CHECK(TfLiteInterpreterModifyGraphWithDelegate(interpreter, &delegate) == kTfLiteApplicationError);
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);

    TfLiteBufferHandle handle = 5;
    TfLiteOpaqueDelegate *owner = opaque;
    CHECK(TfLiteInterpreterGetBufferHandle(interpreter, 0, &handle, &owner) == kTfLiteOk);
    CHECK(handle == kTfLiteNullBufferHandle && !owner);
    CHECK(TfLiteInterpreterGetBufferHandle(interpreter, 99, &handle, &owner) == kTfLiteError);
    CHECK(TfLiteInterpreterSetBufferHandle(interpreter, TfLiteInterpreterGetInputTensor(interpreter, 0), 1,
                                           opaque) == kTfLiteApplicationError);
    TfLiteInterpreterDelete(interpreter);
    TfLiteInterpreterOptionsDelete(options);
    TfLiteModelDelete(model);
    TfLiteOpaqueDelegateDelete(opaque);
    TfLiteOpaqueDelegateDelete(NULL);
}

static void test_own_memory(void)
{
    static _Alignas(64) float input[16], output[16];
    TfLiteInterpreterOptions *options = reporting_options();
    TfLiteInterpreter *interpreter = open_model("add.tflite", options);
    const int x = TfLiteInterpreterGetInputTensorIndex(interpreter, 0);
    const int y = TfLiteInterpreterGetOutputTensorIndex(interpreter, 0);
    const TfLiteCustomAllocation in = {input, sizeof input}, out = {output, sizeof output},
                                 small = {output, 8};
    const TfLiteCustomAllocation crooked = {&output[1], 32};
    CHECK(TfLiteInterpreterSetCustomAllocationForTensor(interpreter, x, NULL, 0) == kTfLiteError);
    CHECK(TfLiteInterpreterSetCustomAllocationForTensor(interpreter, 1, &in, 0) ==
          kTfLiteError); /* a constant */
    CHECK(TfLiteInterpreterSetCustomAllocationForTensor(interpreter, 99, &in, 0) == kTfLiteError);
    CHECK(TfLiteInterpreterSetCustomAllocationForTensor(interpreter, y, &crooked, 0) == kTfLiteError);
    CHECK(TfLiteInterpreterSetCustomAllocationForTensor(interpreter, y, &small, 0) == kTfLiteOk);
    CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteError && strstr(reported, "'y'"));
    CHECK(TfLiteInterpreterSetCustomAllocationForTensor(interpreter, x, &in, 0) == kTfLiteOk);
    CHECK(TfLiteInterpreterSetCustomAllocationForTensor(interpreter, y, &out, 0) == kTfLiteOk);
    CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
    CHECK(TfLiteTensorData(TfLiteInterpreterGetInputTensor(interpreter, 0)) == input);
    input[0] = 4;
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk && output[0] == 5);
    CHECK(TfLiteTensorData(TfLiteInterpreterGetOutputTensor(interpreter, 0)) == output);
    CHECK(TfLiteInterpreterSetCustomAllocationForTensor(
              interpreter, y, &crooked, kTfLiteCustomAllocationFlagsSkipAlignCheck) == kTfLiteOk);
    CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk && output[1] == 5);
    TfLiteInterpreterDelete(interpreter);
    TfLiteInterpreterOptionsDelete(options);
}

int main(int argc, char **argv)
{
    if (argc != 2) return 2;
    folder = argv[1];
    test_models();
    test_inference();
    test_indices();
    test_resize();
    test_quantized();
    test_variables();
    test_signatures();
    test_options();
    test_delegates();
    test_own_memory();
    test_arrays();
    test_tensors();
    test_operators();
    test_resolvers();
    test_opaque();
    test_texts();
    puts("tflite_program: all checks hold");
    return 0;
}
