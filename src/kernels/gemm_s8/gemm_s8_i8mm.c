/* int8 rows with the matrix products of Armv8.6: smmla multiplies two rows by two columns, eight terms each, exactly. A step takes
 * eight terms of 16 columns and of two pairs of rows, whose sums stay in sixteen registers. */
#include <stdint.h>

enum { MR = 4, KR = 8, ELEM_BYTES = 1, PAIRS = MR / 2, COLUMN_PAIRS = 8 };

#include "kernels/gemm_s8/gemm_s8_neon_body.h"

/* Eight terms of two rows; of one row twice when it is the last. */
static inline int8x16_t load_rows(const int8_t *a, ptrdiff_t second)
{
    return vcombine_s8(vld1_s8(a), vld1_s8(a + second));
}

/* c[v] = {row 0 column 2v, row 0 column 2v + 1, row 1 column 2v, row 1 column 2v + 1}, from what the columns start with. */
static inline void start_pair(const int32_t *start, int32x4_t c[COLUMN_PAIRS])
{
    for (int32_t v = 0; v < COLUMN_PAIRS; v++)
        c[v] = vcombine_s32(vld1_s32(start + 2 * v), vld1_s32(start + 2 * v));
}

static inline void split_pair(const int32x4_t c[COLUMN_PAIRS], int32x4_t sum[2][VECTORS])
{
    for (int32_t v = 0; v < VECTORS; v++) {
        sum[0][v] = vcombine_s32(vget_low_s32(c[2 * v]), vget_low_s32(c[2 * v + 1]));
        sum[1][v] = vcombine_s32(vget_high_s32(c[2 * v]), vget_high_s32(c[2 * v + 1]));
    }
}

/* `pairs` pairs of rows; the second row of the last is there unless it is `alone`. */
static TMOI_ALWAYS_INLINE void multiply(const tmoi_gemm_s8_tile *t, const int32_t *start, int32_t row,
                                        const int32_t pairs, bool alone, int32x4_t sum[MR][VECTORS])
{
    const int8_t *panel = t->panel;
    int32x4_t c[PAIRS][COLUMN_PAIRS];
    ptrdiff_t last = alone ? 0 : t->row_stride;
    for (int32_t i = 0; i < pairs; i++) start_pair(start, c[i]);
    for (int32_t s = 0; s < t->segments; s++) {
        const int8_t *a = (const int8_t *)t->segment[s] + t->offset + row * t->row_stride;
        for (ptrdiff_t k = 0; k < t->terms; k += KR, panel += KR * NR) {
            int8x16_t terms[PAIRS];
            for (int32_t i = 0; i < pairs; i++)
                terms[i] = load_rows(a + 2 * i * t->row_stride + k, i == pairs - 1 ? last : t->row_stride);
            for (int32_t v = 0; v < COLUMN_PAIRS; v++) {
                int8x16_t w = vld1q_s8(panel + 16 * v);
                for (int32_t i = 0; i < pairs; i++) c[i][v] = vmmlaq_s32(c[i][v], terms[i], w);
            }
        }
    }
    for (int32_t i = 0; i < pairs; i++) split_pair(c[i], sum + 2 * i);
}

static void run(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f)
{
    const int32_t *start = f->start + t->column;
    int32x4_t sum[MR][VECTORS];
    for (int32_t row = 0, rows; row < t->m; row += rows) {
        rows = t->m - row < MR ? t->m - row : MR;
        if (rows > 2)
            multiply(t, start, row, 2, rows == 3, sum);
        else
            multiply(t, start, row, 1, rows == 1, sum);
        finish(t, f, row, rows, sum);
    }
}

static const tmoi_gemm_s8_kernel kernel = {
    .mr = MR, .nr = NR, .kr = KR, .bytes = true, .run = run, .fill = fill_bytes};

const tmoi_gemm_s8_kernel *tmoi_gemm_s8_4x16c8_i8mm(void)
{
    return &kernel;
}
