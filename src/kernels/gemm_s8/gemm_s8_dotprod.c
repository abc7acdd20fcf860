/* int8 rows with the dot products of Armv8.2: sdot adds four terms' products to each of four columns, exactly. A step takes four
 * terms of 16 columns and of up to four rows. */
#include <stdint.h>

enum { MR = 4, KR = 4, ELEM_BYTES = 1 };

#include "kernels/gemm_s8/gemm_s8_neon_body.h"

static inline int8x16_t load_quad(const int8_t *a)
{
    int32_t terms;
    memcpy(&terms, a, sizeof terms);
    return vreinterpretq_s8_s32(vdupq_n_s32(terms));
}

/* Four terms of 16 columns times those in `lane` of each row's. */
static TMOI_ALWAYS_INLINE void add_quad(const int8_t *panel, const int8x16_t *terms, const int lane,
                                        const int32_t rows, int32x4_t c[MR][VECTORS])
{
    for (int32_t v = 0; v < VECTORS; v++) {
        int8x16_t w = vld1q_s8(panel + 16 * v);
        for (int32_t i = 0; i < rows; i++)
            c[i][v] = lane == 0   ? vdotq_laneq_s32(c[i][v], w, terms[i], 0)
                      : lane == 1 ? vdotq_laneq_s32(c[i][v], w, terms[i], 1)
                      : lane == 2 ? vdotq_laneq_s32(c[i][v], w, terms[i], 2)
                                  : vdotq_laneq_s32(c[i][v], w, terms[i], 3);
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
        const int8_t *a = (const int8_t *)t->segment[s] + t->offset + row * t->row_stride;
        int8x16_t terms[MR];
        ptrdiff_t k = 0;
        for (; k + 16 <= t->terms; k += 16, panel += 16 * NR) {
            for (int32_t i = 0; i < rows; i++) terms[i] = vld1q_s8(a + i * t->row_stride + k);
            add_quad(panel, terms, 0, rows, c);
            add_quad(panel + KR * NR, terms, 1, rows, c);
            add_quad(panel + 2 * KR * NR, terms, 2, rows, c);
            add_quad(panel + 3 * KR * NR, terms, 3, rows, c);
        }
        for (; k < t->terms; k += KR, panel += KR * NR) {
            for (int32_t i = 0; i < rows; i++) terms[i] = load_quad(a + i * t->row_stride + k);
            add_quad(panel, terms, 0, rows, c);
        }
    }
    for (int32_t i = 0; i < rows; i++)
        for (int32_t v = 0; v < VECTORS; v++) sum[i][v] = c[i][v];
}

#include "kernels/gemm_s8/gemm_s8_rows_body.h"

static const tmoi_gemm_s8_kernel kernel = {
    .mr = MR, .nr = NR, .kr = KR, .bytes = true, .run = run, .fill = fill_bytes};

const tmoi_gemm_s8_kernel *tmoi_gemm_s8_4x16c4_dotprod(void)
{
    return &kernel;
}
