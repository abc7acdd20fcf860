#include "runtime/places.h"

bool tmoi_is_planned(const tmoi_value *value)
{
    return !value->is_constant && !value->is_dynamic && !value->tensor->is_variable;
}

void tmoi_places_start(tmoi_session_graph *graph)
{
    for (int32_t k = 0; k < graph->subgraph->tensor_count; k++) graph->places[k] = (tmoi_place){k, k, 0};
}

static bool is_input(const tmoi_session_graph *graph, int32_t value)
{
    return tmoi_subgraph_is_input(graph->subgraph, value);
}

static bool is_output(const tmoi_session_graph *graph, int32_t value)
{
    return tmoi_subgraph_is_output(graph->subgraph, value);
}

static bool block_has(const tmoi_session_graph *graph, int32_t value,
                      bool (*is)(const tmoi_session_graph *graph, int32_t value))
{
    int32_t k = value;
    do {
        if (is(graph, k)) return true;
        k = graph->places[k].next;
    } while (k != value);
    return false;
}

bool tmoi_places_hold_result(const tmoi_session_graph *graph, int32_t value)
{
    return block_has(graph, value, is_output);
}

/* Inputs and results stay aligned when the block of `value` moves by `offset`. */
static bool keeps_alignment(const tmoi_session_graph *graph, int32_t value, size_t offset)
{
    if (offset % TMOI_ALIGNMENT == 0) return true;
    return !block_has(graph, value, is_input) && !block_has(graph, value, is_output);
}

/* The block of *child becomes a part of that of *parent, `at` bytes from its beginning. */
static bool find_join(const tmoi_session_graph *graph, int32_t value, int32_t into, size_t offset,
                      int32_t *child, int32_t *parent, size_t *at)
{
    const tmoi_place *a = &graph->places[value], *b = &graph->places[into];
    const tmoi_value *values = graph->values;
    if (!tmoi_is_planned(&values[value]) || !tmoi_is_planned(&values[into]) || a->base == b->base)
        return false;
    if (values[a->base].bytes == values[value].bytes && a->offset == 0) {
        *child = a->base, *parent = b->base, *at = b->offset + offset;
        return *at + values[value].bytes <= values[b->base].bytes;
    }
    *child = b->base, *parent = a->base, *at = a->offset;
    return offset == 0 && b->offset == 0 && values[into].bytes == values[value].bytes &&
           values[b->base].bytes == values[into].bytes;
}

bool tmoi_places_fit(const tmoi_session_graph *graph, int32_t value, int32_t into, size_t offset)
{
    int32_t child, parent;
    size_t at;
    if (!find_join(graph, value, into, offset, &child, &parent, &at)) return false;
    bool inputs = block_has(graph, child, is_input) || block_has(graph, parent, is_input);
    bool outputs = block_has(graph, child, is_output) || block_has(graph, parent, is_output);
    return !(inputs && outputs) && keeps_alignment(graph, child, at);
}

void tmoi_places_put(tmoi_session_graph *graph, int32_t value, int32_t into, size_t offset)
{
    int32_t child, parent;
    size_t at;
    if (!find_join(graph, value, into, offset, &child, &parent, &at)) return;
    int32_t k = child;
    do {
        graph->places[k].base = parent;
        graph->places[k].offset += at;
        k = graph->places[k].next;
    } while (k != child);
    int32_t next = graph->places[child].next;
    graph->places[child].next = graph->places[parent].next;
    graph->places[parent].next = next;
}
