/* The form of an operand that a kernel wants, such as packed weights: of a constant made once and shared by sessions
 * (runtime/weights.h), of a value known only at run time made in each run, in scratch memory. */
#ifndef TMOI_RUNTIME_OPS_FORM_H
#define TMOI_RUNTIME_OPS_FORM_H

#include "runtime/weights.h"

typedef struct tmoi_form {
    tmoi_packing packing; /* bytes 0: an empty form */
    const void *data;     /* of a constant */
    int32_t scratch;      /* index of the scratch block otherwise */
} tmoi_form;

/* packing->user must live as long as the node is prepared. */
tmo_status tmoi_form_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_form *form, const tmoi_packing *packing,
                             tmoi_ctx *ctx);
/* In eval, once a run and before the work is split. */
const void *tmoi_form_data(const tmoi_node *node, const tmoi_form *form);

/* count · elem_bytes as the bytes of a form; fails when that is too large. */
tmo_status tmoi_form_bytes(const tmoi_value *value, int64_t count, size_t elem_bytes, size_t *bytes,
                           tmoi_ctx *ctx);

#endif
