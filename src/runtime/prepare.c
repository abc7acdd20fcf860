/* Preparing a subgraph for execution: shapes, operators and constant folding. */
#include <string.h>

#include "model/sparsity.h"
#include "runtime/session_private.h"

/* ---- values and nodes ---- */

/* The model's operators and tensors, anew at each prepare: lowering changes nodes. */
static void link_values(tmoi_session_graph *graph, tmoi_value **out, const int32_t *list, int32_t count)
{
    for (int32_t k = 0; k < count; k++) out[k] = list[k] >= 0 ? &graph->values[list[k]] : NULL;
}

static void start_node(tmoi_session_graph *graph, int32_t k)
{
    const tmoi_op *op = &graph->subgraph->ops[k];
    tmoi_node *node = &graph->nodes[k];
    tmoi_value **inputs = graph->lists[k], **outputs = inputs + op->input_count;
    *node = (tmoi_node){.op = op,
                        .inputs = inputs,
                        .outputs = outputs,
                        .intermediates = outputs + op->output_count,
                        .input_count = op->input_count,
                        .output_count = op->output_count,
                        .intermediate_count = op->intermediate_count};
    link_values(graph, node->inputs, op->inputs, op->input_count);
    link_values(graph, node->outputs, op->outputs, op->output_count);
    link_values(graph, node->intermediates, op->intermediates, op->intermediate_count);
}

