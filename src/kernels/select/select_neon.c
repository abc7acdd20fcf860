#define TMOI_SELECT tmoi_select_neon
#include "kernels/select/select_body.h"
