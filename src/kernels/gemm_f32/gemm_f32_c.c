#include <string.h>

#include "kernels/common/fixed_point.h"
#include "kernels/gemm_f32/gemm_f32.h"

enum { LANES = 8, ROWS = 4 };

/* The sums of up to ROWS rows and one panel. Rows past the last repeat it, so that the loops have fixed lengths. */
static void tile(const tmoi_gemm_f32_block *s, int32_t rows, const float *const *a, const float *b,
                 float (*sum)[LANES])
{
    int32_t taps = s->taps;
    for (int32_t t = 0; t < taps; t++) {
        const float *row[ROWS];
        for (int r = 0; r < ROWS; r++) row[r] = a[(ptrdiff_t)(r < rows ? r : rows - 1) * taps + t];
        for (int32_t k = 0; k < s->terms; k++, b += LANES)
            for (int r = 0; r < ROWS; r++) {
                float x = row[r][k];
                for (int j = 0; j < LANES; j++) sum[r][j] += x * b[j];
            }
    }
}

static float finish(const tmoi_gemm_f32_block *s, float sum, int32_t row, int32_t column)
{
    const tmoi_gemm_f32_tail *tail = &s->tail;
    float x = tmoi_clamp_f32(sum, s->low, s->high);
    if (tail->residual)
        x = tmoi_clamp_f32(x + tail->residual[row * tail->residual_stride + column], tail->low, tail->high);
    return !tail->slope || x >= 0.0f ? x : x * tail->slope[column];
}

static void panel(const tmoi_gemm_f32_block *s, int32_t column, const float *b)
{
    int32_t columns = s->columns - column < LANES ? s->columns - column : LANES;
    float start[LANES] = {0};
    if (s->bias) memcpy(start, s->bias + column, (size_t)columns * sizeof *start);
    for (int32_t i = 0; i < s->rows; i += ROWS) {
        int32_t rows = s->rows - i < ROWS ? s->rows - i : ROWS;
        float sum[ROWS][LANES];
        for (int r = 0; r < ROWS; r++) memcpy(sum[r], start, sizeof start);
        tile(s, rows, s->a + (ptrdiff_t)i * s->taps, b, sum);
        for (int32_t r = 0; r < rows; r++)
            for (int32_t j = 0; j < columns; j++)
                s->out[(i + r) * s->out_stride + column + j] = finish(s, sum[r][j], i + r, column + j);
    }
}

static void run(const tmoi_gemm_f32_block *s)
{
    ptrdiff_t step = (ptrdiff_t)s->taps * s->terms;
    for (int32_t column = 0; column < s->columns; column += LANES) panel(s, column, s->b + step * column);
}

const tmoi_gemm_f32_kernel *tmoi_gemm_f32_c(void)
{
    static const tmoi_gemm_f32_kernel kernel = {"tmoi_gemm_f32_4x8_c", LANES, ROWS, run};
    return &kernel;
}
