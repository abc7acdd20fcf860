#define RESIZE_NAME(types) tmoi_resize_bilinear_##types##_avx2
#include "kernels/resize/resize_bilinear_body.h"
