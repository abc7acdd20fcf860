#define TMOI_SELECT tmoi_select_c
#include "kernels/select/select_body.h"
