/* ADD_N: the sum of any number of tensors of one shape. */
#include <string.h>

#include "base/compiler.h"
#include "runtime/op.h"

static void sum_f32(const float *in, float *out, int64_t count)
{
    TMOI_INDEPENDENT_LOOP
    for (int64_t k = 0; k < count; k++) out[k] += in[k];
}

static void sum_s32(const int32_t *in, int32_t *out, int64_t count)
{
    TMOI_INDEPENDENT_LOOP
    for (int64_t k = 0; k < count; k++) out[k] = (int32_t)((uint32_t)out[k] + (uint32_t)in[k]);
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmoi_value *out = node->outputs[0];
    int64_t count = tmoi_shape_count(&out->shape);
    (void)exec;
    (void)ctx;
    if (count == 0) return TMO_STATUS_OK;
    memcpy(out->data, node->inputs[0]->data, tmoi_type_bytes(out->type, count));
    for (int32_t k = 1; k < node->input_count; k++) {
        if (out->type == TMO_TYPE_FLOAT32)
            sum_f32(node->inputs[k]->data, out->data, count);
        else
            sum_s32(node->inputs[k]->data, out->data, count);
    }
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_add_n = {.eval = eval};
