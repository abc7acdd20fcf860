/* A whole integer product with its output stage, in pieces that may run at the same time. */
#ifndef TMOI_KERNELS_GEMM_S8_PRODUCT_H
#define TMOI_KERNELS_GEMM_S8_PRODUCT_H

#include "kernels/gemm_s8/gemm_s8.h"

/* The right side and the output. Sums of kind SUMS go through `requant` when it is set: for the reference's arithmetic, for
 * 64-bit sums, and for uint8 weights; else they are the output. */
typedef struct tmoi_gemm_s8_product {
    const tmoi_gemm_s8_kernel *kernel;
    const int8_t *panels;
    int32_t n, segments, segment_terms;
    tmoi_gemm_s8_finish finish;
    const tmoi_requant *requant; /* NULL: none, the sums' bias is in finish.start */
    const int16_t *
        wide_weights; /* [n, segment_terms]: int16 weights, in place of panels; with `wide` and one segment */
    bool wide;        /* 64-bit sums; the kernel has int16 rows, and finish.start is not used */
    int32_t ones_factor; /* not 0: the panels have a column of ones, whose sums times this are subtracted */
    size_t out_bytes;    /* of an element */
    /* F32: what is added to the output's element at out_base + x lies at residual + x. NULL: nothing. */
    const char *residual, *out_base;
} tmoi_gemm_s8_product;

/* Rows in the kernel's form: how the tile's fields of these names are set. */
typedef struct tmoi_gemm_s8_rows {
    int32_t m;
    const void *const *segment; /* [segments] */
    ptrdiff_t offset, stride;
    const float *scale;
    const int32_t *zero_point;
    int32_t step;
} tmoi_gemm_s8_rows;

static inline int32_t tmoi_gemm_s8_panels(const tmoi_gemm_s8_product *p)
{
    return (p->n + (p->ones_factor ? 1 : 0) + p->kernel->nr - 1) / p->kernel->nr;
}

/* Bytes of scratch memory that tmoi_gemm_s8_multiply() needs; 0 when it needs none. */
size_t tmoi_gemm_s8_scratch_bytes(const tmoi_gemm_s8_product *product);

/* out[m, columns] of the panels [panel_begin, panel_end), rows out_stride bytes apart; `column` is the number of the first column
 * in the arrays of finish and requant, which have room for nr more. With `requant`, all panels at once. */
void tmoi_gemm_s8_multiply(const tmoi_gemm_s8_product *product, const tmoi_gemm_s8_rows *rows,
                           int32_t panel_begin, int32_t panel_end, int32_t column, void *out,
                           ptrdiff_t out_stride, void *scratch);

/* Rows that lie one after another, [M, segment_terms] with one segment. */
typedef struct tmoi_gemm_s8_matrix {
    const void *data;
    tmoi_gemm_s8_source source; /* of all rows, */
    const float *scale;         /* or floats, whose rows have their own scale, its inverse, and zero point: */
    const float *inverse;
    const int32_t *zero_point;
    int64_t rows_per_scale; /* neighbours that share them */
} tmoi_gemm_s8_matrix;

/* How the rows that have scale number `k` are read. */
static inline tmoi_gemm_s8_source tmoi_gemm_s8_source_of(const tmoi_gemm_s8_matrix *matrix, int64_t k)
{
    tmoi_gemm_s8_source source = matrix->source;
    if (matrix->scale) {
        source.zero_point = matrix->zero_point[k];
        source.inverse = matrix->inverse[k];
    }
    return source;
}

/* How many rows to take at a time, so that they stay in the first cache. */
int32_t tmoi_gemm_s8_block_rows(const tmoi_gemm_s8_product *product);
/* Bytes of scratch memory for a block of `rows`. */
size_t tmoi_gemm_s8_block_bytes(const tmoi_gemm_s8_product *product, int32_t rows);

/* The rows [row, row + m) of `out`, [M, n] in memory, m <= the block's rows. */
void tmoi_gemm_s8_block(const tmoi_gemm_s8_product *product, const tmoi_gemm_s8_matrix *matrix, int64_t row,
                        int32_t m, int32_t panel_begin, int32_t panel_end, void *out, void *scratch);

#endif
