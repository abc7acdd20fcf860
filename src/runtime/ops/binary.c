/* The element-wise operators of two inputs. */
#include <string.h>

#include "kernels/elementwise/broadcast.h"
#include "kernels/elementwise/elementwise.h"
#include "kernels/move/move.h"
#include "runtime/activation.h"
#include "runtime/ops/multiplier.h"
#include "runtime/strings.h"

enum { TILE_BYTES = 4096, OPERATIONS = 16 /* for an element */ };

typedef struct binary_state {
    tmoi_broadcast loop;
    tmoi_binary_params params;
    tmoi_binary_function function;
    tmoi_binary_kind kind;
    size_t in_bytes, out_bytes; /* of one element */
    /* An input that repeats a short row has it laid side by side in a tile of about TILE_BYTES, so that one call of the function
     * serves many rows. */
    int32_t repeated;  /* that input, or -1 */
    int64_t tile_rows; /* at least 1 */
    const void *tile;  /* of a constant; NULL: made in run_tiled */
} binary_state;

static tmoi_binary_kind kind_of(int32_t code)
{
    switch (code) {
    case TMOI_OP_ADD:
    case TMOI_OP_STABLEHLO_ADD: return TMOI_BINARY_ADD;
    case TMOI_OP_SUB: return TMOI_BINARY_SUB;
    case TMOI_OP_MUL:
    case TMOI_OP_STABLEHLO_MULTIPLY: return TMOI_BINARY_MUL;
    case TMOI_OP_DIV: return TMOI_BINARY_DIV;
    case TMOI_OP_MAXIMUM:
    case TMOI_OP_STABLEHLO_MAXIMUM: return TMOI_BINARY_MAXIMUM;
    case TMOI_OP_MINIMUM:
    case TMOI_OP_STABLEHLO_MINIMUM: return TMOI_BINARY_MINIMUM;
    case TMOI_OP_SQUARED_DIFFERENCE: return TMOI_BINARY_SQUARED_DIFFERENCE;
    case TMOI_OP_POW: return TMOI_BINARY_POW;
    case TMOI_OP_FLOOR_DIV: return TMOI_BINARY_FLOOR_DIV;
    case TMOI_OP_FLOOR_MOD: return TMOI_BINARY_FLOOR_MOD;
    case TMOI_OP_ATAN2: return TMOI_BINARY_ATAN2;
    case TMOI_OP_PRELU: return TMOI_BINARY_PRELU;
    case TMOI_OP_LOGICAL_AND:
    case TMOI_OP_STABLEHLO_AND: return TMOI_BINARY_AND;
    case TMOI_OP_LOGICAL_OR: return TMOI_BINARY_OR;
    case TMOI_OP_BITWISE_XOR: return TMOI_BINARY_XOR;
    case TMOI_OP_STABLEHLO_SHIFT_LEFT: return TMOI_BINARY_SHIFT_LEFT;
    case TMOI_OP_RIGHT_SHIFT: return TMOI_BINARY_SHIFT_RIGHT;
    case TMOI_OP_EQUAL: return TMOI_BINARY_EQUAL;
    case TMOI_OP_NOT_EQUAL: return TMOI_BINARY_NOT_EQUAL;
    case TMOI_OP_LESS: return TMOI_BINARY_LESS;
    case TMOI_OP_LESS_EQUAL: return TMOI_BINARY_LESS_EQUAL;
    case TMOI_OP_GREATER: return TMOI_BINARY_GREATER;
    default: return TMOI_BINARY_GREATER_EQUAL;
    }
}

static int32_t fused_activation(const tmoi_op *op)
{
    switch (op->code) {
    case TMOI_OP_ADD: return tmoi_op_options(op, add_options)->fused_activation_function;
    case TMOI_OP_SUB: return tmoi_op_options(op, sub_options)->fused_activation_function;
    case TMOI_OP_MUL: return tmoi_op_options(op, mul_options)->fused_activation_function;
    case TMOI_OP_DIV: return tmoi_op_options(op, div_options)->fused_activation_function;
    default: return TMOI_ACTIVATION_NONE;
    }
}

