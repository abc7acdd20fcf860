/* Shape of DENSIFY. */
#include "model/infer/elements.h"

tmo_status tmoi_infer_densify(tmoi_infer *infer, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_infer_same(infer, ctx));
    TMO_TRY(tmoi_infer_elements(infer, 0, TMOI_T_BYTES, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
