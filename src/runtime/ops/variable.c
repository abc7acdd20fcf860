/* VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE: tensors that live as long as the session. */
#include <stdio.h>
#include <string.h>

#include "runtime/session.h"
#include "runtime/value.h"

typedef struct variable {
    bool is_assigned;
    tmo_type type;
    tmoi_shape shape;
    void *data;
    size_t capacity;
} variable;

static void release_variable(const tmo_allocator *allocator, void *object)
{
    tmoi_release(allocator, ((variable *)object)->data);
}

static tmo_status eval_handle(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_var_handle_options *options = tmoi_op_options(node->op, var_handle_options);
    const char *container = options->container.data ? options->container.data : "";
    const char *shared_name = options->shared_name.data ? options->shared_name.data : "";
    tmoi_resource *resource;
    char name[512];
    int length = snprintf(name, sizeof name, "%s/%s", container, shared_name);
    TMO_FAIL_IF(length < 0 || length >= (int)sizeof name, UNSUPPORTED_OPERATOR, ctx,
                "the variable's name has %d bytes, allowed are %d", length, (int)sizeof name - 1);
    TMO_TRY(
        tmoi_session_resource(exec, "variable", name, sizeof(variable), release_variable, &resource, ctx));
    *(int32_t *)node->outputs[0]->data = resource->id;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status find_variable(tmoi_exec *exec, const tmoi_node *node, variable **out, const char **name,
                                tmoi_ctx *ctx)
{
    const tmoi_resource *resource = tmoi_session_resource_by_id(exec,
                                                                *(const int32_t *)node->inputs[0]->data);
    TMO_FAIL_IF(!resource || strcmp(resource->kind, "variable") != 0, INVALID_MODEL, ctx,
                "the handle is not one of a variable");
    *out = resource->object;
    *name = resource->name;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The shape is that of the last assignment: it is known in advance only when the graph declares it. */
static tmo_status prepare_read(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmoi_value *out = node->outputs[0];
    (void)exec, (void)ctx;
    if (!tmoi_tensor_is_static(out->tensor) || (out->tensor->shape.rank == 0 && !out->tensor->has_rank))
        out->is_dynamic = true;
    return TMO_STATUS_OK;
}

static tmo_status eval_read(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmoi_value *out = node->outputs[0];
    variable *stored;
    const char *name;
    TMO_TRY(find_variable(exec, node, &stored, &name, ctx));
    TMO_FAIL_IF(!stored->is_assigned, INVALID_INPUT, ctx, "variable '%s' is read before it is assigned",
                name);
    TMO_FAIL_IF(stored->type != out->type, INVALID_MODEL, ctx, "variable '%s' is of type %s, expected %s",
                name, tmo_type_name(stored->type), tmo_type_name(out->type));
    TMO_TRY(tmoi_value_resize(exec, out, &stored->shape, ctx));
    if (out->bytes) memcpy(out->data, stored->data, out->bytes);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status eval_assign(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[1];
    variable *stored;
    const char *name;
    TMO_TRY(find_variable(exec, node, &stored, &name, ctx));
    if (in->bytes > stored->capacity) {
        void *data;
        TMO_TRY(tmoi_alloc(ctx, &data, in->bytes, 1, TMOI_ALIGNMENT));
        tmoi_release(&ctx->allocator, stored->data);
        stored->data = data;
        stored->capacity = in->bytes;
    }
    if (in->bytes) memcpy(stored->data, in->data, in->bytes);
    stored->is_assigned = true;
    stored->type = in->type;
    stored->shape = in->shape;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_var_handle = {.eval = eval_handle, .flags = TMOI_OP_SIDE_EFFECT};
const tmoi_op_def tmoi_op_read_variable = {
    .prepare = prepare_read, .eval = eval_read, .flags = TMOI_OP_SIDE_EFFECT};
const tmoi_op_def tmoi_op_assign_variable = {.eval = eval_assign, .flags = TMOI_OP_SIDE_EFFECT};
