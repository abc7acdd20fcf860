/* LSTM, UNIDIRECTIONAL_SEQUENCE_LSTM and BIDIRECTIONAL_SEQUENCE_LSTM: float and hybrid. */
#include "runtime/ops/lstm.h"

#include <string.h>

#include "kernels/lstm/lstm.h"
#include "model/infer/lstm.h"
#include "runtime/ops/recurrent.h"

/* One direction. */
typedef struct lstm_direction {
    const tmoi_value *x, *aux; /* aux: NULL without auxiliary weights */
    tmoi_value *h, *c;
    tmoi_operand input[TMOI_GATES], aux_weights[TMOI_GATES], recurrent[TMOI_GATES], projection;
    tmoi_operand peepholes[TMOI_GATES], norms[TMOI_GATES], biases[TMOI_GATES], projection_bias;
    int32_t cells, outputs;
    bool backward;
} lstm_direction;

typedef struct lstm_state {
    lstm_direction directions[2];
    int32_t direction_count;
    tmoi_sequence sequence;
    tmoi_lstm_options options;
    int32_t forms, memory; /* scratch blocks: of the operands, of a step */
} lstm_state;

/* What a step works with, in the block `memory`. */
typedef struct lstm_memory {
    tmoi_recurrent_tools tools;
    tmoi_recurrent_vectors x, aux, h, hidden;
    float *gates[TMOI_GATES], *product;
} lstm_memory;

tmoi_lstm_options tmoi_lstm_options_of(const tmoi_op *op)
{
    if (op->code == TMOI_OP_LSTM) {
        const tmoi_fb_lstm_options *o = tmoi_op_options(op, lstm_options);
        return (tmoi_lstm_options){o->fused_activation_function,  o->cell_clip, o->proj_clip, false,
                                   o->asymmetric_quantize_inputs, false};
    }
    if (op->code == TMOI_OP_UNIDIRECTIONAL_SEQUENCE_LSTM) {
        const tmoi_fb_unidirectional_sequence_lstm_options *o = tmoi_op_options(
            op, unidirectional_sequence_lstm_options);
        return (tmoi_lstm_options){o->fused_activation_function,  o->cell_clip, o->proj_clip, o->time_major,
                                   o->asymmetric_quantize_inputs, false};
    }
    const tmoi_fb_bidirectional_sequence_lstm_options *o = tmoi_op_options(
        op, bidirectional_sequence_lstm_options);
    return (tmoi_lstm_options){o->fused_activation_function,  o->cell_clip,    o->proj_clip, o->time_major,
                               o->asymmetric_quantize_inputs, o->merge_outputs};
}

static int32_t depth_of(const tmoi_value *value)
{
    return value ? value->shape.dims[value->shape.rank - 1] : 0;
}

