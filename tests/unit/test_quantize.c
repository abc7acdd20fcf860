/* Post-training quantization: its parts, and the whole way on small graphs and on the handwriting model. */
#include "unit/graph_builder.h"

#include <math.h>

#include "oom/failing_allocator.h"
#include "optimize/quantize.h"
#include "optimize/weights.h"
#include "tmo/tmo.h"

#define DIGITS TMO_SOURCE_DIR "/data/handwriting/digits.tflite"
#define TRAIN                                                                              \
    "idx:" TMO_SOURCE_DIR "/data/handwriting/train4k-images.idx3-ubyte.gz," TMO_SOURCE_DIR \
    "/data/handwriting/train4k-labels.idx1-ubyte.gz"
#define TEST                                                                            \
    "idx:" TMO_SOURCE_DIR "/data/handwriting/t10k-images.idx3-ubyte.gz," TMO_SOURCE_DIR \
    "/data/handwriting/t10k-labels.idx1-ubyte.gz"

enum { MOST = 4096, TEST_SAMPLES = 400 };

/* ---- parts ---- */

static void histogram_does_not_depend_on_order(void **state)
{
    static tmoi_histogram once, first, second;
    tmoi_rng rng = tmoi_rng_make(1, 0);
    float values[600];
    (void)state;
    for (int k = 0; k < 600; k++) values[k] = k % 7 ? tmoi_rng_normal(&rng) * (k < 300 ? 0.01f : 40) : 0;
    tmoi_histogram_add(&once, values, 600, NULL, 1, 400);
    for (int k = 599; k >= 0; k--)
        tmoi_histogram_add(k % 2 ? &first : &second, &values[k], 1, NULL, 1, fabsf(values[k]));
    tmoi_histogram_merge(&first, &second);
    tmoi_histogram_add(&first, values, 0, NULL, 1, 400);
    assert_int_equal(first.exponent, once.exponent);
    assert_memory_equal(first.bins, once.bins, sizeof once.bins);
    assert_int_equal(first.zeros, once.zeros);
}

static void ranges_cut_outliers(void **state)
{
    static tmoi_histogram histogram;
    static float values[20000];
    const tmoi_measured_range measured = {{-1, 100}, {-0.5f, 3}, &histogram};
    (void)state;
    for (int k = 0; k < 20000; k++) values[k] = (float)(k % 200) / 100 - 1;
    values[7] = 100;
    tmoi_histogram_add(&histogram, values, 20000, NULL, 1, 100);
    for (int32_t method = 0; method <= TMO_QUANTIZE_RANGE_ENTROPY; method++) {
        const tmoi_range_rule rule = {method, 99.9f, 8, false};
        tmoi_range range = tmoi_range_choose(&measured, &rule);
        assert_true(range.min <= 0 && range.min >= -1 && range.max >= 0.9f && range.max <= 100);
        if (method == TMO_QUANTIZE_RANGE_MINMAX) assert_true(range.max == 100 && range.min == -1);
        if (method == TMO_QUANTIZE_RANGE_MOVING_AVERAGE) assert_true(range.max == 3 && range.min == -0.5f);
        if (method == TMO_QUANTIZE_RANGE_PERCENTILE) assert_true(range.max < 2);
    }
}

static void zero_is_exact(void **state)
{
    static const tmoi_range ranges[] = {{0, 6}, {-1, 0}, {-3.3f, 0.1f}, {0, 0}, {-1e-20f, 1e20f}};
    (void)state;
    for (size_t k = 0; k < sizeof ranges / sizeof ranges[0]; k++)
        for (int32_t bits = 8; bits <= 16; bits += 8) {
            tmoi_affine affine = tmoi_affine_of(ranges[k], bits);
            assert_true(affine.scale > 0 && isfinite(affine.scale));
            assert_int_equal(tmoi_affine_quantize(&affine, bits, 0), affine.zero_point);
        }
}

