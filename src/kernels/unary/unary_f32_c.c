#define TMOI_UNARY_F32 tmoi_unary_f32_c
#include "kernels/unary/unary_f32_body.h"
