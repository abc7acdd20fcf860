/* 2-D convolution, NHWC.
 *
 *   out[n,oy,ox,o] = act(bias[o] + Σ_{ky,kx,i} in[n, oy·sy + ky·dy − top, ox·sx + kx·dx − left, g·I + i] · filter[o,ky,kx,i])
 *
 * where g is the group of o; taps outside the image count as zero. Source: TFLite reference_ops::Conv and
 * reference_integer_ops::ConvPerChannel. */
#ifndef TMOI_KERNELS_CONV_CONV_H
#define TMOI_KERNELS_CONV_CONV_H

#include <stdint.h>

typedef struct tmoi_conv_shape {
    int32_t batch, in_h, in_w, in_c;
    int32_t filter_h, filter_w, filter_c; /* filter_c = in_c / groups */
    int32_t out_h, out_w, out_c;
    int32_t stride_h, stride_w, dilation_h, dilation_w;
    int32_t pad_top, pad_left;
} tmoi_conv_shape;

/* in [batch, in_h, in_w, in_c], filter [out_c, filter_h, filter_w, filter_c], bias [out_c] or NULL, out [batch, out_h, out_w,
 * out_c]. Computes the output rows [row_begin, row_end) of batch * out_h; different ranges may run at the same time. */
typedef void (*tmoi_conv_f32_function)(const tmoi_conv_shape *shape, const float *in, const float *filter, const float *bias,
                                       float low, float high, float *out, int64_t row_begin, int64_t row_end);

void tmoi_conv_f32_c(const tmoi_conv_shape *shape, const float *in, const float *filter, const float *bias, float low,
                     float high, float *out, int64_t row_begin, int64_t row_end);

#endif
