#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The block starts with a pointer to what malloc returned, so that any alignment works on every libc. */
static void *default_alloc(void *user, size_t size_bytes, size_t alignment)
{
    size_t extra = alignment + sizeof(void *), total;
    (void)user;
    if (!tmoi_add_size(size_bytes, extra, &total)) return NULL;
    unsigned char *raw = malloc(total);
    if (!raw) return NULL;
    uintptr_t start = ((uintptr_t)raw + sizeof(void *) + alignment - 1) & ~(uintptr_t)(alignment - 1);
    unsigned char *block = raw + (start - (uintptr_t)raw);
    memcpy(block - sizeof(void *), &raw, sizeof raw);
    return block;
}

static void default_release(void *user, void *memory)
{
    void *raw;
    (void)user;
    memcpy(&raw, (unsigned char *)memory - sizeof(void *), sizeof raw);
    free(raw);
}

tmo_allocator tmoi_default_allocator(void)
{
    return (tmo_allocator){NULL, default_alloc, default_release};
}

tmo_status tmoi_alloc(tmoi_ctx *ctx, void **out, size_t count, size_t elem_bytes, size_t alignment)
{
    size_t bytes;
    *out = NULL;
    TMO_FAIL_IF(!tmoi_mul_size(count, elem_bytes, &bytes), OUT_OF_MEMORY, ctx,
                "cannot allocate %zu elements of %zu bytes", count, elem_bytes);
    if (bytes == 0) bytes = 1;
    *out = ctx->allocator.alloc(ctx->allocator.user, bytes, alignment);
    TMO_FAIL_IF(!*out, OUT_OF_MEMORY, ctx, "cannot allocate %zu bytes", bytes);
    memset(*out, 0, bytes);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

void tmoi_release(const tmo_allocator *allocator, void *memory)
{
    if (memory) allocator->release(allocator->user, memory);
}

tmo_status tmoi_grow(tmoi_ctx *ctx, void **array, size_t *capacity, size_t needed, size_t elem_bytes)
{
    void *bigger;
    if (needed <= *capacity) return TMO_STATUS_OK;
    size_t count = *capacity < 8 ? 8 : *capacity;
    while (count < needed && count <= SIZE_MAX / 2) count *= 2;
    if (count < needed) count = needed;
    TMO_TRY(tmoi_alloc(ctx, &bigger, count, elem_bytes, 16));
    if (*array) memcpy(bigger, *array, *capacity * elem_bytes);
    tmoi_release(&ctx->allocator, *array);
    *array = bigger;
    *capacity = count;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
