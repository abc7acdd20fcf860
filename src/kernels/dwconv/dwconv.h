/* Depthwise 2-D convolution, channels last; out_c is a multiple M of in_c.
 *
 *   out[n,oy,ox,c·M+m] = bias[c·M+m]
 *                      + Σ_{ky,kx} in[n, oy·sy + ky·dy − top, ox·sx + kx·dx − left, c] · filter[ky,kx,c·M+m]
 *
 * Taps outside the image count as real zeros. "Row" is the number of an output row, n · out_h + oy;
 * different ranges of rows may run at the same time. The shape's depth is 1. Source: TFLite
 * reference_ops::DepthwiseConv and reference_integer_ops::DepthwiseConvPerChannel. */
#ifndef TMOI_KERNELS_DWCONV_DWCONV_H
#define TMOI_KERNELS_DWCONV_DWCONV_H

#include "kernels/conv/conv.h"

/* The rows [row_begin, row_end) of out, clamped to [low, high]; bias [out_c] or NULL. No alignment is
 * needed, nothing is over-read. */
typedef void (*tmoi_dwconv_f32_function)(const tmoi_conv_shape *shape, const float *in, const float *filter,
                                         const float *bias, float low, float high, float *out,
                                         int64_t row_begin, int64_t row_end);

/* The sums of one output row, sums[ox,o] = Σ …, modulo 2^32. rows[ky] is the input row under filter row
 * ky, from column −pad_left on, tmoi_dwconv_row_pixels() pixels with zeros outside the image; or NULL for
 * a row outside the image.
 * Result  exact for all inputs, on every instruction set. */
typedef void (*tmoi_dwconv_s16_function)(const tmoi_conv_shape *shape, const int16_t *const *rows,
                                         const int16_t *filter, int32_t *sums);

void tmoi_dwconv_f32_c(const tmoi_conv_shape *shape, const float *in, const float *filter, const float *bias,
                       float low, float high, float *out, int64_t row_begin, int64_t row_end);
void tmoi_dwconv_s16_c(const tmoi_conv_shape *shape, const int16_t *const *rows, const int16_t *filter,
                       int32_t *sums);

/* Columns of the input that one output row reads. */
static inline int64_t tmoi_dwconv_row_pixels(const tmoi_conv_shape *s)
{
    return ((int64_t)s->out_w - 1) * s->stride_w + ((int64_t)s->filter_w - 1) * s->dilation_w + 1;
}

/* Integer images; fields as in tmoi_conv_s16, sums always have 32 bits (fewer than 512 taps when in_type
 * is int16). */
typedef struct tmoi_dwconv_s16 {
    tmoi_conv_shape shape;
    tmo_type in_type;
    const void *in;
    const int32_t *zero_points;
    const int16_t *filter; /* [filter_h, filter_w, out_c] */
    tmoi_requant requant;
    bool hybrid;
    const float *image_scales, *scales, *bias;
    float low, high;
    void *out;
    tmoi_dwconv_s16_function kernel;
} tmoi_dwconv_s16;

/* rows: filter_h · tmoi_dwconv_row_pixels() · in_c elements; pointers: filter_h; sums: out_w · out_c. */
void tmoi_dwconv_s16_run(const tmoi_dwconv_s16 *conv, int64_t row_begin, int64_t row_end, int16_t *rows,
                         const int16_t **pointers, int32_t *sums);

#endif
