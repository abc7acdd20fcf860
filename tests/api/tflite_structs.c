/* Arrays and tensors that a program owns. */
#include "tflite_program.h"

void test_arrays(void)
{
    const int values[] = {4, 5, 6};
    TfLiteIntArray *a = TfLiteIntArrayCreate(3);
    CHECK(a && a->size == 3 && TfLiteIntArrayGetSizeInBytes(3) == 16);
    memcpy(a->data, values, sizeof values);
    TfLiteIntArray *b = TfLiteIntArrayCopy(a);
    CHECK(TfLiteIntArrayEqual(a, b) && TfLiteIntArrayEqual(NULL, NULL) && !TfLiteIntArrayEqual(a, NULL));
    CHECK(TfLiteIntArrayEqualsArray(a, 3, values) && !TfLiteIntArrayEqualsArray(a, 2, values));
    CHECK(TfLiteIntArrayEqualsArray(NULL, 0, NULL) && !TfLiteIntArrayEqualsArray(NULL, 1, values));
    b->data[1] = 9;
    CHECK(!TfLiteIntArrayEqual(a, b) && !TfLiteIntArrayEqual(NULL, b));
    CHECK(!TfLiteIntArrayCopy(NULL) && !TfLiteIntArrayCreate(-1));
    TfLiteIntArrayFree(a);
    TfLiteIntArrayFree(b);
    TfLiteIntArrayFree(NULL);

    TfLiteFloatArray *f = TfLiteFloatArrayCreate(2);
    CHECK(f && f->size == 2 && TfLiteFloatArrayGetSizeInBytes(2) == 12);
    f->data[0] = 1.5f;
    f->data[1] = 2.5f;
    TfLiteFloatArray *g = TfLiteFloatArrayCopy(f);
    CHECK(g && g->data[1] == 2.5f && !TfLiteFloatArrayCopy(NULL));
    TfLiteFloatArrayFree(f);
    TfLiteFloatArrayFree(g);
    CHECK(strcmp(TfLiteTypeGetName(kTfLiteFloat32), "FLOAT32") == 0);
    CHECK(strcmp(TfLiteTypeGetName(kTfLiteNoType), "NOTYPE") == 0);
    CHECK(strcmp(TfLiteTypeGetName((TfLiteType)99), "Unknown type") == 0);
}

static TfLiteSparsity *make_sparsity(void)
{
    TfLiteSparsity *sparsity = calloc(1, sizeof *sparsity);
    CHECK(sparsity);
    sparsity->traversal_order = TfLiteIntArrayCreate(1);
    sparsity->traversal_order->data[0] = 0;
    sparsity->dim_metadata = calloc(1, sizeof *sparsity->dim_metadata);
    sparsity->dim_metadata_size = 1;
    sparsity->dim_metadata[0].format = kTfLiteDimSparseCSR;
    sparsity->dim_metadata[0].array_segments = TfLiteIntArrayCreate(0);
    return sparsity;
}

static TfLiteTensor make_tensor(void)
{
    TfLiteTensor tensor = {.type = kTfLiteNoType};
    TfLiteAffineQuantization *affine = calloc(1, sizeof *affine);
    TfLiteIntArray *dims = TfLiteIntArrayCreate(1);
    CHECK(affine && dims);
    dims->data[0] = 4;
    TfLiteTensorReset(kTfLiteInt8, "t", dims, (TfLiteQuantizationParams){0.5f, 1}, NULL, 0, kTfLiteDynamic,
                      NULL, false, &tensor);
    affine->scale = TfLiteFloatArrayCreate(1);
    affine->scale->data[0] = 0.5f;
    affine->zero_point = TfLiteIntArrayCreate(1);
    affine->zero_point->data[0] = 1;
    tensor.quantization = (TfLiteQuantization){kTfLiteAffineQuantization, affine};
    tensor.sparsity = make_sparsity();
    CHECK(TfLiteTensorRealloc(4, &tensor) == kTfLiteOk && tensor.bytes == 4 && tensor.data.data);
    memcpy(tensor.data.data, "abcd", 4);
    return tensor;
}

