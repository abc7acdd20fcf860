/* Pools of threads: every iteration once, whatever the split; sharing; other people's threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "base/thread_pool.h"

enum { MOST = 700, MOST_THREADS = 8 };

typedef struct loop_record {
    int hits[MOST];
    atomic_int inside[MOST_THREADS]; /* calls that run, per thread index */
    atomic_int faults;
    int64_t count, grain;
    int32_t threads;
} loop_record;

static void mark(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    loop_record *record = argument;
    bool is_good = begin < end && end <= record->count && thread >= 0 && thread < record->threads;
    if (record->grain) is_good = is_good && begin % record->grain == 0;
    if (!is_good || atomic_fetch_add(&record->inside[thread], 1) != 0) atomic_fetch_add(&record->faults, 1);
    for (int64_t k = begin; k < end; k++) record->hits[k]++;
    if (is_good) atomic_fetch_sub(&record->inside[thread], 1);
}

static void run_and_check(tmoi_thread_pool *pool, int64_t count, int64_t grain)
{
    loop_record record = {.count = count, .grain = grain, .threads = tmoi_thread_pool_size(pool)};
    tmoi_parallel_for(pool, count, grain, mark, &record);
    assert_int_equal(atomic_load(&record.faults), 0);
    for (int64_t k = 0; k < MOST; k++) assert_int_equal(record.hits[k], k < count);
}

static void run_many(tmoi_thread_pool *pool)
{
    static const int64_t grains[] = {0, 1, 3, 64, MOST};
    for (int64_t count = 0; count < MOST; count = count * 3 / 2 + 1)
        for (size_t g = 0; g < sizeof grains / sizeof grains[0]; g++) run_and_check(pool, count, grains[g]);
}

static tmoi_thread_pool *make_pool(int32_t threads, const tmoi_scheduler *scheduler)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_thread_pool *pool;
    assert_int_equal(tmoi_thread_pool_make(&pool, threads, scheduler, &ctx), TMO_STATUS_OK);
    return pool;
}

static void every_iteration_runs_once(void **state)
{
    (void)state;
    for (int32_t threads = 1; threads <= MOST_THREADS; threads++) {
        tmoi_thread_pool *pool = make_pool(threads, NULL);
        assert_int_equal(tmoi_thread_pool_size(pool), threads);
        for (int round = 0; round < 20; round++) {
            if (round % 2) tmoi_thread_pool_enter(pool);
            run_many(pool);
            if (round % 2) tmoi_thread_pool_leave(pool);
        }
        tmoi_thread_pool_free(pool);
    }
    run_many(NULL);
}

static void wrong_numbers_of_threads_are_refused(void **state)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_thread_pool *pool;
    (void)state;
    assert_int_equal(tmoi_thread_pool_make(&pool, -1, NULL, &ctx), TMO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(tmoi_thread_pool_make(&pool, 1025, NULL, &ctx), TMO_STATUS_INVALID_ARGUMENT);
    assert_null(pool);
    tmoi_thread_pool_free(make_pool(1024, NULL)); /* no loop, no thread */
    assert_true(tmoi_thread_pool_size(NULL) == 1);
}

/* ---- other people's threads ---- */

static void run_backwards(void *user, int32_t count, void (*task)(void *argument, int32_t k), void *argument)
{
    ++*(int *)user;
    for (int32_t k = count - 1; k >= 0; k--) task(argument, k);
}

typedef struct one_task {
    void (*task)(void *argument, int32_t k);
    void *argument;
    int32_t k;
} one_task;

static void *run_one(void *argument)
{
    one_task *self = argument;
    self->task(self->argument, self->k);
    return NULL;
}

static void run_on_new_threads(void *user, int32_t count, void (*task)(void *argument, int32_t k),
                               void *argument)
{
    pthread_t threads[MOST_THREADS];
    one_task tasks[MOST_THREADS];
    (void)user;
    for (int32_t k = 0; k < count; k++) {
        tasks[k] = (one_task){task, argument, k};
        if (pthread_create(&threads[k], NULL, run_one, &tasks[k]) != 0) abort();
    }
    for (int32_t k = 0; k < count; k++) (void)pthread_join(threads[k], NULL);
}

static void a_scheduler_does_the_work(void **state)
{
    int calls = 0;
    const tmoi_scheduler backwards = {run_backwards, &calls}, parallel = {run_on_new_threads, NULL};
    (void)state;
    tmoi_thread_pool *pool = make_pool(4, &backwards);
    assert_int_equal(tmoi_thread_pool_size(pool), 4);
    run_many(pool);
    assert_true(calls > 0);
    tmoi_thread_pool_free(pool);
    pool = make_pool(MOST_THREADS, &parallel);
    run_many(pool);
    tmoi_thread_pool_free(pool);
}

/* ---- several callers ---- */

typedef struct caller {
    tmoi_thread_pool *pool;
    loop_record record;
} caller;

static void *call_often(void *argument)
{
    caller *self = argument;
    for (int round = 0; round < 300; round++) {
        self->record = (loop_record){.count = MOST, .grain = 16, .threads = MOST_THREADS};
        tmoi_thread_pool_enter(self->pool);
        tmoi_parallel_for(self->pool, MOST, 16, mark, &self->record);
        tmoi_thread_pool_leave(self->pool);
        for (int k = 0; k < MOST; k++)
            if (self->record.hits[k] != 1) return self;
        if (atomic_load(&self->record.faults)) return self;
    }
    return NULL;
}

static void callers_share_a_pool(void **state)
{
    enum { CALLERS = 4 };
    static caller callers[CALLERS];
    pthread_t threads[CALLERS];
    tmoi_thread_pool *pool = make_pool(3, NULL);
    (void)state;
    for (int k = 0; k < CALLERS; k++) {
        callers[k].pool = pool;
        assert_int_equal(pthread_create(&threads[k], NULL, call_often, &callers[k]), 0);
    }
    for (int k = 0; k < CALLERS; k++) {
        void *fault;
        assert_int_equal(pthread_join(threads[k], &fault), 0);
        assert_null(fault);
    }
    tmoi_thread_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_iteration_runs_once),
        cmocka_unit_test(wrong_numbers_of_threads_are_refused),
        cmocka_unit_test(a_scheduler_does_the_work),
        cmocka_unit_test(callers_share_a_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
