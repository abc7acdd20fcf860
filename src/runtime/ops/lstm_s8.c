/* LSTM and UNIDIRECTIONAL_SEQUENCE_LSTM on int8, with int16 cell state. */
#include <string.h>

#include "kernels/lstm/lstm.h"
#include "model/infer/lstm.h"
#include "runtime/ops/lstm.h"
#include "runtime/ops/multipliers.h"
#include "runtime/ops/recurrent.h"

enum { HIDDEN = 4, INTERMEDIATES = 5 }; /* the fifth intermediate is the output before projection */

typedef struct lstm_s8_state {
    tmoi_lstm_cell_s8 cell;
    tmoi_operand input[TMOI_GATES], recurrent[TMOI_GATES], projection;
    tmoi_value *h, *c;
    tmoi_sequence sequence;
    int32_t forms, memory; /* scratch blocks: of the operands, of a step */
} lstm_s8_state;

static const int32_t peephole_of[TMOI_GATES] = {0, 1, -1, 2};

static tmoi_value *weights_of(const tmoi_node *node, int32_t offset)
{
    return tmoi_optional_input(node, tmoi_lstm_layout_one.weights + offset);
}

static tmoi_value *peephole_value(const tmoi_node *node, int32_t g)
{
    return peephole_of[g] < 0 ? NULL : weights_of(node, TMOI_LSTM_PEEPHOLE + peephole_of[g]);
}

/* The multiplier of a product of two scales over a third, in the reference's float arithmetic. */
static tmo_status product_multiplier(float a, float b, float over, tmoi_multiplier *out, tmoi_ctx *ctx)
{
    return tmoi_multiplier_checked((double)(a * b / over), false, out, ctx);
}

