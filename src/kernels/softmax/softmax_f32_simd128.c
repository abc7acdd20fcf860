#include "base/compiler.h"
#include "kernels/common/exp.h"

static void exponentials(float *x, int64_t count)
{
    TMOI_INDEPENDENT_LOOP
    for (int64_t k = 0; k < count; k++) x[k] = tmoi_exp_f32(x[k]);
}

#define TMOI_SOFTMAX(name) tmoi_##name##_simd128
#include "kernels/softmax/softmax_f32_body.h"
