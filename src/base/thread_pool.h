/* A pool of threads for loops whose iterations are independent. The calling thread takes part, so a pool of one thread
 * starts none. The split of the work depends on the number of threads, never its result. */
#ifndef TMOI_BASE_THREAD_POOL_H
#define TMOI_BASE_THREAD_POOL_H

#include "base/error.h"

typedef struct tmoi_thread_pool tmoi_thread_pool;

/* thread_count 0: one a physical core. */
tmo_status tmoi_thread_pool_make(tmoi_thread_pool **out, int32_t thread_count, tmoi_ctx *ctx);
/* Accepts NULL. */
void tmoi_thread_pool_free(tmoi_thread_pool *pool);
/* At least 1. Accepts NULL: 1. */
int32_t tmoi_thread_pool_size(const tmoi_thread_pool *pool);

/* Calls body(argument, begin, end, thread) for ranges that cover [0, count) once each, from several threads; thread is
 * in [0, size). Returns when all are done. A NULL pool runs it all on the caller. Must not be nested. Never allocates.
 *
 * grain: the least iterations that are worth handing out, so that a piece takes some ten microseconds; ranges begin at multiples
 * of it, and a count within one grain runs on the caller at once. 0: even parts, one a thread. */
void tmoi_parallel_for(tmoi_thread_pool *pool, int64_t count, int64_t grain,
                       void (*body)(void *argument, int64_t begin, int64_t end, int32_t thread),
                       void *argument);

/* The grain for iterations of `operations` simple operations (multiply-adds, or bytes moved) each. */
static inline int64_t tmoi_grain(int64_t operations)
{
    enum { PIECE = 200000 };
    return operations <= 0 ? PIECE : operations >= PIECE ? 1 : PIECE / operations;
}

#endif
