/* RNN, UNIDIRECTIONAL_SEQUENCE_RNN and BIDIRECTIONAL_SEQUENCE_RNN, float and hybrid. */
#include "runtime/ops/recurrent.h"

/* One direction. */
typedef struct rnn_direction {
    const tmoi_value *x, *aux; /* aux: NULL without auxiliary weights */
    tmoi_value *hidden;
    tmoi_operand weights, recurrent, bias, aux_weights;
    int32_t units, activation;
    bool backward;
} rnn_direction;

typedef struct rnn_state {
    rnn_direction directions[2];
    int32_t direction_count;
    tmoi_sequence sequence;
    int32_t passes; /* over the sequence: 1, see prepare_bidirectional() */
    bool merged, asymmetric;
    int32_t forms, memory; /* scratch blocks: of the operands, of a step */
} rnn_state;

/* What a step works with, in the block `memory`. */
typedef struct rnn_memory {
    tmoi_recurrent_tools tools;
    tmoi_recurrent_vectors x, aux, hidden;
    float *sums;
} rnn_memory;

static int32_t depth_of(const tmoi_value *value)
{
    return value ? value->shape.dims[value->shape.rank - 1] : 0;
}

/* Points *memory into a block, or counts the bytes that it needs when base is NULL. */
static size_t lay_out(const rnn_state *state, const rnn_direction *d, char *base, rnn_memory *memory)
{
    tmoi_carver carver = {base, 0};
    int32_t batch = state->sequence.batch, longest = depth_of(d->x);
    bool hybrid = tmoi_matrix_is_hybrid(&d->weights);
    *memory = (rnn_memory){0};
    tmoi_carve_vectors(&carver, &memory->x, batch, depth_of(d->x), hybrid);
    tmoi_carve_vectors(&carver, &memory->aux, batch, depth_of(d->aux), hybrid);
    tmoi_carve_vectors(&carver, &memory->hidden, batch, d->units, hybrid);
    memory->sums = tmoi_carve(&carver, (int64_t)batch * d->units, sizeof(float));
    if (!hybrid) return carver.used;
    if (depth_of(d->aux) > longest) longest = depth_of(d->aux);
    if (d->units > longest) longest = d->units;
    memory->tools.quantized = tmoi_carve(&carver, longest, sizeof(int8_t));
    memory->tools.sums = tmoi_carve(&carver, (int64_t)batch * d->units, sizeof(int32_t));
    return carver.used;
}

