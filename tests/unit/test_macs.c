/* Multiply-accumulates of operators. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/macs.h"

#define MAX_TENSORS 8

/* One operator over tensors of given shapes. */
typedef struct fixture {
    tmoi_tensor tensors[MAX_TENSORS];
    int32_t inputs[MAX_TENSORS], outputs[1];
    tmoi_op op;
    tmoi_subgraph subgraph;
} fixture;

static void add(fixture *f, const tmoi_shape *shape)
{
    f->tensors[f->subgraph.tensor_count] = (tmoi_tensor){.name = "", .shape = *shape};
    f->inputs[f->op.input_count++] = f->subgraph.tensor_count++;
}

/* The last shape is the output's. */
static uint64_t macs(int32_t code, const tmoi_shape *shapes, int32_t count, tmoi_fb_union options)
{
    static fixture f;
    memset(&f, 0, sizeof f);
    for (int32_t k = 0; k < count; k++) add(&f, &shapes[k]);
    f.op.code = code;
    f.op.options = options;
    f.op.input_count = count - 1;
    f.op.output_count = 1;
    f.op.inputs = f.inputs;
    f.op.outputs = f.outputs;
    f.outputs[0] = count - 1;
    f.subgraph.tensors = f.tensors;
    return tmoi_op_macs(&f.subgraph, &f.op);
}

#define COUNT(shapes) ((int32_t)(sizeof(shapes) / sizeof *(shapes)))
#define NO_OPTIONS    ((tmoi_fb_union){0, NULL})

static void convolutions(void **state)
{
    (void)state;
    const tmoi_shape conv[] = {{4, {1, 8, 8, 3}}, {4, {16, 3, 3, 3}}, {1, {16}}, {4, {1, 4, 4, 16}}};
    const tmoi_shape grouped[] = {{4, {1, 8, 8, 4}}, {4, {16, 3, 3, 2}}, {4, {1, 8, 8, 16}}};
    const tmoi_shape depthwise[] = {{4, {1, 8, 8, 3}}, {4, {1, 3, 5, 6}}, {4, {2, 8, 8, 6}}};
    const tmoi_shape transposed[] = {{1, {4}}, {4, {5, 2, 2, 3}}, {4, {1, 4, 4, 3}}, {4, {1, 8, 8, 5}}};
    const tmoi_shape conv_3d[] = {{5, {1, 4, 4, 4, 2}}, {5, {2, 3, 3, 2, 7}}, {5, {1, 3, 2, 2, 7}}};
    assert_int_equal(macs(TMOI_OP_CONV_2D, conv, COUNT(conv), NO_OPTIONS), 4 * 4 * 16 * 27);
    assert_int_equal(macs(TMOI_OP_CONV_2D, grouped, COUNT(grouped), NO_OPTIONS), 8 * 8 * 16 * 18);
    assert_int_equal(macs(TMOI_OP_DEPTHWISE_CONV_2D, depthwise, COUNT(depthwise), NO_OPTIONS),
                     2 * 8 * 8 * 6 * 15);
    assert_int_equal(macs(TMOI_OP_TRANSPOSE_CONV, transposed, COUNT(transposed), NO_OPTIONS), 4 * 4 * 3 * 20);
    assert_int_equal(macs(TMOI_OP_CONV_3D, conv_3d, COUNT(conv_3d), NO_OPTIONS), 3 * 2 * 2 * 7 * 36);
}

static void products(void **state)
{
    (void)state;
    const tmoi_fb_batch_mat_mul_options turned = {.adj_x = true};
    const tmoi_shape dense[] = {{3, {2, 3, 8}}, {2, {5, 8}}, {1, {5}}, {2, {6, 5}}};
    const tmoi_shape plain[] = {{3, {2, 3, 4}}, {3, {2, 4, 5}}, {3, {2, 3, 5}}};
    const tmoi_shape adjoint[] = {{3, {2, 4, 3}}, {3, {2, 4, 5}}, {3, {2, 3, 5}}};
    assert_int_equal(macs(TMOI_OP_FULLY_CONNECTED, dense, COUNT(dense), NO_OPTIONS), 6 * 8 * 5);
    assert_int_equal(macs(TMOI_OP_BATCH_MATMUL, plain, COUNT(plain), NO_OPTIONS), 2 * 3 * 5 * 4);
    assert_int_equal(macs(TMOI_OP_BATCH_MATMUL, adjoint, COUNT(adjoint),
                          (tmoi_fb_union){TMOI_TAG_batch_mat_mul_options, &turned}),
                     2 * 3 * 5 * 4);
}

static void recurrent_cells(void **state)
{
    (void)state;
    const tmoi_shape rnn[] = {{2, {2, 8}}, {2, {5, 8}}, {2, {5, 5}}, {1, {5}}, {2, {2, 5}}};
    const tmoi_shape basic[] = {{2, {2, 3}}, {2, {2, 4}}, {2, {16, 7}}, {1, {16}}, {2, {2, 4}}, {2, {2, 4}}};
    assert_int_equal(macs(TMOI_OP_RNN, rnn, COUNT(rnn), NO_OPTIONS), 2 * (5 * 8 + 5 * 5));
    assert_int_equal(macs(TMOI_OP_LSTM, basic, COUNT(basic), NO_OPTIONS), 2 * 16 * 7);
}

static void other_operators(void **state)
{
    (void)state;
    const tmoi_shape same[] = {{2, {3, 4}}, {2, {3, 4}}, {2, {3, 4}}};
    const tmoi_shape broken[] = {{4, {1, 8, 8, 3}}, {2, {16, 3}}, {4, {1, 8, 8, 16}}};
    assert_int_equal(macs(TMOI_OP_ADD, same, COUNT(same), NO_OPTIONS), 0);
    assert_int_equal(macs(TMOI_OP_CONV_2D, broken, COUNT(broken), NO_OPTIONS), 0);
}

static void huge_shapes_do_not_wrap(void **state)
{
    (void)state;
    const int32_t big = INT32_MAX;
    const tmoi_shape huge[] = {{4, {1, 1, 1, 1}}, {4, {big, big, big, big}}, {4, {big, big, big, big}}};
    const tmoi_shape empty[] = {{4, {1, 0, 8, 3}}, {4, {16, 3, 3, 3}}, {4, {1, 0, 8, 16}}};
    assert_true(macs(TMOI_OP_CONV_2D, huge, COUNT(huge), NO_OPTIONS) == UINT64_MAX);
    assert_int_equal(macs(TMOI_OP_CONV_2D, empty, COUNT(empty), NO_OPTIONS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions),
        cmocka_unit_test(products),
        cmocka_unit_test(recurrent_cells),
        cmocka_unit_test(other_operators),
        cmocka_unit_test(huge_shapes_do_not_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
