/* Operators that move data and control flow, beyond what the goldens say: indices out of range, endless loops, packed types; and
 * the reader of custom options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/flexmap.h"
#include "model/graph.h"
#include "runtime/session.h"

typedef struct fixture {
    tmoi_ctx ctx;
    tmoi_graph *graph;
} fixture;

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    f->ctx = tmoi_ctx_make(NULL);
    assert_int_equal(tmoi_graph_make(&f->graph, &f->ctx), TMO_STATUS_OK);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    tmoi_graph_free(f->graph);
    free(f);
    return 0;
}

static void need(fixture *f, tmo_status status)
{
    if (status != TMO_STATUS_OK) fail_msg("%s", f->ctx.error.message);
}

static void add_subgraphs(fixture *f, int32_t count)
{
    need(f, tmoi_arena_new(f->graph->arena, &f->graph->subgraphs, (size_t)count, &f->ctx));
    f->graph->subgraph_count = count;
    for (int32_t k = 0; k < count; k++) f->graph->subgraphs[k].name = "test";
}

static int32_t add_tensor(fixture *f, int32_t subgraph, tmo_type type, tmoi_shape shape)
{
    int32_t index;
    need(f, tmoi_graph_add_tensor(f->graph, subgraph, "t", type, &shape, &index, &f->ctx));
    return index;
}

static int32_t add_constant(fixture *f, int32_t subgraph, tmo_type type, tmoi_shape shape, const void *data)
{
    int32_t index = add_tensor(f, subgraph, type, shape);
    size_t bytes = tmoi_type_bytes(type, tmoi_shape_count(&shape));
    need(f,
         tmoi_graph_set_data(f->graph, &f->graph->subgraphs[subgraph].tensors[index], data, bytes, &f->ctx));
    return index;
}

static void set_inputs(fixture *f, int32_t subgraph, const int32_t *inputs, int32_t count)
{
    tmoi_subgraph *s = &f->graph->subgraphs[subgraph];
    need(f, tmoi_arena_new(f->graph->arena, &s->inputs, (size_t)count, &f->ctx));
    memcpy(s->inputs, inputs, (size_t)count * sizeof *inputs);
    s->input_count = count;
}

static void set_outputs(fixture *f, int32_t subgraph, const int32_t *outputs, int32_t count)
{
    tmoi_subgraph *s = &f->graph->subgraphs[subgraph];
    need(f, tmoi_arena_new(f->graph->arena, &s->outputs, (size_t)count, &f->ctx));
    memcpy(s->outputs, outputs, (size_t)count * sizeof *outputs);
    s->output_count = count;
}

static void set_ends(fixture *f, int32_t subgraph, int32_t input, int32_t output)
{
    set_inputs(f, subgraph, &input, 1);
    set_outputs(f, subgraph, &output, 1);
}

static tmoi_op *add_op(fixture *f, int32_t subgraph, int32_t code, int32_t in_0, int32_t in_1, int32_t out)
{
    tmoi_op *op;
    int32_t at = f->graph->subgraphs[subgraph].op_count;
    need(f, tmoi_graph_insert_op(f->graph, subgraph, at, code, in_1 < 0 ? 1 : 2, 1, &op, &f->ctx));
    op->inputs[0] = in_0;
    if (in_1 >= 0) op->inputs[1] = in_1;
    op->outputs[0] = out;
    return op;
}

static tmo_status run_once(fixture *f, const void *input, size_t input_bytes, void *output,
                           size_t output_bytes)
{
    tmoi_session *session = NULL;
    tmo_status status = tmoi_session_make(&session, f->graph, NULL, &f->ctx);
    if (status == TMO_STATUS_OK) {
        assert_int_equal(tmoi_session_input(session, 0)->bytes, input_bytes);
        if (input_bytes) memcpy(tmoi_session_input(session, 0)->data, input, input_bytes);
        status = tmoi_session_run(session, &f->ctx);
    }
    if (status == TMO_STATUS_OK && output) {
        assert_int_equal(tmoi_session_output(session, 0)->bytes, output_bytes);
        memcpy(output, tmoi_session_output(session, 0)->data, output_bytes);
    }
    tmoi_session_free(session);
    return status;
}

static void index_out_of_range_is_an_error(void **state)
{
    fixture *f = *state;
    const float rows[5] = {1, 2, 3, 4, 5};
    const int32_t good = 4, bad = 7;
    float picked;
    add_subgraphs(f, 1);
    int32_t data = add_constant(f, 0, TMO_TYPE_FLOAT32, (tmoi_shape){1, {5}}, rows);
    int32_t index = add_tensor(f, 0, TMO_TYPE_INT32, (tmoi_shape){1, {1}});
    int32_t out = add_tensor(f, 0, TMO_TYPE_FLOAT32, (tmoi_shape){1, {1}});
    (void)add_op(f, 0, TMOI_OP_GATHER, data, index, out);
    set_ends(f, 0, index, out);
    assert_int_equal(run_once(f, &good, sizeof good, &picked, sizeof picked), TMO_STATUS_OK);
    assert_true(picked == 5.0f);
    assert_int_equal(run_once(f, &bad, sizeof bad, NULL, 0), TMO_STATUS_INVALID_INPUT);
    assert_non_null(strstr(f->ctx.error.message, "index 7 is out of range for dimension 0 of size 5"));
}

static void packed_elements_move(void **state)
{
    fixture *f = *state;
    const int32_t permutation[2] = {1, 0};
    const uint8_t in[3] = {0x21, 0x43, 0x65}; /* 1 2 3 | 4 5 6 */
    uint8_t out[3];
    add_subgraphs(f, 1);
    int32_t input = add_tensor(f, 0, TMO_TYPE_INT4, (tmoi_shape){2, {2, 3}});
    int32_t order = add_constant(f, 0, TMO_TYPE_INT32, (tmoi_shape){1, {2}}, permutation);
    int32_t output = add_tensor(f, 0, TMO_TYPE_INT4, (tmoi_shape){2, {3, 2}});
    (void)add_op(f, 0, TMOI_OP_TRANSPOSE, input, order, output);
    set_ends(f, 0, input, output);
    need(f, run_once(f, in, sizeof in, out, sizeof out));
    assert_memory_equal(out, ((const uint8_t[]){0x41, 0x52, 0x63}), 3); /* 1 4 | 2 5 | 3 6 */
}

