/* A histogram of numbers whose range is not known ahead. Its bins are 2^exponent wide and lie around zero; when a number does not
 * fit, neighbouring bins are merged in pairs and the width doubles. So the counts depend on the set of numbers only, not on
 * their order or on how they were shared between threads. */
#ifndef TMOI_OPTIMIZE_HISTOGRAM_H
#define TMOI_OPTIMIZE_HISTOGRAM_H

#include "base/error.h"

enum { TMOI_HISTOGRAM_BINS = 2048, TMOI_HISTOGRAM_HALF = TMOI_HISTOGRAM_BINS / 2 };

typedef struct tmoi_histogram {
    int32_t exponent; /* bin k holds [k - HALF, k - HALF + 1) * 2^exponent */
    bool used;
    uint64_t zeros; /* exact zeros, which are in no bin */
    uint64_t bins[TMOI_HISTOGRAM_BINS];
} tmoi_histogram;

/* Adds finite values, none of them larger in magnitude than `limit`. Value k counts weights[k % channels] times; NULL: once. */
void tmoi_histogram_add(tmoi_histogram *histogram, const float *values, int64_t count,
                        const uint16_t *weights, int32_t channels, float limit);
void tmoi_histogram_merge(tmoi_histogram *into, const tmoi_histogram *from);

/* The width of a bin, and the middle of bin k. */
double tmoi_histogram_width(const tmoi_histogram *histogram);
double tmoi_histogram_middle(const tmoi_histogram *histogram, int32_t k);

#endif
