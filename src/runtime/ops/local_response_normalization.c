/* LOCAL_RESPONSE_NORMALIZATION: out[c] = in[c] / (bias + alpha · Σ in[j]², |j - c| <= radius)^beta, over channels.
 * Source: Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks", section 3.3. */
#include <math.h>

#include "runtime/op.h"

static void normalize_pixel(const tmoi_fb_local_response_normalization_options *options, const float *in,
                            float *out, int32_t depth)
{
    int32_t radius = options->radius < depth ? options->radius : depth;
    for (int32_t c = 0; c < depth; c++) {
        int32_t begin = c > radius ? c - radius : 0, end = c < depth - 1 - radius ? c + radius + 1 : depth;
        float sum = 0.0f;
        for (int32_t j = begin; j < end; j++) sum += in[j] * in[j];
        out[c] = in[c] * powf(options->bias + options->alpha * sum, -options->beta);
    }
}

static tmo_status prepare(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    int32_t radius = tmoi_op_options(node->op, local_response_normalization_options)->radius;
    (void)exec;
    TMO_FAIL_IF(radius < 0, INVALID_MODEL, ctx, "radius is %d, expected 0 or more", (int)radius);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_local_response_normalization_options *options = tmoi_op_options(
        node->op, local_response_normalization_options);
    const tmoi_shape *shape = &node->inputs[0]->shape;
    int32_t depth = shape->dims[3];
    int64_t pixels = tmoi_shape_product(shape, 0, 3);
    const float *in = node->inputs[0]->data;
    float *out = node->outputs[0]->data;
    (void)exec;
    (void)ctx;
    for (int64_t k = 0; k < pixels; k++) normalize_pixel(options, in + k * depth, out + k * depth, depth);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_local_response_normalization = {.prepare = prepare, .eval = eval};
