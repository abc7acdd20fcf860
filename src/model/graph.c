#include "model/graph.h"

#include <string.h>

#include "base/alloc.h"

static void source_drop(tmoi_source *source)
{
    while (source && atomic_fetch_sub(&source->references, 1) == 1) {
        tmoi_source *parent = source->parent;
        tmo_allocator allocator = source->allocator;
        if (source->release) source->release(source->owned);
        tmoi_arena_clear(&source->arena);
        tmoi_release(&allocator, source);
        source = parent;
    }
}

tmo_status tmoi_graph_make(tmoi_graph **out, tmoi_ctx *ctx)
{
    tmoi_graph *graph = NULL;
    *out = NULL;
    TMO_TRY(tmoi_new(ctx, &graph, 1));
    TMO_TRY(tmoi_new(ctx, &graph->source, 1));
    graph->source->allocator = ctx->allocator;
    atomic_init(&graph->source->references, 1);
    graph->arena = &graph->source->arena;
    tmoi_arena_init(graph->arena, &ctx->allocator);
    *out = graph;
    return TMO_STATUS_OK;
fail:
    tmoi_release(&ctx->allocator, graph);
    return ctx->error.status;
}

void tmoi_graph_free(tmoi_graph *graph)
{
    if (!graph) return;
    tmo_allocator allocator = graph->source->allocator;
    source_drop(graph->source);
    tmoi_release(&allocator, graph);
}

static tmo_status copy_array(tmoi_arena *arena, void **array, int32_t count, size_t elem_bytes, tmoi_ctx *ctx)
{
    return tmoi_arena_copy(arena, array, *array, (size_t)count * elem_bytes, ctx);
}

