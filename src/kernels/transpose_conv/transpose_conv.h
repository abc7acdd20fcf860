/* Integer transposed convolution over up to three spatial dimensions, channels last: each input pixel adds its
 * product with the filter to the window of output pixels that a convolution would have read.
 *
 *   out[n,q,o] = bias[o] + Σ in[n,p,i] · filter[t,i,o]   over all p, t: p·stride + t·dilation − before = q
 *
 * The shape's in_* are the input of this operator, its out_* the (larger) output; depth is 1 for 2-D.
 * "Row" is the number of an output row, (n, od, oy); different ranges of rows may run at the same time.
 * Each product is computed once: for an output row, the input rows under it are multiplied with one row of
 * the filter and added along x. Source: TFLite reference_ops::TransposeConv,
 * reference_integer_ops::TransposeConv, reference_ops::Conv3DTranspose. */
#ifndef TMOI_KERNELS_TRANSPOSE_CONV_TRANSPOSE_CONV_H
#define TMOI_KERNELS_TRANSPOSE_CONV_TRANSPOSE_CONV_H

#include "kernels/conv/conv.h"

/* Integer images; fields as in tmoi_conv_s16. */
typedef struct tmoi_transpose_conv_s16 {
    tmoi_conv_shape shape;
    const int16_t *in;     /* zero point subtracted */
    const int16_t *filter; /* [filter_d, filter_h, filter_w, out_c, in_c] */
    bool wide_sums;
    tmoi_requant requant;
    bool hybrid;
    const float *image_scales, *scales, *bias;
    float low, high;
    void *out;
    tmoi_gemm_s16_function gemm;
    tmoi_gemm_s16s64_function gemm_wide;
} tmoi_transpose_conv_s16;

/* products: in_w · filter_w · out_c, sums: out_w · out_c elements of int32_t, or int64_t when wide_sums. */
void tmoi_transpose_conv_s16_run(const tmoi_transpose_conv_s16 *conv, int64_t row_begin, int64_t row_end,
                                 void *products, void *sums);

#endif
