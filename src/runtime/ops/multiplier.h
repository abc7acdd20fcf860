/* Real scales as fixed-point multipliers, checked: scales come from a file and may be anything positive. */
#ifndef TMOI_RUNTIME_OPS_MULTIPLIER_H
#define TMOI_RUNTIME_OPS_MULTIPLIER_H

#include "kernels/common/fixed_point.h"
#include "runtime/op.h"

/* Fails when `real` is so large that a left shift by its exponent would leave 32 bits. `what` names the ratio. */
static inline tmo_status tmoi_prepare_multiplier(double real, const char *what, tmoi_multiplier *out,
                                                 tmoi_ctx *ctx)
{
    TMO_FAIL_IF(!(real >= 0.0) || real >= 1073741824.0, INVALID_MODEL, ctx, "%s is %g, out of range", what,
                real);
    *out = tmoi_multiplier_of(real);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

#endif
