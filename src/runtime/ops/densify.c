/* DENSIFY: a sparse constant as a dense array. */
#include <string.h>

#include "model/sparsity.h"
#include "runtime/value.h"

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    (void)exec;
    TMO_FAIL_IF(!node->inputs[0]->is_constant, UNSUPPORTED_OPERATOR, ctx, "the input is not a constant");
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[0];
    tmoi_value *out = node->outputs[0];
    (void)exec, (void)ctx;
    if (out->bytes == 0) return TMO_STATUS_OK;
    if (!in->tensor->sparsity) {
        memcpy(out->data, in->data, out->bytes);
        return TMO_STATUS_OK;
    }
    memset(out->data, 0, out->bytes);
    tmoi_sparsity_expand(in->tensor, tmoi_value_elem_bytes(in), out->data);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_densify = {.prepare = prepare, .eval = eval};
