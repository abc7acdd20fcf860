#include "model/infer.h"

#include <string.h>

#ifndef TMO_SELECTED_INFER
#define TMO_SELECTED_INFER "model/infer.def"
#endif

tmoi_infer_function tmoi_infer_find(int32_t op_code)
{
    switch (op_code) {
#define TMOI_INFER(name, function) \
    case TMOI_OP_##name:           \
        return function;
#define TMOI_INFER_CUSTOM(text, function)
#include TMO_SELECTED_INFER
#undef TMOI_INFER
#undef TMOI_INFER_CUSTOM
    default: return NULL;
    }
}

tmoi_infer_function tmoi_infer_find_custom(const char *name)
{
#define TMOI_INFER(name, function)
#define TMOI_INFER_CUSTOM(text, function) \
    if (strcmp(name, text) == 0) return function;
#include TMO_SELECTED_INFER
#undef TMOI_INFER
#undef TMOI_INFER_CUSTOM
    (void)name;
    return NULL;
}

tmo_status tmoi_infer_arity(const tmoi_infer *infer, int32_t min_inputs, int32_t max_inputs, int32_t required,
                            int32_t outputs, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(infer->input_count < min_inputs || (max_inputs >= 0 && infer->input_count > max_inputs),
                INVALID_MODEL, ctx, "%d inputs, expected %d to %d", (int)infer->input_count, (int)min_inputs,
                (int)max_inputs);
    TMO_FAIL_IF(outputs >= 0 && infer->output_count != outputs, INVALID_MODEL, ctx, "%d outputs, expected %d",
                (int)infer->output_count, (int)outputs);
    for (int32_t k = 0; k < required && k < infer->input_count; k++)
        TMO_FAIL_IF(!infer->inputs[k].present, INVALID_MODEL, ctx, "input %d is missing", (int)k);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_type(tmo_type type, uint32_t mask, const char *what, tmoi_ctx *ctx)
{
    TMO_FAIL_IF((uint32_t)type > 31 || !(mask >> type & 1u), UNSUPPORTED_OPERATOR, ctx,
                "%s of type %s is not supported", what, tmo_type_name(type));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

int64_t tmoi_infer_value(const tmoi_infer_input *input, int64_t k)
{
    const unsigned char *bytes = input->data;
    if (input->type == TMO_TYPE_INT64) {
        int64_t value;
        memcpy(&value, bytes + k * 8, sizeof value);
        return value;
    }
    if (input->type == TMO_TYPE_INT16) {
        int16_t value;
        memcpy(&value, bytes + k * 2, sizeof value);
        return value;
    }
    int32_t value;
    memcpy(&value, bytes + k * 4, sizeof value);
    return value;
}

tmo_status tmoi_infer_same(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 1, -1, 1, 1, ctx));
    TMO_FAIL_IF(infer->outputs[0].type != infer->inputs[0].type, INVALID_MODEL, ctx,
                "input of type %s but output of type %s", tmo_type_name(infer->inputs[0].type),
                tmo_type_name(infer->outputs[0].type));
    infer->outputs[0].shape = infer->inputs[0].shape;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

bool tmoi_infer_window(int32_t padding, int32_t input, int32_t filter, int32_t stride, int32_t dilation,
                       int32_t *output, int32_t *before)
{
    if (input < 0 || filter < 1 || stride < 1 || dilation < 1) return false;
    int64_t effective = ((int64_t)filter - 1) * dilation + 1;
    if (effective > INT32_MAX / 2) return false;
    int64_t out = padding == TMOI_PADDING_SAME ? ((int64_t)input + stride - 1) / stride
                                               : ((int64_t)input - effective + stride) / stride;
    if (out < 0 || (padding != TMOI_PADDING_SAME && input < effective)) return false;
    int64_t total = (out - 1) * stride + effective - input;
    *output = (int32_t)out;
    *before = total > 0 && padding == TMOI_PADDING_SAME ? (int32_t)(total / 2) : 0;
    return true;
}
