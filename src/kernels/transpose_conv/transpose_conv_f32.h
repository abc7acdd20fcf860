/* Float transposed convolution (see transpose_conv_s8.h) without adding to memory: the output pixels whose positions are equal
 * modulo the strides are a convolution with stride 1 by those taps of the filter that reach them. */
#ifndef TMOI_KERNELS_TRANSPOSE_CONV_TRANSPOSE_CONV_F32_H
#define TMOI_KERNELS_TRANSPOSE_CONV_TRANSPOSE_CONV_F32_H

#include "kernels/conv/conv_f32.h"

typedef struct tmoi_transpose_conv_f32 {
    tmoi_conv_shape shape; /* of the operator: in_* is its input; one group */
    const tmoi_gemm_f32_kernel *gemm;
    const float *in;
    const float *filter; /* packed by tmoi_transpose_conv_f32_pack() */
    const float *bias;   /* [out_c] or NULL */
    float low, high;
    float *out;
} tmoi_transpose_conv_f32;

/* Elements of the packed filter. */
int64_t tmoi_transpose_conv_f32_filter_size(const tmoi_transpose_conv_f32 *conv);
/* Weights of channels (i, o) of tap (kd, ky, kx) in row-major order at element tap · tap_stride + i · k_stride +
 * o · n_stride. out: zeroed. */
void tmoi_transpose_conv_f32_pack(const tmoi_transpose_conv_f32 *conv, const tmoi_gemm_f32_weights *weights,
                                  ptrdiff_t tap_stride, float *out);

/* False when it does not fit in size_t. */
bool tmoi_transpose_conv_f32_scratch_bytes(const tmoi_transpose_conv_f32 *conv, size_t *bytes);
/* The output row number `row`, of (n, od, oy). scratch is aligned to 64 bytes. */
void tmoi_transpose_conv_f32_row(const tmoi_transpose_conv_f32 *conv, int64_t row, void *scratch);

#endif
