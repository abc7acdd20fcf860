/* The rewrites: what they leave out, and that results stay. Each graph is run before and after. */
#include "unit/graph_builder.h"

#include <math.h>

#include "base/fp16.h"
#include "optimize/evaluate.h"
#include "rewrite/equalize.h"
#include "rewrite/rewrite.h"

enum { MOST = 4096 };

static void expect_near(const float *got, const float *wanted, int64_t count, float tolerance)
{
    for (int64_t k = 0; k < count; k++)
        assert_float_equal(got[k], wanted[k], tolerance * (1 + fabsf(wanted[k])));
}

/* Rewrites a copy of the graph with everything and checks that it computes the same. The copy is the caller's. */
static tmoi_graph *rewritten(builder *b, int32_t changes[TMOI_REWRITE_COUNT])
{
    float before[MOST], after[MOST];
    tmoi_graph *copy;
    assert_int_equal(tmoi_graph_clone(&copy, b->graph, &b->ctx), TMO_STATUS_OK);
    memset(changes, 0, TMOI_REWRITE_COUNT * sizeof *changes);
    assert_int_equal(tmoi_rewrite_run(copy, TMOI_REWRITE_ALL, &tmoi_runtime_evaluator, changes, &b->ctx),
                     TMO_STATUS_OK);
    assert_int_equal(tmoi_graph_validate(copy, &b->ctx), TMO_STATUS_OK);
    for (uint64_t seed = 0; seed < 3; seed++) {
        int64_t count = run_graph(b->graph, seed, before, MOST);
        assert_int_equal(run_graph(copy, seed, after, MOST), count);
        expect_near(after, before, count, 1e-5f);
    }
    return copy;
}

static void end(builder *b, tmoi_graph *copy)
{
    tmoi_graph_free(copy);
    build_end(b);
}

static void batch_norm_after_a_convolution(void **state)
{
    builder b = build_start();
    int32_t changes[TMOI_REWRITE_COUNT];
    (void)state;
    int32_t conv = build_conv(&b, "conv", build_input(&b, SHAPE(1, 6, 6, 3)), 3, 4, 1, TMOI_PADDING_SAME);
    int32_t scaled = build_op(&b, TMOI_OP_MUL, "scaled", SHAPE(1, 6, 6, 4), conv,
                              build_floats(&b, "gamma", SHAPE(4), 0.5f, 1), -2);
    int32_t moved = build_op(&b, TMOI_OP_ADD, "moved", SHAPE(1, 6, 6, 4),
                             build_floats(&b, "beta", SHAPE(1, 1, 1, 4), 1, 0), scaled, -2);
    build_output(&b, build_op(&b, TMOI_OP_RELU, "relu", SHAPE(1, 6, 6, 4), moved, -2));
    tmoi_graph *copy = rewritten(&b, changes);
    assert_int_equal(copy->subgraphs[0].op_count, 1);
    assert_int_equal(tmoi_op_options(&copy->subgraphs[0].ops[0], conv2d_options)->fused_activation_function,
                     TMOI_ACTIVATION_RELU);
    assert_string_equal(tmoi_op_output(&copy->subgraphs[0], &copy->subgraphs[0].ops[0], 0)->name, "relu");
    end(&b, copy);
}

static void batch_norm_before_a_convolution(void **state)
{
    (void)state;
    for (int32_t padding = TMOI_PADDING_SAME; padding <= TMOI_PADDING_VALID; padding++) {
        builder b = build_start();
        int32_t changes[TMOI_REWRITE_COUNT], input = build_input(&b, SHAPE(1, 6, 6, 3));
        int32_t scaled = build_op(&b, TMOI_OP_DIV, "scaled", SHAPE(1, 6, 6, 3), input,
                                  build_floats(&b, "deviation", SHAPE(3), 0.1f, 2), -2);
        int32_t moved = build_op(&b, TMOI_OP_SUB, "moved", SHAPE(1, 6, 6, 3), scaled,
                                 build_floats(&b, "mean", SHAPE(3), 1, 0), -2);
        build_output(&b, build_conv(&b, "conv", moved, 3, 4, 1, padding));
        tmoi_graph *copy = rewritten(&b, changes);
        /* An offset cannot pass a padding with zeros. */
        assert_int_equal(copy->subgraphs[0].op_count, padding == TMOI_PADDING_VALID ? 1 : 3);
        end(&b, copy);
    }
}

