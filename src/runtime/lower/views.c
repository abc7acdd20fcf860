/* Operators that only rename, cut or join memory need not run: their results lie in their input's memory (RESHAPE, TRANSPOSE of
 * dimensions of size 1, SPLIT and SLICE of neighbouring elements), or their inputs in that of the result (CONCATENATION). */
#include "model/infer/slice.h"
#include "runtime/lower/lower.h"
#include "runtime/value.h"

enum { MAX_PARTS = 64 };

/* Whole values, or parts of one, in neighbouring memory. */
typedef struct cut {
    tmoi_value *const *parts;
    int32_t count;
    const tmoi_value *whole;
} cut;

static bool places_parts(const tmoi_lowering *l, const cut *c)
{
    const tmoi_session_graph *graph = l->graph;
    int32_t whole = tmoi_lower_number(l, c->whole), bases[MAX_PARTS];
    size_t offset = 0;
    if (c->count > MAX_PARTS) return false;
    for (int32_t k = 0; k < c->count; k++) {
        if (!c->parts[k] || c->parts[k]->type != c->whole->type) return false;
        int32_t part = tmoi_lower_number(l, c->parts[k]);
        if (!tmoi_places_fit(graph, part, whole, offset)) return false;
        bases[k] = graph->places[part].base;
        for (int32_t i = 0; i < k; i++)
            if (bases[i] == bases[k]) return false;
        offset += c->parts[k]->bytes;
    }
    return offset == c->whole->bytes;
}

static bool place_parts(const tmoi_lowering *l, const cut *c)
{
    size_t offset = 0;
    if (tmo_type_bits(c->whole->type) < 8 || !places_parts(l, c)) return false;
    for (int32_t k = 0; k < c->count; k++) {
        tmoi_places_put(l->graph, tmoi_lower_number(l, c->parts[k]), tmoi_lower_number(l, c->whole), offset);
        offset += c->parts[k]->bytes;
    }
    return true;
}

static int32_t axis_in(int64_t axis, int32_t rank)
{
    return (int32_t)(axis < 0 ? axis + rank : axis);
}

/* Slices along the axis are neighbours in memory. */
static bool is_outermost(const tmoi_shape *shape, int32_t axis)
{
    return tmoi_shape_product(shape, 0, axis) == 1;
}

/* ---- joins ---- */

static bool place_concatenation(const tmoi_lowering *l, const tmoi_node *node)
{
    const tmoi_value *out = node->outputs[0];
    int32_t axis = axis_in(tmoi_op_options(node->op, concatenation_options)->axis, out->shape.rank);
    for (int32_t k = 0; k < node->input_count; k++)
        if (!node->inputs[k] || (out->type == TMO_TYPE_UINT8 && !tmoi_lower_same_quant(node->inputs[k], out)))
            return false;
    return is_outermost(&out->shape, axis) && place_parts(l, &(cut){node->inputs, node->input_count, out});
}

static bool place_pack(const tmoi_lowering *l, const tmoi_node *node)
{
    const tmoi_value *out = node->outputs[0];
    int32_t axis = axis_in(tmoi_op_options(node->op, pack_options)->axis, out->shape.rank);
    return is_outermost(&out->shape, axis) && place_parts(l, &(cut){node->inputs, node->input_count, out});
}

/* ---- cuts ---- */

static bool place_split(const tmoi_lowering *l, const tmoi_node *node)
{
    bool sizes = node->op->code == TMOI_OP_SPLIT_V;
    const tmoi_value *in = node->inputs[sizes ? 0 : 1], *axis = node->inputs[sizes ? 2 : 0];
    return axis->is_constant && is_outermost(&in->shape, axis_in(tmoi_value_int(axis, 0), in->shape.rank)) &&
           place_parts(l, &(cut){node->outputs, node->output_count, in});
}

static bool place_unpack(const tmoi_lowering *l, const tmoi_node *node)
{
    const tmoi_value *in = node->inputs[0];
    int32_t axis = axis_in(tmoi_op_options(node->op, unpack_options)->axis, in->shape.rank);
    return is_outermost(&in->shape, axis) && place_parts(l, &(cut){node->outputs, node->output_count, in});
}

