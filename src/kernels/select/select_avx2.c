#define TMOI_SELECT tmoi_select_avx2
#include "kernels/select/select_body.h"
