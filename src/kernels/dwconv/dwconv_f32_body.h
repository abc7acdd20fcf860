/* Float depthwise convolution in vectors: the body of the kernels. The including file defines
 *
 *   lanes_f32                                  eight floats
 *   load_lanes(from), store_lanes(to, lanes)
 *   add_product(sum, x, weight)                sum + x · weight
 *   clamp_lanes(x, low, high)
 *   WIDE_TILE                                  8, or 4 where that takes too many registers
 *   KERNEL                                     the kernel's name
 *
 * Tiles have WIDE_TILE or four pixels by eight channels. In the loops over rows of taps each input column is loaded once for all
 * pixels that see it. Single pixels take several vectors of channels at a time instead. */
#include <string.h>

#include "base/compiler.h"
#include "kernels/dwconv/dwconv.h"

enum { LANES = TMOI_DWCONV_LANES, TILE = TMOI_DWCONV_TILE, MOST_COLUMNS = 5 };

/* Input column x of a row goes into the pixels that see it. Sizes are known when compiling. */
static TMOI_ALWAYS_INLINE void add_column(lanes_f32 in, int32_t x, int32_t pixels, int32_t columns,
                                          int32_t stride, const lanes_f32 *weight, lanes_f32 *sums)
{
    TMOI_UNROLL
    for (int32_t k = 0; k < columns; k++) {
        const int32_t p = (x - k) / stride;
        if (x >= k && p < pixels && p * stride + k == x) sums[p] = add_product(sums[p], in, weight[k]);
    }
}

static TMOI_ALWAYS_INLINE void add_row(const float *in, ptrdiff_t step, int32_t pixels, int32_t columns,
                                       int32_t stride, const float *weights, lanes_f32 *sums)
{
    lanes_f32 weight[MOST_COLUMNS];
    TMOI_UNROLL
    for (int32_t k = 0; k < columns; k++) weight[k] = load_lanes(weights + k * LANES);
    TMOI_UNROLL
    for (int32_t x = 0; x < columns - stride; x++)
        add_column(load_lanes(in + x * step), x, pixels, columns, stride, weight, sums);
    TMOI_UNROLL
    for (int32_t p = 0; p < pixels; p++) {
        TMOI_UNROLL
        for (int32_t x = (p - 1) * stride + columns; x < p * stride + columns; x++)
            add_column(load_lanes(in + x * step), x, pixels, columns, stride, weight, sums);
    }
}

static TMOI_ALWAYS_INLINE void add_tap(const float *in, ptrdiff_t step, int32_t pixels, const float *weights,
                                       lanes_f32 *sums)
{
    const lanes_f32 weight = load_lanes(weights);
    for (int32_t p = 0; p < pixels; p++) sums[p] = add_product(sums[p], load_lanes(in + p * step), weight);
}

/* All channels of a tile from `at` on behind the taps; columns 0: a list of taps. */
static TMOI_ALWAYS_INLINE void compute_tile(const tmoi_dwconv_f32 *layer, const float *const *taps,
                                            ptrdiff_t at, int32_t pixels, int32_t columns, int32_t stride,
                                            float *out)
{
    const ptrdiff_t column_step = layer->grid.column_step, pixel_step = layer->grid.pixel_step,
                    out_step = layer->grid.out_step;
    const int32_t blocks = tmoi_dwconv_blocks(&layer->grid),
                  pointers = columns ? layer->grid.rows : layer->grid.rows * layer->grid.columns;
    const tmoi_dwconv_f32 own = *layer; /* which no store reaches */
    const float *weights = layer->weights;
    for (int32_t block = 0; block < blocks; block++) {
        const ptrdiff_t channel = tmoi_dwconv_channel(&own.grid, block);
        const lanes_f32 bias = load_lanes(own.bias + channel);
        lanes_f32 sums[WIDE_TILE];
        for (int32_t p = 0; p < pixels; p++) sums[p] = bias;
        for (int32_t t = 0; t < pointers; t++) {
            const float *in = taps[t] + at + channel;
            if (columns)
                add_row(in, column_step, pixels, columns, stride, weights, sums);
            else
                add_tap(in, pixel_step, pixels, weights, sums);
            weights += columns ? columns * LANES : LANES;
        }
        for (int32_t p = 0; p < pixels; p++)
            store_lanes(out + p * out_step + channel, clamp_lanes(sums[p], own.low, own.high));
    }
}

