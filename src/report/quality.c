#include "report/quality.h"

#include "base/alloc.h"

static const char *const metric_names[] = {"auto", "accuracy", "top5", "mse", "mae", "agreement", "snr"};

enum { METRIC_COUNT = sizeof metric_names / sizeof metric_names[0] };

const char *tmo_metric_name(tmo_metric metric)
{
    return (uint32_t)metric < METRIC_COUNT ? metric_names[metric] : NULL;
}

bool tmo_metric_is_higher_better(tmo_metric metric)
{
    return metric != TMO_METRIC_MSE && metric != TMO_METRIC_MAE;
}

tmo_status tmoi_metric_resolve(tmo_metric *metric, const tmoi_dataset *dataset, bool has_reference,
                               tmoi_ctx *ctx)
{
    bool has_labels = tmoi_dataset_has_labels(dataset), has_targets = tmoi_dataset_target_count(dataset) > 0;
    if (*metric == TMO_METRIC_AUTO)
        *metric = has_labels ? TMO_METRIC_ACCURACY : has_targets ? TMO_METRIC_MSE : TMO_METRIC_AGREEMENT;
    switch (*metric) {
    case TMO_METRIC_ACCURACY:
    case TMO_METRIC_TOP5:
        TMO_FAIL_IF(!has_labels, INVALID_DATA, ctx, "metric %s needs labels, the data have none",
                    tmo_metric_name(*metric));
        break;
    case TMO_METRIC_AGREEMENT:
        TMO_FAIL_IF(!has_reference, INVALID_DATA, ctx,
                    "the data have no labels and no targets: a reference model is needed");
        break;
    default:
        TMO_FAIL_IF(!has_targets && !has_reference, INVALID_DATA, ctx,
                    "metric %s needs targets in the data or a reference model", tmo_metric_name(*metric));
        break;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

bool tmoi_metric_is_proportion(tmo_metric metric)
{
    return metric == TMO_METRIC_ACCURACY || metric == TMO_METRIC_TOP5 || metric == TMO_METRIC_AGREEMENT;
}

bool tmoi_score_is_hit(tmo_metric metric, const tmoi_score *score)
{
    switch (metric) {
    case TMO_METRIC_ACCURACY: return score->is_right;
    case TMO_METRIC_TOP5: return score->is_right_top5;
    default: return score->agrees;
    }
}

static double error_of(tmo_metric metric, const tmoi_score *score)
{
    return metric == TMO_METRIC_MSE ? score->squared_error : score->absolute_error;
}

static void proportion(tmoi_quality *out, tmo_metric metric, const tmoi_score *scores, size_t count)
{
    uint64_t hits = 0;
    for (size_t k = 0; k < count; k++) hits += tmoi_score_is_hit(metric, &scores[k]);
    *out = (tmoi_quality){count ? (double)hits / (double)count : 0, tmoi_wilson(hits, count)};
}

/* `minus` may be NULL. */
static tmo_status mean_error(tmoi_quality *out, tmo_metric metric, const tmoi_score *scores,
                             const tmoi_score *minus, size_t count, tmoi_ctx *ctx)
{
    double *values = NULL;
    TMO_TRY(tmoi_new(ctx, &values, count));
    for (size_t k = 0; k < count; k++)
        values[k] = error_of(metric, &scores[k]) - (minus ? error_of(metric, &minus[k]) : 0);
    out->value = tmoi_mean(values, count, &out->ci95);
fail:
    tmoi_release(&ctx->allocator, values);
    return ctx->error.status;
}

static tmo_status signal_to_noise(tmoi_quality *out, const tmoi_score *scores, size_t count, uint64_t seed,
                                  tmoi_ctx *ctx)
{
    double *signal = NULL, *noise;
    TMO_TRY(tmoi_new(ctx, &signal, 2 * count));
    noise = signal + count;
    for (size_t k = 0; k < count; k++) {
        signal[k] = scores[k].signal;
        noise[k] = scores[k].noise;
    }
    out->value = tmoi_snr_db(signal, noise, count);
    TMO_TRY(tmoi_snr_interval(signal, noise, count, seed, &out->ci95, ctx));
fail:
    tmoi_release(&ctx->allocator, signal);
    return ctx->error.status;
}

tmo_status tmoi_quality_of(tmoi_quality *out, tmo_metric metric, const tmoi_score *scores, size_t count,
                           uint64_t seed, tmoi_ctx *ctx)
{
    if (metric == TMO_METRIC_SNR) return signal_to_noise(out, scores, count, seed, ctx);
    if (!tmoi_metric_is_proportion(metric)) return mean_error(out, metric, scores, NULL, count, ctx);
    proportion(out, metric, scores, count);
    return TMO_STATUS_OK;
}

static void count_pairs(tmoi_paired *paired, tmo_metric metric, const tmoi_score *a, const tmoi_score *b,
                        size_t count)
{
    *paired = (tmoi_paired){0};
    for (size_t k = 0; k < count; k++) {
        bool hit_a = tmoi_score_is_hit(metric, &a[k]), hit_b = tmoi_score_is_hit(metric, &b[k]);
        uint64_t *cell = hit_a   ? (hit_b ? &paired->both : &paired->only_a)
                         : hit_b ? &paired->only_b
                                 : &paired->neither;
        ++*cell;
    }
}

tmo_status tmoi_quality_difference(tmoi_quality *out, tmoi_paired *paired, tmo_metric metric,
                                   const tmoi_score *a, const tmoi_score *b, size_t count, uint64_t seed,
                                   tmoi_ctx *ctx)
{
    tmoi_quality alone;
    *paired = (tmoi_paired){0};
    if (tmoi_metric_is_proportion(metric)) {
        count_pairs(paired, metric, a, b, count);
        out->value = tmoi_paired_difference(paired, &out->ci95);
        return TMO_STATUS_OK;
    }
    if (metric != TMO_METRIC_SNR) return mean_error(out, metric, b, a, count, ctx);
    TMO_TRY(signal_to_noise(&alone, a, count, seed, ctx));
    TMO_TRY(signal_to_noise(out, b, count, seed, ctx));
    *out = (tmoi_quality){out->value - alone.value,
                          {out->ci95.low - alone.value, out->ci95.high - alone.value}};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