static int32_t most(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static bool is_hybrid(const lstm_direction *d)
{
    return tmoi_matrix_is_hybrid(&d->input[TMOI_GATE_FORGET]);
}

/* Points *memory into a block, or counts the bytes that it needs when base is NULL. */
static size_t lay_out(const lstm_state *state, const lstm_direction *d, char *base, lstm_memory *memory)
{
    tmoi_carver carver = {base, 0};
    int32_t batch = state->sequence.batch;
    bool hybrid = is_hybrid(d);
    *memory = (lstm_memory){0};
    tmoi_carve_vectors(&carver, &memory->x, batch, depth_of(d->x), hybrid);
    tmoi_carve_vectors(&carver, &memory->aux, batch, depth_of(d->aux), hybrid);
    tmoi_carve_vectors(&carver, &memory->h, batch, d->outputs, hybrid);
    tmoi_carve_vectors(&carver, &memory->hidden, batch, d->cells, hybrid);
    for (int32_t g = 0; g < TMOI_GATES; g++)
        memory->gates[g] = tmoi_carve(&carver, (int64_t)batch * d->cells, sizeof(float));
    memory->product = tmoi_carve(&carver, (int64_t)batch * d->cells, sizeof(float));
    memory->hidden.f32 = memory->product;
    if (!hybrid) return carver.used;
    int32_t rows = most(d->cells, d->outputs), longest = most(rows, most(depth_of(d->x), depth_of(d->aux)));
    memory->tools.quantized = tmoi_carve(&carver, longest, sizeof(int8_t));
    memory->tools.sums = tmoi_carve(&carver, (int64_t)batch * rows, sizeof(int32_t));
    return carver.used;
}

static tmo_status prepare_gate(tmoi_exec *exec, tmoi_node *node, const tmoi_lstm_layout *layout,
                               lstm_direction *d, int32_t g, size_t *used, tmoi_ctx *ctx)
{
    static const int32_t peephole_of[TMOI_GATES] = {0, 1, -1, 2};
    int32_t base = layout->weights, peephole = peephole_of[g];
    const tmoi_value *aux = d->aux ? tmoi_optional_input(node, layout->aux_weights + g) : NULL;
    TMO_TRY(tmoi_matrix_prepare(exec, &d->input[g], tmoi_optional_input(node, base + TMOI_LSTM_INPUT + g),
                                used, ctx));
    TMO_TRY(tmoi_matrix_prepare(exec, &d->recurrent[g],
                                tmoi_optional_input(node, base + TMOI_LSTM_RECURRENT + g), used, ctx));
    TMO_TRY(tmoi_matrix_prepare(exec, &d->aux_weights[g], aux, used, ctx));
    TMO_TRY(tmoi_vector_prepare(exec, &d->biases[g], tmoi_optional_input(node, base + TMOI_LSTM_BIAS + g),
                                used, ctx));
    TMO_TRY(tmoi_vector_prepare(
        exec, &d->peepholes[g],
        peephole < 0 ? NULL : tmoi_optional_input(node, base + TMOI_LSTM_PEEPHOLE + peephole), used, ctx));
    TMO_TRY(tmoi_vector_prepare(exec, &d->norms[g],
                                layout->norm < 0 ? NULL : tmoi_optional_input(node, layout->norm + g), used,
                                ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_direction(tmoi_exec *exec, tmoi_node *node, const tmoi_lstm_layout *layout,
                                    lstm_direction *d, size_t *used, tmoi_ctx *ctx)
{
    const tmoi_shape *recurrent = &node->inputs[layout->weights + TMOI_LSTM_RECURRENT + 1]->shape;
    d->cells = recurrent->dims[0];
    d->outputs = recurrent->dims[recurrent->rank - 1];
    for (int32_t g = 0; g < TMOI_GATES; g++) TMO_TRY(prepare_gate(exec, node, layout, d, g, used, ctx));
    TMO_TRY(tmoi_matrix_prepare(
        exec, &d->projection, tmoi_optional_input(node, layout->weights + TMOI_LSTM_PROJECTION), used, ctx));
    TMO_TRY(tmoi_vector_prepare(exec, &d->projection_bias,
                                tmoi_optional_input(node, layout->weights + TMOI_LSTM_PROJECTION_BIAS), used,
                                ctx));
    TMO_TRY(tmoi_state_of(node, layout->output_state, "output state", &d->h, ctx));
    TMO_TRY(tmoi_state_of(node, layout->cell_state, "cell state", &d->c, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_common(tmoi_node *node, lstm_state *state, tmoi_ctx *ctx)
{
    state->options = tmoi_lstm_options_of(node->op);
    state->sequence = tmoi_sequence_of(&node->inputs[0]->shape, state->options.time_major);
    TMO_FAIL_IF(state->options.activation < TMOI_RECURRENT_NONE ||
                    state->options.activation > TMOI_RECURRENT_SIGN_BIT,
                UNSUPPORTED_OPERATOR, ctx, "fused activation %d is not supported",
                (int)state->options.activation);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_memory(tmoi_node *node, lstm_state *state, size_t forms_bytes, tmoi_ctx *ctx)
{
    size_t largest = 0;
    lstm_memory memory;
    for (int32_t k = 0; k < state->direction_count; k++) {
        size_t bytes = lay_out(state, &state->directions[k], NULL, &memory);
        largest = bytes > largest ? bytes : largest;
    }
    TMO_TRY(tmoi_node_scratch(node, forms_bytes, &state->forms, ctx));
    TMO_TRY(tmoi_node_scratch(node, largest, &state->memory, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_f32(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    size_t used = 0;
    TMO_TRY(tmoi_node_state(exec, node, sizeof(lstm_state), ctx));
    lstm_state *state = node->state;
    state->direction_count = 1;
    state->directions[0].x = node->inputs[0];
    TMO_TRY(prepare_common(node, state, ctx));
    TMO_TRY(prepare_direction(exec, node, &tmoi_lstm_layout_one, &state->directions[0], &used, ctx));
    TMO_TRY(prepare_memory(node, state, used, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    return node->inputs[0]->type == TMO_TYPE_INT8 ? tmoi_lstm_s8_prepare(exec, node, ctx)
                                                  : prepare_f32(exec, node, ctx);
}

static tmo_status prepare_bidirectional(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *aux = tmoi_optional_input(node, TMOI_LSTM_AUX_INPUT);
    bool has_aux_weights = tmoi_optional_input(node, tmoi_lstm_layout_forward.aux_weights + TMOI_GATE_FORGET);
    size_t used = 0;
    TMO_TRY(tmoi_node_state(exec, node, sizeof(lstm_state), ctx));
    lstm_state *state = node->state;
    lstm_direction *forward = &state->directions[0], *backward = &state->directions[1];
    state->direction_count = 2;
    forward->x = node->inputs[0];
    backward->x = aux && !has_aux_weights ? aux : node->inputs[0];
    forward->aux = backward->aux = has_aux_weights ? aux : NULL;
    backward->backward = true;
    TMO_TRY(prepare_common(node, state, ctx));
    TMO_TRY(prepare_direction(exec, node, &tmoi_lstm_layout_forward, forward, &used, ctx));
    TMO_TRY(prepare_direction(exec, node, &tmoi_lstm_layout_backward, backward, &used, ctx));
    TMO_TRY(prepare_memory(node, state, used, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmoi_lstm_cell cell_of(const lstm_direction *d, const tmoi_lstm_options *options, void *forms)
{
    tmoi_lstm_cell cell = {.cells = d->cells,
                           .outputs = d->outputs,
                           .coupled = !d->input[TMOI_GATE_INPUT].value,
                           .peephole = d->peepholes[TMOI_GATE_FORGET].value,
                           .normalized = d->norms[TMOI_GATE_FORGET].value,
                           .projected = d->projection.value,
                           .activation = options->activation,
                           .cell_clip = options->cell_clip,
                           .projection_clip = options->projection_clip};
    for (int32_t g = 0; g < TMOI_GATES; g++) {
        cell.input[g] = tmoi_recurrent_matrix_of(&d->input[g], forms);
        cell.aux[g] = tmoi_recurrent_matrix_of(&d->aux_weights[g], forms);
        cell.recurrent[g] = tmoi_recurrent_matrix_of(&d->recurrent[g], forms);
        cell.peepholes[g] = tmoi_operand_data_shared(&d->peepholes[g], forms);
        cell.norms[g] = tmoi_operand_data_shared(&d->norms[g], forms);
        cell.biases[g] = tmoi_operand_data_shared(&d->biases[g], forms);
    }
    cell.projection = tmoi_recurrent_matrix_of(&d->projection, forms);
    cell.projection_bias = tmoi_operand_data_shared(&d->projection_bias, forms);
    return cell;
}

/* The vectors of step t of a series, quantized when hybrid. */
static void load_step(const lstm_state *state, const lstm_direction *d, lstm_memory *memory, int64_t row)
{
    bool hybrid = is_hybrid(d);
    (void)state;
    memory->x.f32 = (const float *)d->x->data + row * memory->x.size;
    if (hybrid) tmoi_recurrent_quantize(&memory->tools, &memory->x);
    if (!d->aux) return;
    memory->aux.f32 = (const float *)d->aux->data + row * memory->aux.size;
    if (hybrid) tmoi_recurrent_quantize(&memory->tools, &memory->aux);
}

static void run_direction(const tmoi_exec *exec, const tmoi_node *node, const lstm_direction *d, float *out,
                          int64_t out_stride)
{
    const lstm_state *state = node->state;
    const tmoi_sequence *sequence = &state->sequence;
    lstm_memory m;
    (void)lay_out(state, d, node->scratch[state->memory], &m);
    m.tools.dot_f32 = TMOI_KERNEL_OF(exec->kernels, dot_f32);
    m.tools.dot_s8 = TMOI_KERNEL_OF(exec->kernels, dot_s8);
    m.tools.quantize = TMOI_KERNEL_OF(exec->kernels, quantize_dynamic);
    m.tools.asymmetric = state->options.asymmetric;
    tmoi_lstm_cell cell = cell_of(d, &state->options, node->scratch[state->forms]);
    tmoi_lstm_step step = {.tools = &m.tools,
                           .x = &m.x,
                           .aux = d->aux ? &m.aux : NULL,
                           .h = &m.h,
                           .hidden = &m.hidden,
                           .gates = {m.gates[0], m.gates[1], m.gates[2], m.gates[3]},
                           .product = m.product};
    for (int32_t series = 0; series < sequence->series; series++) {
        step.h_state = (float *)d->h->data + (int64_t)series * d->outputs;
        step.c_state = (float *)d->c->data + (int64_t)series * d->cells;
        m.h.f32 = step.h_state;
        for (int32_t k = 0; k < sequence->steps; k++) {
            int64_t row = tmoi_sequence_row(sequence, series, d->backward ? sequence->steps - 1 - k : k);
            load_step(state, d, &m, row);
            tmoi_lstm_step_run(&cell, &step);
            for (int32_t b = 0; b < sequence->batch; b++)
                memcpy(out + (row + b) * out_stride, step.h_state + (int64_t)b * d->outputs,
                       (size_t)d->outputs * sizeof *out);
        }
    }
}

static tmo_status eval_f32(tmoi_exec *exec, tmoi_node *node)
{
    const lstm_state *state = node->state;
    for (int32_t k = 0; k < state->direction_count; k++) {
        bool merged = state->options.merged;
        tmoi_value *output = node->outputs[merged ? 0 : k];
        int64_t offset = merged && k == 1 ? state->directions[0].outputs : 0;
        run_direction(exec, node, &state->directions[k], (float *)output->data + offset, depth_of(output));
    }
    return TMO_STATUS_OK;
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    return node->inputs[0]->type == TMO_TYPE_INT8 ? tmoi_lstm_s8_eval(exec, node, ctx) : eval_f32(exec, node);
}

const tmoi_op_def tmoi_op_lstm = {.prepare = prepare, .eval = eval, .flags = TMOI_OP_STATEFUL};
const tmoi_op_def tmoi_op_bidirectional_lstm = {
    .prepare = prepare_bidirectional, .eval = eval, .flags = TMOI_OP_STATEFUL};
