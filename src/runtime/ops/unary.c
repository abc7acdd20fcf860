/* The element-wise operators of one input. */
#include "kernels/affine/affine.h"
#include "kernels/unary/quantized.h"
#include "runtime/activation.h"
#include "runtime/ops/multiplier.h"

enum { CHEAP = 8, COSTLY = 48 }; /* operations for an element */

typedef struct unary_state {
    tmoi_unary_params params;
    tmoi_unary_function function; /* NULL: quantized */
    size_t elem_bytes;
    tmoi_unary_quant quant;
    tmoi_lookup_x8_function lookup; /* 8-bit */
    tmoi_rescale rescale;           /* the default arithmetic of what is linear on each side of 0 */
    tmoi_rescale_rows_function rescale_rows;
    uint8_t table[256];
    int16_t points[TMOI_TABLE_POINTS];
} unary_state;

static tmoi_unary_kind kind_of(const tmoi_op *op)
{
    switch (op->code) {
    case TMOI_OP_RELU:
    case TMOI_OP_RELU6:
    case TMOI_OP_RELU_N1_TO_1:
    case TMOI_OP_RELU_0_TO_1: return TMOI_UNARY_CLAMP;
    case TMOI_OP_LEAKY_RELU: return TMOI_UNARY_LEAKY_RELU;
    case TMOI_OP_LOGISTIC: return TMOI_UNARY_LOGISTIC;
    case TMOI_OP_TANH: return TMOI_UNARY_TANH;
    case TMOI_OP_ELU: return TMOI_UNARY_ELU;
    case TMOI_OP_GELU:
        return tmoi_op_options(op, gelu_options)->approximate ? TMOI_UNARY_GELU_TANH : TMOI_UNARY_GELU;
    case TMOI_OP_HARD_SWISH: return TMOI_UNARY_HARD_SWISH;
    case TMOI_OP_EXP: return TMOI_UNARY_EXP;
    case TMOI_OP_LOG: return TMOI_UNARY_LOG;
    case TMOI_OP_SQRT: return TMOI_UNARY_SQRT;
    case TMOI_OP_RSQRT: return TMOI_UNARY_RSQRT;
    case TMOI_OP_SQUARE: return TMOI_UNARY_SQUARE;
    case TMOI_OP_ABS: return TMOI_UNARY_ABS;
    case TMOI_OP_NEG: return TMOI_UNARY_NEG;
    case TMOI_OP_SIN: return TMOI_UNARY_SIN;
    case TMOI_OP_COS: return TMOI_UNARY_COS;
    case TMOI_OP_FLOOR: return TMOI_UNARY_FLOOR;
    case TMOI_OP_CEIL: return TMOI_UNARY_CEIL;
    case TMOI_OP_ROUND: return TMOI_UNARY_ROUND;
    case TMOI_OP_SIGN: return TMOI_UNARY_SIGN;
    default: return TMOI_UNARY_NOT;
    }
}

/* The real range of the RELU family. */
static void clamp_range(int32_t code, float *low, float *high)
{
    *low = code == TMOI_OP_RELU_N1_TO_1 ? -1.0f : 0.0f;
    *high = code == TMOI_OP_RELU ? INFINITY : code == TMOI_OP_RELU6 ? 6.0f : 1.0f;
}

/* round(real / scale) + zero point, within the type's range that *low and *high hold. */
static int32_t stored_bound(const tmoi_value *output, float real, const tmoi_unary_quant *q)
{
    float stored = roundf(real / q->scale_out) + (float)tmoi_value_zero_point(output);
    return stored >= (float)q->high ? q->high : stored <= (float)q->low ? q->low : (int32_t)stored;
}

