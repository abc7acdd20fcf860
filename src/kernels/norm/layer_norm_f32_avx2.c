#define TMOI_LAYER_NORM tmoi_layer_norm_f32_avx2
#include "kernels/norm/layer_norm_f32_body.h"
