/* Float depthwise convolution in AVX2: tiles of eight or four pixels by eight channels. In the loops over rows of taps a
 * window moves along the input columns, so each is loaded once for all pixels that see it. Single pixels take several
 * vectors of channels at a time instead. */
#include <immintrin.h>
#include <string.h>

#include "base/compiler.h"
#include "kernels/dwconv/dwconv.h"

enum { LANES = TMOI_DWCONV_LANES, WIDE_TILE = 8, TILE = TMOI_DWCONV_TILE, MOST_COLUMNS = 5 };

/* Loops with fixed ends are unrolled, which makes registers of the arrays. */
static TMOI_ALWAYS_INLINE void add_row(const float *in, ptrdiff_t step, int32_t pixels, int32_t columns,
                                       int32_t stride, const float *weights, __m256 *sums)
{
    __m256 window[MOST_COLUMNS], weight[MOST_COLUMNS];
    for (int32_t k = 0; k < columns; k++) weight[k] = _mm256_loadu_ps(weights + k * LANES);
    for (int32_t k = 0; k < columns - stride; k++) window[k] = _mm256_loadu_ps(in + k * step);
    for (int32_t p = 0; p < pixels; p++) {
        for (int32_t k = columns - stride; k < columns; k++)
            window[k] = _mm256_loadu_ps(in + (p * stride + k) * step);
        for (int32_t k = 0; k < columns; k++) sums[p] = _mm256_fmadd_ps(window[k], weight[k], sums[p]);
        for (int32_t k = 0; k < columns - stride; k++) window[k] = window[k + stride];
    }
}

static TMOI_ALWAYS_INLINE void add_tap(const float *in, ptrdiff_t step, int32_t pixels, const float *weights,
                                       __m256 *sums)
{
    const __m256 weight = _mm256_loadu_ps(weights);
    for (int32_t p = 0; p < pixels; p++)
        sums[p] = _mm256_fmadd_ps(_mm256_loadu_ps(in + p * step), weight, sums[p]);
}

static TMOI_ALWAYS_INLINE __m256 clamp(const tmoi_dwconv_f32 *layer, __m256 sum)
{
    return _mm256_min_ps(_mm256_max_ps(sum, _mm256_broadcast_ss(&layer->low)),
                         _mm256_broadcast_ss(&layer->high));
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
    const float *weights = layer->weights;
    for (int32_t block = 0; block < blocks; block++) {
        const ptrdiff_t channel = tmoi_dwconv_channel(&layer->grid, block);
        const __m256 bias = _mm256_loadu_ps(layer->bias + channel);
        __m256 sums[WIDE_TILE];
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
            _mm256_storeu_ps(out + p * out_step + channel, clamp(layer, sums[p]));
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
    __m256 sums[MOST];
    for (int32_t b = 0; b < count; b++) {
        const int32_t block = first + b < last ? first + b : last;
        channel[b] = tmoi_dwconv_channel(&layer->grid, block);
        weights[b] = layer->weights + (ptrdiff_t)block * slots * LANES;
        sums[b] = _mm256_loadu_ps(layer->bias + channel[b]);
    }
    for (ptrdiff_t s = 0; s < slots; s++)
        for (int32_t b = 0; b < count; b++)
            sums[b] = _mm256_fmadd_ps(_mm256_loadu_ps(taps[s] + at + channel[b]),
                                      _mm256_loadu_ps(weights[b] + s * LANES), sums[b]);
    for (int32_t b = 0; b < count; b++) _mm256_storeu_ps(out + channel[b], clamp(layer, sums[b]));
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

void tmoi_dwconv_f32_avx2(const tmoi_dwconv_f32 *layer, tmoi_dwconv_mode mode, const float *const *taps,
                          int32_t pixels, float *out)
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