/* A multiplier in 16 bits; `exponent` is limited to where any int16 has long saturated or vanished. */
static tmo_status multiplier_16(float real, int32_t *value, int32_t *exponent, tmoi_ctx *ctx)
{
    tmoi_multiplier wide = {0, 0};
    TMO_TRY(tmoi_prepare_multiplier((double)real, "a ratio of scales", &wide, ctx));
    *value = wide.value >= INT32_MAX - (1 << 15) ? INT16_MAX : (wide.value + (1 << 15)) >> 16;
    *exponent = wide.shift;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_hard_swish(tmoi_unary_quant *q, tmoi_ctx *ctx)
{
    float fine = 1.0f / 128.0f * q->scale_in;
    TMO_TRY(multiplier_16(fine / q->scale_out, &q->swish_out, &q->swish_out_exponent, ctx));
    TMO_TRY(multiplier_16(fine / (3.0f / 32768.0f), &q->swish_relu, &q->swish_relu_exponent, ctx));
    TMO_FAIL_IF(q->swish_out_exponent > 0, INVALID_MODEL, ctx,
                "input scale %g is more than 128 times the output scale %g", (double)q->scale_in,
                (double)q->scale_out);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The slope of the negative side may itself be negative. */
static tmo_status prepare_leaky(tmoi_unary_quant *q, tmoi_ctx *ctx)
{
    float real = q->scale_in * q->alpha / q->scale_out;
    TMO_TRY(tmoi_prepare_multiplier((double)fabsf(real), "input scale times alpha over output scale",
                                    &q->negative_scale, ctx));
    if (real < 0.0f) q->negative_scale.value = -q->negative_scale.value;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* LOGISTIC and TANH of int16: 15 bits of input scale · 3 · 4096. */
static void prepare_curve(tmoi_unary_quant *q)
{
    float multiplier = q->scale_in * 4096.0f * 3.0f;
    q->curve_shift = 0;
    for (; multiplier <= 32767.0f / 2.0f && q->curve_shift <= 30; multiplier *= 2.0f) q->curve_shift++;
    q->curve_multiplier = multiplier < 32767.0f ? (int32_t)multiplier : 32767;
}

static tmo_status check_output(const tmoi_unary_quant *q, tmoi_ctx *ctx)
{
    if (q->kind != TMOI_UNARY_LOGISTIC && !(q->kind == TMOI_UNARY_TANH && q->type == TMO_TYPE_INT16))
        return TMO_STATUS_OK;
    float expected = q->type == TMO_TYPE_INT16 ? 1.0f / 32768.0f : 1.0f / 256.0f;
    TMO_FAIL_IF(q->scale_out != expected, INVALID_MODEL, ctx, "output scale is %g, expected %g",
                (double)q->scale_out, (double)expected);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_scales(const tmoi_node *node, tmoi_unary_quant *q, tmoi_ctx *ctx)
{
    double ratio = (double)(q->scale_in / q->scale_out);
    switch (q->kind) {
    case TMOI_UNARY_CLAMP:
    case TMOI_UNARY_ABS:
        return tmoi_prepare_multiplier(ratio, "input scale over output scale", &q->scale, ctx);
    case TMOI_UNARY_LEAKY_RELU:
        q->alpha = tmoi_op_options(node->op, leaky_relu_options)->alpha;
        TMO_TRY(tmoi_prepare_multiplier(ratio, "input scale over output scale", &q->scale, ctx));
        return prepare_leaky(q, ctx);
    case TMOI_UNARY_RSQRT:
        return tmoi_prepare_multiplier(1.0 / (double)(sqrtf(q->scale_in) * q->scale_out),
                                       "the output's multiplier", &q->scale, ctx);
    case TMOI_UNARY_HARD_SWISH: return q->type == TMO_TYPE_INT16 ? TMO_STATUS_OK : prepare_hard_swish(q, ctx);
    default: return TMO_STATUS_OK;
    }
fail:
    return ctx->error.status;
}

/* RELU, LEAKY_RELU and ABS in the default arithmetic. */
static bool choose_rescale(const tmoi_exec *exec, tmoi_node *node, unary_state *state)
{
    const tmoi_unary_quant *q = &state->quant;
    bool linear = q->kind == TMOI_UNARY_CLAMP || q->kind == TMOI_UNARY_LEAKY_RELU ||
                  q->kind == TMOI_UNARY_ABS;
    if (exec->reference || !linear) return false;
    float ratio = q->scale_in / q->scale_out;
    state->rescale = (tmoi_rescale){.in_type = q->type,
                                    .out_type = q->type,
                                    .zero_in = q->zero_in,
                                    .zero_out = q->zero_out,
                                    .positive = ratio,
                                    .negative = q->kind == TMOI_UNARY_ABS          ? -ratio
                                                : q->kind == TMOI_UNARY_LEAKY_RELU ? ratio * q->alpha
                                                                                   : ratio,
                                    .low = (float)(q->low - q->zero_out),
                                    .high = (float)(q->high - q->zero_out)};
    state->rescale_rows = TMOI_KERNEL_OF(exec->kernels, rescale_rows);
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, rescale_rows);
    return true;
}

static tmo_status prepare_quantized(const tmoi_exec *exec, tmoi_node *node, unary_state *state, tmoi_ctx *ctx)
{
    tmoi_unary_quant *q = &state->quant;
    const tmoi_value *in = node->inputs[0], *out = node->outputs[0];
    TMO_TRY(tmoi_value_require_quant(in, "input", ctx));
    TMO_TRY(tmoi_value_require_quant(out, "output", ctx));
    *q = (tmoi_unary_quant){.kind = kind_of(node->op),
                            .type = in->type,
                            .points = state->points,
                            .scale_in = tmoi_value_scale(in),
                            .scale_out = tmoi_value_scale(out),
                            .zero_in = tmoi_value_zero_point(in),
                            .zero_out = tmoi_value_zero_point(out)};
    TMO_TRY(tmoi_activation_range_quant(TMOI_ACTIVATION_NONE, out, &q->low, &q->high, ctx));
    TMO_TRY(check_output(q, ctx));
    TMO_TRY(prepare_scales(node, q, ctx));
    if (q->kind == TMOI_UNARY_CLAMP) {
        float low, high;
        clamp_range(node->op->code, &low, &high);
        int32_t stored_low = stored_bound(out, low, q);
        q->high = stored_bound(out, high, q);
        q->low = stored_low;
    }
    if (choose_rescale(exec, node, state)) return TMO_STATUS_OK;
    if (in->type == TMO_TYPE_INT16) {
        prepare_curve(q);
        tmoi_unary_points_s16(q, state->points);
        return TMO_STATUS_OK;
    }
    tmoi_unary_table_x8(q, state->table);
    state->lookup = TMOI_KERNEL_OF(exec->kernels, lookup_x8);
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, lookup_x8);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The dispatch table's variant, where there is one. */
static void choose_variant(const tmoi_exec *exec, tmoi_node *node, unary_state *state, tmoi_unary_kind kind)
{
    tmoi_unary_function fast = TMOI_KERNEL_OF(exec->kernels, unary_f32)(kind);
    if (node->inputs[0]->type != TMO_TYPE_FLOAT32 || !fast) return;
    state->function = fast;
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, unary_f32);
}

/* ABS of integers without quantization, and NEG of any, work on the stored values. */
static bool is_quantized(const tmoi_node *node, tmoi_unary_kind kind)
{
    tmo_type type = node->inputs[0]->type;
    if (type != TMO_TYPE_INT8 && type != TMO_TYPE_UINT8 && type != TMO_TYPE_INT16) return false;
    return kind != TMOI_UNARY_NEG && (kind != TMOI_UNARY_ABS || node->inputs[0]->quant->count > 0);
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_node_state(exec, node, sizeof(unary_state), ctx));
    unary_state *state = node->state;
    tmoi_unary_kind kind = kind_of(node->op);
    state->elem_bytes = tmoi_type_bytes(node->inputs[0]->type, 1);
    node->by_range = true;
    if (is_quantized(node, kind)) return prepare_quantized(exec, node, state, ctx);
    if (kind == TMOI_UNARY_CLAMP) clamp_range(node->op->code, &state->params.low, &state->params.high);
    if (kind == TMOI_UNARY_LEAKY_RELU)
        state->params.alpha = tmoi_op_options(node->op, leaky_relu_options)->alpha;
    state->function = tmoi_unary_plain(kind, node->inputs[0]->type);
    TMO_FAIL_IF(!state->function, UNSUPPORTED_OPERATOR, ctx, "input of type %s is not supported",
                tmo_type_name(node->inputs[0]->type));
    choose_variant(exec, node, state, kind);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void run_range(const tmoi_node *node, int64_t begin, int64_t end)
{
    const unary_state *state = node->state;
    const unsigned char *in = (const unsigned char *)node->inputs[0]->data +
                              (size_t)begin * state->elem_bytes;
    unsigned char *out = (unsigned char *)node->outputs[0]->data + (size_t)begin * state->elem_bytes;
    if (state->function)
        state->function(&state->params, in, out, end - begin);
    else if (state->rescale_rows)
        state->rescale_rows(&state->rescale, in, out, end - begin);
    else if (state->lookup)
        state->lookup(state->table, in, out, end - begin);
    else
        tmoi_unary_quantized_s16(&state->quant, (const void *)in, (void *)out, end - begin);
}

static void run_part(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    (void)thread;
    run_range(argument, begin, end);
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const unary_state *state = node->state;
    (void)ctx;
    tmoi_parallel_for(exec->pool, tmoi_shape_count(&node->inputs[0]->shape),
                      tmoi_grain(state->lookup || state->rescale_rows ? CHEAP : COSTLY), run_part, node);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_unary = {
    .prepare = prepare, .eval = eval, .flags = TMOI_OP_INPLACE, .range = run_range};
