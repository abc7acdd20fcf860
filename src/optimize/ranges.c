#include "optimize/ranges.h"

#include <math.h>

bool tmoi_range_needs_histogram(int32_t method)
{
    return method == TMO_QUANTIZE_RANGE_PERCENTILE || method == TMO_QUANTIZE_RANGE_MSE ||
           method == TMO_QUANTIZE_RANGE_ENTROPY;
}

static tmoi_range with_zero(tmoi_range range)
{
    if (range.min > 0) range.min = 0;
    if (range.max < 0) range.max = 0;
    return range;
}

static tmoi_range intersect(tmoi_range range, tmoi_range within)
{
    if (range.min < within.min) range.min = within.min;
    if (range.max > within.max) range.max = within.max;
    return range;
}

static uint64_t total_count(const tmoi_histogram *histogram)
{
    uint64_t total = histogram->zeros;
    for (int32_t k = 0; k < TMOI_HISTOGRAM_BINS; k++) total += histogram->bins[k];
    return total;
}

/* ---- percentile: all but an equal share of the smallest and the largest values ---- */

static tmoi_range by_percentile(const tmoi_histogram *histogram, float percentile)
{
    double outside = (double)total_count(histogram) * (1 - (double)percentile / 100) / 2, seen = 0;
    double width = tmoi_histogram_width(histogram);
    int32_t low = 0, high = TMOI_HISTOGRAM_BINS - 1;
    while (low < TMOI_HISTOGRAM_HALF && (seen += (double)histogram->bins[low]) <= outside) low++;
    seen = 0;
    while (high >= TMOI_HISTOGRAM_HALF && (seen += (double)histogram->bins[high]) <= outside) high--;
    return (tmoi_range){(float)((low - TMOI_HISTOGRAM_HALF) * width),
                        (float)((high + 1 - TMOI_HISTOGRAM_HALF) * width)};
}

/* ---- mean square error: what clipping loses against what finer steps gain ---- */

enum { CANDIDATES = 96 };

/* Sums over the values on one side of zero that lie beyond a bound, as functions of the bound's number: the k-th candidate. */
typedef struct tail {
    double bound[CANDIDATES];
    double count[CANDIDATES], sum[CANDIDATES], squares[CANDIDATES];
} tail;

/* Candidates from the full extent down to a fraction of it; `sign` picks the side. */
static void measure_tail(tail *out, const tmoi_histogram *histogram, double extent, int32_t sign)
{
    for (int32_t k = 0; k < CANDIDATES; k++) out->bound[k] = extent * (1 - 0.9 * k / CANDIDATES);
    for (int32_t k = 0; k < CANDIDATES; k++) out->count[k] = out->sum[k] = out->squares[k] = 0;
    for (int32_t b = 0; b < TMOI_HISTOGRAM_BINS; b++) {
        double x = tmoi_histogram_middle(histogram, b) * sign, n = (double)histogram->bins[b];
        if (n == 0 || x <= 0) continue;
        for (int32_t k = CANDIDATES - 1; k >= 0 && x > out->bound[k]; k--) {
            out->count[k] += n;
            out->sum[k] += n * x;
            out->squares[k] += n * x * x;
        }
    }
}

/* Sum of (x - bound)^2 over the values beyond candidate k. */
static double clipped(const tail *side, int32_t k)
{
    double bound = side->bound[k];
    return side->squares[k] - 2 * bound * side->sum[k] + bound * bound * side->count[k];
}

static double error_of(const tail *low, int32_t i, const tail *high, int32_t j, double inside,
                       const tmoi_range_rule *rule)
{
    double reach = rule->symmetric ? 2 * fmax(low->bound[i], high->bound[j]) : low->bound[i] + high->bound[j];
    double step = reach / (double)((1 << rule->bits) - 1);
    double kept = inside - low->count[i] - high->count[j];
    return clipped(low, i) + clipped(high, j) + kept * step * step / 12;
}

