/* Convolution over up to three spatial dimensions, channels last, as a matrix product of patches and filters.
 *
 *   out[n,p,o] = Σ_{t,i} in[n, p·stride + t·dilation − before, g·I + i] · filter[o,t,i]
 *
 * where p and t run over depth, height and width, and g is the group of o; taps outside the image count as
 * real zeros. A 2-D image has depth 1. "Pixel" below is the number of an output position, (n, od, oy, ox) in
 * row-major order; different ranges of pixels may run at the same time.
 * Source: TFLite reference_ops::Conv, reference_integer_ops::ConvPerChannel, reference_ops::Conv3D. */
#ifndef TMOI_KERNELS_CONV_CONV_H
#define TMOI_KERNELS_CONV_CONV_H

#include <stdbool.h>
#include <stdint.h>

typedef struct tmoi_conv_shape {
    int32_t batch, in_d, in_h, in_w, in_c;
    int32_t filter_d, filter_h, filter_w, filter_c; /* filter_c = in_c / groups */
    int32_t out_d, out_h, out_w, out_c;
    int32_t stride_d, stride_h, stride_w, dilation_d, dilation_h, dilation_w;
    int32_t pad_front, pad_top, pad_left;
} tmoi_conv_shape;

static inline int32_t tmoi_conv_groups(const tmoi_conv_shape *s)
{
    return s->in_c / s->filter_c;
}

/* K: the terms of one sum. */
static inline int64_t tmoi_conv_patch_size(const tmoi_conv_shape *s)
{
    return (int64_t)s->filter_d * s->filter_h * s->filter_w * s->filter_c;
}

static inline int64_t tmoi_conv_image_pixels(const tmoi_conv_shape *s)
{
    return (int64_t)s->out_d * s->out_h * s->out_w;
}

/* Whether the patches lie one after another in the image: 1x1 filters that read every pixel. */
bool tmoi_conv_is_direct(const tmoi_conv_shape *shape);

#endif
