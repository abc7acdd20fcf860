#define TMOI_SOFTMAX(name) tmoi_##name##_avx2
#include "kernels/softmax/softmax_f32_body.h"
