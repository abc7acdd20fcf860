/* How errors travel inside the library.
 *
 * Every fallible function takes a tmoi_ctx last and returns a tmo_status. A function that fails has described the
 * failure in ctx->error; its callers only pass the status on, and may add the place (operator, tensor). One `fail:` label
 * per function, one clean-up that accepts half-built objects:
 *
 *     tmo_status tmoi_thing_make(tmoi_thing **out, size_t count, tmoi_ctx *ctx)
 *     {
 *         tmoi_thing *thing = NULL;
 *         TMO_FAIL_IF(count == 0, INVALID_ARGUMENT, ctx, "thing: count must be positive, got 0");
 *         TMO_TRY(tmoi_new(ctx, &thing, 1));
 *         *out = thing;
 *         return TMO_STATUS_OK;
 *     fail:
 *         tmoi_thing_free(thing);
 *         return ctx->error.status;
 *     }
 *
 * A context belongs to one thread and one call into the library. */
#ifndef TMOI_BASE_ERROR_H
#define TMOI_BASE_ERROR_H

#include "base/compiler.h"
#include "tmo/common.h"

typedef struct tmoi_ctx {
    tmo_allocator allocator; /* both functions set */
    tmo_log_function log;    /* may be NULL */
    void *log_user;
    tmo_error error;
} tmoi_ctx;

/* A context with the given allocator (NULL or all zero: malloc), no log and no error. */
tmoi_ctx tmoi_ctx_make(const tmo_allocator *allocator);

/* Hands the context's error, if any, to the caller's struct (NULL allowed); returns its status. */
tmo_status tmoi_ctx_finish(const tmoi_ctx *ctx, tmo_error *error);

/* Describes a failure in ctx->error and returns `status`. Places already set stay. */
TMOI_COLD tmo_status tmoi_fail(tmoi_ctx *ctx, tmo_status status, const char *format, ...) TMOI_PRINTF(3, 4);

/* Adds the place to the error in `ctx`, where it is not set yet. */
TMOI_COLD void tmoi_fail_at_op(tmoi_ctx *ctx, int32_t subgraph, int32_t op);

/* Sends a formatted line to the context's log. */
TMOI_COLD void tmoi_log(tmoi_ctx *ctx, tmo_log_level level, const char *format, ...) TMOI_PRINTF(3, 4);

#define TMO_FAIL_IF(condition, name, ctx, ...)                      \
    do {                                                            \
        if (condition) {                                            \
            (void)tmoi_fail((ctx), TMO_STATUS_##name, __VA_ARGS__); \
            goto fail;                                              \
        }                                                           \
    } while (0)

#define TMO_TRY(call)                           \
    do {                                        \
        if ((call) != TMO_STATUS_OK) goto fail; \
    } while (0)

#endif
