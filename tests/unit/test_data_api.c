/* tmo/dataset.h, as a program sees it. */
#include "data_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oom/failing_allocator.h"
#include "tmo/dataset.h"

#define DATA   TMO_SOURCE_DIR "/data/handwriting/"
#define DIGITS "idx:" DATA "t10k-images.idx3-ubyte.gz," DATA "t10k-labels.idx1-ubyte.gz"

static void digits_for_the_demo_model(void **state)
{
    tmo_error error = TMO_ERROR_INIT;
    tmo_model *model;
    tmo_dataset *set;
    tmo_dataset_options options = TMO_DATASET_OPTIONS_INIT;
    tmo_dataset_input info = {.struct_size = sizeof info};
    static float values[784];
    void *buffers[1] = {values};
    size_t sizes[1] = {sizeof values};
    (void)state;
    assert_int_equal(tmo_model_load_file(&model, DATA "digits.tflite", NULL, &error), TMO_STATUS_OK);
    options.split = "9990:";
    if (tmo_dataset_open(&set, DIGITS, model, &options, &error) != TMO_STATUS_OK)
        fail_msg("%s", error.message);
    tmo_model_free(model);
    assert_int_equal(tmo_dataset_count(set), 10);
    assert_int_equal(tmo_dataset_input_count(set), 1);
    assert_int_equal(tmo_dataset_input_bytes(set, 0), sizeof values);
    assert_int_equal(tmo_dataset_input_bytes(set, 1), 0);
    assert_int_equal(tmo_dataset_input_info(set, 0, &info, &error), TMO_STATUS_OK);
    assert_int_equal(info.type, TMO_TYPE_FLOAT32);
    assert_int_equal(info.rank, 4);
    assert_int_equal(info.shape[1], 28);
    assert_true(tmo_dataset_has_labels(set));
    assert_int_equal(tmo_dataset_class_count(set), 10);
    assert_int_equal(tmo_dataset_label(set, 9), 6); /* the last of the test images */
    assert_int_equal(tmo_dataset_label(set, 10), -1);
    assert_int_equal(tmo_dataset_read(set, 9, buffers, sizes, 1, NULL, &error), TMO_STATUS_OK);
    float sum = 0;
    for (int k = 0; k < 784; k++) sum += values[k];
    assert_true(sum > 10 && sum < 784);
    sizes[0]--;
    assert_int_equal(tmo_dataset_read(set, 9, buffers, sizes, 1, NULL, &error), TMO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(tmo_dataset_read(set, 10, buffers, sizes, 1, NULL, &error), TMO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(tmo_dataset_input_info(set, 1, &info, &error), TMO_STATUS_INVALID_ARGUMENT);
    tmo_dataset_free(set);
}

static const tmo_dataset_input input = {sizeof(tmo_dataset_input), "in", TMO_TYPE_FLOAT32, 2, {-1, 3}, 0, 0};

static void options_are_checked(void **state)
{
    tmo_error error = TMO_ERROR_INIT;
    tmo_dataset *set;
    tmo_dataset_options options = TMO_DATASET_OPTIONS_INIT, made;
    size_t count;
    (void)state;
    tmo_dataset_options_init(&made);
    assert_memory_equal(&made, &options, sizeof made);
    const tmo_option *table = tmo_dataset_option_table(&count);
    assert_int_equal(tmo_options_set(table, count, &options, "limit", "2", &error), TMO_STATUS_OK);
    assert_int_equal(tmo_options_set(table, count, &options, "shuffle", "true", &error), TMO_STATUS_OK);
    assert_int_equal(tmo_options_set(table, count, &options, "std", "2,4,8", &error), TMO_STATUS_OK);
    assert_int_equal(tmo_options_set(table, count, &options, "stdd", "2", &error), TMO_STATUS_NOT_FOUND);
    assert_int_equal(tmo_dataset_open_inputs(&set, "random:9", &input, 1, &options, &error), TMO_STATUS_OK);
    assert_int_equal(tmo_dataset_count(set), 2);
    tmo_dataset_free(set);
    options.resize = "huge";
    assert_int_equal(tmo_dataset_open_inputs(&set, "random:9", &input, 1, &options, &error),
                     TMO_STATUS_INVALID_ARGUMENT);
    assert_null(set);
    assert_int_equal(tmo_dataset_open_inputs(&set, "random:9", &input, 0, NULL, &error),
                     TMO_STATUS_INVALID_ARGUMENT);
    tmo_dataset_free(NULL);
    tmo_loader_free(NULL);
}

static void loaders_follow_an_order(void **state)
{
    tmo_error error = TMO_ERROR_INIT;
    tmo_dataset *set;
    tmo_loader *loader;
    tmo_loader_options options = TMO_LOADER_OPTIONS_INIT;
    tmo_sample sample = {.struct_size = sizeof sample};
    uint64_t order[3] = {4, 0, 4};
    float values[3];
    void *buffers[1] = {values};
    const size_t sizes[1] = {sizeof values};
    bool has_sample;
    (void)state;
    assert_int_equal(tmo_dataset_open_inputs(&set, "random:5", &input, 1, NULL, &error), TMO_STATUS_OK);
    options.order = order;
    options.count = 3;
    assert_int_equal(tmo_loader_create(&loader, set, &options, &error), TMO_STATUS_OK);
    for (int k = 0; k < 3; k++) {
        assert_int_equal(tmo_loader_next(loader, &sample, &has_sample, &error), TMO_STATUS_OK);
        assert_true(has_sample);
        assert_int_equal(sample.index, order[k]);
        assert_int_equal(sample.label, -1);
        assert_null(sample.targets);
        assert_int_equal(tmo_dataset_read(set, order[k], buffers, sizes, 1, NULL, &error), TMO_STATUS_OK);
        assert_memory_equal(sample.inputs[0], values, sizeof values);
    }
    assert_int_equal(tmo_loader_next(loader, &sample, &has_sample, &error), TMO_STATUS_OK);
    assert_false(has_sample);
    tmo_loader_free(loader);
    order[1] = 5;
    assert_int_equal(tmo_loader_create(&loader, set, &options, &error), TMO_STATUS_INVALID_ARGUMENT);
    assert_null(loader);
    tmo_dataset_free(set);
}

static void arrays_come_back(void **state)
{
    tmo_error error = TMO_ERROR_INIT;
    const float a[6] = {1, 2, 3, 4, 5, 6};
    const int64_t y[2] = {1, 0};
    tmo_named_array arrays[] = {{sizeof arrays[0], "in", TMO_TYPE_FLOAT32, 2, {2, 3}, a, sizeof a},
                                {sizeof arrays[0], "y", TMO_TYPE_INT64, 1, {2}, y, sizeof y}};
    char spec[300];
    tmo_dataset *set;
    float values[3];
    void *buffers[1] = {values};
    const size_t sizes[1] = {sizeof values};
    (void)state;
    (void)snprintf(spec, sizeof spec, "npz:%s", temp_path("out.npz"));
    assert_int_equal(tmo_arrays_write(spec + 4, arrays, 2, &error), TMO_STATUS_OK);
    assert_int_equal(tmo_dataset_open_inputs(&set, spec, &input, 1, NULL, &error), TMO_STATUS_OK);
    assert_int_equal(tmo_dataset_read(set, 1, buffers, sizes, 1, NULL, &error), TMO_STATUS_OK);
    assert_memory_equal(values, a + 3, sizeof values);
    assert_int_equal(tmo_dataset_label(set, 0), 1);
    tmo_dataset_free(set);
    assert_int_equal(tmo_arrays_write(temp_path("out.npy"), arrays, 1, &error), TMO_STATUS_OK);
    assert_int_equal(tmo_arrays_write(temp_path("out.npy"), arrays, 2, &error), TMO_STATUS_INVALID_ARGUMENT);
    arrays[0].size_bytes--;
    assert_int_equal(tmo_arrays_write(temp_path("out.npy"), arrays, 1, &error), TMO_STATUS_INVALID_ARGUMENT);
}

static void failing_allocations_leak_nothing(void **state)
{
    tmo_status status = TMO_STATUS_OUT_OF_MEMORY;
    (void)state;
    for (long fail_at = 1; status != TMO_STATUS_OK; fail_at++) {
        failing_allocator counter = {.fail_at = fail_at};
        tmo_dataset_options options = TMO_DATASET_OPTIONS_INIT;
        tmo_dataset *set;
        options.allocator = failing_allocator_of(&counter);
        status = tmo_dataset_open_inputs(&set, "random:9", &input, 1, &options, NULL);
        assert_true(status == TMO_STATUS_OK || status == TMO_STATUS_OUT_OF_MEMORY);
        tmo_dataset_free(set);
        assert_int_equal(counter.alive, 0);
    }
}

static int clean_up(void **state)
{
    (void)state;
    remove_temp_folder();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_for_the_demo_model),        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(loaders_follow_an_order),          cmocka_unit_test(arrays_come_back),
        cmocka_unit_test(failing_allocations_leak_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, clean_up);
}
