#define TMOI_BINARY_INTEGER tmoi_binary_integer_neon
#include "kernels/elementwise/binary_integer_body.h"