static void weights_of_each_channel(void **state)
{
    static const float values[] = {0.9f, -2, 0, 0, 1e-35f, 0.5f};
    const tmoi_weights weights = {values, {2, {3, 2}}, 0, 8}, few = {values, {2, {3, 2}}, -1, 4};
    float scales[3];
    int8_t rounded[6];
    uint8_t packed[3];
    (void)state;
    tmoi_weights_scales(&weights, TMO_QUANTIZE_WEIGHT_RANGE_MINMAX, scales);
    tmoi_weights_round(&weights, scales, rounded);
    assert_float_equal(scales[0], 2.0f / 127, 1e-9f);
    assert_float_equal(scales[1], 2.0f / 127, 1e-9f);
    assert_int_equal(rounded[0], 57);
    assert_int_equal(rounded[1], -127);
    assert_int_equal(rounded[5], 127);
    tmoi_weights_scales(&few, TMO_QUANTIZE_WEIGHT_RANGE_MINMAX, scales);
    tmoi_weights_round(&few, scales, rounded);
    assert_int_equal(rounded[1], -7);
    tmoi_pack_int4(rounded, 5, packed);
    assert_int_equal(packed[0], (3 | (-7 & 15) << 4));
    assert_int_equal(packed[2], 0);
}

/* ---- small graphs ---- */

static tmo_status read_normal(void *user, int64_t index, void *const *buffers, const size_t *sizes,
                              int32_t count, tmoi_ctx *ctx)
{
    tmoi_rng rng = tmoi_rng_make((uint64_t)index, 1);
    const bool *spoil = user;
    (void)ctx;
    (void)count;
    for (size_t k = 0; k < sizes[0] / sizeof(float); k++) ((float *)buffers[0])[k] = tmoi_rng_normal(&rng);
    if (spoil && *spoil && index == 3) ((float *)buffers[0])[1] = NAN;
    return TMO_STATUS_OK;
}

static tmo_quantize_options options_of(int32_t scheme)
{
    tmo_quantize_options options = TMO_QUANTIZE_OPTIONS_INIT;
    options.scheme = scheme;
    options.percentile = 99.99f;
    options.momentum = 0.95f;
    options.weight_bits = 8;
    options.min_weight_elements = 1;
    options.samples = 16;
    options.threads = 1;
    return options;
}

static tmo_status quantize_graph(tmoi_quantize_result *result, const tmoi_graph *graph,
                                 const tmo_quantize_options *options, bool *spoil, tmoi_ctx *ctx)
{
    const tmoi_sample_source source = {.user = spoil, .count = 16, .read = read_normal};
    return tmoi_quantize(result, graph, &source, options, ctx);
}

/* A block with operators of every rule: weights, free scales, shared scales, prescribed outputs that meet others. */
static void build_block(builder *b)
{
    static const int32_t padding[] = {0, 0, 1, 1, 1, 1, 0, 0}, axes[] = {1, 2};
    const tmoi_shape shape = SHAPE(1, 6, 6, 4), wide = SHAPE(1, 6, 6, 8);
    tmoi_fb_concatenation_options *concat;
    tmoi_fb_reducer_options *reducer;
    int32_t conv = build_conv(b, "conv", build_input(b, SHAPE(1, 6, 6, 3)), 3, 4, 1, TMOI_PADDING_SAME);
    int32_t active = build_op(b, TMOI_OP_PRELU, "active", shape, conv,
                              build_floats(b, "alpha", SHAPE(1, 1, 4), 0.3f, 0), -2);
    int32_t clipped = build_op(b, TMOI_OP_MAXIMUM, "clipped", shape, active,
                               build_floats(b, "floor", (tmoi_shape){0, {0}}, 0, -0.4f), -2);
    int32_t gate = build_op(b, TMOI_OP_LOGISTIC, "gate", shape, conv, -2);
    int32_t joined = build_op(b, TMOI_OP_CONCATENATION, "joined", wide, clipped, gate, -2);
    assert_int_equal(
        tmoi_graph_edit_options(b->graph, build_last(b), concatenation_options, &concat, &b->ctx),
        TMO_STATUS_OK);
    concat->axis = 3;
    int32_t padded = build_op(b, TMOI_OP_PAD, "padded", SHAPE(1, 8, 8, 8), joined,
                              build_ints(b, "padding", SHAPE(4, 2), padding), -2);
    int32_t swish = build_op(b, TMOI_OP_HARD_SWISH, "swish", SHAPE(1, 8, 8, 8), padded, -2);
    int32_t mean = build_op(b, TMOI_OP_MEAN, "mean", SHAPE(1, 1, 1, 8), swish,
                            build_ints(b, "axes", SHAPE(2), axes), -2);
    assert_int_equal(tmoi_graph_edit_options(b->graph, build_last(b), reducer_options, &reducer, &b->ctx),
                     TMO_STATUS_OK);
    reducer->keep_dims = true;
    build_output(b, build_op(b, TMOI_OP_SUB, "centred", SHAPE(1, 8, 8, 8), swish, mean, -2));
}

