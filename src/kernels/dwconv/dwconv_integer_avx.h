/* Integer depthwise convolution in 256-bit vectors: the body of the kernels for AVX2 and its extensions, which differ in one
 * instruction. The including file defines
 *
 *   add_products(sums, pairs, weights)   sums + the sum of each pair of products, modulo 2^32
 *   KERNEL(type)                         the name of the kernel for a type of input
 *
 * Tiles have eight or four pixels by eight channels. Two taps below each other are interleaved, so that one multiplication
 * does both; in the loops over rows of taps a window moves along the input columns, so that is done once for all pixels that
 * see a column. Single pixels take several vectors of channels at a time instead. */
#include <string.h>

#include "base/compiler.h"
#include "kernels/dwconv/dwconv.h"

enum { LANES = TMOI_DWCONV_LANES, WIDE_TILE = 8, TILE = TMOI_DWCONV_TILE, MOST_COLUMNS = 5 };

typedef enum input { S8, U8, S16 } input;

static TMOI_ALWAYS_INLINE __m128i load_8(const int8_t *in)
{
    return _mm_loadl_epi64((const __m128i *)in);
}

/* Eight channels of two taps, or of one and zeros, as 16-bit neighbours. Places count elements. */
static TMOI_ALWAYS_INLINE __m256i pairs_of(input type, const void *upper, const void *lower, ptrdiff_t at)
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
static TMOI_ALWAYS_INLINE __m256i single(input type, const void *tap, ptrdiff_t at)
{
    if (type == S16)
        return _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)((const int16_t *)tap + at)));
    __m128i bytes = load_8((const int8_t *)tap + at);
    return type == U8 ? _mm256_cvtepu8_epi32(bytes) : _mm256_cvtepi8_epi32(bytes);
}

static TMOI_ALWAYS_INLINE __m256i load_weights(const int16_t *weights)
{
    return _mm256_loadu_si256((const __m256i *)weights);
}

/* ---- sums ---- */

/* Eight channels under two rows of taps, or under the upper one alone. */
static TMOI_ALWAYS_INLINE __m256i column_of(input type, bool alone, const void *upper, const void *lower,
                                            ptrdiff_t at)
{
    return alone ? single(type, upper, at) : pairs_of(type, upper, lower, at);
}

/* Loops with fixed ends are unrolled, which makes registers of the arrays. */
static TMOI_ALWAYS_INLINE void add_rows(input type, bool alone, const void *upper, const void *lower,
                                        ptrdiff_t at, ptrdiff_t step, int32_t pixels, int32_t columns,
                                        int32_t stride, const int16_t *weights, __m256i *sums)
{
    __m256i window[MOST_COLUMNS], weight[MOST_COLUMNS];
    for (int32_t k = 0; k < columns; k++) weight[k] = load_weights(weights + k * 2 * LANES);
    for (int32_t k = 0; k < columns - stride; k++)
        window[k] = column_of(type, alone, upper, lower, at + k * step);
    for (int32_t p = 0; p < pixels; p++) {
        for (int32_t k = columns - stride; k < columns; k++)
            window[k] = column_of(type, alone, upper, lower, at + (p * stride + k) * step);
        for (int32_t k = 0; k < columns; k++) sums[p] = add_products(sums[p], window[k], weight[k]);
        for (int32_t k = 0; k < columns - stride; k++) window[k] = window[k + stride];
    }
}

/* All rows. Without its own code, as for wider filters, an odd last row is its own partner, with weights of 0. */
static TMOI_ALWAYS_INLINE void add_all_rows(input type, const tmoi_dwconv_grid *grid, const void *const *taps,
                                            ptrdiff_t at, int32_t pixels, int32_t columns, int32_t stride,
                                            const int16_t *weights, __m256i *sums)
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
                                        ptrdiff_t at, int32_t pixels, const int16_t *weights, __m256i *sums)
{
    const ptrdiff_t step = grid->pixel_step, slots = (ptrdiff_t)tmoi_dwconv_slots_integer(grid);
    for (ptrdiff_t s = 0; s < slots; s += 2, weights += 2 * LANES) {
        const void *upper = taps[s], *lower = taps[s + 1];
        const __m256i weight = load_weights(weights);
        for (int32_t p = 0; p < pixels; p++)
            sums[p] = add_products(sums[p], pairs_of(type, upper, lower, at + p * step), weight);
    }
}

/* ---- results ---- */

/* Results of the vectors v at out + v · step, in elements. */
static void store_sums(int32_t vectors, const __m256i *sums, int32_t *out, ptrdiff_t step)
{
    for (int32_t v = 0; v < vectors; v++) _mm256_storeu_si256((__m256i *)(out + v * step), sums[v]);
}

static void store_float(const tmoi_dwconv_integer *layer, ptrdiff_t channel, int32_t vectors,
                        const __m256i *sums, float *out, ptrdiff_t step)
{
    const __m256 scale = _mm256_loadu_ps(layer->scale + channel),
                 bias = _mm256_loadu_ps(layer->bias + channel), low = _mm256_set1_ps(layer->low),
                 high = _mm256_set1_ps(layer->high);
    for (int32_t v = 0; v < vectors; v++) {
        __m256 real = _mm256_add_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(sums[v]), scale), bias);
        _mm256_storeu_ps(out + v * step, _mm256_min_ps(_mm256_max_ps(real, low), high));
    }
}

