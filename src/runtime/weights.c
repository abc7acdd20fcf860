#include "runtime/weights.h"

tmo_status tmoi_weights_get(tmoi_exec *exec, const tmoi_packing *packing, const void **out, tmoi_ctx *ctx)
{
    void *form;
    *out = NULL;
    TMO_TRY(tmoi_node_memory(exec, &form, 1, packing->bytes, ctx));
    packing->fill(packing->user, form);
    *out = form;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
