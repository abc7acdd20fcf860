/* tmo/model.h: checking a file. */
#include "base/os.h"
#include "model/import.h"
#include "tflite/verify.h"
#include "tmo/model.h"

typedef struct fault_list {
    void (*report)(void *user, int64_t offset, const char *fault);
    void *user;
} fault_list;

static void report_finding(void *user, tmoi_fb_severity severity, size_t offset, const char *text)
{
    const fault_list *list = user;
    if (severity == TMOI_FB_FAULT) list->report(list->user, (int64_t)offset, text);
}

/* A file whose bytes are in order may still break a rule of the graph: import checks those. */
static tmo_status verify_map(const tmoi_file_map *map, fault_list *list, tmoi_ctx *ctx)
{
    const tmoi_fb_reporter reporter = {report_finding, list};
    tmoi_graph *graph = NULL;
    TMO_TRY(tmoi_fb_verify(map->data, map->size_bytes, list->report ? &reporter : NULL, NULL, ctx));
    if (tmoi_graph_import(&graph, map->data, map->size_bytes, NULL, ctx) != TMO_STATUS_OK) {
        if (list->report) list->report(list->user, ctx->error.file_offset, ctx->error.message);
        goto fail;
    }
    tmoi_graph_free(graph);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmo_model_verify_file(const char *path,
                                 void (*report)(void *user, int64_t offset, const char *fault), void *user,
                                 tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    fault_list list = {report, user};
    tmoi_file_map map = {0};
    TMO_TRY(tmoi_file_map_open(&map, path, &ctx));
    TMO_TRY(verify_map(&map, &list, &ctx));
fail:
    tmoi_file_map_close(&map);
    return tmoi_ctx_finish(&ctx, error);
}
