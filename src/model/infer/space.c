/* Shapes of SPACE_TO_DEPTH, DEPTH_TO_SPACE, SPACE_TO_BATCH_ND, BATCH_TO_SPACE_ND, RESIZE_BILINEAR and
 * RESIZE_NEAREST_NEIGHBOR. */
#include "model/infer/elements.h"

static tmo_status image_input(const tmoi_infer *infer, uint32_t types, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_elements(infer, 0, types, ctx));
    TMO_FAIL_IF(infer->inputs[0].shape.rank != 4, INVALID_MODEL, ctx, "input of shape %s, expected rank 4",
                tmoi_shape_format(&infer->inputs[0].shape).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_space_to_depth(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_space_to_depth_options *options = tmoi_op_options(infer->op, space_to_depth_options);
    int64_t block = options->block_size;
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(image_input(infer, TMOI_T_FIXED, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    TMO_FAIL_IF(block < 1 || in->dims[1] % block != 0 || in->dims[2] % block != 0, INVALID_MODEL, ctx,
                "%dx%d pixels cannot be split into blocks of %d", (int)in->dims[1], (int)in->dims[2],
                (int)block);
    TMO_FAIL_IF(block > 32767, INVALID_MODEL, ctx, "block size %d is above 32767", (int)block);
    *out = (tmoi_shape){4, {in->dims[0], (int32_t)(in->dims[1] / block), (int32_t)(in->dims[2] / block), 0}};
    TMO_TRY(tmoi_infer_set_dim(out, 3, in->dims[3] * block * block, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_depth_to_space(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_depth_to_space_options *options = tmoi_op_options(infer->op, depth_to_space_options);
    int64_t block = options->block_size;
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(image_input(infer, TMOI_T_FIXED, ctx));
    const tmoi_shape *in = &infer->inputs[0].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    TMO_FAIL_IF(block < 1 || in->dims[3] % (block * block) != 0, INVALID_MODEL, ctx,
                "%d channels cannot be spread over blocks of %dx%d", (int)in->dims[3], (int)block,
                (int)block);
    *out = (tmoi_shape){4, {in->dims[0], 0, 0, (int32_t)(in->dims[3] / (block * block))}};
    TMO_TRY(tmoi_infer_set_dim(out, 1, in->dims[1] * block, ctx));
    TMO_TRY(tmoi_infer_set_dim(out, 2, in->dims[2] * block, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Input 1: the block's sizes; input 2: two numbers (padding or crop) a spatial dimension. */
static tmo_status block_inputs(const tmoi_infer *infer, const char *margins, tmoi_ctx *ctx)
{
    const tmoi_shape *in = &infer->inputs[0].shape, *pairs = &infer->inputs[2].shape;
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_BYTES, ctx));
    TMO_FAIL_IF(in->rank != 3 && in->rank != 4, INVALID_MODEL, ctx, "input of shape %s, expected rank 3 or 4",
                tmoi_shape_format(in).text);
    TMO_TRY(tmoi_infer_index_vector(infer, 1, in->rank - 2, "block shape", ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[2].type, TMOI_T_INDEX, margins, ctx));
    TMO_FAIL_IF(pairs->rank != 2 || pairs->dims[0] != in->rank - 2 || pairs->dims[1] != 2, INVALID_MODEL, ctx,
                "%s of shape %s, expected %dx2", margins, tmoi_shape_format(pairs).text, (int)in->rank - 2);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status block_values(const tmoi_infer *infer, int32_t k, int64_t *block, int64_t *before,
                               int64_t *after, tmoi_ctx *ctx)
{
    *block = tmoi_infer_value(&infer->inputs[1], k);
    *before = tmoi_infer_value(&infer->inputs[2], 2 * k);
    *after = tmoi_infer_value(&infer->inputs[2], 2 * k + 1);
    TMO_FAIL_IF(*block < 1 || *block > INT32_MAX, INVALID_MODEL, ctx, "block size %lld", (long long)*block);
    TMO_FAIL_IF(*before < 0 || *before > INT32_MAX || *after < 0 || *after > INT32_MAX, INVALID_MODEL, ctx,
                "margins of %lld and %lld", (long long)*before, (long long)*after);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_space_to_batch_nd(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 3, 3, 3, 1, ctx));
    TMO_TRY(block_inputs(infer, "paddings", ctx));
    if (!tmoi_infer_is_known(&infer->inputs[1]) || !tmoi_infer_is_known(&infer->inputs[2])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    const tmoi_shape *in = &infer->inputs[0].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    *out = *in;
    for (int32_t k = 0; k < in->rank - 2; k++) {
        int64_t block, before, after;
        TMO_TRY(block_values(infer, k, &block, &before, &after, ctx));
        int64_t padded = in->dims[k + 1] + before + after;
        TMO_FAIL_IF(padded % block != 0, INVALID_MODEL, ctx,
                    "dimension %d of padded size %lld cannot be split into blocks of %lld", (int)k + 1,
                    (long long)padded, (long long)block);
        TMO_TRY(tmoi_infer_set_dim(out, 0, out->dims[0] * block, ctx));
        TMO_TRY(tmoi_infer_set_dim(out, k + 1, padded / block, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_batch_to_space_nd(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 3, 3, 3, 1, ctx));
    TMO_TRY(block_inputs(infer, "crops", ctx));
    if (!tmoi_infer_is_known(&infer->inputs[1]) || !tmoi_infer_is_known(&infer->inputs[2])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    const tmoi_shape *in = &infer->inputs[0].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    *out = *in;
    for (int32_t k = 0; k < in->rank - 2; k++) {
        int64_t block, before, after;
        TMO_TRY(block_values(infer, k, &block, &before, &after, ctx));
        TMO_FAIL_IF(out->dims[0] % block != 0, INVALID_MODEL, ctx,
                    "a batch of %d cannot be split into blocks of %lld", (int)in->dims[0], (long long)block);
        out->dims[0] = (int32_t)(out->dims[0] / block);
        TMO_TRY(tmoi_infer_set_dim(out, k + 1, in->dims[k + 1] * block - before - after, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status resized(tmoi_infer *infer, bool align_corners, bool half_pixel_centers, uint32_t types,
                          tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    TMO_TRY(image_input(infer, types, ctx));
    TMO_TRY(tmoi_infer_index_vector(infer, 1, 2, "size", ctx));
    TMO_FAIL_IF(align_corners && half_pixel_centers, INVALID_MODEL, ctx,
                "both align_corners and half_pixel_centers are set");
    const tmoi_shape *in = &infer->inputs[0].shape;
    tmoi_shape *out = &infer->outputs[0].shape;
    if (!tmoi_infer_is_known(&infer->inputs[1])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    *out = *in;
    for (int32_t k = 1; k <= 2; k++) {
        int64_t size = tmoi_infer_value(&infer->inputs[1], k - 1);
        TMO_FAIL_IF(in->dims[k] < 1 || size < 1 || size > 1 << 20 || in->dims[k] > 1 << 20, INVALID_MODEL,
                    ctx, "cannot resize dimension %d from %d to %lld", (int)k, (int)in->dims[k],
                    (long long)size);
        out->dims[k] = (int32_t)size;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_resize_bilinear(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_resize_bilinear_options *options = tmoi_op_options(infer->op, resize_bilinear_options);
    return resized(infer, options->align_corners, options->half_pixel_centers,
                   TMOI_T(FLOAT32) | TMOI_T(UINT8) | TMOI_T(INT8) | TMOI_T(INT16), ctx);
}

tmo_status tmoi_infer_resize_nearest_neighbor(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_resize_nearest_neighbor_options *options = tmoi_op_options(infer->op,
                                                                             resize_nearest_neighbor_options);
    return resized(infer, options->align_corners, options->half_pixel_centers, TMOI_T_BYTES, ctx);
}
