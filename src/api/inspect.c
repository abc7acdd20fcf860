/* tmo/inspect.h */
#include "tmo/inspect.h"

#include "api/handle.h"
#include "report/inspect.h"

tmo_status tmo_model_tensor_statistics(const tmo_model *model, int32_t subgraph, int32_t tensor,
                                       tmo_tensor_statistics *out, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(&model->allocator);
    tmoi_weight_stats stats;
    const tmoi_subgraph *found = tmoi_model_subgraph(model, subgraph, &ctx);
    if (!found) goto fail;
    TMO_FAIL_IF(tensor < 0 || tensor >= found->tensor_count, INVALID_ARGUMENT, &ctx,
                "tensor %d is out of range, the subgraph has %d", (int)tensor, (int)found->tensor_count);
    TMO_TRY(tmoi_weight_stats_of(&stats, &found->tensors[tensor], &ctx));
    tmo_tensor_statistics full = {.elements = stats.elements,
                                  .zeros = stats.zeros,
                                  .sparsity = stats.elements ? (double)stats.zeros / (double)stats.elements
                                                             : 0,
                                  .distinct = stats.distinct,
                                  .min = stats.min,
                                  .max = stats.max,
                                  .not_finite = stats.not_finite};
    tmoi_info_copy(out, &full, sizeof full);
fail:
    return tmoi_ctx_finish(&ctx, error);
}

tmo_status tmo_model_get_statistics(const tmo_model *model, tmo_model_statistics *out, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(&model->allocator);
    tmoi_graph_stats stats;
    TMO_TRY(tmoi_graph_stats_of(&stats, model->graph, &ctx));
    tmo_model_statistics full = {.operators = stats.ops,
                                 .float_operators = stats.float_ops,
                                 .integer_operators = stats.integer_ops,
                                 .macs = stats.macs,
                                 .weight_bytes = stats.weight_bytes,
                                 .weights = stats.weights,
                                 .zero_weights = stats.zero_weights};
    tmoi_info_copy(out, &full, sizeof full);
fail:
    return tmoi_ctx_finish(&ctx, error);
}

tmo_status tmo_model_is_float_operator(const tmo_model *model, int32_t subgraph, int32_t op, bool *out,
                                       tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    const tmoi_subgraph *found = tmoi_model_subgraph(model, subgraph, &ctx);
    *out = false;
    if (!found) goto fail;
    TMO_FAIL_IF(op < 0 || op >= found->op_count, INVALID_ARGUMENT, &ctx,
                "operator %d is out of range, the subgraph has %d", (int)op, (int)found->op_count);
    *out = tmoi_op_is_float(found, &found->ops[op]);
fail:
    return tmoi_ctx_finish(&ctx, error);
}

tmo_status tmo_file_sizes(const char *path, uint64_t *file_bytes, uint64_t *gzip_bytes, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    (void)tmoi_file_sizes(path, file_bytes, gzip_bytes, &ctx);
    return tmoi_ctx_finish(&ctx, error);
}
