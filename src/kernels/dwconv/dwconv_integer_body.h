/* Integer depthwise convolution in vectors: the body of the kernels. The including file defines
 *
 *   sum_lanes, pair_lanes, weight_lanes        eight sums; eight channels under two taps; the weights of those
 *   input S8, U8, S16                          what the input is
 *   load_sums(from), load_weights(from)
 *   pairs_of(type, upper, lower, at)           eight channels of two taps, `at` elements behind the pointers
 *   single(type, tap, at)                      those of one
 *   add_products(sums, pairs, weights)         sums and both products, modulo 2^32
 *   add_product(sums, single, weights)         sums and the upper one
 *   store(layer, channel, vectors, sums, out, step)   results of one vector, or of a multiple of four, `step` elements apart
 *   WIDE_TILE                                  8, or 4 where that takes too many registers
 *   KERNEL(type)                               the kernel's name for a type of input
 *
 * Tiles have WIDE_TILE or four pixels by eight channels. In the loops over rows of taps a window moves along the input columns,
 * so the two taps below each other are brought together once for all pixels that see a column. Single pixels take several
 * vectors of channels at a time instead. */
#include <string.h>

#include "base/compiler.h"
#include "kernels/dwconv/dwconv.h"

enum { LANES = TMOI_DWCONV_LANES, TILE = TMOI_DWCONV_TILE, MOST_COLUMNS = 5 };

/* ---- sums ---- */

/* Eight channels under two rows of taps, or under the upper one alone. */
static TMOI_ALWAYS_INLINE pair_lanes column_of(input type, bool alone, const void *upper, const void *lower,
                                               ptrdiff_t at)
{
    return alone ? single(type, upper, at) : pairs_of(type, upper, lower, at);
}

/* Loops with fixed ends are unrolled, which makes registers of the arrays. */
static TMOI_ALWAYS_INLINE void add_rows(input type, bool alone, const void *upper, const void *lower,
                                        ptrdiff_t at, ptrdiff_t step, int32_t pixels, int32_t columns,
                                        int32_t stride, const int16_t *weights, sum_lanes *sums)
{
    pair_lanes window[MOST_COLUMNS];
    weight_lanes weight[MOST_COLUMNS];
    for (int32_t k = 0; k < columns; k++) weight[k] = load_weights(weights + k * 2 * LANES);
    for (int32_t k = 0; k < columns - stride; k++)
        window[k] = column_of(type, alone, upper, lower, at + k * step);
    for (int32_t p = 0; p < pixels; p++) {
        for (int32_t k = columns - stride; k < columns; k++)
            window[k] = column_of(type, alone, upper, lower, at + (p * stride + k) * step);
        for (int32_t k = 0; k < columns; k++)
            sums[p] = alone ? add_product(sums[p], window[k], weight[k])
                            : add_products(sums[p], window[k], weight[k]);
        for (int32_t k = 0; k < columns - stride; k++) window[k] = window[k + stride];
    }
}

/* All rows. Without its own code, as for wider filters, an odd last row is its own partner, with weights of 0. */
static TMOI_ALWAYS_INLINE void add_all_rows(input type, const tmoi_dwconv_grid *grid, const void *const *taps,
                                            ptrdiff_t at, int32_t pixels, int32_t columns, int32_t stride,
                                            const int16_t *weights, sum_lanes *sums)
{
    const ptrdiff_t step = grid->column_step;
    const bool odd_apart = columns == 3;
    const int32_t rows = grid->rows, last = rows - 1, paired = odd_apart ? last : rows;
    for (int32_t r = 0; r < paired; r += 2, weights += columns * 2 * LANES)
        add_rows(type, false, taps[r], taps[r < last ? r + 1 : r], at, step, pixels, columns, stride, weights,
                 sums);
    if (odd_apart && rows % 2)
        add_rows(type, true, taps[last], NULL, at, step, pixels, columns, stride, weights, sums);
}

