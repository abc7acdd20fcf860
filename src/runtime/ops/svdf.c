/* SVDF: float, hybrid and integer. */
#include "kernels/common/widen.h"
#include "kernels/svdf/svdf.h"
#include "runtime/ops/multipliers.h"
#include "runtime/ops/recurrent.h"

typedef struct svdf_state {
    tmoi_svdf_shape shape;
    bool integer, asymmetric;
    int32_t activation;
    tmoi_operand feature, time, bias;
    tmoi_value *state;
    tmoi_svdf_s8 s8;
    int32_t forms, memory; /* scratch blocks: of the operands, of a step */
} svdf_state;

typedef struct svdf_memory {
    tmoi_recurrent_tools tools;
    tmoi_recurrent_vectors x;
    void *products; /* [batch, filters] of float or int32 */
} svdf_memory;

static size_t lay_out(const svdf_state *state, char *base, svdf_memory *memory)
{
    const tmoi_svdf_shape *s = &state->shape;
    tmoi_carver carver = {base, 0};
    bool wide = state->integer || tmoi_matrix_is_hybrid(&state->feature);
    *memory = (svdf_memory){0};
    tmoi_carve_vectors(&carver, &memory->x, s->batch, s->inputs, wide);
    memory->products = tmoi_carve(&carver, (int64_t)s->batch * s->filters, sizeof(float));
    if (!wide) return carver.used;
    memory->tools.quantized = tmoi_carve(&carver, s->inputs, sizeof(int8_t));
    memory->tools.sums = tmoi_carve(&carver, (int64_t)s->batch * s->filters, sizeof(int32_t));
    return carver.used;
}

static tmo_status prepare_integer(tmoi_exec *exec, tmoi_node *node, svdf_state *state, size_t *used,
                                  tmoi_ctx *ctx)
{
    const tmoi_value *input = node->inputs[0], *feature = node->inputs[1], *time = node->inputs[2],
                     *output = node->outputs[0];
    tmoi_svdf_s8 *s8 = &state->s8;
    s8->shape = state->shape;
    TMO_FAIL_IF(state->activation != TMOI_RECURRENT_RELU, UNSUPPORTED_OPERATOR, ctx,
                "fused activation %d with int8 input, expected RELU", (int)state->activation);
    TMO_TRY(tmoi_value_require_quant(input, "input", ctx));
    TMO_TRY(tmoi_value_require_quant(feature, "feature weights", ctx));
    TMO_TRY(tmoi_value_require_quant(time, "time weights", ctx));
    TMO_TRY(tmoi_value_require_quant(state->state, "state", ctx));
    TMO_TRY(tmoi_value_require_quant(output, "output", ctx));
    float state_scale = tmoi_value_scale(state->state);
    float first = tmoi_value_scale(input) * tmoi_value_scale(feature) / state_scale;
    float second = state_scale * tmoi_value_scale(time) / tmoi_value_scale(output);
    TMO_TRY(tmoi_multiplier_checked((double)first, false, &s8->state_scale, ctx));
    TMO_TRY(tmoi_multiplier_checked((double)second, false, &s8->output_scale, ctx));
    s8->output_zero_point = tmoi_value_zero_point(output);
    TMO_TRY(tmoi_operand_prepare_shared(exec, &state->feature, feature, NULL, 0, 0, 0, used, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_svdf_options *options = tmoi_op_options(node->op, svdf_options);
    const tmoi_shape *in = &node->inputs[0]->shape, *time = &node->inputs[2]->shape;
    svdf_memory memory;
    size_t used = 0;
    TMO_TRY(tmoi_node_state(exec, node, sizeof(svdf_state), ctx));
    svdf_state *state = node->state;
    state->shape = (tmoi_svdf_shape){in->dims[0], in->dims[1], time->dims[0], time->dims[1], options->rank};
    state->integer = node->inputs[0]->type == TMO_TYPE_INT8;
    state->asymmetric = options->asymmetric_quantize_inputs;
    state->activation = options->fused_activation_function;
    TMO_FAIL_IF(state->activation < TMOI_RECURRENT_NONE || state->activation > TMOI_RECURRENT_SIGN_BIT,
                UNSUPPORTED_OPERATOR, ctx, "fused activation %d is not supported", (int)state->activation);
    TMO_TRY(tmoi_state_of(node, 4, "state", &state->state, ctx));
    if (state->integer) {
        TMO_TRY(prepare_integer(exec, node, state, &used, ctx));
    } else {
        TMO_TRY(tmoi_matrix_prepare(exec, &state->feature, node->inputs[1], &used, ctx));
        TMO_TRY(tmoi_vector_prepare(exec, &state->time, node->inputs[2], &used, ctx));
        TMO_TRY(tmoi_vector_prepare(exec, &state->bias, tmoi_optional_input(node, 3), &used, ctx));
    }
    TMO_TRY(tmoi_node_scratch(node, used, &state->forms, ctx));
    TMO_TRY(tmoi_node_scratch(node, lay_out(state, NULL, &memory), &state->memory, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void eval_f32(const tmoi_node *node, const svdf_state *state, svdf_memory *memory)
{
    void *forms = node->scratch[state->forms];
    const tmoi_svdf_shape *s = &state->shape;
    tmoi_recurrent_matrix feature = tmoi_recurrent_matrix_of(&state->feature, forms);
    memory->x.f32 = node->inputs[0]->data;
    if (feature.s8) tmoi_recurrent_quantize(&memory->tools, &memory->x);
    tmoi_recurrent_start(NULL, s->batch, s->filters, memory->products);
    tmoi_recurrent_add_product(&memory->tools, &feature, &memory->x, memory->products);
    tmoi_svdf_f32(s, memory->products, tmoi_operand_data_shared(&state->time, forms),
                  tmoi_operand_data_shared(&state->bias, forms), state->activation, state->state->data,
                  node->outputs[0]->data);
}

static void eval_integer(const tmoi_node *node, svdf_state *state, const svdf_memory *memory)
{
    const tmoi_svdf_shape *s = &state->shape;
    const tmoi_value *input = node->inputs[0], *bias = tmoi_optional_input(node, 3);
    const int8_t *feature = tmoi_operand_data_shared(&state->feature, node->scratch[state->forms]);
    tmoi_dot_s8_shape shape = {
        .m = s->batch, .n = s->filters, .k = s->inputs, .a_stride = s->inputs, .out_stride = s->filters};
    tmoi_widen(TMO_TYPE_INT8, input->data, 0, (int64_t)s->batch * s->inputs, tmoi_value_zero_point(input),
               memory->x.s16);
    memory->tools.dot_s8(&shape, memory->x.s16, feature, memory->products);
    state->s8.time = node->inputs[2]->data;
    state->s8.bias = bias ? bias->data : NULL;
    tmoi_svdf_s8_step(&state->s8, memory->products, state->state->data, node->outputs[0]->data);
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    svdf_state *state = node->state;
    svdf_memory memory;
    (void)ctx;
    (void)lay_out(state, node->scratch[state->memory], &memory);
    memory.tools.dot_f32 = TMOI_KERNEL_OF(exec->kernels, dot_f32);
    memory.tools.dot_s8 = TMOI_KERNEL_OF(exec->kernels, dot_s8);
    memory.tools.quantize = TMOI_KERNEL_OF(exec->kernels, quantize_dynamic);
    memory.tools.asymmetric = state->asymmetric;
    if (state->integer)
        eval_integer(node, state, &memory);
    else
        eval_f32(node, state, &memory);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_svdf = {.prepare = prepare, .eval = eval, .flags = TMOI_OP_STATEFUL};
