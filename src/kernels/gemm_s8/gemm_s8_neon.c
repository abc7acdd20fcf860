/* int16 rows in NEON: smlal multiplies four columns by one term of a row. A step takes one term of 16 columns and of up to four
 * rows, whose sums stay in sixteen registers. */
#include <stdint.h>

enum { MR = 4, KR = 1, ELEM_BYTES = 2 };

#include "kernels/gemm_s8/gemm_s8_neon_body.h"

/* One term of 16 columns times one term of `rows` rows. */
static TMOI_ALWAYS_INLINE void add_term(const int8_t *panel, const int16x4_t *terms, const int lane,
                                        const int32_t rows, int32x4_t c[MR][VECTORS])
{
    int8x16_t bytes = vld1q_s8(panel);
    int16x8_t w[2] = {vmovl_s8(vget_low_s8(bytes)), vmovl_high_s8(bytes)};
    for (int32_t i = 0; i < rows; i++) {
        int16x4_t a = lane == 0   ? vdup_lane_s16(terms[i], 0)
                      : lane == 1 ? vdup_lane_s16(terms[i], 1)
                      : lane == 2 ? vdup_lane_s16(terms[i], 2)
                                  : vdup_lane_s16(terms[i], 3);
        c[i][0] = vmlal_s16(c[i][0], vget_low_s16(w[0]), a);
        c[i][1] = vmlal_s16(c[i][1], vget_high_s16(w[0]), a);
        c[i][2] = vmlal_s16(c[i][2], vget_low_s16(w[1]), a);
        c[i][3] = vmlal_s16(c[i][3], vget_high_s16(w[1]), a);
    }
}

static TMOI_ALWAYS_INLINE void multiply(const tmoi_gemm_s8_tile *t, const int32_t *start, int32_t row,
                                        const int32_t rows, int32x4_t sum[MR][VECTORS])
{
    const int8_t *panel = t->panel;
    int32x4_t c[MR][VECTORS];
    for (int32_t v = 0; v < VECTORS; v++)
        for (int32_t i = 0; i < rows; i++) c[i][v] = vld1q_s32(start + 4 * v);
    for (int32_t s = 0; s < t->segments; s++) {
        const char *base = (const char *)t->segment[s] + t->offset + row * t->row_stride;
        const int16_t *a[MR];
        int16x4_t terms[MR];
        ptrdiff_t k = 0;
        for (int32_t i = 0; i < rows; i++) a[i] = (const int16_t *)(const void *)(base + i * t->row_stride);
        for (; k + 4 <= t->terms; k += 4, panel += 4 * NR) {
            for (int32_t i = 0; i < rows; i++) terms[i] = vld1_s16(a[i] + k);
            add_term(panel, terms, 0, rows, c);
            add_term(panel + NR, terms, 1, rows, c);
            add_term(panel + 2 * NR, terms, 2, rows, c);
            add_term(panel + 3 * NR, terms, 3, rows, c);
        }
        for (; k < t->terms; k++, panel += NR) {
            for (int32_t i = 0; i < rows; i++) terms[i] = vld1_dup_s16(a[i] + k);
            add_term(panel, terms, 0, rows, c);
        }
    }
    for (int32_t i = 0; i < rows; i++)
        for (int32_t v = 0; v < VECTORS; v++) sum[i][v] = c[i][v];
}

#include "kernels/gemm_s8/gemm_s8_rows_body.h"

static const tmoi_gemm_s8_kernel kernel = {.mr = MR, .nr = NR, .kr = KR, .run = run, .fill = fill_words};

const tmoi_gemm_s8_kernel *tmoi_gemm_s8_4x16_neon(void)
{
    return &kernel;
}

const tmoi_gemm_s8_kernel *tmoi_gemm_s16x8_4x16_neon(void)
{
    return &kernel;
}
