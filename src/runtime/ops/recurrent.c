#include "runtime/ops/recurrent.h"

#include "base/fp16.h"
#include "runtime/ops/conv_common.h"
#include "runtime/ops/multipliers.h"

tmo_status tmoi_state_of(const tmoi_node *node, int32_t k, const char *what, tmoi_value **out, tmoi_ctx *ctx)
{
    *out = node->inputs[k];
    TMO_FAIL_IF(!(*out)->tensor->is_variable, INVALID_MODEL, ctx, "%s '%s' is not a variable tensor", what,
                (*out)->tensor->name);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_matrix_prepare(tmoi_exec *exec, tmoi_operand *operand, const tmoi_value *value, size_t *used,
                               tmoi_ctx *ctx)
{
    if (!value) return tmoi_operand_prepare_shared(exec, operand, NULL, NULL, 0, 0, 0, used, ctx);
    TMO_TRY(tmoi_require_dense(value, ctx));
    if (value->type == TMO_TYPE_INT8 || value->type == TMO_TYPE_UINT8) {
        TMO_TRY(tmoi_value_require_quant(value, "weights", ctx));
        TMO_TRY(tmoi_weights_require_quant(value, 0, false, ctx));
        TMO_TRY(tmoi_operand_prepare_shared(exec, operand, value, NULL, 0, 0, 0, used, ctx));
    } else {
        TMO_TRY(tmoi_vector_prepare(exec, operand, value, used, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmoi_recurrent_matrix tmoi_recurrent_matrix_of(const tmoi_operand *operand, void *block)
{
    const tmoi_value *value = operand->value;
    if (!value) return (tmoi_recurrent_matrix){0};
    const void *data = tmoi_operand_data_shared(operand, block);
    tmoi_recurrent_matrix matrix = {.rows = value->shape.dims[0],
                                    .columns = value->shape.dims[value->shape.rank - 1]};
    if (tmoi_matrix_is_hybrid(operand)) {
        matrix.s8 = data;
        matrix.scale = tmoi_value_scale(value);
    } else if (value->shape.rank == 1) {
        matrix.diagonal = data;
    } else {
        matrix.f32 = data;
    }
    return matrix;
}

/* int8 elements times their scale. */
static void dequantize(const tmoi_operand *operand, void *out)
{
    const tmoi_value *value = operand->value;
    int64_t count = tmoi_shape_count(&value->shape);
    float scale = tmoi_value_scale(value), *floats = out;
    for (int64_t k = 0; k < count; k++) floats[k] = (float)((const int8_t *)value->data)[k] * scale;
}

tmo_status tmoi_vector_prepare(tmoi_exec *exec, tmoi_operand *operand, const tmoi_value *value, size_t *used,
                               tmoi_ctx *ctx)
{
    bool is_integer = value && (value->type == TMO_TYPE_INT8 || value->type == TMO_TYPE_UINT8);
    bool as_is = !value || value->type == TMO_TYPE_FLOAT32;
    if (is_integer) TMO_TRY(tmoi_value_require_quant(value, "weights", ctx));
    TMO_TRY(tmoi_operand_prepare_shared(exec, operand, value,
                                        as_is        ? NULL
                                        : is_integer ? dequantize
                                                     : tmoi_operand_float,
                                        sizeof(float), 0, 0, used, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmoi_sequence tmoi_sequence_of(const tmoi_shape *input, bool time_major)
{
    if (input->rank == 2) return (tmoi_sequence){1, input->dims[0], 1};
    if (time_major) return (tmoi_sequence){input->dims[0], input->dims[1], 1};
    return (tmoi_sequence){input->dims[1], 1, input->dims[0]};
}

void *tmoi_carve(tmoi_carver *carver, int64_t count, size_t elem_bytes)
{
    void *piece = carver->base ? carver->base + carver->used : NULL;
    carver->used += tmoi_align_up((size_t)count * elem_bytes, TMOI_ALIGNMENT);
    return piece;
}

void tmoi_carve_vectors(tmoi_carver *carver, tmoi_recurrent_vectors *vectors, int32_t batch, int32_t size,
                        bool hybrid)
{
    vectors->batch = batch;
    vectors->size = size;
    if (!hybrid) return;
    vectors->s16 = tmoi_carve(carver, (int64_t)batch * size, sizeof *vectors->s16);
    vectors->scales = tmoi_carve(carver, batch, sizeof *vectors->scales);
}
