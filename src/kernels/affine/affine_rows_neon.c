#define TMOI_AFFINE(name) tmoi_##name##_neon
#include "kernels/affine/affine_rows_body.h"