static double signal_to_noise(const float *wanted, const float *got, int64_t count)
{
    double signal = 0, noise = 1e-30;
    for (int64_t k = 0; k < count; k++) {
        signal += (double)wanted[k] * (double)wanted[k];
        noise += ((double)wanted[k] - (double)got[k]) * ((double)wanted[k] - (double)got[k]);
    }
    return 10 * log10(signal / noise);
}

static double quality_of(const builder *b, const tmoi_graph *quantized)
{
    float wanted[MOST], got[MOST];
    int64_t count = run_graph(b->graph, 99, wanted, MOST);
    assert_int_equal(run_graph(quantized, 99, got, MOST), count);
    return signal_to_noise(wanted, got, count);
}

static void every_scheme_on_a_block(void **state)
{
    static const double least[] = {24, 35, 30, 55, 35};
    (void)state;
    for (int32_t scheme = 0; scheme <= TMO_QUANTIZE_SCHEME_WEIGHTS; scheme++) {
        builder b = build_start();
        tmoi_quantize_result result;
        tmo_quantize_options options = options_of(scheme);
        build_block(&b);
        assert_int_equal(quantize_graph(&result, b.graph, &options, NULL, &b.ctx), TMO_STATUS_OK);
        assert_true(quality_of(&b, result.graph) > least[scheme]);
        if (scheme == TMO_QUANTIZE_SCHEME_INT8) assert_int_equal(result.float_op_count, 0);
        if (scheme == TMO_QUANTIZE_SCHEME_INT16X8) assert_int_equal(result.float_op_count, 2);
        tmoi_graph_free(result.graph);
        build_end(&b);
    }
}

static bool shares_params(const tmoi_subgraph *subgraph, const tmoi_op *op)
{
    const tmoi_quant *output = &tmoi_op_output(subgraph, op, 0)->quant;
    for (int32_t k = 0; k < op->input_count; k++) {
        const tmoi_quant *input = &tmoi_op_input(subgraph, op, k)->quant;
        if (input->count &&
            (input->scale[0] != output->scale[0] || input->zero_point[0] != output->zero_point[0]))
            return false;
    }
    return true;
}

static void parameters_follow_the_specification(void **state)
{
    builder b = build_start();
    tmoi_quantize_result result;
    tmo_quantize_options options = options_of(TMO_QUANTIZE_SCHEME_INT8);
    (void)state;
    build_block(&b);
    assert_int_equal(quantize_graph(&result, b.graph, &options, NULL, &b.ctx), TMO_STATUS_OK);
    const tmoi_subgraph *subgraph = &result.graph->subgraphs[0];
    for (int32_t k = 0; k < subgraph->op_count; k++) {
        const tmoi_op *op = &subgraph->ops[k];
        const tmoi_tensor *output = tmoi_op_output(subgraph, op, 0);
        if (op->code == TMOI_OP_MAXIMUM || op->code == TMOI_OP_CONCATENATION || op->code == TMOI_OP_PAD)
            assert_true(shares_params(subgraph, op));
        if (op->code == TMOI_OP_LOGISTIC)
            assert_true(output->quant.scale[0] == 1.0f / 256 && output->quant.zero_point[0] == -128);
        if (op->code != TMOI_OP_CONV_2D) continue;
        const tmoi_quant *input = &tmoi_op_input(subgraph, op, 0)->quant,
                         *weights = &tmoi_op_input(subgraph, op, 1)->quant;
        const tmoi_tensor *bias = tmoi_op_input(subgraph, op, 2);
        assert_int_equal(bias->type, TMO_TYPE_INT32);
        assert_int_equal(weights->count, 4);
        for (int32_t c = 0; c < 4; c++)
            assert_true(bias->quant.scale[c] == input->scale[0] * weights->scale[c]);
    }
    tmoi_graph_free(result.graph);
    build_end(&b);
}

