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

void tmoi_histogram_add(tmoi_histogram *histogram, const float *values, int64_t count,
                        const uint16_t *weights, int32_t channels, float limit)
{
    if (limit > 0) reserve(histogram, exponent_for(limit));
    float scale = ldexpf(1.0f, -histogram->exponent);
    int32_t channel = 0;
    for (int64_t k = 0; k < count; k++) {
        uint64_t weight = weights ? weights[channel] : 1;
        if (++channel == channels) channel = 0;
        if (values[k] == 0)
            histogram->zeros += weight;
        else
            histogram->bins[TMOI_HISTOGRAM_HALF + (int32_t)floorf(values[k] * scale)] += weight;
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