/* The cell whose weights, recurrent weights, bias and state stand at `base`. */
static tmo_status prepare_direction(tmoi_exec *exec, tmoi_node *node, rnn_direction *d, int32_t base,
                                    const tmoi_value *aux_weights, size_t *used, tmoi_ctx *ctx)
{
    d->units = node->inputs[base]->shape.dims[0];
    TMO_TRY(tmoi_matrix_prepare(exec, &d->weights, node->inputs[base], used, ctx));
    TMO_TRY(tmoi_matrix_prepare(exec, &d->recurrent, node->inputs[base + 1], used, ctx));
    TMO_TRY(tmoi_matrix_prepare(exec, &d->aux_weights, aux_weights, used, ctx));
    TMO_TRY(tmoi_vector_prepare(exec, &d->bias, node->inputs[base + 2], used, ctx));
    TMO_TRY(tmoi_state_of(node, base + 3, "hidden state", &d->hidden, ctx));
    TMO_FAIL_IF(d->activation < TMOI_RECURRENT_NONE || d->activation > TMOI_RECURRENT_SIGN_BIT,
                UNSUPPORTED_OPERATOR, ctx, "fused activation %d is not supported", (int)d->activation);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_memory(tmoi_node *node, rnn_state *state, size_t forms_bytes, tmoi_ctx *ctx)
{
    size_t most = 0;
    rnn_memory memory;
    for (int32_t k = 0; k < state->direction_count; k++) {
        size_t bytes = lay_out(state, &state->directions[k], NULL, &memory);
        most = bytes > most ? bytes : most;
    }
    TMO_TRY(tmoi_node_scratch(node, forms_bytes, &state->forms, ctx));
    TMO_TRY(tmoi_node_scratch(node, most, &state->memory, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    bool sequence = node->op->code == TMOI_OP_UNIDIRECTIONAL_SEQUENCE_RNN;
    const tmoi_fb_rnn_options *one = tmoi_op_options(node->op, rnn_options);
    const tmoi_fb_sequence_rnn_options *many = tmoi_op_options(node->op, sequence_rnn_options);
    size_t used = 0;
    TMO_TRY(tmoi_node_state(exec, node, sizeof(rnn_state), ctx));
    rnn_state *state = node->state;
    rnn_direction *d = &state->directions[0];
    state->direction_count = 1;
    state->passes = 1;
    state->sequence = tmoi_sequence_of(&node->inputs[0]->shape, many->time_major);
    state->asymmetric = sequence ? many->asymmetric_quantize_inputs : one->asymmetric_quantize_inputs;
    d->x = node->inputs[0];
    d->activation = sequence ? many->fused_activation_function : one->fused_activation_function;
    TMO_TRY(prepare_direction(exec, node, d, 1, NULL, &used, ctx));
    TMO_TRY(prepare_memory(node, state, used, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare_bidirectional(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_bidirectional_sequence_rnn_options *options = tmoi_op_options(
        node->op, bidirectional_sequence_rnn_options);
    const tmoi_value *aux = tmoi_optional_input(node, 9);
    size_t used = 0;
    TMO_TRY(tmoi_node_state(exec, node, sizeof(rnn_state), ctx));
    rnn_state *state = node->state;
    state->direction_count = 2;
    state->sequence = tmoi_sequence_of(&node->inputs[0]->shape, options->time_major);
    state->merged = options->merge_outputs;
    state->asymmetric = options->asymmetric_quantize_inputs;
    for (int32_t k = 0; k < 2; k++) {
        rnn_direction *d = &state->directions[k];
        const tmoi_value *aux_weights = tmoi_optional_input(node, 10 + k);
        d->backward = k == 1;
        d->x = aux && !aux_weights && d->backward ? aux : node->inputs[0];
        d->aux = aux_weights ? aux : NULL;
        d->activation = options->fused_activation_function;
        TMO_TRY(prepare_direction(exec, node, d, 1 + 4 * k, aux_weights, &used, ctx));
    }
    /* LiteRT's hybrid kernel runs a time-major sequence as many times over as it has steps, each time from
     * the state that the last one left; reference arithmetic does the same. */
    bool repeats = exec->reference && options->time_major &&
                   tmoi_matrix_is_hybrid(&state->directions[0].weights);
    state->passes = repeats ? state->sequence.steps : 1;
    TMO_TRY(prepare_memory(node, state, used, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void run_direction(const tmoi_exec *exec, const tmoi_node *node, const rnn_direction *d, float *out,
                          int64_t out_stride)
{
    const rnn_state *state = node->state;
    void *forms = node->scratch[state->forms];
    bool hybrid = tmoi_matrix_is_hybrid(&d->weights);
    rnn_memory memory;
    (void)lay_out(state, d, node->scratch[state->memory], &memory);
    memory.tools.dot_f32 = TMOI_KERNEL_OF(exec->kernels, dot_f32);
    memory.tools.dot_s8 = TMOI_KERNEL_OF(exec->kernels, dot_s8);
    memory.tools.quantize = TMOI_KERNEL_OF(exec->kernels, quantize_dynamic);
    memory.tools.asymmetric = state->asymmetric;
    tmoi_rnn_cell cell = {tmoi_recurrent_matrix_of(&d->weights, forms),
                          tmoi_recurrent_matrix_of(&d->aux_weights, forms),
                          tmoi_recurrent_matrix_of(&d->recurrent, forms),
                          tmoi_operand_data_shared(&d->bias, forms), d->activation};
    for (int32_t series = 0; series < state->sequence.series; series++) {
        float *hidden = (float *)d->hidden->data + (int64_t)series * d->units;
        memory.hidden.f32 = hidden;
        for (int32_t k = 0; k < state->sequence.steps; k++) {
            int32_t t = d->backward ? state->sequence.steps - 1 - k : k;
            int64_t row = tmoi_sequence_row(&state->sequence, series, t);
            memory.x.f32 = (const float *)d->x->data + row * memory.x.size;
            if (hybrid) tmoi_recurrent_quantize(&memory.tools, &memory.x);
            if (d->aux) memory.aux.f32 = (const float *)d->aux->data + row * memory.aux.size;
            if (d->aux && hybrid) tmoi_recurrent_quantize(&memory.tools, &memory.aux);
            tmoi_rnn_step(&memory.tools, &cell, &memory.x, d->aux ? &memory.aux : NULL, &memory.hidden,
                          hidden, memory.sums, out + row * out_stride, out_stride);
        }
    }
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const rnn_state *state = node->state;
    (void)ctx;
    for (int64_t pass = 0; pass < (int64_t)state->passes * state->direction_count; pass++) {
        int32_t k = (int32_t)(pass / state->passes);
        const rnn_direction *d = &state->directions[k];
        tmoi_value *output = node->outputs[state->merged ? 0 : k];
        int64_t offset = state->merged && k == 1 ? state->directions[0].units : 0;
        run_direction(exec, node, d, (float *)output->data + offset,
                      output->shape.dims[output->shape.rank - 1]);
    }
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_rnn = {.prepare = prepare, .eval = eval, .flags = TMOI_OP_STATEFUL};
const tmoi_op_def tmoi_op_bidirectional_rnn = {
    .prepare = prepare_bidirectional, .eval = eval, .flags = TMOI_OP_STATEFUL};
