#include "kernels/common/exp.h"
#include "kernels/common/exp_avx2.h"

static void exponentials(float *x, int64_t count)
{
    int64_t k = 0;
    for (; k + 8 <= count; k += 8) _mm256_storeu_ps(x + k, tmoi_exp_avx2(_mm256_loadu_ps(x + k)));
    for (; k < count; k++) x[k] = tmoi_exp_f32(x[k]);
}

#define TMOI_SOFTMAX(name) tmoi_##name##_avx2
#include "kernels/softmax/softmax_f32_body.h"
