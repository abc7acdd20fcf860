/* tmo/evaluate.h */
#include "tmo/evaluate.h"

#include <string.h>

#include "api/handle.h"
#include "report/quality.h"

tmo_status tmo_metric_find(tmo_metric *out, const char *name, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    int k = 0;
    while (tmo_metric_name((tmo_metric)k) && strcmp(tmo_metric_name((tmo_metric)k), name) != 0) k++;
    TMO_FAIL_IF(!tmo_metric_name((tmo_metric)k), NOT_FOUND, &ctx,
                "metric '%s' is not known; there are auto, accuracy, top5, mse, mae, agreement and snr",
                name);
    *out = (tmo_metric)k;
fail:
    return tmoi_ctx_finish(&ctx, error);
}

static const tmo_option evaluate_table[] = {
    {"threads", TMO_OPTION_INT32, offsetof(tmo_evaluate_options, threads), 1, 1024, 0, NULL,
     "samples computed at once; 0: one a physical core"},
    {"arithmetic", TMO_OPTION_CHOICE, offsetof(tmo_evaluate_options, arithmetic), 0, 1, 0,
     "default|reference", "default, or reference: the bits of TFLite's reference kernels"},
    {"isa", TMO_OPTION_TEXT, offsetof(tmo_evaluate_options, isa), 0, 0, 0, NULL,
     "the highest instruction set to use, such as c or avx2"},
    {"seed", TMO_OPTION_UINT64, offsetof(tmo_evaluate_options, seed), 0, 9e15, 0, NULL,
     "seed of the bootstrap"},
};

const tmo_option *tmo_evaluate_option_table(size_t *count)
{
    *count = sizeof evaluate_table / sizeof evaluate_table[0];
    return evaluate_table;
}

/* The model, and the reference if there is one. */
static int32_t list_models(tmoi_scored_model models[2], const tmo_model *model, const tmo_dataset *dataset,
                           const tmo_evaluate_options *options)
{
    const tmo_dataset *second = options->reference_dataset ? options->reference_dataset : dataset;
    models[0] = (tmoi_scored_model){model->graph, tmoi_dataset_of(dataset)};
    if (!options->reference) return 1;
    models[1] = (tmoi_scored_model){options->reference->graph, tmoi_dataset_of(second)};
    return 2;
}

static tmo_status check_metrics(tmo_evaluation *results, int32_t count, const tmoi_dataset *dataset,
                                bool has_reference, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < count; k++) {
        TMO_FAIL_IF(!tmo_metric_name(results[k].metric), INVALID_ARGUMENT, ctx,
                    "eval: metric %d is not known", (int)results[k].metric);
        TMO_TRY(tmoi_metric_resolve(&results[k].metric, dataset, has_reference, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status sum_up(tmo_evaluation *results, int32_t count, const tmoi_score *scores, size_t samples,
                         uint64_t seed, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < count; k++) {
        tmoi_quality quality;
        TMO_TRY(tmoi_quality_of(&quality, results[k].metric, scores, samples, seed, ctx));
        results[k] = (tmo_evaluation){results[k].metric, quality.value, quality.ci95.low, quality.ci95.high,
                                      samples};
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmo_evaluate(tmo_evaluation *results, int32_t count, const tmo_model *model,
                        const tmo_dataset *dataset, const tmo_evaluate_options *options, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmo_evaluate_options settings;
    tmoi_scored_model models[2];
    tmoi_score *scores = NULL;
    size_t rows, samples = (size_t)tmo_dataset_count(dataset);
    TMO_TRY(tmoi_options_copy(&settings, sizeof settings, options, "eval", &ctx));
    const tmo_option *table = tmo_evaluate_option_table(&rows);
    TMO_TRY(tmo_options_check(table, rows, &settings, "eval", &ctx.error));
    ctx = tmoi_ctx_make(&settings.allocator);
    int32_t model_count = list_models(models, model, dataset, &settings);
    TMO_TRY(check_metrics(results, count, models[0].dataset, model_count > 1, &ctx));
    tmoi_score_config config = {.threads = settings.threads,
                                .is_reference_arithmetic = settings.arithmetic == TMO_ARITHMETIC_REFERENCE,
                                .reference = model_count > 1 ? 1 : -1,
                                .progress = settings.progress,
                                .progress_user = settings.progress_user};
    TMO_TRY(tmoi_cpu_of_isa(&config.cpu, settings.isa, &ctx));
    TMO_TRY(tmoi_alloc(&ctx, (void **)&scores, samples * (size_t)model_count, sizeof *scores, 16));
    TMO_TRY(tmoi_score_models(scores, models, model_count, &config, &ctx));
    TMO_TRY(sum_up(results, count, scores, samples, settings.seed, &ctx));
fail:
    tmoi_release(&ctx.allocator, scores);
    return tmoi_ctx_finish(&ctx, error);
}
