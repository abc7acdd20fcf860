/* How a loop runs. The caller takes the pool, deals the pieces out as one range a thread, and opens the gate: a counter of
 * rounds and the seats that are left, in one atomic word. A worker that gets a seat works until no range holds a piece, then
 * counts itself as finished. The caller works too, closes the gate, and waits for those that got a seat; so after that nobody looks
 * at the loop any more.
 *
 * A range is one atomic word as well: the next piece and the end. Its owner takes from the front, a quarter of what is left at a
 * time; a thread without pieces moves half of another's, from the end, into its own range. */
#include "base/thread_pool.h"

#include <stdatomic.h>

#include "base/alloc.h"
#include "base/os.h"

enum {
    LOOK_OUT_NS = 50000, /* how long a worker looks out for the next loop of a busy phase before it sleeps, */
    LOOK_OUT_IDLE_NS = 4000, /* and outside of one */
    LOOKS_PER_CLOCK = 16
};
#define MAX_PIECES INT32_MAX

/* On a cache line of its own. */
typedef struct range {
    _Alignas(TMOI_ALIGNMENT) atomic_uint_least64_t pieces; /* next << 32 | end */
} range;

typedef struct worker {
    tmoi_thread_pool *pool;
    tmoi_thread *thread;
    int32_t index;
} worker;

typedef struct loop {
    int64_t count, grain;
    void (*body)(void *argument, int64_t begin, int64_t end, int32_t thread);
    void *argument;
} loop;

struct tmoi_thread_pool {
    tmo_allocator allocator;
    tmoi_scheduler scheduler;
    int32_t size, started; /* threads, the caller included; workers that run */
    bool may_look_out;     /* there is a core for each thread */
    range *ranges;         /* [size] */
    worker *workers;       /* [size - 1], none with a scheduler: the caller is thread 0 */
    tmoi_mutex *mutex;
    tmoi_condition *work, *done;
    loop loop;

    _Alignas(TMOI_ALIGNMENT) atomic_uint_least64_t gate; /* round << 32 | seats that are left */
    atomic_int sleepers, phases;
    atomic_bool stop;
    atomic_flag taken; /* by the caller of a loop */

    _Alignas(TMOI_ALIGNMENT) atomic_int finished; /* workers of this round */
    atomic_bool is_awaited;                       /* the caller sleeps until they are */
};

/* ---- ranges of pieces ---- */

static uint64_t pack(uint64_t next, uint64_t end)
{
    return next << 32 | end;
}

static void deal(tmoi_thread_pool *pool, int64_t pieces)
{
    for (int32_t k = 0; k < pool->size; k++)
        atomic_store_explicit(
            &pool->ranges[k].pieces,
            pack((uint64_t)(pieces * k / pool->size), (uint64_t)(pieces * (k + 1) / pool->size)),
            memory_order_relaxed);
}

static bool take_own(range *own, int64_t *begin, int64_t *end)
{
    uint64_t pieces = atomic_load_explicit(&own->pieces, memory_order_relaxed);
    for (;;) {
        uint64_t next = pieces >> 32, last = pieces & UINT32_MAX;
        if (next >= last) return false;
        uint64_t taken = (last - next + 3) / 4;
        if (!atomic_compare_exchange_weak_explicit(&own->pieces, &pieces, pack(next + taken, last),
                                                   memory_order_relaxed, memory_order_relaxed))
            continue;
        *begin = (int64_t)next;
        *end = (int64_t)(next + taken);
        return true;
    }
}

/* Moves the latter half of `from` into `own`, which is empty. */
static bool steal(range *own, range *from)
{
    uint64_t pieces = atomic_load_explicit(&from->pieces, memory_order_relaxed);
    for (;;) {
        uint64_t next = pieces >> 32, last = pieces & UINT32_MAX;
        if (next >= last) return false;
        uint64_t kept = next + (last - next) / 2;
        if (!atomic_compare_exchange_weak_explicit(&from->pieces, &pieces, pack(next, kept),
                                                   memory_order_relaxed, memory_order_relaxed))
            continue;
        atomic_store_explicit(&own->pieces, pack(kept, last), memory_order_relaxed);
        return true;
    }
}

static bool steal_any(tmoi_thread_pool *pool, int32_t index)
{
    for (int32_t k = index + 1; k < pool->size; k++)
        if (steal(&pool->ranges[index], &pool->ranges[k])) return true;
    for (int32_t k = 0; k < index; k++)
        if (steal(&pool->ranges[index], &pool->ranges[k])) return true;
    return false;
}

static void work_on_loop(tmoi_thread_pool *pool, int32_t index)
{
    const loop *l = &pool->loop;
    int64_t begin, end;
    do {
        while (take_own(&pool->ranges[index], &begin, &end)) {
            end *= l->grain;
            l->body(l->argument, begin * l->grain, end < l->count ? end : l->count, index);
        }
    } while (steal_any(pool, index));
}

