/* Many sessions: in threads, with shared threads and weights, one after the other, in given memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/os.h"
#include "oom/failing_allocator.h"
#include "tmo/runtime.h"

#define DIGITS TMO_SOURCE_DIR "/data/handwriting/digits.tflite"

enum { PIXELS = 784, CLASSES = 10, BATCH = 12, ROUNDS = TMOI_SANITIZED ? 1 : 4 };

/* Images of noise, and what a session of one thread makes of them. */
typedef struct example {
    int32_t batch;
    float images[BATCH * PIXELS], scores[BATCH * CLASSES];
} example;

static tmo_model *model;
static example small, large;

static tmo_status run_batch(tmo_session *session, const example *from, float *scores)
{
    const int32_t shape[] = {from->batch, 28, 28, 1};
    tmo_tensor_view view = {.struct_size = sizeof view};
    tmo_status status = tmo_session_resize_input(session, 0, shape, 4, NULL);
    if (status == TMO_STATUS_OK) status = tmo_session_input(session, 0, &view, NULL);
    if (status != TMO_STATUS_OK) return status;
    if (!view.data) return TMO_STATUS_INTERNAL;
    memcpy(view.data, from->images, (size_t)from->batch * PIXELS * sizeof(float));
    status = tmo_session_run(session, NULL);
    if (status == TMO_STATUS_OK) status = tmo_session_output(session, 0, &view, NULL);
    if (status != TMO_STATUS_OK) return status;
    memcpy(scores, view.data, (size_t)from->batch * CLASSES * sizeof(float));
    return TMO_STATUS_OK;
}

/* The same bits, however many threads there are. */
static bool gives_the_same(tmo_session *session, const example *from)
{
    float scores[BATCH * CLASSES];
    return run_batch(session, from, scores) == TMO_STATUS_OK &&
           memcmp(scores, from->scores, (size_t)from->batch * CLASSES * sizeof(float)) == 0;
}

static tmo_session *open_session(const tmo_session_options *options)
{
    tmo_session *session;
    tmo_error error = TMO_ERROR_INIT;
    if (tmo_session_create(&session, model, options, &error)) fail_msg("%s", error.message);
    return session;
}

static void make_example(example *out, int32_t batch, uint32_t seed)
{
    tmo_session_options options = TMO_SESSION_OPTIONS_INIT;
    options.threads = 1;
    out->batch = batch;
    for (int k = 0; k < BATCH * PIXELS; k++) {
        seed = seed * 1664525u + 1013904223u;
        out->images[k] = (float)(seed >> 8) * 0x1p-24f;
    }
    tmo_session *session = open_session(&options);
    assert_int_equal(run_batch(session, out, out->scores), TMO_STATUS_OK);
    tmo_session_free(session);
}

static int load(void **state)
{
    (void)state;
    if (tmo_model_load_file(&model, DIGITS, NULL, NULL) != TMO_STATUS_OK) return -1;
    make_example(&small, 1, 5);
    make_example(&large, BATCH, 6);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    tmo_model_free(model);
    return 0;
}

/* ---- at once ---- */

static void run_on_this_thread(void *user, int32_t count, void (*task)(void *argument, int32_t k),
                               void *argument)
{
    (void)user;
    for (int32_t k = count - 1; k >= 0; k--) task(argument, k);
}

/* Makes sessions, resizes and runs them; NULL when all went well. */
static void *use_sessions(void *options)
{
    for (int round = 0; round < ROUNDS; round++) {
        tmo_session *session;
        bool is_good = true;
        if (tmo_session_create(&session, model, options, NULL) != TMO_STATUS_OK) return options;
        for (int k = 0; k < 3; k++) is_good = is_good && gives_the_same(session, k % 2 ? &small : &large);
        tmo_session_free(session);
        if (!is_good) return options;
    }
    return NULL;
}

static void run_in_threads(tmo_session_options *options)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    for (int k = 0; k < THREADS; k++)
        assert_int_equal(pthread_create(&threads[k], NULL, use_sessions, options), 0);
    for (int k = 0; k < THREADS; k++) {
        void *fault;
        assert_int_equal(pthread_join(threads[k], &fault), 0);
        assert_null(fault);
    }
}

static void sessions_run_at_once(void **state)
{
    tmo_session_options options = TMO_SESSION_OPTIONS_INIT;
    (void)state;
    for (options.threads = 1; options.threads <= 3; options.threads++) run_in_threads(&options);
    options.parallel_for = run_on_this_thread;
    run_in_threads(&options);
}

static void sessions_share_a_pool(void **state)
{
    tmo_session_options options = TMO_SESSION_OPTIONS_INIT;
    (void)state;
    for (int32_t threads = 0; threads <= 4; threads += 2) {
        assert_int_equal(tmo_thread_pool_create(&options.thread_pool, threads, NULL, NULL), TMO_STATUS_OK);
        run_in_threads(&options);
        tmo_thread_pool_free(options.thread_pool);
    }
    assert_int_equal(tmo_thread_pool_create(&options.thread_pool, -1, NULL, NULL),
                     TMO_STATUS_INVALID_ARGUMENT);
    assert_null(options.thread_pool);
}

