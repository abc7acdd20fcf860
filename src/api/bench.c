/* tmo/bench.h */
#include "tmo/bench.h"

#include <string.h>

#include "api/handle.h"
#include "base/os.h"
#include "cpu/cpu.h"
#include "report/bench.h"
#include "report/inspect.h"

struct tmo_bench {
    tmo_allocator allocator;
    tmo_model *model;
    tmo_session *session;
    tmo_bench_options options;
    tmo_bench_result result;
    uint64_t start_rss_bytes;
};

static const tmo_option bench_table[] = {
    {"threads", TMO_OPTION_INT32, offsetof(tmo_bench_options, threads), 1, 1024, 0, NULL,
     "threads; 0: one a physical core"},
    {"arithmetic", TMO_OPTION_CHOICE, offsetof(tmo_bench_options, arithmetic), 0, 1, 0, "default|reference",
     "default, or reference: the bits of TFLite's reference kernels"},
    {"isa", TMO_OPTION_TEXT, offsetof(tmo_bench_options, isa), 0, 0, 0, NULL,
     "the highest instruction set to use, such as c or avx2"},
    {"seconds", TMO_OPTION_FLOAT, offsetof(tmo_bench_options, seconds), 1e-3, 86400, 2, NULL,
     "how long to measure, in seconds"},
    {"warmup", TMO_OPTION_INT32, offsetof(tmo_bench_options, warmup), 1, 1000000, 3, NULL,
     "runs before the measurement"},
    {"max-runs", TMO_OPTION_INT32, offsetof(tmo_bench_options, max_runs), 1, 1e9, 1e6, NULL,
     "stop after so many runs"},
    {"profile", TMO_OPTION_BOOL, offsetof(tmo_bench_options, profile), 0, 1, 0, NULL,
     "time of each operator, and its kernel"},
    {"seed", TMO_OPTION_UINT64, offsetof(tmo_bench_options, seed), 0, 9e15, 0, NULL,
     "seed of the random inputs"},
    {"weights-cache", TMO_OPTION_TEXT, offsetof(tmo_bench_options, weights_cache), 0, 0, 0, NULL,
     "a file, or a folder for many models, that keeps the weights as the kernels want them"},
    {"shape", TMO_OPTION_TEXT, offsetof(tmo_bench_options, shapes), 0, 0, 0, NULL,
     "shapes of inputs: NAME=1x160x160x3, several separated by commas; without NAME= of the first input"},
    {"as-written", TMO_OPTION_BOOL, offsetof(tmo_bench_options, as_written), 0, 1, 0, NULL,
     "run each operator of the model on its own, without fusing"},
    {"reduced-float", TMO_OPTION_BOOL, offsetof(tmo_bench_options, reduced_float), 0, 1, 0, NULL,
     "multiply floats rounded to bfloat16 where that is faster (AMX)"},
};

const tmo_option *tmo_bench_option_table(size_t *count)
{
    *count = sizeof bench_table / sizeof bench_table[0];
    return bench_table;
}

/* ---- measuring ---- */

static void measure_begins(void *user)
{
    tmo_bench *bench = user;
    if (bench->options.profile) tmo_session_profile_reset(bench->session);
}

static bool is_cancelled(void *user, double seconds_done)
{
    const tmo_bench *bench = user;
    tmo_progress step = {"bench", (uint64_t)(1e3 * seconds_done), (uint64_t)(1e3f * bench->options.seconds)};
    return bench->options.progress && bench->options.progress(bench->options.progress_user, &step) != 0;
}

static void set_defaults(tmo_bench_options *options)
{
    if (options->seconds == 0) options->seconds = 2;
    if (options->warmup == 0) options->warmup = 3;
    if (options->max_runs == 0) options->max_runs = 1000000;
}

static tmo_status load(tmo_bench *bench, const char *path, tmo_error *error)
{
    tmo_load_options options = TMO_LOAD_OPTIONS_INIT;
    bench->start_rss_bytes = tmoi_rss_bytes();
    uint64_t start = tmoi_clock_ns();
    options.allocator = bench->allocator;
    tmo_status status = tmo_model_load_file(&bench->model, path, &options, error);
    bench->result.load_us = 1e-3 * (double)(tmoi_clock_ns() - start);
    return status;
}