/* ---- workers ---- */

/* A seat in a round other than *seen. */
static bool join_round(tmoi_thread_pool *pool, uint32_t *seen)
{
    uint64_t gate = atomic_load(&pool->gate);
    while ((uint32_t)(gate >> 32) != *seen && (uint32_t)gate > 0) {
        if (!atomic_compare_exchange_weak(&pool->gate, &gate, gate - 1)) continue;
        *seen = (uint32_t)(gate >> 32);
        return true;
    }
    return false;
}

static void leave_round(tmoi_thread_pool *pool)
{
    atomic_fetch_add(&pool->finished, 1);
    if (!atomic_load(&pool->is_awaited)) return;
    tmoi_mutex_lock(pool->mutex);
    tmoi_condition_wake_one(pool->done);
    tmoi_mutex_unlock(pool->mutex);
}

/* True when a seat was found in the time that is worth looking out for one. */
static bool look_out(tmoi_thread_pool *pool, uint32_t *seen)
{
    if (!pool->may_look_out) return join_round(pool, seen);
    uint64_t start = tmoi_clock_ns(), limit;
    do {
        for (int32_t k = 0; k < LOOKS_PER_CLOCK; k++) {
            if (join_round(pool, seen)) return true;
            TMOI_PAUSE();
        }
        limit = atomic_load_explicit(&pool->phases, memory_order_relaxed) ? LOOK_OUT_NS : LOOK_OUT_IDLE_NS;
    } while (tmoi_clock_ns() - start < limit && !atomic_load_explicit(&pool->stop, memory_order_relaxed));
    return false;
}

/* The caller opens the gate before it reads `sleepers`, a worker counts itself as one before it looks at the gate again: so one
 * of the two sees the other. */
static bool sleep_for_round(tmoi_thread_pool *pool, uint32_t *seen)
{
    bool joined;
    tmoi_mutex_lock(pool->mutex);
    atomic_fetch_add(&pool->sleepers, 1);
    while (!(joined = join_round(pool, seen)) && !atomic_load(&pool->stop))
        tmoi_condition_wait(pool->work, pool->mutex);
    atomic_fetch_sub(&pool->sleepers, 1);
    tmoi_mutex_unlock(pool->mutex);
    return joined;
}

static void worker_main(void *argument)
{
    worker *self = argument;
    tmoi_thread_pool *pool = self->pool;
    uint32_t seen = 0;
    while (look_out(pool, &seen) || sleep_for_round(pool, &seen)) {
        work_on_loop(pool, self->index);
        leave_round(pool);
    }
}

/* ---- life ---- */

