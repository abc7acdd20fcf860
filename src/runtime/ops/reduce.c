/* MEAN, SUM, REDUCE_MAX, REDUCE_MIN, REDUCE_PROD, REDUCE_ANY, REDUCE_ALL. */
#include <math.h>
#include <string.h>

#include "base/fp16.h"
#include "kernels/common/reciprocal.h"
#include "kernels/reduce/reduce.h"
#include "runtime/activation.h"
#include "runtime/ops/multiplier.h"

enum {
    MAX_GROUP_X8 = 1 << 23, /* int32 sums of 8-bit values do not overflow */
    OPERATIONS = 4          /* for an element of the input */
};

typedef struct reduce_state {
    tmoi_reduce_plan plan;
    tmoi_reduce_kind kind;
    bool mean, quantized;
    tmoi_reduce_function function;
    tmo_type accumulator; /* differs from the output's type: accumulators are in scratch */
    int32_t scratch;
    tmoi_multiplier scale; /* quantized */
    int32_t low, high;
} reduce_state;

static tmoi_reduce_kind kind_of(int32_t code)
{
    switch (code) {
    case TMOI_OP_REDUCE_MAX: return TMOI_REDUCE_MAX;
    case TMOI_OP_REDUCE_MIN: return TMOI_REDUCE_MIN;
    case TMOI_OP_REDUCE_PROD: return TMOI_REDUCE_PROD;
    case TMOI_OP_REDUCE_ANY: return TMOI_REDUCE_ANY;
    case TMOI_OP_REDUCE_ALL: return TMOI_REDUCE_ALL;
    default: return TMOI_REDUCE_SUM;
    }
}

/* Inference has checked the axes. */
static uint32_t axes_of(const tmoi_node *node)
{
    const tmoi_value *axes = node->inputs[1];
    int64_t count = tmoi_shape_count(&axes->shape);
    int32_t rank = node->inputs[0]->shape.rank;
    uint32_t bits = 0;
    for (int64_t k = 0; k < count && rank > 0; k++) {
        int64_t axis = axes->type == TMO_TYPE_INT64 ? ((const int64_t *)axes->data)[k]
                                                    : ((const int32_t *)axes->data)[k];
        bits |= 1u << (axis < 0 ? axis + rank : axis);
    }
    return bits;
}

static int32_t top_bit(int64_t value)
{
    int32_t bit = 0;
    while (value >> (bit + 1)) bit++;
    return bit;
}

/* Divides the multiplier by the number of elements, keeping as many bits as it can. */
static void divide_scale(tmoi_multiplier *scale, int64_t count)
{
    int32_t shift = top_bit(count);
    if (shift > 32) shift = 32;
    if (shift > 31 + scale->shift) shift = 31 + scale->shift;
    scale->value = (int32_t)((int64_t)((uint64_t)scale->value << shift) / count);
    scale->shift -= shift;
}