static TMOI_ALWAYS_INLINE void add_list(input type, const tmoi_dwconv_grid *grid, const void *const *taps,
                                        ptrdiff_t at, int32_t pixels, const int16_t *weights, sum_lanes *sums)
{
    const ptrdiff_t step = grid->pixel_step, slots = (ptrdiff_t)tmoi_dwconv_slots_integer(grid);
    for (ptrdiff_t s = 0; s < slots; s += 2, weights += 2 * LANES) {
        const void *upper = taps[s], *lower = taps[s + 1];
        const weight_lanes weight = load_weights(weights);
        for (int32_t p = 0; p < pixels; p++)
            sums[p] = add_products(sums[p], pairs_of(type, upper, lower, at + p * step), weight);
    }
}

static ptrdiff_t out_bytes(const tmoi_dwconv_integer *layer)
{
    return layer->out_type == TMO_TYPE_INT32 || layer->out_type == TMO_TYPE_FLOAT32 ? 4
           : layer->out_type == TMO_TYPE_INT16                                      ? 2
                                                                                    : 1;
}

/* ---- tiles ---- */

/* All channels of a tile from `at` on behind the taps; columns 0: a list of taps. */
static TMOI_ALWAYS_INLINE void compute_tile(input type, const tmoi_dwconv_integer *layer,
                                            const void *const *taps, ptrdiff_t at, int32_t pixels,
                                            int32_t columns, int32_t stride, void *out)
{
    const tmoi_dwconv_grid *grid = &layer->grid;
    const ptrdiff_t block_size = (ptrdiff_t)tmoi_dwconv_slots_integer(grid) * LANES;
    const int32_t blocks = tmoi_dwconv_blocks(grid);
    const int16_t *weights = layer->weights;
    for (int32_t block = 0; block < blocks; block++, weights += block_size) {
        const ptrdiff_t channel = tmoi_dwconv_channel(grid, block);
        const sum_lanes start = load_sums(layer->start + channel);
        sum_lanes sums[WIDE_TILE], results[WIDE_TILE];
        for (int32_t p = 0; p < pixels; p++) sums[p] = start;
        if (columns)
            add_all_rows(type, grid, taps, at + channel, pixels, columns, stride, weights, sums);
        else
            add_list(type, grid, taps, at + channel, pixels, weights, sums);
        for (int32_t p = 0; p < pixels; p++) results[p] = sums[p];
        store(layer, channel, pixels, results, out, grid->out_step);
    }
}

/* A row of tiles, of which the last may overlap the one before: wide ones, and a narrow one where that does. */
static TMOI_ALWAYS_INLINE void compute_tiles(input type, const tmoi_dwconv_integer *layer,
                                             const void *const *taps, int32_t pixels, int32_t columns,
                                             int32_t stride, char *out)
{
    const ptrdiff_t step = layer->grid.pixel_step;
    const ptrdiff_t bytes = layer->grid.out_step * out_bytes(layer);
    int32_t p = 0, left = pixels;
    while (left > TILE && pixels >= WIDE_TILE) {
        p = left >= WIDE_TILE ? p : pixels - WIDE_TILE;
        compute_tile(type, layer, taps, p * step, WIDE_TILE, columns, stride, out + p * bytes);
        p += WIDE_TILE;
        left = pixels - p;
    }
    while (left > 0) {
        p = left >= TILE ? p : pixels - TILE;
        compute_tile(type, layer, taps, p * step, TILE, columns, stride, out + p * bytes);
        p += TILE;
        left = pixels - p;
    }
}

#define TILES(name, type, columns, stride)                                                                 \
    static void name(const tmoi_dwconv_integer *layer, const void *const *taps, int32_t pixels, void *out) \
    {                                                                                                      \
        compute_tiles(type, layer, taps, pixels, columns, stride, out);                                    \
    }
TILES(rows_of_3, S8, 3, 1)
TILES(rows_of_3_by_2, S8, 3, 2)
TILES(rows_of_5, S8, 5, 1)
TILES(rows_of_5_by_2, S8, 5, 2)

/* ---- single pixels ---- */

