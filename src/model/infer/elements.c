#include "model/infer/elements.h"

tmo_status tmoi_infer_elements(const tmoi_infer *infer, int32_t input, uint32_t mask, tmoi_ctx *ctx)
{
    tmo_type type = infer->inputs[input].type;
    TMO_TRY(tmoi_infer_type(type, mask, "input", ctx));
    for (int32_t k = 0; k < infer->output_count; k++)
        TMO_FAIL_IF(infer->outputs[k].type != type, INVALID_MODEL, ctx,
                    "input of type %s but output of type %s", tmo_type_name(type),
                    tmo_type_name(infer->outputs[k].type));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_index_vector(const tmoi_infer *infer, int32_t input, int64_t count, const char *what,
                                   tmoi_ctx *ctx)
{
    const tmoi_infer_input *vector = &infer->inputs[input];
    TMO_TRY(tmoi_infer_type(vector->type, TMOI_T_INDEX, what, ctx));
    TMO_FAIL_IF(vector->shape.rank != 1, INVALID_MODEL, ctx, "%s of shape %s, expected a vector", what,
                tmoi_shape_format(&vector->shape).text);
    TMO_FAIL_IF(count >= 0 && vector->shape.dims[0] != count, INVALID_MODEL, ctx,
                "%s has %d elements, expected %lld", what, (int)vector->shape.dims[0], (long long)count);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_single(const tmoi_infer *infer, int32_t input, uint32_t mask, const char *what,
                             tmoi_ctx *ctx)
{
    const tmoi_infer_input *single = &infer->inputs[input];
    TMO_TRY(tmoi_infer_type(single->type, mask, what, ctx));
    TMO_FAIL_IF(tmoi_shape_count(&single->shape) != 1, INVALID_MODEL, ctx,
                "%s of shape %s, expected one element", what, tmoi_shape_format(&single->shape).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

bool tmoi_infer_is_known(const tmoi_infer_input *input)
{
    return input->data || tmoi_shape_count(&input->shape) == 0;
}

void tmoi_infer_set_dynamic(tmoi_infer *infer)
{
    for (int32_t k = 0; k < infer->output_count; k++) infer->outputs[k].dynamic = true;
}

tmo_status tmoi_infer_set_dim(tmoi_shape *shape, int32_t dim, int64_t value, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(value < 0 || value > INT32_MAX, INVALID_MODEL, ctx,
                "dimension %d would have size %lld, out of range [0, %d]", (int)dim, (long long)value,
                INT32_MAX);
    shape->dims[dim] = (int32_t)value;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_shape_from(const tmoi_infer_input *vector, tmoi_shape *shape, tmoi_ctx *ctx)
{
    int64_t rank = tmoi_shape_count(&vector->shape), count;
    TMO_FAIL_IF(rank > TMO_MAX_RANK, INVALID_MODEL, ctx, "a shape of rank %lld, the highest rank is %d",
                (long long)rank, TMO_MAX_RANK);
    shape->rank = (int32_t)rank;
    for (int32_t k = 0; k < shape->rank; k++)
        TMO_TRY(tmoi_infer_set_dim(shape, k, tmoi_infer_value(vector, k), ctx));
    TMO_FAIL_IF(!tmoi_shape_count_checked(shape, &count), LIMIT, ctx, "a shape of %s has too many elements",
                tmoi_shape_format(shape).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_axis(int64_t axis, int32_t rank, int32_t *out, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(axis < -rank || axis >= rank, INVALID_MODEL, ctx, "axis %lld is out of range for rank %d",
                (long long)axis, (int)rank);
    *out = (int32_t)(axis < 0 ? axis + rank : axis);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
