#define RESIZE_NAME(types) tmoi_resize_bilinear_##types##_c
#include "kernels/resize/resize_bilinear_body.h"