static tmoi_range by_mse(const tmoi_histogram *histogram, tmoi_range seen, const tmoi_range_rule *rule)
{
    tail low, high;
    double inside = (double)(total_count(histogram) - histogram->zeros), best = INFINITY;
    tmoi_range range = seen;
    measure_tail(&low, histogram, -(double)seen.min, -1);
    measure_tail(&high, histogram, (double)seen.max, 1);
    for (int32_t i = 0; i < CANDIDATES; i++)
        for (int32_t j = 0; j < CANDIDATES; j++) {
            double error = error_of(&low, i, &high, j, inside, rule);
            if (error >= best) continue;
            best = error;
            range = (tmoi_range){(float)-low.bound[i], (float)high.bound[j]};
        }
    return range;
}

/* ---- entropy: the magnitude at which the quantized distribution is nearest to the real one ---- */

/* Kullback-Leibler divergence of the magnitudes cut at bin `cut` from the same in `levels` equal steps (the calibration of
 * NVIDIA's TensorRT, "8-bit Inference with TensorRT", 2017). */
static double divergence(const double *magnitudes, int32_t cut, int32_t levels, double total)
{
    double outside = 0, result = 0;
    for (int32_t k = cut; k < TMOI_HISTOGRAM_HALF; k++) outside += magnitudes[k];
    for (int32_t level = 0; level < levels; level++) {
        int32_t begin = (int32_t)((int64_t)level * cut / levels),
                end = (int32_t)((int64_t)(level + 1) * cut / levels);
        double sum = 0, filled = 0;
        for (int32_t k = begin; k < end; k++) {
            sum += magnitudes[k];
            filled += magnitudes[k] > 0;
        }
        for (int32_t k = begin; k < end; k++) {
            double p = magnitudes[k] + (k == cut - 1 ? outside : 0);
            if (p <= 0) continue;
            double q = filled > 0 ? sum / filled : 1e-9 * total;
            result += p * log(p / fmax(q, 1e-9 * total));
        }
    }
    return result / total;
}

static tmoi_range by_entropy(const tmoi_histogram *histogram, tmoi_range seen)
{
    double magnitudes[TMOI_HISTOGRAM_HALF], total = 0, best = INFINITY;
    int32_t chosen = TMOI_HISTOGRAM_HALF, levels = 128;
    for (int32_t k = 0; k < TMOI_HISTOGRAM_HALF; k++) {
        magnitudes[k] = (double)(histogram->bins[TMOI_HISTOGRAM_HALF + k] +
                                 histogram->bins[TMOI_HISTOGRAM_HALF - 1 - k]);
        total += magnitudes[k];
    }
    for (int32_t cut = levels; cut <= TMOI_HISTOGRAM_HALF && total > 0; cut += 8) {
        double here = divergence(magnitudes, cut, levels, total);
        if (here >= best) continue;
        best = here;
        chosen = cut;
    }
    float reach = (float)(chosen * tmoi_histogram_width(histogram));
    return intersect((tmoi_range){-reach, reach}, seen);
}

tmoi_range tmoi_range_choose(const tmoi_measured_range *measured, const tmoi_range_rule *rule)
{
    tmoi_range seen = with_zero(measured->seen), range = seen;
    bool has_histogram = measured->histogram && measured->histogram->used;
    if (rule->method == TMO_QUANTIZE_RANGE_MOVING_AVERAGE) range = measured->average;
    if (rule->method == TMO_QUANTIZE_RANGE_PERCENTILE && has_histogram)
        range = by_percentile(measured->histogram, rule->percentile);
    if (rule->method == TMO_QUANTIZE_RANGE_MSE && has_histogram)
        range = by_mse(measured->histogram, seen, rule);
    if (rule->method == TMO_QUANTIZE_RANGE_ENTROPY && has_histogram)
        range = by_entropy(measured->histogram, seen);
    return intersect(with_zero(range), seen);
}
