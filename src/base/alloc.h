/* Memory through the caller's allocator, and size arithmetic that cannot wrap. */
#ifndef TMOI_BASE_ALLOC_H
#define TMOI_BASE_ALLOC_H

#include <stddef.h>

#include "base/error.h"

#define TMOI_ALIGNMENT 64 /* of tensors: a cache line, and the widest vector register */

tmo_allocator tmoi_default_allocator(void);

/* a * b and a + b; false when the result does not fit. */
static inline bool tmoi_mul_size(size_t a, size_t b, size_t *out)
{
    *out = a * b;
    return a == 0 || *out / a == b;
}

static inline bool tmoi_add_size(size_t a, size_t b, size_t *out)
{
    *out = a + b;
    return *out >= a;
}

/* `size` rounded up to a multiple of `alignment` (a power of two); the caller knows that it fits. */
static inline size_t tmoi_align_up(size_t size, size_t alignment)
{
    return (size + alignment - 1) & ~(alignment - 1);
}

/* True when `allocator` takes memory of that size straight from the system: zeroed, and touched by nobody, so that what is never
 * used costs nothing. */
bool tmoi_is_untouched(const tmo_allocator *allocator, size_t size_bytes);

/* Zeroed memory for count * elem_bytes bytes in *out, or OUT_OF_MEMORY. A count of 0 gives a valid pointer. */
tmo_status tmoi_alloc(tmoi_ctx *ctx, void **out, size_t count, size_t elem_bytes, size_t alignment);
/* The same without zeros, for `bytes` > 0: what is never written costs nothing. */
tmo_status tmoi_alloc_unset(tmoi_ctx *ctx, void **out, size_t bytes, size_t alignment);
/* Accepts NULL. */
void tmoi_release(const tmo_allocator *allocator, void *memory);

/* tmoi_new(ctx, &array, count): typed, zeroed, 16-byte aligned. */
#define tmoi_new(ctx, out, count) tmoi_alloc((ctx), (void **)(out), (count), sizeof **(out), 16)

/* Grows *array, of *capacity elements of elem_bytes, to hold at least `needed`; old contents are kept, new ones zero. */
tmo_status tmoi_grow(tmoi_ctx *ctx, void **array, size_t *capacity, size_t needed, size_t elem_bytes);

#endif
