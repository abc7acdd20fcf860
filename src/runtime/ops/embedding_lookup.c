/* EMBEDDING_LOOKUP: rows of a table by number, as they are or dequantized. The rows of a quantized table
 * have one scale, a scale each, or a scale for each block. Source: TFLite embedding_lookup.cc. */
#include <string.h>

#include "base/fp16.h"
#include "kernels/common/widen.h"
#include "runtime/ops/blockwise.h"
#include "runtime/ops/multipliers.h"
#include "runtime/op.h"

typedef struct lookup_state {
    bool copies;
    int64_t columns;
    tmoi_block_scales blocks; /* size 0: scales of tensor or rows */
    int32_t row;              /* scratch block: one row widened */
} lookup_state;

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *table = node->inputs[1];
    TMO_TRY(tmoi_node_state(exec, node, sizeof(lookup_state), ctx));
    lookup_state *state = node->state;
    state->copies = table->type == node->outputs[0]->type;
    state->columns = tmoi_shape_product(&table->shape, 1, table->shape.rank);
    if (state->copies || table->type == TMO_TYPE_FLOAT16) return TMO_STATUS_OK;
    TMO_TRY(tmoi_node_scratch(node, (size_t)state->columns * sizeof(int16_t), &state->row, ctx));
    if (tmoi_is_blockwise(table))
        TMO_TRY(tmoi_block_scales_prepare(exec, table, table->shape.dims[0], state->columns, &state->blocks,
                                          ctx));
    else
        TMO_TRY(tmoi_weights_require_quant(table, 0, false, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void dequantize_row(const tmoi_node *node, const lookup_state *state, int64_t row, float *out)
{
    const tmoi_value *table = node->inputs[1];
    const tmoi_quant *quant = table->quant;
    tmo_type type = table->type == TMO_TYPE_UINT8
                        ? TMO_TYPE_INT8
                        : table->type; /* uint8 holds int8 numbers, as in old models */
    int16_t *stored = node->scratch[state->row];
    tmoi_widen(type, table->data, row * state->columns, state->columns, 0, stored);
    for (int64_t k = 0; k < state->columns; k++) {
        float scale = state->blocks.size
                          ? state->blocks.scales[(row * state->columns + k) / state->blocks.size]
                          : quant->scale[quant->count > 1 ? row : 0];
        out[k] = (float)stored[k] * scale;
    }
}

static void copy_halves(const uint16_t *in, int64_t count, float *out)
{
    for (int64_t k = 0; k < count; k++) out[k] = tmoi_fp16_to_float(in[k]);
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const lookup_state *state = node->state;
    const tmoi_value *table = node->inputs[1];
    const int32_t *ids = node->inputs[0]->data;
    size_t row_bytes = tmoi_type_bytes(table->type, state->columns);
    (void)exec;
    for (int32_t k = 0; k < node->inputs[0]->shape.dims[0]; k++) {
        TMO_FAIL_IF(ids[k] < 0 || ids[k] >= table->shape.dims[0], INVALID_INPUT, ctx,
                    "id %d is out of range for a table of %d rows", (int)ids[k], (int)table->shape.dims[0]);
        float *out = (float *)node->outputs[0]->data + k * state->columns;
        if (state->copies)
            memcpy((char *)node->outputs[0]->data + (size_t)k * row_bytes,
                   (const char *)table->data + (size_t)ids[k] * row_bytes, row_bytes);
        else if (table->type == TMO_TYPE_FLOAT16)
            copy_halves((const uint16_t *)table->data + ids[k] * state->columns, state->columns, out);
        else
            dequantize_row(node, state, ids[k], out);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_embedding_lookup = {.prepare = prepare, .eval = eval};
