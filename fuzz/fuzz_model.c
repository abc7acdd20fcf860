/* .tflite files: import, then whatever reads all of the graph. */
#include <stdlib.h>

#include "model/export.h"
#include "model/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(void *user, const char *text)
{
    (void)user;
    (void)text;
}

/* What was written must be readable. */
static void write_and_read(const tmoi_graph *graph, tmoi_ctx *ctx)
{
    uint8_t *written;
    size_t size;
    tmoi_graph *again;
    if (tmoi_graph_export_memory(graph, &written, &size, NULL, ctx) != TMO_STATUS_OK) abort();
    if (tmoi_graph_import(&again, written, size, NULL, ctx) != TMO_STATUS_OK) abort();
    tmoi_graph_free(again);
    tmoi_release(&ctx->allocator, written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_graph *graph;
    if (tmoi_graph_import(&graph, data, size, NULL, &ctx) != TMO_STATUS_OK) return 0;
    tmoi_graph_dump(graph, ignore, NULL);
    write_and_read(graph, &ctx);
    tmoi_graph_free(graph);
    return 0;
}
