#include "kernels/gemm_s8/dot_s8.h"

static int32_t dot(int32_t k, const int16_t *a, const int8_t *w)
{
    uint32_t sum = 0;
    for (int32_t p = 0; p < k; p++) sum += (uint32_t)(a[p] * w[p]);
    return (int32_t)sum;
}

void tmoi_dot_s8_c(const tmoi_dot_s8_shape *s, const int16_t *a, const int8_t *w, int32_t *out)
{
    for (int32_t j = 0; j < s->n; j++, w += s->k)
        for (int32_t i = 0; i < s->m; i++) out[i * s->out_stride + j] = dot(s->k, a + i * s->a_stride, w);
}
