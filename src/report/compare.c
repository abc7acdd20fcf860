#include "report/compare.h"

#include <math.h>

#include "report/bench.h"
#include "report/inspect.h"
#include "report/quality.h"

/* ---- quality ---- */

const char *tmo_verdict_name(tmo_verdict verdict)
{
    static const char *const names[] = {"baseline", "better", "not worse", "worse", "inconclusive"};
    return (uint32_t)verdict < sizeof names / sizeof names[0] ? names[verdict] : "unknown";
}

static tmo_verdict verdict_of(tmo_metric metric, const tmoi_interval *difference, double margin)
{
    bool is_higher_better = tmo_metric_is_higher_better(metric);
    double low = is_higher_better ? difference->low : -difference->high;
    double high = is_higher_better ? difference->high : -difference->low;
    if (low > 0) return TMO_VERDICT_BETTER;
    if (low >= -margin) return TMO_VERDICT_NOT_WORSE;
    return high < -margin ? TMO_VERDICT_WORSE : TMO_VERDICT_INCONCLUSIVE;
}

static tmo_status against_baseline(tmo_comparison_result *result, const tmo_comparison *comparison,
                                   const tmoi_score *baseline, const tmoi_score *scores, uint64_t seed,
                                   tmoi_ctx *ctx)
{
    size_t count = (size_t)comparison->samples;
    tmoi_quality difference, agreement;
    tmoi_paired paired;
    TMO_TRY(tmoi_quality_difference(&difference, &paired, comparison->metric, baseline, scores, count, seed,
                                    ctx));
    TMO_TRY(tmoi_quality_of(&agreement, TMO_METRIC_AGREEMENT, scores, count, seed, ctx));
    result->difference = difference.value;
    result->difference_low = difference.ci95.low;
    result->difference_high = difference.ci95.high;
    result->only_baseline = paired.only_a;
    result->only_this = paired.only_b;
    result->mcnemar_p = tmoi_metric_is_proportion(comparison->metric) ? tmoi_mcnemar(&paired) : (double)NAN;
    result->agreement = agreement.value;
    result->verdict = verdict_of(comparison->metric, &difference.ci95, (double)comparison->margin);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static double output_snr(const tmoi_score *scores, size_t count)
{
    double signal = 0, noise = 0;
    for (size_t k = 0; k < count; k++) {
        signal += scores[k].signal;
        noise += scores[k].noise;
    }
    return noise > 0 ? 10 * log10(signal / noise) : (double)INFINITY;
}

static tmo_status sum_up(tmo_comparison *comparison, const tmoi_score *scores, uint64_t seed, tmoi_ctx *ctx)
{
    size_t count = (size_t)comparison->samples;
    for (int32_t m = 0; m < comparison->contender_count; m++) {
        const tmoi_score *own = scores + (size_t)m * count;
        tmo_comparison_result *result = &comparison->results[m];
        tmoi_quality quality;
        TMO_TRY(tmoi_quality_of(&quality, comparison->metric, own, count, seed, ctx));
        result->value = quality.value;
        result->ci95_low = quality.ci95.low;
        result->ci95_high = quality.ci95.high;
        result->snr_db = output_snr(own, count);
        result->agreement = 1;
        result->mcnemar_p = (double)NAN;
        if (m > 0) TMO_TRY(against_baseline(result, comparison, scores, own, seed, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_compare_quality(tmo_comparison *comparison, const tmoi_compare_config *config, tmoi_ctx *ctx)
{
    tmoi_score *scores = NULL;
    const tmoi_dataset *dataset = config->models[0].dataset;
    comparison->metric = (tmo_metric)config->options->metric;
    comparison->margin = config->options->margin;
    comparison->samples = (uint64_t)tmoi_dataset_count(dataset);
    TMO_TRY(tmoi_metric_resolve(&comparison->metric, dataset, true, ctx));
    TMO_TRY(tmoi_alloc(ctx, (void **)&scores,
                       (size_t)comparison->samples * (size_t)comparison->contender_count, sizeof *scores,
                       16));
    TMO_TRY(tmoi_score_models(scores, config->models, comparison->contender_count, &config->score, ctx));
    TMO_TRY(sum_up(comparison, scores, config->options->seed, ctx));
    TMO_TRY(tmoi_compare_pictures(comparison, config, scores, ctx));
fail:
    tmoi_release(&ctx->allocator, scores);
    return ctx->error.status;
}

/* ---- speed and memory ---- */

static tmo_status measure(tmo_comparison_result *result, const tmoi_scored_model *model,
                          const tmoi_compare_config *config, tmoi_ctx *ctx)
{
    tmoi_session_config session_config = {.cpu = config->score.cpu,
                                          .reference = config->score.is_reference_arithmetic};
    tmoi_latency_config latency_config = {
        .seconds = (double)config->options->seconds, .warmup = 3, .max_runs = 1000000};
    tmoi_session *session = NULL;
    tmoi_latency latency;
    tmoi_graph_stats stats;
    int32_t label;
    TMO_TRY(tmoi_graph_stats_of(&stats, model->graph, ctx));
    TMO_TRY(tmoi_scored_session(&session, model, &session_config, ctx));
    TMO_TRY(tmoi_scored_run(session, model, 0, NULL, &label, ctx));
    TMO_TRY(tmoi_measure_latency(&latency, session, &latency_config, ctx));
    result->weight_bytes = stats.weight_bytes;
    result->arena_bytes = tmoi_session_arena_bytes(session);
    result->median_us = latency.median_us;
    result->p95_us = latency.p95_us;
    result->min_us = latency.min_us;
fail:
    tmoi_session_free(session);
    return ctx->error.status;
}

tmo_status tmoi_compare_speed(tmo_comparison *comparison, const tmoi_compare_config *config, tmoi_ctx *ctx)
{
    for (int32_t m = 0; m < comparison->contender_count; m++) {
        tmo_progress step = {"latency", (uint64_t)m, (uint64_t)comparison->contender_count};
        TMO_FAIL_IF(config->score.progress && config->score.progress(config->score.progress_user, &step) != 0,
                    CANCELLED, ctx, "compare: cancelled");
        TMO_TRY(measure(&comparison->results[m], &config->models[m], config, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