static void integer_borders(void **state)
{
    static const struct {
        int32_t scheme, io;
        tmo_type type;
    } cases[] = {{TMO_QUANTIZE_SCHEME_INT8, TMO_QUANTIZE_IO_INTEGER, TMO_TYPE_INT8},
                 {TMO_QUANTIZE_SCHEME_INT8, TMO_QUANTIZE_IO_UINT8, TMO_TYPE_UINT8},
                 {TMO_QUANTIZE_SCHEME_INT16X8, TMO_QUANTIZE_IO_INTEGER, TMO_TYPE_INT16}};
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        builder b = build_start();
        tmoi_quantize_result result;
        tmo_quantize_options options = options_of(cases[k].scheme);
        options.io = cases[k].io;
        build_block(&b);
        assert_int_equal(quantize_graph(&result, b.graph, &options, NULL, &b.ctx), TMO_STATUS_OK);
        const tmoi_subgraph *subgraph = &result.graph->subgraphs[0];
        assert_int_equal(subgraph->tensors[subgraph->inputs[0]].type, cases[k].type);
        assert_int_equal(subgraph->tensors[subgraph->outputs[0]].type, cases[k].type);
        assert_string_equal(subgraph->tensors[subgraph->inputs[0]].name, "input");
        assert_string_equal(subgraph->tensors[subgraph->outputs[0]].name, "centred");
        tmoi_graph_free(result.graph);
        build_end(&b);
    }
}

static void kept_operators_are_named(void **state)
{
    static const char *const choices[] = {"HARD_SWISH", "swish", "#6", "^swi"};
    (void)state;
    for (size_t k = 0; k < sizeof choices / sizeof choices[0]; k++) {
        builder b = build_start();
        tmoi_quantize_result result;
        tmo_quantize_options options = options_of(TMO_QUANTIZE_SCHEME_INT8);
        options.keep_float = choices[k];
        build_block(&b);
        assert_int_equal(quantize_graph(&result, b.graph, &options, NULL, &b.ctx), TMO_STATUS_OK);
        assert_int_equal(result.float_op_count, 1);
        const tmoi_float_op *kept = &result.float_ops[0];
        assert_int_equal(result.graph->subgraphs[kept->subgraph].ops[kept->op].code, TMOI_OP_HARD_SWISH);
        assert_string_equal(kept->reason, "the caller asked for it");
        assert_true(quality_of(&b, result.graph) > 24);
        tmoi_graph_free(result.graph);
        build_end(&b);
    }
}

static void expect_failure(const tmo_quantize_options *options, void (*spoil_graph)(builder *),
                           bool spoil_sample, tmo_status status, const char *part)
{
    builder b = build_start();
    tmoi_quantize_result result;
    build_block(&b);
    if (spoil_graph) spoil_graph(&b);
    assert_int_equal(quantize_graph(&result, b.graph, options, &spoil_sample, &b.ctx), status);
    assert_non_null(strstr(b.ctx.error.message, part));
    assert_null(result.graph);
    build_end(&b);
}

static void spoil_weights(builder *b)
{
    const tmoi_subgraph *subgraph = &b->graph->subgraphs[0];
    union {
        const void *shared;
        float *own;
    } data = {.shared = tmoi_op_input(subgraph, &subgraph->ops[0], 1)->data};
    data.own[5] = INFINITY;
}

static int stop_at_once(void *user, const tmo_progress *progress)
{
    (void)user;
    return progress->done > 0;
}

static void failures_name_what_is_wrong(void **state)
{
    tmo_quantize_options options = options_of(TMO_QUANTIZE_SCHEME_INT8);
    (void)state;
    expect_failure(&options, spoil_weights, false, TMO_STATUS_NOT_FINITE,
                   "'weights' of operator 0 (CONV_2D)");
    expect_failure(&options, NULL, true, TMO_STATUS_NOT_FINITE, "input 'input'");
    options.keep_float = "CONV_2D,nothing";
    expect_failure(&options, NULL, false, TMO_STATUS_INVALID_ARGUMENT, "'nothing' matches no operator");
    options.keep_float = "#99";
    expect_failure(&options, NULL, false, TMO_STATUS_INVALID_ARGUMENT, "'#99'");
    options.keep_float = "(";
    expect_failure(&options, NULL, false, TMO_STATUS_INVALID_ARGUMENT, "regular expression");
    options.keep_float = NULL;
    options.progress = stop_at_once;
    expect_failure(&options, NULL, false, TMO_STATUS_CANCELLED, "cancelled");
}

