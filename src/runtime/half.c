/* Float16 weights behind DEQUANTIZE: they stay as they are where all that reads them takes float16, since a copy as float32 costs
 * twice their memory, and kernels pack them anyway. */
#include "runtime/session_private.h"

static bool takes_half(const tmoi_op *op, int32_t input)
{
    switch (op->code) {
    case TMOI_OP_CONV_2D:
    case TMOI_OP_DEPTHWISE_CONV_2D:
    case TMOI_OP_FULLY_CONNECTED: return input == 1 || input == 2;
    case TMOI_OP_TRANSPOSE_CONV: return input == 1 || input == 3;
    default: return false;
    }
}

tmo_status tmoi_session_find_halves(tmoi_session_graph *graph, tmoi_ctx *ctx)
{
    const tmoi_subgraph *subgraph = graph->subgraph;
    bool *stays;
    if (graph->session->config.as_written) return TMO_STATUS_OK;
    TMO_TRY(tmoi_arena_new(&graph->fixed, &stays, (size_t)subgraph->tensor_count, ctx));
    for (int32_t k = 0; k < subgraph->tensor_count; k++) stays[k] = true;
    for (int32_t k = 0; k < subgraph->op_count; k++) {
        const tmoi_op *op = &subgraph->ops[k];
        for (int32_t i = 0; i < op->input_count; i++)
            if (op->inputs[i] >= 0 && !takes_half(op, i)) stays[op->inputs[i]] = false;
    }
    for (int32_t k = 0; k < subgraph->output_count; k++)
        if (subgraph->outputs[k] >= 0) stays[subgraph->outputs[k]] = false;
    graph->stays_half = stays;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

bool tmoi_session_keep_half(const tmoi_session_graph *graph, const tmoi_node *node)
{
    const tmoi_value *in = node->input_count == 1 ? node->inputs[0] : NULL;
    tmoi_value *out = node->output_count == 1 ? node->outputs[0] : NULL;
    if (!graph->stays_half || node->op->code != TMOI_OP_DEQUANTIZE || !in || !out) return false;
    if (!in->is_constant || in->type != TMO_TYPE_FLOAT16 || out->type != TMO_TYPE_FLOAT32) return false;
    if (!graph->stays_half[out - graph->values]) return false;
    out->type = TMO_TYPE_FLOAT16;
    out->data = in->data;
    out->bytes = in->bytes;
    out->is_constant = true;
    return true;
}
