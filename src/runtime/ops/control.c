/* Control flow: IF, WHILE, CALL_ONCE, STABLEHLO_CASE, STABLEHLO_COMPOSITE. */
#include <stdio.h>
#include <string.h>

#include "runtime/session.h"
#include "runtime/value.h"

/* True when the value has the same known shape as what the subgraph gives. */
static bool agrees(const tmoi_value *value, const tmoi_value *given)
{
    return !given->is_dynamic && given->type != TMO_TYPE_STRING &&
           tmoi_shape_equal(&value->shape, &given->shape);
}

/* In prepare: gives the node's outputs the shapes of the subgraph's, or leaves them open when those depend on values or
 * when `first` is false and an earlier subgraph gave others. */
static tmo_status take_shapes(tmoi_exec *exec, tmoi_node *node, int32_t subgraph, bool first, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < node->output_count; k++) {
        const tmoi_value *given = tmoi_session_callee_output(exec, subgraph, k);
        tmoi_value *value = node->outputs[k];
        TMO_FAIL_IF(value->type != given->type, INVALID_MODEL, ctx,
                    "subgraph %d gives %s as output %d, expected %s", (int)subgraph,
                    tmo_type_name(given->type), (int)k, tmo_type_name(value->type));
        if (value->is_dynamic) continue;
        if (first) value->shape = given->shape;
        value->bytes = tmoi_type_bytes(value->type, tmoi_value_count(value));
        if (!agrees(value, given)) value->is_dynamic = true;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_branch(tmoi_exec *exec, tmoi_node *node, int32_t subgraph, int32_t skipped,
                                 bool first, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_session_prepare_call(exec, subgraph, node->inputs + skipped, node->input_count - skipped,
                                      node->output_count, ctx));
    TMO_TRY(take_shapes(exec, node, subgraph, first, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status eval_branch(tmoi_exec *exec, tmoi_node *node, int32_t subgraph, int32_t skipped,
                              tmoi_ctx *ctx)
{
    return tmoi_session_call(exec, subgraph, node->inputs + skipped, node->input_count - skipped,
                             node->outputs, node->output_count, ctx);
}

static tmo_status prepare_if(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_if_options *options = tmoi_op_options(node->op, if_options);
    TMO_TRY(prepare_branch(exec, node, options->then_subgraph_index, 1, true, ctx));
    TMO_TRY(prepare_branch(exec, node, options->else_subgraph_index, 1, false, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status eval_if(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_if_options *options = tmoi_op_options(node->op, if_options);
    bool condition = *(const uint8_t *)node->inputs[0]->data != 0;
    return eval_branch(exec, node, condition ? options->then_subgraph_index : options->else_subgraph_index, 1,
                       ctx);
}

static tmo_status prepare_case(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_stablehlo_case_options *options = tmoi_op_options_2(node->op, stablehlo_case_options);
    for (uint32_t k = 0; k < options->branch_subgraph_indices.count; k++)
        TMO_TRY(prepare_branch(exec, node, options->branch_subgraph_indices.data[k], 1, k == 0, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* An index out of range means the last branch. */
static tmo_status eval_case(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_vec_i32 *branches =
        &tmoi_op_options_2(node->op, stablehlo_case_options)->branch_subgraph_indices;
    int64_t index = tmoi_value_int(node->inputs[0], 0);
    if (index < 0 || index >= branches->count) index = (int64_t)branches->count - 1;
    return eval_branch(exec, node, branches->data[index], 1, ctx);
}

static tmo_status prepare_composite(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    return prepare_branch(
        exec, node, tmoi_op_options_2(node->op, stablehlo_composite_options)->decomposition_subgraph_index, 0,
        true, ctx);
}

static tmo_status eval_composite(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    return eval_branch(exec, node,
                       tmoi_op_options_2(node->op, stablehlo_composite_options)->decomposition_subgraph_index,
                       0, ctx);
}

/* ---- WHILE: the outputs hold the loop variables ---- */

static tmo_status prepare_while(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_while_options *options = tmoi_op_options(node->op, while_options);
    TMO_TRY(tmoi_session_prepare_call(exec, options->cond_subgraph_index, node->inputs, node->input_count, 1,
                                      ctx));
    const tmoi_value *condition = tmoi_session_callee_output(exec, options->cond_subgraph_index, 0);
    TMO_FAIL_IF(condition->type != TMO_TYPE_BOOL, INVALID_MODEL, ctx,
                "the condition is of type %s, expected bool", tmo_type_name(condition->type));
    TMO_TRY(tmoi_session_prepare_call(exec, options->body_subgraph_index, node->inputs, node->input_count,
                                      node->output_count, ctx));
    for (int32_t k = 0; k < node->output_count; k++) {
        if (node->outputs[k]->is_dynamic) continue;
        node->outputs[k]->shape = node->inputs[k]->shape;
        if (node->inputs[k]->is_dynamic) node->outputs[k]->is_dynamic = true;
    }
    TMO_TRY(take_shapes(exec, node, options->body_subgraph_index, false, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status copy_inputs(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < node->input_count; k++) {
        const tmoi_value *in = node->inputs[k];
        TMO_TRY(tmoi_value_resize_bytes(exec, node->outputs[k], &in->shape, in->bytes, ctx));
        if (in->bytes) memcpy(node->outputs[k]->data, in->data, in->bytes);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status eval_while(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    static const tmoi_tensor condition_tensor = {.name = "condition", .type = TMO_TYPE_BOOL};
    const tmoi_fb_while_options *options = tmoi_op_options(node->op, while_options);
    uint8_t goes_on = 0;
    tmoi_value condition = {.type = TMO_TYPE_BOOL,
                            .data = &goes_on,
                            .bytes = 1,
                            .quant = &condition_tensor.quant,
                            .tensor = &condition_tensor};
    tmoi_value *condition_output = &condition;
    TMO_TRY(copy_inputs(exec, node, ctx));
    for (;;) {
        TMO_TRY(tmoi_session_call(exec, options->cond_subgraph_index, node->outputs, node->output_count,
                                  &condition_output, 1, ctx));
        if (!goes_on) return TMO_STATUS_OK;
        TMO_TRY(tmoi_session_count_step(exec, ctx));
        TMO_TRY(tmoi_session_call(exec, options->body_subgraph_index, node->outputs, node->output_count,
                                  node->outputs, node->output_count, ctx));
    }
fail:
    return ctx->error.status;
}

/* ---- CALL_ONCE ---- */

static tmo_status prepare_call_once(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    return tmoi_session_prepare_call(exec, tmoi_op_options(node->op, call_once_options)->init_subgraph_index,
                                     NULL, 0, 0, ctx);
}

static tmo_status eval_call_once(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    int32_t subgraph = tmoi_op_options(node->op, call_once_options)->init_subgraph_index;
    tmoi_resource *done;
    char name[16];
    (void)snprintf(name, sizeof name, "%d", (int)subgraph);
    TMO_TRY(tmoi_session_resource(exec, "call_once", name, 1, NULL, &done, ctx));
    if (*(uint8_t *)done->object) return TMO_STATUS_OK;
    TMO_TRY(tmoi_session_call(exec, subgraph, NULL, 0, NULL, 0, ctx));
    *(uint8_t *)done->object = 1;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_if = {.prepare = prepare_if, .eval = eval_if, .flags = TMOI_OP_SIDE_EFFECT};
const tmoi_op_def tmoi_op_while = {
    .prepare = prepare_while, .eval = eval_while, .flags = TMOI_OP_SIDE_EFFECT};
const tmoi_op_def tmoi_op_call_once = {
    .prepare = prepare_call_once, .eval = eval_call_once, .flags = TMOI_OP_SIDE_EFFECT};
const tmoi_op_def tmoi_op_case = {.prepare = prepare_case, .eval = eval_case, .flags = TMOI_OP_SIDE_EFFECT};
const tmoi_op_def tmoi_op_composite = {.prepare = prepare_composite, .eval = eval_composite};
