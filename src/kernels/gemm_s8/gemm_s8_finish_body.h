/* What the kernels with vectors of four sums share. Defined before it is included:
 *   vector, VECTORS                      four sums; how many make a row of a tile
 *   finish_x8, finish_s16, finish_f32    of one row, stored at `out` */
#ifndef TMOI_KERNELS_GEMM_S8_GEMM_S8_FINISH_BODY_H
#define TMOI_KERNELS_GEMM_S8_GEMM_S8_FINISH_BODY_H

/* sum[i] belongs to row + i. */
static void finish(const tmoi_gemm_s8_tile *t, const tmoi_gemm_s8_finish *f, int32_t row, int32_t rows,
                   vector sum[][VECTORS])
{
    for (int32_t i = 0; i < rows; i++) {
        uint8_t *out = (uint8_t *)t->out + (row + i) * t->out_stride;
        switch (f->kind) {
        case TMOI_GEMM_S8_X8: finish_x8(t, f, out, sum[i]); break;
        case TMOI_GEMM_S8_S16: finish_s16(t, f, out, sum[i]); break;
        case TMOI_GEMM_S8_F32: finish_f32(t, f, out, row + i, sum[i]); break;
        default: memcpy(out, sum[i], (size_t)t->n * sizeof(int32_t)); break;
        }
    }
}

#endif
