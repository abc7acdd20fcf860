/* Float convolution by matrix products that read the image where it lies: each pixel's patch is a list of pointers. */
#ifndef TMOI_KERNELS_CONV_CONV_F32_H
#define TMOI_KERNELS_CONV_CONV_F32_H

#include "kernels/conv/conv.h"
#include "kernels/gemm_f32/gemm_f32.h"

typedef struct tmoi_conv_f32 {
    tmoi_conv_shape shape;
    const tmoi_gemm_f32_kernel *gemm;
    tmoi_widen_fp16_function widen; /* of a float16 filter; NULL: of floats */
    int32_t
        residual_channels; /* of the tail's residual, where it has fewer than out_c; without groups. Or 0 */
    /* Set by tmoi_conv_f32_plan(): */
    bool is_matrix;      /* the image is the matrix of patches: 1x1 with stride 1 */
    bool by_rows;        /* a tap is a row of the filter, for images with few channels; else one pixel */
    int32_t taps, terms; /* of a patch */
    int32_t block;       /* pixels at a time */
    /* Of this run: */
    const float *in;
    const void *filter; /* [groups], each [K, out_c / groups] packed */
    const float *bias;  /* [out_c] or NULL */
    float low, high;
} tmoi_conv_f32;

/* What follows from what is set before; K fits in 31 bits. */
void tmoi_conv_f32_plan(tmoi_conv_f32 *conv);
/* False when it does not fit in size_t. */
bool tmoi_conv_f32_scratch_bytes(const tmoi_conv_f32 *conv, size_t *bytes);

/* Where results go: those of the channels [first, first + count) of consecutive pixels, `stride` elements apart from `out`
 * on. Parts of the channels only without groups, and `first` is a multiple of the panels' lanes. The tail's residual begins
 * where `out` does; its slopes are those of all channels. A residual of fewer channels begins with the first of them, is as dense
 * as its channels, and those that it has not count as zeros. */
typedef struct tmoi_conv_f32_target {
    float *out;
    ptrdiff_t stride;
    int32_t first, count;
    tmoi_gemm_f32_tail tail;
} tmoi_conv_f32_target;

/* Any number of pixels from `pixel` on. scratch is aligned to 64 bytes. */
void tmoi_conv_f32_run(const tmoi_conv_f32 *conv, int64_t pixel, int64_t count,
                       const tmoi_conv_f32_target *target, void *scratch);

#endif
