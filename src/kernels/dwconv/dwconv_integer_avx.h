/* The vectors of dwconv_integer_body.h in 256 bits: for AVX2 and its extensions, which differ in one instruction. The including
 * file defines add_products() and KERNEL. Two taps are interleaved, so that one multiplication does both. */
#include "base/compiler.h"
#include "kernels/dwconv/dwconv.h"

typedef __m256i sum_lanes, pair_lanes, weight_lanes;
#define add_product add_products
#define WIDE_TILE   8

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

/* The upper halves of what this gives multiply weights of 0. */
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

static inline __m256i load_sums(const int32_t *from)
{
    return _mm256_loadu_si256((const __m256i *)from);
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
    _mm_storel_epi64((__m128i *)(out + step), _mm_unpackhi_epi64(upper, upper));
    _mm_storel_epi64((__m128i *)(out + 2 * step), lower);
    _mm_storel_epi64((__m128i *)(out + 3 * step), _mm_unpackhi_epi64(lower, lower));
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
        for (int32_t v = 0; v < vectors; v += 4)
            store_bytes(&layer->requant, 4, sums + v, scale, bytes + v * step, step);
}

#include "kernels/dwconv/dwconv_integer_body.h"
