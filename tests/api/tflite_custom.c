/* Custom operators of the program, in both forms; functions that look inside from their callbacks; texts. */
#include "tflite_program.h"

static int inits, frees, prepares, invokes;

static void reset_counts(void)
{
    inits = frees = prepares = invokes = 0;
}

static const float three[] = {1, 2, 3};

/* Runs the custom model: y = 3 x, the factor from the operator's options. */
static void run_scale(TfLiteInterpreterOptions *options)
{
    reset_counts();
    TfLiteInterpreter *interpreter = open_model("custom.tflite", options);
    CHECK(inits == 1 && prepares >= 1 && invokes == 0);
    TfLiteTensor *x = TfLiteInterpreterGetInputTensor(interpreter, 0);
    const TfLiteTensor *y = TfLiteInterpreterGetOutputTensor(interpreter, 0);
    CHECK(TfLiteTensorCopyFromBuffer(x, three, sizeof three) == kTfLiteOk);
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk && invokes == 1);
    CHECK(y->bytes == sizeof three && y->data.f[0] == 3 && y->data.f[2] == 9);
    TfLiteInterpreterDelete(interpreter);
    CHECK(frees == 1);
}

/* ---- by TfLiteRegistration ---- */

static void *plain_init(TfLiteContext *context, const char *buffer, size_t length)
{
    CHECK(context->tensors_size == 2 && length == 3 && buffer[1] == 1);
    char *factor = malloc(1);
    CHECK(factor);
    *factor = buffer[0];
    inits++;
    return factor;
}

static void plain_free(TfLiteContext *context, void *buffer)
{
    CHECK(context);
    free(buffer);
    frees++;
}

static TfLiteStatus plain_prepare(TfLiteContext *context, TfLiteNode *node)
{
    prepares++;
    TF_LITE_ENSURE_EQ(context, node->inputs->size, 1);
    TF_LITE_ENSURE_TYPES_EQ(context, context->tensors[node->inputs->data[0]].type, kTfLiteFloat32);
    return context->ResizeTensor(context, &context->tensors[node->outputs->data[0]],
                                 TfLiteIntArrayCopy(context->tensors[node->inputs->data[0]].dims));
}

static TfLiteStatus plain_invoke(TfLiteContext *context, TfLiteNode *node)
{
    const TfLiteTensor *x = &context->tensors[node->inputs->data[0]];
    const TfLiteTensor *y = &context->tensors[node->outputs->data[0]];
    const char factor = *(const char *)node->user_data;
    for (size_t k = 0; k < x->bytes / sizeof(float); k++) y->data.f[k] = x->data.f[k] * (float)factor;
    invokes++;
    return kTfLiteOk;
}

static TfLiteStatus failing_invoke(TfLiteContext *context, TfLiteNode *node)
{
    TF_LITE_ENSURE_MSG(context, node == NULL, "no luck today");
    return kTfLiteOk;
}

static TfLiteStatus failing_prepare(TfLiteContext *context, TfLiteNode *node)
{
    TF_LITE_ENSURE(context, node == NULL);
    return kTfLiteOk;
}

static const TfLiteRegistration scale = {
    .init = plain_init, .free = plain_free, .prepare = plain_prepare, .invoke = plain_invoke};

static void test_registrations(void)
{
    TfLiteInterpreterOptions *options = reporting_options();
    TfLiteModel *model = load_model("custom.tflite");
    reported[0] = 0;
    CHECK(!TfLiteInterpreterCreate(model, options) && strstr(reported, "Scale")); /* not known */
    TfLiteInterpreterOptionsAddCustomOp(options, "Scale", &scale, 2, 5);
    CHECK(!TfLiteInterpreterCreate(model, options)); /* the model has version 1 */
    TfLiteInterpreterOptionsAddCustomOp(options, NULL, &scale, 1, 1);
    TfLiteInterpreterOptionsAddCustomOp(options, "Scale", NULL, 1, 1);
    TfLiteInterpreterOptionsAddCustomOp(options, "Scale", &scale, 1, 1);
    run_scale(options);
    CHECK(TfLiteInterpreterCreateWithSelectedOps(model, NULL) == NULL);
    TfLiteInterpreterDelete(TfLiteInterpreterCreateWithSelectedOps(model, options));
    TfLiteInterpreterOptionsDelete(options);

    const TfLiteRegistration no_run = {.invoke = failing_invoke}, no_shape = {.prepare = failing_prepare};
    options = reporting_options();
    TfLiteInterpreterOptionsAddCustomOp(options, "Scale", &no_run, 1, 1);
    TfLiteInterpreter *interpreter = open_model("custom.tflite", options);
    report_count = 0;
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteError && report_count == 2);
    TfLiteInterpreterDelete(interpreter);
    TfLiteInterpreterOptionsDelete(options);
    options = reporting_options();
    TfLiteInterpreterOptionsAddCustomOp(options, "Scale", &no_shape, 1, 1);
    interpreter = TfLiteInterpreterCreate(model, options);
    CHECK(interpreter && TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteError);
    TfLiteInterpreterDelete(interpreter);
    TfLiteInterpreterOptionsDelete(options);
    TfLiteModelDelete(model);
}

