#define TMOI_REDUCE_ROWS tmoi_reduce_rows_avx2
#include "kernels/reduce/reduce_rows_body.h"