static void empty_data_is_refused(void **state)
{
    const tmoi_sample_source empty = {.read = read_normal};
    const tmo_quantize_options options = options_of(TMO_QUANTIZE_SCHEME_INT8);
    builder b = build_start();
    tmoi_quantize_result result;
    (void)state;
    build_block(&b);
    assert_int_equal(tmoi_quantize(&result, b.graph, &empty, &options, &b.ctx), TMO_STATUS_INVALID_DATA);
    assert_int_equal(tmoi_quantize(&result, b.graph, NULL, &options, &b.ctx), TMO_STATUS_INVALID_DATA);
    build_end(&b);
}

static void each_allocation_may_fail(void **state)
{
    builder b = build_start();
    (void)state;
    build_block(&b);
    for (int32_t scheme = 0; scheme <= TMO_QUANTIZE_SCHEME_WEIGHTS; scheme++) {
        tmo_quantize_options options = options_of(scheme);
        tmo_status status = TMO_STATUS_OUT_OF_MEMORY;
        options.samples = 2;
        options.keep_float = "swish";
        for (long n = 1; status != TMO_STATUS_OK; n++) {
            failing_allocator failing = {0, 0, n};
            tmo_allocator allocator = failing_allocator_of(&failing);
            tmoi_ctx ctx = tmoi_ctx_make(&allocator);
            tmoi_quantize_result result;
            status = quantize_graph(&result, b.graph, &options, NULL, &ctx);
            assert_true(status == TMO_STATUS_OK || status == TMO_STATUS_OUT_OF_MEMORY);
            tmoi_graph_free(result.graph);
            assert_int_equal(atomic_load(&failing.alive), 0);
        }
    }
    build_end(&b);
}

/* ---- the handwriting model, through the public API ---- */

static tmo_status read_dataset(void *user, uint64_t index, void *const *buffers, const size_t *sizes,
                               int32_t count)
{
    return tmo_dataset_read(user, index, buffers, sizes, count, NULL, NULL);
}

static tmo_model *quantize_digits(const tmo_quantize_options *options)
{
    tmo_error error = TMO_ERROR_INIT;
    tmo_model *model, *quantized;
    tmo_dataset *dataset;
    tmo_quantize_report report = TMO_QUANTIZE_REPORT_INIT;
    assert_int_equal(tmo_model_load_file(&model, DIGITS, NULL, &error), TMO_STATUS_OK);
    assert_int_equal(tmo_dataset_open(&dataset, TRAIN, model, NULL, &error), TMO_STATUS_OK);
    const tmo_samples samples = {.struct_size = sizeof samples,
                                 .user = dataset,
                                 .count = tmo_dataset_count(dataset),
                                 .read = read_dataset};
    assert_int_equal(tmo_quantize(&quantized, model, &samples, options, &report, &error), TMO_STATUS_OK);
    if (options->scheme == TMO_QUANTIZE_SCHEME_INT8)
        assert_int_equal(report.quantized_operators, report.operators);
    tmo_quantize_report_clear(&report);
    tmo_dataset_free(dataset);
    tmo_model_free(model);
    return quantized;
}

static int32_t largest(const float *values, int32_t count)
{
    int32_t best = 0;
    for (int32_t k = 1; k < count; k++)
        if (values[k] > values[best]) best = k;
    return best;
}

static int32_t count_right(const tmo_model *model)
{
    tmo_error error = TMO_ERROR_INIT;
    tmo_session *session;
    tmo_dataset *dataset;
    tmo_tensor_view input = {.struct_size = sizeof input}, output = {.struct_size = sizeof output};
    int32_t right = 0;
    assert_int_equal(tmo_dataset_open(&dataset, TEST, model, NULL, &error), TMO_STATUS_OK);
    assert_int_equal(tmo_session_create(&session, model, NULL, &error), TMO_STATUS_OK);
    for (uint64_t k = 0; k < TEST_SAMPLES; k++) {
        assert_int_equal(tmo_session_input(session, 0, &input, &error), TMO_STATUS_OK);
        size_t size = (size_t)input.size_bytes;
        assert_int_equal(tmo_dataset_read(dataset, k, &input.data, &size, 1, NULL, &error), TMO_STATUS_OK);
        assert_int_equal(tmo_session_run(session, &error), TMO_STATUS_OK);
        assert_int_equal(tmo_session_output(session, 0, &output, &error), TMO_STATUS_OK);
        right += largest(output.data, 10) == tmo_dataset_label(dataset, k);
    }
    tmo_session_free(session);
    tmo_dataset_free(dataset);
    return right;
}