/* ---- by TfLiteOperator ---- */

static int user = 42;

static void *opaque_init(void *user_data, TfLiteOpaqueContext *context, const char *buffer, size_t length)
{
    CHECK(user_data == &user && context && length == 3);
    inits++;
    return memcpy(malloc(1), buffer, 1);
}

static void opaque_free(void *user_data, TfLiteOpaqueContext *context, void *data)
{
    CHECK(user_data == &user && context);
    free(data);
    frees++;
}

static TfLiteStatus opaque_prepare(void *user_data, TfLiteOpaqueContext *context, TfLiteOpaqueNode *node)
{
    const TfLiteOpaqueTensor *x = TfLiteOpaqueNodeGetInput(context, node, 0);
    TF_LITE_OPAQUE_ENSURE(context, user_data == &user && TfLiteOpaqueTensorNumDims(x) == 2);
    TF_LITE_OPAQUE_ENSURE_EQ(context, TfLiteOpaqueNodeNumberOfInputs(node), 1);
    TfLiteIntArray *dims = TfLiteIntArrayCreate(2);
    for (int k = 0; k < 2; k++) dims->data[k] = TfLiteOpaqueTensorDim(x, k);
    prepares++;
    return TfLiteOpaqueContextResizeTensor(context, TfLiteOpaqueNodeGetOutput(context, node, 0), dims);
}

static TfLiteStatus opaque_invoke(void *user_data, TfLiteOpaqueContext *context, TfLiteOpaqueNode *node)
{
    const TfLiteOpaqueTensor *x = TfLiteOpaqueNodeGetInput(context, node, 0);
    float *y = TfLiteOpaqueTensorData(TfLiteOpaqueNodeGetOutput(context, node, 0));
    const char factor = *(const char *)TfLiteOpaqueNodeGetUserData(node);
    const float *values = TfLiteOpaqueTensorData(x);
    CHECK(user_data == &user);
    for (size_t k = 0; k < TfLiteOpaqueTensorByteSize(x) / sizeof(float); k++)
        y[k] = values[k] * (float)factor;
    invokes++;
    return kTfLiteOk;
}

static void *old_init(TfLiteOpaqueContext *context, const char *buffer, size_t length)
{
    return opaque_init(&user, context, buffer, length);
}

static void old_free(TfLiteOpaqueContext *context, void *data)
{
    opaque_free(&user, context, data);
}

static TfLiteStatus old_prepare(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node)
{
    return opaque_prepare(&user, context, node);
}

static TfLiteStatus old_invoke(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node)
{
    return opaque_invoke(&user, context, node);
}

static TfLiteOperator *make_scale(void)
{
    TfLiteOperator *op = TfLiteOperatorCreate(kTfLiteBuiltinCustom, "Scale", 1, &user);
    CHECK(op && TfLiteOperatorSetInitWithData(op, opaque_init) == kTfLiteOk);
    CHECK(TfLiteOperatorSetFreeWithData(op, opaque_free) == kTfLiteOk);
    CHECK(TfLiteOperatorSetPrepareWithData(op, opaque_prepare) == kTfLiteOk);
    CHECK(TfLiteOperatorSetInvokeWithData(op, opaque_invoke) == kTfLiteOk);
    TfLiteOperatorSetAsyncKernel(op, NULL);
    CHECK(TfLiteOperatorSetAsyncKernelWithData(op, NULL) == kTfLiteOk);
    TfLiteOperatorSetInplaceOperator(op, kTfLiteInplaceOpNone);
    return op;
}

