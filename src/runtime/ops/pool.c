/* AVERAGE_POOL_2D, MAX_POOL_2D, L2_POOL_2D. */
#include "kernels/pool/pool.h"
#include "runtime/activation.h"
#include "runtime/op.h"

typedef struct pool_state {
    tmoi_pool_params params;
    tmoi_pool_function function;
} pool_state;

static void set_shape(const tmoi_node *node, tmoi_pool_params *p)
{
    const tmoi_fb_pool2d_options *options = tmoi_op_options(node->op, pool2d_options);
    const int32_t *in = node->inputs[0]->shape.dims;
    *p = (tmoi_pool_params){.in_h = in[1],
                            .in_w = in[2],
                            .channels = in[3],
                            .filter_h = options->filter_height,
                            .filter_w = options->filter_width,
                            .stride_h = options->stride_h,
                            .stride_w = options->stride_w};
    (void)tmoi_infer_window(options->padding, p->in_h, p->filter_h, p->stride_h, 1, &p->out_h, &p->pad_top);
    (void)tmoi_infer_window(options->padding, p->in_w, p->filter_w, p->stride_w, 1, &p->out_w, &p->pad_left);
}

/* The kernel of a kind and type; none for other types. */
static void choose_kernel(const tmoi_exec *exec, tmoi_node *node, pool_state *state)
{
#define CHOOSE(family)                                           \
    do {                                                         \
        state->function = TMOI_KERNEL_OF(exec->kernels, family); \
        node->kernel = TMOI_KERNEL_NAME(exec->kernels, family);  \
        return;                                                  \
    } while (0)
    const tmo_type type = node->inputs[0]->type;
    if (node->op->code == TMOI_OP_L2_POOL_2D) {
        if (type == TMO_TYPE_FLOAT32) CHOOSE(l2_pool_f32);
    } else if (node->op->code == TMOI_OP_MAX_POOL_2D) {
        if (type == TMO_TYPE_FLOAT32) CHOOSE(max_pool_f32);
        if (type == TMO_TYPE_INT16) CHOOSE(max_pool_s16);
        if (type == TMO_TYPE_INT8) CHOOSE(max_pool_s8);
        if (type == TMO_TYPE_UINT8) CHOOSE(max_pool_u8);
    } else {
        if (type == TMO_TYPE_FLOAT32) CHOOSE(average_pool_f32);
        if (type == TMO_TYPE_INT16) CHOOSE(average_pool_s16);
        if (type == TMO_TYPE_INT8) CHOOSE(average_pool_s8);
        if (type == TMO_TYPE_UINT8) CHOOSE(average_pool_u8);
    }
#undef CHOOSE
}

/* Integer pools keep the quantization of the input, so only the activation's range needs it. */
static tmo_status set_range(const tmoi_node *node, tmoi_pool_params *p, tmoi_ctx *ctx)
{
    int32_t activation = tmoi_op_options(node->op, pool2d_options)->fused_activation_function;
    if (node->inputs[0]->type == TMO_TYPE_FLOAT32)
        return tmoi_activation_range_f32(activation, &p->low_f32, &p->high_f32, ctx);
    if (activation != TMOI_ACTIVATION_NONE)
        TMO_TRY(tmoi_value_require_quant(node->outputs[0], "output", ctx));
    return tmoi_activation_range_quant(activation, node->outputs[0], &p->low, &p->high, ctx);
fail:
    return ctx->error.status;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_node_state(exec, node, sizeof(pool_state), ctx));
    pool_state *state = node->state;
    set_shape(node, &state->params);
    TMO_TRY(set_range(node, &state->params, ctx));
    choose_kernel(exec, node, state);
    TMO_FAIL_IF(!state->function, UNSUPPORTED_OPERATOR, ctx, "input of type %s is not supported",
                tmo_type_name(node->inputs[0]->type));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void rows(const tmoi_node *node, int64_t begin, int64_t end, int32_t thread)
{
    const pool_state *state = node->state;
    const int64_t row_size = (int64_t)state->params.out_w * state->params.channels;
    (void)thread;
    state->function(&state->params, node->inputs[0]->data, node->outputs[0]->data, begin, end);
    tmoi_node_post(node, begin * row_size, end * row_size);
}

static bool span(const tmoi_exec *exec, const tmoi_node *node, tmoi_row_span *out)
{
    tmoi_pool_params p;
    (void)exec;
    set_shape(node, &p);
    *out = (tmoi_row_span){p.stride_h, p.pad_top, p.filter_h};
    return true;
}

static void run_rows(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    rows(argument, begin, end, thread);
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const pool_state *state = node->state;
    const tmoi_pool_params *p = &state->params;
    const int64_t row_operations = (int64_t)p->out_w * p->channels * p->filter_h * p->filter_w;
    (void)ctx;
    tmoi_parallel_for(exec->pool, (int64_t)node->outputs[0]->shape.dims[0] * p->out_h,
                      tmoi_grain(row_operations), run_rows, node);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_pool_2d = {
    .prepare = prepare, .eval = eval, .flags = TMOI_OP_POSTS, .rows = rows, .span = span};
