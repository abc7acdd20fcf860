/* What operators ask of the session while they run: calls of other subgraphs, outputs of unknown size, shared objects. */
#include <string.h>

#include "runtime/session_private.h"

/* ---- outputs of unknown size ---- */

tmo_status tmoi_value_resize_bytes(tmoi_exec *exec, tmoi_value *value, const tmoi_shape *shape, size_t bytes,
                                   tmoi_ctx *ctx)
{
    tmoi_session *session = exec->graph->session;
    TMO_FAIL_IF(bytes > session->config.max_arena_bytes, LIMIT, ctx,
                "tensor '%s' needs %zu bytes, more than the limit of %zu", value->tensor->name, bytes,
                session->config.max_arena_bytes);
    if (value->is_dynamic && (bytes > value->capacity || !value->data)) {
        tmo_allocator allocator = session->allocator;
        if (value->capacity) tmoi_release(&allocator, value->data);
        value->capacity = 0;
        value->data = NULL;
        size_t wanted = bytes ? bytes : 1;
        value->data = allocator.alloc(allocator.user, wanted, TMOI_ALIGNMENT);
        TMO_FAIL_IF(!value->data, OUT_OF_MEMORY, ctx, "cannot allocate %zu bytes", wanted);
        value->capacity = wanted;
    }
    TMO_FAIL_IF(!value->is_dynamic && bytes != value->bytes, INVALID_INPUT, ctx,
                "tensor '%s' has shape %s, but %s was computed", value->tensor->name,
                tmoi_shape_format(&value->shape).text, tmoi_shape_format(shape).text);
    value->shape = *shape;
    value->bytes = bytes;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_value_resize(tmoi_exec *exec, tmoi_value *value, const tmoi_shape *shape, tmoi_ctx *ctx)
{
    int64_t count;
    TMO_FAIL_IF(!tmoi_shape_count_checked(shape, &count), LIMIT, ctx, "tensor '%s' of shape %s is too large",
                value->tensor->name, tmoi_shape_format(shape).text);
    return tmoi_value_resize_bytes(exec, value, shape, tmoi_type_bytes(value->type, count), ctx);
fail:
    return ctx->error.status;
}

/* ---- calls ---- */

/* True when the callee has to be prepared anew: for calls, or as its inputs shall have other shapes. */
static tmo_status pass_shapes(tmoi_session_graph *callee, tmoi_value *const *inputs, int32_t count,
                              bool *changed, tmoi_ctx *ctx)
{
    *changed = !callee->prepared || !callee->is_called;
    callee->is_called = true;
    for (int32_t k = 0; k < count; k++) {
        const tmoi_tensor *inside = &callee->subgraph->tensors[callee->subgraph->inputs[k]];
        TMO_FAIL_IF(!inputs[k], INVALID_MODEL, ctx, "input %d of subgraph %d is missing", (int)k,
                    (int)callee->index);
        TMO_FAIL_IF(inside->type != inputs[k]->type, INVALID_MODEL, ctx,
                    "subgraph %d takes %s as input %d, got %s", (int)callee->index,
                    tmo_type_name(inside->type), (int)k, tmo_type_name(inputs[k]->type));
        if (tmoi_shape_equal(&callee->input_shapes[k], &inputs[k]->shape)) continue;
        callee->input_shapes[k] = inputs[k]->shape;
        *changed = true;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_callee(tmoi_session_graph *callee, tmoi_value *const *inputs, int32_t count,
                                 tmoi_ctx *ctx)
{
    bool changed;
    TMO_FAIL_IF(callee->running || callee->preparing, INVALID_MODEL, ctx, "subgraph %d calls itself",
                (int)callee->index);
    TMO_TRY(pass_shapes(callee, inputs, count, &changed, ctx));
    if (changed) TMO_TRY(tmoi_session_graph_prepare(callee, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_session_prepare_call(tmoi_exec *exec, int32_t subgraph, tmoi_value *const *inputs,
                                     int32_t input_count, int32_t output_count, tmoi_ctx *ctx)
{
    tmoi_session *session = exec->graph->session;
    TMO_FAIL_IF(subgraph < 0 || subgraph >= session->graph->subgraph_count, INVALID_MODEL, ctx,
                "subgraph %d does not exist, the model has %d", (int)subgraph,
                (int)session->graph->subgraph_count);
    const tmoi_subgraph *callee = &session->graph->subgraphs[subgraph];
    TMO_FAIL_IF(callee->input_count != input_count || callee->output_count != output_count, INVALID_MODEL,
                ctx, "subgraph %d takes %d and gives %d tensors, expected %d and %d", (int)subgraph,
                (int)callee->input_count, (int)callee->output_count, (int)input_count, (int)output_count);
    TMO_TRY(tmoi_session_graph_setup(session, subgraph, ctx));
    TMO_TRY(prepare_callee(&session->graphs[subgraph], inputs, input_count, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_value *tmoi_session_callee_output(const tmoi_exec *exec, int32_t subgraph, int32_t k)
{
    const tmoi_session_graph *callee = &exec->graph->session->graphs[subgraph];
    return &callee->values[callee->subgraph->outputs[k]];
}

tmo_status tmoi_session_count_step(tmoi_exec *exec, tmoi_ctx *ctx)
{
    tmoi_session *session = exec->graph->session;
    TMO_FAIL_IF(session->loop_steps >= session->config.max_loop_steps, LIMIT, ctx,
                "the loops of one run take more than %llu steps",
                (unsigned long long)session->config.max_loop_steps);
    session->loop_steps++;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_subgraph *tmoi_session_subgraph(const tmoi_exec *exec, int32_t subgraph)
{
    const tmoi_graph *graph = exec->graph->session->graph;
    return subgraph >= 0 && subgraph < graph->subgraph_count ? &graph->subgraphs[subgraph] : NULL;
}

/* The values of a lent block, from now on at `data`. */
static void lend(tmoi_session_graph *callee, int32_t value, void *data)
{
    int32_t k = value;
    do {
        callee->values[k].data = (unsigned char *)data + callee->places[k].offset;
        k = callee->places[k].next;
    } while (k != value);
}

static tmo_status pass_inputs(tmoi_session_graph *callee, tmoi_value *const *inputs, int32_t count,
                              tmoi_ctx *ctx)
{
    TMO_TRY(prepare_callee(callee, inputs, count, ctx));
    for (int32_t k = 0; k < count; k++) {
        int32_t number = callee->subgraph->inputs[k];
        tmoi_value *inside = &callee->values[number];
        if (inside->is_dynamic)
            TMO_TRY(tmoi_value_resize_bytes(&callee->exec, inside, &inputs[k]->shape, inputs[k]->bytes, ctx));
        TMO_FAIL_IF(inside->bytes != inputs[k]->bytes || inside->is_constant, INVALID_INPUT, ctx,
                    "input %d of subgraph %d has %zu bytes, got %zu", (int)k, (int)callee->index,
                    inside->bytes, inputs[k]->bytes);
        if (callee->lent[callee->places[number].base])
            lend(callee, number, inputs[k]->data);
        else if (inside->bytes)
            memmove(inside->data, inputs[k]->data, inside->bytes);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_session_call(tmoi_exec *exec, int32_t subgraph, tmoi_value *const *inputs,
                             int32_t input_count, tmoi_value **outputs, int32_t output_count, tmoi_ctx *ctx)
{
    tmoi_session_graph *callee = &exec->graph->session->graphs[subgraph];
    TMO_TRY(pass_inputs(callee, inputs, input_count, ctx));
    TMO_TRY(tmoi_session_graph_run(callee, ctx));
    for (int32_t k = 0; k < output_count; k++) {
        const tmoi_value *inside = &callee->values[callee->subgraph->outputs[k]];
        if (!outputs[k]) continue;
        TMO_FAIL_IF(inside->type != outputs[k]->type, INVALID_MODEL, ctx,
                    "subgraph %d gives %s as output %d, expected %s", (int)callee->index,
                    tmo_type_name(inside->type), (int)k, tmo_type_name(outputs[k]->type));
        TMO_TRY(tmoi_value_resize_bytes(exec, outputs[k], &inside->shape, inside->bytes, ctx));
        if (inside->bytes) memmove(outputs[k]->data, inside->data, inside->bytes);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- objects that operators share ---- */

tmo_status tmoi_session_resource(tmoi_exec *exec, const char *kind, const char *name, size_t bytes,
                                 void (*release)(const tmo_allocator *allocator, void *object),
                                 tmoi_resource **out, tmoi_ctx *ctx)
{
    tmoi_session *session = exec->graph->session;
    resource_entry *entry = session->resources;
    while (entry && (strcmp(entry->resource.kind, kind) != 0 || strcmp(entry->resource.name, name) != 0))
        entry = entry->next;
    if (!entry) {
        const char *copy;
        TMO_TRY(tmoi_arena_new(&session->resource_memory, &entry, 1, ctx));
        TMO_TRY(tmoi_arena_text(&session->resource_memory, &copy, name, strlen(name), ctx));
        entry->resource = (tmoi_resource){.id = session->resource_count, .kind = kind, .name = copy};
        TMO_TRY(tmoi_arena_alloc(&session->resource_memory, &entry->resource.object, bytes, 1, 16, ctx));
        entry->release = release;
        entry->next = session->resources;
        session->resources = entry;
        session->resource_count++;
    }
    *out = &entry->resource;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmoi_resource *tmoi_session_resource_by_id(tmoi_exec *exec, int32_t id)
{
    resource_entry *entry = exec->graph->session->resources;
    while (entry && entry->resource.id != id) entry = entry->next;
    return entry ? &entry->resource : NULL;
}

void tmoi_session_release_resources(tmoi_session *session)
{
    for (resource_entry *entry = session->resources; entry; entry = entry->next)
        if (entry->release) entry->release(&session->allocator, entry->resource.object);
    session->resources = NULL;
    session->resource_count = 0;
    tmoi_arena_clear(&session->resource_memory);
}
