/* Shapes of EMBEDDING_LOOKUP. */
#include "model/infer.h"

enum {
    PACKED = TMOI_T(INT4) | TMOI_T(INT2),
    COPIED = TMOI_T(FLOAT32) | TMOI_T(FLOAT16) | TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(INT16) |
             TMOI_T(INT32) | TMOI_T(INT64) | TMOI_T(BOOL)
};

tmo_status tmoi_infer_embedding_lookup(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_arity(infer, 2, 2, 2, 1, ctx));
    const tmoi_infer_input *ids = &infer->inputs[0], *table = &infer->inputs[1];
    tmoi_infer_output *out = &infer->outputs[0];
    TMO_TRY(tmoi_infer_type(ids->type, TMOI_T(INT32), "ids", ctx));
    TMO_TRY(tmoi_infer_type(table->type, COPIED | PACKED, "table", ctx));
    TMO_FAIL_IF(ids->shape.rank != 1 || table->shape.rank < 2, INVALID_MODEL, ctx,
                "ids %s and table %s, expected rank 1 and rank 2 or more",
                tmoi_shape_format(&ids->shape).text, tmoi_shape_format(&table->shape).text);
    bool dequantizes = out->type == TMO_TYPE_FLOAT32 &&
                       (TMOI_T(INT8) | TMOI_T(UINT8) | TMOI_T(FLOAT16) | PACKED) >> table->type & 1u;
    bool copies = out->type == table->type && !(PACKED >> table->type & 1u);
    TMO_FAIL_IF(!dequantizes && !copies, UNSUPPORTED_OPERATOR, ctx,
                "table of type %s with output of type %s is not supported", tmo_type_name(table->type),
                tmo_type_name(out->type));
    out->shape = table->shape;
    out->shape.dims[0] = ids->shape.dims[0];
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
