#define TMOI_BINARY_INTEGER tmoi_binary_integer_simd128
#include "kernels/elementwise/binary_integer_body.h"
