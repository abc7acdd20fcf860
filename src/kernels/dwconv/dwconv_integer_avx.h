/* Integer depthwise convolution in 256-bit vectors: the body of the kernels for AVX2 and its extensions, which differ in one
 * instruction. The including file defines
 *
 *   add_products(sums, pairs, weights)   sums + the sum of each pair of products, modulo 2^32
 *   KERNEL(type)                         the name of the kernel for a type of input
 *
 * Four pixels of eight channels are computed at a time. Two taps below each other are interleaved, so that one
 * multiplication does both; in the loops over rows of taps that is done once for all pixels that see a column. */
#include <string.h>

#include "kernels/dwconv/dwconv.h"
#include "kernels/requant/requant_avx2.h"

enum { LANES = TMOI_DWCONV_LANES, TILE = TMOI_DWCONV_TILE };

typedef enum input { S8, U8, S16 } input;

static inline __m128i load_8(const int8_t *in)
{
    return _mm_loadl_epi64((const __m128i *)in);
}

/* Eight channels of two taps, or of one and zeros, as 16-bit neighbours. Places count elements. */
static inline __m256i pairs_of(input type, const void *upper, const void *lower, ptrdiff_t at)
{
    if (type == S16) {
        __m128i a = _mm_loadu_si128((const __m128i *)((const int16_t *)upper + at)),
                b = _mm_loadu_si128((const __m128i *)((const int16_t *)lower + at));
        return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_unpacklo_epi16(a, b)),
                                       _mm_unpackhi_epi16(a, b), 1);
    }
    __m128i bytes = _mm_unpacklo_epi8(load_8((const int8_t *)upper + at), load_8((const int8_t *)lower + at));
    return type == U8 ? _mm256_cvtepu8_epi16(bytes) : _mm256_cvtepi8_epi16(bytes);
}

/* The upper halves multiply weights of 0. */
static inline __m256i single(input type, const void *tap, ptrdiff_t at)
{
    if (type == S16)
        return _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)((const int16_t *)tap + at)));
    __m128i bytes = load_8((const int8_t *)tap + at);
    return type == U8 ? _mm256_cvtepu8_epi32(bytes) : _mm256_cvtepi8_epi32(bytes);
}

static inline __m256i load_weights(const int16_t *weights)
{
    return _mm256_loadu_si256((const __m256i *)weights);
}

/* ---- sums ---- */

/* The fixed loops are unrolled, which makes registers of the array, and leaves one interleaving of each column. */
static inline void add_row_pair(input type, const void *upper, const void *lower, ptrdiff_t at,
                                ptrdiff_t step, int32_t columns, int32_t stride, const int16_t *weights,
                                __m256i *sums)
{
    for (int32_t p = 0; p < TILE; p++)
        for (int32_t k = 0; k < columns; k++)
            sums[p] = add_products(sums[p], pairs_of(type, upper, lower, at + (p * stride + k) * step),
                                   load_weights(weights + k * 2 * LANES));
}

static inline void add_last_row(input type, const void *row, ptrdiff_t at, ptrdiff_t step, int32_t columns,
                                int32_t stride, const int16_t *weights, __m256i *sums)
{
    for (int32_t p = 0; p < TILE; p++)
        for (int32_t k = 0; k < columns; k++)
            sums[p] = add_products(sums[p], single(type, row, at + (p * stride + k) * step),
                                   load_weights(weights + k * 2 * LANES));
}

static inline void add_rows(input type, const tmoi_dwconv_grid *grid, const void *const *taps, ptrdiff_t at,
                            int32_t columns, int32_t stride, const int16_t *weights, __m256i *sums)
{
    int32_t r = 0;
    for (; r + 1 < grid->rows; r += 2, weights += columns * 2 * LANES)
        add_row_pair(type, taps[r], taps[r + 1], at, grid->column_step, columns, stride, weights, sums);
    if (r < grid->rows) add_last_row(type, taps[r], at, grid->column_step, columns, stride, weights, sums);
}

