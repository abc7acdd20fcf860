#include "unit/tiny_model.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

void expect_ok(tmo_status status, const char *name, const tmoi_ctx *ctx)
{
    if (status != TMO_STATUS_OK) fail_msg("%s: %s", name, ctx->error.message);
}

tiny_model make_tiny(tmo_type type)
{
    static const uint8_t weights[64] = {1, 2, 3};
    static const float scale = 0.5f;
    tiny_model tiny = {.ctx = tmoi_ctx_make(NULL)};
    tmoi_ctx *ctx = &tiny.ctx;
    tmoi_shape shape = {2, {1, 16}};
    int32_t tensors[5];
    tmoi_op *op;
    expect_ok(tmoi_graph_make(&tiny.graph, ctx), "tiny", ctx);
    tmoi_graph *graph = tiny.graph;
    expect_ok(tmoi_arena_new(graph->arena, &graph->subgraphs, 1, ctx), "tiny", ctx);
    graph->subgraph_count = 1;
    tmoi_subgraph *subgraph = graph->subgraphs;
    *subgraph = (tmoi_subgraph){.name = "main", .debug_metadata_index = -1};
    for (int32_t k = 0; k < 5; k++) {
        static const char *const names[] = {"x", "w", "b", "product", "out"};
        expect_ok(tmoi_graph_add_tensor(graph, 0, names[k], type, &shape, &tensors[k], ctx), "tiny", ctx);
        tmoi_tensor *tensor = &subgraph->tensors[tensors[k]];
        expect_ok(tmoi_graph_set_quant(graph, tensor, 1, 0, &scale, NULL, ctx), "tiny", ctx);
        if (k == 1 || k == 2)
            expect_ok(tmoi_graph_set_data(graph, tensor, weights, tmoi_type_bytes(type, 16), ctx), "tiny",
                      ctx);
    }
    expect_ok(tmoi_graph_insert_op(graph, 0, 0, TMOI_OP_MUL, 2, 1, &op, ctx), "tiny", ctx);
    op->inputs[0] = 0, op->inputs[1] = 1, op->outputs[0] = 3;
    expect_ok(tmoi_graph_insert_op(graph, 0, 1, TMOI_OP_ADD, 2, 1, &op, ctx), "tiny", ctx);
    op->inputs[0] = 3, op->inputs[1] = 2, op->outputs[0] = 4;
    expect_ok(tmoi_arena_copy(graph->arena, (void **)&subgraph->inputs, &(int32_t){0}, 4, ctx), "tiny", ctx);
    expect_ok(tmoi_arena_copy(graph->arena, (void **)&subgraph->outputs, &(int32_t){4}, 4, ctx), "tiny", ctx);
    subgraph->input_count = subgraph->output_count = 1;
    expect_ok(tmoi_graph_validate(graph, ctx), "tiny", ctx);
    return tiny;
}
