/* Packed weights: constants in the form that a kernel wants, made once for all sessions of a model, and kept in a file from
 * one process to the next where the caller says so.
 *
 * A form is known by the contents of its constant, so a store serves whatever graph a session makes of the model's, and a file
 * never gives a form of other weights. */
#ifndef TMOI_RUNTIME_WEIGHTS_H
#define TMOI_RUNTIME_WEIGHTS_H

#include "runtime/op.h"

/* One form of a constant. Two requests with equal constants (type, shape, quantization, bytes), layout, kind and bytes are the
 * same form; without a file, the same bytes at two places of the graph may be two. */
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

/* In prepare: *out is valid as long as the node is prepared. It may come from a file, so numbers in it may be anything: kernels
 * must not take them for sizes or places in memory. */
tmo_status tmoi_weights_get(tmoi_exec *exec, const tmoi_packing *packing, const void **out, tmoi_ctx *ctx);

/* ---- the store, for those who make sessions ---- */

typedef struct tmoi_weights tmoi_weights;

/* The store of a graph, which is borrowed until the store is freed. Sessions in several threads may use it at once. It allocates
 * through the allocator of `ctx`. */
tmo_status tmoi_weights_make(tmoi_weights **out, const tmoi_graph *graph, tmoi_ctx *ctx);
/* Accepts NULL. Sessions that use it must be freed before. */
void tmoi_weights_free(tmoi_weights *weights);

/* From now on forms come from the file at `path`, if it is there and was made from the same constants by the same version of the
 * library for the same CPU features; it is written anew whenever a session needed forms that it lacks. A file that is damaged or of
 * other origin counts as missing. Forms made before stay out of it. `path` may be a folder, which then holds a file for each model. Does nothing when the store
 * has a file already. Fails only for lack of memory. */
tmo_status tmoi_weights_use_file(tmoi_weights *weights, const char *path, uint32_t cpu, tmoi_ctx *ctx);
/* To be called when a session has been made: writes the file if need be (a failure goes to the log), and gives back the memory of
 * the model's file, which forms have taken the place of. */
void tmoi_weights_settle(tmoi_weights *weights, tmoi_ctx *ctx);
/* Bytes of the forms that were made, and of those that are used from the file. */
void tmoi_weights_bytes(const tmoi_weights *weights, size_t *made, size_t *mapped);

#endif
