#include "base/thread_pool.h"

#include "base/alloc.h"
#include "base/os.h"

typedef struct worker {
    tmoi_thread_pool *pool;
    tmoi_thread *thread;
    int32_t index;
} worker;

/* One job at a time: `round` counts them, so that a worker knows when a new one has come. */
struct tmoi_thread_pool {
    tmo_allocator allocator;
    tmoi_mutex *mutex;
    tmoi_condition *work, *done;
    worker *workers; /* size - 1 of them: the caller is thread 0 */
    int32_t size, pending;
    uint64_t round;
    bool stop;
    int64_t count;
    void (*body)(void *, int64_t, int64_t, int32_t);
    void *argument;
};

static void run_part(const tmoi_thread_pool *pool, int32_t index)
{
    int64_t begin = pool->count * index / pool->size, end = pool->count * (index + 1) / pool->size;
    if (begin < end) pool->body(pool->argument, begin, end, index);
}

static void worker_main(void *argument)
{
    worker *self = argument;
    tmoi_thread_pool *pool = self->pool;
    uint64_t seen = 0;
    tmoi_mutex_lock(pool->mutex);
    for (;;) {
        while (pool->round == seen && !pool->stop) tmoi_condition_wait(pool->work, pool->mutex);
        if (pool->stop) break;
        seen = pool->round;
        tmoi_mutex_unlock(pool->mutex);
        run_part(pool, self->index);
        tmoi_mutex_lock(pool->mutex);
        if (--pool->pending == 0) tmoi_condition_wake_all(pool->done);
    }
    tmoi_mutex_unlock(pool->mutex);
}

tmo_status tmoi_thread_pool_make(tmoi_thread_pool **out, int32_t thread_count, tmoi_ctx *ctx)
{
    tmoi_thread_pool *pool = NULL;
    *out = NULL;
    TMO_FAIL_IF(thread_count < 0 || thread_count > 1024, INVALID_ARGUMENT, ctx,
                "threads must be in [0, 1024], got %d", (int)thread_count);
    if (thread_count == 0) thread_count = tmoi_core_count();
    TMO_TRY(tmoi_new(ctx, &pool, 1));
    pool->allocator = ctx->allocator;
    pool->size = 1;
    TMO_TRY(tmoi_mutex_make(&pool->mutex, ctx));
    TMO_TRY(tmoi_condition_make(&pool->work, ctx));
    TMO_TRY(tmoi_condition_make(&pool->done, ctx));
    TMO_TRY(tmoi_new(ctx, &pool->workers, (size_t)thread_count));
    for (int32_t k = 1; k < thread_count; k++) {
        worker *next = &pool->workers[k - 1];
        *next = (worker){.pool = pool, .index = k};
        TMO_TRY(tmoi_thread_start(&next->thread, worker_main, next, ctx));
        pool->size++;
    }
    *out = pool;
    return TMO_STATUS_OK;
fail:
    tmoi_thread_pool_free(pool);
    return ctx->error.status;
}

void tmoi_thread_pool_free(tmoi_thread_pool *pool)
{
    if (!pool) return;
    tmo_allocator allocator = pool->allocator;
    if (pool->size > 1) {
        tmoi_mutex_lock(pool->mutex);
        pool->stop = true;
        tmoi_condition_wake_all(pool->work);
        tmoi_mutex_unlock(pool->mutex);
        for (int32_t k = 1; k < pool->size; k++) tmoi_thread_join(pool->workers[k - 1].thread);
    }
    tmoi_condition_free(pool->work);
    tmoi_condition_free(pool->done);
    tmoi_mutex_free(pool->mutex);
    tmoi_release(&allocator, pool->workers);
    tmoi_release(&allocator, pool);
}

int32_t tmoi_thread_pool_size(const tmoi_thread_pool *pool)
{
    return pool ? pool->size : 1;
}

void tmoi_parallel_for(tmoi_thread_pool *pool, int64_t count, int64_t grain,
                       void (*body)(void *argument, int64_t begin, int64_t end, int32_t thread),
                       void *argument)
{
    if (count <= 0) return;
    if (!pool || pool->size == 1 || count == 1 || count <= grain) {
        body(argument, 0, count, 0);
        return;
    }
    tmoi_mutex_lock(pool->mutex);
    pool->count = count;
    pool->body = body;
    pool->argument = argument;
    pool->pending = pool->size - 1;
    pool->round++;
    tmoi_condition_wake_all(pool->work);
    tmoi_mutex_unlock(pool->mutex);
    run_part(pool, 0);
    tmoi_mutex_lock(pool->mutex);
    while (pool->pending) tmoi_condition_wait(pool->done, pool->mutex);
    tmoi_mutex_unlock(pool->mutex);
}
