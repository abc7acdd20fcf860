#define TMOI_BINARY_F32 tmoi_binary_f32_avx2
#include "kernels/elementwise/binary_f32_body.h"