static bool resolve_slice(const tmoi_node *node, tmoi_slice_spec *spec)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_infer_input at[4];
    tmoi_shape out;
    for (int32_t k = 1; k < node->input_count; k++) {
        if (!node->inputs[k]->is_constant) return false;
        at[k] = tmoi_value_as_input(node->inputs[k]);
    }
    const tmoi_shape *in = &node->inputs[0]->shape;
    if (node->op->code == TMOI_OP_SLICE)
        return tmoi_slice_resolve(in, &at[1], &at[2], spec, &ctx) == TMO_STATUS_OK;
    return tmoi_strided_slice_resolve(tmoi_op_options(node->op, strided_slice_options), in, &at[1], &at[2],
                                      &at[3], spec, &out, &ctx) == TMO_STATUS_OK;
}

/* One element of some dimensions, then a range of one, then all of the rest. */
static bool is_contiguous(const tmoi_slice_spec *spec, const tmoi_shape *in, int64_t *first)
{
    bool ranged = false;
    *first = 0;
    for (int32_t k = 0; k < spec->rank; k++) {
        bool whole = spec->count[k] == in->dims[k] && (spec->stride[k] == 1 || spec->count[k] == 1);
        if (ranged && !whole) return false;
        if (spec->count[k] > 1 && spec->stride[k] != 1) return false;
        ranged = ranged || spec->count[k] != 1;
        *first = *first * in->dims[k] + spec->begin[k];
    }
    return true;
}

static bool place_slice(const tmoi_lowering *l, const tmoi_node *node)
{
    const tmoi_value *in = node->inputs[0], *out = node->outputs[0];
    tmoi_slice_spec spec;
    int64_t first;
    if (tmo_type_bits(in->type) < 8 || in->type != out->type || !resolve_slice(node, &spec) ||
        !is_contiguous(&spec, &in->shape, &first))
        return false;
    int32_t part = tmoi_lower_number(l, out), whole = tmoi_lower_number(l, in);
    size_t offset = (size_t)first * tmoi_value_elem_bytes(in);
    if (!tmoi_places_fit(l->graph, part, whole, offset)) return false;
    tmoi_places_put(l->graph, part, whole, offset);
    return true;
}

/* ---- other names ---- */

static bool keeps_order(const tmoi_node *node)
{
    const tmoi_value *in = node->inputs[0], *order = node->inputs[1];
    int64_t last = -1;
    if (!order->is_constant) return false;
    for (int32_t k = 0; k < in->shape.rank; k++) {
        int64_t from = axis_in(tmoi_value_int(order, k), in->shape.rank);
        if (in->shape.dims[from] == 1) continue;
        if (from < last) return false;
        last = from;
    }
    return true;
}

static bool place_renamed(const tmoi_lowering *l, const tmoi_node *node)
{
    int32_t in = tmoi_lower_number(l, node->inputs[0]), out = tmoi_lower_number(l, node->outputs[0]);
    if (node->inputs[0]->type == TMO_TYPE_STRING || node->inputs[0]->bytes != node->outputs[0]->bytes ||
        !tmoi_places_fit(l->graph, out, in, 0))
        return false;
    tmoi_places_put(l->graph, out, in, 0);
    return true;
}

static bool place(const tmoi_lowering *l, const tmoi_node *node)
{
    switch (node->op->code) {
    case TMOI_OP_RESHAPE:
    case TMOI_OP_SQUEEZE:
    case TMOI_OP_EXPAND_DIMS:
    case TMOI_OP_BITCAST: return place_renamed(l, node);
    case TMOI_OP_TRANSPOSE: return keeps_order(node) && place_renamed(l, node);
    case TMOI_OP_SPLIT:
    case TMOI_OP_SPLIT_V: return place_split(l, node);
    case TMOI_OP_UNPACK: return place_unpack(l, node);
    case TMOI_OP_SLICE:
    case TMOI_OP_STRIDED_SLICE: return place_slice(l, node);
    case TMOI_OP_CONCATENATION: return place_concatenation(l, node);
    case TMOI_OP_PACK: return place_pack(l, node);
    default: return false;
    }
}

void tmoi_lower_views(tmoi_lowering *l)
{
    for (int32_t k = 0; k < l->graph->subgraph->op_count; k++)
        if (tmoi_lower_is_open(l, k) && place(l, &l->graph->nodes[k]))
            l->graph->node_mode[k] = TMOI_NODE_VIEW;
}
