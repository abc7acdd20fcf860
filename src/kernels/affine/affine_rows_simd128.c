#define TMOI_AFFINE(name) tmoi_##name##_simd128
#include "kernels/affine/affine_rows_body.h"
