/* SOFTMAX in the pieces that converters write when they know no such operator:
 *
 *   e / SUM(e) with e = EXP(x − REDUCE_MAX(x)), both over the last dimension */
#include "model/fused_activation.h"
#include "runtime/lower/lower.h"

/* x, when the value is e; or NULL. */
static tmoi_value *find_logits(const tmoi_lowering *l, const tmoi_value *exponentials)
{
    const tmoi_node *exp = tmoi_lower_made_by(l, exponentials, TMOI_OP_EXP, 1);
    const tmoi_node *shift = exp ? tmoi_lower_made_by(l, exp->inputs[0], TMOI_OP_SUB, 2) : NULL;
    const tmoi_node *max = shift ? tmoi_lower_row_reduction(l, shift->inputs[1], TMOI_OP_REDUCE_MAX) : NULL;
    return max && max->inputs[0] == shift->inputs[0] ? max->inputs[0] : NULL;
}

/* x, when node k is the division; or NULL. */
static tmoi_value *match(const tmoi_lowering *l, int32_t k)
{
    const tmoi_node *root = &l->graph->nodes[k];
    if (root->output_count != 1 || tmoi_lower_made_by(l, root->outputs[0], TMOI_OP_DIV, 2) != root)
        return NULL;
    const tmoi_node *sum = tmoi_lower_row_reduction(l, root->inputs[1], TMOI_OP_SUM);
    tmoi_value *logits = sum && sum->inputs[0] == root->inputs[0] ? find_logits(l, root->inputs[0]) : NULL;
    return logits && tmoi_shape_equal(&logits->shape, &root->outputs[0]->shape) ? logits : NULL;
}

static tmo_status join(tmoi_lowering *l, int32_t k, tmoi_value *logits, const tmoi_op_def *def, tmoi_ctx *ctx)
{
    tmoi_arena *memory = &l->graph->prepared_memory;
    tmoi_node *node = &l->graph->nodes[k];
    const tmoi_node old = *node;
    tmoi_fb_softmax_options *options;
    tmoi_op *op;
    TMO_TRY(tmoi_arena_new(memory, &options, 1, ctx));
    TMO_TRY(tmoi_arena_new(memory, &node->inputs, 1, ctx));
    TMO_TRY(tmoi_lower_own_op(l, k, &op, ctx));
    options->beta = 1.0f;
    op->code = TMOI_OP_SOFTMAX;
    op->options = (tmoi_fb_union){.tag = TMOI_TAG_softmax_options, .value = options};
    node->def = def;
    node->inputs[0] = logits;
    node->input_count = 1;
    tmoi_lower_add_read(l, logits, k);
    for (int32_t i = 0; i < old.input_count; i++) tmoi_lower_release(l, old.inputs[i], k, k);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_lower_softmax(tmoi_lowering *l, tmoi_ctx *ctx)
{
    const tmoi_op_def *def = tmoi_op_def_find(TMOI_OP_SOFTMAX);
    for (int32_t k = 0; def && k < l->graph->subgraph->op_count; k++) {
        tmoi_value *logits = match(l, k);
        if (logits) TMO_TRY(join(l, k, logits, def, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
