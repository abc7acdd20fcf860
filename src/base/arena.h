/* A growing arena: many small allocations, one release. Nothing in it is freed alone, so half-built structures in an
 * arena need no clean-up of their own. Not thread-safe. */
#ifndef TMOI_BASE_ARENA_H
#define TMOI_BASE_ARENA_H

#include "base/alloc.h"

typedef struct tmoi_arena {
    struct tmoi_arena_block *blocks; /* newest first */
    size_t used, size;               /* of the newest block */
    size_t total_bytes;              /* of all blocks */
    tmo_allocator allocator;
} tmoi_arena;

void tmoi_arena_init(tmoi_arena *arena, const tmo_allocator *allocator);
/* Frees all that came from the arena; the arena can be used again. */
void tmoi_arena_clear(tmoi_arena *arena);

/* Zeroed memory for count * elem_bytes bytes, aligned to `alignment` (a power of two, at most 64). */
tmo_status tmoi_arena_alloc(tmoi_arena *arena, void **out, size_t count, size_t elem_bytes, size_t alignment,
                            tmoi_ctx *ctx);
/* tmoi_arena_new(arena, &array, count, ctx): typed, zeroed. */
#define tmoi_arena_new(arena, out, count, ctx) \
    tmoi_arena_alloc((arena), (void **)(out), (count), sizeof **(out), 16, (ctx))

/* A copy of `bytes` bytes in the arena. */
tmo_status tmoi_arena_copy(tmoi_arena *arena, void **out, const void *data, size_t bytes, tmoi_ctx *ctx);
/* A NUL-terminated copy of a text of `length` bytes. */
tmo_status tmoi_arena_text(tmoi_arena *arena, const char **out, const char *text, size_t length,
                           tmoi_ctx *ctx);
/* Formats a text into the arena. */
tmo_status tmoi_arena_format(tmoi_arena *arena, const char **out, tmoi_ctx *ctx, const char *format, ...)
    TMOI_PRINTF(4, 5);

/* Makes room for `needed` elements in *array (an arena array of *capacity elements); growing leaves the old copy behind
 * until the arena is cleared. */
tmo_status tmoi_arena_grow(tmoi_arena *arena, void **array, int32_t *capacity, int32_t needed,
                           size_t elem_bytes, tmoi_ctx *ctx);

#endif
