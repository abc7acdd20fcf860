/* A whole integer matrix product with its output stage, cut into tiles that may run at the same time. */
#ifndef TMOI_KERNELS_GEMM_PRODUCT_H
#define TMOI_KERNELS_GEMM_PRODUCT_H

#include "kernels/gemm/gemm.h"
#include "kernels/requant/requant.h"

enum {
    TMOI_PRODUCT_ROWS = 16,
    TMOI_PRODUCT_COLUMNS = 64,
    TMOI_PRODUCT_SUMS = TMOI_PRODUCT_ROWS * TMOI_PRODUCT_COLUMNS
};

typedef struct tmoi_product_s16 {
    int32_t m, n, k;
    const int16_t *a; /* [M, K] */
    const int16_t *b; /* [N, K] */
    int32_t terms;    /* 0: 32-bit sums; else 64-bit, see tmoi_gemm_s16s64_function */
    void *out;        /* [M, N] */
    /* The output: int8, uint8 or int16 through `requant`; or float, when `hybrid`: out = clamp(sum ·
     * row_scale · scale + bias); or the sums themselves as int32, when `raw`. */
    bool raw, hybrid;
    tmoi_requant requant;
    const float *row_scales; /* [M] */
    const float *scales;     /* [N] */
    const float *bias;       /* [N] or NULL */
    float low, high;
    tmoi_gemm_s16_function gemm;
    tmoi_gemm_s16s64_function gemm_wide;
} tmoi_product_s16;

static inline int64_t tmoi_product_tiles(int32_t m, int32_t n)
{
    int64_t rows = ((int64_t)m + TMOI_PRODUCT_ROWS - 1) / TMOI_PRODUCT_ROWS;
    return rows * (((int64_t)n + TMOI_PRODUCT_COLUMNS - 1) / TMOI_PRODUCT_COLUMNS);
}

/* sums: TMOI_PRODUCT_SUMS elements of int32_t, or of int64_t when terms is not 0. */
void tmoi_product_s16_run(const tmoi_product_s16 *product, int64_t tile_begin, int64_t tile_end, void *sums);

#endif
