#define POOL_NAME(family) tmoi_##family##_c
#include "kernels/pool/pool_body.h"
