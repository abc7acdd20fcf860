/* Float depthwise convolution in AVX2: four pixels of eight channels at a time. In the loops over rows of taps an input
 * column is loaded once for all pixels that see it. */
#include <immintrin.h>
#include <string.h>

#include "kernels/dwconv/dwconv.h"

enum { LANES = TMOI_DWCONV_LANES, TILE = TMOI_DWCONV_TILE };

/* The fixed loops are unrolled, which makes registers of the array, and leaves one load of each column. */
static inline void add_row(const float *in, ptrdiff_t step, int32_t columns, int32_t stride,
                           const float *weights, __m256 *sums)
{
    for (int32_t p = 0; p < TILE; p++)
        for (int32_t k = 0; k < columns; k++)
            sums[p] = _mm256_fmadd_ps(_mm256_loadu_ps(in + (p * stride + k) * step),
                                      _mm256_loadu_ps(weights + k * LANES), sums[p]);
}

static inline void add_rows(const tmoi_dwconv_grid *grid, const float *const *taps, ptrdiff_t at,
                            int32_t columns, int32_t stride, const float *weights, __m256 *sums)
{
    for (int32_t r = 0; r < grid->rows; r++, weights += columns * LANES)
        add_row(taps[r] + at, grid->column_step, columns, stride, weights, sums);
}

static inline void add_list(const tmoi_dwconv_grid *grid, const float *const *taps, ptrdiff_t at,
                            int32_t pixels, const float *weights, __m256 *sums)
{
    const int32_t slots = grid->rows * grid->columns;
    for (int32_t s = 0; s < slots; s++, weights += LANES) {
        const float *in = taps[s] + at;
        const __m256 weight = _mm256_loadu_ps(weights);
        for (int32_t p = 0; p < pixels; p++)
            sums[p] = _mm256_fmadd_ps(_mm256_loadu_ps(in + p * grid->pixel_step), weight, sums[p]);
    }
}

static inline __m256 clamp(const tmoi_dwconv_f32 *layer, __m256 sum)
{
    return _mm256_min_ps(_mm256_max_ps(sum, _mm256_set1_ps(layer->low)), _mm256_set1_ps(layer->high));
}

static inline void store(const tmoi_dwconv_f32 *layer, int32_t pixels, const __m256 *sums, float *out)
{
    const int32_t channels = layer->grid.channels;
    if (channels >= LANES) {
        for (int32_t p = 0; p < pixels; p++, out += channels) _mm256_storeu_ps(out, clamp(layer, sums[p]));
        return;
    }
    for (int32_t p = 0; p < pixels; p++, out += channels) {
        float lanes[LANES];
        _mm256_storeu_ps(lanes, clamp(layer, sums[p]));
        memcpy(out, lanes, (size_t)channels * sizeof *out);
    }
}

/* All channels of `pixels` pixels from `at` on behind the taps; columns 0: a list of taps. */
static inline void compute_tile(const tmoi_dwconv_f32 *layer, const float *const *taps, ptrdiff_t at,
                                int32_t pixels, int32_t columns, int32_t stride, float *out)
{
    const tmoi_dwconv_grid *grid = &layer->grid;
    const ptrdiff_t block_size = grid->rows * grid->columns * LANES;
    const float *weights = layer->weights;
    for (int32_t block = 0; block < tmoi_dwconv_blocks(grid); block++, weights += block_size) {
        const int32_t channel = tmoi_dwconv_channel(grid, block);
        __m256 sums[TILE];
        for (int32_t p = 0; p < pixels; p++) sums[p] = _mm256_loadu_ps(layer->bias + channel);
        if (columns)
            add_rows(grid, taps, at + channel, columns, stride, weights, sums);
        else
            add_list(grid, taps, at + channel, pixels, weights, sums);
        store(layer, pixels, sums, out + channel);
    }
}

/* Four pixels at a time; the last four may overlap the ones before. */
static inline void compute_tiles(const tmoi_dwconv_f32 *layer, const float *const *taps, int32_t pixels,
                                 int32_t columns, int32_t stride, float *out)
{
    for (int32_t p = 0; p < pixels; p += TILE) {
        const int32_t first = p + TILE <= pixels ? p : pixels - TILE;
        compute_tile(layer, taps, first * layer->grid.pixel_step, TILE, columns, stride,
                     out + (ptrdiff_t)first * layer->grid.channels);
    }
}

static void compute_rows(const tmoi_dwconv_f32 *layer, const float *const *taps, int32_t pixels, float *out)
{
    const bool near = layer->grid.pixel_step == layer->grid.column_step;
    if (layer->grid.columns == 3 && near)
        compute_tiles(layer, taps, pixels, 3, 1, out);
    else if (layer->grid.columns == 3)
        compute_tiles(layer, taps, pixels, 3, 2, out);
    else if (near)
        compute_tiles(layer, taps, pixels, 5, 1, out);
    else
        compute_tiles(layer, taps, pixels, 5, 2, out);
}

void tmoi_dwconv_f32_avx2(const tmoi_dwconv_f32 *layer, tmoi_dwconv_mode mode, const float *const *taps,
                          int32_t pixels, float *out)
{
    if (mode == TMOI_DWCONV_ROWS) {
        compute_rows(layer, taps, pixels, out);
    } else if (pixels >= TILE) {
        compute_tiles(layer, taps, pixels, 0, 0, out);
    } else {
        for (int32_t p = 0; p < pixels; p++)
            compute_tile(layer, taps, p * layer->grid.pixel_step, 1, 0, 0,
                         out + (ptrdiff_t)p * layer->grid.channels);
    }
}
