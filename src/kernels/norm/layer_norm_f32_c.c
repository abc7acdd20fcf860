#define TMOI_LAYER_NORM tmoi_layer_norm_f32_c
#include "kernels/norm/layer_norm_f32_body.h"
