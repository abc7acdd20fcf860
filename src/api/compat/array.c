/* tensorflow/lite/c/common.h: arrays of known size. */
#include <string.h>

#include "tensorflow/lite/c/common.h"

size_t TfLiteIntArrayGetSizeInBytes(int size)
{
    return sizeof(TfLiteIntArray) + (size_t)size * sizeof(int);
}

TfLiteIntArray *TfLiteIntArrayCreate(int size)
{
    TfLiteIntArray *array = size >= 0 ? malloc(TfLiteIntArrayGetSizeInBytes(size)) : NULL;
    if (array) array->size = size;
    return array;
}

int TfLiteIntArrayEqualsArray(const TfLiteIntArray *a, int b_size, const int b_data[])
{
    if (!a) return b_size == 0;
    if (a->size != b_size) return 0;
    return b_size == 0 || memcmp(a->data, b_data, (size_t)b_size * sizeof(int)) == 0;
}

int TfLiteIntArrayEqual(const TfLiteIntArray *a, const TfLiteIntArray *b)
{
    if (a == b) return 1;
    return a && b && TfLiteIntArrayEqualsArray(a, b->size, b->data);
}

TfLiteIntArray *TfLiteIntArrayCopy(const TfLiteIntArray *src)
{
    TfLiteIntArray *copy = src ? TfLiteIntArrayCreate(src->size) : NULL;
    if (copy) memcpy(copy->data, src->data, (size_t)src->size * sizeof(int));
    return copy;
}

void TfLiteIntArrayFree(TfLiteIntArray *a)
{
    free(a);
}

int TfLiteFloatArrayGetSizeInBytes(int size)
{
    return (int)(sizeof(TfLiteFloatArray) + (size_t)size * sizeof(float));
}

TfLiteFloatArray *TfLiteFloatArrayCreate(int size)
{
    TfLiteFloatArray *array = size >= 0 ? malloc(sizeof(TfLiteFloatArray) + (size_t)size * sizeof(float))
                                        : NULL;
    if (array) array->size = size;
    return array;
}

TfLiteFloatArray *TfLiteFloatArrayCopy(const TfLiteFloatArray *src)
{
    TfLiteFloatArray *copy = src ? TfLiteFloatArrayCreate(src->size) : NULL;
    if (copy) memcpy(copy->data, src->data, (size_t)src->size * sizeof(float));
    return copy;
}

void TfLiteFloatArrayFree(TfLiteFloatArray *a)
{
    free(a);
}
