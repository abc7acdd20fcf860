#define TMOI_LAYER_NORM tmoi_layer_norm_f32_simd128
#include "kernels/norm/layer_norm_f32_body.h"
