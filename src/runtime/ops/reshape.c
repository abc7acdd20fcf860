/* RESHAPE, EXPAND_DIMS, SQUEEZE: the same bytes under another shape. */
#include <string.h>

#include "runtime/session.h"

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[0];
    tmoi_value *out = node->outputs[0];
    if (in->type == TMO_TYPE_STRING) {
        tmoi_shape shape = out->shape;
        TMO_TRY(tmoi_value_resize_bytes(exec, out, &shape, in->bytes, ctx));
    }
    if (out->data != in->data && out->bytes) memcpy(out->data, in->data, out->bytes);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_reshape = {.eval = eval, .flags = TMOI_OP_INPLACE};
