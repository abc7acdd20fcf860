/* float16 weights: a constant and a DEQUANTIZE to float32, as the TensorFlow converter writes them. */
#include <math.h>

#include "base/fp16.h"
#include "optimize/store.h"
#include "rewrite/helpers.h"

/* Smaller constants would gain less than the operator and the tensor that they need take. */
enum { LEAST_ELEMENTS = 128 };

static bool fits_float16(const tmoi_tensor *tensor)
{
    const float *values = tensor->data;
    for (int64_t k = 0; k < tmoi_tensor_count(tensor); k++)
        if (fabsf(values[k]) >= 65520.0f) return false;
    return true;
}

static bool is_kept(const tmoi_subgraph *subgraph, int32_t index, int32_t tensor,
                    const tmoi_selection *keep_float)
{
    for (int32_t k = 0; k < subgraph->op_count; k++)
        for (int32_t i = 0; i < subgraph->ops[k].input_count; i++)
            if (subgraph->ops[k].inputs[i] == tensor && tmoi_selection_has(keep_float, index, k)) return true;
    return false;
}

static tmo_status add_float16(tmoi_graph *graph, int32_t index, int32_t tensor, int32_t *out, tmoi_ctx *ctx)
{
    const tmoi_tensor constant = graph->subgraphs[index].tensors[tensor];
    const float *values = constant.data;
    int64_t count = tmoi_tensor_count(&constant);
    void *halves;
    TMO_TRY(tmoi_graph_add_tensor(graph, index, constant.name, TMO_TYPE_FLOAT16, &constant.shape, out, ctx));
    TMO_TRY(tmoi_graph_new_data(graph, &graph->subgraphs[index].tensors[*out],
                                (size_t)count * sizeof(uint16_t), &halves, ctx));
    for (int64_t k = 0; k < count; k++) ((uint16_t *)halves)[k] = tmoi_fp16_from_float(values[k]);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Which constants to convert, decided before operators are inserted and their numbers change. */
static tmo_status mark(const tmoi_subgraph *subgraph, int32_t index, const tmoi_selection *keep_float,
                       bool *wanted, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < subgraph->tensor_count; k++) {
        const tmoi_tensor *tensor = &subgraph->tensors[k];
        if (!tmoi_is_float_constant(tensor) || tmoi_tensor_count(tensor) < LEAST_ELEMENTS) continue;
        if (tmoi_subgraph_is_output(subgraph, k) || is_kept(subgraph, index, k, keep_float)) continue;
        wanted[k] = fits_float16(tensor);
        if (!wanted[k])
            tmoi_log(ctx, TMO_LOG_LEVEL_WARNING,
                     "quantize: '%s' stays float32: it has values beyond float16's", tensor->name);
    }
    return TMO_STATUS_OK;
}

static void count_changed(const tmoi_subgraph *subgraph, const bool *wanted, tmoi_quantize_result *result)
{
    for (int32_t k = 0; k < subgraph->op_count; k++) {
        bool changed = false;
        for (int32_t i = 0; i < subgraph->ops[k].input_count; i++)
            changed = changed || (subgraph->ops[k].inputs[i] >= 0 && wanted[subgraph->ops[k].inputs[i]]);
        result->quantized += changed;
    }
}

tmo_status tmoi_store_float16(tmoi_graph *graph, const tmoi_selection *keep_float,
                              tmoi_quantize_result *result, tmoi_ctx *ctx)
{
    for (int32_t s = 0; s < graph->subgraph_count; s++) {
        tmoi_subgraph *subgraph = &graph->subgraphs[s];
        int32_t count = subgraph->tensor_count;
        bool *wanted;
        TMO_TRY(tmoi_arena_new(graph->arena, &wanted, (size_t)count, ctx));
        TMO_TRY(mark(subgraph, s, keep_float, wanted, ctx));
        count_changed(subgraph, wanted, result);
        for (int32_t k = count - 1; k >= 0; k--) {
            int32_t stored;
            if (!wanted[k]) continue;
            TMO_TRY(add_float16(graph, s, k, &stored, ctx));
            TMO_TRY(tmoi_read_through_dequantize(graph, s, k, stored, ctx));
        }
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
