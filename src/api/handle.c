#include "api/handle.h"

#include <string.h>

#include "runtime/weights.h"

const char *tmo_version(void)
{
    return "0.1.0";
}

tmo_status tmoi_model_wrap(tmo_model **out, tmoi_graph *graph, tmoi_ctx *ctx)
{
    *out = NULL;
    TMO_TRY(tmoi_new(ctx, out, 1));
    **out = (tmo_model){.allocator = ctx->allocator, .graph = graph};
    TMO_TRY(tmoi_weights_make(&(*out)->weights, graph, ctx));
    return TMO_STATUS_OK;
fail:
    tmoi_release(&ctx->allocator, *out);
    *out = NULL;
    tmoi_graph_free(graph);
    return ctx->error.status;
}

tmo_status tmoi_options_copy(void *out, size_t known_bytes, const void *options, const char *subject,
                             tmoi_ctx *ctx)
{
    uint32_t struct_size;
    memset(out, 0, known_bytes);
    if (!options) return TMO_STATUS_OK;
    memcpy(&struct_size, options, sizeof struct_size);
    TMO_FAIL_IF(struct_size < sizeof struct_size, INVALID_ARGUMENT, ctx,
                "%s: struct_size of the options is %u, set it with the INIT macro", subject,
                (unsigned)struct_size);
    for (size_t k = known_bytes; k < struct_size; k++)
        TMO_FAIL_IF(((const unsigned char *)options)[k] != 0, INVALID_ARGUMENT, ctx,
                    "%s: the options have a field that this version does not know", subject);
    memcpy(out, options, struct_size < known_bytes ? struct_size : known_bytes);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

void tmoi_info_copy(void *caller, const void *info, size_t known_bytes)
{
    uint32_t struct_size;
    memcpy(&struct_size, caller, sizeof struct_size);
    size_t bytes = struct_size && struct_size < known_bytes ? struct_size : known_bytes;
    memcpy(caller, info, bytes);
    memcpy(caller, &struct_size, sizeof struct_size);
}

const tmoi_subgraph *tmoi_model_subgraph(const tmo_model *model, int32_t k, tmoi_ctx *ctx)
{
    if (k >= 0 && k < model->graph->subgraph_count) return &model->graph->subgraphs[k];
    (void)tmoi_fail(ctx, TMO_STATUS_INVALID_ARGUMENT, "subgraph %d is out of range, the model has %d", (int)k,
                    (int)model->graph->subgraph_count);
    return NULL;
}
