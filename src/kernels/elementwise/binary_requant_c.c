#define TMOI_BINARY_REQUANT tmoi_binary_requant_c
#include "kernels/elementwise/binary_requant_body.h"
