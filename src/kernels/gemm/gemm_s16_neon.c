/* Rows of `a` with rows of `b` in NEON: a tile of two by four sums, eight terms at a time. */
#include <arm_neon.h>

#include "base/compiler.h"
#include "kernels/gemm/gemm.h"

enum { ROWS = 2, COLUMNS = 4, STEP = 8 };

/* `rows` by `columns` sums, constants where it is inlined. */
static TMOI_ALWAYS_INLINE void tile(const tmoi_gemm_shape *s, const int16_t *a, const int16_t *b,
                                    const int32_t rows, const int32_t columns, int32_t *out)
{
    int32x4_t c[ROWS][COLUMNS];
    int32_t p = 0;
    for (int32_t i = 0; i < rows; i++)
        for (int32_t j = 0; j < columns; j++) c[i][j] = vdupq_n_s32(0);
    for (; p + STEP <= s->k; p += STEP)
        for (int32_t j = 0; j < columns; j++) {
            int16x8_t terms = vld1q_s16(b + j * s->b_stride + p);
            for (int32_t i = 0; i < rows; i++) {
                int16x8_t row = vld1q_s16(a + i * s->a_stride + p);
                c[i][j] = vmlal_high_s16(vmlal_s16(c[i][j], vget_low_s16(row), vget_low_s16(terms)), row,
                                         terms);
            }
        }
    for (int32_t i = 0; i < rows; i++)
        for (int32_t j = 0; j < columns; j++) {
            uint32_t sum = (uint32_t)vaddvq_s32(c[i][j]);
            for (int32_t q = p; q < s->k; q++)
                sum += (uint32_t)(a[i * s->a_stride + q] * b[j * s->b_stride + q]);
            out[i * s->out_stride + j] = (int32_t)sum;
        }
}

void tmoi_gemm_s16_neon(const tmoi_gemm_shape *s, const int16_t *a, const int16_t *b, int32_t *out)
{
    for (int32_t i = 0; i < s->m; i += ROWS, a += ROWS * s->a_stride, out += ROWS * s->out_stride) {
        bool one = i + 1 == s->m;
        int32_t j = 0;
        for (; j + COLUMNS <= s->n; j += COLUMNS)
            if (one)
                tile(s, a, b + j * s->b_stride, 1, COLUMNS, out + j);
            else
                tile(s, a, b + j * s->b_stride, ROWS, COLUMNS, out + j);
        for (; j < s->n; j++)
            if (one)
                tile(s, a, b + j * s->b_stride, 1, 1, out + j);
            else
                tile(s, a, b + j * s->b_stride, ROWS, 1, out + j);
    }
}
