#define POOL_NAME(family) tmoi_##family##_avx2
#include "kernels/pool/pool_body.h"
