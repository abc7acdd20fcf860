/* Packed weights: constants in the form that a kernel wants, shared by all sessions of a model. */
#ifndef TMOI_RUNTIME_WEIGHTS_H
#define TMOI_RUNTIME_WEIGHTS_H

#include "runtime/op.h"

/* One form of a constant. Two requests with equal value->data, layout, bytes and kind are the same form. */
typedef struct tmoi_packing {
    const tmoi_value *value;
    const char
        *layout;   /* static: names the form completely together with `kind`, such as the kernel's name */
    uint64_t kind; /* whatever else decides the bytes: sizes, zero points, hashes of scales */
    size_t bytes;  /* > 0 */
    void (*fill)(const void *user,
                 void *out); /* writes all bytes; `out` is 64-byte aligned, and was zeroed */
    const void *user;
} tmoi_packing;

/* In prepare: *out is valid as long as the node is prepared. */
tmo_status tmoi_weights_get(tmoi_exec *exec, const tmoi_packing *packing, const void **out, tmoi_ctx *ctx);

#endif
