/* SOFTMAX, LOG_SOFTMAX, L2_NORMALIZATION. */
#include <math.h>

#include "base/fp16.h"
#include "kernels/common/exp.h"
#include "kernels/softmax/softmax.h"
#include "kernels/unary/quantized.h"
#include "runtime/ops/multiplier.h"

enum {
    OPERATIONS = 64, /* for an element */
    Q5_FRACTION_BITS = 26
};

typedef struct softmax_state {
    int64_t rows, depth;
    float beta;
    tmoi_softmax_params x8;        /* with the reference's bits */
    tmoi_softmax_table softmax_x8; /* in the default arithmetic */
    tmoi_log_softmax_params log_s8;
    tmoi_multiplier scale_s16;
    int32_t scratch;      /* a row for each thread: int32 or float */
    size_t scratch_elems; /* of one thread */
    float table[256];
    int16_t exp_points[TMOI_TABLE_POINTS], inverse_points[TMOI_TABLE_POINTS];
} softmax_state;

typedef struct softmax_job {
    const tmoi_exec *exec;
    const tmoi_node *node;
} softmax_job;

/* The largest difference of stored values that Q5.26 holds after `scale`. */
static int32_t lowest_difference(tmoi_multiplier scale)
{
    return -(int32_t)floor(31.0 * ldexp(1.0, Q5_FRACTION_BITS) / ldexp(1.0, scale.shift));
}

