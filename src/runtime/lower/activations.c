/* A RELU, RELU6 or RELU_N1_TO_1 of its own becomes the fused activation of the operator that makes its input. */
#include "model/fused_activation.h"
#include "runtime/lower/lower.h"

/* Clamping the stored values does the same: floats, and integers on one scale. */
static bool clamps_alike(const tmoi_value *in, const tmoi_value *out)
{
    if (in->type != out->type) return false;
    if (in->type == TMO_TYPE_FLOAT32) return true;
    bool integer = in->type == TMO_TYPE_INT8 || in->type == TMO_TYPE_UINT8 || in->type == TMO_TYPE_INT16;
    return integer && in->quant->count == 1 && tmoi_lower_same_quant(in, out);
}

static tmo_status try_fuse(tmoi_lowering *l, int32_t k, tmoi_ctx *ctx)
{
    const tmoi_node *node = &l->graph->nodes[k];
    int32_t activation = tmoi_activation_of(node->op->code);
    if (activation == TMOI_ACTIVATION_NONE || !tmoi_lower_is_open(l, k)) return TMO_STATUS_OK;
    int32_t producer = tmoi_lower_producer(l, node->inputs[0]);
    if (producer < 0 || tmoi_lower_only_reader(l, node->inputs[0]) != k) return TMO_STATUS_OK;
    const int8_t *fused = tmoi_fused_activation(l->graph->nodes[producer].op);
    if (!fused || !clamps_alike(node->inputs[0], node->outputs[0])) return TMO_STATUS_OK;
    int32_t both = tmoi_activation_combine(*fused, activation);
    tmoi_op *op;
    if (both < 0) return TMO_STATUS_OK;
    TMO_TRY(tmoi_lower_own_op(l, producer, &op, ctx));
    TMO_TRY(tmoi_set_fused_activation(&l->graph->prepared_memory, op, both, ctx));
    tmoi_lower_absorb(l, k, producer);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_lower_activations(tmoi_lowering *l, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < l->graph->subgraph->op_count; k++) TMO_TRY(try_fuse(l, k, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
