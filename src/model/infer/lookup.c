/* Shapes of HASHTABLE_LOOKUP, EMBEDDING_LOOKUP_SPARSE, LSH_PROJECTION and SKIP_GRAM. */
#include "model/infer/elements.h"

/* A found key gives a row of the values. */
tmo_status tmoi_infer_hashtable_lookup(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 3, 3, 3, 2, ctx));
    for (int32_t k = 0; k < 2; k++) {
        TMO_TRY(tmoi_infer_type(infer->inputs[k].type, TMOI_T(INT32), "keys", ctx));
        TMO_TRY(tmoi_infer_index_vector(infer, k, -1, "keys", ctx));
    }
    const tmoi_shape *values = &infer->inputs[2].shape;
    TMO_TRY(tmoi_infer_type(infer->inputs[2].type, TMOI_T_BYTES, "values", ctx));
    TMO_FAIL_IF(values->rank < 1 || values->dims[0] != infer->inputs[1].shape.dims[0], INVALID_MODEL, ctx,
                "values of shape %s for %d keys", tmoi_shape_format(values).text,
                (int)infer->inputs[1].shape.dims[0]);
    TMO_FAIL_IF(infer->outputs[0].type != infer->inputs[2].type || infer->outputs[1].type != TMO_TYPE_UINT8,
                INVALID_MODEL, ctx, "outputs of types %s and %s", tmo_type_name(infer->outputs[0].type),
                tmo_type_name(infer->outputs[1].type));
    infer->outputs[0].shape = *values;
    infer->outputs[0].shape.dims[0] = infer->inputs[0].shape.dims[0];
    infer->outputs[1].shape = infer->inputs[0].shape;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_embedding_lookup_sparse(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 5, 5, 5, 1, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 4, TMOI_T(FLOAT32), ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T(INT32), "ids", ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[1].type, TMOI_T(INT32), "indices", ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[3].type, TMOI_T(FLOAT32), "weights", ctx));
    TMO_TRY(tmoi_infer_index_vector(infer, 0, -1, "ids", ctx));
    const tmoi_shape *ids = &infer->inputs[0].shape, *indices = &infer->inputs[1].shape,
                     *values = &infer->inputs[4].shape;
    TMO_FAIL_IF(indices->rank != 2 || indices->dims[0] != ids->dims[0] || indices->dims[1] < 1 ||
                    !tmoi_shape_equal(&infer->inputs[3].shape, ids),
                INVALID_MODEL, ctx, "indices of shape %s and weights of shape %s for %d ids",
                tmoi_shape_format(indices).text, tmoi_shape_format(&infer->inputs[3].shape).text,
                (int)ids->dims[0]);
    TMO_TRY(tmoi_infer_index_vector(infer, 2, indices->dims[1], "dense shape", ctx));
    TMO_FAIL_IF(values->rank < 2 || indices->dims[1] + values->rank - 2 > TMO_MAX_RANK, INVALID_MODEL, ctx,
                "values of rank %d with indices of %d coordinates", (int)values->rank, (int)indices->dims[1]);
    if (!tmoi_infer_is_known(&infer->inputs[2])) {
        tmoi_infer_set_dynamic(infer);
        return TMO_STATUS_OK;
    }
    tmoi_shape dense, *out = &infer->outputs[0].shape;
    TMO_TRY(tmoi_infer_shape_from(&infer->inputs[2], &dense, ctx));
    out->rank = 0;
    for (int32_t k = 0; k < dense.rank - 1; k++) out->dims[out->rank++] = dense.dims[k];
    for (int32_t k = 1; k < values->rank; k++) out->dims[out->rank++] = values->dims[k];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

enum { LSH_SPARSE = 1, LSH_DENSE = 2 };

tmo_status tmoi_infer_lsh_projection(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_lsh_projection_options *options = tmoi_op_options(infer->op, lsh_projection_options);
    TMO_TRY(tmoi_infer_arity(infer, 2, 3, 2, 1, ctx));
    const tmoi_shape *seeds = &infer->inputs[0].shape, *in = &infer->inputs[1].shape;
    TMO_TRY(tmoi_infer_type(infer->inputs[0].type, TMOI_T(FLOAT32), "seeds", ctx));
    TMO_TRY(tmoi_infer_type(infer->inputs[1].type, TMOI_T_BYTES, "input", ctx));
    TMO_TRY(tmoi_infer_type(infer->outputs[0].type, TMOI_T(INT32), "output", ctx));
    TMO_FAIL_IF(seeds->rank != 2 || seeds->dims[1] > 31 || in->rank < 1, INVALID_MODEL, ctx,
                "seeds of shape %s with input of shape %s", tmoi_shape_format(seeds).text,
                tmoi_shape_format(in).text);
    if (infer->input_count > 2 && infer->inputs[2].present) {
        TMO_TRY(tmoi_infer_type(infer->inputs[2].type, TMOI_T(FLOAT32), "weights", ctx));
        TMO_FAIL_IF(infer->inputs[2].shape.rank != 1 || infer->inputs[2].shape.dims[0] != in->dims[0],
                    INVALID_MODEL, ctx, "weights of shape %s for input of shape %s",
                    tmoi_shape_format(&infer->inputs[2].shape).text, tmoi_shape_format(in).text);
    }
    TMO_FAIL_IF(options->type != LSH_SPARSE && options->type != LSH_DENSE, INVALID_MODEL, ctx,
                "projection type %d", (int)options->type);
    infer->outputs[0].shape.rank = 1;
    TMO_TRY(tmoi_infer_set_dim(
        &infer->outputs[0].shape, 0,
        options->type == LSH_SPARSE ? seeds->dims[0] : (int64_t)seeds->dims[0] * seeds->dims[1], ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_infer_skip_gram(tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmoi_fb_skip_gram_options *options = tmoi_op_options(infer->op, skip_gram_options);
    TMO_TRY(tmoi_infer_arity(infer, 1, 1, 1, 1, ctx));
    TMO_TRY(tmoi_infer_single(infer, 0, TMOI_T(STRING), "input", ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T(STRING), ctx));
    TMO_FAIL_IF(options->ngram_size < 1 || options->ngram_size > 64 || options->max_skip_size < 0,
                INVALID_MODEL, ctx, "%d words with at most %d between two", (int)options->ngram_size,
                (int)options->max_skip_size);
    tmoi_infer_set_dynamic(infer);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