static tmo_status make_state(tmoi_exec *exec, tmoi_node *node, softmax_state **out, tmoi_ctx *ctx)
{
    const tmoi_shape *shape = &node->inputs[0]->shape;
    TMO_TRY(tmoi_node_state(exec, node, sizeof(softmax_state), ctx));
    softmax_state *state = node->state;
    state->depth = shape->dims[shape->rank - 1];
    state->rows = tmoi_shape_product(shape, 0, shape->rank - 1);
    *out = state;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status row_scratch(const tmoi_exec *exec, tmoi_node *node, softmax_state *state, tmoi_ctx *ctx)
{
    size_t bytes;
    state->scratch_elems = tmoi_align_up((size_t)state->depth, 16);
    TMO_FAIL_IF(!tmoi_mul_size(state->scratch_elems * 4, (size_t)tmoi_thread_pool_size(exec->pool), &bytes),
                OUT_OF_MEMORY, ctx, "rows of %lld elements are too long", (long long)state->depth);
    return tmoi_node_scratch(node, bytes, &state->scratch, ctx);
fail:
    return ctx->error.status;
}

static tmo_status require_output(const tmoi_node *node, double scale, int32_t zero, tmoi_ctx *ctx)
{
    const tmoi_value *out = node->outputs[0];
    TMO_TRY(tmoi_value_require_quant(node->inputs[0], "input", ctx));
    TMO_TRY(tmoi_value_require_quant(out, "output", ctx));
    TMO_FAIL_IF(fabs((double)tmoi_value_scale(out) - scale) > 1e-3 * scale ||
                    tmoi_value_zero_point(out) != zero,
                INVALID_MODEL, ctx, "output has scale %g and zero point %d, expected %g and %d",
                (double)tmoi_value_scale(out), (int)tmoi_value_zero_point(out), scale, (int)zero);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Stored differences to Q5.26; large ratios are cut, since all but the largest element then vanish. */
static tmo_status scale_to_q5(double real, tmoi_multiplier *out, tmoi_ctx *ctx)
{
    double scaled = fmin(real * ldexp(1.0, Q5_FRACTION_BITS), 2147483647.0);
    TMO_FAIL_IF(!(scaled > 1.0), INVALID_MODEL, ctx, "input scale is too small: %g", real);
    *out = tmoi_multiplier_of(scaled);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void prepare_table(const tmoi_node *node, softmax_state *state)
{
    tmoi_softmax_table *table = &state->softmax_x8;
    tmo_type out = node->outputs[0]->type;
    float scale = state->beta * tmoi_value_scale(node->inputs[0]);
    table->in_type = node->inputs[0]->type;
    table->out_type = out;
    table->unit = out == TMO_TYPE_INT16 ? 65536.0f : 256.0f;
    table->zero_out = out == TMO_TYPE_INT16 ? INT16_MIN : out == TMO_TYPE_INT8 ? INT8_MIN : 0;
    for (int32_t d = 0; d < 256; d++) table->exps[d] = tmoi_exp_f32(-scale * (float)d);
}

static tmo_status prepare_softmax_quantized(tmoi_exec *exec, tmoi_node *node, softmax_state *state,
                                            tmoi_ctx *ctx)
{
    tmo_type in = node->inputs[0]->type, out = node->outputs[0]->type;
    if (in == TMO_TYPE_INT16) {
        TMO_TRY(require_output(node, 1.0 / 32768, 0, ctx));
        tmoi_softmax_points_s16(state->exp_points, state->inverse_points);
        return tmoi_prepare_multiplier((double)(tmoi_value_scale(node->inputs[0]) * state->beta) /
                                           (10.0 / 65535.0),
                                       "input scale", &state->scale_s16, ctx);
    }
    TMO_TRY(require_output(node, out == TMO_TYPE_INT16 ? 1.0 / 65536 : 1.0 / 256,
                           out == TMO_TYPE_INT16  ? INT16_MIN
                           : out == TMO_TYPE_INT8 ? INT8_MIN
                                                  : 0,
                           ctx));
    if (!exec->reference) {
        prepare_table(node, state);
        return row_scratch(exec, node, state, ctx);
    }
    state->x8.in_type = in;
    state->x8.out_type = out;
    TMO_TRY(
        scale_to_q5((double)state->beta * (double)tmoi_value_scale(node->inputs[0]), &state->x8.scale, ctx));
    state->x8.diff_min = lowest_difference(state->x8.scale);
    return row_scratch(exec, node, state, ctx);
fail:
    return ctx->error.status;
}

static tmo_status prepare_softmax(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    softmax_state *state;
    TMO_TRY(make_state(exec, node, &state, ctx));
    state->beta = tmoi_op_options(node->op, softmax_options)->beta;
    switch (node->inputs[0]->type) {
    case TMO_TYPE_FLOAT32: node->kernel = TMOI_KERNEL_NAME(exec->kernels, softmax_f32); return TMO_STATUS_OK;
    case TMO_TYPE_FLOAT16: return row_scratch(exec, node, state, ctx);
    default: return prepare_softmax_quantized(exec, node, state, ctx);
    }
fail:
    return ctx->error.status;
}

static void softmax_f16(const tmoi_exec *exec, const softmax_state *state, const uint16_t *in, uint16_t *out,
                        float *row)
{
    for (int64_t k = 0; k < state->depth; k++) row[k] = tmoi_fp16_to_float(in[k]);
    TMOI_KERNEL_OF(exec->kernels, softmax_f32)(row, row, 1, state->depth, state->beta);
    for (int64_t k = 0; k < state->depth; k++) out[k] = tmoi_fp16_from_float(row[k]);
}

static void softmax_rows(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const softmax_job *job = argument;
    const tmoi_node *node = job->node;
    const softmax_state *state = node->state;
    const tmoi_value *in = node->inputs[0], *out = node->outputs[0];
    int64_t at = begin * state->depth, rows = end - begin;
    const void *from = (const unsigned char *)in->data + tmoi_type_bytes(in->type, at);
    void *to = (unsigned char *)out->data + tmoi_type_bytes(out->type, at);
    if (in->type == TMO_TYPE_FLOAT32) {
        TMOI_KERNEL_OF(job->exec->kernels, softmax_f32)(from, to, rows, state->depth, state->beta);
        return;
    }
    if (in->type == TMO_TYPE_INT16) {
        tmoi_softmax_s16(state->scale_s16, state->exp_points, state->inverse_points, from, to, rows,
                         state->depth);
        return;
    }
    unsigned char *scratch = (unsigned char *)node->scratch[state->scratch] +
                             state->scratch_elems * 4 * (size_t)thread;
    if (in->type == TMO_TYPE_FLOAT16)
        for (int64_t row = 0; row < rows; row++)
            softmax_f16(job->exec, state, (const uint16_t *)from + row * state->depth,
                        (uint16_t *)to + row * state->depth, (void *)scratch);
    else if (job->exec->reference)
        tmoi_softmax_x8(&state->x8, from, to, rows, state->depth, (void *)scratch);
    else
        tmoi_softmax_by_table(&state->softmax_x8, from, to, rows, state->depth, (void *)scratch);
}

static void run_rows(tmoi_exec *exec, const tmoi_node *node,
                     void (*body)(void *job, int64_t begin, int64_t end, int32_t thread))
{
    const softmax_state *state = node->state;
    softmax_job job = {exec, node};
    if (state->depth > 0)
        tmoi_parallel_for(exec->pool, state->rows, tmoi_grain(OPERATIONS * state->depth), body, &job);
}

static tmo_status eval_softmax(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    (void)ctx;
    run_rows(exec, node, softmax_rows);
    return TMO_STATUS_OK;
}

static tmo_status prepare_log_softmax(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    softmax_state *state;
    TMO_TRY(make_state(exec, node, &state, ctx));
    if (node->inputs[0]->type == TMO_TYPE_FLOAT32) {
        node->kernel = TMOI_KERNEL_NAME(exec->kernels, log_softmax_f32);
        return TMO_STATUS_OK;
    }
    TMO_TRY(
        require_output(node, 16.0 / 256, node->inputs[0]->type == TMO_TYPE_INT8 ? INT8_MAX : UINT8_MAX, ctx));
    float scale = tmoi_value_scale(node->inputs[0]);
    for (int32_t k = 0; k < 256; k++) state->table[255 - k] = expf(-scale * (float)k);
    tmoi_log_softmax_params *params = &state->log_s8;
    TMO_TRY(scale_to_q5((double)scale, &params->scale, ctx));
    params->diff_min = lowest_difference(params->scale);
    double inverse = ldexp(1.0, 31 - params->scale.shift) / (double)params->scale.value;
    params->inverse = tmoi_multiplier_of(inverse);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void log_softmax_rows(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const softmax_job *job = argument;
    const softmax_state *state = job->node->state;
    const tmoi_value *in = job->node->inputs[0], *out = job->node->outputs[0];
    int64_t at = begin * state->depth, rows = end - begin;
    const void *from = (const unsigned char *)in->data + tmoi_type_bytes(in->type, at);
    void *to = (unsigned char *)out->data + tmoi_type_bytes(out->type, at);
    (void)thread;
    switch (in->type) {
    case TMO_TYPE_FLOAT32:
        TMOI_KERNEL_OF(job->exec->kernels, log_softmax_f32)(from, to, rows, state->depth);
        break;
    case TMO_TYPE_INT8: tmoi_log_softmax_s8(&state->log_s8, from, to, rows, state->depth); break;
    default:
        tmoi_log_softmax_u8(state->table, tmoi_value_scale(in), tmoi_value_scale(out),
                            tmoi_value_zero_point(out), from, to, rows, state->depth);
    }
}

static tmo_status eval_log_softmax(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    (void)ctx;
    run_rows(exec, node, log_softmax_rows);
    return TMO_STATUS_OK;
}

static tmo_status prepare_l2_norm(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    softmax_state *state;
    TMO_TRY(make_state(exec, node, &state, ctx));
    int32_t activation = tmoi_op_options(node->op, l2_norm_options)->fused_activation_function;
    TMO_FAIL_IF(activation != TMOI_ACTIVATION_NONE, UNSUPPORTED_OPERATOR, ctx,
                "fused activation %d is not supported", (int)activation);
    if (node->inputs[0]->type == TMO_TYPE_FLOAT32) {
        node->kernel = TMOI_KERNEL_NAME(exec->kernels, l2_norm_f32);
        return TMO_STATUS_OK;
    }
    TMO_TRY(require_output(node, 1.0 / 128, node->inputs[0]->type == TMO_TYPE_INT8 ? 0 : 128, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void l2_norm_rows(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const softmax_job *job = argument;
    const softmax_state *state = job->node->state;
    const tmoi_value *in = job->node->inputs[0], *out = job->node->outputs[0];
    int64_t at = begin * state->depth, rows = end - begin;
    const void *from = (const unsigned char *)in->data + tmoi_type_bytes(in->type, at);
    void *to = (unsigned char *)out->data + tmoi_type_bytes(out->type, at);
    (void)thread;
    if (in->type == TMO_TYPE_FLOAT32)
        TMOI_KERNEL_OF(job->exec->kernels, l2_norm_f32)(from, to, rows, state->depth);
    else
        tmoi_l2_norm_x8(in->type, tmoi_value_zero_point(in), from, to, rows, state->depth);
}

static tmo_status eval_l2_norm(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    (void)ctx;
    run_rows(exec, node, l2_norm_rows);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_softmax = {.prepare = prepare_softmax, .eval = eval_softmax};
const tmoi_op_def tmoi_op_log_softmax = {.prepare = prepare_log_softmax, .eval = eval_log_softmax};
const tmoi_op_def tmoi_op_l2_normalization = {.prepare = prepare_l2_norm, .eval = eval_l2_norm};
