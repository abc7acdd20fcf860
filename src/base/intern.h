/* Numbers pieces of memory by content: equal bytes of the same kind get the same number. The pieces are borrowed. */
#ifndef TMOI_BASE_INTERN_H
#define TMOI_BASE_INTERN_H

#include "base/alloc.h"

typedef struct tmoi_intern_entry {
    const void *data;
    size_t bytes;
    uint64_t hash;
    uint32_t kind; /* whatever else must agree */
} tmoi_intern_entry;

typedef struct tmoi_intern {
    tmoi_intern_entry *entries; /* in the order in which they came */
    size_t count, capacity;
    uint32_t *slots; /* hash table: entry + 1, or 0 */
    size_t slot_count;
} tmoi_intern;

/* *index becomes the number of the piece: that of an equal one, or the next. `data` may be NULL when `bytes` is 0. Start from
 * a zeroed tmoi_intern. */
tmo_status tmoi_intern_add(tmoi_intern *intern, const void *data, size_t bytes, uint32_t kind, size_t *index,
                           tmoi_ctx *ctx);
/* Accepts a zeroed one. */
void tmoi_intern_clear(tmoi_intern *intern, const tmo_allocator *allocator);

#endif