static tmo_status setup_node(tmoi_session_graph *graph, int32_t k, tmoi_ctx *ctx)
{
    const tmoi_op *op = &graph->subgraph->ops[k];
    size_t count = (size_t)op->input_count + (size_t)op->output_count + (size_t)op->intermediate_count;
    TMO_TRY(tmoi_arena_new(&graph->fixed, &graph->lists[k], count, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_session_graph_setup(tmoi_session *session, int32_t index, tmoi_ctx *ctx)
{
    tmoi_session_graph *graph = &session->graphs[index];
    const tmoi_subgraph *subgraph = &session->graph->subgraphs[index];
    if (graph->session) return TMO_STATUS_OK;
    graph->session = session;
    graph->index = index;
    graph->subgraph = subgraph;
    tmoi_arena_init(&graph->fixed, &session->allocator);
    tmoi_arena_init(&graph->prepared_memory, &session->allocator);
    tmoi_arena_init(&graph->run_memory, &session->allocator);
    graph->exec = (tmoi_exec){.graph = graph,
                              .kernels = &session->kernels,
                              .pool = session->pool,
                              .reference = session->config.reference,
                              .persistent = &graph->prepared_memory,
                              .weights = session->weights};
    TMO_TRY(tmoi_arena_new(&graph->fixed, &graph->values, (size_t)subgraph->tensor_count, ctx));
    TMO_TRY(tmoi_arena_new(&graph->fixed, &graph->nodes, (size_t)subgraph->op_count, ctx));
    TMO_TRY(tmoi_arena_new(&graph->fixed, &graph->lists, (size_t)subgraph->op_count, ctx));
    TMO_TRY(tmoi_arena_new(&graph->fixed, &graph->node_mode, (size_t)subgraph->op_count, ctx));
    TMO_TRY(tmoi_arena_new(&graph->fixed, &graph->node_prepared, (size_t)subgraph->op_count, ctx));
    TMO_TRY(tmoi_arena_new(&graph->fixed, &graph->places, (size_t)subgraph->tensor_count, ctx));
    TMO_TRY(tmoi_arena_new(&graph->fixed, &graph->lent, (size_t)subgraph->tensor_count, ctx));
    TMO_TRY(tmoi_arena_new(&graph->fixed, &graph->steps, (size_t)subgraph->op_count, ctx));
    TMO_TRY(tmoi_arena_new(&graph->fixed, &graph->input_shapes, (size_t)subgraph->input_count, ctx));
    for (int32_t k = 0; k < subgraph->input_count; k++)
        graph->input_shapes[k] = subgraph->tensors[subgraph->inputs[k]].shape;
    for (int32_t k = 0; k < subgraph->op_count; k++) TMO_TRY(setup_node(graph, k, ctx));
    TMO_TRY(tmoi_session_find_halves(graph, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void release_dynamic(tmoi_session_graph *graph)
{
    for (int32_t k = 0; graph->values && k < graph->subgraph->tensor_count; k++) {
        tmoi_value *value = &graph->values[k];
        if (value->capacity) tmoi_release(&graph->session->allocator, value->data);
        value->capacity = 0;
    }
}

void tmoi_session_graph_release(tmoi_session_graph *graph)
{
    if (!graph->session) return;
    release_dynamic(graph);
    tmoi_session_release_activations(graph);
    tmoi_arena_clear(&graph->fixed);
    tmoi_arena_clear(&graph->prepared_memory);
    tmoi_arena_clear(&graph->run_memory);
    graph->session = NULL;
}

/* ---- one pass over the operators ---- */

static size_t element_alignment(tmo_type type)
{
    uint32_t bytes = tmo_type_bits(type) / 8;
    return bytes >= 8 ? 8 : bytes >= 4 ? 4 : bytes >= 2 ? 2 : 1;
}

void tmoi_value_start_variable(tmoi_value *value)
{
    int fill = value->type == TMO_TYPE_INT8 && value->quant->count > 0 ? (int)tmoi_value_zero_point(value)
                                                                       : 0;
    memset(value->data, fill, value->bytes);
}

/* True for a sparse constant that some operator reads as if it were dense. */
static bool is_read_dense(const tmoi_session_graph *graph, int32_t tensor)
{
    const tmoi_subgraph *subgraph = graph->subgraph;
    if (!subgraph->tensors[tensor].sparsity || tmo_type_bits(subgraph->tensors[tensor].type) < 8)
        return false;
    for (int32_t k = 0; k < subgraph->op_count; k++)
        for (int32_t i = 0; subgraph->ops[k].code != TMOI_OP_DENSIFY && i < subgraph->ops[k].input_count; i++)
            if (subgraph->ops[k].inputs[i] == tensor) return true;
    return false;
}

static tmo_status make_dense(tmoi_session_graph *graph, tmoi_value *value, tmoi_ctx *ctx)
{
    const tmoi_tensor *tensor = value->tensor;
    TMO_FAIL_IF(value->bytes > graph->session->config.max_arena_bytes, LIMIT, ctx,
                "sparse tensor '%s' needs %zu bytes, more than the limit of %zu", tensor->name, value->bytes,
                graph->session->config.max_arena_bytes);
    TMO_TRY(tmoi_arena_alloc(&graph->prepared_memory, &value->data, value->bytes, 1, TMOI_ALIGNMENT, ctx));
    tmoi_sparsity_expand(tensor, tmo_type_bits(tensor->type) / 8, value->data);
    value->is_constant = true;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Biases and slopes lie all over a model's file: a session has its own, so that reading them does not keep the pages of weights in
 * memory that packed forms have taken the place of. */
static bool is_small_vector(const tmoi_tensor *tensor)
{
    enum { SMALL_BYTES = 4096 };
    int32_t rank = tensor->shape.rank;
    return tensor->data_bytes <= SMALL_BYTES &&
           (rank == 0 || tmoi_shape_product(&tensor->shape, 0, rank - 1) == 1);
}

static tmo_status start_value(tmoi_session_graph *graph, int32_t k, tmoi_ctx *ctx)
{
    const tmoi_tensor *tensor = &graph->subgraph->tensors[k];
    tmoi_value *value = &graph->values[k];
    *value = (tmoi_value){
        .type = tensor->type, .shape = tensor->shape, .quant = &tensor->quant, .tensor = tensor};
    value->bytes = tmoi_type_bytes(tensor->type, tmoi_shape_count(&tensor->shape));
    if (tensor->data && is_read_dense(graph, k)) return make_dense(graph, value, ctx);
    if (tensor->data) {
        value->is_constant = true;
        value->bytes = tensor->data_bytes;
        if ((uintptr_t)tensor->data % element_alignment(tensor->type) == 0 && !is_small_vector(tensor)) {
            /* Constants are never written: operators take them as inputs only. */
            memcpy(&value->data, &tensor->data, sizeof value->data);
            return TMO_STATUS_OK;
        }
        TMO_TRY(
            tmoi_arena_copy(&graph->prepared_memory, &value->data, tensor->data, tensor->data_bytes, ctx));
    } else if (tensor->is_variable) {
        TMO_FAIL_IF(value->bytes > graph->session->config.max_arena_bytes, LIMIT, ctx,
                    "variable '%s' needs %zu bytes, more than the limit of %zu", tensor->name, value->bytes,
                    graph->session->config.max_arena_bytes);
        TMO_TRY(
            tmoi_arena_alloc(&graph->prepared_memory, &value->data, value->bytes, 1, TMOI_ALIGNMENT, ctx));
        tmoi_value_start_variable(value);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status set_shape(tmoi_value *value, const tmoi_shape *shape, tmoi_ctx *ctx)
{
    int64_t count;
    TMO_FAIL_IF(!tmoi_shape_count_checked(shape, &count), LIMIT, ctx, "tensor '%s' of shape %s is too large",
                value->tensor->name, tmoi_shape_format(shape).text);
    value->shape = *shape;
    value->bytes = tmoi_type_bytes(value->type, count);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status start_values(tmoi_session_graph *graph, tmoi_ctx *ctx)
{
    const tmoi_subgraph *subgraph = graph->subgraph;
    for (int32_t k = 0; k < subgraph->tensor_count; k++) TMO_TRY(start_value(graph, k, ctx));
    for (int32_t k = 0; k < subgraph->input_count; k++) {
        tmoi_value *value = &graph->values[subgraph->inputs[k]];
        if (value->is_constant) continue;
        TMO_TRY(set_shape(value, &graph->input_shapes[k], ctx));
        if (value->type == TMO_TYPE_STRING) value->is_dynamic = true;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_custom_op *tmoi_session_find_custom(const tmoi_session *session, const tmoi_op *op)
{
    for (int32_t k = 0; op->custom_code && k < session->config.custom_op_count; k++)
        if (strcmp(session->config.custom_ops[k].name, op->custom_code) == 0)
            return &session->config.custom_ops[k];
    return NULL;
}

tmo_status tmoi_session_infer(tmoi_session_graph *graph, tmoi_node *node, bool *dynamic, tmoi_ctx *ctx)
{
    tmoi_arena *memory = &graph->run_memory;
    tmoi_infer infer = {.op = node->op, .input_count = node->input_count, .output_count = node->output_count};
    tmoi_infer_input *inputs;
    TMO_TRY(tmoi_arena_new(memory, &inputs, (size_t)node->input_count, ctx));
    TMO_TRY(tmoi_arena_new(memory, &infer.outputs, (size_t)node->output_count, ctx));
    infer.inputs = inputs;
    for (int32_t k = 0; k < node->input_count; k++) {
        const tmoi_value *value = node->inputs[k];
        if (!value) continue;
        inputs[k] = (tmoi_infer_input){true, value->type, value->shape, NULL, value->quant};
        if (value->is_constant || value->is_dynamic || *dynamic) inputs[k].data = value->data;
    }
    for (int32_t k = 0; k < node->output_count; k++)
        TMO_FAIL_IF(!node->outputs[k], INVALID_MODEL, ctx, "output %d is missing", (int)k);
    for (int32_t k = 0; k < node->output_count; k++)
        infer.outputs[k] = (tmoi_infer_output){node->outputs[k]->type, node->outputs[k]->shape, false,
                                               node->outputs[k]->quant};
    const tmoi_custom_op *custom = tmoi_session_find_custom(graph->session, node->op);
    tmoi_infer_function function = node->op->code != TMOI_OP_CUSTOM ? tmoi_infer_find(node->op->code)
                                   : node->op->custom_code ? tmoi_infer_find_custom(node->op->custom_code)
                                                           : NULL;
    TMO_FAIL_IF(!custom && !function, UNSUPPORTED_OPERATOR, ctx, "operator %s %s", tmoi_op_name(node->op),
                tmoi_op_missing_text(node->op));
    if (custom && custom->infer)
        TMO_TRY(custom->infer(custom->user, &infer, ctx));
    else if (!custom)
        TMO_TRY(function(&infer, ctx));
    *dynamic = false;
    for (int32_t k = 0; k < node->output_count; k++) {
        tmoi_value *value = node->outputs[k];
        if (!value) continue;
        if (infer.outputs[k].dynamic)
            *dynamic = true;
        else
            TMO_TRY(set_shape(value, &infer.outputs[k].shape, ctx));
        value->type = infer.outputs[k].type;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static bool has_dynamic_input(const tmoi_node *node)
{
    for (int32_t k = 0; k < node->input_count; k++)
        if (node->inputs[k] && node->inputs[k]->is_dynamic) return true;
    return false;
}

/* Operators that must run each time, even when all inputs are constant. */
static bool is_pure(const tmoi_node *node)
{
    return tmoi_op_is_pure(node->op) && (node->def->flags & (TMOI_OP_SIDE_EFFECT | TMOI_OP_STATEFUL)) == 0;
}

/* True when the outputs follow from constants, or from shapes that are known. */
static bool is_foldable(const tmoi_node *node)
{
    if (!is_pure(node) || node->output_count == 0) return false;
    if (node->op->code == TMOI_OP_SHAPE || node->op->code == TMOI_OP_RANK) return true;
    for (int32_t k = 0; k < node->input_count; k++)
        if (node->inputs[k] && !node->inputs[k]->is_constant) return false;
    return true;
}

tmo_status tmoi_session_take_scratch(tmoi_session_graph *graph, tmoi_node *node, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < node->scratch_count; k++)
        TMO_TRY(tmoi_arena_alloc(&graph->run_memory, &node->scratch[k], node->scratch_bytes[k], 1,
                                 TMOI_ALIGNMENT, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status fold(tmoi_session_graph *graph, tmoi_node *node, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < node->output_count; k++) {
        tmoi_value *value = node->outputs[k];
        if (!value) continue;
        TMO_TRY(
            tmoi_arena_alloc(&graph->prepared_memory, &value->data, value->bytes, 1, TMOI_ALIGNMENT, ctx));
    }
    TMO_TRY(tmoi_session_take_scratch(graph, node, ctx));
    TMO_TRY(node->def->eval(&graph->exec, node, ctx));
    for (int32_t k = 0; k < node->output_count; k++)
        if (node->outputs[k]) node->outputs[k]->is_constant = true;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_session_prepare_node(tmoi_session_graph *graph, tmoi_node *node, tmoi_ctx *ctx)
{
    node->state = NULL;
    node->kernel = NULL;
    node->by_range = false;
    node->scratch_count = 0;
    node->posts_taken = 0;
    if (node->def && node->def->prepare) TMO_TRY(node->def->prepare(&graph->exec, node, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status find_def(tmoi_session_graph *graph, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_op *op = node->op;
    if (tmoi_session_find_custom(graph->session, op)) return TMO_STATUS_OK;
    node->def = op->code != TMOI_OP_CUSTOM ? tmoi_op_def_find(op->code)
                : op->custom_code          ? tmoi_op_def_find_custom(op->custom_code)
                                           : NULL;
    TMO_FAIL_IF(!node->def, UNSUPPORTED_OPERATOR, ctx, "operator %s %s", tmoi_op_name(op),
                tmoi_op_missing_text(op));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_session_prepare_at(tmoi_session_graph *graph, int32_t k, tmoi_ctx *ctx)
{
    if (graph->node_prepared[k]) return TMO_STATUS_OK;
    graph->node_prepared[k] = true;
    TMO_TRY(tmoi_session_prepare_node(graph, &graph->nodes[k], ctx));
    return TMO_STATUS_OK;
fail:
    return tmoi_session_fail_at(graph, k, ctx);
}

/* Shapes, and what follows from constants. Operators that say their outputs' shapes themselves, or that others must find in the
 * model's order, are prepared here; the rest once lowering has chosen what runs. */
static tmo_status infer_node(tmoi_session_graph *graph, int32_t k, tmoi_ctx *ctx)
{
    tmoi_node *node = &graph->nodes[k];
    bool dynamic = false;
    start_node(graph, k);
    graph->node_mode[k] = TMOI_NODE_STATIC;
    graph->node_prepared[k] = false;
    TMO_TRY(find_def(graph, node, ctx));
    if (!has_dynamic_input(node))
        TMO_TRY(tmoi_session_infer(graph, node, &dynamic, ctx));
    else
        dynamic = true;
    if (dynamic) {
        graph->node_mode[k] = TMOI_NODE_DYNAMIC;
        for (int32_t i = 0; i < node->output_count; i++)
            if (node->outputs[i]) node->outputs[i]->is_dynamic = true;
        return TMO_STATUS_OK;
    }
    if (tmoi_session_keep_half(graph, node)) {
        graph->node_mode[k] = TMOI_NODE_FOLDED;
        return TMO_STATUS_OK;
    }
    bool foldable = node->def && is_foldable(node);
    if (!node->def || foldable || !is_pure(node)) TMO_TRY(tmoi_session_prepare_at(graph, k, ctx));
    if (foldable) {
        TMO_TRY(fold(graph, node, ctx));
        graph->node_mode[k] = TMOI_NODE_FOLDED;
    }
    return TMO_STATUS_OK;
fail:
    return tmoi_session_fail_at(graph, k, ctx);
}

static bool needs_prepare(const tmoi_session_graph *graph, int32_t k)
{
    return graph->node_mode[k] == TMOI_NODE_STATIC || graph->node_mode[k] == TMOI_NODE_VIEW;
}

static tmo_status prepare_nodes(tmoi_session_graph *graph, tmoi_ctx *ctx)
{
    int32_t count = graph->subgraph->op_count;
    for (int32_t k = 0; k < count; k++) TMO_TRY(infer_node(graph, k, ctx));
    TMO_TRY(tmoi_session_lower(graph, ctx));
    for (int32_t k = 0; k < count; k++)
        if (needs_prepare(graph, k)) TMO_TRY(tmoi_session_prepare_at(graph, k, ctx));
    TMO_TRY(tmoi_session_name_fused(graph, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_session_graph_prepare(tmoi_session_graph *graph, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(graph->preparing, INVALID_MODEL, ctx, "subgraph %d calls itself", (int)graph->index);
    graph->preparing = true;
    graph->prepared = false;
    release_dynamic(graph);
    tmoi_arena_clear(&graph->prepared_memory);
    tmoi_arena_clear(&graph->run_memory);
    TMO_TRY(start_values(graph, ctx));
    TMO_TRY(prepare_nodes(graph, ctx));
    TMO_TRY(tmoi_session_plan_memory(graph, ctx));
    tmoi_arena_clear(&graph->run_memory);
    graph->prepared = true;
    graph->preparing = false;
    return TMO_STATUS_OK;
fail:
    graph->preparing = false;
    return ctx->error.status;
}
