#define TMOI_BINARY_INTEGER tmoi_binary_integer_avx2
#include "kernels/elementwise/binary_integer_body.h"
