/* Element-wise operators that read each other's results run together on a few elements at a time, which stay in the first cache: x *
 * LOGISTIC(x), GELU and HARD_SWISH written out, DEQUANTIZE to QUANTIZE. From one 8-bit value to another, all of them are a table. */
#include <string.h>

#include "kernels/unary/quantized.h"
#include "runtime/lower/lower.h"
#include "runtime/value.h"

enum { MAX_PARTS = 12, MAX_LEAVES = 16, CHUNK = 256, MOST_ELEM_BYTES = 4 };

/* Of the node that runs them, which are its parts, in order; its inputs are what they read from outside. */
typedef struct expression_state {
    int32_t operands[MAX_PARTS]
                    [2]; /* per part and input: the part that makes it, or -1 - the input of the node */
    bool is_table;
    uint8_t table[256];
    tmoi_lookup_x8_function lookup;
} expression_state;

/* ---- running ---- */

/* Copies of the parts whose values between lie in a buffer. */
typedef struct chunk {
    tmoi_node parts[MAX_PARTS];
    tmoi_value values[MAX_PARTS], *outputs[MAX_PARTS], *inputs[MAX_PARTS][2];
    _Alignas(64) unsigned char memory[MAX_PARTS][CHUNK * MOST_ELEM_BYTES];
} chunk;

static void copy_parts(const tmoi_node *node, chunk *c)
{
    const expression_state *state = node->state;
    for (int32_t k = 0; k < node->part_count; k++) {
        tmoi_node *part = &c->parts[k];
        *part = *node->parts[k];
        c->values[k] = *(k + 1 < node->part_count ? part : node)->outputs[0];
        c->outputs[k] = &c->values[k];
        for (int32_t i = 0; i < part->input_count; i++)
            c->inputs[k][i] = state->operands[k][i] < 0 ? node->inputs[-1 - state->operands[k][i]]
                                                        : &c->values[state->operands[k][i]];
        part->inputs = c->inputs[k];
        part->outputs = &c->outputs[k];
    }
}

/* Elements have the same numbers in a buffer as in the whole, which begins before the buffer. */
static void run_chunk(const tmoi_node *node, chunk *c, int64_t begin, int64_t end)
{
    int32_t last = node->part_count - 1;
    for (int32_t k = 0; k < last; k++) {
        size_t before = (size_t)begin * tmoi_value_elem_bytes(&c->values[k]);
        uintptr_t whole = (uintptr_t)c->memory[k] - before;
        memcpy(&c->values[k].data, &whole, sizeof whole);
    }
    for (int32_t k = 0; k <= last; k++) c->parts[k].def->range(&c->parts[k], begin, end);
}

static void run_range(const tmoi_node *node, int64_t begin, int64_t end)
{
    const expression_state *state = node->state;
    chunk c;
    if (state->is_table) {
        state->lookup(state->table, (const uint8_t *)node->inputs[0]->data + begin,
                      (uint8_t *)node->outputs[0]->data + begin, end - begin);
        return;
    }
    copy_parts(node, &c);
    for (int64_t next; begin < end; begin = next) {
        next = end - begin < CHUNK ? end : begin + CHUNK;
        run_chunk(node, &c, begin, next);
    }
}

static void run_part(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    (void)thread;
    run_range(argument, begin, end);
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const expression_state *state = node->state;
    int64_t operations = state->is_table ? 1 : 8 * (int64_t)node->part_count;
    (void)ctx;
    tmoi_parallel_for(exec->pool, tmoi_value_count(node->outputs[0]), tmoi_grain(operations), run_part, node);
    return TMO_STATUS_OK;
}

/* ---- preparing ---- */

static bool is_x8(const tmoi_value *value)
{
    return value->type == TMO_TYPE_INT8 || value->type == TMO_TYPE_UINT8;
}

static bool has_table(const tmoi_node *node)
{
    if (!is_x8(node->inputs[0]) || !is_x8(node->outputs[0])) return false;
    for (int32_t k = 1; k < node->input_count; k++)
        if (!node->inputs[k]->is_constant || tmoi_value_count(node->inputs[k]) != 1) return false;
    return tmoi_value_count(node->outputs[0]) > 0;
}

/* The parts on all 256 stored values, as many at a time as the values have elements. */
static void fill_table(const tmoi_node *node, expression_state *state)
{
    int64_t count = tmoi_value_count(node->outputs[0]);
    tmoi_value stored = *node->inputs[0], *inputs[MAX_LEAVES] = {&stored};
    tmoi_node on_all = *node;
    uint8_t all[256];
    chunk c;
    for (int32_t k = 0; k < 256; k++) all[k] = (uint8_t)k;
    for (int32_t k = 1; k < node->input_count; k++) inputs[k] = node->inputs[k];
    on_all.inputs = inputs;
    copy_parts(&on_all, &c);
    for (int64_t k = 0, next; k < 256; k = next) {
        next = 256 - k < count ? 256 : k + count;
        stored.data = all + k;
        c.values[node->part_count - 1].data = state->table + k;
        run_chunk(node, &c, 0, next - k);
    }
}