/* A model that nobody has made a session of: its weights are packed by whoever comes first. */
static void sessions_are_made_at_once(void **state)
{
    tmo_model *old = model;
    tmo_session_options options = TMO_SESSION_OPTIONS_INIT;
    (void)state;
    options.threads = 1;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t before, after, in_file;
        assert_int_equal(tmo_model_load_file(&model, DIGITS, NULL, NULL), TMO_STATUS_OK);
        run_in_threads(&options);
        tmo_model_packed_bytes(model, &after, &in_file);
        tmo_model_packed_bytes(old, &before, &in_file);
        assert_int_equal(after, before);
        tmo_model_free(model);
        model = old;
    }
}

/* ---- one after the other ---- */

static void sessions_leave_nothing(void **state)
{
    failing_allocator counting = {0, 0, 0};
    tmo_session_options options = TMO_SESSION_OPTIONS_INIT;
    uint64_t resident = 0, packed, later, in_file;
    (void)state;
    options.allocator = failing_allocator_of(&counting);
    options.threads = 2;
    tmo_model_packed_bytes(model, &packed, &in_file);
    for (int k = 0; k < 1000; k++) {
        tmo_session *session = open_session(&options);
        if (k % 50 == 0) assert_true(gives_the_same(session, k % 100 ? &small : &large));
        tmo_session_free(session);
        assert_int_equal(atomic_load(&counting.alive), 0);
        if (k == 100) resident = tmoi_rss_bytes();
    }
    if (!TMOI_SANITIZED) assert_true(tmoi_rss_bytes() < resident + (1u << 20));
    tmo_model_packed_bytes(model, &later, &in_file);
    assert_int_equal(packed, later);
}

/* ---- given memory ---- */

static void the_arena_is_known_beforehand(void **state)
{
    failing_allocator counting = {0, 0, 0};
    tmo_session_options options = TMO_SESSION_OPTIONS_INIT;
    tmo_tensor_view view = {.struct_size = sizeof view};
    const int32_t shape[] = {BATCH, 28, 28, 1};
    (void)state;
    options.plan_only = true;
    options.threads = 1;
    options.allocator = failing_allocator_of(&counting);
    tmo_session *session = open_session(&options);
    assert_int_equal(tmo_session_run(session, NULL), TMO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(tmo_session_resize_input(session, 0, shape, 4, NULL), TMO_STATUS_OK);
    assert_int_equal(tmo_session_input(session, 0, &view, NULL), TMO_STATUS_OK);
    assert_null(view.data);
    size_t bytes = (size_t)tmo_session_arena_bytes(session);
    assert_true(bytes > BATCH * PIXELS * sizeof(float));
    unsigned char *arena = aligned_alloc(64, bytes + 64);
    assert_non_null(arena);
    memset(arena + bytes, 0xa5, 64);
    assert_int_equal(tmo_session_set_arena(session, arena, bytes - 1, NULL), TMO_STATUS_OUT_OF_MEMORY);
    assert_int_equal(tmo_session_set_arena(session, arena + 1, bytes, NULL), TMO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(tmo_session_set_arena(session, arena, bytes, NULL), TMO_STATUS_OK);
    assert_int_equal(tmo_session_arena_bytes(session), bytes);
    assert_true(gives_the_same(session, &large));
    assert_int_equal(tmo_session_input(session, 0, &view, NULL), TMO_STATUS_OK);
    assert_true((unsigned char *)view.data >= arena && (unsigned char *)view.data < arena + bytes);
    for (int k = 0; k < 64; k++) assert_int_equal(arena[bytes + (size_t)k], 0xa5);
    assert_true(gives_the_same(session, &small)); /* a smaller shape fits too */
    assert_int_equal(tmo_session_set_arena(session, NULL, 0, NULL), TMO_STATUS_OK);
    free(arena);
    assert_true(gives_the_same(session, &large));
    tmo_session_free(session);
    assert_int_equal(atomic_load(&counting.alive), 0);
}

/* ---- a file of weights ---- */

static void a_file_serves_the_next_process(void **state)
{
    char path[] = "/tmp/tmo-weights-XXXXXX";
    tmo_session_options options = TMO_SESSION_OPTIONS_INIT;
    tmo_model *old = model;
    uint64_t packed, made, in_file;
    (void)state;
    tmo_model_packed_bytes(model, &packed, &in_file);
    int descriptor = mkstemp(path); /* an empty file is not a good one */
    assert_true(descriptor >= 0);
    (void)close(descriptor);
    options.weights_cache = path;
    for (int round = 0; round < 3; round++) {
        assert_int_equal(tmo_model_load_file(&model, DIGITS, NULL, NULL), TMO_STATUS_OK);
        tmo_session *session = open_session(&options);
        assert_true(gives_the_same(session, &small));
        assert_true(gives_the_same(session, &large));
        tmo_session_free(session);
        tmo_model_packed_bytes(model, &made, &in_file);
        assert_int_equal(round == 0 ? made : in_file, packed);
        assert_int_equal(round == 0 ? in_file : made, 0);
        tmo_model_free(model);
        model = old;
    }
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_run_at_once),          cmocka_unit_test(sessions_share_a_pool),
        cmocka_unit_test(sessions_are_made_at_once),     cmocka_unit_test(sessions_leave_nothing),
        cmocka_unit_test(the_arena_is_known_beforehand), cmocka_unit_test(a_file_serves_the_next_process),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
