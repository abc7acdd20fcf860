/* Sessions through the public API: memory, shapes, threads, custom operators, profile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/handle.h"
#include "tmo/runtime.h"

#define DIGITS TMO_SOURCE_DIR "/data/handwriting/digits.tflite"

static tmo_model *load_digits(void)
{
    tmo_model *model;
    tmo_error error = TMO_ERROR_INIT;
    assert_int_equal(tmo_model_load_file(&model, DIGITS, NULL, &error), TMO_STATUS_OK);
    return model;
}

static tmo_session *open_session(const tmo_model *model, const tmo_session_options *options)
{
    tmo_session *session;
    tmo_error error = TMO_ERROR_INIT;
    if (tmo_session_create(&session, model, options, &error)) fail_msg("%s", error.message);
    return session;
}

static tmo_tensor_view input_of(tmo_session *session, int32_t k)
{
    tmo_tensor_view view = {.struct_size = sizeof view};
    tmo_error error = TMO_ERROR_INIT;
    if (tmo_session_input(session, k, &view, &error)) fail_msg("%s", error.message);
    return view;
}

static tmo_tensor_view output_of(const tmo_session *session, int32_t k)
{
    tmo_tensor_view view = {.struct_size = sizeof view};
    assert_int_equal(tmo_session_output(session, k, &view, NULL), TMO_STATUS_OK);
    return view;
}

static void fill(tmo_tensor_view view, uint32_t seed)
{
    float *data = view.data;
    for (uint64_t k = 0; k < view.size_bytes / sizeof *data; k++) {
        seed = seed * 1664525u + 1013904223u;
        data[k] = (float)(seed >> 8) * 0x1p-24f;
    }
}

static void run(tmo_session *session)
{
    tmo_error error = TMO_ERROR_INIT;
    if (tmo_session_run(session, &error)) fail_msg("%s", error.message);
}

static void batch_gives_the_same_as_one_by_one(void **state)
{
    tmo_model *model = load_digits();
    tmo_session *session = open_session(model, NULL);
    const int32_t three[] = {3, 28, 28, 1}, one[] = {1, 28, 28, 1};
    float together[30], alone[10], images[3 * 784];
    (void)state;
    assert_int_equal(tmo_session_resize_input(session, 0, three, 4, NULL), TMO_STATUS_OK);
    fill(input_of(session, 0), 5);
    memcpy(images, input_of(session, 0).data, sizeof images);
    run(session);
    assert_int_equal(output_of(session, 0).shape[0], 3);
    memcpy(together, output_of(session, 0).data, sizeof together);
    assert_int_equal(tmo_session_resize_input(session, 0, one, 4, NULL), TMO_STATUS_OK);
    for (int k = 0; k < 3; k++) {
        memcpy(input_of(session, 0).data, images + 784 * k, 784 * sizeof(float));
        run(session);
        memcpy(alone, output_of(session, 0).data, sizeof alone);
        /* One row times a matrix is summed in another order than three. */
        for (int c = 0; c < 10; c++) assert_float_equal(alone[c], together[10 * k + c], 1e-6f);
    }
    tmo_session_free(session);
    tmo_model_free(model);
}

static void inputs_survive_a_run(void **state)
{
    tmo_model *model = load_digits();
    tmo_session *session = open_session(model, NULL);
    float before[784], first[10];
    (void)state;
    fill(input_of(session, 0), 9);
    memcpy(before, input_of(session, 0).data, sizeof before);
    run(session);
    memcpy(first, output_of(session, 0).data, sizeof first);
    assert_memory_equal(input_of(session, 0).data, before, sizeof before);
    run(session);
    assert_memory_equal(output_of(session, 0).data, first, sizeof first);
    tmo_session_free(session);
    tmo_model_free(model);
}

static void threads_and_memory_sharing_do_not_change_a_bit(void **state)
{
    tmo_model *model = load_digits();
    float want[10], got[10];
    (void)state;
    for (int k = 0; k < 6; k++) {
        tmo_session_options options = TMO_SESSION_OPTIONS_INIT;
        options.threads = 1 + k / 2;
        options.keep_all_tensors = k % 2 == 1;
        tmo_session *session = open_session(model, &options);
        fill(input_of(session, 0), 3);
        run(session);
        memcpy(k ? got : want, output_of(session, 0).data, sizeof want);
        if (k) assert_memory_equal(got, want, sizeof want);
        tmo_session_free(session);
    }
    tmo_model_free(model);
}

