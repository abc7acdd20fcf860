#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/os.h"

/* Before each block lies what it was made of, so that any alignment works on every libc. */
typedef struct origin {
    void *memory;
    size_t pages_bytes; /* when it came from tmoi_pages_take(); else 0 */
} origin;

static bool takes_pages(size_t size_bytes)
{
    return !TMOI_SANITIZED && size_bytes > TMOI_LARGE_PAGE / 2;
}

static void *default_alloc(void *user, size_t size_bytes, size_t alignment)
{
    size_t extra = alignment + sizeof(origin), total;
    (void)user;
    if (!tmoi_add_size(size_bytes, extra, &total)) return NULL;
    origin from = {.pages_bytes = takes_pages(size_bytes) ? total : 0};
    from.memory = from.pages_bytes ? tmoi_pages_take(total) : malloc(total);
    if (!from.memory) return NULL;
    uintptr_t raw = (uintptr_t)from.memory,
              start = (raw + sizeof from + alignment - 1) & ~(uintptr_t)(alignment - 1);
    unsigned char *block = (unsigned char *)from.memory + (start - raw);
    memcpy(block - sizeof from, &from, sizeof from);
    return block;
}

static void default_release(void *user, void *memory)
{
    origin from;
    (void)user;
    memcpy(&from, (unsigned char *)memory - sizeof from, sizeof from);
    if (from.pages_bytes)
        tmoi_pages_give(from.memory, from.pages_bytes);
    else
        free(from.memory);
}

bool tmoi_is_untouched(const tmo_allocator *allocator, size_t size_bytes)
{
    return allocator->alloc == default_alloc && takes_pages(size_bytes);
}

tmo_allocator tmoi_default_allocator(void)
{
    return (tmo_allocator){NULL, default_alloc, default_release};
}

tmo_status tmoi_alloc_unset(tmoi_ctx *ctx, void **out, size_t bytes, size_t alignment)
{
    *out = ctx->allocator.alloc(ctx->allocator.user, bytes, alignment);
    TMO_FAIL_IF(!*out, OUT_OF_MEMORY, ctx, "cannot allocate %zu bytes", bytes);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_alloc(tmoi_ctx *ctx, void **out, size_t count, size_t elem_bytes, size_t alignment)
{
    size_t bytes;
    *out = NULL;
    TMO_FAIL_IF(!tmoi_mul_size(count, elem_bytes, &bytes), OUT_OF_MEMORY, ctx,
                "cannot allocate %zu elements of %zu bytes", count, elem_bytes);
    if (bytes == 0) bytes = 1;
    TMO_TRY(tmoi_alloc_unset(ctx, out, bytes, alignment));
    if (!tmoi_is_untouched(&ctx->allocator, bytes)) memset(*out, 0, bytes);
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
