/* Measuring a session. */
#ifndef TMOI_REPORT_BENCH_H
#define TMOI_REPORT_BENCH_H

#include "runtime/session.h"

/* Fills every input of the session with random numbers: floats in [-1, 1], quantized types over their whole range, other integers 0
 * (they may be indices), strings empty. */
void tmoi_fill_random(tmoi_session *session, uint64_t seed);

/* Gives inputs other shapes: "NAME=1x160x160x3", several separated by commas; without a name it is the first input's. The session is
 * planned anew once, at the end. `subgraph` is the one that the session runs. */
tmo_status tmoi_resize_inputs(tmoi_session *session, const tmoi_subgraph *subgraph, const char *shapes,
                              tmoi_ctx *ctx);

typedef struct tmoi_latency_config {
    double seconds;
    int32_t warmup, max_runs;
    void (*measure_begins)(void *user); /* after the warm-up; may be NULL */
    bool (*is_cancelled)(void *user, double seconds_done);
    void *user;
} tmoi_latency_config;

typedef struct tmoi_latency {
    double first_us, median_us, p95_us, min_us, mean_us;
    uint64_t first_rss_bytes; /* resident memory of the process after the first run */
    uint64_t runs;
} tmoi_latency;

/* Runs the session again and again, with what its inputs hold. At least one run is measured. */
tmo_status tmoi_measure_latency(tmoi_latency *out, tmoi_session *session, const tmoi_latency_config *config,
                                tmoi_ctx *ctx);

#endif
