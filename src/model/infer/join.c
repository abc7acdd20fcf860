/* Shapes of CONCATENATION, PACK, UNPACK, SPLIT and SPLIT_V. */
#include "model/infer/elements.h"

static tmo_status same_but_axis(const tmoi_infer *infer, int32_t axis, tmoi_ctx *ctx)
{
    const tmoi_infer_input *first = &infer->inputs[0];
    for (int32_t k = 1; k < infer->input_count; k++) {
        const tmoi_infer_input *other = &infer->inputs[k];
        bool equal = other->shape.rank == first->shape.rank;
        for (int32_t d = 0; equal && d < first->shape.rank; d++)
            equal = d == axis || other->shape.dims[d] == first->shape.dims[d];
        TMO_FAIL_IF(!equal, INVALID_MODEL, ctx, "input %d of shape %s does not fit input 0 of shape %s",
                    (int)k, tmoi_shape_format(&other->shape).text, tmoi_shape_format(&first->shape).text);
        TMO_FAIL_IF(other->type != first->type, INVALID_MODEL, ctx,
                    "input %d of type %s but input 0 of type %s", (int)k, tmo_type_name(other->type),
                    tmo_type_name(first->type));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_concatenation(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_concatenation_options *options = tmoi_op_options(infer->op, concatenation_options);
    TMO_TRY(tmoi_infer_arity(infer, 1, -1, infer->input_count, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_FIXED, ctx));
    TMO_FAIL_IF(options->fused_activation_function != TMOI_ACTIVATION_NONE, UNSUPPORTED_OPERATOR, ctx,
                "fused activation %d is not supported", (int)options->fused_activation_function);
    int32_t axis;
    int64_t total = 0;
    TMO_TRY(tmoi_infer_axis(options->axis, infer->inputs[0].shape.rank, &axis, ctx));
    TMO_TRY(same_but_axis(infer, axis, ctx));
    for (int32_t k = 0; k < infer->input_count; k++) total += infer->inputs[k].shape.dims[axis];
    infer->outputs[0].shape = infer->inputs[0].shape;
    TMO_TRY(tmoi_infer_set_dim(&infer->outputs[0].shape, axis, total, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_pack(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_pack_options *options = tmoi_op_options(infer->op, pack_options);
    TMO_TRY(tmoi_infer_arity(infer, 1, -1, infer->input_count, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_FIXED, ctx));
    TMO_FAIL_IF(options->values_count != infer->input_count, INVALID_MODEL, ctx,
                "%d inputs, the options say %d", (int)infer->input_count, (int)options->values_count);
    TMO_TRY(same_but_axis(infer, -1, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    int32_t axis;
    TMO_FAIL_IF(in->rank == TMO_MAX_RANK, INVALID_MODEL, ctx, "rank %d cannot grow", (int)in->rank);
    TMO_TRY(tmoi_infer_axis(options->axis, in->rank + 1, &axis, ctx));
    out->rank = in->rank + 1;
    for (int32_t k = 0; k < out->rank; k++)
        out->dims[k] = k < axis ? in->dims[k] : k == axis ? infer->input_count : in->dims[k - 1];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_unpack(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_unpack_options *options = tmoi_op_options(infer->op, unpack_options);
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, -1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_FIXED, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    int32_t axis;
    TMO_TRY(tmoi_infer_axis(options->axis, in->rank, &axis, ctx));
    TMO_FAIL_IF(in->dims[axis] != infer->output_count, INVALID_MODEL, ctx,
                "%d outputs for dimension %d of size %d", (int)infer->output_count, (int)axis,
                (int)in->dims[axis]);
    tmoi_shape out = {in->rank - 1, {0}};
    for (int32_t k = 0; k < out.rank; k++) out.dims[k] = in->dims[k < axis ? k : k + 1];
    for (int32_t k = 0; k < infer->output_count; k++) infer->outputs[k].shape = out;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_split(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, -1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 1, TMOI_T_FIXED, ctx));
    TMO_TRY(tmoi_infer_single(infer, 0, TMOI_T(INT32), "axis", ctx));
    if (!tmoi_infer_is_known(&infer->inputs[0])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    tmoi_shape out = infer->inputs[1].shape;
    int32_t axis;
    TMO_TRY(tmoi_infer_axis(tmoi_infer_value(&infer->inputs[0], 0), out.rank, &axis, ctx));
    TMO_FAIL_IF(infer->output_count == 0 || out.dims[axis] % infer->output_count != 0, INVALID_MODEL, ctx,
                "dimension %d of size %d cannot be split into %d equal parts", (int)axis, (int)out.dims[axis],
                (int)infer->output_count);
    out.dims[axis] /= infer->output_count;
    for (int32_t k = 0; k < infer->output_count; k++) infer->outputs[k].shape = out;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The sizes of the parts; one may be -1: what the others leave. */
static tmo_status part_sizes(tmoi_infer *infer, int32_t axis, tmoi_ctx *ctx)
{
    const tmoi_infer_input *sizes = &infer->inputs[1];
    int64_t total = infer->inputs[0].shape.dims[axis], sum = 0;
    int32_t open = -1;
    for (int32_t k = 0; k < infer->output_count; k++) {
        int64_t size = tmoi_infer_value(sizes, k);
        infer->outputs[k].shape = infer->inputs[0].shape;
        TMO_FAIL_IF(size < -1 || size > total || (size == -1 && open >= 0), INVALID_MODEL, ctx,
                    "part %d has size %lld, dimension %d has %lld", (int)k, (long long)size, (int)axis,
                    (long long)total);
        if (size == -1)
            open = k;
        else
            sum += size;
        infer->outputs[k].shape.dims[axis] = (int32_t)(size < 0 ? 0 : size);
    }
    TMO_FAIL_IF(open >= 0 ? sum > total : sum != total, INVALID_MODEL, ctx,
                "parts of %lld in sum, dimension %d has %lld", (long long)sum, (int)axis, (long long)total);
    if (open >= 0) infer->outputs[open].shape.dims[axis] = (int32_t)(total - sum);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_split_v(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 3, 3, 3, -1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_FIXED, ctx));
    TMO_TRY(tmoi_infer_index_vector(infer, 1, infer->output_count, "part sizes", ctx));
    TMO_TRY(tmoi_infer_single(infer, 2, TMOI_T(INT32), "axis", ctx));
    if (!tmoi_infer_is_known(&infer->inputs[1]) || !tmoi_infer_is_known(&infer->inputs[2])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    int32_t axis;
    TMO_TRY(tmoi_infer_axis(tmoi_infer_value(&infer->inputs[2], 0), infer->inputs[0].shape.rank, &axis, ctx));
    TMO_TRY(part_sizes(infer, axis, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