static inline void add_list(input type, const tmoi_dwconv_grid *grid, const void *const *taps, ptrdiff_t at,
                            int32_t pixels, const int16_t *weights, __m256i *sums)
{
    const int64_t slots = tmoi_dwconv_slots_integer(grid);
    for (int64_t s = 0; s < slots; s += 2, weights += 2 * LANES)
        for (int32_t p = 0; p < pixels; p++)
            sums[p] = add_products(sums[p], pairs_of(type, taps[s], taps[s + 1], at + p * grid->pixel_step),
                                   load_weights(weights));
}

/* ---- results ---- */

/* In a tile, `step` is the number of channels, and vectors go straight to the output; else they go to memory of our own first,
 * with a step of LANES. */
static void store_sums(int32_t pixels, const __m256i *sums, int32_t *out, ptrdiff_t step)
{
    for (int32_t p = 0; p < pixels; p++) _mm256_storeu_si256((__m256i *)(out + p * step), sums[p]);
}

static void store_float(const tmoi_dwconv_integer *layer, int32_t channel, int32_t pixels,
                        const __m256i *sums, float *out, ptrdiff_t step)
{
    const __m256 scale = _mm256_loadu_ps(layer->scale + channel),
                 bias = _mm256_loadu_ps(layer->bias + channel), low = _mm256_set1_ps(layer->low),
                 high = _mm256_set1_ps(layer->high);
    for (int32_t p = 0; p < pixels; p++) {
        __m256 real = _mm256_add_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(sums[p]), scale), bias);
        _mm256_storeu_ps(out + p * step, _mm256_min_ps(_mm256_max_ps(real, low), high));
    }
}

static inline void store_requantized(const tmoi_dwconv_integer *layer, int32_t channel, int32_t pixels,
                                     const __m256i *sums, void *out, ptrdiff_t step)
{
    const tmoi_requant_avx2 requant = tmoi_requant_start_avx2(&layer->requant);
    const __m256 scale = _mm256_loadu_ps(layer->scale + channel);
    for (int32_t p = 0; p < pixels; p += 2) {
        const __m256i first = tmoi_requant_8_avx2(&requant, sums[p], scale),
                      second = p + 1 < pixels ? tmoi_requant_8_avx2(&requant, sums[p + 1], scale) : first;
        if (layer->out_type == TMO_TYPE_INT16) {
            const __m256i words = tmoi_requant_pack_s16_avx2(first, second);
            _mm_storeu_si128((__m128i *)((int16_t *)out + p * step), _mm256_castsi256_si128(words));
            if (p + 1 < pixels)
                _mm_storeu_si128((__m128i *)((int16_t *)out + (p + 1) * step),
                                 _mm256_extracti128_si256(words, 1));
        } else {
            const __m128i bytes = tmoi_requant_pack_x8_avx2(&requant, first, second);
            _mm_storel_epi64((__m128i *)((int8_t *)out + p * step), bytes);
            if (p + 1 < pixels)
                _mm_storel_epi64((__m128i *)((int8_t *)out + (p + 1) * step),
                                 _mm_unpackhi_epi64(bytes, bytes));
        }
    }
}

static inline void store(const tmoi_dwconv_integer *layer, int32_t channel, int32_t pixels,
                         const __m256i *sums, void *out, ptrdiff_t step)
{
    if (layer->out_type == TMO_TYPE_INT32)
        store_sums(pixels, sums, out, step);
    else if (layer->out_type == TMO_TYPE_FLOAT32)
        store_float(layer, channel, pixels, sums, out, step);
    else
        store_requantized(layer, channel, pixels, sums, out, step);
}

static size_t out_bytes(const tmoi_dwconv_integer *layer)
{
    return layer->out_type == TMO_TYPE_INT32 || layer->out_type == TMO_TYPE_FLOAT32 ? 4
           : layer->out_type == TMO_TYPE_INT16                                      ? 2
                                                                                    : 1;
}

