/* Transposed convolution of 2-D images, channels last: each input pixel adds its product with the filter to the window of output
 * pixels that a convolution would have read.
 *
 *   out[n,q,o] = bias[o] + Σ in[n,p,i] · filter[o,t,i]   over all p, t: p·stride + t − before = q
 *
 * The shape's in_* are the input of this operator, its out_* the (larger) output; depth, dilations and groups are 1.
 * The output pixels of one phase, whose positions are equal modulo the strides, are reached by the same taps of the filter: they
 * are the rows of a product whose segments are these taps, and the input is read as it lies.
 * Source: TFLite reference_ops::TransposeConv, reference_integer_ops::TransposeConv. */
#ifndef TMOI_KERNELS_TRANSPOSE_CONV_TRANSPOSE_CONV_S8_H
#define TMOI_KERNELS_TRANSPOSE_CONV_TRANSPOSE_CONV_S8_H

#include "kernels/conv/conv.h"
#include "kernels/gemm_s8/product.h"

typedef struct tmoi_transpose_conv_s8 {
    tmoi_conv_shape shape;
    int32_t most_taps;             /* of a phase */
    const int32_t *counts, *which; /* of tmoi_transpose_conv_s8_taps() */
    /* One a phase, with counts[phase] segments of in_c terms; all have the same kernel, and arrays that begin with column 0. */
    const tmoi_gemm_s8_product *products;
    tmoi_gemm_s8_matrix image; /* rows_per_scale is not used: scales belong to images */
    void *rows;                /* the image in the kernel's form: tmoi_transpose_conv_s8_image_bytes() */
    void *out;
} tmoi_transpose_conv_s8;

static inline int32_t tmoi_transpose_conv_s8_phases_w(const tmoi_conv_shape *s)
{
    return s->stride_w < s->out_w ? s->stride_w : s->out_w;
}

/* Phases are numbered row by row. */
static inline int64_t tmoi_transpose_conv_s8_phases(const tmoi_conv_shape *s)
{
    return (int64_t)(s->stride_h < s->out_h ? s->stride_h : s->out_h) * tmoi_transpose_conv_s8_phases_w(s);
}

/* The most taps that a phase can have. */
int64_t tmoi_transpose_conv_s8_most_taps(const tmoi_conv_shape *shape);
/* counts[phases] taps of each phase, whose numbers in the filter are which[phases, most_taps]. */
void tmoi_transpose_conv_s8_taps(const tmoi_conv_shape *shape, int32_t most_taps, int32_t *counts,
                                 int32_t *which);

/* Bytes of `rows`; 0 when the size does not fit. The rows are numbered [batch, in_h + 1], the last of an image being outside it. */
size_t tmoi_transpose_conv_s8_image_bytes(const tmoi_conv_shape *shape, size_t elem_bytes);
/* Copies these rows of the image; different ranges may run at the same time. */
void tmoi_transpose_conv_s8_fill(const tmoi_transpose_conv_s8 *conv, int64_t row_begin, int64_t row_end);

/* Bytes of scratch memory that a thread needs, for a product of any phase. */
size_t tmoi_transpose_conv_s8_scratch_bytes(const tmoi_gemm_s8_product *product, int32_t most_taps);
/* The output rows [row_begin, row_end), numbered (n, oy), once all rows of the image are there. */
void tmoi_transpose_conv_s8_rows(const tmoi_transpose_conv_s8 *conv, int64_t row_begin, int64_t row_end,
                                 void *scratch);

#endif
