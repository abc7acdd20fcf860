/* Shapes of LSTM, UNIDIRECTIONAL_SEQUENCE_LSTM and BIDIRECTIONAL_SEQUENCE_LSTM. */
#include "model/infer/lstm.h"

#include "model/infer/recurrent.h"
#include "model/infer/weights.h"

const tmoi_lstm_layout tmoi_lstm_layout_one = {1, 18, 19, 20, -1};
const tmoi_lstm_layout tmoi_lstm_layout_forward = {1, 35, 36, -1, 40};
const tmoi_lstm_layout tmoi_lstm_layout_backward = {18, 37, 38, -1, 44};

enum { GATES = 4, HYBRID_WEIGHTS = TMOI_T(INT8) | TMOI_T(UINT8) };

/* What a check of a cell needs to know. */
typedef struct cell_check {
    const tmoi_infer *infer;
    const tmoi_lstm_layout *layout;
    int32_t batch, inputs, aux_inputs, cells, outputs;
    bool coupled, diagonal;
} cell_check;

static bool has(const cell_check *c, int32_t offset)
{
    return tmoi_infer_has(c->infer, c->layout->weights + offset);
}

/* Every gate but a coupled input gate has weights, recurrent weights and a bias. */
static tmo_status check_gates(const cell_check *c, tmoi_ctx *ctx)
{
    int32_t base = c->layout->weights;
    TMO_FAIL_IF(c->coupled && (has(c, TMOI_LSTM_RECURRENT) || has(c, TMOI_LSTM_BIAS)), INVALID_MODEL, ctx,
                "the input gate has no input weights, but recurrent weights or a bias");
    for (int32_t g = c->coupled ? 1 : 0; g < GATES; g++) {
        TMO_TRY(tmoi_infer_matrix(c->infer, base + TMOI_LSTM_INPUT + g, c->cells, c->inputs, "input weights",
                                  ctx));
        if (c->diagonal)
            TMO_TRY(tmoi_infer_vector(c->infer, base + TMOI_LSTM_RECURRENT + g, c->cells,
                                      "diagonal recurrent weights", ctx));
        else
            TMO_TRY(tmoi_infer_matrix(c->infer, base + TMOI_LSTM_RECURRENT + g, c->cells, c->outputs,
                                      "recurrent weights", ctx));
        TMO_TRY(tmoi_infer_vector(c->infer, base + TMOI_LSTM_BIAS + g, c->cells, "biases", ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_peepholes(const cell_check *c, tmoi_ctx *ctx)
{
    bool any = has(c, TMOI_LSTM_PEEPHOLE + 1) || has(c, TMOI_LSTM_PEEPHOLE + 2) || has(c, TMOI_LSTM_PEEPHOLE);
    for (int32_t k = 0; any && k < 3; k++)
        if (k > 0 || !c->coupled)
            TMO_TRY(tmoi_infer_vector(c->infer, c->layout->weights + TMOI_LSTM_PEEPHOLE + k, c->cells,
                                      "peephole weights", ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_projection(const cell_check *c, tmoi_ctx *ctx)
{
    int32_t base = c->layout->weights;
    if (has(c, TMOI_LSTM_PROJECTION)) {
        TMO_TRY(tmoi_infer_matrix(c->infer, base + TMOI_LSTM_PROJECTION, c->outputs, c->cells,
                                  "projection weights", ctx));
        if (has(c, TMOI_LSTM_PROJECTION_BIAS))
            TMO_TRY(tmoi_infer_vector(c->infer, base + TMOI_LSTM_PROJECTION_BIAS, c->outputs,
                                      "projection biases", ctx));
        return TMO_STATUS_OK;
    }
    TMO_FAIL_IF(has(c, TMOI_LSTM_PROJECTION_BIAS), INVALID_MODEL, ctx,
                "a projection bias without projection weights");
    TMO_FAIL_IF(c->outputs != c->cells, INVALID_MODEL, ctx, "%d outputs of %d cells need projection weights",
                (int)c->outputs, (int)c->cells);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_norms(const cell_check *c, tmoi_ctx *ctx)
{
    int32_t norm = c->layout->norm;
    bool any = false;
    for (int32_t g = 0; norm >= 0 && g < GATES; g++) any = any || tmoi_infer_has(c->infer, norm + g);
    for (int32_t g = c->coupled ? 1 : 0; any && g < GATES; g++)
        TMO_TRY(tmoi_infer_vector(c->infer, norm + g, c->cells, "normalization coefficients", ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_aux(const cell_check *c, tmoi_ctx *ctx)
{
    for (int32_t g = c->coupled ? 1 : 0; c->aux_inputs >= 0 && g < GATES; g++)
        TMO_TRY(tmoi_infer_matrix(c->infer, c->layout->aux_weights + g, c->cells, c->aux_inputs,
                                  "auxiliary weights", ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* All weights have the type of the forget gate's; peepholes of hybrid operators too; vectors that are
 * added are wide. */
static tmo_status check_types(const cell_check *c, tmoi_ctx *ctx)
{
    const tmoi_infer *infer = c->infer;
    int32_t base = c->layout->weights;
    const tmoi_infer_input *first = &infer->inputs[base + 1];
    bool integer = infer->inputs[0].type == TMO_TYPE_INT8;
    TMO_TRY(tmoi_infer_weight_types(&infer->inputs[0], first, NULL, &infer->outputs[0], HYBRID_WEIGHTS, ctx));
    for (int32_t k = 0; k <= TMOI_LSTM_PROJECTION_BIAS; k++) {
        if (!has(c, k)) continue;
        bool is_bias = k == TMOI_LSTM_PROJECTION_BIAS || (k >= TMOI_LSTM_BIAS && k < TMOI_LSTM_PROJECTION);
        bool is_peephole = k >= TMOI_LSTM_PEEPHOLE && k < TMOI_LSTM_BIAS;
        tmo_type want = is_bias                  ? (integer ? TMO_TYPE_INT32 : TMO_TYPE_FLOAT32)
                        : is_peephole && integer ? TMO_TYPE_INT16
                                                 : first->type;
        if (c->diagonal && k >= TMOI_LSTM_RECURRENT && k < TMOI_LSTM_PEEPHOLE) want = TMO_TYPE_FLOAT32;
        TMO_FAIL_IF(infer->inputs[base + k].type != want, UNSUPPORTED_OPERATOR, ctx,
                    "input %d of type %s, expected %s", (int)(base + k),
                    tmo_type_name(infer->inputs[base + k].type), tmo_type_name(want));
    }
    for (int32_t g = 0; g < GATES; g++) {
        int32_t norm = c->layout->norm + g, aux = c->layout->aux_weights + g;
        if (c->layout->norm >= 0 && tmoi_infer_has(infer, norm))
            TMO_TRY(tmoi_infer_type(infer->inputs[norm].type, integer ? TMOI_T(INT16) : TMOI_T(FLOAT32),
                                    "normalization", ctx));
        TMO_FAIL_IF(c->aux_inputs >= 0 && tmoi_infer_has(infer, aux) &&
                        infer->inputs[aux].type != first->type,
                    UNSUPPORTED_OPERATOR, ctx, "auxiliary weights of type %s, expected %s",
                    tmo_type_name(infer->inputs[aux].type), tmo_type_name(first->type));
    }
    TMO_TRY(tmoi_infer_type(infer->inputs[c->layout->output_state].type,
                            integer ? TMOI_T(INT8) : TMOI_T(FLOAT32), "output state", ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[c->layout->cell_state].type,
                            integer ? TMOI_T(INT16) : TMOI_T(FLOAT32), "cell state", ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_cell(const tmoi_infer *infer, const tmoi_lstm_layout *layout, int32_t batch,
                             int32_t inputs, int32_t aux_inputs, bool may_be_diagonal, int32_t *outputs,
                             tmoi_ctx *ctx)
{
    cell_check c = {
        .infer = infer, .layout = layout, .batch = batch, .inputs = inputs, .aux_inputs = aux_inputs};
    int32_t forget = layout->weights + TMOI_LSTM_RECURRENT + 1;
    TMO_FAIL_IF(!tmoi_infer_has(infer, layout->weights + 1) || !tmoi_infer_has(infer, forget), INVALID_MODEL,
                ctx, "the forget gate's weights are missing");
    const tmoi_shape *recurrent = &infer->inputs[forget].shape;
    c.diagonal = may_be_diagonal && recurrent->rank == 1;
    TMO_FAIL_IF((recurrent->rank != 2 && !c.diagonal) || recurrent->dims[0] < 1, INVALID_MODEL, ctx,
                "recurrent weights (input %d) of shape %s, expected rank 2", (int)forget,
                tmoi_shape_format(recurrent).text);
    c.cells = recurrent->dims[0];
    c.outputs = c.diagonal ? c.cells : recurrent->dims[1];
    c.coupled = !has(&c, TMOI_LSTM_INPUT);
    TMO_TRY(check_gates(&c, ctx));
    TMO_TRY(check_peepholes(&c, ctx));
    TMO_TRY(check_projection(&c, ctx));
    TMO_TRY(check_norms(&c, ctx));
    TMO_TRY(check_aux(&c, ctx));
    TMO_TRY(tmoi_infer_state(infer, layout->output_state, batch, c.outputs, "output state", ctx));
    TMO_TRY(tmoi_infer_state(infer, layout->cell_state, batch, c.cells, "cell state", ctx));
    TMO_TRY(check_types(&c, ctx));
    *outputs = c.outputs;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_lstm(tmoi_infer *infer, tmoi_ctx *ctx)
{
    bool sequence = infer->op->code == TMOI_OP_UNIDIRECTIONAL_SEQUENCE_LSTM;
    const tmoi_fb_unidirectional_sequence_lstm_options *options = tmoi_op_options(
        infer->op, unidirectional_sequence_lstm_options);
    int32_t outputs, rank = sequence ? 3 : 2;
    TMO_FAIL_IF(!sequence && tmoi_op_options(infer->op, lstm_options)->kernel_type != TMOI_LSTM_FULL,
                UNSUPPORTED_OPERATOR, ctx, "the basic kernel (one weight matrix) is not supported");
    TMO_TRY(tmoi_infer_arity(infer, 20, 24, 1, 1, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    TMO_FAIL_IF(in->rank != rank, INVALID_MODEL, ctx, "input of shape %s, expected rank %d",
                tmoi_shape_format(in).text, (int)rank);
    int32_t batch = in->dims[sequence && options->time_major ? 1 : 0];
    TMO_TRY(check_cell(infer, &tmoi_lstm_layout_one, batch, in->dims[rank - 1], -1,
                       sequence && options->diagonal_recurrent_tensors, &outputs, ctx));
    infer->outputs[0].shape = *in;
    infer->outputs[0].shape.dims[rank - 1] = outputs;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The depth of the auxiliary input as the cells see it: -1 when it has no weights of its own. */
static tmo_status read_aux(const tmoi_infer *infer, int32_t *depth, const tmoi_shape **backward_input,
                           tmoi_ctx *ctx)
{
    const tmoi_shape *in = &infer->inputs[0].shape;
    *depth = -1;
    *backward_input = in;
    if (!tmoi_infer_has(infer, TMOI_LSTM_AUX_INPUT)) return TMO_STATUS_OK;
    const tmoi_shape *aux = &infer->inputs[TMOI_LSTM_AUX_INPUT].shape;
    TMO_TRY(
        tmoi_infer_type(infer->inputs[TMOI_LSTM_AUX_INPUT].type, TMOI_T(FLOAT32), "auxiliary input", ctx));
    TMO_FAIL_IF(aux->rank != 3 || aux->dims[0] != in->dims[0] || aux->dims[1] != in->dims[1], INVALID_MODEL,
                ctx, "auxiliary input %s for input %s", tmoi_shape_format(aux).text,
                tmoi_shape_format(in).text);
    if (tmoi_infer_has(infer, tmoi_lstm_layout_forward.aux_weights + 1))
        *depth = aux->dims[2];
    else
        *backward_input = aux;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_bidirectional_lstm(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_bidirectional_sequence_lstm_options *options = tmoi_op_options(
        infer->op, bidirectional_sequence_lstm_options);
    int32_t forward, backward, aux;
    const tmoi_shape *backward_input;
    TMO_TRY(tmoi_infer_arity(infer, 48, 48, 1, options->merge_outputs ? 1 : 2, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T(FLOAT32), "input", ctx));
    TMO_FAIL_IF(in->rank != 3, INVALID_MODEL, ctx, "input of shape %s, expected rank 3",
                tmoi_shape_format(in).text);
    int32_t batch = in->dims[options->time_major ? 1 : 0];
    TMO_TRY(read_aux(infer, &aux, &backward_input, ctx));
    TMO_TRY(check_cell(infer, &tmoi_lstm_layout_forward, batch, in->dims[2], aux, false, &forward, ctx));
    TMO_TRY(check_cell(infer, &tmoi_lstm_layout_backward, batch, backward_input->dims[2], aux, false,
                       &backward, ctx));
    TMO_FAIL_IF((int64_t)forward + backward > INT32_MAX, LIMIT, ctx, "%d and %d outputs are too many",
                (int)forward, (int)backward);
    for (int32_t k = 0; k < infer->output_count; k++) infer->outputs[k].shape = *in;
    infer->outputs[0].shape.dims[2] = options->merge_outputs ? forward + backward : forward;
    if (!options->merge_outputs) infer->outputs[1].shape.dims[2] = backward;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
