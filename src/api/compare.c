/* tmo/compare.h */
#include "report/compare.h"

#include <string.h>

#include "api/handle.h"
#include "report/inspect.h"

static const tmo_option compare_table[] = {
    {"metric", TMO_OPTION_CHOICE, offsetof(tmo_compare_options, metric), 0, 6, 0,
     "auto|accuracy|top5|mse|mae|agreement|snr", "what to compare"},
    {"margin", TMO_OPTION_FLOAT, offsetof(tmo_compare_options, margin), 0, 1e9, 0, NULL,
     "how much worse still counts as not worse, in units of the metric"},
    {"seconds", TMO_OPTION_FLOAT, offsetof(tmo_compare_options, seconds), 1e-3, 86400, 0.5, NULL,
     "time to measure the latency of each model, in seconds"},
    {"layer-samples", TMO_OPTION_INT32, offsetof(tmo_compare_options, layer_samples), 1, 1000000, 8, NULL,
     "samples to measure the error of layers with"},
    {"pictures", TMO_OPTION_INT32, offsetof(tmo_compare_options, pictures), 1, 1000, 16, NULL,
     "samples to show in the report"},
    {"threads", TMO_OPTION_INT32, offsetof(tmo_compare_options, threads), 1, 1024, 0, NULL,
     "samples computed at once; 0: one a physical core"},
    {"arithmetic", TMO_OPTION_CHOICE, offsetof(tmo_compare_options, arithmetic), 0, 1, 0, "default|reference",
     "default, or reference: the bits of TFLite's reference kernels"},
    {"isa", TMO_OPTION_TEXT, offsetof(tmo_compare_options, isa), 0, 0, 0, NULL,
     "the highest instruction set to use, such as c or avx2"},
    {"seed", TMO_OPTION_UINT64, offsetof(tmo_compare_options, seed), 0, 9e15, 0, NULL,
     "seed of the bootstrap"},
};

enum { MAX_CONTENDERS = 64 };

const tmo_option *tmo_compare_option_table(size_t *count)
{
    *count = sizeof compare_table / sizeof compare_table[0];
    return compare_table;
}

static void set_defaults(tmo_compare_options *options)
{
    if (options->seconds == 0) options->seconds = 0.5f;
    if (options->layer_samples == 0) options->layer_samples = 8;
    if (options->pictures == 0) options->pictures = 16;
}

static tmo_status take_contenders(tmo_comparison *comparison, tmoi_scored_model *models,
                                  const tmo_contender *contenders, int32_t count, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_arena_new(&comparison->arena, &comparison->results, (size_t)count, ctx));
    comparison->contender_count = count;
    for (int32_t k = 0; k < count; k++) {
        tmo_comparison_result *result = &comparison->results[k];
        models[k] = (tmoi_scored_model){contenders[k].model->graph, tmoi_dataset_of(contenders[k].dataset)};
        TMO_TRY(tmoi_arena_text(&comparison->arena, &result->name, contenders[k].name,
                                strlen(contenders[k].name), ctx));
        if (contenders[k].path)
            TMO_TRY(tmoi_file_sizes(contenders[k].path, &result->file_bytes, &result->gzip_bytes, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status run(tmo_comparison *comparison, const tmo_contender *contenders, int32_t count,
                      const tmo_compare_options *settings, tmoi_ctx *ctx)
{
    tmoi_scored_model models[MAX_CONTENDERS];
    tmoi_compare_config config = {
        .options = settings,
        .score = {.threads = settings->threads,
                  .is_reference_arithmetic = settings->arithmetic == TMO_ARITHMETIC_REFERENCE,
                  .progress = settings->progress,
                  .progress_user = settings->progress_user},
        .models = models};
    TMO_TRY(tmoi_cpu_of_isa(&config.score.cpu, settings->isa, ctx));
    TMO_TRY(take_contenders(comparison, models, contenders, count, ctx));
    TMO_TRY(tmoi_compare_quality(comparison, &config, ctx));
    TMO_TRY(tmoi_compare_speed(comparison, &config, ctx));
    TMO_TRY(tmoi_compare_layers(comparison, &config, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmo_compare(tmo_comparison **out, const tmo_contender *contenders, int32_t count,
                       const tmo_compare_options *options, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmo_compare_options settings;
    tmo_comparison *comparison = NULL;
    size_t rows;
    *out = NULL;
    TMO_TRY(tmoi_options_copy(&settings, sizeof settings, options, "compare", &ctx));
    const tmo_option *table = tmo_compare_option_table(&rows);
    TMO_TRY(tmo_options_check(table, rows, &settings, "compare", &ctx.error));
    TMO_FAIL_IF(count < 2 || count > MAX_CONTENDERS, INVALID_ARGUMENT, &ctx,
                "compare: 2 to %d models are needed, got %d", MAX_CONTENDERS, (int)count);
    ctx = tmoi_ctx_make(&settings.allocator);
    set_defaults(&settings);
    TMO_TRY(tmoi_new(&ctx, &comparison, 1));
    tmoi_arena_init(&comparison->arena, &ctx.allocator);
    TMO_TRY(run(comparison, contenders, count, &settings, &ctx));
    *out = comparison;
    return TMO_STATUS_OK;
fail:
    tmo_comparison_free(comparison);
    return tmoi_ctx_finish(&ctx, error);
}

void tmo_comparison_free(tmo_comparison *comparison)
{
    if (!comparison) return;
    tmo_allocator allocator = comparison->arena.allocator;
    tmoi_arena_clear(&comparison->arena);
    tmoi_release(&allocator, comparison);
}

tmo_metric tmo_comparison_metric(const tmo_comparison *comparison)
{
    return comparison->metric;
}

uint64_t tmo_comparison_samples(const tmo_comparison *comparison)
{
    return comparison->samples;
}

tmo_status tmo_comparison_get(const tmo_comparison *comparison, int32_t k, tmo_comparison_result *result,
                              tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    TMO_FAIL_IF(k < 0 || k >= comparison->contender_count, INVALID_ARGUMENT, &ctx,
                "model %d is out of range, there are %d", (int)k, (int)comparison->contender_count);
    tmoi_info_copy(result, &comparison->results[k], sizeof *result);
fail:
    return tmoi_ctx_finish(&ctx, error);
}

int32_t tmo_comparison_layer_count(const tmo_comparison *comparison)
{
    return comparison->layer_count;
}

tmo_status tmo_comparison_layer(const tmo_comparison *comparison, int32_t k, tmo_layer_error *layer,
                                tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    TMO_FAIL_IF(k < 0 || k >= comparison->layer_count, INVALID_ARGUMENT, &ctx,
                "layer %d is out of range, there are %d", (int)k, (int)comparison->layer_count);
    tmoi_info_copy(layer, &comparison->layers[k], sizeof *layer);
fail:
    return tmoi_ctx_finish(&ctx, error);
}

tmo_status tmo_comparison_write_html(const tmo_comparison *comparison, const char *path, const char *title,
                                     tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    (void)tmoi_comparison_write_html(comparison, path, title, &ctx);
    return tmoi_ctx_finish(&ctx, error);
}
