/* ADD_N: the sum of any number of tensors of one shape. */
#include <math.h>
#include <string.h>

#include "kernels/elementwise/elementwise.h"
#include "runtime/op.h"

enum { OPERATIONS = 16 }; /* for an element and an input */

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_node_state(exec, node, sizeof(tmoi_binary_function), ctx));
    tmoi_binary_function *add = node->state;
    *add = node->outputs[0]->type == TMO_TYPE_FLOAT32
               ? TMOI_KERNEL_OF(exec->kernels, binary_f32)(TMOI_BINARY_ADD)
               : TMOI_KERNEL_OF(exec->kernels, binary_integer)(TMOI_BINARY_ADD, TMO_TYPE_INT32);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Elements of four bytes, float32 or int32. */
static void run_part(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    static const tmoi_binary_params params = {
        .low_f32 = -INFINITY, .high_f32 = INFINITY, .low = INT32_MIN, .high = INT32_MAX};
    const tmoi_node *node = argument;
    const tmoi_binary_function *add = node->state;
    int32_t *out = (int32_t *)node->outputs[0]->data + begin;
    const int32_t *sum = (const int32_t *)node->inputs[0]->data + begin;
    (void)thread;
    for (int32_t k = 1; k < node->input_count; k++, sum = out)
        (*add)(&params, sum, 1, (const int32_t *)node->inputs[k]->data + begin, 1, out, end - begin);
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *out = node->outputs[0];
    (void)ctx;
    if (out->bytes == 0) return TMO_STATUS_OK;
    if (node->input_count == 1)
        memcpy(out->data, node->inputs[0]->data, out->bytes);
    else
        tmoi_parallel_for(exec->pool, tmoi_shape_count(&out->shape),
                          tmoi_grain(OPERATIONS * node->input_count), run_part, node);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_add_n = {.prepare = prepare, .eval = eval};
