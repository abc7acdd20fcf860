#include "runtime/activation.h"

#include <float.h>
#include <math.h>

tmo_status tmoi_activation_range_f32(int32_t activation, float *low, float *high, tmoi_ctx *ctx)
{
    *low = -FLT_MAX;
    *high = FLT_MAX;
    switch (activation) {
    case TMOI_ACTIVATION_NONE: break;
    case TMOI_ACTIVATION_RELU: *low = 0.0f; break;
    case TMOI_ACTIVATION_RELU_N1_TO_1:
        *low = -1.0f;
        *high = 1.0f;
        break;
    case TMOI_ACTIVATION_RELU6:
        *low = 0.0f;
        *high = 6.0f;
        break;
    default:
        return tmoi_fail(ctx, TMO_STATUS_UNSUPPORTED_OPERATOR, "fused activation %d is not supported",
                         (int)activation);
    }
    return TMO_STATUS_OK;
}

static int32_t quantize(const tmoi_value *output, float real, int32_t low, int32_t high)
{
    float stored = roundf(real / tmoi_value_scale(output)) + (float)tmoi_value_zero_point(output);
    return stored <= (float)low ? low : stored >= (float)high ? high : (int32_t)stored;
}

tmo_status tmoi_activation_range_quant(int32_t activation, const tmoi_value *output, int32_t *low,
                                       int32_t *high, tmoi_ctx *ctx)
{
    float real_low, real_high;
    int32_t type_low = output->type == TMO_TYPE_UINT8  ? 0
                       : output->type == TMO_TYPE_INT8 ? INT8_MIN
                                                       : INT16_MIN;
    int32_t type_high = output->type == TMO_TYPE_UINT8  ? UINT8_MAX
                        : output->type == TMO_TYPE_INT8 ? INT8_MAX
                                                        : INT16_MAX;
    TMO_TRY(tmoi_activation_range_f32(activation, &real_low, &real_high, ctx));
    *low = real_low > -FLT_MAX ? quantize(output, real_low, type_low, type_high) : type_low;
    *high = real_high < FLT_MAX ? quantize(output, real_high, type_low, type_high) : type_high;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void type_range(tmo_type type, int64_t *low, int64_t *high)
{
    switch (type) {
    case TMO_TYPE_INT8: *low = INT8_MIN, *high = INT8_MAX; break;
    case TMO_TYPE_UINT8: *low = 0, *high = UINT8_MAX; break;
    case TMO_TYPE_INT16: *low = INT16_MIN, *high = INT16_MAX; break;
    case TMO_TYPE_UINT16: *low = 0, *high = UINT16_MAX; break;
    case TMO_TYPE_UINT32: *low = 0, *high = UINT32_MAX; break;
    case TMO_TYPE_INT64: *low = INT64_MIN, *high = INT64_MAX; break;
    default: *low = INT32_MIN, *high = INT32_MAX; break;
    }
}

tmo_status tmoi_activation_range_i64(int32_t activation, tmo_type type, int64_t *low, int64_t *high,
                                     tmoi_ctx *ctx)
{
    float real_low, real_high;
    TMO_TRY(tmoi_activation_range_f32(activation, &real_low, &real_high, ctx));
    type_range(type, low, high);
    if (real_low > -FLT_MAX && real_low > (float)*low) *low = (int64_t)real_low;
    if (real_high < FLT_MAX) *high = (int64_t)real_high;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