static void check_memory_kinds(TfLiteTensor *t)
{
    t->allocation_type = kTfLiteMmapRo;
    CHECK(TfLiteTensorGetAllocationStrategy(t) == kTfLiteAllocationStrategyMMap);
    CHECK(TfLiteTensorGetDataStability(t) == kTfLiteRunStabilityAcrossRuns);
    CHECK(TfLiteTensorGetDataKnownStep(t) == kTfLiteRunStepInit);
    t->allocation_type = kTfLiteArenaRw;
    CHECK(TfLiteTensorGetBufferAddressStability(t) == kTfLiteRunStabilityUnstable);
    CHECK(TfLiteTensorGetShapeKnownStep(t) == kTfLiteRunStepPrepare);
    t->allocation_type = kTfLiteCustom;
    CHECK(TfLiteTensorGetAllocationStrategy(t) == kTfLiteAllocationStrategyUnknown);
    t->allocation_type = (TfLiteAllocationType)77;
    CHECK(TfLiteTensorGetShapeKnownStep(t) == kTfLiteRunStepUnknown);
    t->allocation_type = kTfLiteDynamic;
    CHECK(TfLiteTensorGetShapeKnownStep(t) == kTfLiteRunStepEval);
}

void test_tensors(void)
{
    TfLiteTensor t = make_tensor(), other = make_tensor();
    CHECK(TfLiteTensorGetDimsSignature(&t) == t.dims);
    TfLiteTensor copy = TfLiteTensorClone(t);
    CHECK(copy.data.data != t.data.data && memcmp(copy.data.data, "abcd", 4) == 0 && copy.dims->data[0] == 4);
    const TfLiteAffineQuantization *affine = copy.quantization.params;
    CHECK(affine->scale->data[0] == 0.5f && copy.sparsity->dim_metadata[0].array_segments);
    memcpy(other.data.data, "wxyz", 4);
    CHECK(TfLiteTensorCopy(&other, &t) == kTfLiteOk && memcmp(t.data.data, "wxyz", 4) == 0);
    CHECK(TfLiteTensorCopy(NULL, &t) == kTfLiteOk && TfLiteTensorCopy(&t, NULL) == kTfLiteOk);
    CHECK(TfLiteTensorCopy(&t, &t) == kTfLiteOk);
    CHECK(TfLiteTensorResizeMaybeCopy(8, &other, true) == kTfLiteOk &&
          memcmp(other.data.data, "wxyz", 4) == 0);
    CHECK(TfLiteTensorCopy(&other, &t) == kTfLiteError); /* other sizes */
    CHECK(TfLiteTensorResizeMaybeCopy(100, &other, false) == kTfLiteOk && other.bytes == 100);
    CHECK(TfLiteTensorRealloc(1, NULL) == kTfLiteError &&
          TfLiteTensorRealloc(SIZE_MAX, &other) == kTfLiteError);
    check_memory_kinds(&t);
    other.allocation_type = kTfLiteArenaRw;
    void *kept = other.data.data;
    CHECK(TfLiteTensorRealloc(5, &other) == kTfLiteOk && other.bytes == 100); /* not dynamic: as it was */
    other.allocation_type = kTfLiteDynamic;
    CHECK(other.data.data == kept);
    TfLiteTensorDataFree(&other);
    CHECK(!other.data.data);
    TfLiteTensorFree(&t);
    TfLiteTensorFree(&other);
    TfLiteTensorFree(&copy);
    TfLiteTensorFree(NULL);
    TfLiteTensorDataFree(NULL);
    TfLiteQuantizationFree(NULL);
    TfLiteSparsityFree(NULL);
    CHECK(!t.dims && !t.sparsity && t.quantization.type == kTfLiteNoQuantization);
    CHECK(TfLiteKernelInitFailed());
}
