/* Integer convolution of 2-D images without patches: each input row is copied once, in the form that the kernel wants and with
 * its padding, into a ring of rows. A pixel's terms under one filter row then lie side by side there, and the pixels of an
 * output row are the rows of a product, stride_w · in_c elements apart. */
#ifndef TMOI_KERNELS_CONV_CONV_S8_H
#define TMOI_KERNELS_CONV_CONV_S8_H

#include "kernels/conv/conv.h"
#include "kernels/gemm_s8/product.h"

typedef struct tmoi_conv_s8 {
    tmoi_conv_shape shape; /* depth 1 */
    /* Of one group; the panels of the groups follow each other. Its segments are those of tmoi_conv_s8_segments(). */
    tmoi_gemm_s8_product product;
    /* The image, and how it is read; rows_per_scale is not used: scales belong to images. */
    tmoi_gemm_s8_matrix image;
    void *out;
} tmoi_conv_s8;

/* Segments and their terms: a filter row where channels and columns lie side by side, else a tap. */
void tmoi_conv_s8_segments(const tmoi_conv_shape *shape, int32_t *segments, int32_t *terms);

/* How many output rows to take at a time, so that a panel serves enough pixels. */
int32_t tmoi_conv_s8_tile_rows(const tmoi_conv_shape *shape);
/* Bytes of scratch memory that a thread needs; 0 when the size does not fit. */
size_t tmoi_conv_s8_scratch_bytes(const tmoi_conv_s8 *conv);

/* The output rows [row_begin, row_end), numbered (n, oy). `finished` (may be NULL) is told of each piece of pixels that is done. */
void tmoi_conv_s8_rows(const tmoi_conv_s8 *conv, int64_t row_begin, int64_t row_end, void *scratch,
                       void (*finished)(const void *user, int64_t pixel_begin, int64_t pixel_end),
                       const void *user);

#endif
