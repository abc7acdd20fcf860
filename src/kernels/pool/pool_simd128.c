#define POOL_NAME(family) tmoi_##family##_simd128
#include "kernels/pool/pool_body.h"