static size_t saved_bytes(const tmo_model *model, void **data)
{
    tmo_error error = TMO_ERROR_INIT;
    size_t bytes;
    assert_int_equal(tmo_model_save(model, data, &bytes, &error), TMO_STATUS_OK);
    return bytes;
}

static void digits_stay_right_and_get_small(void **state)
{
    static const double share[] = {0.29, 0.30, 0.29, 0.51, 0.29};
    tmo_error error = TMO_ERROR_INIT;
    tmo_model *model;
    void *data;
    (void)state;
    assert_int_equal(tmo_model_load_file(&model, DIGITS, NULL, &error), TMO_STATUS_OK);
    int32_t right = count_right(model);
    double bytes = (double)saved_bytes(model, &data);
    tmo_memory_free(data);
    tmo_model_free(model);
    for (int32_t scheme = 0; scheme <= TMO_QUANTIZE_SCHEME_WEIGHTS; scheme++) {
        tmo_quantize_options options = TMO_QUANTIZE_OPTIONS_INIT;
        options.scheme = scheme;
        model = quantize_digits(&options);
        assert_true(count_right(model) >= right - 2);
        assert_true((double)saved_bytes(model, &data) <= share[scheme] * bytes);
        tmo_memory_free(data);
        tmo_model_free(model);
    }
}

static void threads_do_not_change_the_result(void **state)
{
    void *data[2];
    size_t bytes[2];
    (void)state;
    for (int32_t k = 0; k < 2; k++) {
        tmo_quantize_options options = TMO_QUANTIZE_OPTIONS_INIT;
        options.threads = k ? 3 : 1;
        options.samples = 50;
        tmo_model *model = quantize_digits(&options);
        bytes[k] = saved_bytes(model, &data[k]);
        tmo_model_free(model);
    }
    assert_int_equal(bytes[0], bytes[1]);
    assert_memory_equal(data[0], data[1], bytes[0]);
    tmo_memory_free(data[0]);
    tmo_memory_free(data[1]);
}

static void options_are_checked(void **state)
{
    tmo_error error = TMO_ERROR_INIT;
    tmo_model *model, *quantized;
    static const struct {
        const char *name, *value;
    } bad[] = {{"weight-bits", "5"}, {"weight-bits", "4"}, {"block-size", "48"}, {"percentile", "101"}};
    size_t rows;
    const tmo_option *table = tmo_quantize_option_table(&rows);
    (void)state;
    assert_int_equal(tmo_model_load_file(&model, DIGITS, NULL, &error), TMO_STATUS_OK);
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        tmo_quantize_options options = TMO_QUANTIZE_OPTIONS_INIT;
        tmo_status status = tmo_options_set(table, rows, &options, bad[k].name, bad[k].value, &error);
        if (status == TMO_STATUS_OK) status = tmo_quantize(&quantized, model, NULL, &options, NULL, &error);
        assert_int_equal(status, TMO_STATUS_INVALID_ARGUMENT);
    }
    tmo_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histogram_does_not_depend_on_order),
        cmocka_unit_test(ranges_cut_outliers),
        cmocka_unit_test(zero_is_exact),
        cmocka_unit_test(weights_of_each_channel),
        cmocka_unit_test(every_scheme_on_a_block),
        cmocka_unit_test(parameters_follow_the_specification),
        cmocka_unit_test(integer_borders),
        cmocka_unit_test(kept_operators_are_named),
        cmocka_unit_test(failures_name_what_is_wrong),
        cmocka_unit_test(empty_data_is_refused),
        cmocka_unit_test(each_allocation_may_fail),
        cmocka_unit_test(digits_stay_right_and_get_small),
        cmocka_unit_test(threads_do_not_change_the_result),
        cmocka_unit_test(options_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
