#define TMOI_SOFTMAX(name) tmoi_##name##_neon
#include "kernels/softmax/softmax_f32_body.h"
