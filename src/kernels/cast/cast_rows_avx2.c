#define TMOI_CAST_ROWS tmoi_cast_rows_avx2
#include "kernels/cast/cast_rows_body.h"