static void test_operator_objects(void)
{
    TfLiteOperator *op = make_scale();
    CHECK(TfLiteOperatorGetBuiltInCode(op) == kTfLiteBuiltinCustom && TfLiteOperatorGetVersion(op) == 1);
    CHECK(strcmp(TfLiteOperatorGetCustomName(op), "Scale") == 0 && TfLiteOperatorGetUserData(op) == &user);
    CHECK(TfLiteOperatorGetVersion(NULL) == -1 && !TfLiteOperatorGetUserData(NULL));
    TfLiteInterpreterOptions *options = reporting_options();
    TfLiteInterpreterOptionsAddOperator(options, NULL);
    TfLiteInterpreterOptionsAddOperator(options, op);
    run_scale(options);
    TfLiteOperatorSetInit(op, old_init);
    TfLiteOperatorSetFree(op, old_free);
    TfLiteOperatorSetPrepare(op, old_prepare);
    TfLiteOperatorSetInvoke(op, old_invoke);
    run_scale(options);
    TfLiteOperatorDelete(op);
    TfLiteOperatorDelete(NULL);
    TfLiteInterpreterOptionsDelete(options);

    TfLiteRegistrationExternal *old = TfLiteRegistrationExternalCreate(kTfLiteBuiltinCustom, "Scale", 1);
    CHECK(TfLiteRegistrationExternalGetBuiltInCode(old) == kTfLiteBuiltinCustom);
    CHECK(strcmp(TfLiteRegistrationExternalGetCustomName(old), "Scale") == 0);
    CHECK(TfLiteRegistrationExternalGetVersion(old) == 1);
    TfLiteRegistrationExternalSetInit(old, old_init);
    TfLiteRegistrationExternalSetFree(old, old_free);
    TfLiteRegistrationExternalSetPrepare(old, old_prepare);
    TfLiteRegistrationExternalSetInvoke(old, old_invoke);
    options = reporting_options();
    TfLiteInterpreterOptionsAddRegistrationExternal(options, old);
    run_scale(options);
    TfLiteInterpreterOptionsDelete(options);
    TfLiteRegistrationExternalDelete(old);
}

void test_operators(void)
{
    test_registrations();
    test_operator_objects();
}

/* ---- resolvers ---- */

static const TfLiteRegistration *find_builtin(void *user_data, TfLiteBuiltinOperator op, int version)
{
    CHECK(user_data == &user && version >= 1);
    return op == kTfLiteBuiltinAdd ? &scale : NULL;
}

static const TfLiteRegistration *find_custom(void *user_data, const char *name, int version)
{
    CHECK(user_data == &user && version == 1);
    return strcmp(name, "Scale") == 0 ? &scale : NULL;
}

#define OLD_RESOLVER(V)                                                                                  \
    static const TfLiteRegistration_##V scale_##V = {                                                    \
        .init = plain_init, .free = plain_free, .prepare = plain_prepare, .invoke = plain_invoke};       \
    static const TfLiteRegistration_##V *find_builtin_##V(void *user_data, TfLiteBuiltinOperator op,     \
                                                          int version)                                   \
    {                                                                                                    \
        return find_builtin(user_data, op, version) ? &scale_##V : NULL;                                 \
    }                                                                                                    \
    static const TfLiteRegistration_##V *find_custom_##V(void *user_data, const char *name, int version) \
    {                                                                                                    \
        return find_custom(user_data, name, version) ? &scale_##V : NULL;                                \
    }
OLD_RESOLVER(V1)
OLD_RESOLVER(V2)
OLD_RESOLVER(V3)

static TfLiteOperator *external, *empty;

static const TfLiteOperator *find_external_builtin(void *user_data, int op, int version)
{
    return find_builtin(user_data, (TfLiteBuiltinOperator)op, version) ? external : NULL;
}

static const TfLiteOperator *find_external_custom(void *user_data, const char *name, int version)
{
    return find_custom(user_data, name, version) ? external : NULL;
}

static const TfLiteOperator *find_empty(void *user_data, const char *name, int version)
{
    return find_custom(user_data, name, version) ? empty : NULL;
}

