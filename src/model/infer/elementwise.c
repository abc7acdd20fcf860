/* Shapes of the element-wise operators. */
#include "model/infer.h"

enum {
    FLOATS = TMOI_T(FLOAT32) | TMOI_T(FLOAT16) | TMOI_T(BFLOAT16),
    QUANTIZED = TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT16),
    WIDE = TMOI_T(INT32) | TMOI_T(INT64),
    ARITHMETIC = FLOATS | QUANTIZED | WIDE,
    BITS = TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT16) | TMOI_T(UINT16) | TMOI_T(INT32) | TMOI_T(UINT32),
    ORDERED = TMOI_T(FLOAT32) | QUANTIZED | WIDE
};

static uint32_t binary_types(int32_t code)
{
    switch (code) {
    case TMOI_OP_ADD:
    case TMOI_OP_SUB:
    case TMOI_OP_MAXIMUM:
    case TMOI_OP_MINIMUM: return ARITHMETIC;
    case TMOI_OP_MUL: return ARITHMETIC | TMOI_T(UINT32) | TMOI_T(COMPLEX64);
    case TMOI_OP_DIV: return FLOATS | QUANTIZED | TMOI_T(INT32);
    case TMOI_OP_SQUARED_DIFFERENCE: return FLOATS | TMOI_T(INT8) | TMOI_T(UINT8) | WIDE;
    case TMOI_OP_POW: return TMOI_T(FLOAT32) | TMOI_T(INT32);
    case TMOI_OP_FLOOR_DIV:
    case TMOI_OP_FLOOR_MOD: return TMOI_T(FLOAT32) | TMOI_T(INT8) | TMOI_T(INT16) | WIDE;
    case TMOI_OP_ATAN2: return TMOI_T(FLOAT32) | TMOI_T(FLOAT64);
    case TMOI_OP_LOGICAL_AND:
    case TMOI_OP_LOGICAL_OR: return TMOI_T(BOOL);
    case TMOI_OP_BITWISE_XOR: return BITS | TMOI_T(BOOL);
    case TMOI_OP_RIGHT_SHIFT: return BITS;
    case TMOI_OP_STABLEHLO_ADD:
    case TMOI_OP_STABLEHLO_MULTIPLY:
    case TMOI_OP_STABLEHLO_MAXIMUM:
    case TMOI_OP_STABLEHLO_MINIMUM: return ORDERED;
    case TMOI_OP_STABLEHLO_AND: return BITS | TMOI_T(INT64) | TMOI_T(BOOL);
    case TMOI_OP_STABLEHLO_SHIFT_LEFT: return BITS | TMOI_T(INT64);
    case TMOI_OP_EQUAL:
    case TMOI_OP_NOT_EQUAL: return ORDERED | TMOI_T(BOOL) | TMOI_T(STRING);
    case TMOI_OP_LESS:
    case TMOI_OP_LESS_EQUAL:
    case TMOI_OP_GREATER:
    case TMOI_OP_GREATER_EQUAL: return ORDERED;
    case TMOI_OP_PRELU: return TMOI_T(FLOAT32) | TMOI_T(INT8) | TMOI_T(UINT8);
    default: return 0;
    }
}

static tmo_status broadcast(tmoi_infer *infer, tmo_type output_type, tmoi_ctx *ctx)
{
    const tmoi_infer_input *a = &infer->inputs[0], *b = &infer->inputs[1];
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_type(a->type, binary_types(infer->op->code), "input", ctx));
    TMO_FAIL_IF(a->type != b->type, INVALID_MODEL, ctx, "inputs of types %s and %s, expected the same",
                tmo_type_name(a->type), tmo_type_name(b->type));
    TMO_FAIL_IF(infer->outputs[0].type != output_type, INVALID_MODEL, ctx, "output of type %s, expected %s",
                tmo_type_name(infer->outputs[0].type), tmo_type_name(output_type));
    TMO_FAIL_IF(!tmoi_shape_broadcast(&a->shape, &b->shape, &infer->outputs[0].shape), INVALID_MODEL, ctx,
                "shapes %s and %s do not broadcast", tmoi_shape_format(&a->shape).text,
                tmoi_shape_format(&b->shape).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_binary(tmoi_infer *infer, tmoi_ctx *ctx)
{
    return broadcast(infer, infer->input_count > 0 ? infer->inputs[0].type : TMO_TYPE_FLOAT32, ctx);
}

tmo_status tmoi_infer_comparison(tmoi_infer *infer, tmoi_ctx *ctx)
{
    return broadcast(infer, TMO_TYPE_BOOL, ctx);
}

tmo_status tmoi_infer_prelu(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_binary(infer, ctx));
    TMO_FAIL_IF(!tmoi_shape_equal(&infer->outputs[0].shape, &infer->inputs[0].shape), INVALID_MODEL, ctx,
                "slopes %s do not broadcast to the input %s", tmoi_shape_format(&infer->inputs[1].shape).text,
                tmoi_shape_format(&infer->inputs[0].shape).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_add_n(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, TMOI_INFER_MAX_INPUTS, infer->input_count, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T(FLOAT32) | TMOI_T(INT32), "input", ctx));
    for (int32_t k = 1; k < infer->input_count; k++)
        TMO_FAIL_IF(infer->inputs[k].type != infer->inputs[0].type ||
                        !tmoi_shape_equal(&infer->inputs[k].shape, &infer->inputs[0].shape),
                    INVALID_MODEL, ctx, "input %d is %s of %s, input 0 is %s of %s", (int)k,
                    tmoi_shape_format(&infer->inputs[k].shape).text, tmo_type_name(infer->inputs[k].type),
                    tmoi_shape_format(&infer->inputs[0].shape).text, tmo_type_name(infer->inputs[0].type));
    TMO_TRY(tmoi_infer_same(infer, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static uint32_t unary_types(int32_t code)
{
    switch (code) {
    case TMOI_OP_RELU:
    case TMOI_OP_RELU6:
    case TMOI_OP_RELU_N1_TO_1:
    case TMOI_OP_RELU_0_TO_1:
    case TMOI_OP_LEAKY_RELU:
    case TMOI_OP_LOGISTIC:
    case TMOI_OP_TANH:
    case TMOI_OP_ELU:
    case TMOI_OP_GELU:
    case TMOI_OP_HARD_SWISH:
    case TMOI_OP_EXP:
    case TMOI_OP_LOG:
    case TMOI_OP_SQRT:
    case TMOI_OP_RSQRT: return FLOATS | QUANTIZED;
    case TMOI_OP_ABS: return FLOATS | QUANTIZED | WIDE;
    case TMOI_OP_NEG: return FLOATS | TMOI_T(INT8) | TMOI_T(INT16) | WIDE;
    case TMOI_OP_SIGN: return FLOATS | TMOI_T(FLOAT64) | TMOI_T(INT32);
    case TMOI_OP_SQUARE:
    case TMOI_OP_SIN:
    case TMOI_OP_COS:
    case TMOI_OP_FLOOR:
    case TMOI_OP_CEIL:
    case TMOI_OP_ROUND: return FLOATS;
    case TMOI_OP_LOGICAL_NOT: return TMOI_T(BOOL);
    default: return 0;
    }
}

tmo_status tmoi_infer_unary(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, unary_types(infer->op->code), "input", ctx));
    TMO_TRY(tmoi_infer_same(infer, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