static tmo_status make_workers(tmoi_thread_pool *pool, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_mutex_make(&pool->mutex, ctx));
    TMO_TRY(tmoi_condition_make(&pool->work, ctx));
    TMO_TRY(tmoi_condition_make(&pool->done, ctx));
    TMO_TRY(tmoi_new(ctx, &pool->workers, (size_t)pool->size - 1));
    for (int32_t k = 0; k < pool->size - 1; k++) {
        worker *next = &pool->workers[k];
        *next = (worker){.pool = pool, .index = k + 1};
        TMO_TRY(tmoi_thread_make(&next->thread, worker_main, next, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_thread_pool_make(tmoi_thread_pool **out, int32_t thread_count,
                                 const tmoi_scheduler *scheduler, tmoi_ctx *ctx)
{
    tmoi_thread_pool *pool = NULL;
    *out = NULL;
    TMO_FAIL_IF(thread_count < 0 || thread_count > 1024, INVALID_ARGUMENT, ctx,
                "threads must be in [0, 1024], got %d", (int)thread_count);
    int32_t cores = thread_count == 1 ? 1 : tmoi_core_count();
    TMO_TRY(tmoi_alloc(ctx, (void **)&pool, 1, sizeof *pool, TMOI_ALIGNMENT));
    pool->allocator = ctx->allocator;
    pool->size = thread_count ? thread_count : cores;
    pool->may_look_out = pool->size <= cores;
    if (scheduler) pool->scheduler = *scheduler;
    atomic_flag_clear(&pool->taken);
    if (pool->size > 1) {
        TMO_TRY(tmoi_alloc(ctx, (void **)&pool->ranges, (size_t)pool->size, sizeof *pool->ranges,
                           TMOI_ALIGNMENT));
        if (!pool->scheduler.run) TMO_TRY(make_workers(pool, ctx));
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
    if (pool->started) {
        tmoi_mutex_lock(pool->mutex);
        atomic_store(&pool->stop, true);
        tmoi_condition_wake_all(pool->work);
        tmoi_mutex_unlock(pool->mutex);
    }
    for (int32_t k = 0; pool->workers && k < pool->size - 1; k++) tmoi_thread_free(pool->workers[k].thread);
    tmoi_condition_free(pool->work);
    tmoi_condition_free(pool->done);
    tmoi_mutex_free(pool->mutex);
    tmoi_release(&allocator, pool->workers);
    tmoi_release(&allocator, pool->ranges);
    tmoi_release(&allocator, pool);
}

int32_t tmoi_thread_pool_size(const tmoi_thread_pool *pool)
{
    return pool ? pool->size : 1;
}

void tmoi_thread_pool_enter(tmoi_thread_pool *pool)
{
    if (pool) atomic_fetch_add_explicit(&pool->phases, 1, memory_order_relaxed);
}

void tmoi_thread_pool_leave(tmoi_thread_pool *pool)
{
    if (pool) atomic_fetch_sub_explicit(&pool->phases, 1, memory_order_relaxed);
}

/* ---- the caller ---- */

static void start_workers(tmoi_thread_pool *pool, int32_t wanted)
{
    while (pool->started < wanted && tmoi_thread_start(pool->workers[pool->started].thread)) pool->started++;
}

static void open_gate(tmoi_thread_pool *pool, int32_t seats)
{
    uint64_t round = (atomic_load_explicit(&pool->gate, memory_order_relaxed) >> 32) + 1;
    if ((uint32_t)round == 0) round = 1; /* what a worker has seen at first is 0 */
    atomic_store_explicit(&pool->finished, 0, memory_order_relaxed);
    atomic_store(&pool->gate, round << 32 | (uint32_t)seats);
    int32_t sleepers = atomic_load(&pool->sleepers), woken = seats - (pool->started - sleepers);
    if (woken <= 0 || sleepers == 0) return;
    tmoi_mutex_lock(pool->mutex);
    for (int32_t k = 0; k < woken; k++) tmoi_condition_wake_one(pool->work);
    tmoi_mutex_unlock(pool->mutex);
}

/* Closes the gate and waits for those who came through it. */
static void close_gate(tmoi_thread_pool *pool, int32_t seats)
{
    uint64_t gate = atomic_load_explicit(&pool->gate, memory_order_relaxed);
    while (!atomic_compare_exchange_weak(&pool->gate, &gate, gate & ~(uint64_t)UINT32_MAX)) continue;
    int32_t joined = seats - (int32_t)(uint32_t)gate;
    if (pool->may_look_out) {
        uint64_t start = tmoi_clock_ns();
        while (atomic_load(&pool->finished) < joined && tmoi_clock_ns() - start < LOOK_OUT_NS) TMOI_PAUSE();
    }
    if (atomic_load(&pool->finished) == joined) return;
    tmoi_mutex_lock(pool->mutex);
    atomic_store(&pool->is_awaited, true);
    while (atomic_load(&pool->finished) < joined) tmoi_condition_wait(pool->done, pool->mutex);
    atomic_store(&pool->is_awaited, false);
    tmoi_mutex_unlock(pool->mutex);
}

static void run_task(void *argument, int32_t k)
{
    work_on_loop(argument, k);
}

static void run_loop(tmoi_thread_pool *pool, int64_t pieces)
{
    int32_t tasks = pieces < pool->size ? (int32_t)pieces : pool->size;
    deal(pool, pieces);
    if (pool->scheduler.run) {
        pool->scheduler.run(pool->scheduler.user, tasks, run_task, pool);
        return;
    }
    start_workers(pool, tasks - 1);
    int32_t seats = tasks - 1 < pool->started ? tasks - 1 : pool->started;
    open_gate(pool, seats);
    work_on_loop(pool, 0);
    close_gate(pool, seats);
}

static int64_t pieces_of(int64_t count, int64_t grain)
{
    return count / grain + (count % grain != 0);
}

int64_t tmoi_grain(int64_t operations)
{
    enum { PIECE = 200000 };
    return operations <= 0 ? PIECE : operations >= PIECE ? 1 : PIECE / operations;
}

void tmoi_parallel_for(tmoi_thread_pool *pool, int64_t count, int64_t grain,
                       void (*body)(void *argument, int64_t begin, int64_t end, int32_t thread),
                       void *argument)
{
    if (count <= 0) return;
    if (grain <= 0) grain = pieces_of(count, tmoi_thread_pool_size(pool));
    while (pieces_of(count, grain) > MAX_PIECES) grain *= 2;
    if (count <= grain || !pool || pool->size == 1 || atomic_flag_test_and_set(&pool->taken)) {
        body(argument, 0, count, 0);
        return;
    }
    pool->loop = (loop){count, grain, body, argument};
    run_loop(pool, pieces_of(count, grain));
    atomic_flag_clear(&pool->taken);
}
