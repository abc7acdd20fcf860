#include "runtime/lower/lower.h"

#include "model/fused_activation.h"
#include "runtime/value.h"

/* ---- what the fusions share ---- */

bool tmoi_lower_is_open(const tmoi_lowering *l, int32_t node)
{
    const tmoi_session_graph *graph = l->graph;
    return graph->node_mode[node] == TMOI_NODE_STATIC && !graph->node_prepared[node] && l->host[node] == node;
}

int32_t tmoi_lower_producer(const tmoi_lowering *l, const tmoi_value *value)
{
    int32_t node = value ? l->producer[tmoi_lower_number(l, value)] : -1;
    return node >= 0 && tmoi_lower_is_open(l, node) ? node : -1;
}

int32_t tmoi_lower_only_reader(const tmoi_lowering *l, const tmoi_value *value)
{
    int32_t k = tmoi_lower_number(l, value);
    return l->reads[k] == 1 ? (int32_t)l->reader_sum[k] : -1;
}

static void add_read(tmoi_lowering *l, const tmoi_value *value, int32_t reader, int32_t count)
{
    if (!value) return;
    int32_t k = tmoi_lower_number(l, value);
    l->reads[k] += count;
    l->reader_sum[k] += (int64_t)reader * count;
}

void tmoi_lower_add_read(tmoi_lowering *l, const tmoi_value *value, int32_t node)
{
    add_read(l, value, node, 1);
}

void tmoi_lower_set_input(tmoi_lowering *l, int32_t node, int32_t k, tmoi_value *value)
{
    tmoi_value **input = &l->graph->nodes[node].inputs[k];
    add_read(l, *input, node, -1);
    *input = value;
    add_read(l, value, node, 1);
}

void tmoi_lower_drop(tmoi_lowering *l, int32_t node, int32_t by)
{
    const tmoi_node *gone = &l->graph->nodes[node];
    for (int32_t k = 0; k < gone->input_count; k++) add_read(l, gone->inputs[k], node, -1);
    l->graph->node_mode[node] = TMOI_NODE_FUSED;
    l->host[node] = by;
}

/* An only result that nobody reads any more need not be made. */
static bool is_dead(const tmoi_lowering *l, int32_t node)
{
    const tmoi_node *at = &l->graph->nodes[node];
    return at->output_count == 1 && l->reads[tmoi_lower_number(l, at->outputs[0])] == 0;
}

void tmoi_lower_release(tmoi_lowering *l, const tmoi_value *value, int32_t reader, int32_t by)
{
    add_read(l, value, reader, -1);
    int32_t made = tmoi_lower_producer(l, value);
    if (made < 0 || !is_dead(l, made)) return;
    const tmoi_node *node = &l->graph->nodes[made];
    l->graph->node_mode[made] = TMOI_NODE_FUSED;
    l->host[made] = by;
    for (int32_t k = 0; k < node->input_count; k++) tmoi_lower_release(l, node->inputs[k], made, by);
}

void tmoi_lower_absorb(tmoi_lowering *l, int32_t node, int32_t by)
{
    tmoi_value *result = l->graph->nodes[node].outputs[0];
    tmoi_lower_drop(l, node, by);
    l->graph->nodes[by].outputs[0] = result;
    l->producer[tmoi_lower_number(l, result)] = by;
}

tmo_status tmoi_lower_own_op(tmoi_lowering *l, int32_t node, tmoi_op **out, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_arena_copy(&l->graph->prepared_memory, (void **)out, l->graph->nodes[node].op, sizeof **out,
                            ctx));
    l->graph->nodes[node].op = *out;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

bool tmoi_lower_can_wait(const tmoi_lowering *l, int32_t node)
{
    const tmoi_node *at = &l->graph->nodes[node];
    for (int32_t k = 0; k < at->input_count; k++)
        if (at->inputs[k] && at->inputs[k]->tensor->is_variable) return false;
    return true;
}

bool tmoi_lower_same_quant(const tmoi_value *a, const tmoi_value *b)
{
    if (a->quant->count != b->quant->count || a->quant->count > 1) return false;
    return a->quant->count == 0 ||
           (a->quant->scale[0] == b->quant->scale[0] && a->quant->zero_point[0] == b->quant->zero_point[0]);
}

bool tmoi_lower_commutes(const tmoi_node *node)
{
    return (node->op->code == TMOI_OP_ADD || node->op->code == TMOI_OP_MUL) && node->input_count == 2;
}

const tmoi_node *tmoi_lower_made_by(const tmoi_lowering *l, const tmoi_value *value, int32_t code,
                                    int32_t arity)
{
    int32_t by = tmoi_lower_producer(l, value);
    if (by < 0) return NULL;
    const tmoi_node *node = &l->graph->nodes[by];
    const int8_t *activation = tmoi_fused_activation(node->op);
    bool plain = !activation || *activation == TMOI_ACTIVATION_NONE;
    return node->op->code == code && plain && node->input_count == arity ? node : NULL;
}

