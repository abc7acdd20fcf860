#include "rewrite/rewrite.h"

static const struct {
    const char *name;
    tmoi_rewrite_function function;
} rewrites[] = {
#define X(name) {#name, tmoi_##name},
    TMOI_REWRITES(X)
#undef X
};

const char *tmoi_rewrite_name(enum tmoi_rewrite rewrite)
{
    return rewrites[rewrite].name;
}

tmoi_rewrite_function tmoi_rewrite_find(enum tmoi_rewrite rewrite)
{
    return rewrites[rewrite].function;
}

static tmo_status run_once(tmoi_graph *graph, uint32_t mask, const tmoi_evaluator *evaluator,
                           int32_t *changes, int32_t *total, tmoi_ctx *ctx)
{
    for (int32_t which = 0; which < TMOI_REWRITE_COUNT; which++) {
        if (!(mask & (1u << which))) continue;
        for (int32_t k = 0; k < graph->subgraph_count; k++) {
            int32_t here = 0;
            TMO_TRY(rewrites[which].function(graph, k, evaluator, &here, ctx));
            *total += here;
            if (changes) changes[which] += here;
        }
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_rewrite_run(tmoi_graph *graph, uint32_t mask, const tmoi_evaluator *evaluator,
                            int32_t *changes, tmoi_ctx *ctx)
{
    int32_t total;
    do {
        total = 0;
        TMO_TRY(run_once(graph, mask, evaluator, changes, &total, ctx));
    } while (total > 0);
    TMO_TRY(tmoi_graph_compact(graph, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
