/* Shapes of RNN, its sequence forms, and SVDF. */
#include "model/infer/recurrent.h"

#include "model/infer/weights.h"

enum { HYBRID_WEIGHTS = TMOI_T(INT8) | TMOI_T(UINT8) };

tmo_status tmoi_infer_matrix(const tmoi_infer *infer, int32_t k, int32_t rows, int32_t columns,
                             const char *what, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(!tmoi_infer_has(infer, k), INVALID_MODEL, ctx, "%s (input %d) are missing", what, (int)k);
    const tmoi_shape *shape = &infer->inputs[k].shape;
    TMO_FAIL_IF(shape->rank != 2 || shape->dims[0] != rows || shape->dims[1] != columns, INVALID_MODEL, ctx,
                "%s (input %d) of shape %s, expected %dx%d", what, (int)k, tmoi_shape_format(shape).text,
                (int)rows, (int)columns);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_vector(const tmoi_infer *infer, int32_t k, int32_t count, const char *what,
                             tmoi_ctx *ctx)
{
    TMO_FAIL_IF(!tmoi_infer_has(infer, k), INVALID_MODEL, ctx, "%s (input %d) are missing", what, (int)k);
    const tmoi_shape *shape = &infer->inputs[k].shape;
    TMO_FAIL_IF(shape->rank != 1 || shape->dims[0] != count, INVALID_MODEL, ctx,
                "%s (input %d) of shape %s, expected %d", what, (int)k, tmoi_shape_format(shape).text,
                (int)count);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_state(const tmoi_infer *infer, int32_t k, int64_t rows, int64_t columns,
                            const char *what, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(!tmoi_infer_has(infer, k), INVALID_MODEL, ctx, "%s (input %d) is missing", what, (int)k);
    const tmoi_shape *shape = &infer->inputs[k].shape;
    TMO_FAIL_IF(tmoi_shape_count(shape) != rows * columns, INVALID_MODEL, ctx,
                "%s (input %d) of shape %s, expected %lldx%lld", what, (int)k, tmoi_shape_format(shape).text,
                (long long)rows, (long long)columns);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- RNN ---- */

/* The cell whose weights, recurrent weights, bias and state stand at `base`. */
static tmo_status check_rnn_cell(const tmoi_infer *infer, int32_t base, int32_t batch, int32_t depth,
                                 int32_t *units, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(!tmoi_infer_has(infer, base) || infer->inputs[base].shape.rank != 2, INVALID_MODEL, ctx,
                "weights (input %d) of shape %s, expected rank 2", (int)base,
                tmoi_shape_format(&infer->inputs[base].shape).text);
    *units = infer->inputs[base].shape.dims[0];
    TMO_TRY(tmoi_infer_matrix(infer, base, *units, depth, "weights", ctx));
    TMO_TRY(tmoi_infer_matrix(infer, base + 1, *units, *units, "recurrent weights", ctx));
    TMO_TRY(tmoi_infer_vector(infer, base + 2, *units, "biases", ctx));
    TMO_TRY(tmoi_infer_state(infer, base + 3, batch, *units, "hidden state", ctx));
    TMO_TRY(tmoi_infer_weight_types(&infer->inputs[0], &infer->inputs[base], &infer->inputs[base + 2],
                                    &infer->outputs[0], HYBRID_WEIGHTS, ctx));
    TMO_FAIL_IF(infer->inputs[base + 1].type != infer->inputs[base].type, UNSUPPORTED_OPERATOR, ctx,
                "weights of type %s with recurrent weights of type %s",
                tmo_type_name(infer->inputs[base].type), tmo_type_name(infer->inputs[base + 1].type));
    TMO_TRY(tmoi_infer_type(infer->inputs[base + 3].type, TMOI_T(FLOAT32), "hidden state", ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_rnn(tmoi_infer *infer, tmoi_ctx *ctx)
{
    int32_t units, rank = infer->op->code == TMOI_OP_RNN ? 2 : 3;
    TMO_TRY(tmoi_infer_arity(infer, 5, 5, 5, 1, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T(FLOAT32), "input", ctx));
    TMO_FAIL_IF(in->rank != rank, INVALID_MODEL, ctx, "input of shape %s, expected rank %d",
                tmoi_shape_format(in).text, (int)rank);
    bool time_major = rank == 3 && tmoi_op_options(infer->op, sequence_rnn_options)->time_major;
    TMO_TRY(check_rnn_cell(infer, 1, in->dims[time_major ? 1 : 0], in->dims[rank - 1], &units, ctx));
    infer->outputs[0].shape = *in;
    infer->outputs[0].shape.dims[rank - 1] = units;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Auxiliary input and its weights: none, the input alone (it then goes to the backward cell), or all. */
static tmo_status check_rnn_aux(const tmoi_infer *infer, int32_t forward, int32_t backward, tmoi_ctx *ctx)
{
    const tmoi_shape *in = &infer->inputs[0].shape;
    bool has_weights = tmoi_infer_has(infer, 10);
    TMO_FAIL_IF(has_weights != tmoi_infer_has(infer, 11) || (has_weights && !tmoi_infer_has(infer, 9)),
                INVALID_MODEL, ctx, "auxiliary input and its weights must be given together");
    if (!tmoi_infer_has(infer, 9)) return TMO_STATUS_OK;
    const tmoi_shape *aux = &infer->inputs[9].shape;
    TMO_TRY(tmoi_infer_type(infer->inputs[9].type, TMOI_T(FLOAT32), "auxiliary input", ctx));
    TMO_FAIL_IF(aux->rank != 3 || aux->dims[0] != in->dims[0] || aux->dims[1] != in->dims[1], INVALID_MODEL,
                ctx, "auxiliary input %s for input %s", tmoi_shape_format(aux).text,
                tmoi_shape_format(in).text);
    if (!has_weights) return TMO_STATUS_OK;
    TMO_TRY(tmoi_infer_matrix(infer, 10, forward, aux->dims[2], "auxiliary weights", ctx));
    TMO_TRY(tmoi_infer_matrix(infer, 11, backward, aux->dims[2], "auxiliary weights", ctx));
    TMO_FAIL_IF(infer->inputs[10].type != infer->inputs[1].type ||
                    infer->inputs[11].type != infer->inputs[5].type,
                UNSUPPORTED_OPERATOR, ctx, "auxiliary weights differ in type from the weights");
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_bidirectional_rnn(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_bidirectional_sequence_rnn_options *options = tmoi_op_options(
        infer->op, bidirectional_sequence_rnn_options);
    int32_t forward, backward;
    TMO_TRY(tmoi_infer_arity(infer, 9, 12, 9, options->merge_outputs ? 1 : 2, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T(FLOAT32), "input", ctx));
    TMO_FAIL_IF(in->rank != 3, INVALID_MODEL, ctx, "input of shape %s, expected rank 3",
                tmoi_shape_format(in).text);
    int32_t batch = in->dims[options->time_major ? 1 : 0];
    bool parallel = tmoi_infer_has(infer, 9) && !tmoi_infer_has(infer, 10);
    const tmoi_shape *in_backward = parallel ? &infer->inputs[9].shape : in;
    TMO_FAIL_IF(in_backward->rank != 3, INVALID_MODEL, ctx, "auxiliary input of shape %s, expected rank 3",
                tmoi_shape_format(in_backward).text);
    TMO_TRY(check_rnn_cell(infer, 1, batch, in->dims[2], &forward, ctx));
    TMO_TRY(check_rnn_cell(infer, 5, batch, in_backward->dims[2], &backward, ctx));
    TMO_TRY(check_rnn_aux(infer, forward, backward, ctx));
    TMO_FAIL_IF((int64_t)forward + backward > INT32_MAX, LIMIT, ctx, "%d and %d units are too many",
                (int)forward, (int)backward);
    for (int32_t k = 0; k < infer->output_count; k++) infer->outputs[k].shape = *in;
    infer->outputs[0].shape.dims[2] = options->merge_outputs ? forward + backward : forward;
    if (!options->merge_outputs) infer->outputs[1].shape.dims[2] = backward;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- SVDF ---- */

static tmo_status check_svdf_types(const tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_infer_input *in = infer->inputs;
    bool integer = in[0].type == TMO_TYPE_INT8;
    TMO_TRY(tmoi_infer_type(in[0].type, TMOI_T(FLOAT32) | TMOI_T(INT8), "input", ctx));
    TMO_TRY(tmoi_infer_weight_types(&in[0], &in[1], tmoi_infer_optional(infer, 3), &infer->outputs[0],
                                    HYBRID_WEIGHTS, ctx));
    tmo_type time = integer ? TMO_TYPE_INT16 : in[1].type,
             state = integer ? TMO_TYPE_INT16 : TMO_TYPE_FLOAT32;
    TMO_FAIL_IF(in[2].type != time || in[4].type != state, UNSUPPORTED_OPERATOR, ctx,
                "time weights of type %s and state of type %s, expected %s and %s", tmo_type_name(in[2].type),
                tmo_type_name(in[4].type), tmo_type_name(time), tmo_type_name(state));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_svdf(tmoi_infer *infer, tmoi_ctx *ctx)
{
    int32_t rank = tmoi_op_options(infer->op, svdf_options)->rank;
    TMO_TRY(tmoi_infer_arity(infer, 5, 5, 3, 1, ctx));
    TMO_FAIL_IF(!tmoi_infer_has(infer, 4), INVALID_MODEL, ctx, "state (input 4) is missing");
    TMO_TRY(check_svdf_types(infer, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape, *feature = &infer->inputs[1].shape,
                     *time = &infer->inputs[2].shape;
    TMO_FAIL_IF(in->rank != 2 || feature->rank != 2 || time->rank != 2, INVALID_MODEL, ctx,
                "input %s, feature weights %s and time weights %s, expected rank 2",
                tmoi_shape_format(in).text, tmoi_shape_format(feature).text, tmoi_shape_format(time).text);
    int32_t filters = feature->dims[0], memory = time->dims[1];
    TMO_FAIL_IF(rank < 1 || filters % rank != 0 || memory < 1, INVALID_MODEL, ctx,
                "%d filters of %d steps cannot be split by rank %d", (int)filters, (int)memory, (int)rank);
    TMO_TRY(tmoi_infer_matrix(infer, 1, filters, in->dims[1], "feature weights", ctx));
    TMO_TRY(tmoi_infer_matrix(infer, 2, filters, memory, "time weights", ctx));
    if (tmoi_infer_has(infer, 3)) TMO_TRY(tmoi_infer_vector(infer, 3, filters / rank, "biases", ctx));
    TMO_TRY(tmoi_infer_state(infer, 4, in->dims[0], (int64_t)memory * filters, "state", ctx));
    infer->outputs[0].shape = (tmoi_shape){2, {in->dims[0], filters / rank}};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
