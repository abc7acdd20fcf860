#include "kernels/gemm_f32/gemm_f32.h"

void tmoi_gemm_f32_matrix(const tmoi_gemm_f32_kernel *kernel, const tmoi_gemm_f32_block *block,
                          const float *a, ptrdiff_t a_stride)
{
    const float *rows[TMOI_GEMM_F32_MOST_ROWS];
    tmoi_gemm_f32_block part = *block;
    int32_t step = tmoi_gemm_f32_rows(kernel, block->terms, block->halves.b != NULL);
    part.a = rows;
    for (int32_t i = 0; i < block->rows; i += step) {
        part.rows = block->rows - i < step ? block->rows - i : step;
        part.out = block->out + i * block->out_stride;
        if (block->tail.residual) part.tail.residual = block->tail.residual + i * block->tail.residual_stride;
        for (int32_t r = 0; r < part.rows; r++) rows[r] = a + (i + r) * a_stride;
        tmoi_gemm_f32_run(kernel, &part);
    }
}
