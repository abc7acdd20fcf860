/* Attention: Q·K, times a constant or not, plus a mask or not, SOFTMAX, and the product of that and V. The scores then never lie in
 * memory as a whole (runtime/ops/attention.h). */
#include <math.h>

#include "runtime/lower/lower.h"
#include "runtime/ops/attention.h"
#include "runtime/value.h"

enum { MOST_PARTS = 5 };

/* Numbers of nodes, in order; those left out are -1. */
typedef struct finding {
    tmoi_lowering *l;
    int32_t product, scale, mask, softmax, root;
    tmoi_value *inputs[TMOI_ATTENTION_INPUTS];
} finding;

static const tmoi_node *node_of(const finding *f, int32_t node)
{
    return &f->l->graph->nodes[node];
}

/* The operator `code` that makes input k of the node, for it alone; or -1. */
static int32_t source(const finding *f, int32_t node, int32_t k, int32_t code)
{
    const tmoi_value *value = node_of(f, node)->inputs[k];
    int32_t arity = code == TMOI_OP_SOFTMAX ? 1 : 2;
    const tmoi_node *made = tmoi_lower_made_by(f->l, value, code, arity);
    return made && tmoi_lower_only_reader(f->l, value) == node ? (int32_t)(made - f->l->graph->nodes) : -1;
}

/* Input k of the reader is a product times a constant. */
static bool match_scaled(finding *f, int32_t reader, int32_t k, int32_t code)
{
    f->scale = source(f, reader, k, code);
    if (f->scale < 0) return false;
    const tmoi_node *scale = node_of(f, f->scale);
    for (int32_t i = 0; i < (code == TMOI_OP_DIV ? 1 : 2); i++) {
        if (!tmoi_lower_is_float_constant(scale->inputs[1 - i], 1)) continue;
        f->product = source(f, f->scale, i, TMOI_OP_BATCH_MATMUL);
        if (f->product >= 0) return isfinite(tmoi_attention_scale(scale));
    }
    return false;
}

/* The same, or a product as it is. */
static bool match_product(finding *f, int32_t reader, int32_t k)
{
    if (match_scaled(f, reader, k, TMOI_OP_MUL) || match_scaled(f, reader, k, TMOI_OP_DIV)) return true;
    f->scale = -1;
    f->product = source(f, reader, k, TMOI_OP_BATCH_MATMUL);
    return f->product >= 0;
}

static bool match_scores(finding *f)
{
    f->mask = source(f, f->softmax, 0, TMOI_OP_ADD);
    if (f->mask < 0) return match_product(f, f->softmax, 0);
    for (int32_t k = 0; k < 2; k++) {
        f->inputs[TMOI_ATTENTION_MASK] = node_of(f, f->mask)->inputs[1 - k];
        if (match_product(f, f->mask, k)) return true;
    }
    return false;
}

static bool match(finding *f)
{
    const tmoi_node *root = node_of(f, f->root);
    if (!root->def || !root->def->attention || root->output_count != 1 ||
        tmoi_lower_made_by(f->l, root->outputs[0], TMOI_OP_BATCH_MATMUL, 2) != root)
        return false;
    f->softmax = source(f, f->root, 0, TMOI_OP_SOFTMAX);
    if (f->softmax < 0 || !match_scores(f)) return false;
    f->inputs[TMOI_ATTENTION_Q] = node_of(f, f->product)->inputs[0];
    f->inputs[TMOI_ATTENTION_K] = node_of(f, f->product)->inputs[1];
    f->inputs[TMOI_ATTENTION_V] = root->inputs[1];
    return true;
}

static bool inputs_fit(const finding *f)
{
    for (int32_t k = 0; k < TMOI_ATTENTION_INPUTS; k++) {
        const tmoi_value *value = f->inputs[k];
        if (!value) continue;
        if (value->type != TMO_TYPE_FLOAT32 || value->is_dynamic || value->tensor->is_variable ||
            tmoi_value_count(value) == 0)
            return false;
    }
    return true;
}

/* Nothing between widens the scores; a single row is not worth packing K and V for. */
static bool shapes_fit(const finding *f)
{
    const tmoi_value *mask = f->inputs[TMOI_ATTENTION_MASK];
    const tmoi_shape *scores = &node_of(f, f->product)->outputs[0]->shape;
    const tmoi_shape *out = &node_of(f, f->root)->outputs[0]->shape;
    int32_t rank = scores->rank;
    tmoi_shape batch = *scores, out_batch = *out;
    batch.rank = rank - 1;
    out_batch.rank = out->rank - 1;
    bool whole_rows = !mask || (mask->shape.rank > 0 &&
                                mask->shape.dims[mask->shape.rank - 1] == scores->dims[rank - 1]);
    return scores->dims[rank - 2] > 1 && whole_rows && tmoi_shape_equal(&batch, &out_batch) &&
           tmoi_shape_equal(scores, &node_of(f, f->softmax)->inputs[0]->shape) &&
           !tmoi_op_options(node_of(f, f->root)->op, batch_mat_mul_options)->adj_x;
}

static tmo_status join(const finding *f, tmoi_ctx *ctx)
{
    const int32_t chain[MOST_PARTS] = {f->product, f->scale, f->mask, f->softmax, f->root};
    tmoi_lowering *l = f->l;
    tmoi_session_graph *graph = l->graph;
    tmoi_node *node = &graph->nodes[f->root], *copy, **parts;
    tmoi_value **inputs;
    int32_t count = 0;
    TMO_TRY(tmoi_arena_copy(&graph->prepared_memory, (void **)&copy, node, sizeof *node, ctx));
    TMO_TRY(tmoi_arena_copy(&graph->prepared_memory, (void **)&inputs, f->inputs, sizeof f->inputs, ctx));
    TMO_TRY(tmoi_arena_new(&graph->prepared_memory, &parts, MOST_PARTS, ctx));
    for (int32_t k = 0; k < MOST_PARTS; k++) {
        if (chain[k] < 0) continue;
        tmoi_lower_drop(l, chain[k], f->root);
        parts[count++] = chain[k] == f->root ? copy : &graph->nodes[chain[k]];
    }
    *node = (tmoi_node){.op = copy->op,
                        .def = copy->def->attention,
                        .inputs = inputs,
                        .input_count = TMOI_ATTENTION_INPUTS,
                        .outputs = copy->outputs,
                        .output_count = 1,
                        .parts = parts,
                        .part_count = count};
    graph->node_mode[f->root] = TMOI_NODE_STATIC;
    for (int32_t k = 0; k < TMOI_ATTENTION_INPUTS; k++) tmoi_lower_add_read(l, inputs[k], f->root);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_lower_attention(tmoi_lowering *l, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < l->graph->subgraph->op_count; k++) {
        finding f = {.l = l, .root = k};
        if (match(&f) && inputs_fit(&f) && shapes_fit(&f)) TMO_TRY(join(&f, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