static void the_callers_arena_is_used(void **state)
{
    tmo_model *model = load_digits();
    tmo_session_options options = TMO_SESSION_OPTIONS_INIT;
    tmo_session *session = open_session(model, NULL);
    uint64_t needed = tmo_session_arena_bytes(session);
    tmo_error error = TMO_ERROR_INIT;
    (void)state;
    tmo_session_free(session);
    options.arena_bytes = needed;
    options.arena = aligned_alloc(64, (size_t)(needed + 63) / 64 * 64);
    assert_non_null(options.arena);
    session = open_session(model, &options);
    const char *input = input_of(session, 0).data, *arena = options.arena;
    assert_true(input >= arena && input < arena + needed);
    run(session);
    tmo_session_free(session);
    options.arena_bytes = needed - 1;
    assert_int_equal(tmo_session_create(&session, model, &options, &error), TMO_STATUS_OUT_OF_MEMORY);
    assert_null(session);
    free(options.arena);
    options.arena = NULL;
    options.arena_bytes = 0;
    options.max_arena_bytes = needed - 1;
    assert_int_equal(tmo_session_create(&session, model, &options, &error), TMO_STATUS_LIMIT);
    tmo_model_free(model);
}

static void shapes_that_do_not_fit_are_refused_and_can_be_corrected(void **state)
{
    tmo_model *model = load_digits();
    tmo_session *session = open_session(model, NULL);
    const int32_t wrong[] = {28, 28, 1}, negative[] = {-1, 28, 28, 1}, right[] = {2, 28, 28, 1};
    tmo_error error = TMO_ERROR_INIT;
    (void)state;
    assert_int_equal(tmo_session_resize_input(session, 0, negative, 4, &error), TMO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(tmo_session_resize_input(session, 1, right, 4, &error), TMO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(tmo_session_resize_input(session, 0, right, 9, &error), TMO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(tmo_session_resize_input(session, 0, wrong, 3, &error), TMO_STATUS_OK);
    assert_int_not_equal(tmo_session_run(session, &error), TMO_STATUS_OK);
    assert_int_equal(error.op, 0);
    assert_non_null(strstr(error.message, "CONV_2D"));
    assert_int_equal(tmo_session_resize_input(session, 0, right, 4, &error), TMO_STATUS_OK);
    fill(input_of(session, 0), 1);
    run(session);
    tmo_session_free(session);
    tmo_model_free(model);
}

static void profiles_name_each_operator(void **state)
{
    tmo_model *model = load_digits();
    tmo_session_options options = TMO_SESSION_OPTIONS_INIT;
    tmo_profile_entry entry = {.struct_size = sizeof entry};
    tmo_subgraph_info subgraph = {.struct_size = sizeof subgraph};
    (void)state;
    options.profile = true;
    tmo_session *session = open_session(model, &options);
    for (int k = 0; k < 4; k++) run(session);
    assert_int_equal(tmo_model_subgraph(model, 0, &subgraph, NULL), TMO_STATUS_OK);
    assert_int_equal(tmo_session_profile_count(session), subgraph.operator_count);
    assert_int_equal(tmo_session_profile(session, 0, &entry, NULL), TMO_STATUS_OK);
    assert_string_equal(entry.name, "CONV_2D");
    assert_int_equal(entry.calls, 4);
    assert_true(entry.kernel[0] != 0);
    tmo_session_profile_reset(session);
    assert_int_equal(tmo_session_profile_count(session), 0);
    tmo_session_free(session);
    tmo_model_free(model);
}

/* ---- a custom operator: out[k] = in[k] + first option byte, twice as long ---- */

static tmo_status repeat_infer(void *user, const void *options, size_t bytes, const tmo_tensor_view *inputs,
                               int32_t input_count, tmo_tensor_view *outputs, int32_t output_count)
{
    (void)user;
    (void)options;
    if (bytes != 1 || input_count != 1 || output_count != 1) return TMO_STATUS_INVALID_MODEL;
    outputs[0].rank = 1;
    outputs[0].shape[0] = inputs[0].shape[0] * 2;
    return TMO_STATUS_OK;
}

static tmo_status repeat_run(void *user, const void *options, size_t bytes, const tmo_tensor_view *inputs,
                             int32_t input_count, tmo_tensor_view *outputs, int32_t output_count)
{
    const float *in = inputs[0].data;
    float *out = outputs[0].data;
    int *calls = user;
    (void)bytes;
    (void)input_count;
    (void)output_count;
    for (int32_t k = 0; k < outputs[0].shape[0]; k++)
        out[k] = in[k % inputs[0].shape[0]] + (float)*(const uint8_t *)options;
    ++*calls;
    return TMO_STATUS_OK;
}

/* A graph made in code: CUSTOM 'Repeat', then NEG-like use of its output as the output of the model. */
static tmo_model *custom_model(void)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_graph *graph;
    tmo_model *model;
    tmoi_op *op;
    static const uint8_t option[1] = {5};
    int32_t in, out;
    const tmoi_shape shape = {1, {3}};
    assert_int_equal(tmoi_graph_make(&graph, &ctx), TMO_STATUS_OK);
    assert_int_equal(tmoi_arena_new(graph->arena, &graph->subgraphs, 1, &ctx), TMO_STATUS_OK);
    graph->subgraph_count = 1;
    graph->subgraphs[0] = (tmoi_subgraph){.name = "main", .debug_metadata_index = -1};
    assert_int_equal(tmoi_graph_add_tensor(graph, 0, "in", TMO_TYPE_FLOAT32, &shape, &in, &ctx),
                     TMO_STATUS_OK);
    assert_int_equal(tmoi_graph_add_tensor(graph, 0, "out", TMO_TYPE_FLOAT32, &shape, &out, &ctx),
                     TMO_STATUS_OK);
    assert_int_equal(tmoi_graph_insert_op(graph, 0, 0, TMOI_OP_CUSTOM, 1, 1, &op, &ctx), TMO_STATUS_OK);
    op->custom_code = "Repeat";
    op->custom_options = (tmoi_vec_u8){option, 1};
    op->inputs[0] = in;
    op->outputs[0] = out;
    graph->subgraphs[0].inputs = op->inputs;
    graph->subgraphs[0].outputs = op->outputs;
    graph->subgraphs[0].input_count = graph->subgraphs[0].output_count = 1;
    assert_int_equal(tmoi_model_wrap(&model, graph, &ctx), TMO_STATUS_OK);
    return model;
}

static void custom_operators_of_the_caller_run(void **state)
{
    int calls = 0;
    tmo_custom_operator custom = {sizeof custom, "Repeat", &calls, repeat_infer, repeat_run};
    tmo_session_options options = TMO_SESSION_OPTIONS_INIT;
    tmo_model *model = custom_model();
    tmo_session *session;
    tmo_error error = TMO_ERROR_INIT;
    (void)state;
    assert_int_equal(tmo_session_create(&session, model, NULL, &error), TMO_STATUS_UNSUPPORTED_OPERATOR);
    assert_non_null(strstr(error.message, "Repeat"));
    options.custom_operators = &custom;
    options.custom_operator_count = 1;
    session = open_session(model, &options);
    memcpy(input_of(session, 0).data, (const float[]){1, 2, 3}, 3 * sizeof(float));
    run(session);
    assert_int_equal(calls, 1);
    assert_int_equal(output_of(session, 0).shape[0], 6);
    assert_memory_equal(output_of(session, 0).data, ((const float[]){6, 7, 8, 6, 7, 8}), 6 * sizeof(float));
    tmo_session_free(session);
    tmo_model_free(model);
}

static void option_structs_of_other_versions(void **state)
{
    struct {
        tmo_session_options known;
        uint64_t newer;
    } longer = {.known = TMO_SESSION_OPTIONS_INIT};
    tmo_session_options shorter = TMO_SESSION_OPTIONS_INIT;
    tmo_model *model = load_digits();
    tmo_session *session;
    (void)state;
    longer.known.struct_size = sizeof longer;
    assert_int_equal(tmo_session_create(&session, model, &longer.known, NULL), TMO_STATUS_OK);
    tmo_session_free(session);
    longer.newer = 1;
    assert_int_equal(tmo_session_create(&session, model, &longer.known, NULL), TMO_STATUS_INVALID_ARGUMENT);
    shorter.struct_size = offsetof(tmo_session_options, arithmetic);
    shorter.arithmetic = 77; /* beyond what the caller says it has */
    assert_int_equal(tmo_session_create(&session, model, &shorter, NULL), TMO_STATUS_OK);
    tmo_session_free(session);
    shorter.struct_size = sizeof shorter;
    assert_int_equal(tmo_session_create(&session, model, &shorter, NULL), TMO_STATUS_INVALID_ARGUMENT);
    tmo_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_gives_the_same_as_one_by_one),
        cmocka_unit_test(inputs_survive_a_run),
        cmocka_unit_test(threads_and_memory_sharing_do_not_change_a_bit),
        cmocka_unit_test(the_callers_arena_is_used),
        cmocka_unit_test(shapes_that_do_not_fit_are_refused_and_can_be_corrected),
        cmocka_unit_test(profiles_name_each_operator),
        cmocka_unit_test(custom_operators_of_the_caller_run),
        cmocka_unit_test(option_structs_of_other_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