static tmo_status prepare_weights(tmoi_exec *exec, tmoi_operand *operand, const tmoi_value *value,
                                  size_t *used, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_value_require_quant(value, "weights", ctx));
    TMO_TRY(tmoi_weights_require_quant(value, 0, false, ctx));
    TMO_FAIL_IF(value->shape.rank != 2, UNSUPPORTED_OPERATOR, ctx,
                "diagonal recurrent weights are not supported for int8");
    TMO_TRY(tmoi_operand_prepare_shared(exec, operand, value, NULL, 0, 0, 0, used, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_norm(const tmoi_value *norm, tmoi_lstm_gate_s8 *gate, tmoi_ctx *ctx)
{
    tmoi_multiplier raised;
    TMO_TRY(tmoi_value_require_quant(norm, "normalization coefficients", ctx));
    float scale = tmoi_value_scale(norm);
    TMO_TRY(tmoi_multiplier_checked((double)scale * 4096.0, false, &raised,
                                    ctx)); /* the kernel raises it by 12 bits */
    gate->norm_scale = tmoi_multiplier_of((double)scale);
    gate->variance_guard = scale * 10000.0f > 1.0f ? (int32_t)(scale * 10000.0f) : 1;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The scale of a gate's sums before its activation. */
static tmo_status gate_scale(const tmoi_node *node, int32_t g, float *out, tmoi_ctx *ctx)
{
    *out = 1.0f / 4096.0f;
    if (!tmoi_optional_input(node, tmoi_lstm_layout_one.norm + TMOI_GATE_FORGET)) return TMO_STATUS_OK;
    TMO_TRY(tmoi_value_require_quant(node->intermediates[g], "gate", ctx));
    *out = tmoi_value_scale(node->intermediates[g]);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_gate(tmoi_exec *exec, tmoi_node *node, lstm_s8_state *state, int32_t g,
                               size_t *used, tmoi_ctx *ctx)
{
    tmoi_lstm_gate_s8 *gate = &state->cell.gates[g];
    const tmoi_value *input = weights_of(node, TMOI_LSTM_INPUT + g),
                     *recurrent = weights_of(node, TMOI_LSTM_RECURRENT + g);
    const tmoi_value *peephole = peephole_value(node, g),
                     *norm = tmoi_optional_input(node, tmoi_lstm_layout_one.norm + g);
    float scale;
    TMO_TRY(gate_scale(node, g, &scale, ctx));
    TMO_TRY(prepare_weights(exec, &state->input[g], input, used, ctx));
    TMO_TRY(prepare_weights(exec, &state->recurrent[g], recurrent, used, ctx));
    TMO_TRY(product_multiplier(tmoi_value_scale(input), tmoi_value_scale(node->inputs[0]), scale,
                               &gate->input_scale, ctx));
    TMO_TRY(product_multiplier(tmoi_value_scale(recurrent), tmoi_value_scale(state->h), scale,
                               &gate->recurrent_scale, ctx));
    if (peephole) {
        TMO_TRY(tmoi_value_require_quant(peephole, "peephole weights", ctx));
        double real = ldexp((double)tmoi_value_scale(peephole), state->cell.cell_exponent) / (double)scale;
        TMO_TRY(tmoi_multiplier_checked((double)(float)real, false, &gate->peephole_scale, ctx));
    }
    if (norm) TMO_TRY(prepare_norm(norm, gate, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_projection(tmoi_exec *exec, tmoi_node *node, lstm_s8_state *state, size_t *used,
                                     tmoi_ctx *ctx)
{
    const tmoi_value *projection = weights_of(node, TMOI_LSTM_PROJECTION),
                     *hidden = node->intermediates[HIDDEN];
    tmoi_lstm_cell_s8 *cell = &state->cell;
    TMO_TRY(tmoi_value_require_quant(hidden, "hidden", ctx));
    double real = ldexp(ldexp(1.0, -15) / (double)tmoi_value_scale(hidden), -15);
    TMO_TRY(tmoi_multiplier_checked((double)(float)real, false, &cell->hidden_scale, ctx));
    cell->hidden_zero_point = tmoi_value_zero_point(hidden);
    if (!projection) return TMO_STATUS_OK;
    TMO_TRY(prepare_weights(exec, &state->projection, projection, used, ctx));
    TMO_TRY(product_multiplier(tmoi_value_scale(projection), tmoi_value_scale(hidden),
                               tmoi_value_scale(state->h), &cell->projection_scale, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The cell state's scale must be a power of two. */
static tmo_status prepare_states(const tmoi_node *node, lstm_s8_state *state, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_state_of(node, tmoi_lstm_layout_one.output_state, "output state", &state->h, ctx));
    TMO_TRY(tmoi_state_of(node, tmoi_lstm_layout_one.cell_state, "cell state", &state->c, ctx));
    TMO_TRY(tmoi_value_require_quant(state->h, "output state", ctx));
    TMO_TRY(tmoi_value_require_quant(state->c, "cell state", ctx));
    double exponent = log2((double)tmoi_value_scale(state->c));
    TMO_FAIL_IF(fabs(exponent - round(exponent)) >= 1e-3 || exponent < -15.5 || exponent > -8.5,
                UNSUPPORTED_OPERATOR, ctx,
                "cell state with scale %g, expected a power of two from 2^-15 to 2^-9",
                (double)tmoi_value_scale(state->c));
    state->cell.cell_exponent = (int32_t)round(exponent);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static int32_t quantized_clip(float clip, float scale, int32_t largest)
{
    float limit = clip / scale;
    return !(clip > 0.0f) ? 0 : limit < (float)largest ? (int32_t)limit : largest;
}

static int32_t most(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* Points *scratch into a block, or counts the bytes that it needs when base is NULL. */
static size_t lay_out(const lstm_s8_state *state, char *base, tmoi_lstm_scratch_s8 *scratch)
{
    const tmoi_lstm_cell_s8 *cell = &state->cell;
    tmoi_carver carver = {base, 0};
    int64_t batch = state->sequence.batch;
    for (int32_t g = 0; g < TMOI_GATES; g++)
        scratch->gates[g] = tmoi_carve(&carver, batch * cell->cells, sizeof(int16_t));
    scratch->widened = tmoi_carve(&carver, batch * most(cell->inputs, most(cell->cells, cell->outputs)),
                                  sizeof(int16_t));
    scratch->sums = tmoi_carve(&carver, batch * most(cell->cells, cell->outputs), sizeof(int32_t));
    return carver.used;
}

static void prepare_cell(const tmoi_exec *exec, tmoi_node *node, lstm_s8_state *state)
{
    const tmoi_lstm_options options = tmoi_lstm_options_of(node->op);
    const tmoi_shape *in = &node->inputs[0]->shape,
                     *recurrent = &weights_of(node, TMOI_LSTM_RECURRENT + 1)->shape;
    tmoi_lstm_cell_s8 *cell = &state->cell;
    state->sequence = tmoi_sequence_of(in, options.time_major);
    cell->inputs = in->dims[in->rank - 1];
    cell->cells = recurrent->dims[0];
    cell->outputs = recurrent->dims[recurrent->rank - 1];
    cell->coupled = !weights_of(node, TMOI_LSTM_INPUT);
    cell->input_zero_point = tmoi_value_zero_point(node->inputs[0]);
    cell->output_zero_point = tmoi_value_zero_point(state->h);
    cell->cell_clip = (int16_t)quantized_clip(options.cell_clip, tmoi_value_scale(state->c), INT16_MAX);
    cell->projection_clip = (int8_t)quantized_clip(options.projection_clip,
                                                   tmoi_value_scale(node->outputs[0]), INT8_MAX);
    cell->dot_s8 = TMOI_KERNEL_OF(exec->kernels, dot_s8);
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, dot_s8);
}

tmo_status tmoi_lstm_s8_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmoi_lstm_scratch_s8 scratch;
    size_t used = 0;
    TMO_TRY(tmoi_node_state(exec, node, sizeof(lstm_s8_state), ctx));
    lstm_s8_state *state = node->state;
    TMO_FAIL_IF(node->intermediate_count != INTERMEDIATES, UNSUPPORTED_OPERATOR, ctx,
                "%d intermediate tensors, expected %d", (int)node->intermediate_count, (int)INTERMEDIATES);
    for (int32_t k = 0; k < INTERMEDIATES; k++)
        TMO_FAIL_IF(!node->intermediates[k], INVALID_MODEL, ctx, "intermediate tensor %d is missing", (int)k);
    TMO_TRY(tmoi_value_require_quant(node->inputs[0], "input", ctx));
    TMO_TRY(tmoi_value_require_quant(node->outputs[0], "output", ctx));
    TMO_TRY(prepare_states(node, state, ctx));
    prepare_cell(exec, node, state);
    for (int32_t g = state->cell.coupled ? TMOI_GATE_FORGET : TMOI_GATE_INPUT; g < TMOI_GATES; g++)
        TMO_TRY(prepare_gate(exec, node, state, g, &used, ctx));
    TMO_TRY(prepare_projection(exec, node, state, &used, ctx));
    TMO_TRY(tmoi_node_scratch(node, used, &state->forms, ctx));
    TMO_TRY(tmoi_node_scratch(node, lay_out(state, NULL, &scratch), &state->memory, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static const void *data_of(const tmoi_value *value)
{
    return value ? value->data : NULL;
}

/* Points the cell at the data of its weights. */
static void load_cell(const tmoi_node *node, lstm_s8_state *state)
{
    void *forms = node->scratch[state->forms];
    for (int32_t g = 0; g < TMOI_GATES; g++) {
        tmoi_lstm_gate_s8 *gate = &state->cell.gates[g];
        gate->input = tmoi_operand_data_shared(&state->input[g], forms);
        gate->recurrent = tmoi_operand_data_shared(&state->recurrent[g], forms);
        gate->peephole = data_of(peephole_value(node, g));
        gate->norm = data_of(tmoi_optional_input(node, tmoi_lstm_layout_one.norm + g));
        gate->bias = data_of(weights_of(node, TMOI_LSTM_BIAS + g));
    }
    state->cell.projection = tmoi_operand_data_shared(&state->projection, forms);
    state->cell.projection_bias = data_of(weights_of(node, TMOI_LSTM_PROJECTION_BIAS));
}

tmo_status tmoi_lstm_s8_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    lstm_s8_state *state = node->state;
    const tmoi_sequence *sequence = &state->sequence;
    const tmoi_lstm_cell_s8 *cell = &state->cell;
    tmoi_lstm_scratch_s8 scratch;
    int8_t *out = node->outputs[0]->data;
    (void)exec;
    (void)ctx;
    (void)lay_out(state, node->scratch[state->memory], &scratch);
    load_cell(node, state);
    for (int32_t series = 0; series < sequence->series; series++) {
        int8_t *h = (int8_t *)state->h->data + (int64_t)series * cell->outputs;
        int16_t *c = (int16_t *)state->c->data + (int64_t)series * cell->cells;
        for (int32_t t = 0; t < sequence->steps; t++) {
            int64_t row = tmoi_sequence_row(sequence, series, t);
            tmoi_lstm_step_s8(cell, &scratch, sequence->batch,
                              (const int8_t *)node->inputs[0]->data + row * cell->inputs, h, c);
            memcpy(out + row * cell->outputs, h, (size_t)sequence->batch * (size_t)cell->outputs);
        }
    }
    return TMO_STATUS_OK;
}