static void find_operands(const tmoi_node *node, expression_state *state)
{
    for (int32_t k = 0; k < node->part_count; k++)
        for (int32_t i = 0; i < node->parts[k]->input_count; i++) {
            int32_t leaf = 0;
            while (leaf < node->input_count && node->inputs[leaf] != node->parts[k]->inputs[i]) leaf++;
            state->operands[k][i] = -1 - leaf;
            for (int32_t by = 0; by < k; by++)
                if (node->parts[by]->outputs[0] == node->parts[k]->inputs[i]) state->operands[k][i] = by;
        }
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_node_state(exec, node, sizeof(expression_state), ctx));
    expression_state *state = node->state;
    find_operands(node, state);
    node->by_range = true;
    if (has_table(node)) {
        fill_table(node, state);
        state->is_table = true;
        state->lookup = TMOI_KERNEL_OF(exec->kernels, lookup_x8);
        node->kernel = TMOI_KERNEL_NAME(exec->kernels, lookup_x8);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static const tmoi_op_def expression_def = {
    .prepare = prepare, .eval = eval, .flags = TMOI_OP_INPLACE, .range = run_range};

/* ---- finding ---- */

typedef struct finding {
    tmoi_lowering *l;
    int64_t count; /* of elements */
    int32_t root;
    int32_t parts[MAX_PARTS]; /* numbers of nodes, the root first */
    int32_t part_count;
} finding;

static bool fits_buffer(const tmoi_value *value)
{
    uint32_t bits = tmo_type_bits(value->type);
    return bits >= 8 && bits <= 8 * MOST_ELEM_BYTES && !value->is_dynamic && !value->tensor->is_variable;
}

static bool is_element_wise(const finding *f, int32_t k)
{
    const tmoi_node *node = &f->l->graph->nodes[k];
    if (!tmoi_lower_is_open(f->l, k) || !node->def || !node->def->range || node->part_count > 0) return false;
    if (node->output_count != 1 || node->input_count < 1 || node->input_count > 2) return false;
    for (int32_t i = 0; i < node->input_count; i++)
        if (!node->inputs[i] || !fits_buffer(node->inputs[i])) return false;
    return fits_buffer(node->outputs[0]) && tmoi_value_count(node->outputs[0]) == f->count;
}

static bool is_part(const finding *f, int32_t node)
{
    for (int32_t k = 0; k < f->part_count; k++)
        if (f->parts[k] == node) return true;
    return false;
}

/* How many inputs of the parts are this value. */
static int32_t uses(const finding *f, const tmoi_value *value)
{
    int32_t count = 0;
    for (int32_t k = 0; k < f->part_count; k++) {
        const tmoi_node *node = &f->l->graph->nodes[f->parts[k]];
        for (int32_t i = 0; i < node->input_count; i++) count += node->inputs[i] == value;
    }
    return count;
}

/* Adds a producer whose result only the parts read; false when there is none. */
static bool grow(finding *f)
{
    for (int32_t k = 0; k < f->part_count && f->part_count < MAX_PARTS; k++) {
        const tmoi_node *node = &f->l->graph->nodes[f->parts[k]];
        for (int32_t i = 0; i < node->input_count; i++) {
            int32_t by = f->l->producer[tmoi_lower_number(f->l, node->inputs[i])];
            if (by < 0 || is_part(f, by) || !is_element_wise(f, by)) continue;
            if (f->l->reads[tmoi_lower_number(f->l, node->inputs[i])] != uses(f, node->inputs[i])) continue;
            f->parts[f->part_count++] = by;
            return true;
        }
    }
    return false;
}

static bool is_made_inside(const finding *f, const tmoi_value *value)
{
    int32_t by = f->l->producer[tmoi_lower_number(f->l, value)];
    return by >= 0 && is_part(f, by);
}

static bool comes_from_host(const tmoi_lowering *l, const tmoi_value *value)
{
    int32_t by = l->producer[tmoi_lower_number(l, value)];
    const tmoi_op_def *def = by >= 0 ? l->graph->nodes[by].def : NULL;
    return def && (def->flags & TMOI_OP_POSTS);
}

/* Made by an operator that takes posts, for this reader alone. */
static bool is_hosted(const finding *f, const tmoi_value *value, int32_t reader)
{
    return comes_from_host(f->l, value) && tmoi_lower_only_reader(f->l, value) == reader;
}

/* Each part reads one other; an operand of the first one comes from an operator that takes posts: those do as well. */
static bool is_chain_of_posts(const finding *f)
{
    const tmoi_node *nodes = f->l->graph->nodes;
    bool hosted = false;
    for (int32_t k = 0; k < f->part_count; k++) {
        const tmoi_node *node = &nodes[f->parts[k]];
        int32_t inside = 0, operands = tmoi_lower_commutes(node) ? 2 : 1;
        for (int32_t i = 0; i < node->input_count; i++) inside += is_made_inside(f, node->inputs[i]);
        if (inside > 1 || (node->input_count == 2 && node->inputs[0] == node->inputs[1])) return false;
        if (inside == 1) continue;
        hosted = false;
        for (int32_t i = 0; i < operands; i++) hosted = hosted || is_hosted(f, node->inputs[i], f->parts[k]);
    }
    return hosted;
}

static void sort_parts(finding *f)
{
    for (int32_t k = 1; k < f->part_count; k++) {
        int32_t part = f->parts[k], at = k;
        for (; at > 0 && f->parts[at - 1] > part; at--) f->parts[at] = f->parts[at - 1];
        f->parts[at] = part;
    }
}

/* ---- joining ---- */

/* All parts can work on ranges, which their prepare knows. */
static tmo_status prepare_parts(const finding *f, bool *by_range, tmoi_ctx *ctx)
{
    tmoi_session_graph *graph = f->l->graph;
    *by_range = true;
    for (int32_t k = 0; k < f->part_count; k++) {
        TMO_TRY(tmoi_session_prepare_at(graph, f->parts[k], ctx));
        if (!graph->nodes[f->parts[k]].by_range) *by_range = false;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* What the parts read from outside, each once, and first what the operator before gives to this one alone. */
static int32_t list_leaves(const finding *f, tmoi_value *leaves[MAX_LEAVES])
{
    const tmoi_lowering *l = f->l;
    int32_t count = 0;
    for (int32_t k = 0; k < f->part_count; k++) {
        const tmoi_node *node = &l->graph->nodes[f->parts[k]];
        for (int32_t i = 0; i < node->input_count; i++) {
            tmoi_value *value = node->inputs[i];
            int32_t at = 0;
            while (at < count && leaves[at] != value) at++;
            if (at < count || is_made_inside(f, value)) continue;
            leaves[count++] = value;
            bool own = !value->is_constant && tmoi_value_count(value) == f->count &&
                       l->reads[tmoi_lower_number(l, value)] == uses(f, value);
            bool hosted = own && comes_from_host(l, value);
            if (count == 1 || !(hosted || leaves[0]->is_constant || tmoi_value_count(leaves[0]) != f->count))
                continue;
            leaves[count - 1] = leaves[0];
            leaves[0] = value;
        }
    }
    return count;
}

static tmo_status join(finding *f, tmoi_ctx *ctx)
{
    tmoi_lowering *l = f->l;
    tmoi_session_graph *graph = l->graph;
    tmoi_node *node = &graph->nodes[f->root], *copy, **parts;
    tmoi_value *leaves[MAX_LEAVES], **inputs;
    int32_t count = list_leaves(f, leaves);
    TMO_TRY(tmoi_arena_new(&graph->prepared_memory, &copy, 1, ctx));
    TMO_TRY(tmoi_arena_new(&graph->prepared_memory, &parts, MAX_PARTS, ctx));
    TMO_TRY(tmoi_arena_new(&graph->prepared_memory, &inputs, (size_t)count, ctx));
    memcpy(inputs, leaves, (size_t)count * sizeof *leaves);
    for (int32_t k = 0; k < f->part_count; k++) tmoi_lower_drop(l, f->parts[k], f->root);
    *copy = *node;
    for (int32_t k = 0; k < f->part_count; k++)
        parts[k] = f->parts[k] == f->root ? copy : &graph->nodes[f->parts[k]];
    *node = (tmoi_node){.op = copy->op,
                        .def = &expression_def,
                        .inputs = inputs,
                        .input_count = count,
                        .outputs = copy->outputs,
                        .output_count = 1,
                        .parts = parts,
                        .part_count = f->part_count};
    graph->node_mode[f->root] = TMOI_NODE_STATIC;
    graph->node_prepared[f->root] = false;
    for (int32_t k = 0; k < count; k++) tmoi_lower_add_read(l, inputs[k], f->root);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status try_join(tmoi_lowering *l, int32_t root, tmoi_ctx *ctx)
{
    finding f = {.l = l, .root = root, .part_count = 1, .parts = {root}};
    bool by_range;
    if (!tmoi_lower_is_open(l, root) || l->graph->nodes[root].output_count != 1) return TMO_STATUS_OK;
    f.count = tmoi_value_count(l->graph->nodes[root].outputs[0]);
    if (f.count == 0 || !is_element_wise(&f, root)) return TMO_STATUS_OK;
    while (grow(&f)) continue;
    if (f.part_count == 1 || is_chain_of_posts(&f)) return TMO_STATUS_OK;
    sort_parts(&f);
    TMO_TRY(prepare_parts(&f, &by_range, ctx));
    if (by_range) TMO_TRY(join(&f, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_lower_expressions(tmoi_lowering *l, tmoi_ctx *ctx)
{
    for (int32_t k = l->graph->subgraph->op_count - 1; k >= 0; k--) TMO_TRY(try_join(l, k, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