/* The product of n factors is brought to the output's scale by n equal steps. */
static tmo_status prepare_product(const tmoi_node *node, reduce_state *state, tmoi_ctx *ctx)
{
    double in = (double)tmoi_value_scale(node->inputs[0]), out = (double)tmoi_value_scale(node->outputs[0]);
    double step = in / pow(out, 1.0 / (double)(state->plan.group ? state->plan.group : 1));
    TMO_FAIL_IF(!(step < 128.0), INVALID_MODEL, ctx, "input scale %g is too large for output scale %g", in,
                out);
    TMO_TRY(
        tmoi_prepare_multiplier(step, "input scale over the root of the output scale", &state->scale, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_quantized(const tmoi_node *node, reduce_state *state, tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[0], *out = node->outputs[0];
    TMO_TRY(tmoi_value_require_quant(in, "input", ctx));
    TMO_TRY(tmoi_value_require_quant(out, "output", ctx));
    TMO_TRY(tmoi_activation_range_quant(TMOI_ACTIVATION_NONE, out, &state->low, &state->high, ctx));
    if (state->kind == TMOI_REDUCE_PROD) return prepare_product(node, state, ctx);
    double ratio = (double)tmoi_value_scale(in) / (double)tmoi_value_scale(out);
    TMO_TRY(tmoi_prepare_multiplier(ratio, "input scale over output scale", &state->scale, ctx));
    if (state->mean && state->plan.group > 0) divide_scale(&state->scale, state->plan.group);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* 8-bit and int16 sums and products are of real values; without quantization only products make sense, of stored values. */
static bool is_quantized(const tmoi_node *node, tmoi_reduce_kind kind)
{
    tmo_type type = node->inputs[0]->type;
    if (type != TMO_TYPE_INT8 && type != TMO_TYPE_UINT8 && type != TMO_TYPE_INT16) return false;
    if (kind == TMOI_REDUCE_PROD) return node->inputs[0]->quant->count > 0 && type != TMO_TYPE_UINT8;
    return kind == TMOI_REDUCE_SUM;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[0];
    TMO_TRY(tmoi_node_state(exec, node, sizeof(reduce_state), ctx));
    reduce_state *state = node->state;
    state->kind = kind_of(node->op->code);
    state->mean = node->op->code == TMOI_OP_MEAN;
    state->quantized = is_quantized(node, state->kind);
    tmoi_reduce_plan_init(&state->plan, &in->shape, axes_of(node));
    TMO_FAIL_IF(state->kind == TMOI_REDUCE_SUM && (in->type == TMO_TYPE_INT8 || in->type == TMO_TYPE_UINT8) &&
                    state->plan.group > MAX_GROUP_X8,
                UNSUPPORTED_OPERATOR, ctx, "a sum of %lld elements of type %s", (long long)state->plan.group,
                tmo_type_name(in->type));
    if (state->quantized) TMO_TRY(prepare_quantized(node, state, ctx));
    state->function = TMOI_KERNEL_OF(exec->kernels, reduce_rows)(state->kind, in->type);
    if (state->function)
        node->kernel = TMOI_KERNEL_NAME(exec->kernels, reduce_rows);
    else
        state->function = tmoi_reduce_rows_c(state->kind, in->type);
    TMO_FAIL_IF(!state->function, UNSUPPORTED_OPERATOR, ctx, "input of type %s is not supported",
                tmo_type_name(in->type));
    state->accumulator = tmoi_reduce_accumulator_type(state->kind, in->type);
    if (state->quantized && state->kind == TMOI_REDUCE_PROD) state->accumulator = TMO_TYPE_INT32;
    if (state->accumulator != in->type)
        TMO_TRY(tmoi_node_scratch(node, tmoi_type_bytes(state->accumulator, state->plan.out_count),
                                  &state->scratch, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static int64_t accumulator_at(const reduce_state *state, const void *accumulators, int64_t k)
{
    return state->accumulator == TMO_TYPE_INT32 ? ((const int32_t *)accumulators)[k]
                                                : ((const int64_t *)accumulators)[k];
}

static void store_integer(tmo_type type, void *out, int64_t k, int64_t value)
{
    switch (type) {
    case TMO_TYPE_INT8: ((int8_t *)out)[k] = (int8_t)value; break;
    case TMO_TYPE_UINT8: ((uint8_t *)out)[k] = (uint8_t)value; break;
    case TMO_TYPE_INT16: ((int16_t *)out)[k] = (int16_t)value; break;
    case TMO_TYPE_INT32: ((int32_t *)out)[k] = (int32_t)value; break;
    default: ((int64_t *)out)[k] = value;
    }
}

/* TFLite scales the int8 SUM in float (optimized_ops::QuantizedMeanOrSum), the uint8 one in fixed point. */
static int32_t sum_to_output_scale(const tmoi_node *node, int64_t accumulator)
{
    const reduce_state *state = node->state;
    float scale = tmoi_value_scale(node->inputs[0]) / tmoi_value_scale(node->outputs[0]);
    float bias = (float)-tmoi_value_zero_point(node->inputs[0]) * scale * (float)state->plan.group;
    float value = roundf((float)accumulator * scale + bias);
    return (int32_t)tmoi_clamp_f32(value, -0x1p24f, 0x1p24f);
}

static int32_t to_output_scale(const tmoi_node *node, int64_t accumulator)
{
    const reduce_state *state = node->state;
    if (state->kind == TMOI_REDUCE_PROD) return tmoi_multiply_64(accumulator, state->scale);
    if (!state->mean && node->inputs[0]->type == TMO_TYPE_INT8) return sum_to_output_scale(node, accumulator);
    int64_t centred = accumulator - tmoi_value_zero_point(node->inputs[0]) * state->plan.group;
    return tmoi_multiply((int32_t)centred, state->scale);
}

static void finish_quantized(const tmoi_node *node, const void *accumulators)
{
    const reduce_state *state = node->state;
    const tmoi_value *out = node->outputs[0];
    for (int64_t k = 0; k < state->plan.out_count; k++) {
        int32_t value = to_output_scale(node, accumulator_at(state, accumulators, k)) +
                        tmoi_value_zero_point(out);
        store_integer(out->type, out->data, k, tmoi_clamp_i32(value, state->low, state->high));
    }
}

static void finish_integer(const tmoi_node *node, const void *accumulators)
{
    const reduce_state *state = node->state;
    const tmoi_value *out = node->outputs[0];
    int64_t divisor = state->mean && state->plan.group > 0 ? state->plan.group : 1;
    for (int64_t k = 0; k < state->plan.out_count; k++)
        store_integer(out->type, out->data, k, accumulator_at(state, accumulators, k) / divisor);
}

static void finish_float(const tmoi_node *node, const float *accumulators)
{
    const reduce_state *state = node->state;
    const tmoi_value *out = node->outputs[0];
    float divisor = state->mean ? (float)state->plan.group : 1.0f;
    for (int64_t k = 0; k < state->plan.out_count; k++) {
        float value = accumulators[k] / divisor;
        if (out->type == TMO_TYPE_FLOAT32)
            ((float *)out->data)[k] = value;
        else if (out->type == TMO_TYPE_FLOAT16)
            ((uint16_t *)out->data)[k] = tmoi_fp16_from_float(value);
        else
            ((uint16_t *)out->data)[k] = tmoi_bf16_from_float(value);
    }
}

static void *accumulators_of(const tmoi_node *node)
{
    const reduce_state *state = node->state;
    return state->accumulator == node->inputs[0]->type ? node->outputs[0]->data
                                                       : node->scratch[state->scratch];
}

/* Indices of the plan's outermost dimension, which is kept. */
static void run_part(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const tmoi_node *node = argument;
    const reduce_state *state = node->state;
    tmoi_reduce_plan plan = state->plan;
    int64_t in_step = state->plan.out_count / plan.dims[0] * plan.group, out_step = plan.out_steps[0];
    (void)thread;
    plan.dims[0] = end - begin;
    plan.out_count = out_step * (end - begin);
    state->function(&plan,
                    (const unsigned char *)node->inputs[0]->data +
                        tmoi_type_bytes(node->inputs[0]->type, begin * in_step),
                    (unsigned char *)accumulators_of(node) +
                        tmoi_type_bytes(state->accumulator, begin * out_step));
}

static void run_plan(tmoi_exec *exec, tmoi_node *node)
{
    const reduce_state *state = node->state;
    const tmoi_reduce_plan *plan = &state->plan;
    if (tmoi_reduce_plan_splits(plan) && plan->out_count > 0)
        tmoi_parallel_for(exec->pool, plan->dims[0],
                          tmoi_grain(OPERATIONS * (plan->out_count / plan->dims[0]) * plan->group), run_part,
                          node);
    else
        state->function(plan, node->inputs[0]->data, accumulators_of(node));
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const reduce_state *state = node->state;
    const tmoi_value *in = node->inputs[0];
    bool direct = state->accumulator == in->type;
    void *accumulators = accumulators_of(node);
    (void)ctx;
    if (state->quantized && state->kind == TMOI_REDUCE_PROD)
        tmoi_reduce_prod_quantized(&state->plan, in->type, tmoi_value_zero_point(in), state->scale, in->data,
                                   accumulators);
    else
        run_plan(exec, node);
    if (state->accumulator == TMO_TYPE_FLOAT32) {
        if (!direct || state->mean) finish_float(node, accumulators);
    } else if (state->quantized) {
        finish_quantized(node, accumulators);
    } else if (!direct || state->mean) {
        finish_integer(node, accumulators);
    }
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_reduce = {.prepare = prepare, .eval = eval};
