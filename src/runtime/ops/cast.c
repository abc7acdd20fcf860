/* CAST. */
#include "kernels/cast/cast.h"
#include "kernels/cast/fp16.h"
#include "runtime/op.h"

enum { OPERATIONS = 16 }; /* for an element */

typedef struct cast_state {
    tmoi_widen_fp16_function widen; /* for float16 to float32 */
    tmoi_narrow_fp16_function narrow;
    tmoi_cast_function rows; /* for the pairs that have a kernel */
} cast_state;

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmo_type from = node->inputs[0]->type, to = node->outputs[0]->type;
    TMO_TRY(tmoi_node_state(exec, node, sizeof(cast_state), ctx));
    cast_state *state = node->state;
    node->by_range = tmo_type_bits(from) >= 8;
    if (from == TMO_TYPE_FLOAT16 && to == TMO_TYPE_FLOAT32) {
        state->widen = TMOI_KERNEL_OF(exec->kernels, widen_fp16);
        node->kernel = TMOI_KERNEL_NAME(exec->kernels, widen_fp16);
    } else if (from == TMO_TYPE_FLOAT32 && to == TMO_TYPE_FLOAT16) {
        state->narrow = TMOI_KERNEL_OF(exec->kernels, narrow_fp16);
        node->kernel = TMOI_KERNEL_NAME(exec->kernels, narrow_fp16);
    } else {
        state->rows = TMOI_KERNEL_OF(exec->kernels, cast_rows)(from, to);
        if (state->rows) node->kernel = TMOI_KERNEL_NAME(exec->kernels, cast_rows);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void run_range(const tmoi_node *node, int64_t begin, int64_t end)
{
    const cast_state *state = node->state;
    const tmoi_value *in = node->inputs[0], *out = node->outputs[0];
    const void *from = (const unsigned char *)in->data + tmoi_type_bytes(in->type, begin);
    void *to = (unsigned char *)out->data + tmoi_type_bytes(out->type, begin);
    if (state->widen)
        state->widen(from, to, end - begin);
    else if (state->narrow)
        state->narrow(from, to, end - begin);
    else if (state->rows)
        state->rows(from, to, end - begin);
    else
        tmoi_cast(in->type, out->type, from, to, end - begin);
}

static void run_part(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    (void)thread;
    run_range(argument, begin, end);
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    (void)ctx;
    tmoi_parallel_for(node->by_range ? exec->pool : NULL, tmoi_shape_count(&node->outputs[0]->shape),
                      tmoi_grain(OPERATIONS), run_part, node);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_cast = {.prepare = prepare, .eval = eval, .range = run_range};
