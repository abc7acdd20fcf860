#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

tmoi_ctx tmoi_ctx_make(const tmo_allocator *allocator)
{
    tmoi_ctx ctx = {.error = TMO_ERROR_INIT};
    ctx.allocator = allocator && allocator->alloc ? *allocator : tmoi_default_allocator();
    return ctx;
}

tmo_status tmoi_ctx_finish(const tmoi_ctx *ctx, tmo_error *error)
{
    if (error && ctx->error.status != TMO_STATUS_OK) {
        uint32_t caller_bytes = error->struct_size ? error->struct_size : (uint32_t)sizeof *error;
        size_t bytes = caller_bytes < sizeof *error ? caller_bytes : sizeof *error;
        memcpy(error, &ctx->error, bytes);
        error->struct_size = caller_bytes;
    }
    return ctx->error.status;
}

tmo_status tmoi_fail(tmoi_ctx *ctx, tmo_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    ctx->error.status = status;
    (void)vsnprintf(ctx->error.message, sizeof ctx->error.message, format, arguments);
    va_end(arguments);
    return status;
}

void tmoi_fail_at_op(tmoi_ctx *ctx, int32_t subgraph, int32_t op)
{
    if (ctx->error.subgraph < 0) ctx->error.subgraph = subgraph;
    if (ctx->error.op < 0) ctx->error.op = op;
}

void tmoi_log(tmoi_ctx *ctx, tmo_log_level level, const char *format, ...)
{
    char text[TMO_ERROR_MESSAGE_BYTES];
    va_list arguments;
    if (!ctx->log) return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ctx->log(ctx->log_user, level, text);
}

static const struct {
    tmo_status status;
    const char *name;
    const char *text;
} statuses[] = {
#define TMO_STATUS(name, value, text) {TMO_STATUS_##name, #name, text},
#include "tmo/status.def"
#undef TMO_STATUS
};

const char *tmo_status_text(tmo_status status)
{
    for (size_t k = 0; k < sizeof statuses / sizeof statuses[0]; k++)
        if (statuses[k].status == status) return statuses[k].text;
    return "unknown status";
}

const char *tmo_status_name(tmo_status status)
{
    for (size_t k = 0; k < sizeof statuses / sizeof statuses[0]; k++)
        if (statuses[k].status == status) return statuses[k].name;
    return "UNKNOWN";
}
