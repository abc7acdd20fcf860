#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The payload starts 64 bytes after the block, so that it has the alignment of the block. */
struct tmoi_arena_block {
    struct tmoi_arena_block *next;
};
enum { HEADER_BYTES = TMOI_ALIGNMENT, FIRST_BLOCK_BYTES = 4096, LARGEST_GROWTH_BYTES = 1 << 19 };

void tmoi_arena_init(tmoi_arena *arena, const tmo_allocator *allocator)
{
    *arena = (tmoi_arena){.allocator = *allocator};
}

void tmoi_arena_clear(tmoi_arena *arena)
{
    tmo_allocator allocator = arena->allocator;
    for (struct tmoi_arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        tmoi_release(&allocator, block);
    }
    tmoi_arena_init(arena, &allocator);
}

static tmo_status add_block(tmoi_arena *arena, size_t payload_bytes, tmoi_ctx *ctx)
{
    void *block;
    size_t growth = arena->size * 2, bytes;
    if (growth < FIRST_BLOCK_BYTES) growth = FIRST_BLOCK_BYTES;
    if (growth > LARGEST_GROWTH_BYTES) growth = LARGEST_GROWTH_BYTES;
    if (payload_bytes < growth) payload_bytes = growth;
    TMO_FAIL_IF(!tmoi_add_size(payload_bytes, HEADER_BYTES, &bytes), OUT_OF_MEMORY, ctx,
                "cannot allocate %zu bytes", payload_bytes);
    TMO_TRY(tmoi_alloc_unset(ctx, &block, bytes, TMOI_ALIGNMENT));
    ((struct tmoi_arena_block *)block)->next = arena->blocks;
    arena->blocks = block;
    arena->used = 0;
    arena->size = payload_bytes;
    arena->total_bytes += bytes;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_arena_alloc(tmoi_arena *arena, void **out, size_t count, size_t elem_bytes, size_t alignment,
                            tmoi_ctx *ctx)
{
    size_t bytes;
    *out = NULL;
    TMO_FAIL_IF(!tmoi_mul_size(count, elem_bytes, &bytes) || bytes > SIZE_MAX / 2, OUT_OF_MEMORY, ctx,
                "cannot allocate %zu elements of %zu bytes", count, elem_bytes);
    size_t start = tmoi_align_up(arena->used, alignment);
    if (!arena->blocks || start > arena->size || bytes > arena->size - start) {
        TMO_TRY(add_block(arena, bytes, ctx));
        start = 0;
    }
    *out = (unsigned char *)arena->blocks + HEADER_BYTES + start;
    arena->used = start + bytes;
    memset(*out, 0, bytes);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_arena_copy(tmoi_arena *arena, void **out, const void *data, size_t bytes, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_arena_alloc(arena, out, bytes, 1, bytes >= TMOI_ALIGNMENT ? TMOI_ALIGNMENT : 16, ctx));
    if (bytes) memcpy(*out, data, bytes);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_arena_text(tmoi_arena *arena, const char **out, const char *text, size_t length,
                           tmoi_ctx *ctx)
{
    char *copy;
    *out = NULL;
    TMO_TRY(tmoi_arena_alloc(arena, (void **)&copy, length + 1, 1, 1, ctx));
    if (length) memcpy(copy, text, length);
    *out = copy;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_arena_format(tmoi_arena *arena, const char **out, tmoi_ctx *ctx, const char *format, ...)
{
    char text[TMO_ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0) length = 0;
    if ((size_t)length >= sizeof text) length = (int)sizeof text - 1;
    return tmoi_arena_text(arena, out, text, (size_t)length, ctx);
}

tmo_status tmoi_arena_grow(tmoi_arena *arena, void **array, int32_t *capacity, int32_t needed,
                           size_t elem_bytes, tmoi_ctx *ctx)
{
    void *bigger;
    if (needed <= *capacity) return TMO_STATUS_OK;
    TMO_FAIL_IF(needed > INT32_MAX / 2, LIMIT, ctx, "a list of %d elements is too long", (int)needed);
    int32_t count = needed < 4 ? 4 : needed + needed / 2;
    TMO_TRY(tmoi_arena_alloc(arena, &bigger, (size_t)count, elem_bytes, 16, ctx));
    if (*capacity) memcpy(bigger, *array, (size_t)*capacity * elem_bytes);
    *array = bigger;
    *capacity = count;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