static void resize_without_elements_is_nothing(void **state)
{
    fixture *f = *state;
    const int32_t size[2] = {1 << 20, 1 << 20};
    add_subgraphs(f, 1);
    int32_t input = add_tensor(f, 0, TMO_TYPE_INT8, (tmoi_shape){4, {1, 2, 2, 0}});
    int32_t wanted = add_constant(f, 0, TMO_TYPE_INT32, (tmoi_shape){1, {2}}, size);
    int32_t output = add_tensor(f, 0, TMO_TYPE_INT8, (tmoi_shape){4, {1, 1, 1, 0}});
    (void)add_op(f, 0, TMOI_OP_RESIZE_BILINEAR, input, wanted, output);
    set_ends(f, 0, input, output);
    need(f, run_once(f, NULL, 0, NULL, 0));
}

/* A loop over one bool: the condition is the bool itself, the body gives it back. */
static void endless_loop_ends(void **state)
{
    fixture *f = *state;
    const uint8_t yes = 1, no = 0;
    tmoi_fb_while_options *options;
    add_subgraphs(f, 3);
    int32_t input = add_tensor(f, 0, TMO_TYPE_BOOL, (tmoi_shape){1, {1}}),
            output = add_tensor(f, 0, TMO_TYPE_BOOL, (tmoi_shape){1, {1}});
    tmoi_op *loop = add_op(f, 0, TMOI_OP_WHILE, input, -1, output);
    need(f, tmoi_graph_edit_options(f->graph, loop, while_options, &options, &f->ctx));
    options->cond_subgraph_index = 1;
    options->body_subgraph_index = 2;
    set_ends(f, 0, input, output);
    for (int32_t k = 1; k < 3; k++) {
        int32_t inside = add_tensor(f, k, TMO_TYPE_BOOL, (tmoi_shape){1, {1}});
        set_ends(f, k, inside, inside);
    }
    need(f, run_once(f, &no, 1, NULL, 0));
    assert_int_equal(run_once(f, &yes, 1, NULL, 0), TMO_STATUS_LIMIT);
    options->body_subgraph_index = 0;
    f->ctx = tmoi_ctx_make(NULL);
    assert_int_equal(run_once(f, &no, 1, NULL, 0), TMO_STATUS_INVALID_MODEL);
    assert_non_null(strstr(f->ctx.error.message, "calls itself"));
}