static int32_t padded_conv(builder *b, const int32_t *amounts, int32_t grown, int32_t stride)
{
    int32_t input = build_input(b, SHAPE(1, 8, 8, 2));
    int32_t padded = build_op(b, TMOI_OP_PAD, "padded", SHAPE(1, 8 + grown, 8 + grown, 2), input,
                              build_ints(b, "amounts", SHAPE(4, 2), amounts), -2);
    return build_conv(b, "conv", padded, 3, 4, stride, TMOI_PADDING_VALID);
}

static void pad_becomes_same_padding_only_where_equal(void **state)
{
    static const int32_t as_same[] = {0, 0, 0, 1, 0, 1, 0, 0}, otherwise[] = {0, 0, 1, 0, 1, 0, 0, 0};
    (void)state;
    for (int equal = 0; equal < 2; equal++) {
        builder b = build_start();
        int32_t changes[TMOI_REWRITE_COUNT];
        build_output(&b, padded_conv(&b, equal ? as_same : otherwise, 1, 2));
        tmoi_graph *copy = rewritten(&b, changes);
        assert_int_equal(count_ops(copy, TMOI_OP_PAD), equal ? 0 : 1);
        end(&b, copy);
    }
}

static void spelt_out_activations(void **state)
{
    builder b = build_start();
    int32_t changes[TMOI_REWRITE_COUNT];
    const tmoi_shape shape = SHAPE(1, 4, 4, 3), scalar = {0, {0}};
    tmoi_fb_add_options *options;
    (void)state;
    int32_t input = build_input(&b, shape);
    int32_t slope = build_op(&b, TMOI_OP_MUL, "slope", shape, input,
                             build_floats(&b, "alpha", scalar, 0, 0.2f), -2);
    int32_t leaky = build_op(&b, TMOI_OP_MAXIMUM, "leaky", shape, input, slope, -2);
    int32_t gate = build_op(&b, TMOI_OP_ADD, "gate", shape, leaky, build_floats(&b, "three", scalar, 0, 3),
                            -2);
    assert_int_equal(tmoi_graph_edit_options(b.graph, build_last(&b), add_options, &options, &b.ctx),
                     TMO_STATUS_OK);
    options->fused_activation_function = TMOI_ACTIVATION_RELU6;
    int32_t product = build_op(&b, TMOI_OP_MUL, "product", shape, leaky, gate, -2);
    build_output(&b, build_op(&b, TMOI_OP_MUL, "swish", shape, product,
                              build_floats(&b, "sixth", scalar, 0, 1.0f / 6), -2));
    tmoi_graph *copy = rewritten(&b, changes);
    assert_int_equal(copy->subgraphs[0].op_count, 2);
    assert_int_equal(count_ops(copy, TMOI_OP_LEAKY_RELU), 1);
    assert_int_equal(count_ops(copy, TMOI_OP_HARD_SWISH), 1);
    end(&b, copy);
}

static void identities_and_constants(void **state)
{
    static const int32_t to[] = {1, 12}, same[] = {1, 12};
    builder b = build_start();
    int32_t changes[TMOI_REWRITE_COUNT];
    const tmoi_shape shape = SHAPE(1, 12), scalar = {0, {0}};
    (void)state;
    int32_t input = build_input(&b, SHAPE(1, 3, 4));
    int32_t flat = build_op(&b, TMOI_OP_RESHAPE, "flat", shape, input, build_ints(&b, "to", SHAPE(2), to),
                            -2);
    int32_t again = build_op(&b, TMOI_OP_RESHAPE, "again", shape, flat,
                             build_ints(&b, "same", SHAPE(2), same), -2);
    int32_t one = build_op(&b, TMOI_OP_MUL, "one", shape, again, build_floats(&b, "1", scalar, 0, 1), -2);
    int32_t sum = build_op(&b, TMOI_OP_ADD, "sum", shape, build_floats(&b, "a", shape, 1, 0),
                           build_floats(&b, "b", shape, 1, 0), -2);
    build_output(&b, build_op(&b, TMOI_OP_MUL, "product", shape, one, sum, -2));
    tmoi_graph *copy = rewritten(&b, changes);
    assert_int_equal(copy->subgraphs[0].op_count, 2);
    assert_int_equal(changes[tmoi_rewrite_fold_constants], 1);
    assert_int_equal(changes[tmoi_rewrite_remove_identity], 2);
    end(&b, copy);
}

