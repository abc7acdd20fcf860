/* Shapes of REDUCE_WINDOW and STABLEHLO_REDUCE_WINDOW. */
#include "model/infer/reduce_window.h"

#include <string.h>

/* Element k of an option that may be absent. */
static int64_t option_at(const tmoi_vec_i64 *option, int32_t k, int64_t otherwise)
{
    return option->data && (uint32_t)k < option->count ? option->data[k] : otherwise;
}

/* No window, stride, dilation or padding of use is larger; so nothing overflows, nor takes hours. */
enum { LARGEST = 1 << 20 };

static tmo_status finish_dim(tmoi_infer_window_dim *dim, int64_t high, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(dim->size < 1 || dim->stride < 1 || dim->base < 1 || dim->dilation < 1 ||
                    dim->size > LARGEST || dim->stride > LARGEST || dim->base > LARGEST ||
                    dim->dilation > LARGEST,
                INVALID_MODEL, ctx, "a window of %lld with stride %lld, base dilation %lld and dilation %lld",
                (long long)dim->size, (long long)dim->stride, (long long)dim->base, (long long)dim->dilation);
    TMO_FAIL_IF(dim->low < -LARGEST || dim->low > LARGEST || high < -LARGEST || high > LARGEST, INVALID_MODEL,
                ctx, "padding of %lld and %lld is out of range", (long long)dim->low, (long long)high);
    int64_t spread = dim->in > 0 ? (dim->in - 1) * dim->base + 1 : 0;
    int64_t room = spread + dim->low + high - ((dim->size - 1) * dim->dilation + 1);
    dim->out = room < 0 ? 0 : room / dim->stride + 1;
    TMO_FAIL_IF(dim->out > INT32_MAX, INVALID_MODEL, ctx, "a dimension of %lld is too large",
                (long long)dim->out);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_stablehlo_windows(const tmoi_op *op, const tmoi_shape *in, tmoi_infer_window_dim *dims,
                                        tmoi_ctx *ctx)
{
    const tmoi_fb_stablehlo_reduce_window_options *options = tmoi_op_options_2(
        op, stablehlo_reduce_window_options);
    TMO_FAIL_IF(options->window_dimensions.count != (uint32_t)in->rank, INVALID_MODEL, ctx,
                "a window of rank %u for an input of rank %d", (unsigned)options->window_dimensions.count,
                (int)in->rank);
    for (int32_t k = 0; k < in->rank; k++) {
        dims[k] = (tmoi_infer_window_dim){.in = in->dims[k],
                                          .size = options->window_dimensions.data[k],
                                          .stride = option_at(&options->window_strides, k, 1),
                                          .base = option_at(&options->base_dilations, k, 1),
                                          .dilation = option_at(&options->window_dilations, k, 1),
                                          .low = option_at(&options->padding, 2 * k, 0)};
        TMO_TRY(finish_dim(&dims[k], option_at(&options->padding, 2 * k + 1, 0), ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_input_windows(const int64_t *size, const int64_t *stride, const int64_t *dilation,
                                    const tmoi_shape *in, tmoi_infer_window_dim *dims, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < in->rank; k++) {
        dims[k] = (tmoi_infer_window_dim){
            .in = in->dims[k], .size = size[k], .stride = stride[k], .base = 1, .dilation = dilation[k]};
        TMO_TRY(finish_dim(&dims[k], 0, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_tensors(const tmoi_infer *infer, int32_t input_count, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, input_count, input_count, input_count, 1, ctx));
    tmo_type type = infer->inputs[0].type;
    TMO_FAIL_IF(infer->inputs[1].type != type || infer->outputs[0].type != type, INVALID_MODEL, ctx,
                "input of type %s, initial value of type %s, output of type %s", tmo_type_name(type),
                tmo_type_name(infer->inputs[1].type), tmo_type_name(infer->outputs[0].type));
    TMO_FAIL_IF(tmoi_shape_count(&infer->inputs[1].shape) != 1, INVALID_MODEL, ctx,
                "initial value has shape %s, expected one element",
                tmoi_shape_format(&infer->inputs[1].shape).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void set_output(tmoi_infer *infer, const tmoi_infer_window_dim *dims)
{
    tmoi_shape *out = &infer->outputs[0].shape;
    out->rank = infer->inputs[0].shape.rank;
    for (int32_t k = 0; k < out->rank; k++) out->dims[k] = (int32_t)dims[k].out;
}

tmo_status tmoi_infer_stablehlo_reduce_window(tmoi_infer *infer, tmoi_ctx *ctx)
{
    tmoi_infer_window_dim dims[TMO_MAX_RANK];
    TMO_TRY(check_tensors(infer, 2, ctx));
    TMO_TRY(tmoi_infer_stablehlo_windows(infer->op, &infer->inputs[0].shape, dims, ctx));
    set_output(infer, dims);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_reduce_window(tmoi_infer *infer, tmoi_ctx *ctx)
{
    tmoi_infer_window_dim dims[TMO_MAX_RANK];
    int64_t numbers[3][TMO_MAX_RANK];
    bool known = true;
    TMO_TRY(check_tensors(infer, 5, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    for (int32_t k = 0; k < 3; k++) {
        const tmoi_infer_input *input = &infer->inputs[2 + k];
        TMO_TRY(tmoi_infer_type(input->type, TMOI_T(INT64), "window", ctx));
        TMO_FAIL_IF(tmoi_shape_count(&input->shape) != in->rank, INVALID_MODEL, ctx,
                    "input %d has shape %s for an input of rank %d", (int)k + 2,
                    tmoi_shape_format(&input->shape).text, (int)in->rank);
        if (!input->data)
            known = false;
        else
            memcpy(numbers[k], input->data, (size_t)in->rank * sizeof numbers[k][0]);
    }
    infer->outputs[0].dynamic = !known;
    if (!known) return TMO_STATUS_OK;
    TMO_TRY(tmoi_infer_input_windows(numbers[0], numbers[1], numbers[2], in, dims, ctx));
    set_output(infer, dims);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
