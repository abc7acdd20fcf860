/* An allocator that fails at the n-th allocation and counts what is alive, for "every allocation fails in turn" tests. */
#ifndef TESTS_OOM_FAILING_ALLOCATOR_H
#define TESTS_OOM_FAILING_ALLOCATOR_H

#include <stdatomic.h>
#include <stdlib.h>

#include "tmo/common.h"

typedef struct failing_allocator {
    atomic_long calls;
    atomic_long alive;
    long fail_at; /* counted from 1; 0: never */
} failing_allocator;

static inline void *failing_alloc(void *user, size_t size_bytes, size_t alignment)
{
    failing_allocator *self = user;
    long call = atomic_fetch_add(&self->calls, 1) + 1;
    if (call == self->fail_at) return NULL;
    void *memory = aligned_alloc(alignment < sizeof(void *) ? sizeof(void *) : alignment,
                                 (size_bytes + 63) / 64 * 64);
    if (memory) atomic_fetch_add(&self->alive, 1);
    return memory;
}

static inline void failing_release(void *user, void *memory)
{
    failing_allocator *self = user;
    atomic_fetch_sub(&self->alive, 1);
    free(memory);
}

static inline tmo_allocator failing_allocator_of(failing_allocator *self)
{
    return (tmo_allocator){self, failing_alloc, failing_release};
}

#endif
