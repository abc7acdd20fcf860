/* REDUCE_WINDOW, STABLEHLO_REDUCE_WINDOW. */
#include <string.h>

#include "kernels/reduce/window.h"
#include "model/infer/reduce_window.h"
#include "runtime/session.h"

typedef struct window_state {
    tmoi_window window;
    tmoi_reduce_kind kind;
} window_state;

static bool kind_of_op(int32_t code, tmoi_reduce_kind *kind)
{
    switch (code) {
    case TMOI_OP_ADD:
    case TMOI_OP_STABLEHLO_ADD: *kind = TMOI_REDUCE_SUM; return true;
    case TMOI_OP_MUL:
    case TMOI_OP_STABLEHLO_MULTIPLY: *kind = TMOI_REDUCE_PROD; return true;
    case TMOI_OP_MAXIMUM:
    case TMOI_OP_STABLEHLO_MAXIMUM: *kind = TMOI_REDUCE_MAX; return true;
    case TMOI_OP_MINIMUM:
    case TMOI_OP_STABLEHLO_MINIMUM: *kind = TMOI_REDUCE_MIN; return true;
    case TMOI_OP_LOGICAL_OR:
    case TMOI_OP_STABLEHLO_OR: *kind = TMOI_REDUCE_ANY; return true;
    case TMOI_OP_LOGICAL_AND:
    case TMOI_OP_STABLEHLO_AND: *kind = TMOI_REDUCE_ALL; return true;
    default: return false;
    }
}

/* The body must be one operator on its two inputs. */
static tmo_status kind_of_body(const tmoi_exec *exec, int32_t subgraph, tmoi_reduce_kind *kind, tmoi_ctx *ctx)
{
    const tmoi_subgraph *body = tmoi_session_subgraph(exec, subgraph);
    TMO_FAIL_IF(!body, INVALID_MODEL, ctx, "subgraph %d does not exist", (int)subgraph);
    TMO_FAIL_IF(body->op_count != 1 || !kind_of_op(body->ops[0].code, kind), UNSUPPORTED_OPERATOR, ctx,
                "subgraph %d is not one addition, multiplication, maximum, minimum, and or or",
                (int)subgraph);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status kind_of_option(int32_t function, tmoi_reduce_kind *kind, tmoi_ctx *ctx)
{
    static const tmoi_reduce_kind kinds[] = {TMOI_REDUCE_SUM, TMOI_REDUCE_PROD, TMOI_REDUCE_MIN,
                                             TMOI_REDUCE_MAX, TMOI_REDUCE_ALL,  TMOI_REDUCE_ANY};
    TMO_FAIL_IF(function < 1 || function > 6, INVALID_MODEL, ctx, "reduce function is %d, expected 1 to 6",
                (int)function);
    *kind = kinds[function - 1];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void take_dims(window_state *state, const tmoi_infer_window_dim *dims, int32_t rank)
{
    state->window.rank = rank;
    for (int32_t k = 0; k < rank; k++)
        state->window.dims[k] = (tmoi_window_dim){.in = dims[k].in,
                                                  .out = dims[k].out,
                                                  .size = dims[k].size,
                                                  .stride = dims[k].stride,
                                                  .base = dims[k].base,
                                                  .dilation = dims[k].dilation,
                                                  .low = dims[k].low};
}

/* Padding can make a small tensor have windows of any size: the work must stay in proportion. */
static tmo_status check_work(const tmoi_infer_window_dim *dims, int32_t rank, tmoi_ctx *ctx)
{
    static const double most = 4294967296.0;
    double taps = 1.0;
    for (int32_t k = 0; k < rank; k++) taps *= (double)dims[k].out * (double)dims[k].size;
    TMO_FAIL_IF(taps > most, LIMIT, ctx, "the windows have %.0f elements in all, allowed are %.0f", taps,
                most);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_state(tmoi_exec *exec, tmoi_node *node, const tmoi_infer_window_dim *dims,
                                tmoi_reduce_kind kind, tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[0];
    TMO_FAIL_IF(!tmoi_reduce_windows_has(kind, in->type), UNSUPPORTED_OPERATOR, ctx,
                "input of type %s is not supported", tmo_type_name(in->type));
    TMO_TRY(check_work(dims, in->shape.rank, ctx));
    TMO_TRY(tmoi_node_state(exec, node, sizeof(window_state), ctx));
    window_state *state = node->state;
    state->kind = kind;
    take_dims(state, dims, in->shape.rank);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_stablehlo(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmoi_infer_window_dim dims[TMO_MAX_RANK];
    tmoi_reduce_kind kind;
    int32_t body = tmoi_op_options_2(node->op, stablehlo_reduce_window_options)->body_subgraph_index;
    TMO_TRY(kind_of_body(exec, body, &kind, ctx));
    TMO_TRY(tmoi_infer_stablehlo_windows(node->op, &node->inputs[0]->shape, dims, ctx));
    return prepare_state(exec, node, dims, kind, ctx);
fail:
    return ctx->error.status;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmoi_infer_window_dim dims[TMO_MAX_RANK];
    int64_t numbers[3][TMO_MAX_RANK];
    tmoi_reduce_kind kind;
    const tmoi_shape *in = &node->inputs[0]->shape;
    for (int32_t k = 0; k < 3; k++)
        memcpy(numbers[k], node->inputs[2 + k]->data, (size_t)in->rank * sizeof numbers[k][0]);
    TMO_TRY(kind_of_option(tmoi_op_options_2(node->op, reduce_window_options)->reduce_function, &kind, ctx));
    TMO_TRY(tmoi_infer_input_windows(numbers[0], numbers[1], numbers[2], in, dims, ctx));
    return prepare_state(exec, node, dims, kind, ctx);
fail:
    return ctx->error.status;
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const window_state *state = node->state;
    (void)exec;
    (void)ctx;
    tmoi_reduce_windows(&state->window, state->kind, node->inputs[0]->type, node->inputs[0]->data,
                        node->inputs[1]->data, node->outputs[0]->data);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_reduce_window = {.prepare = prepare, .eval = eval};
const tmoi_op_def tmoi_op_stablehlo_reduce_window = {.prepare = prepare_stablehlo, .eval = eval};