/* Fewer channels than a vector has. */
static void store_few(const tmoi_dwconv_integer *layer, int32_t pixels, const __m256i *sums, char *out)
{
    char lanes[TILE * LANES * sizeof(int32_t)];
    const size_t size = out_bytes(layer), pixel = (size_t)layer->grid.channels * size;
    store(layer, 0, pixels, sums, lanes, LANES);
    for (int32_t p = 0; p < pixels; p++)
        memcpy(out + (size_t)p * pixel, lanes + (size_t)p * LANES * size, pixel);
}

/* ---- pixels ---- */

/* All channels of `pixels` pixels from `at` on behind the taps; columns 0: a list of taps. */
static inline void compute_tile(input type, const tmoi_dwconv_integer *layer, const void *const *taps,
                                ptrdiff_t at, int32_t pixels, int32_t columns, int32_t stride, char *out)
{
    const tmoi_dwconv_grid *grid = &layer->grid;
    const ptrdiff_t block_size = (ptrdiff_t)tmoi_dwconv_slots_integer(grid) * LANES;
    const int16_t *weights = layer->weights;
    for (int32_t block = 0; block < tmoi_dwconv_blocks(grid); block++, weights += block_size) {
        const int32_t channel = tmoi_dwconv_channel(grid, block);
        __m256i sums[TILE];
        for (int32_t p = 0; p < pixels; p++)
            sums[p] = _mm256_loadu_si256((const __m256i *)(layer->start + channel));
        if (columns)
            add_rows(type, grid, taps, at + channel, columns, stride, weights, sums);
        else
            add_list(type, grid, taps, at + channel, pixels, weights, sums);
        if (grid->channels >= LANES)
            store(layer, channel, pixels, sums, out + (size_t)channel * out_bytes(layer), grid->channels);
        else
            store_few(layer, pixels, sums, out);
    }
}

/* Four pixels at a time; the last four may overlap the ones before. */
static inline void compute_tiles(input type, const tmoi_dwconv_integer *layer, const void *const *taps,
                                 int32_t pixels, int32_t columns, int32_t stride, char *out)
{
    const size_t pixel = (size_t)layer->grid.channels * out_bytes(layer);
    for (int32_t p = 0; p < pixels; p += TILE) {
        const int32_t first = p + TILE <= pixels ? p : pixels - TILE;
        compute_tile(type, layer, taps, first * layer->grid.pixel_step, TILE, columns, stride,
                     out + (size_t)first * pixel);
    }
}

static inline void compute_rows(input type, const tmoi_dwconv_integer *layer, const void *const *taps,
                                int32_t pixels, char *out)
{
    const bool near = layer->grid.pixel_step == layer->grid.column_step;
    if (layer->grid.columns == 3 && near)
        compute_tiles(type, layer, taps, pixels, 3, 1, out);
    else if (layer->grid.columns == 3)
        compute_tiles(type, layer, taps, pixels, 3, 2, out);
    else if (near)
        compute_tiles(type, layer, taps, pixels, 5, 1, out);
    else
        compute_tiles(type, layer, taps, pixels, 5, 2, out);
}

static inline void compute_list(input type, const tmoi_dwconv_integer *layer, const void *const *taps,
                                int32_t pixels, char *out)
{
    const size_t pixel = (size_t)layer->grid.channels * out_bytes(layer);
    if (pixels >= TILE) {
        compute_tiles(type, layer, taps, pixels, 0, 0, out);
        return;
    }
    for (int32_t p = 0; p < pixels; p++)
        compute_tile(type, layer, taps, p * layer->grid.pixel_step, 1, 0, 0, out + (size_t)p * pixel);
}

#define DWCONV(name, type)                                                                              \
    void KERNEL(name)(const tmoi_dwconv_integer *layer, tmoi_dwconv_mode mode, const void *const *taps, \
                      int32_t pixels, void *out)                                                        \
    {                                                                                                   \
        if (mode == TMOI_DWCONV_ROWS)                                                                   \
            compute_rows(type, layer, taps, pixels, out);                                               \
        else                                                                                            \
            compute_list(type, layer, taps, pixels, out);                                               \
    }

DWCONV(s8, S8)
DWCONV(u8, U8)
DWCONV(s16, S16)