static tmo_status require_quant(const tmoi_node *node, bool output_too, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_value_require_quant(node->inputs[0], "input 0", ctx));
    TMO_TRY(tmoi_value_require_quant(node->inputs[1], "input 1", ctx));
    if (output_too) TMO_TRY(tmoi_value_require_quant(node->outputs[0], "output", ctx));
    for (int32_t k = 0; k < 2 && node->inputs[0]->type == TMO_TYPE_INT16; k++)
        TMO_FAIL_IF(tmoi_value_zero_point(node->inputs[k]) != 0, INVALID_MODEL, ctx,
                    "int16 input %d has zero point %d, expected 0", (int)k,
                    (int)tmoi_value_zero_point(node->inputs[k]));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static bool power_of_two(float scale, int32_t *exponent)
{
    int32_t shift;
    bool is_power = frexpf(scale, &shift) == 0.5f;
    *exponent = shift - 1;
    return is_power;
}

/* int16 ADD and SUB with scales that are powers of two, unless the model's flag forbids that arithmetic. */
static bool use_power_of_two(const tmoi_node *node, binary_state *state)
{
    const tmoi_op *op = node->op;
    int32_t a, b, out;
    bool allowed = op->code == TMOI_OP_ADD   ? tmoi_op_options(op, add_options)->pot_scale_int16
                   : op->code == TMOI_OP_SUB ? tmoi_op_options(op, sub_options)->pot_scale_int16
                                             : false;
    if (!allowed || node->inputs[0]->type != TMO_TYPE_INT16) return false;
    if (!power_of_two(tmoi_value_scale(node->inputs[0]), &a) ||
        !power_of_two(tmoi_value_scale(node->inputs[1]), &b) ||
        !power_of_two(tmoi_value_scale(node->outputs[0]), &out))
        return false;
    if (a > out || b > out || (a != out && b != out) || out - a > 15 || out - b > 15) return false;
    state->params.shift_a = out - a;
    state->params.shift_b = out - b;
    return true;
}

