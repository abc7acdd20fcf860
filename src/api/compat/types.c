/* Element types: their numbers differ between the .tflite format, which tmo uses, and TensorFlow Lite's API. */
#include "api/compat/compat.h"

static const struct {
    TfLiteType type;
    tmo_type ours;
    const char *name;
} types[] = {
    {kTfLiteFloat32, TMO_TYPE_FLOAT32, "FLOAT32"},
    {kTfLiteInt32, TMO_TYPE_INT32, "INT32"},
    {kTfLiteUInt8, TMO_TYPE_UINT8, "UINT8"},
    {kTfLiteInt64, TMO_TYPE_INT64, "INT64"},
    {kTfLiteString, TMO_TYPE_STRING, "STRING"},
    {kTfLiteBool, TMO_TYPE_BOOL, "BOOL"},
    {kTfLiteInt16, TMO_TYPE_INT16, "INT16"},
    {kTfLiteComplex64, TMO_TYPE_COMPLEX64, "COMPLEX64"},
    {kTfLiteInt8, TMO_TYPE_INT8, "INT8"},
    {kTfLiteFloat16, TMO_TYPE_FLOAT16, "FLOAT16"},
    {kTfLiteFloat64, TMO_TYPE_FLOAT64, "FLOAT64"},
    {kTfLiteComplex128, TMO_TYPE_COMPLEX128, "COMPLEX128"},
    {kTfLiteUInt64, TMO_TYPE_UINT64, "UINT64"},
    {kTfLiteResource, TMO_TYPE_RESOURCE, "RESOURCE"},
    {kTfLiteVariant, TMO_TYPE_VARIANT, "VARIANT"},
    {kTfLiteUInt32, TMO_TYPE_UINT32, "UINT32"},
    {kTfLiteUInt16, TMO_TYPE_UINT16, "UINT16"},
    {kTfLiteInt4, TMO_TYPE_INT4, "INT4"},
    {kTfLiteBFloat16, TMO_TYPE_BFLOAT16, "BFLOAT16"},
    {kTfLiteInt2, TMO_TYPE_INT2, "INT2"},
    {kTfLiteUInt4, TMO_TYPE_UINT4, "UINT4"},
};
enum { TYPE_COUNT = sizeof types / sizeof types[0] };

TfLiteType tmoi_tfl_type_of(tmo_type type)
{
    for (int k = 0; k < TYPE_COUNT; k++)
        if (types[k].ours == type) return types[k].type;
    return kTfLiteNoType;
}

uint32_t tmoi_tfl_type_bits(TfLiteType type)
{
    for (int k = 0; k < TYPE_COUNT; k++)
        if (types[k].type == type) return tmo_type_bits(types[k].ours);
    return 0;
}

const char *TfLiteTypeGetName(TfLiteType type)
{
    if (type == kTfLiteNoType) return "NOTYPE";
    for (int k = 0; k < TYPE_COUNT; k++)
        if (types[k].type == type) return types[k].name;
    return "Unknown type";
}
