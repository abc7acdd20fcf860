#include "report/bench.h"

#include <string.h>

#include "base/os.h"
#include "base/rng.h"
#include "report/statistics.h"

static void fill_floats(float *out, size_t count, tmoi_rng *rng)
{
    for (size_t k = 0; k < count; k++) out[k] = 2 * tmoi_rng_uniform(rng) - 1;
}

static void fill_bytes(uint8_t *out, size_t count, tmoi_rng *rng)
{
    for (size_t k = 0; k < count; k++) out[k] = (uint8_t)tmoi_rng_u32(rng);
}

void tmoi_fill_random(tmoi_session *session, uint64_t seed)
{
    tmoi_rng rng = tmoi_rng_make(seed, 1);
    for (int32_t k = 0; k < tmoi_session_input_count(session); k++) {
        tmoi_value *value = tmoi_session_input(session, k);
        if (!value->data) continue;
        if (value->type == TMO_TYPE_FLOAT32)
            fill_floats(value->data, value->bytes / sizeof(float), &rng);
        else if (value->quant->count > 0)
            fill_bytes(value->data, value->bytes, &rng);
        else
            memset(value->data, 0, value->bytes);
    }
}

static tmo_status timed_run(double *out_us, tmoi_session *session, tmoi_ctx *ctx)
{
    uint64_t start = tmoi_clock_ns();
    tmo_status status = tmoi_session_run(session, ctx);
    *out_us = 1e-3 * (double)(tmoi_clock_ns() - start);
    return status;
}

static void summarize(tmoi_latency *out, double *times, size_t count)
{
    double sum = 0;
    for (size_t k = 0; k < count; k++) sum += times[k];
    out->runs = count;
    out->mean_us = sum / (double)count;
    out->median_us = tmoi_quantile(times, count, 0.5);
    out->p95_us = tmoi_quantile(times, count, 0.95);
    out->min_us = times[0];
}

tmo_status tmoi_measure_latency(tmoi_latency *out, tmoi_session *session, const tmoi_latency_config *config,
                                tmoi_ctx *ctx)
{
    double *times = NULL, unused, elapsed = 0;
    size_t count = 0, capacity = 0;
    TMO_TRY(timed_run(&out->first_us, session, ctx));
    out->first_rss_bytes = tmoi_rss_bytes();
    for (int32_t k = 1; k < config->warmup; k++) TMO_TRY(timed_run(&unused, session, ctx));
    if (config->measure_begins) config->measure_begins(config->user);
    while (count == 0 || (elapsed < 1e6 * config->seconds && count < (size_t)config->max_runs)) {
        TMO_TRY(tmoi_grow(ctx, (void **)&times, &capacity, count + 1, sizeof *times));
        TMO_TRY(timed_run(&times[count], session, ctx));
        elapsed += times[count++];
        TMO_FAIL_IF(config->is_cancelled && config->is_cancelled(config->user, 1e-6 * elapsed), CANCELLED,
                    ctx, "bench: cancelled");
    }
    summarize(out, times, count);
fail:
    tmoi_release(&ctx->allocator, times);
    return ctx->error.status;
}
