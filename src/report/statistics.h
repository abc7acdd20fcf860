/* Statistics of quality: confidence intervals and paired tests. All intervals are of 95 %. */
#ifndef TMOI_REPORT_STATISTICS_H
#define TMOI_REPORT_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct tmoi_interval {
    double low, high;
} tmoi_interval;

/* Of a proportion: the score interval of E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
 * 1927. [0, 1] without trials. */
tmoi_interval tmoi_wilson(uint64_t hits, uint64_t trials);

/* The mean of `count` values and its interval by the normal approximation. Without values 0. */
double tmoi_mean(const double *values, size_t count, tmoi_interval *interval);

/* Results of two models on the same samples, right or wrong. */
typedef struct tmoi_paired {
    uint64_t both, only_a, only_b, neither;
} tmoi_paired;

/* accuracy(b) - accuracy(a), by the Wald interval after half an observation was added to each of the four cells: A. Agresti and
 * Y. Min, "Simple improved confidence intervals for comparing matched proportions", 2005. */
double tmoi_paired_difference(const tmoi_paired *paired, tmoi_interval *interval);

/* The p value of McNemar's test that both are equally often right, two-sided: exact (binomial) up to 10,000 discordant samples, the
 * chi-square approximation with continuity correction beyond. 1 without discordant samples. */
double tmoi_mcnemar(const tmoi_paired *paired);

/* 10 log10(sum of signal / sum of noise), in decibels; infinity without noise. */
double tmoi_snr_db(const double *signal, const double *noise, size_t count);
/* Its interval by the percentile bootstrap over samples: B. Efron, "Bootstrap methods: another look at the jackknife", 1979; 1,000
 * resamples drawn with `seed`. */
tmo_status tmoi_snr_interval(const double *signal, const double *noise, size_t count, uint64_t seed,
                             tmoi_interval *out, tmoi_ctx *ctx);

/* Sorts the values; the one at `part` (0 … 1) of the order, by the nearest rank. count > 0. */
double tmoi_quantile(double *values, size_t count, double part);

#endif
