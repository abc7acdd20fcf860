/* CAST. */
#include "kernels/cast/cast.h"
#include "runtime/op.h"

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[0], *out = node->outputs[0];
    (void)exec;
    (void)ctx;
    tmoi_cast(in->type, out->type, in->data, out->data, tmoi_shape_count(&out->shape));
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_cast = {.eval = eval};
