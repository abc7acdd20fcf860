/* Shapes of BATCH_MATMUL. */
#include "model/infer.h"

/* The types that belong together: x, y, out. */
static bool types_match(tmo_type x, tmo_type y, tmo_type out)
{
    if (x == TMO_TYPE_FLOAT32)
        return (y == TMO_TYPE_FLOAT32 || y == TMO_TYPE_INT8) && out == TMO_TYPE_FLOAT32;
    if (x == TMO_TYPE_INT8) return y == TMO_TYPE_INT8 && (out == TMO_TYPE_INT8 || out == TMO_TYPE_INT32);
    return x == TMO_TYPE_INT16 && (y == TMO_TYPE_INT16 || y == TMO_TYPE_INT8) && out == TMO_TYPE_INT16;
}

tmo_status tmoi_infer_batch_matmul(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_batch_mat_mul_options *options = tmoi_op_options(infer->op, batch_mat_mul_options);
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    const tmoi_infer_input *x = &infer->inputs[0], *y = &infer->inputs[1];
    tmoi_infer_output *out = &infer->outputs[0];
    TMO_FAIL_IF(!types_match(x->type, y->type, out->type), UNSUPPORTED_OPERATOR, ctx,
                "inputs of types %s and %s with output of type %s are not supported", tmo_type_name(x->type),
                tmo_type_name(y->type), tmo_type_name(out->type));
    TMO_FAIL_IF(x->shape.rank < 2 || y->shape.rank < 2, INVALID_MODEL, ctx,
                "inputs %s and %s, expected rank 2 or more", tmoi_shape_format(&x->shape).text,
                tmoi_shape_format(&y->shape).text);
    const int32_t *xs = x->shape.dims + x->shape.rank - 2, *ys = y->shape.dims + y->shape.rank - 2;
    TMO_FAIL_IF(xs[!options->adj_x] != ys[options->adj_y], INVALID_MODEL, ctx,
                "inputs %s%s and %s%s cannot be multiplied", tmoi_shape_format(&x->shape).text,
                options->adj_x ? " transposed" : "", tmoi_shape_format(&y->shape).text,
                options->adj_y ? " transposed" : "");
    tmoi_shape batch_x = x->shape, batch_y = y->shape;
    batch_x.rank -= 2;
    batch_y.rank -= 2;
    TMO_FAIL_IF(!tmoi_shape_broadcast(&batch_x, &batch_y, &out->shape), INVALID_MODEL, ctx,
                "batches of %s and %s do not match", tmoi_shape_format(&x->shape).text,
                tmoi_shape_format(&y->shape).text);
    out->shape.dims[out->shape.rank++] = xs[options->adj_x];
    out->shape.dims[out->shape.rank++] = ys[!options->adj_y];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
