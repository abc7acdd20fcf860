#define TMOI_SOFTMAX(name) tmoi_##name##_simd128
#include "kernels/softmax/softmax_f32_body.h"
