/* Scores of samples summed up as metrics. */
#ifndef TMOI_REPORT_QUALITY_H
#define TMOI_REPORT_QUALITY_H

#include "report/score.h"
#include "report/statistics.h"
#include "tmo/evaluate.h"

typedef struct tmoi_quality {
    double value;
    tmoi_interval ci95;
} tmoi_quality;

/* What METRIC_AUTO stands for with such data; any other metric stays. Fails with INVALID_DATA when the data lack what the metric
 * needs. */
tmo_status tmoi_metric_resolve(tmo_metric *metric, const tmoi_dataset *dataset, bool has_reference,
                               tmoi_ctx *ctx);

/* True for the metrics that are the part of samples that are right. */
bool tmoi_metric_is_proportion(tmo_metric metric);
/* For these: whether the sample is right. */
bool tmoi_score_is_hit(tmo_metric metric, const tmoi_score *score);

/* `count` scores of one model. */
tmo_status tmoi_quality_of(tmoi_quality *out, tmo_metric metric, const tmoi_score *scores, size_t count,
                           uint64_t seed, tmoi_ctx *ctx);
/* quality(b) - quality(a) on the same samples, with the interval of a paired comparison. For SNR the interval is that of b alone,
 * shifted. `paired` is filled for proportions. */
tmo_status tmoi_quality_difference(tmoi_quality *out, tmoi_paired *paired, tmo_metric metric,
                                   const tmoi_score *a, const tmoi_score *b, size_t count, uint64_t seed,
                                   tmoi_ctx *ctx);

#endif