/* Both branches get a constant and read it where it lies: their plans have room for their results only. */
static void branches_do_not_copy_their_inputs(void **state)
{
    enum { COUNT = 1024 };
    fixture *f = *state;
    float numbers[COUNT], got[COUNT];
    const tmoi_shape shape = {1, {COUNT}};
    tmoi_fb_if_options *options;
    tmoi_session *session;
    for (int k = 0; k < COUNT; k++) numbers[k] = (float)k - 500;
    add_subgraphs(f, 3);
    int32_t condition = add_tensor(f, 0, TMO_TYPE_BOOL, (tmoi_shape){1, {1}}),
            constant = add_constant(f, 0, TMO_TYPE_FLOAT32, shape, numbers),
            output = add_tensor(f, 0, TMO_TYPE_FLOAT32, shape);
    tmoi_op *branch = add_op(f, 0, TMOI_OP_IF, condition, constant, output);
    need(f, tmoi_graph_edit_options(f->graph, branch, if_options, &options, &f->ctx));
    options->then_subgraph_index = 1;
    options->else_subgraph_index = 2;
    set_ends(f, 0, condition, output);
    for (int32_t k = 1; k < 3; k++) {
        int32_t in = add_tensor(f, k, TMO_TYPE_FLOAT32, shape),
                out = add_tensor(f, k, TMO_TYPE_FLOAT32, shape);
        (void)add_op(f, k, k == 1 ? TMOI_OP_NEG : TMOI_OP_ABS, in, -1, out);
        set_ends(f, k, in, out);
    }
    for (uint8_t k = 0; k < 2; k++) {
        need(f, run_once(f, &k, 1, got, sizeof got));
        assert_true(got[0] == 500 && got[600] == (k ? -100 : 100));
    }
    need(f, tmoi_session_make(&session, f->graph, NULL, &f->ctx));
    assert_int_equal(tmoi_session_arena_bytes(session), TMOI_ALIGNMENT + 3 * sizeof got);
    need(f, tmoi_session_select(session, 1, &f->ctx)); /* as the main subgraph it has inputs of its own */
    memcpy(tmoi_session_input(session, 0)->data, numbers, sizeof numbers);
    need(f, tmoi_session_run(session, &f->ctx));
    assert_true(((const float *)tmoi_session_output(session, 0)->data)[0] == 500);
    need(f, tmoi_session_select(session, 0, &f->ctx));
    *(uint8_t *)tmoi_session_input(session, 0)->data = 1;
    need(f, tmoi_session_run(session, &f->ctx));
    assert_true(((const float *)tmoi_session_output(session, 0)->data)[0] == 500);
    tmoi_session_free(session);
}

