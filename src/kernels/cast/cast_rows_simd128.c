#define TMOI_CAST_ROWS tmoi_cast_rows_simd128
#include "kernels/cast/cast_rows_body.h"
