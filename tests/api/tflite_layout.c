/* The sizes and places that programs built against TensorFlow Lite's own headers count on, for 64-bit machines. */
#include "tflite_program.h"

#if UINTPTR_MAX == UINT64_MAX
#define AT(type, field, place) _Static_assert(offsetof(type, field) == (place), #type "." #field)
#define SIZE(type, bytes)      _Static_assert(sizeof(type) == (bytes), #type)

AT(TfLiteIntArray, data, 4);
AT(TfLiteFloatArray, data, 4);

AT(TfLiteTensor, type, 0);
AT(TfLiteTensor, data, 8);
AT(TfLiteTensor, dims, 16);
AT(TfLiteTensor, params, 24);
AT(TfLiteTensor, allocation_type, 32);
AT(TfLiteTensor, bytes, 40);
AT(TfLiteTensor, allocation, 48);
AT(TfLiteTensor, name, 56);
AT(TfLiteTensor, delegate, 64);
AT(TfLiteTensor, buffer_handle, 72);
AT(TfLiteTensor, data_is_stale, 76);
AT(TfLiteTensor, is_variable, 77);
AT(TfLiteTensor, quantization, 80);
AT(TfLiteTensor, sparsity, 96);
AT(TfLiteTensor, dims_signature, 104);
SIZE(TfLiteTensor, 112);

AT(TfLiteAffineQuantization, zero_point, 8);
AT(TfLiteAffineQuantization, quantized_dimension, 16);
SIZE(TfLiteBlockwiseQuantization, 16);
SIZE(TfLiteSparsity, 32);
SIZE(TfLiteDimensionMetadata, 24);
SIZE(TfLiteCustomAllocation, 16);

AT(TfLiteNode, outputs, 8);
AT(TfLiteNode, intermediates, 16);
AT(TfLiteNode, temporaries, 24);
AT(TfLiteNode, user_data, 32);
AT(TfLiteNode, builtin_data, 40);
AT(TfLiteNode, custom_initial_data, 48);
AT(TfLiteNode, custom_initial_data_size, 56);
AT(TfLiteNode, delegate, 64);
SIZE(TfLiteNode, 80);

AT(TfLiteContext, GetExecutionPlan, 8);
AT(TfLiteContext, tensors, 16);
AT(TfLiteContext, ResizeTensor, 32);
AT(TfLiteContext, ReportError, 40);
AT(TfLiteContext, AddTensors, 48);
AT(TfLiteContext, recommended_num_threads, 72);
AT(TfLiteContext, allow_fp32_relax_to_fp16, 96);
AT(TfLiteContext, AllocatePersistentBuffer, 112);
AT(TfLiteContext, ResizeTensorExplicit, 144);
AT(TfLiteContext, GetModelMetadata, 176);
#ifndef _WIN32
SIZE(TfLiteContext, 200);
#endif

AT(TfLiteRegistration, invoke, 24);
AT(TfLiteRegistration, builtin_code, 40);
AT(TfLiteRegistration, custom_name, 48);
AT(TfLiteRegistration, version, 56);
AT(TfLiteRegistration, registration_external, 64);
AT(TfLiteRegistration, async_kernel, 72);
AT(TfLiteRegistration, inplace_operator, 80);
SIZE(TfLiteRegistration, 88);
SIZE(TfLiteRegistration_V1, 64);
SIZE(TfLiteRegistration_V2, 72);
SIZE(TfLiteRegistration_V3, 80);

AT(TfLiteDelegate, flags, 40);
AT(TfLiteDelegate, opaque_delegate_builder, 48);
SIZE(TfLiteDelegate, 56);
SIZE(TfLiteOpaqueDelegateBuilder, 48);
#endif

_Static_assert(kTfLiteCancelled == 8 && kTfLiteUnresolvedOps == 7 && kTfLiteApplicationError == 3, "status");
_Static_assert(kTfLiteInt8 == 9 && kTfLiteFloat16 == 10 && kTfLiteInt4 == 18 && kTfLiteUInt4 == 21, "types");
_Static_assert(kTfLiteMmapRo == 1 && kTfLiteDynamic == 4 && kTfLiteCustom == 6 && kTfLiteNonCpu == 8,
               "memory");
_Static_assert(kTfLiteBuiltinCustom == 32 && kTfLiteBuiltinBatchMatmul == 126 && kTfLiteBuiltinGelu == 150,
               "operators");

/* An archive member must not be empty. */
extern const int tflite_layout_checked;
const int tflite_layout_checked = 1;
