#define TMOI_REDUCE_ROWS tmoi_reduce_rows_simd128
#include "kernels/reduce/reduce_rows_body.h"
