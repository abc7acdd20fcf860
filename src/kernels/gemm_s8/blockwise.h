/* Products whose weights have a scale for each block of terms:
 *
 *   out[m,n] = min(high, max(low, row_scale[m] · Σ_b scale[b,n] · (float)(Σ_k a[m,b,k] · w[n,b,k]) + bias[n]))
 *
 * Blocks are the segments of packed weights, for a kernel with int16 rows. The sum over blocks is in order. Source: TFLite
 * fully_connected.cc, EvalBlockwise4Bit. */
#ifndef TMOI_KERNELS_GEMM_S8_BLOCKWISE_H
#define TMOI_KERNELS_GEMM_S8_BLOCKWISE_H

#include "kernels/gemm_s8/product.h"

typedef struct tmoi_gemm_s8_blockwise {
    tmoi_gemm_s8_product product; /* finish: bias, low and high */
    const float *scales;          /* [blocks, columns rounded up to nr] */
} tmoi_gemm_s8_blockwise;

/* Bytes of scratch memory. */
size_t tmoi_gemm_s8_blockwise_bytes(const tmoi_gemm_s8_blockwise *blockwise);
/* The columns of the panels [panel_begin, panel_end) of all `m` rows; `matrix` as for tmoi_gemm_s8_block(), with rows_per_scale 1. */
void tmoi_gemm_s8_blockwise_run(const tmoi_gemm_s8_blockwise *blockwise, const tmoi_gemm_s8_matrix *matrix,
                                int64_t m, int32_t panel_begin, int32_t panel_end, float *out, void *scratch);

#endif
