#include "report/statistics.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/rng.h"

static const double z95 = 1.959963984540054; /* the 97.5 % point of the normal distribution */

tmoi_interval tmoi_wilson(uint64_t hits, uint64_t trials)
{
    if (trials == 0) return (tmoi_interval){0, 1};
    double n = (double)trials, p = (double)hits / n, z2 = z95 * z95;
    double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
    double half = z95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
    return (tmoi_interval){hits == 0 ? 0 : centre - half, hits == trials ? 1 : centre + half};
}

double tmoi_mean(const double *values, size_t count, tmoi_interval *interval)
{
    double sum = 0, squares = 0;
    *interval = (tmoi_interval){0, 0};
    if (count == 0) return 0;
    for (size_t k = 0; k < count; k++) sum += values[k];
    double mean = sum / (double)count;
    for (size_t k = 0; k < count; k++) squares += (values[k] - mean) * (values[k] - mean);
    double half = count > 1 ? z95 * sqrt(squares / (double)(count - 1) / (double)count) : 0;
    *interval = (tmoi_interval){mean - half, mean + half};
    return mean;
}

double tmoi_paired_difference(const tmoi_paired *paired, tmoi_interval *interval)
{
    double n = (double)(paired->both + paired->only_a + paired->only_b + paired->neither);
    if (n == 0) {
        *interval = (tmoi_interval){-1, 1};
        return 0;
    }
    double a = (double)paired->only_a + 0.5, b = (double)paired->only_b + 0.5, total = n + 2;
    double centre = (b - a) / total;
    double half = z95 * sqrt((a + b) - (b - a) * (b - a) / total) / total;
    *interval = (tmoi_interval){fmax(-1, centre - half), fmin(1, centre + half)};
    return ((double)paired->only_b - (double)paired->only_a) / n;
}

/* P(at most `few` of `count` fair coins show heads). */
static double binomial_tail(uint64_t few, uint64_t count)
{
    double log_choose = 0, sum = 0, log_all = (double)count * log(2.0);
    for (uint64_t k = 0; k <= few; k++) {
        if (k) log_choose += log((double)(count - k + 1) / (double)k);
        sum += exp(log_choose - log_all);
    }
    return sum;
}

double tmoi_mcnemar(const tmoi_paired *paired)
{
    uint64_t few = paired->only_a < paired->only_b ? paired->only_a : paired->only_b;
    uint64_t count = paired->only_a + paired->only_b;
    if (count == 0) return 1;
    if (count <= 10000) return fmin(1, 2 * binomial_tail(few, count));
    double excess = fabs((double)paired->only_a - (double)paired->only_b) - 1;
    return erfc(sqrt(excess * excess / (double)count / 2));
}

static double decibels(double signal, double noise)
{
    return noise > 0 ? 10 * log10(signal / noise) : (double)INFINITY;
}

double tmoi_snr_db(const double *signal, const double *noise, size_t count)
{
    double signals = 0, noises = 0;
    for (size_t k = 0; k < count; k++) {
        signals += signal[k];
        noises += noise[k];
    }
    return decibels(signals, noises);
}

static double resample(const double *signal, const double *noise, size_t count, tmoi_rng *rng)
{
    double signals = 0, noises = 0;
    for (size_t k = 0; k < count; k++) {
        uint32_t pick = tmoi_rng_below(rng, (uint32_t)count);
        signals += signal[pick];
        noises += noise[pick];
    }
    return decibels(signals, noises);
}

tmo_status tmoi_snr_interval(const double *signal, const double *noise, size_t count, uint64_t seed,
                             tmoi_interval *out, tmoi_ctx *ctx)
{
    enum { RESAMPLES = 1000 };
    double *values = NULL;
    tmoi_rng rng = tmoi_rng_make(seed, 0x626f6f74);
    TMO_TRY(tmoi_new(ctx, &values, RESAMPLES));
    for (size_t k = 0; k < RESAMPLES; k++) values[k] = resample(signal, noise, count, &rng);
    *out = (tmoi_interval){tmoi_quantile(values, RESAMPLES, 0.025), tmoi_quantile(values, RESAMPLES, 0.975)};
fail:
    tmoi_release(&ctx->allocator, values);
    return ctx->error.status;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double tmoi_quantile(double *values, size_t count, double part)
{
    qsort(values, count, sizeof *values, compare_doubles);
    size_t rank = (size_t)ceil(part * (double)count);
    return values[rank == 0 ? 0 : rank > count ? count - 1 : rank - 1];
}