/* while (n < 3) (n, a, b) = (n + 1, b, a): what the body passes through must not be written before it is read. */
static void loop_variables_change_places(void **state)
{
    fixture *f = *state;
    const int32_t start[3] = {0, 10, 20}, one = 1, three = 3;
    const tmoi_shape shape = {1, {1}};
    tmoi_fb_while_options *options;
    tmoi_session *session;
    int32_t outputs[3], inside[2][3];
    add_subgraphs(f, 3);
    for (int k = 0; k < 3; k++) {
        inside[0][k] = add_tensor(f, 0, TMO_TYPE_INT32, shape);
        outputs[k] = add_tensor(f, 0, TMO_TYPE_INT32, shape);
    }
    tmoi_op *loop;
    need(f, tmoi_graph_insert_op(f->graph, 0, 0, TMOI_OP_WHILE, 3, 3, &loop, &f->ctx));
    memcpy(loop->inputs, inside[0], sizeof inside[0]);
    memcpy(loop->outputs, outputs, sizeof outputs);
    need(f, tmoi_graph_edit_options(f->graph, loop, while_options, &options, &f->ctx));
    options->cond_subgraph_index = 1;
    options->body_subgraph_index = 2;
    set_inputs(f, 0, inside[0], 3);
    set_outputs(f, 0, outputs, 3);
    for (int32_t k = 1; k < 3; k++) {
        for (int i = 0; i < 3; i++) inside[k - 1][i] = add_tensor(f, k, TMO_TYPE_INT32, shape);
        set_inputs(f, k, inside[k - 1], 3);
    }
    int32_t limit = add_constant(f, 1, TMO_TYPE_INT32, shape, &three),
            step = add_constant(f, 2, TMO_TYPE_INT32, shape, &one),
            less = add_tensor(f, 1, TMO_TYPE_BOOL, shape), next = add_tensor(f, 2, TMO_TYPE_INT32, shape);
    (void)add_op(f, 1, TMOI_OP_LESS, inside[0][0], limit, less);
    set_outputs(f, 1, &less, 1);
    (void)add_op(f, 2, TMOI_OP_ADD, inside[1][0], step, next);
    set_outputs(f, 2, (const int32_t[]){next, inside[1][2], inside[1][1]}, 3);
    need(f, tmoi_session_make(&session, f->graph, NULL, &f->ctx));
    for (int k = 0; k < 3; k++) *(int32_t *)tmoi_session_input(session, k)->data = start[k];
    need(f, tmoi_session_run(session, &f->ctx));
    assert_int_equal(*(const int32_t *)tmoi_session_output(session, 0)->data, 3);
    assert_int_equal(*(const int32_t *)tmoi_session_output(session, 1)->data, 20);
    assert_int_equal(*(const int32_t *)tmoi_session_output(session, 2)->data, 10);
    tmoi_session_free(session);
}

/* {"a": 7, "b": 0.5} as the FlexBuffers library writes it. */
static const uint8_t flexbuffer[] = {'a', 0, 'b', 0, 2, 5, 4, 0, 3, 0, 0,    0, 1,  0,  0,  0, 2,
                                     0,   0, 0,   7, 0, 0, 0, 0, 0, 0, 0x3F, 6, 14, 10, 38, 1};

static void flexmap_reads_numbers(void **state)
{
    tmoi_flexmap map;
    double value;
    (void)state;
    assert_true(tmoi_flexmap_open(&map, flexbuffer, sizeof flexbuffer));
    assert_true(tmoi_flexmap_number(&map, "a", &value) && value == 7.0);
    assert_true(tmoi_flexmap_number(&map, "b", &value) && value == 0.5);
    assert_false(tmoi_flexmap_number(&map, "c", &value));
}

/* Under the address sanitizer a read outside is a crash. */
static void flexmap_survives_damage(void **state)
{
    (void)state;
    for (size_t size = 0; size <= sizeof flexbuffer; size++) {
        for (size_t at = 0; at < size; at++) {
            for (uint32_t bits = 1; bits < 256; bits++) {
                tmoi_flexmap map;
                double value;
                uint8_t *copy = malloc(size);
                memcpy(copy, flexbuffer, size);
                copy[at] ^= (uint8_t)bits;
                if (tmoi_flexmap_open(&map, copy, size)) (void)tmoi_flexmap_number(&map, "b", &value);
                free(copy);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(index_out_of_range_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(packed_elements_move, setup, teardown),
        cmocka_unit_test_setup_teardown(resize_without_elements_is_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(endless_loop_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(branches_do_not_copy_their_inputs, setup, teardown),
        cmocka_unit_test_setup_teardown(loop_variables_change_places, setup, teardown),
        cmocka_unit_test(flexmap_reads_numbers),
        cmocka_unit_test(flexmap_survives_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
