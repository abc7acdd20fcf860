#include <arm_neon.h>

#include "base/compiler.h"
#include "kernels/gemm_s8/dot_s8.h"

enum { COLUMNS = 4, STEP = 8 };

/* One row times `columns` columns, a constant where it is inlined. */
static TMOI_ALWAYS_INLINE void dot(int32_t k, const int16_t *a, const int8_t *w, const int32_t columns,
                                   int32_t *out)
{
    int32x4_t c[COLUMNS];
    int32_t p = 0;
    for (int32_t j = 0; j < columns; j++) c[j] = vdupq_n_s32(0);
    for (; p + STEP <= k; p += STEP) {
        int16x8_t terms = vld1q_s16(a + p);
        for (int32_t j = 0; j < columns; j++) {
            int16x8_t weights = vmovl_s8(vld1_s8(w + (ptrdiff_t)j * k + p));
            c[j] = vmlal_s16(c[j], vget_low_s16(terms), vget_low_s16(weights));
            c[j] = vmlal_high_s16(c[j], terms, weights);
        }
    }
    for (int32_t j = 0; j < columns; j++) {
        uint32_t sum = (uint32_t)vaddvq_s32(c[j]);
        for (int32_t q = p; q < k; q++) sum += (uint32_t)(a[q] * w[(ptrdiff_t)j * k + q]);
        out[j] = (int32_t)sum;
    }
}

void tmoi_dot_s8_neon(const tmoi_dot_s8_shape *s, const int16_t *a, const int8_t *w, int32_t *out)
{
    int32_t j = 0;
    for (; j + COLUMNS <= s->n; j += COLUMNS, w += (ptrdiff_t)COLUMNS * s->k)
        for (int32_t i = 0; i < s->m; i++)
            dot(s->k, a + i * s->a_stride, w, COLUMNS, out + i * s->out_stride + j);
    for (; j < s->n; j++, w += s->k)
        for (int32_t i = 0; i < s->m; i++) dot(s->k, a + i * s->a_stride, w, 1, out + i * s->out_stride + j);
}
