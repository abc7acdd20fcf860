#include "runtime/ops/form.h"

#include <string.h>

tmo_status tmoi_form_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_form *form, const tmoi_packing *packing,
                             tmoi_ctx *ctx)
{
    *form = (tmoi_form){.packing = *packing};
    if (packing->bytes == 0) return TMO_STATUS_OK;
    if (packing->value->is_constant)
        TMO_TRY(tmoi_weights_get(exec, packing, &form->data, ctx));
    else
        TMO_TRY(tmoi_node_scratch(node, packing->bytes, &form->scratch, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const void *tmoi_form_data(const tmoi_node *node, const tmoi_form *form)
{
    const tmoi_packing *packing = &form->packing;
    if (form->data || packing->bytes == 0) return form->data;
    void *out = node->scratch[form->scratch];
    memset(out, 0, packing->bytes);
    packing->fill(packing->user, out);
    return out;
}

tmo_status tmoi_form_bytes(const tmoi_value *value, int64_t count, size_t elem_bytes, size_t *bytes,
                           tmoi_ctx *ctx)
{
    TMO_FAIL_IF(count < 0 || !tmoi_mul_size((size_t)count, elem_bytes, bytes) || *bytes > SIZE_MAX / 2, LIMIT,
                ctx, "tensor '%s' is too large", value->tensor->name);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