/* A row of tiles, of which the last may overlap the one before: wide ones, and a narrow one where that does. */
static TMOI_ALWAYS_INLINE void compute_tiles(const tmoi_dwconv_f32 *layer, const float *const *taps,
                                             int32_t pixels, int32_t columns, int32_t stride, float *out)
{
    const ptrdiff_t step = layer->grid.pixel_step, out_step = layer->grid.out_step;
    int32_t p = 0, left = pixels;
    while (left > TILE && pixels >= WIDE_TILE) {
        p = left >= WIDE_TILE ? p : pixels - WIDE_TILE;
        compute_tile(layer, taps, p * step, WIDE_TILE, columns, stride, out + p * out_step);
        p += WIDE_TILE;
        left = pixels - p;
    }
    while (left > 0) {
        p = left >= TILE ? p : pixels - TILE;
        compute_tile(layer, taps, p * step, TILE, columns, stride, out + p * out_step);
        p += TILE;
        left = pixels - p;
    }
}

#define TILES(name, columns, stride)                                                                     \
    static void name(const tmoi_dwconv_f32 *layer, const float *const *taps, int32_t pixels, float *out) \
    {                                                                                                    \
        compute_tiles(layer, taps, pixels, columns, stride, out);                                        \
    }
TILES(rows_of_3, 3, 1)
TILES(rows_of_3_by_2, 3, 2)
TILES(rows_of_5, 5, 1)
TILES(rows_of_5_by_2, 5, 2)
TILES(lists, 0, 0)

/* ---- single pixels ---- */

/* `count` vectors of channels from a block on. Beyond the last block, it is computed again. */
static TMOI_ALWAYS_INLINE void compute_blocks(const tmoi_dwconv_f32 *layer, const float *const *taps,
                                              ptrdiff_t at, int32_t first, int32_t count, float *out)
{
    enum { MOST = 4 };
    const int32_t slots = layer->grid.rows * layer->grid.columns, last = tmoi_dwconv_blocks(&layer->grid) - 1;
    const float *weights[MOST];
    ptrdiff_t channel[MOST];
    lanes_f32 sums[MOST];
    for (int32_t b = 0; b < count; b++) {
        const int32_t block = first + b < last ? first + b : last;
        channel[b] = tmoi_dwconv_channel(&layer->grid, block);
        weights[b] = layer->weights + (ptrdiff_t)block * slots * LANES;
        sums[b] = load_lanes(layer->bias + channel[b]);
    }
    for (ptrdiff_t s = 0; s < slots; s++)
        for (int32_t b = 0; b < count; b++)
            sums[b] = add_product(sums[b], load_lanes(taps[s] + at + channel[b]),
                                  load_lanes(weights[b] + s * LANES));
    for (int32_t b = 0; b < count; b++)
        store_lanes(out + channel[b], clamp_lanes(sums[b], layer->low, layer->high));
}

static void compute_pixel(const tmoi_dwconv_f32 *layer, const float *const *taps, ptrdiff_t at, float *out)
{
    const int32_t blocks = tmoi_dwconv_blocks(&layer->grid);
    int32_t block = 0;
    for (; blocks - block > 2; block += 4) compute_blocks(layer, taps, at, block, 4, out);
    if (block < blocks) compute_blocks(layer, taps, at, block, 2, out);
}

/* Fewer channels than a vector has. */
static void compute_few(const tmoi_dwconv_f32 *layer, const float *const *taps, ptrdiff_t at, float *out)
{
    float lanes[LANES];
    compute_blocks(layer, taps, at, 0, 1, lanes);
    memcpy(out, lanes, (size_t)layer->grid.channels * sizeof *out);
}

static void compute_pixels(const tmoi_dwconv_f32 *layer, const float *const *taps, int32_t pixels, float *out)
{
    const ptrdiff_t step = layer->grid.pixel_step, out_step = layer->grid.out_step;
    for (int32_t p = 0; p < pixels; p++) {
        if (layer->grid.channels < LANES)
            compute_few(layer, taps, p * step, out + p * out_step);
        else
            compute_pixel(layer, taps, p * step, out + p * out_step);
    }
}

void KERNEL(const tmoi_dwconv_f32 *layer, tmoi_dwconv_mode mode, const float *const *taps, int32_t pixels,
            float *out)
{
    const bool near = layer->grid.pixel_step == layer->grid.column_step;
    if (pixels < TILE || layer->grid.channels < LANES)
        compute_pixels(layer, taps, pixels, out);
    else if (mode == TMOI_DWCONV_LIST)
        lists(layer, taps, pixels, out);
    else if (layer->grid.columns == 3)
        (near ? rows_of_3 : rows_of_3_by_2)(layer, taps, pixels, out);
    else
        (near ? rows_of_5 : rows_of_5_by_2)(layer, taps, pixels, out);
}
