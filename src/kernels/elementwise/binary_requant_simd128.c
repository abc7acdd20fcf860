#define TMOI_BINARY_REQUANT tmoi_binary_requant_simd128
#include "kernels/elementwise/binary_requant_body.h"
