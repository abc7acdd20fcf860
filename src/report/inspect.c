#include "report/inspect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/macs.h"
#include "report/values.h"

/* ---- distinct values ---- */

/* The bits of element k, with one pattern for both zeros. */
static uint64_t bits_of(const tmoi_tensor *tensor, int64_t k)
{
    double value = tmoi_stored_value(tensor->type, tensor->data, k);
    uint64_t bits;
    if (value == 0) value = 0;
    if (tensor->type == TMO_TYPE_INT64 || tensor->type == TMO_TYPE_UINT64)
        memcpy(&bits, (const char *)tensor->data + 8 * (size_t)k, sizeof bits);
    else
        memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Sorts by 16 bits at `shift`, stably; false when all keys have the same ones, and `to` is then not written. */
static bool sort_pass(const uint64_t *from, uint64_t *to, size_t count, uint32_t shift, size_t *starts)
{
    memset(starts, 0, 65537 * sizeof *starts);
    for (size_t k = 0; k < count; k++) starts[(from[k] >> shift & 0xFFFF) + 1]++;
    if (starts[(from[0] >> shift & 0xFFFF) + 1] == count) return false;
    for (size_t k = 1; k < 65536; k++) starts[k] += starts[k - 1];
    for (size_t k = 0; k < count; k++) to[starts[from[k] >> shift & 0xFFFF]++] = from[k];
    return true;
}

static uint64_t count_distinct_keys(uint64_t *keys, uint64_t *scratch, size_t count, size_t *starts)
{
    uint64_t distinct = count > 0;
    for (uint32_t shift = 0; shift < 64 && count > 0; shift += 16) {
        if (!sort_pass(keys, scratch, count, shift, starts)) continue;
        uint64_t *swap = keys;
        keys = scratch;
        scratch = swap;
    }
    for (size_t k = 1; k < count; k++) distinct += keys[k] != keys[k - 1];
    return distinct;
}

static tmo_status count_distinct(uint64_t *out, const tmoi_tensor *tensor, int64_t count, tmoi_ctx *ctx)
{
    uint64_t *keys = NULL;
    size_t *starts = NULL;
    TMO_TRY(tmoi_alloc(ctx, (void **)&keys, 2 * (size_t)count, sizeof *keys, 16));
    TMO_TRY(tmoi_new(ctx, &starts, 65537));
    for (int64_t k = 0; k < count; k++) keys[k] = bits_of(tensor, k);
    *out = count_distinct_keys(keys, keys + count, (size_t)count, starts);
fail:
    tmoi_release(&ctx->allocator, keys);
    tmoi_release(&ctx->allocator, starts);
    return ctx->error.status;
}

/* ---- one tensor ---- */

static int64_t stored_count(const tmoi_tensor *tensor)
{
    int64_t stored = (int64_t)(tensor->data_bytes * 8 / tmo_type_bits(tensor->type)),
            count = tmoi_shape_count(&tensor->shape);
    return stored < count ? stored : count;
}

static void add_values(tmoi_weight_stats *out, const float *values, int64_t count)
{
    for (int64_t k = 0; k < count; k++) {
        double value = (double)values[k];
        if (value == 0) out->zeros++;
        if (!isfinite(value)) out->not_finite++;
        if (isfinite(value) && value < out->min) out->min = value;
        if (isfinite(value) && value > out->max) out->max = value;
    }
}

/* All but `distinct`. A sparse tensor's data holds its nonzero blocks only; the rest is zero. */
static void scan(tmoi_weight_stats *out, const tmoi_tensor *tensor, int64_t stored)
{
    enum { CHUNK = 1024 };
    float values[CHUNK];
    tmoi_elements elements = {tensor->type, tensor->data, &tensor->shape, &tensor->quant};
    *out = (tmoi_weight_stats){
        .elements = (uint64_t)tmoi_shape_count(&tensor->shape), .min = INFINITY, .max = -INFINITY};
    for (int64_t at = 0; at < stored; at += CHUNK) {
        int64_t count = stored - at < CHUNK ? stored - at : CHUNK;
        tmoi_real_values(&elements, at, count, values);
        add_values(out, values, count);
    }
    if ((uint64_t)stored < out->elements) {
        out->zeros += out->elements - (uint64_t)stored;
        out->min = fmin(out->min, 0);
        out->max = fmax(out->max, 0);
    }
    if (out->min > out->max) out->min = out->max = 0;
}

tmo_status tmoi_weight_stats_of(tmoi_weight_stats *out, const tmoi_tensor *tensor, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(!tensor->data, INVALID_ARGUMENT, ctx, "tensor '%s' is not constant", tensor->name);
    TMO_FAIL_IF(!tmoi_type_is_real(tensor->type), INVALID_ARGUMENT, ctx,
                "tensor '%s' of type %s has no numbers", tensor->name, tmo_type_name(tensor->type));
    int64_t stored = stored_count(tensor);
    scan(out, tensor, stored);
    TMO_TRY(count_distinct(&out->distinct, tensor, stored, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- a graph ---- */

bool tmoi_op_is_float(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    if (op->code == TMOI_OP_QUANTIZE || op->code == TMOI_OP_DEQUANTIZE) return false;
    for (int32_t k = 0; k < op->input_count; k++) {
        const tmoi_tensor *tensor = tmoi_op_input(subgraph, op, k);
        if (tensor && tmoi_type_is_float(tensor->type)) return true;
    }
    for (int32_t k = 0; k < op->output_count; k++) {
        const tmoi_tensor *tensor = tmoi_op_output(subgraph, op, k);
        if (tensor && tmoi_type_is_float(tensor->type)) return true;
    }
    return false;
}

bool tmoi_op_is_integer(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    const tmoi_tensor *input = tmoi_op_input(subgraph, op, 0), *output = tmoi_op_output(subgraph, op, 0);
    if (op->code == TMOI_OP_QUANTIZE || op->code == TMOI_OP_DEQUANTIZE || tmoi_op_is_float(subgraph, op))
        return false;
    return (input && input->quant.count > 0) || (output && output->quant.count > 0);
}

typedef struct constant {
    const void *data;
    const tmoi_tensor *tensor;
} constant;

static int compare_constants(const void *a, const void *b)
{
    uintptr_t pa = (uintptr_t)((const constant *)a)->data, pb = (uintptr_t)((const constant *)b)->data;
    return (pa > pb) - (pa < pb);
}

static size_t list_constants(const tmoi_graph *graph, constant *list)
{
    size_t count = 0;
    for (int32_t s = 0; s < graph->subgraph_count; s++)
        for (int32_t k = 0; k < graph->subgraphs[s].tensor_count; k++) {
            const tmoi_tensor *tensor = &graph->subgraphs[s].tensors[k];
            if (!tensor->data) continue;
            if (list) list[count] = (constant){tensor->data, tensor};
            count++;
        }
    return count;
}

static void add_constant(tmoi_graph_stats *out, const tmoi_tensor *tensor)
{
    out->weight_bytes += tensor->data_bytes;
    if (!tmoi_type_is_real(tensor->type)) return;
    tmoi_weight_stats stats;
    scan(&stats, tensor, stored_count(tensor));
    out->weights += stats.elements;
    out->zero_weights += stats.zeros;
}

static void add_ops(tmoi_graph_stats *out, const tmoi_subgraph *subgraph)
{
    out->ops += subgraph->op_count;
    for (int32_t k = 0; k < subgraph->op_count; k++) {
        out->float_ops += tmoi_op_is_float(subgraph, &subgraph->ops[k]);
        out->integer_ops += tmoi_op_is_integer(subgraph, &subgraph->ops[k]);
        out->macs += tmoi_op_macs(subgraph, &subgraph->ops[k]);
    }
}

tmo_status tmoi_graph_stats_of(tmoi_graph_stats *out, const tmoi_graph *graph, tmoi_ctx *ctx)
{
    constant *list = NULL;
    size_t count = list_constants(graph, NULL);
    *out = (tmoi_graph_stats){0};
    TMO_TRY(tmoi_new(ctx, &list, count));
    (void)list_constants(graph, list);
    if (count > 1) qsort(list, count, sizeof *list, compare_constants);
    for (size_t k = 0; k < count; k++)
        if (k == 0 || list[k].data != list[k - 1].data) add_constant(out, list[k].tensor);
    for (int32_t k = 0; k < graph->subgraph_count; k++) add_ops(out, &graph->subgraphs[k]);
fail:
    tmoi_release(&ctx->allocator, list);
    return ctx->error.status;
}