const tmoi_node *tmoi_lower_row_reduction(const tmoi_lowering *l, const tmoi_value *value, int32_t code)
{
    const tmoi_node *node = tmoi_lower_made_by(l, value, code, 2);
    if (!node || !node->inputs[1]->is_constant || tmoi_value_count(node->inputs[1]) != 1) return NULL;
    const tmoi_value *of = node->inputs[0];
    int32_t rank = of->shape.rank;
    int64_t axis = tmoi_value_int(node->inputs[1], 0);
    bool rows = rank > 0 && value->shape.rank == rank && (axis == -1 || axis == rank - 1);
    bool usable = of->type == TMO_TYPE_FLOAT32 && !of->tensor->is_variable && tmoi_value_count(of) > 0;
    return rows && usable ? node : NULL;
}

bool tmoi_lower_is_float_constant(const tmoi_value *value, int64_t count)
{
    return value && value->is_constant && value->type == TMO_TYPE_FLOAT32 && tmoi_value_count(value) == count;
}

/* ---- the driver ---- */

static void count_reads(tmoi_lowering *l)
{
    tmoi_session_graph *graph = l->graph;
    const tmoi_subgraph *subgraph = graph->subgraph;
    for (int32_t k = 0; k < subgraph->tensor_count; k++) l->producer[k] = -1;
    for (int32_t k = 0; k < subgraph->op_count; k++) {
        const tmoi_node *node = &graph->nodes[k];
        l->run_at[k] = l->host[k] = l->last_post[k] = k;
        l->next_post[k] = l->delayed[k] = -1;
        if (graph->node_mode[k] == TMOI_NODE_FOLDED) continue;
        for (int32_t i = 0; i < node->input_count; i++) add_read(l, node->inputs[i], k, 1);
        for (int32_t i = 0; i < node->output_count; i++)
            if (node->outputs[i]) l->producer[tmoi_lower_number(l, node->outputs[i])] = k;
    }
    for (int32_t k = 0; k < subgraph->output_count; k++)
        add_read(l, &graph->values[subgraph->outputs[k]], -1, 1);
}

static tmo_status start(tmoi_lowering *l, tmoi_ctx *ctx)
{
    const tmoi_subgraph *subgraph = l->graph->subgraph;
    tmoi_arena *memory = &l->graph->run_memory;
    size_t values = (size_t)subgraph->tensor_count, nodes = (size_t)subgraph->op_count;
    TMO_TRY(tmoi_arena_new(memory, &l->producer, values, ctx));
    TMO_TRY(tmoi_arena_new(memory, &l->reads, values, ctx));
    TMO_TRY(tmoi_arena_new(memory, &l->reader_sum, values, ctx));
    TMO_TRY(tmoi_arena_new(memory, &l->run_at, nodes, ctx));
    TMO_TRY(tmoi_arena_new(memory, &l->host, nodes, ctx));
    TMO_TRY(tmoi_arena_new(memory, &l->next_post, nodes, ctx));
    TMO_TRY(tmoi_arena_new(memory, &l->last_post, nodes, ctx));
    TMO_TRY(tmoi_arena_new(memory, &l->delayed, nodes, ctx));
    count_reads(l);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static bool runs(const tmoi_session_graph *graph, int32_t node)
{
    return graph->node_mode[node] == TMOI_NODE_STATIC || graph->node_mode[node] == TMOI_NODE_DYNAMIC;
}

static void order_steps(const tmoi_lowering *l)
{
    tmoi_session_graph *graph = l->graph;
    graph->step_count = 0;
    for (int32_t k = 0; k < graph->subgraph->op_count; k++) {
        if (l->delayed[k] >= 0) graph->steps[graph->step_count++] = l->delayed[k];
        if (runs(graph, k) && l->run_at[k] == k) graph->steps[graph->step_count++] = k;
    }
}

tmo_status tmoi_session_lower(tmoi_session_graph *graph, tmoi_ctx *ctx)
{
    tmoi_lowering l = {.graph = graph};
    tmoi_places_start(graph);
    TMO_TRY(start(&l, ctx));
    if (!graph->session->config.as_written) {
        TMO_TRY(tmoi_lower_norms(&l, ctx));
        TMO_TRY(tmoi_lower_softmax(&l, ctx));
        TMO_TRY(tmoi_lower_attention(&l, ctx));
        TMO_TRY(tmoi_lower_activations(&l, ctx));
        tmoi_lower_pads(&l);
        tmoi_lower_views(&l);
        TMO_TRY(tmoi_lower_expressions(&l, ctx));
        TMO_TRY(tmoi_lower_posts(&l, ctx));
        tmoi_lower_channel_pads(&l);
        TMO_TRY(tmoi_lower_bands(&l, ctx));
    }
    order_steps(&l);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
