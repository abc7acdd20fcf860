/* The life of a session: what session.h declares, but for preparing (prepare.c) and calls between subgraphs (call.c). */
#include "runtime/session.h"

#include <string.h>

#include "runtime/session_private.h"
#include "runtime/strings.h"
#include "runtime/weights.h"

static tmo_status check_config(const tmoi_session_config *config, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(config->arena && (uintptr_t)config->arena % TMOI_ALIGNMENT != 0, INVALID_ARGUMENT, ctx,
                "session: the arena must be aligned to %d bytes", TMOI_ALIGNMENT);
    TMO_FAIL_IF(config->threads < 0, INVALID_ARGUMENT, ctx, "session: threads must not be negative, got %d",
                (int)config->threads);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_session_make(tmoi_session **out, const tmoi_graph *graph, const tmoi_session_config *config,
                             tmoi_ctx *ctx)
{
    tmoi_session *session = NULL;
    *out = NULL;
    TMO_FAIL_IF(graph->subgraph_count < 1, INVALID_MODEL, ctx, "session: the model has no subgraph");
    TMO_TRY(tmoi_new(ctx, &session, 1));
    session->allocator = ctx->allocator;
    tmoi_arena_init(&session->resource_memory, &ctx->allocator);
    tmoi_arena_init(&session->name_memory, &ctx->allocator);
    session->graph = graph;
    session->config = config ? *config : (tmoi_session_config){.cpu = tmoi_cpu_features()};
    session->config.as_written |= session->config.keep_all_tensors;
    if (session->config.max_loop_steps == 0) session->config.max_loop_steps = 1000000;
    if (session->config.max_arena_bytes == 0) session->config.max_arena_bytes = (size_t)UINT32_MAX;
    TMO_TRY(check_config(&session->config, ctx));
    session->kernels.cpu = session->config.cpu;
    if (!session->config.reduced_float || session->config.reference)
        session->kernels.cpu &= ~(uint32_t)TMOI_CPU_REDUCED_FLOAT;
    TMO_TRY(tmoi_new(ctx, &session->graphs, (size_t)graph->subgraph_count));
    session->pool = session->config.pool;
    if (!session->pool)
        TMO_TRY(
            tmoi_thread_pool_make(&session->pool, session->config.threads, &session->config.scheduler, ctx));
    session->weights = session->config.weights;
    if (!session->weights) TMO_TRY(tmoi_weights_make(&session->weights, graph, ctx));
    TMO_TRY(tmoi_session_select(session, 0, ctx));
    *out = session;
    return TMO_STATUS_OK;
fail:
    tmoi_session_free(session);
    return ctx->error.status;
}

void tmoi_session_free(tmoi_session *session)
{
    if (!session) return;
    tmo_allocator allocator = session->allocator;
    for (int32_t k = 0; session->graphs && k < session->graph->subgraph_count; k++)
        tmoi_session_graph_release(&session->graphs[k]);
    tmoi_session_release_resources(session);
    tmoi_arena_clear(&session->name_memory);
    tmoi_release(&allocator, session->graphs);
    if (session->pool != session->config.pool) tmoi_thread_pool_free(session->pool);
    if (session->weights != session->config.weights) tmoi_weights_free(session->weights);
    tmoi_release(&allocator, session);
}

static bool inputs_are_static(const tmoi_subgraph *subgraph)
{
    for (int32_t k = 0; k < subgraph->input_count; k++)
        if (!tmoi_tensor_is_static(&subgraph->tensors[subgraph->inputs[k]])) return false;
    return true;
}

tmo_status tmoi_session_select(tmoi_session *session, int32_t subgraph, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(subgraph < 0 || subgraph >= session->graph->subgraph_count, INVALID_ARGUMENT, ctx,
                "session: subgraph %d is out of range, the model has %d", (int)subgraph,
                (int)session->graph->subgraph_count);
    tmoi_session_graph *graph = &session->graphs[subgraph];
    TMO_TRY(tmoi_session_graph_setup(session, subgraph, ctx));
    session->main = subgraph;
    if (graph->is_called) graph->prepared = graph->is_called = false;
    if (graph->prepared) return TMO_STATUS_OK;
    tmoi_ctx attempt = *ctx;
    tmo_status status = tmoi_session_graph_prepare(graph, &attempt);
    bool placeholders_misfit = status == TMO_STATUS_INVALID_MODEL && !inputs_are_static(graph->subgraph);
    if (status != TMO_STATUS_OK && !placeholders_misfit) {
        ctx->error = attempt.error;
        goto fail;
    }
    tmoi_weights_settle(session->weights, ctx);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmoi_session_graph *main_graph(const tmoi_session *session)
{
    return &session->graphs[session->main];
}

int32_t tmoi_session_input_count(const tmoi_session *session)
{
    return main_graph(session)->subgraph->input_count;
}

int32_t tmoi_session_output_count(const tmoi_session *session)
{
    return main_graph(session)->subgraph->output_count;
}

tmoi_value *tmoi_session_input(tmoi_session *session, int32_t k)
{
    tmoi_session_graph *graph = main_graph(session);
    return &graph->values[graph->subgraph->inputs[k]];
}

tmo_status tmoi_session_set_texts(tmoi_session *session, int32_t k, const void *data, size_t bytes,
                                  tmoi_ctx *ctx)
{
    tmoi_value *input = tmoi_session_input(session, k);
    tmoi_shape shape = input->shape;
    TMO_FAIL_IF(input->type != TMO_TYPE_STRING || input->is_constant, INVALID_ARGUMENT, ctx,
                "session: input '%s' is of type %s, expected string", input->tensor->name,
                tmo_type_name(input->type));
    TMO_TRY(tmoi_value_resize_bytes(&main_graph(session)->exec, input, &shape, bytes, ctx));
    if (bytes) memcpy(input->data, data, bytes);
    TMO_TRY(tmoi_strings_check(input, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_value *tmoi_session_output(const tmoi_session *session, int32_t k)
{
    const tmoi_session_graph *graph = main_graph(session);
    return &graph->values[graph->subgraph->outputs[k]];
}

const tmoi_value *tmoi_session_tensor(const tmoi_session *session, int32_t subgraph, int32_t tensor)
{
    const tmoi_session_graph *graph = &session->graphs[subgraph];
    return graph->values ? &graph->values[tensor] : NULL;
}

tmo_status tmoi_session_set_shape(tmoi_session *session, int32_t input, const tmoi_shape *shape,
                                  tmoi_ctx *ctx)
{
    tmoi_session_graph *graph = main_graph(session);
    int64_t count;
    TMO_FAIL_IF(input < 0 || input >= graph->subgraph->input_count, INVALID_ARGUMENT, ctx,
                "session: input %d is out of range, the model has %d", (int)input,
                (int)graph->subgraph->input_count);
    TMO_FAIL_IF(shape->rank < 0 || shape->rank > TMO_MAX_RANK, INVALID_ARGUMENT, ctx,
                "session: rank %d is out of range [0, %d]", (int)shape->rank, TMO_MAX_RANK);
    TMO_FAIL_IF(!tmoi_shape_count_checked(shape, &count), INVALID_ARGUMENT, ctx,
                "session: shape %s is negative or too large", tmoi_shape_format(shape).text);
    if (tmoi_shape_equal(&graph->input_shapes[input], shape)) return TMO_STATUS_OK;
    graph->input_shapes[input] = *shape;
    graph->prepared = false;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_session_plan(tmoi_session *session, tmoi_ctx *ctx)
{
    if (main_graph(session)->prepared) return TMO_STATUS_OK;
    return tmoi_session_graph_prepare(main_graph(session), ctx);
}

tmo_status tmoi_session_resize(tmoi_session *session, int32_t input, const tmoi_shape *shape, tmoi_ctx *ctx)
{
    const tmoi_session_graph *graph = main_graph(session);
    tmoi_shape old = input >= 0 && input < graph->subgraph->input_count ? graph->input_shapes[input]
                                                                        : (tmoi_shape){0};
    TMO_TRY(tmoi_session_set_shape(session, input, shape, ctx));
    if (tmoi_session_plan(session, ctx) != TMO_STATUS_OK) {
        tmoi_ctx again = *ctx;
        (void)tmoi_session_set_shape(session, input, &old, &again);
        (void)tmoi_session_plan(session, &again);
        goto fail;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_session_set_arena(tmoi_session *session, void *arena, size_t arena_bytes, tmoi_ctx *ctx)
{
    session->config.arena = arena;
    session->config.arena_bytes = arena_bytes;
    session->config.plan_only = false;
    TMO_TRY(check_config(&session->config, ctx));
    for (int32_t k = 0; k < session->graph->subgraph_count; k++) {
        if (!session->graphs[k].session) continue;
        tmoi_session_release_activations(&session->graphs[k]);
        session->graphs[k].prepared = false;
    }
    TMO_TRY(tmoi_session_plan(session, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_session_run(tmoi_session *session, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(session->config.plan_only, INVALID_ARGUMENT, ctx,
                "session: it was made with plan_only and has no arena");
    TMO_TRY(tmoi_session_plan(session, ctx));
    session->loop_steps = 0;
    tmoi_thread_pool_enter(session->pool);
    tmo_status status = tmoi_session_graph_run(main_graph(session), ctx);
    tmoi_thread_pool_leave(session->pool);
    return status;
fail:
    return ctx->error.status;
}

void tmoi_session_reset(tmoi_session *session)
{
    for (int32_t g = 0; g < session->graph->subgraph_count; g++) {
        tmoi_session_graph *graph = &session->graphs[g];
        for (int32_t k = 0; graph->values && k < graph->subgraph->tensor_count; k++) {
            tmoi_value *value = &graph->values[k];
            if (value->tensor->is_variable && value->data) tmoi_value_start_variable(value);
        }
    }
    tmoi_session_release_resources(session);
}

size_t tmoi_session_arena_bytes(const tmoi_session *session)
{
    size_t bytes = 0;
    for (int32_t k = 0; k < session->graph->subgraph_count; k++) bytes += session->graphs[k].activation_bytes;
    return bytes;
}

size_t tmoi_session_memory_bytes(const tmoi_session *session)
{
    size_t bytes = sizeof *session + tmoi_session_arena_bytes(session) +
                   session->resource_memory.total_bytes + session->name_memory.total_bytes;
    for (int32_t k = 0; k < session->graph->subgraph_count; k++) {
        const tmoi_session_graph *graph = &session->graphs[k];
        bytes += sizeof *graph + graph->fixed.total_bytes + graph->prepared_memory.total_bytes +
                 graph->run_memory.total_bytes;
        for (int32_t v = 0; graph->values && v < graph->subgraph->tensor_count; v++)
            bytes += graph->values[v].capacity;
    }
    return bytes;
}
