#include "optimize/histogram.h"

#include <math.h>
#include <string.h>

enum { LEAST_EXPONENT = -100 }; /* so that 2^-exponent is a float */

static void widen(tmoi_histogram *histogram, int32_t exponent)
{
    for (; histogram->exponent < exponent; histogram->exponent++) {
        uint64_t merged[TMOI_HISTOGRAM_BINS] = {0};
        for (int32_t k = 0; k < TMOI_HISTOGRAM_BINS; k++)
            merged[TMOI_HISTOGRAM_HALF / 2 + k / 2] += histogram->bins[k];
        memcpy(histogram->bins, merged, sizeof merged);
    }
}

/* The least exponent whose bins hold `limit`: HALF * 2^exponent > limit. */
static int32_t exponent_for(float limit)
{
    int exponent;
    (void)frexpf(limit, &exponent); /* limit < 2^exponent */
    return exponent - 10 < LEAST_EXPONENT ? LEAST_EXPONENT : exponent - 10;
}

static void reserve(tmoi_histogram *histogram, int32_t exponent)
{
    if (!histogram->used) {
        histogram->used = true;
        histogram->exponent = exponent;
    }
    widen(histogram, exponent);
}

/* floorf for |x| < 2^31, without a call or a comparison: less one where rounding to zero went up. */
static int32_t floor_of(float x)
{
    uint32_t bits;
    int32_t whole = (int32_t)x;
    float rest = x - (float)whole;
    memcpy(&bits, &rest, sizeof bits);
    return whole - (int32_t)(bits >> 31);
}

enum { BLOCK = 512 };

/* The bins of up to BLOCK values, and which of these are not zero (1) or zero (0). A zero gets any bin, not always the
 * same one, so that adding nothing to it does not wait for the addition before. Masks, not conditions: compilers make vectors of
 * these. */
static void find_bins(int32_t *bins, uint32_t *counts, const float *values, int32_t count, float scale)
{
    memcpy(counts, values, (size_t)count * sizeof *values);
    for (int32_t k = 0; k < count; k++) {
        int32_t bin = TMOI_HISTOGRAM_HALF + floor_of(values[k] * scale);
        uint32_t magnitude = counts[k] << 1, seen = (magnitude | (0 - magnitude)) >> 31;
        counts[k] = seen;
        bins[k] = (int32_t)(((uint32_t)bin & (0 - seen)) | ((uint32_t)k & (seen - 1)));
    }
}

/* Without branches on the values: zeros are as frequent as they are hard to predict. */
static void add_block(tmoi_histogram *histogram, const float *values, int32_t count, const uint16_t *weights,
                      float scale)
{
    int32_t bins[BLOCK];
    uint32_t counts[BLOCK];
    uint64_t all = 0, counted = 0;
    find_bins(bins, counts, values, count, scale);
    for (int32_t k = 0; k < count; k++) {
        uint32_t weight = weights ? weights[k] : 1;
        histogram->bins[bins[k]] += weight * counts[k];
        counted += weight * counts[k];
        all += weight;
    }
    histogram->zeros += all - counted;
}

void tmoi_histogram_add(tmoi_histogram *histogram, const float *values, int64_t count,
                        const uint16_t *weights, int32_t channels, float limit)
{
    if (limit > 0) reserve(histogram, exponent_for(limit));
    float scale = ldexpf(1.0f, -histogram->exponent);
    int64_t row = weights ? channels : count;
    for (int64_t begin = 0; begin < count; begin += row)
        for (int64_t k = 0; k < row && begin + k < count; k += BLOCK) {
            int64_t rest = row < count - begin ? row - k : count - begin - k;
            add_block(histogram, values + begin + k, rest < BLOCK ? (int32_t)rest : BLOCK,
                      weights ? weights + k : NULL, scale);
        }
}

void tmoi_histogram_merge(tmoi_histogram *into, const tmoi_histogram *from)
{
    into->zeros += from->zeros;
    if (!from->used) return;
    reserve(into, from->exponent);
    int32_t shift = into->exponent - from->exponent;
    for (int32_t k = 0; k < TMOI_HISTOGRAM_BINS; k++) {
        if (!from->bins[k]) continue;
        int32_t place = k - TMOI_HISTOGRAM_HALF;
        /* Flooring division by 2^shift. */
        place = place >= 0 ? place >> shift : -((-place - 1) >> shift) - 1;
        into->bins[TMOI_HISTOGRAM_HALF + place] += from->bins[k];
    }
}

double tmoi_histogram_width(const tmoi_histogram *histogram)
{
    return ldexp(1.0, histogram->exponent);
}

double tmoi_histogram_middle(const tmoi_histogram *histogram, int32_t k)
{
    return (k - TMOI_HISTOGRAM_HALF + 0.5) * tmoi_histogram_width(histogram);
}