/* Sums scaled and rounded, to 16 bits in the order of lanes that packing leaves: 0 to 3 of both, then 4 to 7. Clamped
 * afterwards, which is the same, since the bounds are whole numbers. */
static TMOI_ALWAYS_INLINE __m256i scaled_words(__m256i first, __m256i second, __m256 scale)
{
    const __m256 most = _mm256_set1_ps(
        INT16_MAX); /* a conversion takes what is too large for the smallest number */
    const __m256 a = _mm256_mul_ps(_mm256_cvtepi32_ps(first), scale),
                 b = _mm256_mul_ps(_mm256_cvtepi32_ps(second), scale);
    return _mm256_packs_epi32(_mm256_cvtps_epi32(_mm256_min_ps(a, most)),
                              _mm256_cvtps_epi32(_mm256_min_ps(b, most)));
}

static void store_words(const tmoi_requant *requant, int32_t vectors, const __m256i *sums, __m256 scale,
                        int16_t *out, ptrdiff_t step)
{
    const __m128i low = _mm_set1_epi16((int16_t)requant->low), high = _mm_set1_epi16((int16_t)requant->high);
    for (int32_t v = 0; v < vectors; v++) {
        const __m256i words = scaled_words(sums[v], sums[v], scale);
        const __m128i ordered = _mm_unpacklo_epi64(_mm256_castsi256_si128(words),
                                                   _mm256_extracti128_si256(words, 1));
        _mm_storeu_si128((__m128i *)(out + v * step), _mm_min_epi16(_mm_max_epi16(ordered, low), high));
    }
}

/* One vector or four. */
static TMOI_ALWAYS_INLINE void store_bytes(const tmoi_requant *requant, int32_t vectors, const __m256i *sums,
                                           __m256 scale, int8_t *out, ptrdiff_t step)
{
    const bool is_signed = requant->type == TMO_TYPE_INT8;
    const __m256i zero_point = _mm256_set1_epi16((int16_t)requant->zero_point);
    const int32_t second = vectors > 1 ? 1 : 0, third = vectors > 1 ? 2 : 0, fourth = vectors > 1 ? 3 : 0;
    const __m256i a = _mm256_adds_epi16(scaled_words(sums[0], sums[second], scale), zero_point),
                  b = _mm256_adds_epi16(scaled_words(sums[third], sums[fourth], scale), zero_point);
    const __m256i low = _mm256_set1_epi8((char)requant->low), high = _mm256_set1_epi8((char)requant->high);
    const __m256i bytes = is_signed ? _mm256_min_epi8(_mm256_max_epi8(_mm256_packs_epi16(a, b), low), high)
                                    : _mm256_min_epu8(_mm256_max_epu8(_mm256_packus_epi16(a, b), low), high);
    const __m128i left = _mm256_castsi256_si128(bytes), right = _mm256_extracti128_si256(bytes, 1),
                  upper = _mm_unpacklo_epi32(left, right), lower = _mm_unpackhi_epi32(left, right);
    _mm_storel_epi64((__m128i *)out, upper);
    if (vectors == 1) return;
    _mm_storeh_pd((double *)(void *)(out + step), _mm_castsi128_pd(upper));
    _mm_storel_epi64((__m128i *)(out + 2 * step), lower);
    _mm_storeh_pd((double *)(void *)(out + 3 * step), _mm_castsi128_pd(lower));
}

/* One vector, or a multiple of four. `out`: of channel 0. */
static TMOI_NOINLINE void store(const tmoi_dwconv_integer *layer, ptrdiff_t channel, int32_t vectors,
                                const __m256i *sums, void *out, ptrdiff_t step)
{
    if (layer->out_type == TMO_TYPE_INT32) {
        store_sums(vectors, sums, (int32_t *)out + channel, step);
        return;
    }
    if (layer->out_type == TMO_TYPE_FLOAT32) {
        store_float(layer, channel, vectors, sums, (float *)out + channel, step);
        return;
    }
    const __m256 scale = _mm256_loadu_ps(layer->scale + channel);
    int8_t *bytes = (int8_t *)out + channel;
    if (layer->out_type == TMO_TYPE_INT16)
        store_words(&layer->requant, vectors, sums, scale, (int16_t *)out + channel, step);
    else if (vectors == 1)
        store_bytes(&layer->requant, 1, sums, scale, bytes, step);
    else
        for (int32_t v = 0; v < vectors; v += TILE)
            store_bytes(&layer->requant, TILE, sums + v, scale, bytes + v * step, step);
}

static ptrdiff_t out_bytes(const tmoi_dwconv_integer *layer)
{
    return layer->out_type == TMO_TYPE_INT32 || layer->out_type == TMO_TYPE_FLOAT32 ? 4
           : layer->out_type == TMO_TYPE_INT16                                      ? 2
                                                                                    : 1;
}

/* ---- tiles ---- */

static TMOI_ALWAYS_INLINE __m256i load_start(const tmoi_dwconv_integer *layer, ptrdiff_t channel)
{
    return _mm256_loadu_si256((const __m256i *)(layer->start + channel));
}

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
        const __m256i start = load_start(layer, channel);
        __m256i sums[WIDE_TILE], results[WIDE_TILE];
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
    __m256i sums[MOST], results[MOST];
    for (int32_t b = 0; b < count; b++) {
        const int32_t block = first + b < last ? first + b : last;
        channel[b] = tmoi_dwconv_channel(grid, block);
        weights[b] = layer->weights + block * slots * LANES;
        sums[b] = load_start(layer, channel[b]);
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