/* `count` vectors of channels from a block on. Beyond the last block, it is computed again. */
static TMOI_ALWAYS_INLINE void compute_blocks(input type, const tmoi_dwconv_integer *layer,
                                              const void *const *taps, ptrdiff_t at, int32_t first,
                                              int32_t count, void *out)
{
    enum { MOST = 4 };
    const tmoi_dwconv_grid *grid = &layer->grid;
    const ptrdiff_t slots = (ptrdiff_t)tmoi_dwconv_slots_integer(grid);
    const int32_t last = tmoi_dwconv_blocks(grid) - 1;
    const int16_t *weights[MOST];
    ptrdiff_t channel[MOST];
    sum_lanes sums[MOST], results[MOST];
    for (int32_t b = 0; b < count; b++) {
        const int32_t block = first + b < last ? first + b : last;
        channel[b] = tmoi_dwconv_channel(grid, block);
        weights[b] = layer->weights + block * slots * LANES;
        sums[b] = load_sums(layer->start + channel[b]);
    }
    for (ptrdiff_t s = 0; s < slots; s += 2)
        for (int32_t b = 0; b < count; b++)
            sums[b] = add_products(sums[b], pairs_of(type, taps[s], taps[s + 1], at + channel[b]),
                                   load_weights(weights[b] + s * LANES));
    for (int32_t b = 0; b < count; b++) results[b] = sums[b];
    for (int32_t b = 0; b < count; b++) store(layer, channel[b], 1, &results[b], out, 0);
}

/* Fewer channels than a vector has. */
static TMOI_ALWAYS_INLINE void compute_few(input type, const tmoi_dwconv_integer *layer,
                                           const void *const *taps, ptrdiff_t at, void *out)
{
    char lanes[LANES * sizeof(int32_t)];
    compute_blocks(type, layer, taps, at, 0, 1, lanes);
    memcpy(out, lanes, (size_t)(layer->grid.channels * out_bytes(layer)));
}

static TMOI_ALWAYS_INLINE void compute_pixels(input type, const tmoi_dwconv_integer *layer,
                                              const void *const *taps, int32_t pixels, char *out)
{
    const int32_t blocks = tmoi_dwconv_blocks(&layer->grid);
    const ptrdiff_t bytes = layer->grid.out_step * out_bytes(layer);
    for (int32_t p = 0; p < pixels; p++, out += bytes) {
        const ptrdiff_t at = p * layer->grid.pixel_step;
        int32_t block = 0;
        if (layer->grid.channels < LANES) {
            compute_few(type, layer, taps, at, out);
            continue;
        }
        for (; blocks - block > 2; block += 4) compute_blocks(type, layer, taps, at, block, 4, out);
        if (block < blocks) compute_blocks(type, layer, taps, at, block, 2, out);
    }
}

/* ---- kernels ---- */

static TMOI_ALWAYS_INLINE void compute_list(input type, const tmoi_dwconv_integer *layer,
                                            const void *const *taps, int32_t pixels, void *out)
{
    if (pixels < TILE || layer->grid.channels < LANES)
        compute_pixels(type, layer, taps, pixels, out);
    else
        compute_tiles(type, layer, taps, pixels, 0, 0, out);
}

void KERNEL(s8)(const tmoi_dwconv_integer *layer, tmoi_dwconv_mode mode, const void *const *taps,
                int32_t pixels, void *out)
{
    const bool near = layer->grid.pixel_step == layer->grid.column_step;
    if (mode == TMOI_DWCONV_LIST)
        compute_list(S8, layer, taps, pixels, out);
    else if (layer->grid.columns == 3)
        (near ? rows_of_3 : rows_of_3_by_2)(layer, taps, pixels, out);
    else
        (near ? rows_of_5 : rows_of_5_by_2)(layer, taps, pixels, out);
}

void KERNEL(u8)(const tmoi_dwconv_integer *layer, tmoi_dwconv_mode mode, const void *const *taps,
                int32_t pixels, void *out)
{
    (void)mode;
    compute_list(U8, layer, taps, pixels, out);
}

void KERNEL(s16)(const tmoi_dwconv_integer *layer, tmoi_dwconv_mode mode, const void *const *taps,
                 int32_t pixels, void *out)
{
    (void)mode;
    compute_list(S16, layer, taps, pixels, out);
}
