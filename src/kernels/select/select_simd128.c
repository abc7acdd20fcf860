#define TMOI_SELECT tmoi_select_simd128
#include "kernels/select/select_body.h"