static tmo_status copy_op(tmoi_arena *arena, tmoi_op *op, tmoi_ctx *ctx)
{
    TMO_TRY(copy_array(arena, (void **)&op->inputs, op->input_count, sizeof *op->inputs, ctx));
    TMO_TRY(copy_array(arena, (void **)&op->outputs, op->output_count, sizeof *op->outputs, ctx));
    TMO_TRY(copy_array(arena, (void **)&op->intermediates, op->intermediate_count, sizeof *op->intermediates,
                       ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status copy_subgraph(tmoi_arena *arena, tmoi_subgraph *subgraph, tmoi_ctx *ctx)
{
    TMO_TRY(copy_array(arena, (void **)&subgraph->tensors, subgraph->tensor_count, sizeof *subgraph->tensors,
                       ctx));
    TMO_TRY(copy_array(arena, (void **)&subgraph->ops, subgraph->op_count, sizeof *subgraph->ops, ctx));
    TMO_TRY(
        copy_array(arena, (void **)&subgraph->inputs, subgraph->input_count, sizeof *subgraph->inputs, ctx));
    TMO_TRY(copy_array(arena, (void **)&subgraph->outputs, subgraph->output_count, sizeof *subgraph->outputs,
                       ctx));
    subgraph->tensor_capacity = subgraph->tensor_count;
    subgraph->op_capacity = subgraph->op_count;
    subgraph->input_capacity = subgraph->input_count;
    subgraph->output_capacity = subgraph->output_count;
    for (int32_t k = 0; k < subgraph->op_count; k++) TMO_TRY(copy_op(arena, &subgraph->ops[k], ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status copy_signature(tmoi_arena *arena, tmoi_signature *signature, tmoi_ctx *ctx)
{
    TMO_TRY(copy_array(arena, (void **)&signature->inputs, signature->input_count, sizeof *signature->inputs,
                       ctx));
    TMO_TRY(copy_array(arena, (void **)&signature->outputs, signature->output_count,
                       sizeof *signature->outputs, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_graph_clone(tmoi_graph **out, const tmoi_graph *graph, tmoi_ctx *ctx)
{
    tmoi_graph *copy = NULL;
    *out = NULL;
    TMO_TRY(tmoi_graph_make(&copy, ctx));
    tmoi_source *source = copy->source;
    tmoi_arena *arena = copy->arena;
    *copy = *graph;
    copy->source = source;
    copy->arena = arena;
    (void)atomic_fetch_add(&graph->source->references, 1);
    source->parent = graph->source;
    TMO_TRY(copy_array(arena, (void **)&copy->subgraphs, copy->subgraph_count, sizeof *copy->subgraphs, ctx));
    TMO_TRY(copy_array(arena, (void **)&copy->metadata, copy->metadata_count, sizeof *copy->metadata, ctx));
    TMO_TRY(
        copy_array(arena, (void **)&copy->signatures, copy->signature_count, sizeof *copy->signatures, ctx));
    for (int32_t k = 0; k < copy->subgraph_count; k++)
        TMO_TRY(copy_subgraph(arena, &copy->subgraphs[k], ctx));
    for (int32_t k = 0; k < copy->signature_count; k++)
        TMO_TRY(copy_signature(arena, &copy->signatures[k], ctx));
    *out = copy;
    return TMO_STATUS_OK;
fail:
    tmoi_graph_free(copy);
    return ctx->error.status;
}

const char *tmoi_op_code_name(int32_t code)
{
    switch (code) {
#define TMOI_BUILTIN(code, name, min_version, max_version, options_union, options_tag) \
    case code:                                                                         \
        return #name;
#include "tflite/builtins.def"
#undef TMOI_BUILTIN
    default: return "UNKNOWN";
    }
}

int32_t tmoi_op_code_find(const char *text)
{
#define TMOI_BUILTIN(code, name, min_version, max_version, options_union, options_tag) \
    if (strcmp(text, #name) == 0) return code;
#include "tflite/builtins.def"
#undef TMOI_BUILTIN
    return -1;
}

const char *tmoi_op_name(const tmoi_op *op)
{
    return op->code == TMOI_OP_CUSTOM && op->custom_code ? op->custom_code : tmoi_op_code_name(op->code);
}

bool tmoi_op_is_pure(const tmoi_op *op)
{
    switch (op->code) {
    case TMOI_OP_CUSTOM:
    case TMOI_OP_IF:
    case TMOI_OP_WHILE:
    case TMOI_OP_CALL_ONCE:
    case TMOI_OP_VAR_HANDLE:
    case TMOI_OP_READ_VARIABLE:
    case TMOI_OP_ASSIGN_VARIABLE:
    case TMOI_OP_HASHTABLE:
    case TMOI_OP_HASHTABLE_FIND:
    case TMOI_OP_HASHTABLE_IMPORT:
    case TMOI_OP_HASHTABLE_SIZE:
    case TMOI_OP_HASHTABLE_LOOKUP:
    case TMOI_OP_RANDOM_UNIFORM:
    case TMOI_OP_RANDOM_STANDARD_NORMAL:
    case TMOI_OP_MULTINOMIAL:
    case TMOI_OP_STABLEHLO_COMPOSITE:
    case TMOI_OP_STABLEHLO_CASE:
    case TMOI_OP_STABLEHLO_RNG_BIT_GENERATOR: return false;
    default: return true;
    }
}

int32_t tmoi_subgraph_producer(const tmoi_subgraph *subgraph, int32_t tensor)
{
    for (int32_t k = 0; k < subgraph->op_count; k++)
        for (int32_t i = 0; i < subgraph->ops[k].output_count; i++)
            if (subgraph->ops[k].outputs[i] == tensor) return k;
    return -1;
}

static int32_t count_in(const int32_t *list, int32_t count, int32_t tensor)
{
    int32_t found = 0;
    for (int32_t k = 0; k < count; k++) found += list[k] == tensor;
    return found;
}

int32_t tmoi_subgraph_use_count(const tmoi_subgraph *subgraph, int32_t tensor)
{
    int32_t uses = count_in(subgraph->outputs, subgraph->output_count, tensor);
    for (int32_t k = 0; k < subgraph->op_count; k++)
        uses += count_in(subgraph->ops[k].inputs, subgraph->ops[k].input_count, tensor);
    return uses;
}

bool tmoi_subgraph_is_input(const tmoi_subgraph *subgraph, int32_t tensor)
{
    return count_in(subgraph->inputs, subgraph->input_count, tensor) > 0;
}

bool tmoi_subgraph_is_output(const tmoi_subgraph *subgraph, int32_t tensor)
{
    return count_in(subgraph->outputs, subgraph->output_count, tensor) > 0;
}

int32_t tmoi_subgraph_only_user(const tmoi_subgraph *subgraph, int32_t tensor)
{
    int32_t user = -1;
    if (tmoi_subgraph_is_output(subgraph, tensor)) return -1;
    for (int32_t k = 0; k < subgraph->op_count; k++) {
        int32_t uses = count_in(subgraph->ops[k].inputs, subgraph->ops[k].input_count, tensor);
        if (uses > 1 || (uses && user >= 0)) return -1;
        if (uses) user = k;
    }
    return user;
}

bool tmoi_tensor_is_static(const tmoi_tensor *tensor)
{
    for (uint32_t k = 0; k < tensor->shape_signature.count; k++)
        if (tensor->shape_signature.data[k] < 0) return false;
    return true;
}