/* Both a model of a builtin operator and one of a custom operator run with the options' resolver; a third does not. */
static void check_resolver(TfLiteInterpreterOptions *options)
{
    TfLiteModel *add = load_model("add.tflite"), *other = load_model("quantize.tflite");
    run_scale(options);
    TfLiteInterpreter *interpreter = TfLiteInterpreterCreateWithSelectedOps(add, options);
    CHECK(interpreter && TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
    TfLiteInterpreterDelete(interpreter);
    CHECK(!TfLiteInterpreterCreateWithSelectedOps(other, options) && strstr(reported, "QUANTIZE"));
    TfLiteModelDelete(add);
    TfLiteModelDelete(other);
}

void test_resolvers(void)
{
    TfLiteInterpreterOptions *options = reporting_options();
    external = make_scale();
    empty = TfLiteOperatorCreate(kTfLiteBuiltinCustom, "Scale", 1, NULL);
    TfLiteInterpreterOptionsSetOpResolver(options, find_builtin, find_custom, &user);
    check_resolver(options);
    TfLiteInterpreterOptionsSetOpResolverV1(options, find_builtin_V1, find_custom_V1, &user);
    check_resolver(options);
    TfLiteInterpreterOptionsSetOpResolverV2(options, find_builtin_V2, find_custom_V2, &user);
    check_resolver(options);
    TfLiteInterpreterOptionsSetOpResolverV3(options, find_builtin_V3, find_custom_V3, &user);
    check_resolver(options);
    TfLiteInterpreterOptionsSetOpResolverExternal(options, find_external_builtin, find_external_custom,
                                                  &user);
    check_resolver(options);
    TfLiteInterpreterOptionsSetOpResolverExternalWithFallback(options, NULL, find_empty, find_builtin,
                                                              find_custom, &user);
    check_resolver(options);
    TfLiteInterpreterOptionsDelete(options);

    options = reporting_options();
    TfLiteModel *add = load_model("add.tflite");
    CHECK(!TfLiteInterpreterCreateWithSelectedOps(add, options));
    TfLiteInterpreterOptionsAddBuiltinOp(options, kTfLiteBuiltinAdd, NULL, 1, 9);
    CHECK(!TfLiteInterpreterCreateWithSelectedOps(add, options));
    TfLiteInterpreterOptionsAddBuiltinOp(options, kTfLiteBuiltinAdd, &scale, 1, 9);
    TfLiteInterpreterDelete(TfLiteInterpreterCreateWithSelectedOps(add, options));
    TfLiteInterpreterOptionsDelete(options);
    TfLiteModelDelete(add);
    TfLiteOperatorDelete(external);
    TfLiteOperatorDelete(empty);
}

/* ---- looking inside ---- */

static void check_tensor(const TfLiteOpaqueTensor *x)
{
    int32_t value;
    CHECK(TfLiteOpaqueTensorType(x) == kTfLiteFloat32 && TfLiteOpaqueTensorIsVariable(x) == 0);
    CHECK(TfLiteOpaqueTensorGetNumDimsSignature(x, &value) == kTfLiteOk && value == -1);
    CHECK(TfLiteOpaqueTensorGetDimSignature(x, 1, &value) == kTfLiteOk && value == 3);
    CHECK(TfLiteOpaqueTensorGetDimSignature(x, 2, &value) == kTfLiteError);
    CHECK(strcmp(TfLiteOpaqueTensorName(x), "x") == 0 && !TfLiteOpaqueTensorData(NULL));
    CHECK(TfLiteOpaqueTensorGetAllocationType(x) == kTfLiteArenaRw);
    CHECK(TfLiteOpaqueTensorGetAllocationStrategy(x) == kTfLiteAllocationStrategyArena);
    CHECK(TfLiteOpaqueTensorGetBufferAddressStability(x) == kTfLiteRunStabilityUnstable);
    CHECK(TfLiteOpaqueTensorGetDataStability(x) == kTfLiteRunStabilitySingleRun);
    CHECK(TfLiteOpaqueTensorGetDataKnownStep(x) == kTfLiteRunStepEval);
    CHECK(TfLiteOpaqueTensorGetShapeKnownStep(x) == kTfLiteRunStepPrepare);
    CHECK(TfLiteOpaqueTensorGetQuantization(x).type == kTfLiteNoQuantization);
    CHECK(TfLiteOpaqueTensorGetQuantizationParams(x).scale == 0.0f);
    CHECK(TfLiteOpaqueTensorGetStringCount(x) == -1);
}

static void check_node(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node)
{
    const int *list;
    const void *data;
    int count;
    CHECK(TfLiteOpaqueNodeInputs(node, &list, &count) == kTfLiteOk && count == 1 && list[0] == 0);
    CHECK(TfLiteOpaqueNodeOutputs(node, &list, &count) == kTfLiteOk && count == 1 && list[0] == 1);
    CHECK(TfLiteOpaqueNodeGetInputTensorIndex(node, 0) == 0 &&
          TfLiteOpaqueNodeGetInputTensorIndex(node, 1) == -1);
    CHECK(TfLiteOpaqueNodeGetOutputTensorIndex(node, 0) == 1);
    CHECK(TfLiteOpaqueNodeGetOutputTensorIndex(node, -1) == -1);
    CHECK(TfLiteOpaqueNodeNumberOfOutputs(node) == 1 && !TfLiteOpaqueNodeGetBuiltinData(node));
    CHECK(TfLiteOpaqueNodeGetCustomInitialData(node, &data, &count) == kTfLiteOk);
    CHECK(count == 3 && memcmp(data, "\3\1\4", 3) == 0);
    CHECK(!TfLiteOpaqueNodeGetInput(context, node, 1) && !TfLiteOpaqueNodeGetOutput(context, node, -1));
}

static void report_through(TfLiteOpaqueContext *context, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    TfLiteOpaqueContextReportErrorVa(context, format, args);
    va_end(args);
}

static void check_context(TfLiteOpaqueContext *context, const TfLiteOpaqueNode *node)
{
    TfLiteIntArray *plan;
    TfLiteOpaqueNode *found;
    TfLiteOperator *op;
    TfLiteOpaqueContext *acquired;
    void *other = &user;
    const char *metadata;
    const int *list;
    size_t bytes;
    int count, fd;
    int64_t offset, size;
    CHECK(TfLiteOpaqueContextGetExecutionPlan(context, &plan) == kTfLiteOk && plan->size == 1);
    CHECK(TfLiteOpaqueContextGetExternalContext(context, &other, kTfLiteEigenContext) == kTfLiteOk && !other);
    CHECK(TfLiteOpaqueContextGetInputs(context, &list, &count) == kTfLiteOk && count == 1 && list[0] == 0);
    CHECK(TfLiteOpaqueContextGetOutputs(context, &list, &count) == kTfLiteOk && count == 1 && list[0] == 1);
    CHECK(TfLiteOpaqueContextGetVariables(context, &list, &count) == kTfLiteOk && count == 0);
    CHECK(TfLiteOpaqueContextGetNumNodes(context) == 1 && TfLiteOpaqueContextGetNumTensors(context) >= 2);
    CHECK(strcmp(TfLiteOpaqueContextGetName(context), "main") == 0);
    CHECK(!TfLiteOpaqueContextGetOpaqueTensor(context, 99));
    CHECK(TfLiteOpaqueContextGetSizeOfType(context, kTfLiteInt16, &bytes) == kTfLiteOk && bytes == 2);
    CHECK(TfLiteOpaqueContextGetSizeOfType(context, kTfLiteString, &bytes) == kTfLiteError);
    CHECK(TfLiteOpaqueContextGetMetadata(context, "none", &metadata, &bytes) == kTfLiteError);
    CHECK(TfLiteOpaqueContextGetNodeAndRegistration(context, 0, &found, &op) == kTfLiteOk);
    CHECK(found == node && strcmp(TfLiteOperatorGetCustomName(op), "Scale") == 0);
    CHECK(TfLiteOpaqueContextGetNodeAndRegistration(context, 7, &found, &op) == kTfLiteError);
    CHECK(TfLiteOpaqueContextReplaceNodeSubsetsWithDelegateKernels(context, op, plan, NULL) == kTfLiteError);
    CHECK(TfLiteOpaqueContextAcquireSubgraphContext(context, 0, &acquired) == kTfLiteError);
    CHECK(TfLiteOpaqueContextReleaseSubgraphContext(context, 0) == kTfLiteError);
    CHECK(TfLiteOpaqueContextMarkSubgraphAsDelegationSkippable(context, 0) == kTfLiteError);
    CHECK(TfLiteOpaqueContextGetNodeInitDataMmapInfo(context, node, &fd, &offset, &size) == kTfLiteError);
    TfLiteOpaqueContextReportError(context, "%s %d", "number", 7);
    CHECK(strcmp(reported, "number 7") == 0);
    report_through(context, "%s", "again");
    CHECK(strcmp(reported, "again") == 0);
}

/* Adds a scratch tensor of 4 floats, once. */
static void add_scratch(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node)
{
    TfLiteOpaqueTensorBuilder *builder = TfLiteOpaqueTensorBuilderCreate();
    const int *list;
    int count, index = -1;
    CHECK(TfLiteOpaqueNodeTemporaries(node, &list, &count) == kTfLiteOk);
    if (count == 0) {
        TfLiteOpaqueTensorBuilderSetType(builder, kTfLiteFloat32);
        TfLiteOpaqueTensorBuilderSetQuantizationParams(builder, (TfLiteQuantizationParams){0});
        TfLiteOpaqueTensorBuilderSetQuantization(builder, (TfLiteQuantization){kTfLiteNoQuantization, NULL});
        TfLiteOpaqueTensorBuilderSetAllocationType(builder, kTfLiteMmapRo);
        CHECK(TfLiteOpaqueContextAddTensor(context, builder, &index) == kTfLiteError);
        TfLiteOpaqueTensorBuilderSetAllocationType(builder, kTfLiteArenaRw);
        TfLiteOpaqueTensorBuilderSetData(builder, &user);
        CHECK(TfLiteOpaqueContextAddTensor(context, builder, &index) == kTfLiteError);
        TfLiteOpaqueTensorBuilderSetData(builder, NULL);
        CHECK(TfLiteOpaqueContextAddTensor(context, builder, &index) == kTfLiteOk && index == 2);
        CHECK(TfLiteOpaqueNodeSetTemporaries(node, &index, 1) == kTfLiteOk);
        CHECK(TfLiteOpaqueNodeSetTemporaries(node, &index, -1) == kTfLiteError);
    }
    TfLiteOpaqueTensorBuilderDelete(builder);
    TfLiteOpaqueTensorBuilderDelete(NULL);
    TfLiteIntArray *dims = TfLiteIntArrayCreate(1);
    dims->data[0] = 4;
    CHECK(TfLiteOpaqueContextResizeTensor(context, TfLiteOpaqueContextGetOpaqueTensor(context, 2), dims) ==
          kTfLiteOk);
}

static TfLiteStatus looking_prepare(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node)
{
    check_tensor(TfLiteOpaqueNodeGetInput(context, node, 0));
    check_node(context, node);
    check_context(context, node);
    add_scratch(context, node);
    TfLiteOpaqueTensorSetAllocationTypeToDynamic(TfLiteOpaqueNodeGetOutput(context, node, 0));
    return kTfLiteOk;
}

/* The output, of a size known only now, is the input twice. */
static TfLiteStatus looking_invoke(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node)
{
    const TfLiteOpaqueTensor *x = TfLiteOpaqueNodeGetInput(context, node, 0);
    TfLiteOpaqueTensor *y = TfLiteOpaqueNodeGetOutput(context, node, 0);
    float values[6];
    TfLiteIntArray *dims = TfLiteIntArrayCreate(2);
    dims->data[0] = 2;
    dims->data[1] = 3;
    CHECK(TfLiteOpaqueTensorByteSize(TfLiteOpaqueContextGetOpaqueTensor(context, 2)) == 16);
    memset(TfLiteOpaqueTensorData(TfLiteOpaqueContextGetOpaqueTensor(context, 2)), 1, 16);
    CHECK(TfLiteOpaqueContextResizeTensor(context, y, dims) == kTfLiteOk);
    CHECK(TfLiteOpaqueTensorCopyToBuffer(x, values, 12) == kTfLiteOk);
    memcpy(values + 3, values, 12);
    CHECK(TfLiteOpaqueTensorCopyFromBuffer(y, values, 24) == kTfLiteOk);
    return kTfLiteOk;
}

void test_opaque(void)
{
    TfLiteOperator *op = TfLiteOperatorCreate(kTfLiteBuiltinCustom, "Scale", 1, NULL);
    TfLiteOperatorSetPrepare(op, looking_prepare);
    TfLiteOperatorSetInvoke(op, looking_invoke);
    TfLiteInterpreterOptions *options = reporting_options();
    TfLiteInterpreterOptionsAddOperator(options, op);
    TfLiteInterpreter *interpreter = open_model("custom.tflite", options);
    TfLiteTensor *x = TfLiteInterpreterGetInputTensor(interpreter, 0);
    const TfLiteTensor *y = TfLiteInterpreterGetOutputTensor(interpreter, 0);
    for (int run = 0; run < 2; run++) {
        CHECK(TfLiteTensorCopyFromBuffer(x, three, sizeof three) == kTfLiteOk);
        CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
        CHECK(y->allocation_type == kTfLiteDynamic && y->dims->data[0] == 2 && y->bytes == 24);
        CHECK(y->data.f[1] == 2 && y->data.f[5] == 3);
    }
    TfLiteInterpreterDelete(interpreter);
    TfLiteInterpreterOptionsDelete(options);
    TfLiteOperatorDelete(op);
}

/* ---- texts ---- */

static TfLiteStatus texts_prepare(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node)
{
    TfLiteOpaqueTensorSetAllocationTypeToDynamic(TfLiteOpaqueNodeGetOutput(context, node, 0));
    return kTfLiteOk;
}

/* The first text twice. */
static TfLiteStatus texts_invoke(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node)
{
    const TfLiteOpaqueTensor *x = TfLiteOpaqueNodeGetInput(context, node, 0);
    const char *text;
    int length;
    CHECK(TfLiteOpaqueTensorGetStringCount(x) == 2);
    CHECK(TfLiteOpaqueTensorGetString(x, 0, &text, &length) == kTfLiteOk);
    const char *const texts[] = {text, text};
    const int lengths[] = {length, length};
    return TfLiteOpaqueTensorWriteStrings(TfLiteOpaqueNodeGetOutput(context, node, 0), texts, 2, lengths);
}

void test_texts(void)
{
    const char *const texts[] = {"abc", ""}, *text;
    const int lengths[] = {3, 0}, negative = -1;
    int length;
    TfLiteOperator *op = TfLiteOperatorCreate(kTfLiteBuiltinCustom, "Twice", 1, NULL);
    TfLiteOperatorSetPrepare(op, texts_prepare);
    TfLiteOperatorSetInvoke(op, texts_invoke);
    TfLiteInterpreterOptions *options = reporting_options();
    TfLiteInterpreterOptionsAddOperator(options, op);
    TfLiteInterpreter *interpreter = open_model("texts.tflite", options);
    TfLiteOpaqueTensor *x = (TfLiteOpaqueTensor *)TfLiteInterpreterGetInputTensor(interpreter, 0);
    CHECK(TfLiteOpaqueTensorWriteStrings(x, texts, 2, lengths) == kTfLiteOk);
    for (int run = 0; run < 2; run++) {
        CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
        const TfLiteOpaqueTensor *y = (const TfLiteOpaqueTensor *)TfLiteInterpreterGetOutputTensor(
            interpreter, 0);
        CHECK(TfLiteOpaqueTensorGetStringCount(y) == 2);
        CHECK(TfLiteOpaqueTensorGetString(y, 1, &text, &length) == kTfLiteOk);
        CHECK(length == 3 && memcmp(text, "abc", 3) == 0);
        CHECK(TfLiteOpaqueTensorGetString(y, 2, &text, &length) == kTfLiteError);
    }
    CHECK(TfLiteOpaqueTensorWriteString(x, "ab", 2) == kTfLiteOk && TfLiteOpaqueTensorGetStringCount(x) == 1);
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteError); /* one text where the shape says two */
    CHECK(TfLiteOpaqueTensorWriteString(x, "ab", negative) == kTfLiteError);
    TfLiteInterpreterDelete(interpreter);
    TfLiteInterpreterOptionsDelete(options);
    TfLiteOperatorDelete(op);
}
