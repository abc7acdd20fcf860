/* The names of fused kernels, for the profile: "gemm_f32_6x16_avx2 + PRELU". */
#include <string.h>

#include "runtime/session_private.h"

/* The same text, kept as long as the session: profiles outlive plans. */
static tmo_status keep(tmoi_session *session, const char **text, tmoi_ctx *ctx)
{
    name_entry *entry = session->names;
    while (entry && strcmp(entry->text, *text) != 0) entry = entry->next;
    if (!entry) {
        TMO_TRY(tmoi_arena_new(&session->name_memory, &entry, 1, ctx));
        TMO_TRY(tmoi_arena_text(&session->name_memory, &entry->text, *text, strlen(*text), ctx));
        entry->next = session->names;
        session->names = entry;
    }
    *text = entry->text;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status append(tmoi_session_graph *graph, const char **text, const char *more, tmoi_ctx *ctx)
{
    return tmoi_arena_format(&graph->run_memory, text, ctx, "%s%s%s", *text, **text ? " + " : "", more);
}

/* An element-wise operator goes by its own name, another by its kernel's. */
static const char *name_of(const tmoi_node *node)
{
    bool element_wise = node->def && node->def->range;
    return node->kernel && !element_wise ? node->kernel : tmoi_op_name(node->op);
}

static tmo_status append_posts(tmoi_session_graph *graph, const char **text, const tmoi_node *node,
                               tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < node->post_count; k++) {
        const tmoi_node *post = node->posts[k];
        for (int32_t i = 0; i < post->part_count; i++)
            TMO_TRY(append(graph, text, name_of(post->parts[i]), ctx));
        if (post->part_count == 0) TMO_TRY(append(graph, text, name_of(post), ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status name(tmoi_session_graph *graph, tmoi_node *node, tmoi_ctx *ctx)
{
    const char *text = "";
    if (node->part_count == 0) TMO_TRY(append(graph, &text, name_of(node), ctx));
    for (int32_t k = 0; k < node->part_count; k++) {
        TMO_TRY(append(graph, &text, name_of(node->parts[k]), ctx));
        if (k + 1 < node->part_count) TMO_TRY(append_posts(graph, &text, node->parts[k], ctx));
    }
    TMO_TRY(append_posts(graph, &text, node, ctx));
    TMO_TRY(keep(graph->session, &text, ctx));
    node->kernel = text;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_session_name_fused(tmoi_session_graph *graph, tmoi_ctx *ctx)
{
    if (!graph->session->config.observe) return TMO_STATUS_OK;
    for (int32_t k = 0; k < graph->step_count; k++) {
        tmoi_node *node = &graph->nodes[graph->steps[k]];
        if (node->post_count + node->part_count > 0) TMO_TRY(name(graph, node, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
