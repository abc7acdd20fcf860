/* Convolution with stride 1 and a filter that is 3 long along one axis or both, with fewer products: Winograd's F(4, 3).
 *
 * Four outputs along an axis and the six inputs under them are a tile. With d the six inputs, g the three weights,
 *
 *   y = Aᵀ [(G g) ∘ (Bᵀ d)]
 *
 * takes 6 products in place of 12; along two axes, 36 in place of 144. Summed over input channels, each of the 6 or 36 points
 * is a matrix product of its own, of tiles and filters. An axis on which the filter is 1 long has tiles 1 long.
 * Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015, with the points 0, ±1, ±2 and infinity.
 *
 * Errors are some ten times those of plain sums, 1e-5 of the largest result. */
#ifndef TMOI_KERNELS_WINOGRAD_WINOGRAD_H
#define TMOI_KERNELS_WINOGRAD_WINOGRAD_H

#include "kernels/conv/conv.h"
#include "kernels/gemm_f32/gemm_f32.h"

enum { TMOI_WINOGRAD_IN = 6, TMOI_WINOGRAD_OUT = 4, TMOI_WINOGRAD_POINTS = 36 };

/* One tile of `points_h` x `points_w` points, 6 or 1 each, and as many inputs; its outputs are 4 for 6, 1 for 1. All are
 * row-major. */
typedef struct tmoi_winograd_tile {
    int32_t points_h, points_w, channels;
    /* Forward: point p of channel c to points[p · point_step + c]. Lanes up to a multiple of TMOI_WINOGRAD_PAD are written. */
    const float *const *in; /* where the channels of each input lie */
    float *points;
    ptrdiff_t point_step;
    /* Back, from the same place: out = min(high, max(low, bias + y)). */
    float *const *out;
    const float *bias; /* [channels] or NULL */
    float low, high;
} tmoi_winograd_tile;

enum { TMOI_WINOGRAD_PAD = 16 };

/* Results of a channel do not depend on its neighbours. */
typedef struct tmoi_winograd_kernel {
    void (*forward)(const tmoi_winograd_tile *tile);
    void (*back)(const tmoi_winograd_tile *tile);
} tmoi_winograd_kernel;
typedef const tmoi_winograd_kernel *(*tmoi_winograd_f32_function)(void);

const tmoi_winograd_kernel *tmoi_winograd_f32_c(void);
const tmoi_winograd_kernel *tmoi_winograd_f32_avx2(void);
const tmoi_winograd_kernel *tmoi_winograd_f32_avx512(void);
const tmoi_winograd_kernel *tmoi_winograd_f32_neon(void);
const tmoi_winograd_kernel *tmoi_winograd_f32_simd128(void);

/* ---- whole convolutions ---- */

typedef struct tmoi_winograd_conv {
    tmoi_conv_shape shape; /* depth 1 */
    const tmoi_winograd_kernel *transforms;
    const tmoi_gemm_f32_kernel *gemm;
    /* Set by tmoi_winograd_plan(): */
    int32_t points_h, points_w; /* of a tile */
    int32_t tiles_h, tiles_w;   /* of an image */
    int32_t block;              /* tiles at a time */
    /* Of this run: */
    const float *in;
    const float *filter; /* [points][C, N packed], by tmoi_winograd_pack() */
    const float *bias;   /* [out_c] or NULL */
    float low, high;
    float *out;
} tmoi_winograd_conv;

/* Whether it can be used, and then takes clearly fewer operations than plain sums. */
bool tmoi_winograd_pays(const tmoi_conv_shape *shape);
void tmoi_winograd_plan(tmoi_winograd_conv *conv);

/* Elements of the packed filter. */
int64_t tmoi_winograd_filter_size(const tmoi_winograd_conv *conv);
/* The filter is [out_c, filter_h, filter_w, in_c], of floats, float16, or integers with `scale` [out_c]. out: zeroed. */
void tmoi_winograd_pack(const tmoi_winograd_conv *conv, tmo_type type, const void *filter, const float *scale,
                        float *out);

/* The tiles that hold the output rows [row_begin, row_end), of n · out_h + oy. */
void tmoi_winograd_tiles_of_rows(const tmoi_winograd_conv *conv, int64_t row_begin, int64_t row_end,
                                 int64_t *begin, int64_t *end);

/* False when it does not fit in size_t. */
bool tmoi_winograd_scratch_bytes(const tmoi_winograd_conv *conv, size_t *bytes);
/* What a run computes: the tiles [begin, end), numbered by image, row and column, and of their outputs those in the rows
 * [row_begin, row_end). `done` is called with each range of pixels that is ready. */
typedef struct tmoi_winograd_part {
    int64_t begin, end, row_begin, row_end;
    void (*done)(const void *user, int64_t pixel_begin, int64_t pixel_end);
    const void *user;
} tmoi_winograd_part;

/* scratch is aligned to 64 bytes. */
void tmoi_winograd_run(const tmoi_winograd_conv *conv, const tmoi_winograd_part *part, void *scratch);

#endif
