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

#include "kernels/gemm/gemm.h"
#include "kernels/requant/requant.h"

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

/* How many pixels to compute at a time so that patches and sums stay in the first cache; and whether
 * patches are needed at all (not for 1x1 filters that read the image as it lies). */
int32_t tmoi_conv_tile(const tmoi_conv_shape *shape, size_t elem_bytes, size_t sum_bytes);
bool tmoi_conv_is_direct(const tmoi_conv_shape *shape);

/* Copies the patches of `count` pixels of one group, [count, K]; zeros outside the image. From int8, uint8 or int16
 * images, minus the zero point of each image (zero_points[n], or zero_points[0]
 * for all when `per_image` is false). */
void tmoi_conv_patches_s16(const tmoi_conv_shape *shape, int32_t group, tmo_type type, const void *in,
                           const int32_t *zero_points, bool per_image, int64_t pixel, int32_t count,
                           int16_t *out);

/* Integer images and filters; the output is requantized, or float when the operator is hybrid. */
typedef struct tmoi_conv_s16 {
    tmoi_conv_shape shape;
    tmo_type in_type; /* int8, uint8 or int16 */
    const void *in;
    const int32_t *zero_points; /* of the input; one an image when hybrid */
    const int16_t *filter;      /* [out_c, K], zero point subtracted, |filter| <= 255 */
    bool wide_sums;             /* 64-bit sums */
    tmoi_requant requant;       /* when not hybrid */
    bool hybrid;
    const float *image_scales; /* hybrid: [batch] */
    const float *scales;       /* hybrid: [out_c] */
    const float *bias;         /* hybrid: [out_c] or NULL */
    float low, high;           /* hybrid */
    void *out;
    int32_t tile;
    tmoi_gemm_s16_function gemm;
    tmoi_gemm_s16s64_function gemm_wide;
} tmoi_conv_s16;

/* patches: tile · K elements; sums: tile · out_c / groups of int32_t, or int64_t when wide_sums. */
void tmoi_conv_s16_run(const tmoi_conv_s16 *conv, int64_t pixel_begin, int64_t pixel_end, int16_t *patches,
                       void *sums);

#endif
