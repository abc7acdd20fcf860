#define TMOI_SOFTMAX(name) tmoi_##name##_c
#include "kernels/softmax/softmax_f32_body.h"
