#include "runtime/op.h"

#include <math.h>
#include <string.h>

#ifndef TMO_SELECTED_OPS
#define TMO_SELECTED_OPS "runtime/ops.def"
#endif

#define TMOI_RUNTIME_OP(name, definition)     extern const tmoi_op_def definition;
#define TMOI_RUNTIME_CUSTOM(text, definition) extern const tmoi_op_def definition;
#include TMO_SELECTED_OPS
#undef TMOI_RUNTIME_OP
#undef TMOI_RUNTIME_CUSTOM

const tmoi_op_def *tmoi_op_def_find(int32_t op_code)
{
    switch (op_code) {
#define TMOI_RUNTIME_OP(name, definition) \
    case TMOI_OP_##name:                  \
        return &definition;
#define TMOI_RUNTIME_CUSTOM(text, definition)
#include TMO_SELECTED_OPS
#undef TMOI_RUNTIME_OP
#undef TMOI_RUNTIME_CUSTOM
    default: return NULL;
    }
}

const tmoi_op_def *tmoi_op_def_find_custom(const char *name)
{
#define TMOI_RUNTIME_OP(name, definition)
#define TMOI_RUNTIME_CUSTOM(text, definition) \
    if (strcmp(name, text) == 0) return &definition;
#include TMO_SELECTED_OPS
#undef TMOI_RUNTIME_OP
#undef TMOI_RUNTIME_CUSTOM
    (void)name;
    return NULL;
}

const char *tmoi_op_missing_text(const tmoi_op *op)
{
    bool left_out = false;
#define TMOI_RUNTIME_OP(name, definition) left_out |= op->code == TMOI_OP_##name;
#define TMOI_RUNTIME_CUSTOM(text, definition) \
    left_out |= op->custom_code && strcmp(op->custom_code, text) == 0;
#include "runtime/ops.def"
#undef TMOI_RUNTIME_OP
#undef TMOI_RUNTIME_CUSTOM
    return left_out ? "is not in this build: add it to the list of operators that TMO_OPERATORS names"
                    : "is not supported";
}

tmo_status tmoi_node_state(tmoi_exec *exec, tmoi_node *node, size_t bytes, tmoi_ctx *ctx)
{
    return tmoi_node_memory(exec, &node->state, 1, bytes, ctx);
}

tmo_status tmoi_node_memory(tmoi_exec *exec, void **out, size_t count, size_t elem_bytes, tmoi_ctx *ctx)
{
    return tmoi_arena_alloc(exec->persistent, out, count, elem_bytes, TMOI_ALIGNMENT, ctx);
}

tmo_status tmoi_node_scratch(tmoi_node *node, size_t bytes, int32_t *index, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(node->scratch_count == TMOI_MAX_SCRATCH, INTERNAL, ctx,
                "an operator asks for too many scratch blocks");
    *index = node->scratch_count++;
    node->scratch_bytes[*index] = bytes;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static bool zero_point_fits(tmo_type type, int64_t zero_point)
{
    switch (type) {
    case TMO_TYPE_UINT8: return zero_point >= 0 && zero_point <= UINT8_MAX;
    case TMO_TYPE_INT8: return zero_point >= INT8_MIN && zero_point <= INT8_MAX;
    case TMO_TYPE_INT16: return zero_point >= INT16_MIN && zero_point <= INT16_MAX;
    case TMO_TYPE_UINT16: return zero_point >= 0 && zero_point <= UINT16_MAX;
    case TMO_TYPE_INT4: return zero_point >= -8 && zero_point <= 7;
    case TMO_TYPE_UINT4: return zero_point >= 0 && zero_point <= 15;
    case TMO_TYPE_INT2: return zero_point >= -2 && zero_point <= 1;
    default: return zero_point >= INT32_MIN && zero_point <= INT32_MAX;
    }
}

tmo_status tmoi_value_require_channel_quant(const tmoi_value *value, int32_t dimension, const char *what,
                                            tmoi_ctx *ctx)
{
    const tmoi_quant *quant = value->quant;
    TMO_FAIL_IF(quant->count < 1, INVALID_MODEL, ctx, "%s of type %s has no quantization parameters", what,
                tmo_type_name(value->type));
    if (quant->count > 1)
        TMO_FAIL_IF(
            quant->dimension != dimension || dimension >= value->shape.rank ||
                quant->count != value->shape.dims[dimension],
            INVALID_MODEL, ctx,
            "%s has %d scales for dimension %d, expected one scale or one for each slice of dimension %d",
            what, (int)quant->count, (int)quant->dimension, (int)dimension);
    for (int32_t k = 0; k < quant->count; k++) {
        TMO_FAIL_IF(!(quant->scale[k] > 0.0f) || !isfinite(quant->scale[k]), INVALID_MODEL, ctx,
                    "%s has scale %g, expected a positive finite number", what, (double)quant->scale[k]);
        TMO_FAIL_IF(!zero_point_fits(value->type, quant->zero_point[k]), INVALID_MODEL, ctx,
                    "%s has zero point %lld, out of the range of %s", what, (long long)quant->zero_point[k],
                    tmo_type_name(value->type));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_value_require_quant(const tmoi_value *value, const char *what, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(value->quant->count > 1, INVALID_MODEL, ctx, "%s has %d scales, expected one", what,
                (int)value->quant->count);
    TMO_TRY(tmoi_value_require_channel_quant(value, 0, what, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