static tmo_status make_session(tmo_bench *bench, tmo_error *error)
{
    tmo_session_options options = TMO_SESSION_OPTIONS_INIT;
    uint64_t start = tmoi_clock_ns();
    options.threads = bench->options.threads;
    options.arithmetic = bench->options.arithmetic;
    options.isa = bench->options.isa;
    options.profile = bench->options.profile;
    options.weights_cache = bench->options.weights_cache;
    options.as_written = bench->options.as_written;
    options.reduced_float = bench->options.reduced_float;
    options.custom_operators = bench->options.custom_operators;
    options.custom_operator_count = bench->options.custom_operator_count;
    options.allocator = bench->allocator;
    tmo_status status = tmo_session_create(&bench->session, bench->model, &options, error);
    bench->result.create_us = 1e-3 * (double)(tmoi_clock_ns() - start);
    return status;
}

static tmo_status fill_result(tmo_bench *bench, const tmoi_latency *latency, tmoi_ctx *ctx)
{
    tmo_bench_result *result = &bench->result;
    uint32_t cpu = tmoi_cpu_features(), mask;
    tmoi_graph_stats stats;
    TMO_TRY(tmoi_graph_stats_of(&stats, bench->model->graph, ctx));
    result->first_us = latency->first_us;
    result->median_us = latency->median_us;
    result->p95_us = latency->p95_us;
    result->min_us = latency->min_us;
    result->mean_us = latency->mean_us;
    result->runs = latency->runs;
    result->arena_bytes = tmo_session_arena_bytes(bench->session);
    result->session_bytes = tmo_session_memory_bytes(bench->session);
    result->weight_bytes = stats.weight_bytes;
    result->peak_rss_bytes = tmoi_peak_rss_bytes();
    tmo_model_packed_bytes(bench->model, &result->packed_bytes, &result->mapped_bytes);
    if (latency->first_rss_bytes > bench->start_rss_bytes)
        result->resident_bytes = latency->first_rss_bytes - bench->start_rss_bytes;
    result->threads = bench->options.threads ? bench->options.threads : tmoi_core_count();
    if (bench->options.isa && tmoi_cpu_mask_of(bench->options.isa, &mask)) cpu &= mask;
    memcpy(result->isa, tmoi_cpu_name(cpu), strlen(tmoi_cpu_name(cpu)) + 1);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status measure(tmo_bench *bench, tmoi_ctx *ctx)
{
    tmoi_latency latency;
    tmoi_latency_config config = {.seconds = (double)bench->options.seconds,
                                  .warmup = bench->options.warmup,
                                  .max_runs = bench->options.max_runs,
                                  .measure_begins = measure_begins,
                                  .is_cancelled = is_cancelled,
                                  .user = bench};
    tmoi_session *session = tmoi_session_of(bench->session);
    if (bench->options.shapes)
        TMO_TRY(tmoi_resize_inputs(session, bench->model->graph->subgraphs, bench->options.shapes, ctx));
    tmoi_fill_random(session, bench->options.seed);
    TMO_TRY(tmoi_measure_latency(&latency, session, &config, ctx));
    TMO_TRY(fill_result(bench, &latency, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmo_bench_file(tmo_bench **out, const char *path, const tmo_bench_options *options,
                          tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmo_bench_options settings;
    tmo_bench *bench = NULL;
    size_t count;
    *out = NULL;
    TMO_TRY(tmoi_options_copy(&settings, sizeof settings, options, "bench", &ctx));
    const tmo_option *table = tmo_bench_option_table(&count);
    TMO_TRY(tmo_options_check(table, count, &settings, "bench", &ctx.error));
    ctx = tmoi_ctx_make(&settings.allocator);
    set_defaults(&settings);
    TMO_TRY(tmoi_new(&ctx, &bench, 1));
    bench->allocator = ctx.allocator;
    bench->options = settings;
    TMO_TRY(load(bench, path, &ctx.error));
    TMO_TRY(make_session(bench, &ctx.error));
    TMO_TRY(measure(bench, &ctx));
    *out = bench;
    return TMO_STATUS_OK;
fail:
    tmo_bench_free(bench);
    return tmoi_ctx_finish(&ctx, error);
}

void tmo_bench_free(tmo_bench *bench)
{
    if (!bench) return;
    tmo_allocator allocator = bench->allocator;
    tmo_session_free(bench->session);
    tmo_model_free(bench->model);
    tmoi_release(&allocator, bench);
}

/* ---- results ---- */

void tmo_bench_get_result(const tmo_bench *bench, tmo_bench_result *result)
{
    tmoi_info_copy(result, &bench->result, sizeof bench->result);
}

int32_t tmo_bench_profile_count(const tmo_bench *bench)
{
    return tmo_session_profile_count(bench->session);
}

tmo_status tmo_bench_profile(const tmo_bench *bench, int32_t k, tmo_profile_entry *entry, tmo_error *error)
{
    return tmo_session_profile(bench->session, k, entry, error);
}
