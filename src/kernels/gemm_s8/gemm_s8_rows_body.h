/* run() in tiles of up to four rows, for kernels with vectors of four sums. Included after gemm_s8_finish_body.h and
 *   multiply(t, start, row, rows, sum)    inlined for each number of rows */
#ifndef TMOI_KERNELS_GEMM_S8_GEMM_S8_ROWS_BODY_H
#define TMOI_KERNELS_GEMM_S8_GEMM_S8_ROWS_BODY_H

static void run(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f)
{
    const int32_t *start = f->start + t->column;
    vector sum[MR][VECTORS];
    for (int32_t row = 0, rows; row < t->m; row += rows) {
        rows = t->m - row < MR ? t->m - row : MR;
        switch (rows) {
        case 4: multiply(t, start, row, 4, sum); break;
        case 3: multiply(t, start, row, 3, sum); break;
        case 2: multiply(t, start, row, 2, sum); break;
        default: multiply(t, start, row, 1, sum); break;
        }
        finish(t, f, row, rows, sum);
    }
}

#endif
