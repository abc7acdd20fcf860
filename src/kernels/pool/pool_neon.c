#define POOL_NAME(family) tmoi_##family##_neon
#include "kernels/pool/pool_body.h"
