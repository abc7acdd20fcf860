/* Convolutions of floats with int8 weights: as near to the float model as the reference kernels are, and the same however the work is
 * fused and split. */
#include <math.h>
#include <stdlib.h>

#include "graph_builder.h"
#include "runtime/session_private.h"

typedef struct conv_case {
    int32_t batch, height, width, channels, k, outputs;
    bool in_float; /* with the kernels of plain C */
} conv_case;

static const conv_case cases[] = {
    {1, 12, 11, 160, 1, 112, false},                               /* 1x1: rows have scales of their own */
    {2, 7, 1, 288, 1, 70, false},    {3, 1, 5, 256, 1, 80, false}, /* one row: a scale for each image */
    {1, 1, 1, 96, 1, 33, false},                                   /* a product with a vector */
    {1, 9, 9, 96, 5, 48, false},                                   /* sums over several rows */
    {1, 14, 15, 8, 1, 24, true},     {2, 11, 10, 3, 3, 16, true},
    {1, 24, 23, 48, 3, 48, true}, /* Winograd's algorithm */
};
enum { CASES = sizeof cases / sizeof cases[0] };

/* The weights of the last operator as int8 numbers, or as the floats that these stand for. */
static void quantize_weights(builder *b, bool hybrid)
{
    tmoi_tensor *weights = &b->graph->subgraphs[0].tensors[build_last(b)->inputs[1]];
    size_t count = (size_t)tmoi_shape_count(&weights->shape);
    const float *floats = (const float *)weights->data;
    float largest = 0, *real = malloc(count * sizeof *real);
    int8_t *numbers = malloc(count);
    const int64_t zero_point = 0;
    assert_non_null(real);
    assert_non_null(numbers);
    for (size_t k = 0; k < count; k++) largest = fmaxf(largest, fabsf(floats[k]));
    const float scale = largest / 127;
    for (size_t k = 0; k < count; k++) {
        numbers[k] = (int8_t)lrintf(floats[k] / scale);
        real[k] = (float)numbers[k] * scale;
    }
    assert_int_equal(tmoi_graph_set_data(b->graph, weights, hybrid ? (const void *)numbers : real,
                                         hybrid ? count : count * sizeof *real, &b->ctx),
                     TMO_STATUS_OK);
    if (hybrid) {
        weights->type = TMO_TYPE_INT8;
        assert_int_equal(tmoi_graph_set_quant(b->graph, weights, 1, 0, &scale, &zero_point, &b->ctx),
                         TMO_STATUS_OK);
    }
    free(numbers);
    free(real);
}

/* A convolution; and where the sizes allow it, its input and slopes after it. */
static builder build_case(const conv_case *c, bool hybrid, bool with_tail)
{
    builder b = build_start();
    int32_t in = build_input(&b, SHAPE(c->batch, c->height, c->width, c->channels));
    int32_t out = build_conv(&b, "conv", in, c->k, c->outputs, 1, TMOI_PADDING_SAME);
    tmoi_shape shape = b.graph->subgraphs[0].tensors[out].shape;
    quantize_weights(&b, hybrid);
    if (with_tail) {
        int32_t slopes = build_floats(&b, "slopes", SHAPE(1, 1, c->outputs), 0.3f, 0);
        int32_t more = build_input(&b, shape);
        out = build_op(&b, TMOI_OP_ADD, "sum", shape, out, more, -2);
        out = build_op(&b, TMOI_OP_PRELU, "prelu", shape, out, slopes, -2);
    }
    build_output(&b, out);
    return b;
}

static tmoi_session *run_case(const builder *b, const tmoi_session_config *config)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_session *session;
    assert_int_equal(tmoi_session_make(&session, b->graph, config, &ctx), TMO_STATUS_OK);
    for (int32_t i = 0; i < tmoi_session_input_count(session); i++) {
        tmoi_value *input = tmoi_session_input(session, i);
        tmoi_rng rng = tmoi_rng_make(7, (uint64_t)i);
        for (size_t k = 0; k < input->bytes / sizeof(float); k++)
            ((float *)input->data)[k] = tmoi_rng_normal(&rng);
    }
    assert_int_equal(tmoi_session_run(session, &ctx), TMO_STATUS_OK);
    return session;
}

static double squared_error(tmoi_session *want, tmoi_session *got)
{
    const tmoi_value *a = tmoi_session_output(want, 0), *b = tmoi_session_output(got, 0);
    double sum = 0;
    assert_int_equal(a->bytes, b->bytes);
    for (size_t k = 0; k < a->bytes / sizeof(float); k++) {
        double difference = (double)((const float *)a->data)[k] - (double)((const float *)b->data)[k];
        sum += difference * difference;
    }
    return sum;
}

static void results_are_as_near_as_the_reference(void **state)
{
    (void)state;
    for (int k = 0; k < CASES; k++) {
        builder exact = build_case(&cases[k], false, false), hybrid = build_case(&cases[k], true, false);
        const tmoi_session_config fast = {.threads = 1, .cpu = tmoi_cpu_features()},
                                  reference = {.threads = 1, .reference = true};
        tmoi_session *want = run_case(&exact, &reference), *near = run_case(&hybrid, &reference),
                     *got = run_case(&hybrid, &fast);
        double most = squared_error(want, near), error = squared_error(want, got);
        if (error > 1.02 * most) fail_msg("case %d: error %g, that of the reference %g", k, error, most);
        tmoi_session_free(want);
        tmoi_session_free(near);
        tmoi_session_free(got);
        build_end(&exact);
        build_end(&hybrid);
    }
}

/* The choice depends on shapes and on what the kernel multiplies at once, so it is known for plain C. */
static void small_products_run_in_float(void **state)
{
    (void)state;
    for (int k = 0; k < CASES; k++) {
        builder b = build_case(&cases[k], true, false);
        tmoi_session *session = run_case(&b, &(tmoi_session_config){.threads = 1}),
                     *reference = run_case(&b, &(tmoi_session_config){.threads = 1, .reference = true});
        if (session->graphs[0].nodes[0].in_float != cases[k].in_float) fail_msg("case %d", k);
        assert_false(reference->graphs[0].nodes[0].in_float);
        tmoi_session_free(session);
        tmoi_session_free(reference);
        build_end(&b);
    }
}

static void fusing_and_splitting_change_no_bit(void **state)
{
    (void)state;
    for (int k = 0; k < CASES; k++)
        for (int reference = 0; reference < 2; reference++) {
            builder b = build_case(&cases[k], true, true);
            tmoi_session_config config = {
                .threads = 1, .cpu = tmoi_cpu_features(), .as_written = true, .reference = reference != 0};
            tmoi_session *written = run_case(&b, &config);
            const tmoi_value *want = tmoi_session_output(written, 0);
            config.as_written = false;
            for (config.threads = 1; config.threads <= 3; config.threads++) {
                tmoi_session *fused = run_case(&b, &config);
                assert_int_equal(fused->graphs[0].step_count, 1);
                assert_memory_equal(tmoi_session_output(fused, 0)->data, want->data, want->bytes);
                tmoi_session_free(fused);
            }
            tmoi_session_free(written);
            build_end(&b);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_as_near_as_the_reference),
        cmocka_unit_test(small_products_run_in_float),
        cmocka_unit_test(fusing_and_splitting_change_no_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