static void float16_weights(void **state)
{
    builder b = build_start();
    int32_t changes[TMOI_REWRITE_COUNT], made;
    uint16_t halves[3];
    (void)state;
    for (int k = 0; k < 3; k++) halves[k] = tmoi_fp16_from_float(0.5f + (float)k);
    int32_t input = build_input(&b, SHAPE(1, 3));
    made = build_tensor(&b, "halves", TMO_TYPE_FLOAT16, SHAPE(3));
    assert_int_equal(
        tmoi_graph_set_data(b.graph, &b.graph->subgraphs[0].tensors[made], halves, sizeof halves, &b.ctx),
        TMO_STATUS_OK);
    int32_t wide = build_op(&b, TMOI_OP_DEQUANTIZE, "wide", SHAPE(3), made, -2);
    build_output(&b, build_op(&b, TMOI_OP_MUL, "product", SHAPE(1, 3), input, wide, -2));
    tmoi_graph *copy = rewritten(&b, changes);
    assert_int_equal(copy->subgraphs[0].op_count, 1);
    assert_int_equal(changes[tmoi_rewrite_expand_weights], 1);
    end(&b, copy);
}

/* A residual block whose first channel is a hundred times the others. */
static int32_t uneven_block(builder *b, tmoi_shape shape)
{
    int32_t first = build_conv(b, "first", build_input(b, shape), 1, 8, 1, TMOI_PADDING_SAME);
    const tmoi_tensor *weights = tmoi_op_input(&b->graph->subgraphs[0], build_last(b), 1);
    union {
        const void *shared;
        float *own;
    } data = {.shared = weights->data};
    for (int32_t k = 0; k < shape.dims[3]; k++) data.own[k] *= 100;
    const tmoi_shape wide = SHAPE(shape.dims[0], shape.dims[1], shape.dims[2], 8);
    int32_t alpha = build_floats(b, "alpha", SHAPE(1, 1, 8), 0.3f, 0);
    int32_t active = build_op(b, TMOI_OP_PRELU, "active", wide, first, alpha, -2);
    int32_t second = build_conv(b, "second", active, 3, 8, 1, TMOI_PADDING_SAME);
    int32_t sum = build_op(b, TMOI_OP_ADD, "sum", wide, active, second, -2);
    return build_conv(b, "last", sum, 1, 2, 1, TMOI_PADDING_SAME);
}

static void equalizing_changes_no_result(void **state)
{
    builder b = build_start();
    float before[MOST], after[MOST], low[8], high[8];
    tmoi_channel_ranges ranges[32] = {{0, NULL, NULL}};
    int32_t scaled;
    (void)state;
    build_output(&b, uneven_block(&b, SHAPE(1, 4, 4, 3)));
    for (int c = 0; c < 8; c++) {
        high[c] = c ? 1 : 100;
        low[c] = -high[c];
    }
    const tmoi_subgraph *subgraph = &b.graph->subgraphs[0];
    assert_true(subgraph->tensor_count <= 32);
    for (int32_t k = 0; k < subgraph->tensor_count; k++) {
        const tmoi_shape *shape = &subgraph->tensors[k].shape;
        if (!subgraph->tensors[k].data)
            ranges[k] = (tmoi_channel_ranges){shape->dims[shape->rank - 1], low, high};
    }
    int64_t count = run_graph(b.graph, 3, before, MOST);
    assert_int_equal(tmoi_equalize(b.graph, 0, ranges, &scaled, &b.ctx), TMO_STATUS_OK);
    assert_int_equal(scaled, 7);
    assert_int_equal(run_graph(b.graph, 3, after, MOST), count);
    expect_near(after, before, count, 1e-4f);
    build_end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_norm_after_a_convolution),
        cmocka_unit_test(batch_norm_before_a_convolution),
        cmocka_unit_test(pad_becomes_same_padding_only_where_equal),
        cmocka_unit_test(spelt_out_activations),
        cmocka_unit_test(identities_and_constants),
        cmocka_unit_test(float16_weights),
        cmocka_unit_test(equalizing_changes_no_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
