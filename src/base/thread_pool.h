/* A pool of threads for loops whose iterations are independent. The calling thread takes part, so a pool of one thread
 * starts none; the others start with the first loop that needs them and sleep when there is nothing to do. The split of
 * the work depends on the number of threads and on chance, never its result.
 *
 * Several callers may share a pool: while one runs a loop on it, the loops of the others run on their own threads. */
#ifndef TMOI_BASE_THREAD_POOL_H
#define TMOI_BASE_THREAD_POOL_H

#include "base/error.h"

typedef struct tmoi_thread_pool tmoi_thread_pool;

/* An application's own threads: run() calls task(argument, k) once for each k in [0, count), in any order and on any threads,
 * and returns when all calls have. */
typedef struct tmoi_scheduler {
    void (*run)(void *user, int32_t count, void (*task)(void *argument, int32_t k), void *argument);
    void *user;
} tmoi_scheduler;

/* thread_count 0: one a physical core. With a scheduler (NULL, or without a run: none) the pool starts no threads, and `thread_count` is into how
 * many tasks a loop is split at most. */
tmo_status tmoi_thread_pool_make(tmoi_thread_pool **out, int32_t thread_count,
                                 const tmoi_scheduler *scheduler, tmoi_ctx *ctx);
/* Accepts NULL. */
void tmoi_thread_pool_free(tmoi_thread_pool *pool);
/* At least 1. Accepts NULL: 1. */
int32_t tmoi_thread_pool_size(const tmoi_thread_pool *pool);

/* Between these two calls loops follow each other closely, so threads that run out of work look out for more for some
 * microseconds before they sleep. From any threads, each enter with its leave. Accept NULL. */
void tmoi_thread_pool_enter(tmoi_thread_pool *pool);
void tmoi_thread_pool_leave(tmoi_thread_pool *pool);

/* Calls body(argument, begin, end, thread) for ranges that cover [0, count) once each, from several threads; thread is
 * in [0, size), and no two calls with the same `thread` run at once. Returns when all are done. A NULL pool, or one that is busy
 * with another caller's loop, runs it all on the caller. Must not be nested. Never allocates.
 *
 * grain: the least iterations that are worth handing out, so that a piece takes some ten microseconds; ranges begin at multiples
 * of it, and a count within one grain runs on the caller at once. Each thread starts with a run of neighbouring pieces, always the
 * same for the same count, and takes over others' when it has finished. 0: even parts, one a thread. */
void tmoi_parallel_for(tmoi_thread_pool *pool, int64_t count, int64_t grain,
                       void (*body)(void *argument, int64_t begin, int64_t end, int32_t thread),
                       void *argument);

/* The grain for iterations of `operations` simple operations (multiply-adds, or bytes moved) each. */
int64_t tmoi_grain(int64_t operations);

#endif
