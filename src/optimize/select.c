#include "optimize/select.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct tmoi_selection {
    tmo_allocator allocator;
    tmoi_arena arena;
    bool **chosen; /* [subgraph][operator] */
};

static const char *output_name(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    const tmoi_tensor *output = tmoi_op_output(subgraph, op, 0);
    return output ? output->name : "";
}

static tmo_status make_choices(tmoi_selection *self, const tmoi_graph *graph, bool ***out, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_arena_new(&self->arena, out, (size_t)graph->subgraph_count, ctx));
    for (int32_t s = 0; s < graph->subgraph_count; s++)
        TMO_TRY(tmoi_arena_new(&self->arena, &(*out)[s], (size_t)graph->subgraphs[s].op_count, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- one entry ---- */

static bool choose_index(tmoi_selection *self, const char *entry, const tmoi_graph *graph)
{
    char *end;
    long index = strtol(entry + 1, &end, 10);
    if (end == entry + 1 || *end || index < 0 || index >= graph->subgraphs[0].op_count) return false;
    self->chosen[0][index] = true;
    return true;
}

typedef bool (*match_function)(const void *pattern, const tmoi_subgraph *subgraph, const tmoi_op *op);

static bool match_name(const void *pattern, const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    return strcmp(pattern, tmoi_op_name(op)) == 0 || strcmp(pattern, output_name(subgraph, op)) == 0;
}

static bool match_expression(const void *pattern, const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    return regexec(pattern, output_name(subgraph, op), 0, NULL, 0) == 0;
}

static bool choose_matching(tmoi_selection *self, const tmoi_graph *graph, match_function match,
                            const void *pattern)
{
    bool any = false;
    for (int32_t s = 0; s < graph->subgraph_count; s++)
        for (int32_t k = 0; k < graph->subgraphs[s].op_count; k++) {
            if (!match(pattern, &graph->subgraphs[s], &graph->subgraphs[s].ops[k])) continue;
            any = self->chosen[s][k] = true;
        }
    return any;
}

static tmo_status choose(tmoi_selection *self, const char *entry, const tmoi_graph *graph, tmoi_ctx *ctx)
{
    regex_t expression;
    if (entry[0] == '#') {
        TMO_FAIL_IF(!choose_index(self, entry, graph), INVALID_ARGUMENT, ctx,
                    "quantize: keep-float '%s' is no index of an operator (0 to %d)", entry,
                    (int)graph->subgraphs[0].op_count - 1);
        return TMO_STATUS_OK;
    }
    if (choose_matching(self, graph, match_name, entry)) return TMO_STATUS_OK;
    TMO_FAIL_IF(regcomp(&expression, entry, REG_EXTENDED | REG_NOSUB) != 0, INVALID_ARGUMENT, ctx,
                "quantize: keep-float '%s' is neither an operator nor a valid regular expression", entry);
    bool any = choose_matching(self, graph, match_expression, &expression);
    regfree(&expression);
    TMO_FAIL_IF(!any, INVALID_ARGUMENT, ctx, "quantize: keep-float '%s' matches no operator", entry);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_selection_make(tmoi_selection **out, const char *text, const tmoi_graph *source,
                               tmoi_ctx *ctx)
{
    tmoi_selection *self = NULL;
    *out = NULL;
    TMO_TRY(tmoi_new(ctx, &self, 1));
    self->allocator = ctx->allocator;
    tmoi_arena_init(&self->arena, &ctx->allocator);
    TMO_TRY(make_choices(self, source, &self->chosen, ctx));
    while (text && *text) {
        size_t length = strcspn(text, ",");
        const char *entry;
        TMO_TRY(tmoi_arena_text(&self->arena, &entry, text, length, ctx));
        if (length) TMO_TRY(choose(self, entry, source, ctx));
        text += length + (text[length] == ',');
    }
    *out = self;
    return TMO_STATUS_OK;
fail:
    tmoi_selection_free(self);
    return ctx->error.status;
}

void tmoi_selection_free(tmoi_selection *selection)
{
    if (!selection) return;
    tmo_allocator allocator = selection->allocator;
    tmoi_arena_clear(&selection->arena);
    tmoi_release(&allocator, selection);
}

/* ---- following rewrites ---- */

static int32_t find_by_output(const tmoi_subgraph *subgraph, const char *name)
{
    for (int32_t k = 0; k < subgraph->op_count; k++)
        for (int32_t i = 0; i < subgraph->ops[k].output_count; i++) {
            const tmoi_tensor *output = tmoi_op_output(subgraph, &subgraph->ops[k], i);
            if (output && strcmp(output->name, name) == 0) return k;
        }
    return -1;
}

/* The operator of `after` that does what operator k of `before` did: the one with its output, or else with the output of the
 * operator that it fed. -1 when it was folded away. */
static int32_t follow(const tmoi_subgraph *before, int32_t k, const tmoi_subgraph *after)
{
    while (k >= 0 && before->ops[k].output_count > 0 && before->ops[k].outputs[0] >= 0) {
        int32_t found = find_by_output(after, output_name(before, &before->ops[k]));
        if (found >= 0) return found;
        k = tmoi_subgraph_only_user(before, before->ops[k].outputs[0]);
    }
    return -1;
}

tmo_status tmoi_selection_follow(tmoi_selection *selection, const tmoi_graph *source, const tmoi_graph *graph,
                                 tmoi_ctx *ctx)
{
    bool **chosen;
    TMO_TRY(make_choices(selection, graph, &chosen, ctx));
    for (int32_t s = 0; s < source->subgraph_count && s < graph->subgraph_count; s++)
        for (int32_t k = 0; k < source->subgraphs[s].op_count; k++) {
            if (!selection->chosen[s][k]) continue;
            int32_t found = follow(&source->subgraphs[s], k, &graph->subgraphs[s]);
            if (found >= 0) chosen[s][found] = true;
        }
    selection->chosen = chosen;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

bool tmoi_selection_has(const tmoi_selection *selection, int32_t subgraph, int32_t op)
{
    return selection->chosen[subgraph][op];
}
