/* Shapes of TILE, BROADCAST_TO, FILL, RANGE and ONE_HOT. */
#include <math.h>
#include <string.h>

#include "model/infer/elements.h"

tmo_status tmoi_infer_tile(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_FIXED, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    TMO_TRY(tmoi_infer_index_vector(infer, 1, in->rank, "multiples", ctx));
    if (!tmoi_infer_is_known(&infer->inputs[1])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    out->rank = in->rank;
    for (int32_t k = 0; k < in->rank; k++) {
        int64_t times = tmoi_infer_value(&infer->inputs[1], k);
        TMO_FAIL_IF(times < 0 || times > INT32_MAX, INVALID_MODEL, ctx, "multiple %lld of dimension %d",
                    (long long)times, (int)k);
        TMO_TRY(tmoi_infer_set_dim(out, k, times * in->dims[k], ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_broadcast_to(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_FIXED, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    TMO_TRY(tmoi_infer_index_vector(infer, 1, -1, "shape", ctx));
    if (!tmoi_infer_is_known(&infer->inputs[1])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    TMO_TRY(tmoi_infer_shape_from(&infer->inputs[1], out, ctx));
    bool fits = in->rank <= out->rank;
    for (int32_t k = 1; fits && k <= in->rank; k++) {
        int32_t from = in->dims[in->rank - k];
        fits = from == 1 || from == out->dims[out->rank - k];
    }
    TMO_FAIL_IF(!fits, INVALID_MODEL, ctx, "cannot broadcast %s to %s", tmoi_shape_format(in).text,
                tmoi_shape_format(out).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_fill(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 1, TMOI_T_BYTES, ctx));
    TMO_TRY(tmoi_infer_index_vector(infer, 0, -1, "shape", ctx));
    TMO_TRY(tmoi_infer_single(infer, 1, TMOI_T_BYTES, "value", ctx));
    if (!tmoi_infer_is_known(&infer->inputs[0])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    return tmoi_infer_shape_from(&infer->inputs[0], &infer->outputs[0].shape, ctx);
fail:
    return ctx->error.status;
}

static tmo_status count_f32(const tmoi_infer *infer, int64_t *count, tmoi_ctx *ctx)
{
    float v[3];
    for (int32_t k = 0; k < 3; k++) memcpy(&v[k], infer->inputs[k].data, sizeof v[k]);
    bool valid = isfinite(v[0]) && isfinite(v[1]) && isfinite(v[2]) && v[2] != 0.0f &&
                 (v[2] > 0.0f ? v[0] <= v[1] : v[0] >= v[1]);
    float steps = valid ? ceilf(fabsf((v[1] - v[0]) / v[2])) : 0.0f;
    TMO_FAIL_IF(!valid || !(steps < 2147483648.0f), INVALID_INPUT, ctx,
                "no range from %g to %g in steps of %g", (double)v[0], (double)v[1], (double)v[2]);
    *count = (int64_t)steps;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status count_int(const tmoi_infer *infer, int64_t *count, tmoi_ctx *ctx)
{
    int64_t start = tmoi_infer_value(&infer->inputs[0], 0), limit = tmoi_infer_value(&infer->inputs[1], 0);
    int64_t step = tmoi_infer_value(&infer->inputs[2], 0);
    TMO_FAIL_IF(step == 0 || (step > 0 ? start > limit : start < limit), INVALID_INPUT, ctx,
                "no range from %lld to %lld in steps of %lld", (long long)start, (long long)limit,
                (long long)step);
    uint64_t distance = step > 0 ? (uint64_t)limit - (uint64_t)start : (uint64_t)start - (uint64_t)limit;
    uint64_t stride = step > 0 ? (uint64_t)step : 0u - (uint64_t)step;
    uint64_t steps = distance / stride + (distance % stride != 0);
    TMO_FAIL_IF(steps > INT32_MAX, INVALID_INPUT, ctx,
                "a range from %lld to %lld in steps of %lld is too long", (long long)start, (long long)limit,
                (long long)step);
    *count = (int64_t)steps;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_range(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 3, 3, 3, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T(FLOAT32) | TMOI_T_INDEX, ctx));
    uint32_t type = 1u << infer->inputs[0].type;
    static const char *const names[] = {"start", "limit", "step"};
    for (int32_t k = 0; k < 3; k++) TMO_TRY(tmoi_infer_single(infer, k, type, names[k], ctx));
    for (int32_t k = 0; k < 3; k++) {
        if (tmoi_infer_is_known(&infer->inputs[k])) continue;
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    int64_t count;
    TMO_TRY(infer->inputs[0].type == TMO_TYPE_FLOAT32 ? count_f32(infer, &count, ctx)
                                                      : count_int(infer, &count, ctx));
    infer->outputs[0].shape.rank = 1;
    TMO_TRY(tmoi_infer_set_dim(&infer->outputs[0].shape, 0, count, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_one_hot(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_one_hot_options *options = tmoi_op_options(infer->op, one_hot_options);
    TMO_TRY(tmoi_infer_arity(infer, 4, 4, 4, 1, ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T_INDEX, "indices", ctx));
    TMO_TRY(tmoi_infer_single(infer, 1, TMOI_T(INT32), "depth", ctx));
    TMO_TRY(tmoi_infer_single(infer, 2, TMOI_T_BYTES, "on value", ctx));
    TMO_TRY(tmoi_infer_single(infer, 3, 1u << infer->inputs[2].type, "off value", ctx));
    TMO_TRY(tmoi_infer_elements(infer, 2, TMOI_T_BYTES, ctx));
    if (!tmoi_infer_is_known(&infer->inputs[1])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    const tmoi_shape *in = &infer->inputs[0].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    int32_t axis;
    TMO_FAIL_IF(in->rank == TMO_MAX_RANK, INVALID_MODEL, ctx, "rank %d cannot grow", (int)in->rank);
    TMO_TRY(tmoi_infer_axis(options->axis, in->rank + 1, &axis, ctx));
    out->rank = in->rank + 1;
    for (int32_t k = 0; k < out->rank; k++)
        out->dims[k] = k < axis ? in->dims[k] : k == axis ? 0 : in->dims[k - 1];
    TMO_TRY(tmoi_infer_set_dim(out, axis, tmoi_infer_value(&infer->inputs[1], 0), ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
