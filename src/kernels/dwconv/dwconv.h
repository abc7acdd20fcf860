/* Depthwise 2-D convolution, channels last; out_c is a multiple M of in_c.
 *
 *   out[n,oy,ox,c·M+m] = bias[c·M+m]
 *                      + Σ_{ky,kx} in[n, oy·sy + ky·dy − top, ox·sx + kx·dx − left, c] · filter[ky,kx,c·M+m]
 *
 * Taps outside the image count as real zeros. Source: TFLite reference_ops::DepthwiseConv and
 * reference_integer_ops::DepthwiseConvPerChannel.
 *
 * A kernel computes neighbouring pixels of one output row for all channels, and knows no edges: it is given pointers
 * to the input under the taps of the first pixel, and the runner (dwconv_run.h) lets those outside the image point to
 * padding. It reads whole vectors of TMOI_DWCONV_LANES channels; the last one ends at the last channel and may overlap
 * the one before it. With fewer channels than that, as many elements can be read behind each tap.
 *
 * The taps form a grid of rows and columns: that of the filter where kernels have a loop for its width (float and int8),
 * which uses each input column for several output pixels; else one column of filter_h · filter_w taps. */
#ifndef TMOI_KERNELS_DWCONV_DWCONV_H
#define TMOI_KERNELS_DWCONV_DWCONV_H

#include "kernels/requant/requant.h"

enum {
    TMOI_DWCONV_LANES = 8,
    TMOI_DWCONV_TILE = 4 /* the fewest pixels that a kernel computes at once */
};

typedef struct tmoi_dwconv_grid {
    int32_t channels;      /* of the output, or of a slice of it */
    int32_t rows, columns; /* columns: 1, 3 or 5 */
    /* Elements from tap to tap in a row and from pixel to pixel, of the input and of the output. With columns > 1, pixel_step is
     * column_step or twice that. */
    ptrdiff_t column_step, pixel_step, out_step;
} tmoi_dwconv_grid;

/* How a kernel is given the taps of the first pixel:
 *   TMOI_DWCONV_LIST   taps[s], a pointer for each slot of the packed weights, in their order
 *   TMOI_DWCONV_ROWS   taps[r], the first tap of each row; the others lie column_step further. Only with columns > 1, eight
 *                      channels and pixels >= TMOI_DWCONV_TILE */
typedef enum tmoi_dwconv_mode { TMOI_DWCONV_LIST, TMOI_DWCONV_ROWS } tmoi_dwconv_mode;

/* weights: a block for each vector of channels,
 *
 *   block b   [rows][columns][8]   channels from tmoi_dwconv_channel(b) on, a slot for each tap */
typedef struct tmoi_dwconv_f32 {
    tmoi_dwconv_grid grid;
    const float *weights;
    const float *bias; /* [channels], at least 8 */
    float low, high;
} tmoi_dwconv_f32;

/* out[p,c] = min(high, max(low, bias[c] + Σ in · weight)), p < pixels. No alignment is needed. */
typedef void (*tmoi_dwconv_f32_function)(const tmoi_dwconv_f32 *layer, tmoi_dwconv_mode mode,
                                         const float *const *taps, int32_t pixels, float *out);

/* weights: rows in pairs, for instructions that multiply and add two neighbours,
 *
 *   block b   [(rows + 1) / 2][columns][8][2]   channels from tmoi_dwconv_channel(b) on; two slots for each pair
 *
 * where the partner of an odd last row has weights of 0 (and, in a list of taps, any pointer). */
typedef struct tmoi_dwconv_integer {
    tmoi_dwconv_grid grid;
    const int16_t *weights; /* |weight| <= 255 */
    const int32_t *start;   /* [channels], at least 8, as are the next two */
    const float *scale;
    const float *bias;
    tmo_type out_type;
    tmoi_requant requant; /* its type, zero point and bounds */
    float low, high;      /* of float outputs */
} tmoi_dwconv_integer;

/* With sum[p,c] = start[c] + Σ in · weight, modulo 2^32, out[p,c] is by out_type
 *   int32                  sum
 *   int8, uint8, int16     tmoi_requant_value(sum, scale[c])
 *   float32                min(high, max(low, (float)sum · scale[c] + bias[c]))
 * Result  the same bits on every instruction set. */
typedef void (*tmoi_dwconv_integer_function)(const tmoi_dwconv_integer *layer, tmoi_dwconv_mode mode,
                                             const void *const *taps, int32_t pixels, void *out);
typedef tmoi_dwconv_integer_function tmoi_dwconv_s8_function;
typedef tmoi_dwconv_integer_function tmoi_dwconv_u8_function;
typedef tmoi_dwconv_integer_function tmoi_dwconv_s16_function;

#define TMOI_DWCONV_F32(isa)                                                        \
    void tmoi_dwconv_f32_##isa(const tmoi_dwconv_f32 *layer, tmoi_dwconv_mode mode, \
                               const float *const *taps, int32_t pixels, float *out);
#define TMOI_DWCONV_INTEGER(isa)                                                        \
    void tmoi_dwconv_s8_##isa(const tmoi_dwconv_integer *layer, tmoi_dwconv_mode mode,  \
                              const void *const *taps, int32_t pixels, void *out);      \
    void tmoi_dwconv_u8_##isa(const tmoi_dwconv_integer *layer, tmoi_dwconv_mode mode,  \
                              const void *const *taps, int32_t pixels, void *out);      \
    void tmoi_dwconv_s16_##isa(const tmoi_dwconv_integer *layer, tmoi_dwconv_mode mode, \
                               const void *const *taps, int32_t pixels, void *out);
TMOI_DWCONV_F32(c)
TMOI_DWCONV_F32(avx2)
TMOI_DWCONV_F32(neon)
TMOI_DWCONV_F32(simd128)
TMOI_DWCONV_INTEGER(c)
TMOI_DWCONV_INTEGER(avx2)
TMOI_DWCONV_INTEGER(avxvnni)
TMOI_DWCONV_INTEGER(avx512vnni)
TMOI_DWCONV_INTEGER(neon)
TMOI_DWCONV_INTEGER(simd128)
#undef TMOI_DWCONV_F32
#undef TMOI_DWCONV_INTEGER

/* Vectors of channels, and the first channel of one. */
static inline int32_t tmoi_dwconv_blocks(const tmoi_dwconv_grid *grid)
{
    return (grid->channels + TMOI_DWCONV_LANES - 1) / TMOI_DWCONV_LANES;
}

static inline int32_t tmoi_dwconv_channel(const tmoi_dwconv_grid *grid, int32_t block)
{
    int32_t first = block * TMOI_DWCONV_LANES, last = grid->channels - TMOI_DWCONV_LANES;
    return first < last ? first : last < 0 ? 0 : last;
}

/* Slots of the packed weights: pointers in a list of taps. */
static inline int64_t tmoi_dwconv_slots_f32(const tmoi_dwconv_grid *grid)
{
    return (int64_t)grid->rows * grid->columns;
}

static inline int64_t tmoi_dwconv_slots_integer(const tmoi_dwconv_grid *grid)
{
    return ((int64_t)grid->rows + 1) / 2 * 2 * grid->columns;
}

#endif
