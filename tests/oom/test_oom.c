/* Every allocation of a call fails in turn, N = 1, 2, 3… until the call succeeds: each failure must be reported as such and
 * leave nothing allocated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oom/failing_allocator.h"
#include "tmo/tmo.h"

#define DIGITS TMO_SOURCE_DIR "/data/handwriting/digits.tflite"

enum { MOST_ALLOCATIONS = 100000 };

/* Does the work with the allocator; frees all it made. */
typedef tmo_status (*work_function)(const tmo_allocator *allocator, tmo_error *error);

static void fail_each_allocation(work_function work)
{
    long failures = 0;
    for (long n = 1; n < MOST_ALLOCATIONS; n++) {
        failing_allocator failing = {0, 0, n};
        tmo_allocator allocator = failing_allocator_of(&failing);
        tmo_error error = TMO_ERROR_INIT;
        tmo_status status = work(&allocator, &error);
        assert_int_equal(atomic_load(&failing.alive), 0);
        if (atomic_load(&failing.calls) < n) {
            assert_int_equal(status, TMO_STATUS_OK);
            assert_true(failures > 0);
            return;
        }
        assert_int_equal(status, TMO_STATUS_OUT_OF_MEMORY);
        assert_int_equal(error.status, TMO_STATUS_OUT_OF_MEMORY);
        failures++;
    }
    fail_msg("did not come to an end");
}

static tmo_status load(const tmo_allocator *allocator, tmo_error *error)
{
    tmo_load_options options = TMO_LOAD_OPTIONS_INIT;
    tmo_model *model;
    options.allocator = *allocator;
    tmo_status status = tmo_model_load_file(&model, DIGITS, &options, error);
    tmo_model_free(model);
    return status;
}

static void loading(void **state)
{
    (void)state;
    fail_each_allocation(load);
}

static tmo_model *shared_model;

static tmo_status run(const tmo_allocator *allocator, tmo_error *error)
{
    tmo_session_options options = TMO_SESSION_OPTIONS_INIT;
    tmo_session *session;
    const int32_t shape[] = {2, 28, 28, 1};
    options.allocator = *allocator;
    options.threads = 2;
    options.profile = true;
    tmo_status status = tmo_session_create(&session, shared_model, &options, error);
    if (status == TMO_STATUS_OK) status = tmo_session_resize_input(session, 0, shape, 4, error);
    if (status == TMO_STATUS_OK) status = tmo_session_run(session, error);
    tmo_session_free(session);
    return status;
}

static void running(void **state)
{
    tmo_error error = TMO_ERROR_INIT;
    (void)state;
    assert_int_equal(tmo_model_load_file(&shared_model, DIGITS, NULL, &error), TMO_STATUS_OK);
    fail_each_allocation(run);
    tmo_model_free(shared_model);
}

/* The packed weights come from the model's allocator. */
static tmo_status load_and_run(const tmo_allocator *allocator, tmo_error *error)
{
    tmo_load_options options = TMO_LOAD_OPTIONS_INIT;
    tmo_model *model;
    tmo_session *session = NULL;
    options.allocator = *allocator;
    tmo_status status = tmo_model_load_file(&model, DIGITS, &options, error);
    if (status == TMO_STATUS_OK) status = tmo_session_create(&session, model, NULL, error);
    if (status == TMO_STATUS_OK) status = tmo_session_run(session, error);
    tmo_session_free(session);
    tmo_model_free(model);
    return status;
}

static void loading_and_running(void **state)
{
    (void)state;
    fail_each_allocation(load_and_run);
}

static tmo_status share_threads(const tmo_allocator *allocator, tmo_error *error)
{
    tmo_thread_pool *pool;
    tmo_status status = tmo_thread_pool_create(&pool, 3, allocator, error);
    tmo_thread_pool_free(pool);
    return status;
}

static void sharing_threads(void **state)
{
    (void)state;
    fail_each_allocation(share_threads);
}

static tmo_status read_zeros(void *user, uint64_t index, void *const *buffers, const size_t *sizes,
                             int32_t buffer_count)
{
    (void)user;
    (void)index;
    for (int32_t k = 0; k < buffer_count; k++) memset(buffers[k], 0, sizes[k]);
    return TMO_STATUS_OK;
}

static int32_t scheme;

static tmo_status quantize(const tmo_allocator *allocator, tmo_error *error)
{
    tmo_quantize_options options = TMO_QUANTIZE_OPTIONS_INIT;
    tmo_quantize_report report = TMO_QUANTIZE_REPORT_INIT;
    const tmo_samples samples = {.struct_size = sizeof samples, .count = 2, .read = read_zeros};
    tmo_model *small;
    options.allocator = *allocator;
    options.scheme = scheme;
    options.threads = 1;
    tmo_status status = tmo_quantize(&small, shared_model, &samples, &options, &report, error);
    tmo_quantize_report_clear(&report);
    tmo_model_free(small);
    return status;
}

static void quantizing(void **state)
{
    static const int32_t schemes[] = {TMO_QUANTIZE_SCHEME_INT8, TMO_QUANTIZE_SCHEME_WEIGHTS,
                                      TMO_QUANTIZE_SCHEME_FLOAT16};
    tmo_error error = TMO_ERROR_INIT;
    (void)state;
    assert_int_equal(tmo_model_load_file(&shared_model, DIGITS, NULL, &error), TMO_STATUS_OK);
    for (size_t k = 0; k < sizeof schemes / sizeof schemes[0]; k++) {
        scheme = schemes[k];
        fail_each_allocation(quantize);
    }
    tmo_model_free(shared_model);
}

static void running_allocates_nothing(void **state)
{
    failing_allocator counting = {0, 0, 0};
    tmo_session_options options = TMO_SESSION_OPTIONS_INIT;
    tmo_session *session;
    tmo_error error = TMO_ERROR_INIT;
    (void)state;
    options.allocator = failing_allocator_of(&counting);
    assert_int_equal(tmo_model_load_file(&shared_model, DIGITS, NULL, &error), TMO_STATUS_OK);
    assert_int_equal(tmo_session_create(&session, shared_model, &options, &error), TMO_STATUS_OK);
    long before = atomic_load(&counting.calls);
    for (int k = 0; k < 3; k++) assert_int_equal(tmo_session_run(session, &error), TMO_STATUS_OK);
    assert_int_equal(atomic_load(&counting.calls), before);
    tmo_session_free(session);
    tmo_model_free(shared_model);
    assert_int_equal(atomic_load(&counting.alive), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loading),
        cmocka_unit_test(running),
        cmocka_unit_test(loading_and_running),
        cmocka_unit_test(sharing_threads),
        cmocka_unit_test(quantizing),
        cmocka_unit_test(running_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
