#define TMOI_CAST_ROWS tmoi_cast_rows_c
#include "kernels/cast/cast_rows_body.h"