/* Inputs in twice the larger input scale with left_shift more bits; `power` is 1 for a sum and 2 for a square. */
static tmo_status prepare_sum(const tmoi_node *node, tmoi_binary_params *params, int32_t left_shift,
                              int32_t power, tmoi_ctx *ctx)
{
    double a = (double)tmoi_value_scale(node->inputs[0]), b = (double)tmoi_value_scale(node->inputs[1]);
    double twice_max = 2.0 * (a > b ? a : b), out = (double)tmoi_value_scale(node->outputs[0]);
    double real = power == 2 ? twice_max * twice_max / ldexp(out, 2 * left_shift)
                             : twice_max / ldexp(out, left_shift);
    params->left_shift = left_shift;
    TMO_TRY(tmoi_prepare_multiplier(a / twice_max, "scale of input 0", &params->scale_a, ctx));
    TMO_TRY(tmoi_prepare_multiplier(b / twice_max, "scale of input 1", &params->scale_b, ctx));
    TMO_TRY(tmoi_prepare_multiplier(real, "input scale over output scale", &params->scale_out, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The reference multiplies and divides scales in float. */
static tmo_status prepare_scales(const tmoi_node *node, binary_state *state, tmoi_ctx *ctx)
{
    tmoi_binary_params *params = &state->params;
    float a = tmoi_value_scale(node->inputs[0]), b = tmoi_value_scale(node->inputs[1]);
    float out = tmoi_value_scale(node->outputs[0]);
    switch (state->kind) {
    case TMOI_BINARY_ADD:
    case TMOI_BINARY_SUB:
        return prepare_sum(node, params, node->inputs[0]->type == TMO_TYPE_INT16 ? 15 : 20, 1, ctx);
    case TMOI_BINARY_SQUARED_DIFFERENCE: return prepare_sum(node, params, 7, 2, ctx);
    case TMOI_BINARY_MUL:
        return tmoi_prepare_multiplier((double)(a * b / out), "input scales over output scale",
                                       &params->scale_out, ctx);
    case TMOI_BINARY_DIV:
        return tmoi_prepare_multiplier((double)(a / (b * out)), "input scales over output scale",
                                       &params->scale_out, ctx);
    default:
        TMO_TRY(tmoi_prepare_multiplier((double)(a / out), "input scale over output scale",
                                        &params->scale_out, ctx));
        return tmoi_prepare_multiplier((double)(a * b / out), "input scales over output scale",
                                       &params->scale_b, ctx);
    }
fail:
    return ctx->error.status;
}

/* Comparisons of int8 and uint8: both inputs in units of 2^-8. */
static tmo_status prepare_comparison(const tmoi_node *node, binary_state *state, tmoi_ctx *ctx)
{
    tmoi_binary_params *params = &state->params;
    TMO_TRY(require_quant(node, false, ctx));
    params->left_shift = 8;
    params->zero_a = tmoi_value_zero_point(node->inputs[0]);
    params->zero_b = tmoi_value_zero_point(node->inputs[1]);
    TMO_TRY(tmoi_prepare_multiplier((double)tmoi_value_scale(node->inputs[0]), "scale of input 0",
                                    &params->scale_a, ctx));
    TMO_TRY(tmoi_prepare_multiplier((double)tmoi_value_scale(node->inputs[1]), "scale of input 1",
                                    &params->scale_b, ctx));
    state->function = tmoi_binary_quantized(state->kind, node->inputs[0]->type);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_quantized(const tmoi_node *node, binary_state *state, tmoi_ctx *ctx)
{
    tmoi_binary_params *params = &state->params;
    int32_t low = 0, high = 0;
    if (state->kind >= TMOI_BINARY_EQUAL) return prepare_comparison(node, state, ctx);
    TMO_TRY(require_quant(node, true, ctx));
    params->zero_a = tmoi_value_zero_point(node->inputs[0]);
    params->zero_b = tmoi_value_zero_point(node->inputs[1]);
    params->zero_out = tmoi_value_zero_point(node->outputs[0]);
    TMO_TRY(tmoi_activation_range_quant(fused_activation(node->op), node->outputs[0], &low, &high, ctx));
    params->low = low;
    params->high = high;
    if (use_power_of_two(node, state)) {
        state->function = tmoi_binary_power_of_two(state->kind);
        return TMO_STATUS_OK;
    }
    state->function = tmoi_binary_quantized(state->kind, node->inputs[0]->type);
    return prepare_scales(node, state, ctx);
fail:
    return ctx->error.status;
}

static tmo_status prepare_plain(const tmoi_node *node, binary_state *state, tmoi_ctx *ctx)
{
    tmoi_binary_params *params = &state->params;
    int32_t activation = fused_activation(node->op);
    TMO_TRY(tmoi_activation_range_f32(activation, &params->low_f32, &params->high_f32, ctx));
    TMO_TRY(tmoi_activation_range_i64(activation, node->inputs[0]->type, &params->low, &params->high, ctx));
    state->function = tmoi_binary_plain(state->kind, node->inputs[0]->type);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* int8, uint8 and int16 tensors compute on real values where both inputs say what those are. */
static bool is_quantized(const tmoi_node *node, tmoi_binary_kind kind)
{
    tmo_type type = node->inputs[0]->type;
    bool has_params = node->inputs[0]->quant->count > 0 && node->inputs[1]->quant->count > 0;
    if (type != TMO_TYPE_INT8 && type != TMO_TYPE_UINT8 && type != TMO_TYPE_INT16) return false;
    if (kind >= TMOI_BINARY_EQUAL) return has_params && type != TMO_TYPE_INT16;
    return has_params && tmoi_binary_quantized(kind, type) != NULL;
}

static void use_variant(tmoi_node *node, binary_state *state, tmoi_binary_function function, const char *name)
{
    if (!function) return;
    state->function = function;
    node->kernel = name;
}

/* The dispatch table's variant, where there is one. */
static void choose_variant(const tmoi_exec *exec, tmoi_node *node, binary_state *state)
{
    const tmoi_kernels *kernels = exec->kernels;
    tmo_type type = node->inputs[0]->type;
    if (type == TMO_TYPE_FLOAT32) {
        use_variant(node, state, TMOI_KERNEL_OF(kernels, binary_f32)(state->kind),
                    TMOI_KERNEL_NAME(kernels, binary_f32));
    } else if (!is_quantized(node, state->kind)) {
        use_variant(node, state, TMOI_KERNEL_OF(kernels, binary_integer)(state->kind, type),
                    TMOI_KERNEL_NAME(kernels, binary_integer));
    } else if (!exec->reference && state->kind < TMOI_BINARY_EQUAL &&
               state->function != tmoi_binary_power_of_two(state->kind)) {
        if (!tmoi_binary_weights(&state->params, state->kind) && type != TMO_TYPE_INT16) return;
        use_variant(node, state, TMOI_KERNEL_OF(kernels, binary_requant)(state->kind, type),
                    TMOI_KERNEL_NAME(kernels, binary_requant));
    }
}

/* Integer division by zero, and integer powers with negative exponents, are errors that eval looks for. */
static bool needs_check(const tmoi_value *right, tmoi_binary_kind kind)
{
    bool floats = right->type == TMO_TYPE_FLOAT32 || right->type == TMO_TYPE_FLOAT16 ||
                  right->type == TMO_TYPE_BFLOAT16;
    return !floats && (kind == TMOI_BINARY_DIV || kind == TMOI_BINARY_FLOOR_DIV ||
                       kind == TMOI_BINARY_FLOOR_MOD || kind == TMOI_BINARY_POW);
}

/* The input whose row is the same for all rows of the last two loops, while the other advances through them; or -1. */
static int32_t repeated_input(const tmoi_broadcast *loop)
{
    int32_t last = loop->rank - 1;
    if (last < 1 || !loop->step_a[last] || !loop->step_b[last]) return -1;
    int64_t a = loop->step_a[last - 1], b = loop->step_b[last - 1], row = loop->dims[last];
    return a == 0 && b == row ? 0 : b == 0 && a == row ? 1 : -1;
}

static tmo_status prepare_tile(tmoi_exec *exec, const tmoi_node *node, binary_state *state, tmoi_ctx *ctx)
{
    const tmoi_broadcast *loop = &state->loop;
    int64_t row = loop->dims[loop->rank - 1];
    size_t row_bytes = state->in_bytes * (size_t)row;
    state->repeated = loop->count == 0 || row_bytes > TILE_BYTES / 2 ? -1 : repeated_input(loop);
    if (state->repeated < 0) return TMO_STATUS_OK;
    int64_t rows = TILE_BYTES / (int64_t)row_bytes, all = loop->dims[loop->rank - 2];
    state->tile_rows = rows < all ? rows : all;
    const tmoi_value *value = node->inputs[state->repeated];
    if (!value->is_constant || loop->rank > 2) return TMO_STATUS_OK;
    void *tile;
    TMO_TRY(tmoi_node_memory(exec, &tile, (size_t)state->tile_rows, row_bytes, ctx));
    tmoi_move_fill(tile, value->data, row_bytes, state->tile_rows);
    state->tile = tile;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_node_state(exec, node, sizeof(binary_state), ctx));
    binary_state *state = node->state;
    state->kind = kind_of(node->op->code);
    state->params.reference = exec->reference;
    tmoi_broadcast_init(&state->loop, &node->inputs[0]->shape, &node->inputs[1]->shape,
                        &node->outputs[0]->shape);
    if (node->inputs[0]->type == TMO_TYPE_STRING) return TMO_STATUS_OK;
    state->in_bytes = tmoi_type_bytes(node->inputs[0]->type, 1);
    state->out_bytes = tmoi_type_bytes(node->outputs[0]->type, 1);
    TMO_TRY(is_quantized(node, state->kind) ? prepare_quantized(node, state, ctx)
                                            : prepare_plain(node, state, ctx));
    TMO_FAIL_IF(!state->function, UNSUPPORTED_OPERATOR, ctx, "inputs of type %s are not supported",
                tmo_type_name(node->inputs[0]->type));
    choose_variant(exec, node, state);
    TMO_TRY(prepare_tile(exec, node, state, ctx));
    node->by_range = tmoi_shape_count(&node->inputs[0]->shape) == state->loop.count &&
                     !needs_check(node->inputs[1], state->kind);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Elements [begin, begin + count), all in one block of rows that share the repeated input's row, which starts at its element
 * `row_at`; `other` is the other input's first element. */
static void run_tiled(const tmoi_node *node, int64_t begin, int64_t count, int64_t row_at, int64_t other)
{
    const binary_state *state = node->state;
    const int64_t row = state->loop.dims[state->loop.rank - 1], capacity = state->tile_rows * row;
    const unsigned char *in = node->inputs[1 - state->repeated]->data;
    unsigned char *out = node->outputs[0]->data;
    _Alignas(64) unsigned char memory[TILE_BYTES];
    const unsigned char *tile = state->tile;
    int64_t phase = begin % row;
    if (!tile) {
        int64_t rows = (phase + count + row - 1) / row;
        const unsigned char *from = node->inputs[state->repeated]->data;
        tmoi_move_fill(memory, from + (size_t)row_at * state->in_bytes, (size_t)row * state->in_bytes,
                       rows < state->tile_rows ? rows : state->tile_rows);
        tile = memory;
    }
    for (int64_t done = 0; done < count; phase = 0) {
        int64_t some = capacity - phase < count - done ? capacity - phase : count - done;
        const void *x = in + (size_t)(other + done) * state->in_bytes;
        const void *y = tile + (size_t)phase * state->in_bytes;
        state->function(&state->params, state->repeated ? x : y, 1, state->repeated ? y : x, 1,
                        out + (size_t)(begin + done) * state->out_bytes, some);
        done += some;
    }
}

/* Block by block of the last two loops, in which one input repeats a row. */
static void run_blocks(const tmoi_node *node, int64_t begin, int64_t end)
{
    const binary_state *state = node->state;
    const tmoi_broadcast *loop = &state->loop;
    const int64_t row = loop->dims[loop->rank - 1], block = row * loop->dims[loop->rank - 2];
    while (begin < end) {
        tmoi_broadcast_run run = tmoi_broadcast_at(loop, begin);
        int64_t count = block - begin % block < end - begin ? block - begin % block : end - begin;
        int64_t back = row - run.count;
        if (state->repeated == 0)
            run_tiled(node, begin, count, run.a - back, run.b);
        else
            run_tiled(node, begin, count, run.b - back, run.a);
        begin += count;
    }
}

static void run_range(const tmoi_node *node, int64_t begin, int64_t end)
{
    const binary_state *state = node->state;
    const tmoi_broadcast *loop = &state->loop;
    const int64_t step_a = loop->step_a[loop->rank - 1], step_b = loop->step_b[loop->rank - 1];
    const unsigned char *a = node->inputs[0]->data, *b = node->inputs[1]->data;
    unsigned char *out = node->outputs[0]->data;
    if (begin == end) return;
    if (state->repeated >= 0) {
        run_blocks(node, begin, end);
        return;
    }
    tmoi_broadcast_run run = tmoi_broadcast_at(loop, begin);
    while (begin < end) {
        int64_t count = run.count < end - begin ? run.count : end - begin;
        state->function(&state->params, a + (size_t)run.a * state->in_bytes, step_a,
                        b + (size_t)run.b * state->in_bytes, step_b, out + (size_t)begin * state->out_bytes,
                        count);
        begin += count;
        tmoi_broadcast_next(loop, &run);
    }
}

static void run_part(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    (void)thread;
    run_range(argument, begin, end);
}

/* Integer element k as int64, less the zero point of a quantized tensor. */
static int64_t element(const tmoi_value *value, int64_t k, int64_t zero)
{
    switch (value->type) {
    case TMO_TYPE_INT8: return ((const int8_t *)value->data)[k] - zero;
    case TMO_TYPE_UINT8: return ((const uint8_t *)value->data)[k] - zero;
    case TMO_TYPE_INT16: return ((const int16_t *)value->data)[k] - zero;
    case TMO_TYPE_INT32: return ((const int32_t *)value->data)[k] - zero;
    default: return ((const int64_t *)value->data)[k] - zero;
    }
}

static tmo_status check_right(const tmoi_node *node, const binary_state *state, tmoi_ctx *ctx)
{
    const tmoi_value *right = node->inputs[1];
    bool divides = state->kind != TMOI_BINARY_POW;
    int64_t count = tmoi_shape_count(&right->shape);
    for (int64_t k = 0; k < count; k++) {
        int64_t value = element(right, k, state->params.zero_b);
        TMO_FAIL_IF(divides && value == 0, INVALID_ARGUMENT, ctx, "element %lld of the divisor is zero",
                    (long long)k);
        TMO_FAIL_IF(!divides && value < 0, INVALID_ARGUMENT, ctx, "exponent %lld is negative",
                    (long long)value);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status compare_strings(const tmoi_node *node, tmoi_ctx *ctx)
{
    const binary_state *state = node->state;
    bool *out = node->outputs[0]->data;
    TMO_TRY(tmoi_strings_check(node->inputs[0], ctx));
    TMO_TRY(tmoi_strings_check(node->inputs[1], ctx));
    for (int64_t k = 0; k < state->loop.count; k++) {
        tmoi_broadcast_run run = tmoi_broadcast_at(&state->loop, k);
        tmoi_text a = tmoi_strings_at(node->inputs[0], run.a), b = tmoi_strings_at(node->inputs[1], run.b);
        bool equal = a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
        out[k] = equal == (state->kind == TMOI_BINARY_EQUAL);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const binary_state *state = node->state;
    if (node->inputs[0]->type == TMO_TYPE_STRING) return compare_strings(node, ctx);
    if (needs_check(node->inputs[1], state->kind)) TMO_TRY(check_right(node, state, ctx));
    tmoi_parallel_for(exec->pool, state->loop.count, tmoi_grain(OPERATIONS), run_part, node);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_binary = {
    .prepare = prepare, .eval = eval, .flags = TMOI_OP_INPLACE, .range = run_range};
