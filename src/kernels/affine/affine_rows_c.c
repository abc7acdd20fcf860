#define TMOI_AFFINE(name) tmoi_##name##_c
#include "kernels/affine/affine_rows_body.h"
