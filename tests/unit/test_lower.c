/* Lowering: what runs gives the results of the model as it is written. */
#include <stdio.h>

#include "graph_builder.h"
#include "model/import.h"
#include "model_files.h"
#include "runtime/session_private.h"

/* ---- running both ways ---- */

static tmoi_session *open_session(const tmoi_graph *graph, bool as_written, int32_t threads)
{
    const tmoi_session_config config = {
        .threads = threads, .cpu = tmoi_cpu_features(), .as_written = as_written};
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_session *session;
    if (tmoi_session_make(&session, graph, &config, &ctx) != TMO_STATUS_OK) fail_msg("%s", ctx.error.message);
    return session;
}

static void fill_inputs(tmoi_session *session, uint64_t seed)
{
    for (int32_t k = 0; k < tmoi_session_input_count(session); k++) {
        tmoi_value *input = tmoi_session_input(session, k);
        tmoi_rng rng = tmoi_rng_make(seed, (uint64_t)k);
        unsigned char *bytes = input->data;
        for (size_t i = 0; i < input->bytes; i++) bytes[i] = (unsigned char)tmoi_rng_below(&rng, 256);
        for (size_t i = 0; input->type == TMO_TYPE_FLOAT32 && i < input->bytes / sizeof(float); i++)
            ((float *)input->data)[i] = 2.0f * tmoi_rng_normal(&rng);
    }
}

static void run_session(tmoi_session *session, uint64_t seed)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    fill_inputs(session, seed);
    if (tmoi_session_run(session, &ctx) != TMO_STATUS_OK) fail_msg("%s", ctx.error.message);
}

/* Same shapes; same bits, or floats within `tolerance` of the largest. */
static void compare_outputs(const tmoi_session *want, const tmoi_session *got, float tolerance,
                            const char *what)
{
    for (int32_t k = 0; k < tmoi_session_output_count(want); k++) {
        const tmoi_value *a = tmoi_session_output(want, k), *b = tmoi_session_output(got, k);
        assert_true(tmoi_shape_equal(&a->shape, &b->shape));
        assert_int_equal(a->bytes, b->bytes);
        if (memcmp(a->data, b->data, a->bytes) == 0) continue;
        float largest = 0, worst = 0;
        for (size_t i = 0; a->type == TMO_TYPE_FLOAT32 && i < a->bytes / sizeof(float); i++) {
            float x = ((const float *)a->data)[i], difference = x - ((const float *)b->data)[i];
            largest = x > largest ? x : -x > largest ? -x : largest;
            worst = difference > worst ? difference : -difference > worst ? -difference : worst;
        }
        if (!(worst <= tolerance * largest) || a->type != TMO_TYPE_FLOAT32)
            fail_msg("%s: output %d differs by %g of %g", what, (int)k, (double)worst, (double)largest);
    }
}

/* Runs the graph both ways, twice, on one and on three threads. */
static void compare_both(const tmoi_graph *graph, float tolerance, const char *what)
{
    tmoi_session *want = open_session(graph, true, 1);
    for (int32_t threads = 1; threads <= 3; threads += 2) {
        tmoi_session *got = open_session(graph, false, threads);
        tmoi_session_reset(want);
        for (uint64_t seed = 1; seed <= 2; seed++) {
            run_session(want, seed);
            run_session(got, seed);
            compare_outputs(want, got, tolerance, what);
        }
        tmoi_session_free(got);
    }
    tmoi_session_free(want);
}

/* Compares, and checks how many steps are left. */
static void check_steps(builder *b, int32_t steps, float tolerance, const char *what)
{
    tmoi_session *session = open_session(b->graph, false, 1);
    if (session->graphs[0].step_count != steps)
        fail_msg("%s: %d steps, expected %d", what, (int)session->graphs[0].step_count, (int)steps);
    tmoi_session_free(session);
    compare_both(b->graph, tolerance, what);
    build_end(b);
}

/* ---- pieces of graphs ---- */

static tmoi_shape shape_of(const builder *b, int32_t tensor)
{
    return b->graph->subgraphs[0].tensors[tensor].shape;
}

static void quantized(builder *b, int32_t tensor, tmo_type type, float scale, int64_t zero_point)
{
    tmoi_tensor *t = &b->graph->subgraphs[0].tensors[tensor];
    t->type = type;
    assert_int_equal(tmoi_graph_set_quant(b->graph, t, 1, 0, &scale, &zero_point, &b->ctx), TMO_STATUS_OK);
}

static int32_t constant_s8(builder *b, tmoi_shape shape, float scale)
{
    int32_t made = build_tensor(b, "weights", TMO_TYPE_INT8, shape);
    size_t count = (size_t)tmoi_shape_count(&shape);
    void *data;
    assert_int_equal(
        tmoi_graph_new_data(b->graph, &b->graph->subgraphs[0].tensors[made], count, &data, &b->ctx),
        TMO_STATUS_OK);
    for (size_t k = 0; k < count; k++)
        ((int8_t *)data)[k] = (int8_t)((int)tmoi_rng_below(&b->rng, 255) - 127);
    quantized(b, made, TMO_TYPE_INT8, scale, 0);
    return made;
}

static int32_t input_s8(builder *b, tmoi_shape shape)
{
    int32_t made = build_input(b, shape);
    quantized(b, made, TMO_TYPE_INT8, 0.05f, 3);
    return made;
}

static int32_t conv_s8(builder *b, int32_t input, int32_t k, int32_t outputs)
{
    tmoi_shape in = shape_of(b, input);
    tmoi_fb_conv2d_options *options;
    int32_t weights = constant_s8(b, SHAPE(outputs, k, k, in.dims[3]), 0.01f);
    int32_t out = build_op(b, TMOI_OP_CONV_2D, "conv",
                           SHAPE(in.dims[0], in.dims[1] - k + 1, in.dims[2] - k + 1, outputs), input, weights,
                           -2);
    quantized(b, out, TMO_TYPE_INT8, 0.07f, -5);
    assert_int_equal(tmoi_graph_edit_options(b->graph, build_last(b), conv2d_options, &options, &b->ctx),
                     TMO_STATUS_OK);
    options->padding = TMOI_PADDING_VALID;
    options->stride_h = options->stride_w = 1;
    return out;
}

static int32_t depthwise(builder *b, int32_t input, int32_t stride)
{
    tmoi_shape in = shape_of(b, input);
    tmoi_fb_depthwise_conv2d_options *options;
    int32_t weights = build_floats(b, "weights", SHAPE(1, 3, 3, in.dims[3]), 0.5f, 0);
    int32_t bias = build_floats(b, "bias", SHAPE(in.dims[3]), 0.3f, 0);
    int32_t out = build_op(
        b, TMOI_OP_DEPTHWISE_CONV_2D, "depthwise",
        SHAPE(in.dims[0], (in.dims[1] - 3) / stride + 1, (in.dims[2] - 3) / stride + 1, in.dims[3]), input,
        weights, bias, -2);
    assert_int_equal(
        tmoi_graph_edit_options(b->graph, build_last(b), depthwise_conv2d_options, &options, &b->ctx),
        TMO_STATUS_OK);
    options->padding = TMOI_PADDING_VALID;
    options->stride_h = options->stride_w = stride;
    options->depth_multiplier = 1;
    return out;
}

static int32_t pad(builder *b, int32_t input, int32_t top, int32_t bottom, int32_t left, int32_t right)
{
    tmoi_shape in = shape_of(b, input);
    int32_t amounts = build_ints(b, "amounts", SHAPE(4, 2),
                                 (int32_t[]){0, 0, top, bottom, left, right, 0, 0});
    return build_op(b, TMOI_OP_PAD, "pad",
                    SHAPE(in.dims[0], in.dims[1] + top + bottom, in.dims[2] + left + right, in.dims[3]),
                    input, amounts, -2);
}

static int32_t reshape(builder *b, int32_t input, tmoi_shape shape)
{
    int32_t wanted = build_ints(b, "shape", SHAPE(shape.rank), shape.dims);
    return build_op(b, TMOI_OP_RESHAPE, "reshape", shape, input, wanted, -2);
}

static int32_t concatenate(builder *b, int32_t first, int32_t second, int32_t axis)
{
    tmoi_shape shape = shape_of(b, first);
    tmoi_fb_concatenation_options *options;
    shape.dims[axis] += shape_of(b, second).dims[axis];
    int32_t out = build_op(b, TMOI_OP_CONCATENATION, "concatenation", shape, first, second, -2);
    assert_int_equal(
        tmoi_graph_edit_options(b->graph, build_last(b), concatenation_options, &options, &b->ctx),
        TMO_STATUS_OK);
    options->axis = axis;
    return out;
}

static int32_t slice(builder *b, int32_t input, int32_t begin, int32_t rows)
{
    tmoi_shape shape = shape_of(b, input);
    int32_t from = build_ints(b, "begin", SHAPE(4), (int32_t[]){0, begin, 0, 0});
    int32_t size = build_ints(b, "size", SHAPE(4), (int32_t[]){-1, rows, -1, -1});
    shape.dims[1] = rows;
    return build_op(b, TMOI_OP_SLICE, "slice", shape, input, from, size, -2);
}

/* Two halves of the rows; returns the first, the second comes right after it. */
static int32_t split(builder *b, int32_t input)
{
    tmoi_shape shape = shape_of(b, input);
    int32_t axis = build_ints(b, "axis", (tmoi_shape){0}, (int32_t[]){1});
    tmoi_fb_split_options *options;
    tmoi_op *op;
    shape.dims[1] /= 2;
    int32_t first = build_tensor(b, "half", TMO_TYPE_FLOAT32, shape);
    int32_t second = build_tensor(b, "half", TMO_TYPE_FLOAT32, shape);
    assert_int_equal(
        tmoi_graph_insert_op(b->graph, 0, b->graph->subgraphs[0].op_count, TMOI_OP_SPLIT, 2, 2, &op, &b->ctx),
        TMO_STATUS_OK);
    op->inputs[0] = axis;
    op->inputs[1] = input;
    op->outputs[0] = first;
    op->outputs[1] = second;
    assert_int_equal(tmoi_graph_edit_options(b->graph, op, split_options, &options, &b->ctx), TMO_STATUS_OK);
    options->num_splits = 2;
    return first;
}

/* ---- activations ---- */

static void activations_go_into_the_operator_before(void **state)
{
    (void)state;
    static const int32_t codes[] = {TMOI_OP_RELU, TMOI_OP_RELU6, TMOI_OP_RELU_N1_TO_1};
    for (int k = 0; k < 3; k++) {
        builder b = build_start();
        int32_t conv = build_conv(&b, "conv", build_input(&b, SHAPE(1, 6, 7, 3)), 3, 5, 1, TMOI_PADDING_SAME);
        build_output(&b, build_op(&b, codes[k], "relu", SHAPE(1, 6, 7, 5), conv, -2));
        check_steps(&b, 1, 0, "conv + relu");
        b = build_start();
        conv = conv_s8(&b, input_s8(&b, SHAPE(1, 6, 7, 3)), 3, 5);
        int32_t relu = build_op(&b, codes[k], "relu", SHAPE(1, 4, 5, 5), conv, -2);
        quantized(&b, relu, TMO_TYPE_INT8, 0.07f, -5);
        build_output(&b, relu);
        check_steps(&b, 1, 0, "int8 conv + relu");
    }
}

static void activations_that_others_read_past_stay(void **state)
{
    builder b = build_start();
    (void)state;
    int32_t conv = build_conv(&b, "conv", build_input(&b, SHAPE(1, 6, 7, 3)), 3, 5, 1, TMOI_PADDING_SAME);
    build_output(&b, conv);
    build_output(&b, build_op(&b, TMOI_OP_RELU, "relu", SHAPE(1, 6, 7, 5), conv, -2));
    check_steps(&b, 2, 0, "conv read twice");
}

static void activations_on_another_scale_keep_their_bits(void **state)
{
    builder b = build_start();
    (void)state;
    int32_t conv = conv_s8(&b, input_s8(&b, SHAPE(1, 6, 7, 3)), 3, 5);
    int32_t relu = build_op(&b, TMOI_OP_RELU6, "relu", SHAPE(1, 4, 5, 5), conv, -2);
    quantized(&b, relu, TMO_TYPE_INT8, 6.0f / 255, -128);
    build_output(&b, relu);
    compare_both(b.graph, 0, "int8 conv + rescaling relu");
    build_end(&b);
}

/* ---- pads ---- */

static void pads_go_into_convolutions(void **state)
{
    (void)state;
    for (int32_t k = 0; k < 16; k++) {
        int32_t top = k & 1, bottom = k >> 1 & 1, left = 2 * (k >> 2 & 1), right = 3 * (k >> 3 & 1);
        builder b = build_start();
        int32_t in = build_input(&b, SHAPE(1, 7, 8, 4));
        build_output(&b, build_conv(&b, "conv", pad(&b, in, top, bottom, left, right), 3, 5, 1 + k % 2,
                                    TMOI_PADDING_VALID));
        check_steps(&b, 1, 0, "pad + conv");
        b = build_start();
        in = build_input(&b, SHAPE(1, 7, 8, 4));
        build_output(&b, depthwise(&b, pad(&b, in, top, bottom, left, right), 1 + k % 2));
        check_steps(&b, 1, 1e-6f, "pad + depthwise");
        b = build_start();
        int32_t padded = pad(&b, input_s8(&b, SHAPE(1, 7, 8, 3)), top, bottom, left, right);
        quantized(&b, padded, TMO_TYPE_INT8, 0.05f, 3);
        build_output(&b, conv_s8(&b, padded, 3, 6));
        check_steps(&b, 1, 0, "int8 pad + conv");
    }
}

static void one_pad_goes_into_two_convolutions(void **state)
{
    builder b = build_start();
    (void)state;
    int32_t padded = pad(&b, build_input(&b, SHAPE(1, 7, 8, 4)), 1, 1, 1, 1);
    build_output(&b, build_conv(&b, "one", padded, 3, 5, 1, TMOI_PADDING_VALID));
    build_output(&b, build_conv(&b, "two", padded, 3, 5, 2, TMOI_PADDING_VALID));
    check_steps(&b, 2, 0, "a pad read twice");
}

static void pads_that_others_read_stay(void **state)
{
    builder b = build_start();
    (void)state;
    int32_t padded = pad(&b, build_input(&b, SHAPE(1, 7, 8, 4)), 1, 1, 1, 1);
    build_output(&b, build_conv(&b, "one", padded, 3, 5, 1, TMOI_PADDING_VALID));
    build_output(&b, build_op(&b, TMOI_OP_TANH, "tanh", SHAPE(1, 9, 10, 4), padded, -2));
    check_steps(&b, 3, 0, "a pad that is no convolution's alone");
}

/* ---- views ---- */

static void views_do_not_run(void **state)
{
    builder b = build_start();
    (void)state;
    int32_t in = build_input(&b, SHAPE(1, 4, 6, 2));
    int32_t tanh = build_op(&b, TMOI_OP_TANH, "tanh", SHAPE(1, 4, 6, 2), in, -2);
    int32_t flat = reshape(&b, tanh, SHAPE(1, 8, 1, 6));
    int32_t half = split(&b, flat);
    int32_t abs = build_op(&b, TMOI_OP_ABS, "abs", SHAPE(1, 4, 1, 6), half, -2);
    int32_t part = slice(&b, half + 1, 1, 2);
    int32_t neg = build_op(&b, TMOI_OP_NEG, "neg", SHAPE(1, 2, 1, 6), part, -2);
    build_output(&b, concatenate(&b, neg, abs, 1));
    check_steps(&b, 3, 0, "reshape, split, slice, concatenation");
}

static void views_of_inputs_are_not_results(void **state)
{
    builder b = build_start();
    (void)state;
    int32_t in = build_input(&b, SHAPE(1, 4, 6, 2));
    build_output(&b, reshape(&b, in, SHAPE(8, 6)));
    check_steps(&b, 1, 0, "a renamed input");
    b = build_start();
    in = build_input(&b, SHAPE(1, 4, 6, 2));
    build_output(&b, concatenate(&b, in, in, 1));
    check_steps(&b, 1, 0, "an input twice");
    b = build_start();
    int32_t tanh = build_op(&b, TMOI_OP_TANH, "tanh", SHAPE(1, 4, 6, 2), build_input(&b, SHAPE(1, 4, 6, 2)),
                            -2);
    build_output(&b, concatenate(&b, tanh, reshape(&b, tanh, SHAPE(1, 4, 6, 2)), 1));
    check_steps(&b, 2, 0, "a value and its other name");
}

static void a_view_outlives_work_in_place(void **state)
{
    builder b = build_start();
    (void)state;
    int32_t tanh = build_op(&b, TMOI_OP_TANH, "tanh", SHAPE(1, 4, 6, 2), build_input(&b, SHAPE(1, 4, 6, 2)),
                            -2);
    int32_t flat = reshape(&b, tanh, SHAPE(1, 48));
    int32_t abs = build_op(&b, TMOI_OP_ABS, "abs", SHAPE(1, 4, 6, 2), tanh, -2);
    int32_t exp = build_op(&b, TMOI_OP_EXP, "exp", SHAPE(1, 48), flat, -2);
    build_output(&b, abs);
    build_output(&b, exp);
    check_steps(&b, 3, 0, "abs may not overwrite what exp reads");
}

/* ---- posts ---- */

static void posts_follow_a_convolution(void **state)
{
    builder b = build_start();
    (void)state;
    int32_t in = build_input(&b, SHAPE(1, 9, 8, 6));
    int32_t slopes = build_floats(&b, "slopes", SHAPE(1, 1, 6), 0.3f, 0);
    int32_t conv = build_conv(&b, "conv", in, 3, 6, 1, TMOI_PADDING_SAME);
    int32_t sum = build_op(&b, TMOI_OP_ADD, "sum", SHAPE(1, 9, 8, 6), in, conv, -2);
    int32_t prelu = build_op(&b, TMOI_OP_PRELU, "prelu", SHAPE(1, 9, 8, 6), sum, slopes, -2);
    build_output(&b, prelu);
    compare_both(b.graph, 0, "conv + residual + prelu");
    build_end(&b);
}

static int32_t leaky(builder *b, int32_t input, float alpha)
{
    tmoi_fb_leaky_relu_options *options;
    int32_t made = build_op(b, TMOI_OP_LEAKY_RELU, "leaky", shape_of(b, input), input, -2);
    assert_int_equal(tmoi_graph_edit_options(b->graph, build_last(b), leaky_relu_options, &options, &b->ctx),
                     TMO_STATUS_OK);
    options->alpha = alpha;
    return made;
}

/* Those that a product takes over, in the order that its kernel has and in others, before and after those that it leaves. */
static void products_take_posts(void **state)
{
    (void)state;
    for (int32_t k = 0; k < 32; k++) {
        builder b = build_start();
        int32_t channels = k & 1 ? 5 : 24, taps = k & 2 ? 1 : 2;
        tmoi_shape shape = SHAPE(2, 9, 7, channels);
        int32_t in = build_input(&b, shape);
        int32_t slopes = k & 2 ? build_floats(&b, "slope", SHAPE(1), 0.3f, 0.1f)
                               : build_floats(&b, "slopes", SHAPE(1, 1, channels), 0.3f, 0);
        int32_t x = build_conv(&b, "conv", in, taps, channels, 1, TMOI_PADDING_SAME);
        if (k & 4) x = leaky(&b, x, k & 1 ? 0.2f : -0.2f);
        if (k & 8) x = build_op(&b, TMOI_OP_ADD, "sum", shape, k & 2 ? in : x, k & 2 ? x : in, -2);
        if (k & 8 && k & 16) x = build_op(&b, TMOI_OP_RELU6, "relu6", shape, x, -2);
        x = build_op(&b, TMOI_OP_PRELU, "prelu", shape, x, slopes, -2);
        if (k & 16) x = build_op(&b, TMOI_OP_ADD, "twice", shape, x, in, -2);
        build_output(&b, x);
        check_steps(&b, 1, 0, "a product with posts");
    }
}

static int32_t pad_channels(builder *b, int32_t input, int32_t channels)
{
    tmoi_shape in = shape_of(b, input);
    int32_t amounts = build_ints(b, "amounts", SHAPE(4, 2),
                                 (int32_t[]){0, 0, 0, 0, 0, 0, 0, channels - in.dims[3]});
    return build_op(b, TMOI_OP_PAD, "pad", SHAPE(in.dims[0], in.dims[1], in.dims[2], channels), input,
                    amounts, -2);
}

/* Sums with images of fewer channels, of wide and narrow convolutions, so that also parts of the channels are computed. */
static void products_pad_residuals(void **state)
{
    (void)state;
    for (int32_t k = 0; k < 16; k++) {
        builder b = build_start();
        int32_t channels = k & 1 ? 13 : 200, own = k & 2 ? 5 : 12, size = k & 4 ? 3 : 30;
        tmoi_shape shape = SHAPE(2, size, 7, channels);
        int32_t in = build_input(&b, SHAPE(2, size, 7, own));
        int32_t x = build_conv(&b, "conv", in, 1 + (k & 1), channels, 1, TMOI_PADDING_SAME);
        int32_t padded = pad_channels(&b, in, channels);
        x = k & 8 ? build_op(&b, TMOI_OP_ADD, "sum", shape, x, padded, -2)
                  : build_op(&b, TMOI_OP_ADD, "sum", shape, padded, x, -2);
        if (k & 8)
            x = build_op(&b, TMOI_OP_PRELU, "prelu", shape, x,
                         build_floats(&b, "slopes", SHAPE(1, 1, channels), 0.3f, 0), -2);
        build_output(&b, x);
        check_steps(&b, 1, 0, "a product and a residual of fewer channels");
    }
}

static void other_sums_with_padded_values_stay(void **state)
{
    builder b = build_start();
    (void)state;
    tmoi_shape shape = SHAPE(1, 9, 7, 8);
    int32_t in = build_input(&b, SHAPE(1, 9, 7, 5)), padded = pad_channels(&b, in, 8);
    int32_t conv = build_conv(&b, "conv", in, 1, 8, 1, TMOI_PADDING_SAME);
    build_output(&b, build_op(&b, TMOI_OP_ADD, "sum", shape, conv, padded, -2));
    build_output(&b, padded);
    check_steps(&b, 2, 0, "a padded value that is a result");
    b = build_start();
    in = build_input(&b, SHAPE(1, 9, 7, 5));
    conv = build_conv(&b, "conv", in, 1, 8, 1, TMOI_PADDING_SAME);
    int32_t product = build_op(&b, TMOI_OP_MUL, "product", shape, conv, pad_channels(&b, in, 8), -2);
    build_output(&b, product);
    check_steps(&b, 2, 0, "a product with a padded value");
}

/* The convolution runs when the other side of the sum is there. */
static void a_host_waits_for_operands(void **state)
{
    builder b = build_start();
    (void)state;
    int32_t in = build_input(&b, SHAPE(1, 9, 8, 6));
    int32_t conv = build_conv(&b, "conv", in, 3, 6, 1, TMOI_PADDING_SAME);
    int32_t exp = build_op(&b, TMOI_OP_SIN, "late", SHAPE(1, 9, 8, 6), in, -2);
    int32_t difference = build_op(&b, TMOI_OP_SUB, "difference", SHAPE(1, 9, 8, 6), conv, exp, -2);
    build_output(&b, difference);
    build_output(&b, exp);
    compare_both(b.graph, 0, "conv - late");
    build_end(&b);
}

static void posts_may_change_the_type(void **state)
{
    builder b = build_start();
    (void)state;
    int32_t conv = conv_s8(&b, input_s8(&b, SHAPE(1, 6, 7, 3)), 3, 5);
    int32_t real = build_op(&b, TMOI_OP_DEQUANTIZE, "real", SHAPE(1, 4, 5, 5), conv, -2);
    int32_t curve = build_op(&b, TMOI_OP_LOGISTIC, "curve", SHAPE(1, 4, 5, 5), real, -2);
    int32_t again = build_op(&b, TMOI_OP_QUANTIZE, "again", SHAPE(1, 4, 5, 5), curve, -2);
    quantized(&b, again, TMO_TYPE_INT8, 1.0f / 256, -128);
    build_output(&b, again);
    compare_both(b.graph, 0, "int8 conv, logistic in float");
    build_end(&b);
}

/* ---- expressions ---- */

static int32_t scalar(builder *b, float value)
{
    return build_floats(b, "scalar", (tmoi_shape){0}, 0, value);
}

/* 0.5 * x * (1 + tanh(0.79788 * (x + 0.044715 * x^3))) */
static int32_t gelu(builder *b, int32_t x)
{
    tmoi_shape s = shape_of(b, x);
    int32_t cube = build_op(b, TMOI_OP_POW, "cube", s, x, scalar(b, 3), -2);
    int32_t part = build_op(b, TMOI_OP_MUL, "part", s, cube, scalar(b, 0.044715f), -2);
    int32_t sum = build_op(b, TMOI_OP_ADD, "sum", s, x, part, -2);
    int32_t inner = build_op(b, TMOI_OP_MUL, "inner", s, sum, scalar(b, 0.7978845608f), -2);
    int32_t curve = build_op(b, TMOI_OP_TANH, "curve", s, inner, -2);
    int32_t above = build_op(b, TMOI_OP_ADD, "above", s, curve, scalar(b, 1), -2);
    int32_t half = build_op(b, TMOI_OP_MUL, "half", s, x, scalar(b, 0.5f), -2);
    return build_op(b, TMOI_OP_MUL, "gelu", s, half, above, -2);
}

static void expressions_follow_a_convolution(void **state)
{
    builder b = build_start();
    (void)state;
    int32_t conv = build_conv(&b, "conv", build_input(&b, SHAPE(1, 11, 9, 6)), 3, 20, 1, TMOI_PADDING_SAME);
    int32_t gate = build_op(&b, TMOI_OP_LOGISTIC, "gate", shape_of(&b, conv), conv, -2);
    build_output(&b, build_op(&b, TMOI_OP_MUL, "swish", shape_of(&b, conv), gate, conv, -2));
    check_steps(&b, 1, 0, "conv + x * logistic(x)");
    b = build_start();
    conv = build_conv(&b, "conv", build_input(&b, SHAPE(1, 11, 9, 6)), 1, 20, 1, TMOI_PADDING_SAME);
    build_output(&b, gelu(&b, conv));
    check_steps(&b, 1, 0, "conv + gelu");
}

static void expressions_run_alone(void **state)
{
    builder b = build_start();
    (void)state;
    int32_t in = build_input(&b, SHAPE(1, 40, 30, 7)), other = build_input(&b, SHAPE(1, 40, 30, 7));
    int32_t sum = build_op(&b, TMOI_OP_ADD, "sum", shape_of(&b, in), gelu(&b, in), other, -2);
    build_output(&b, sum);
    build_output(&b, build_op(&b, TMOI_OP_ABS, "abs", shape_of(&b, in), sum, -2));
    check_steps(&b, 2, 0, "gelu + other, read twice");
}

static void integer_expressions_become_tables(void **state)
{
    builder b = build_start();
    (void)state;
    int32_t conv = conv_s8(&b, input_s8(&b, SHAPE(1, 11, 9, 6)), 3, 20);
    int32_t gate = build_op(&b, TMOI_OP_LOGISTIC, "gate", shape_of(&b, conv), conv, -2);
    quantized(&b, gate, TMO_TYPE_INT8, 1.0f / 256, -128);
    int32_t swish = build_op(&b, TMOI_OP_MUL, "swish", shape_of(&b, conv), conv, gate, -2);
    quantized(&b, swish, TMO_TYPE_INT8, 0.04f, -3);
    build_output(&b, swish);
    check_steps(&b, 1, 0, "int8 conv + x * logistic(x)");
    for (int32_t columns = 3; columns < 200; columns += 190) {
        b = build_start();
        tmoi_shape shape = SHAPE(1, columns, 2, 1);
        int32_t real = build_op(&b, TMOI_OP_DEQUANTIZE, "real", shape, input_s8(&b, shape), -2);
        int32_t stored = build_op(&b, TMOI_OP_QUANTIZE, "stored", shape, gelu(&b, real), -2);
        quantized(&b, stored, TMO_TYPE_INT8, 0.03f, -9);
        build_output(&b, stored);
        check_steps(&b, 1, 0, "dequantize, gelu, quantize");
    }
}

/* ---- layer normalization ---- */

static int32_t mean(builder *b, int32_t x)
{
    tmoi_shape shape = shape_of(b, x);
    tmoi_fb_reducer_options *options;
    int32_t axis = build_ints(b, "axis", SHAPE(1), (int32_t[]){-1});
    shape.dims[shape.rank - 1] = 1;
    int32_t out = build_op(b, TMOI_OP_MEAN, "mean", shape, x, axis, -2);
    assert_int_equal(tmoi_graph_edit_options(b->graph, build_last(b), reducer_options, &options, &b->ctx),
                     TMO_STATUS_OK);
    options->keep_dims = true;
    return out;
}

static int32_t binary(builder *b, int32_t code, int32_t x, int32_t y)
{
    tmoi_shape s = shape_of(b, x), other = shape_of(b, y);
    return build_op(b, code, "binary", tmoi_shape_count(&s) >= tmoi_shape_count(&other) ? s : other, x, y,
                    -2);
}

static int32_t rsqrt_of_variance(builder *b, int32_t squares, int32_t code)
{
    int32_t variance = binary(b, TMOI_OP_ADD, mean(b, squares), scalar(b, 1e-3f));
    return build_op(b, code, "deviation", shape_of(b, variance), variance, -2);
}

static void layer_norms_are_one_step(void **state)
{
    (void)state;
    for (int form = 0; form < 4; form++) {
        builder b = build_start();
        int32_t x = build_input(&b, SHAPE(2, 9, 37)), m = mean(&b, x), out;
        int32_t gamma = build_floats(&b, "gamma", SHAPE(37), 0.5f, 1);
        int32_t beta = build_floats(&b, "beta", SHAPE(37), 0.5f, 0);
        if (form == 0) {
            int32_t squares = binary(&b, TMOI_OP_SQUARED_DIFFERENCE, x, m);
            int32_t scale = binary(&b, TMOI_OP_MUL, rsqrt_of_variance(&b, squares, TMOI_OP_RSQRT), gamma);
            b.graph->subgraphs[0].tensors[scale].shape = SHAPE(2, 9, 37);
            int32_t scaled = binary(&b, TMOI_OP_MUL, x, scale), shift = binary(&b, TMOI_OP_MUL, m, scale);
            out = binary(&b, TMOI_OP_ADD, scaled, binary(&b, TMOI_OP_SUB, beta, shift));
        } else {
            int32_t centred = binary(&b, TMOI_OP_SUB, x, m);
            int32_t squares = form == 1   ? binary(&b, TMOI_OP_MUL, centred, centred)
                              : form == 2 ? binary(&b, TMOI_OP_POW, centred, scalar(&b, 2))
                                          : binary(&b, TMOI_OP_SQUARED_DIFFERENCE, x, m);
            int32_t code = form == 3 ? TMOI_OP_RSQRT : TMOI_OP_SQRT;
            int32_t normal = binary(&b, form == 3 ? TMOI_OP_MUL : TMOI_OP_DIV, centred,
                                    rsqrt_of_variance(&b, squares, code));
            out = binary(&b, TMOI_OP_ADD, binary(&b, TMOI_OP_MUL, normal, gamma), beta);
        }
        build_output(&b, out);
        check_steps(&b, 1, 1e-5f, "layer normalization");
    }
}

/* ---- softmax and attention ---- */

static int32_t reduce_rows(builder *b, int32_t code, int32_t x)
{
    int32_t out = mean(b, x);
    build_last(b)->code = code;
    return out;
}

static int32_t softmax_in_pieces(builder *b, int32_t x)
{
    int32_t shift = binary(b, TMOI_OP_SUB, x, reduce_rows(b, TMOI_OP_REDUCE_MAX, x));
    int32_t exp = build_op(b, TMOI_OP_EXP, "exp", shape_of(b, x), shift, -2);
    return binary(b, TMOI_OP_DIV, exp, reduce_rows(b, TMOI_OP_SUM, exp));
}

static int32_t softmax(builder *b, int32_t x, float beta)
{
    tmoi_fb_softmax_options *options;
    int32_t out = build_op(b, TMOI_OP_SOFTMAX, "softmax", shape_of(b, x), x, -2);
    assert_int_equal(tmoi_graph_edit_options(b->graph, build_last(b), softmax_options, &options, &b->ctx),
                     TMO_STATUS_OK);
    options->beta = beta;
    return out;
}

static int32_t matmul(builder *b, int32_t x, int32_t y, bool adj_x, bool adj_y, tmoi_shape shape)
{
    tmoi_fb_batch_mat_mul_options *options;
    int32_t out = build_op(b, TMOI_OP_BATCH_MATMUL, "product", shape, x, y, -2);
    assert_int_equal(
        tmoi_graph_edit_options(b->graph, build_last(b), batch_mat_mul_options, &options, &b->ctx),
        TMO_STATUS_OK);
    options->adj_x = adj_x;
    options->adj_y = adj_y;
    return out;
}

static void softmax_in_pieces_is_one_step(void **state)
{
    builder b = build_start();
    (void)state;
    build_output(&b, softmax_in_pieces(&b, build_input(&b, SHAPE(2, 9, 37))));
    check_steps(&b, 1, 1e-5f, "softmax in pieces");
    b = build_start();
    int32_t x = build_input(&b, SHAPE(2, 9, 37)), made = softmax_in_pieces(&b, x);
    build_output(&b, made);
    build_output(&b, made - 1); /* the sum */
    compare_both(b.graph, 1e-5f, "softmax in pieces, of which one is a result");
    build_end(&b);
}

enum { MULTIPLY = 1, DIVIDE = 2, PIECES = 4, ADJ_Q = 8, PLAIN_K = 16, ADJ_V = 32 };

typedef struct attention {
    int32_t batch, heads, rows, columns, depth, values;
    int how;
    float beta;
    tmoi_shape mask; /* rank 0: none */
} attention;

static tmoi_shape matrices_shape(const attention *a, int32_t rows, int32_t columns, bool transposed)
{
    return transposed ? SHAPE(a->batch, a->heads, columns, rows) : SHAPE(a->batch, a->heads, rows, columns);
}

static int32_t build_scores(builder *b, const attention *a)
{
    int32_t q = build_input(b, matrices_shape(a, a->rows, a->depth, a->how & ADJ_Q));
    int32_t k = build_input(b, matrices_shape(a, a->depth, a->columns, !(a->how & PLAIN_K)));
    return matmul(b, q, k, a->how & ADJ_Q, !(a->how & PLAIN_K),
                  matrices_shape(a, a->rows, a->columns, false));
}

static int32_t build_weights(builder *b, const attention *a, int32_t scores)
{
    if (a->how & MULTIPLY) scores = binary(b, TMOI_OP_MUL, scores, scalar(b, 0.125f));
    if (a->how & DIVIDE) scores = binary(b, TMOI_OP_DIV, scores, scalar(b, 6.0f));
    if (a->mask.rank > 0) scores = binary(b, TMOI_OP_ADD, scores, build_input(b, a->mask));
    return a->how & PIECES ? softmax_in_pieces(b, scores) : softmax(b, scores, a->beta);
}

static int32_t build_context(builder *b, const attention *a, int32_t weights)
{
    int32_t v = build_input(b, matrices_shape(a, a->columns, a->values, a->how & ADJ_V));
    return matmul(b, weights, v, false, a->how & ADJ_V, matrices_shape(a, a->rows, a->values, false));
}

static void check_attention(const attention *a, int32_t steps, const char *what)
{
    builder b = build_start();
    build_output(&b, build_context(&b, a, build_weights(&b, a, build_scores(&b, a))));
    check_steps(&b, steps, 1e-5f, what);
}

static void attention_is_one_step(void **state)
{
    static const int32_t rows[] = {7, 64, 197}, depths[] = {8, 64};
    static const int hows[] = {0, MULTIPLY, DIVIDE, MULTIPLY | PIECES, ADJ_Q, PLAIN_K | DIVIDE, ADJ_V};
    (void)state;
    for (int32_t k = 0; k < 3; k++)
        for (int32_t i = 0; i < 7; i++)
            check_attention(&(attention){.batch = 1 + i % 2,
                                         .heads = 3,
                                         .rows = rows[k],
                                         .columns = rows[k],
                                         .depth = depths[i % 2],
                                         .values = depths[k % 2],
                                         .how = hows[i],
                                         .beta = i == 0 ? 0.3f : 1.0f},
                            1, "attention");
    check_attention(&(attention){2, 1, 5, 33, 8, 9, MULTIPLY, 1.0f, {0}}, 1, "attention of others");
    check_attention(&(attention){1, 3, 1, 1, 8, 8, MULTIPLY, 1.0f, {0}}, 3, "a single row stays");
}

static void attention_takes_masks_that_widen_nothing(void **state)
{
    const tmoi_shape masks[] = {SHAPE(20),          SHAPE(9, 20),       SHAPE(1, 20),    SHAPE(2, 1, 1, 20),
                                SHAPE(2, 1, 9, 20), SHAPE(1, 3, 9, 20), SHAPE(3, 1, 20), SHAPE(2, 3, 9, 20)};
    (void)state;
    for (size_t k = 0; k < sizeof masks / sizeof masks[0]; k++)
        check_attention(&(attention){2, 3, 9, 20, 8, 12, k % 2 ? MULTIPLY : 0, 1.0f, masks[k]}, 1, "masked");
    check_attention(&(attention){2, 3, 9, 20, 8, 12, 0, 1.0f, SHAPE(9, 1)}, 3, "a mask of one column");
    builder b = build_start();
    const attention one = {1, 1, 9, 20, 8, 12, 0, 1.0f, {0}};
    int32_t masked = binary(&b, TMOI_OP_ADD, build_scores(&b, &one), build_input(&b, SHAPE(2, 1, 9, 20)));
    int32_t v = build_input(&b, SHAPE(2, 1, 20, 12));
    build_output(&b, matmul(&b, softmax(&b, masked, 1.0f), v, false, false, SHAPE(2, 1, 9, 12)));
    check_steps(&b, 4, 1e-5f, "a mask that widens the scores");
}

static void attention_broadcasts_keys_and_values(void **state)
{
    builder b = build_start();
    (void)state;
    int32_t q = build_input(&b, SHAPE(2, 3, 9, 8)), k = build_input(&b, SHAPE(2, 1, 20, 8));
    int32_t scores = matmul(&b, q, k, false, true, SHAPE(2, 3, 9, 20));
    int32_t v = build_input(&b, SHAPE(3, 20, 12));
    int32_t out = matmul(&b, softmax(&b, scores, 1.0f), v, false, false, SHAPE(2, 3, 9, 12));
    build_output(&b, build_op(&b, TMOI_OP_TANH, "tanh", SHAPE(2, 3, 9, 12), out, -2));
    check_steps(&b, 1, 1e-5f, "attention with fewer keys, and a post");
    b = build_start();
    const attention one = {1, 1, 9, 20, 8, 12, 0, 1.0f, {0}};
    int32_t weights = build_weights(&b, &one, build_scores(&b, &one));
    v = build_input(&b, SHAPE(2, 1, 20, 12));
    build_output(&b, matmul(&b, weights, v, false, false, SHAPE(2, 1, 9, 12)));
    check_steps(&b, 3, 1e-5f, "attention to two sets of values");
}

static void attention_that_others_look_into_stays(void **state)
{
    const attention a = {1, 2, 9, 9, 8, 8, 0, 1.0f, {0}};
    (void)state;
    for (int k = 0; k < 4; k++) {
        builder b = build_start();
        int32_t scores = build_scores(&b, &a), weights = build_weights(&b, &a, scores);
        int32_t seen = k % 2 ? scores : weights;
        build_output(&b, build_context(&b, &a, weights));
        build_output(&b, k < 2 ? seen : build_op(&b, TMOI_OP_ABS, "abs", shape_of(&b, seen), seen, -2));
        compare_both(b.graph, 0, "attention with its insides shown");
        build_end(&b);
    }
    builder b = build_start();
    int32_t weights = build_weights(&b, &a, build_scores(&b, &a)), v = build_input(&b, SHAPE(1, 2, 9, 8));
    build_output(&b, matmul(&b, weights, v, true, false, SHAPE(1, 2, 9, 8)));
    check_steps(&b, 3, 0, "weights transposed");
}

static void attention_takes_less_memory(void **state)
{
    const attention a = {1, 12, 197, 197, 64, 64, MULTIPLY, 1.0f, {0}};
    builder b = build_start();
    (void)state;
    build_output(&b, build_context(&b, &a, build_weights(&b, &a, build_scores(&b, &a))));
    tmoi_session *written = open_session(b.graph, true, 1), *fused = open_session(b.graph, false, 1);
    size_t scores = sizeof(float) * 12 * 197 * 197;
    assert_true(tmoi_session_arena_bytes(fused) + scores < tmoi_session_arena_bytes(written));
    tmoi_session_free(written);
    tmoi_session_free(fused);
    build_end(&b);
}

static void attention_is_the_same_on_any_number_of_threads(void **state)
{
    const attention a = {1, 2, 197, 197, 64, 64, MULTIPLY, 1.0f, SHAPE(197, 197)};
    builder b = build_start();
    (void)state;
    build_output(&b, build_context(&b, &a, build_weights(&b, &a, build_scores(&b, &a))));
    tmoi_session *one = open_session(b.graph, false, 1);
    run_session(one, 3);
    for (int32_t threads = 2; threads <= 5; threads++) {
        tmoi_session *several = open_session(b.graph, false, threads);
        run_session(several, 3);
        compare_outputs(one, several, 0, "attention on several threads");
        tmoi_session_free(several);
    }
    tmoi_session_free(one);
    build_end(&b);
}

/* In either order of the sum, the product itself adds and leaks. */
static void products_take_residuals_and_slopes(void **state)
{
    (void)state;
    for (int second = 0; second < 2; second++) {
        builder b = build_start();
        int32_t in = build_input(&b, SHAPE(1, 9, 8, 6));
        int32_t slopes = build_floats(&b, "slopes", SHAPE(1, 1, 6), 0.3f, 0);
        int32_t conv = build_conv(&b, "conv", in, 1, 6, 1, TMOI_PADDING_SAME);
        int32_t sum = build_op(&b, TMOI_OP_ADD, "sum", SHAPE(1, 9, 8, 6), second ? in : conv,
                               second ? conv : in, -2);
        build_output(&b, build_op(&b, TMOI_OP_PRELU, "prelu", SHAPE(1, 9, 8, 6), sum, slopes, -2));
        tmoi_session *session = open_session(b.graph, false, 1);
        assert_int_equal(session->graphs[0].nodes[0].posts_taken, 2);
        tmoi_session_free(session);
        check_steps(&b, 1, 0, "conv + residual + prelu in the product");
    }
}

/* ---- bands ---- */

static int32_t prelu(builder *b, int32_t input)
{
    tmoi_shape shape = shape_of(b, input);
    int32_t slopes = build_floats(b, "slopes", SHAPE(1, 1, shape.dims[3]), 0.3f, 0);
    return build_op(b, TMOI_OP_PRELU, "prelu", shape, input, slopes, -2);
}

static void depthwise_and_pointwise_run_in_bands(void **state)
{
    (void)state;
    for (int k = 0; k < 3; k++) {
        builder b = build_start();
        int32_t in = build_input(&b, SHAPE(1 + k, 50, 41, 32));
        int32_t deep = depthwise(&b, pad(&b, in, 1, 1, 1, 1), 1);
        if (k > 0) deep = prelu(&b, deep);
        int32_t flat = build_conv(&b, "pointwise", deep, 1, 32, 1, TMOI_PADDING_SAME);
        if (k > 1) flat = prelu(&b, build_op(&b, TMOI_OP_ADD, "sum", shape_of(&b, flat), in, flat, -2));
        build_output(&b, flat);
        check_steps(&b, 1, 1e-6f, "depthwise + pointwise");
    }
}

static void integer_convolutions_run_in_bands(void **state)
{
    builder b = build_start();
    (void)state;
    int32_t wide = conv_s8(&b, input_s8(&b, SHAPE(1, 80, 75, 3)), 3, 48);
    int32_t relu = build_op(&b, TMOI_OP_LEAKY_RELU, "relu", shape_of(&b, wide), wide, -2);
    quantized(&b, relu, TMO_TYPE_INT8, 0.05f, 7);
    build_output(&b, conv_s8(&b, relu, 1, 20));
    check_steps(&b, 1, 0, "int8 convolution + pointwise");
}

static int32_t max_pool(builder *b, int32_t input, int32_t k, int32_t stride)
{
    tmoi_shape in = shape_of(b, input);
    tmoi_fb_pool2d_options *options;
    int32_t out = build_op(
        b, TMOI_OP_MAX_POOL_2D, "pool",
        SHAPE(in.dims[0], (in.dims[1] - k) / stride + 1, (in.dims[2] - k) / stride + 1, in.dims[3]), input,
        -2);
    assert_int_equal(tmoi_graph_edit_options(b->graph, build_last(b), pool2d_options, &options, &b->ctx),
                     TMO_STATUS_OK);
    options->padding = TMOI_PADDING_VALID;
    options->stride_h = options->stride_w = stride;
    options->filter_height = options->filter_width = k;
    return out;
}

/* The inverted residual block of MobileNetV2: 1x1 convolution, depthwise, 1x1 convolution, residual. */
static void inverted_residuals_run_in_bands(void **state)
{
    (void)state;
    for (int stride = 1; stride <= 2; stride++) {
        builder b = build_start();
        int32_t in = build_input(&b, SHAPE(2, 69, 61, 16));
        int32_t wide = prelu(&b, build_conv(&b, "expand", in, 1, 96, 1, TMOI_PADDING_SAME));
        int32_t deep = depthwise(&b, stride == 1 ? pad(&b, wide, 1, 1, 1, 1) : pad(&b, wide, 0, 1, 0, 1),
                                 stride);
        int32_t flat = build_conv(&b, "project", deep, 1, 16, 1, TMOI_PADDING_SAME);
        if (stride == 1) flat = build_op(&b, TMOI_OP_ADD, "sum", shape_of(&b, flat), in, flat, -2);
        build_output(&b, flat);
        check_steps(&b, 1, 1e-6f, "inverted residual");
    }
}

/* A post two stages later reads rows that the stage between needs before and after its own. */
static void sums_of_rows_between_run_in_bands(void **state)
{
    builder b = build_start();
    (void)state;
    int32_t first = prelu(
        &b, build_conv(&b, "first", build_input(&b, SHAPE(2, 210, 64, 3)), 1, 32, 1, TMOI_PADDING_SAME));
    int32_t deep = depthwise(&b, pad(&b, first, 2, 0, 1, 1), 1);
    int32_t flat = build_conv(&b, "pointwise", deep, 1, 32, 1, TMOI_PADDING_SAME);
    int32_t sum = prelu(&b, build_op(&b, TMOI_OP_ADD, "sum", shape_of(&b, flat), first, flat, -2));
    build_output(&b, max_pool(&b, depthwise(&b, sum, 1), 3, 2));
    check_steps(&b, 1, 1e-6f, "residual of a value between, depthwise and pool");
}

static void values_between_that_others_read_stay(void **state)
{
    builder b = build_start();
    (void)state;
    int32_t deep = depthwise(&b, build_input(&b, SHAPE(1, 50, 41, 32)), 1);
    build_output(&b, build_conv(&b, "pointwise", deep, 1, 32, 1, TMOI_PADDING_SAME));
    build_output(&b, deep);
    check_steps(&b, 2, 0, "values between are a result");
}

/* ---- graphs made at random ---- */

static int32_t pick(builder *b, const int32_t *list, int32_t count)
{
    return list[tmoi_rng_below(&b->rng, (uint32_t)count)];
}

/* A value of the list with the shape of `tensor`, not itself; or -1. */
static int32_t partner(builder *b, const int32_t *list, int32_t count, int32_t tensor)
{
    int32_t start = (int32_t)tmoi_rng_below(&b->rng, (uint32_t)count);
    tmoi_shape shape = shape_of(b, tensor);
    for (int32_t k = 0; k < count; k++) {
        int32_t other = list[(start + k) % count];
        tmoi_shape theirs = shape_of(b, other);
        if (other != tensor && tmoi_shape_equal(&shape, &theirs)) return other;
    }
    return -1;
}

static int32_t random_unary(builder *b, int32_t x)
{
    static const int32_t codes[] = {TMOI_OP_RELU, TMOI_OP_RELU6,      TMOI_OP_RELU_N1_TO_1,
                                    TMOI_OP_TANH, TMOI_OP_HARD_SWISH, TMOI_OP_LOGISTIC,
                                    TMOI_OP_ABS,  TMOI_OP_SQUARE};
    return build_op(b, codes[tmoi_rng_below(&b->rng, 8)], "unary", shape_of(b, x), x, -2);
}

static int32_t random_binary(builder *b, const int32_t *list, int32_t count, int32_t x)
{
    static const int32_t codes[] = {TMOI_OP_ADD, TMOI_OP_MUL, TMOI_OP_SUB, TMOI_OP_MAXIMUM};
    int32_t y = partner(b, list, count, x), code = codes[tmoi_rng_below(&b->rng, 4)];
    if (y < 0) y = build_floats(b, "constant", SHAPE(shape_of(b, x).dims[3]), 1, 0);
    return build_op(b, code, "binary", shape_of(b, x), x, y, -2);
}

static int32_t random_op(builder *b, const int32_t *list, int32_t count)
{
    int32_t x = pick(b, list, count);
    tmoi_shape s = shape_of(b, x);
    switch (tmoi_rng_below(&b->rng, 12)) {
    case 0: return build_conv(b, "conv", x, 1, 4, 1, TMOI_PADDING_SAME);
    case 1: return build_conv(b, "conv", x, 3, s.dims[3], 1, TMOI_PADDING_SAME);
    case 2: return build_conv(b, "conv", pad(b, x, 1, 2, 0, 1), 2, 4, 1, TMOI_PADDING_VALID);
    case 3: return depthwise(b, pad(b, x, 1, 1, 1, 1), 1);
    case 4:
    case 5: return random_unary(b, x);
    case 6:
    case 7: return random_binary(b, list, count, x);
    case 8:
        if (s.dims[1] % 2 == 0) return split(b, x) + (int32_t)tmoi_rng_below(&b->rng, 2);
        return slice(b, x, s.dims[1] / 2, 1);
    case 9: return reshape(b, x, SHAPE(1, s.dims[2], s.dims[1], s.dims[3]));
    case 10: {
        int32_t y = partner(b, list, count, x);
        return concatenate(b, x, y < 0 ? x : y, 1 + (int32_t)tmoi_rng_below(&b->rng, 3));
    }
    default:
        return build_op(b, TMOI_OP_PRELU, "prelu", s, x,
                        build_floats(b, "slopes", SHAPE(1, 1, s.dims[3]), 0.3f, 0), -2);
    }
}

static void random_graphs_give_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        builder b = build_start();
        int32_t list[24], count = 1;
        char name[32];
        b.rng = tmoi_rng_make(seed, 9);
        list[0] = build_input(&b, SHAPE(1, 4, 6, 4));
        while (count < 20) {
            int32_t made = random_op(&b, list, count);
            if (tmoi_shape_count(&b.graph->subgraphs[0].tensors[made].shape) < 5000) list[count++] = made;
        }
        for (int32_t k = 1; k < count; k++)
            if (tmoi_subgraph_use_count(&b.graph->subgraphs[0], list[k]) == 0 ||
                tmoi_rng_below(&b.rng, 8) == 0)
                build_output(&b, list[k]);
        (void)snprintf(name, sizeof name, "random graph %d", (int)seed);
        compare_both(b.graph, 1e-5f, name);
        build_end(&b);
    }
}

/* int8: every value on the scale of its producer, or on one of three. */
static int32_t random_quantized(builder *b, int32_t tensor)
{
    static const float scales[] = {0.05f, 0.03f, 0.08f};
    quantized(b, tensor, TMO_TYPE_INT8, scales[tmoi_rng_below(&b->rng, 3)],
              (int64_t)tmoi_rng_below(&b->rng, 9) - 4);
    return tensor;
}

static int32_t same_quantized(builder *b, int32_t tensor, int32_t as)
{
    const tmoi_quant *quant = &b->graph->subgraphs[0].tensors[as].quant;
    quantized(b, tensor, TMO_TYPE_INT8, quant->scale[0], quant->zero_point[0]);
    return tensor;
}

static int32_t random_op_s8(builder *b, const int32_t *list, int32_t count)
{
    static const int32_t codes[] = {TMOI_OP_RELU, TMOI_OP_RELU6, TMOI_OP_LEAKY_RELU, TMOI_OP_RELU_N1_TO_1};
    int32_t x = pick(b, list, count), y = partner(b, list, count, x);
    tmoi_shape s = shape_of(b, x);
    switch (tmoi_rng_below(&b->rng, 9)) {
    case 0: return random_quantized(b, conv_s8(b, x, 1, s.dims[3]));
    case 1: return random_quantized(b, conv_s8(b, same_quantized(b, pad(b, x, 1, 1, 0, 2), x), 3, s.dims[3]));
    case 2: return same_quantized(b, build_op(b, codes[tmoi_rng_below(&b->rng, 4)], "unary", s, x, -2), x);
    case 3: return random_quantized(b, build_op(b, codes[tmoi_rng_below(&b->rng, 4)], "unary", s, x, -2));
    case 4: return same_quantized(b, reshape(b, x, SHAPE(1, s.dims[2], s.dims[1], s.dims[3])), x);
    case 5: return same_quantized(b, slice(b, x, s.dims[1] / 2, 1), x);
    case 6: return random_quantized(b, build_op(b, TMOI_OP_QUANTIZE, "again", s, x, -2));
    case 7: {
        int32_t real = build_op(b, TMOI_OP_DEQUANTIZE, "real", s, x, -2);
        if (tmoi_rng_below(&b->rng, 2)) real = build_op(b, TMOI_OP_TANH, "tanh", s, real, -2);
        return random_quantized(b, build_op(b, TMOI_OP_QUANTIZE, "stored", s, real, -2));
    }
    default:
        if (y < 0) y = constant_s8(b, SHAPE(s.dims[3]), 0.02f);
        return random_quantized(
            b, build_op(b, tmoi_rng_below(&b->rng, 2) ? TMOI_OP_ADD : TMOI_OP_MUL, "binary", s, x, y, -2));
    }
}

static void random_integer_graphs_give_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        builder b = build_start();
        int32_t list[24], count = 1;
        char name[32];
        b.rng = tmoi_rng_make(seed, 10);
        list[0] = input_s8(&b, SHAPE(1, 4, 6, 4));
        for (; count < 20; count++) list[count] = random_op_s8(&b, list, count);
        for (int32_t k = 1; k < count; k++)
            if (tmoi_subgraph_use_count(&b.graph->subgraphs[0], list[k]) == 0 ||
                tmoi_rng_below(&b.rng, 8) == 0)
                build_output(&b, list[k]);
        (void)snprintf(name, sizeof name, "random int8 graph %d", (int)seed);
        compare_both(b.graph, 0, name);
        build_end(&b);
    }
}

/* ---- real models ---- */

static void compare_file(void *user, const char *name, const uint8_t *bytes, size_t size)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_graph *graph;
    tmoi_session *session;
    (void)user;
    if (tmoi_graph_import(&graph, bytes, size, NULL, &ctx) != TMO_STATUS_OK) return;
    const tmoi_session_config config = {.threads = 1, .cpu = tmoi_cpu_features(), .as_written = true};
    if (tmoi_session_make(&session, graph, &config, &ctx) == TMO_STATUS_OK) {
        bool can_run = tmoi_session_run(session, &ctx) == TMO_STATUS_OK;
        tmoi_session_free(session);
        if (can_run) compare_both(graph, 1e-5f, name);
    }
    tmoi_graph_free(graph);
}

static void real_models_give_the_same(void **state)
{
    (void)state;
    assert_true(visit_model_files(compare_file, NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(activations_go_into_the_operator_before),
        cmocka_unit_test(activations_that_others_read_past_stay),
        cmocka_unit_test(activations_on_another_scale_keep_their_bits),
        cmocka_unit_test(pads_go_into_convolutions),
        cmocka_unit_test(one_pad_goes_into_two_convolutions),
        cmocka_unit_test(pads_that_others_read_stay),
        cmocka_unit_test(views_do_not_run),
        cmocka_unit_test(views_of_inputs_are_not_results),
        cmocka_unit_test(a_view_outlives_work_in_place),
        cmocka_unit_test(posts_follow_a_convolution),
        cmocka_unit_test(products_take_posts),
        cmocka_unit_test(products_take_residuals_and_slopes),
        cmocka_unit_test(products_pad_residuals),
        cmocka_unit_test(other_sums_with_padded_values_stay),
        cmocka_unit_test(a_host_waits_for_operands),
        cmocka_unit_test(posts_may_change_the_type),
        cmocka_unit_test(expressions_follow_a_convolution),
        cmocka_unit_test(expressions_run_alone),
        cmocka_unit_test(integer_expressions_become_tables),
        cmocka_unit_test(layer_norms_are_one_step),
        cmocka_unit_test(softmax_in_pieces_is_one_step),
        cmocka_unit_test(attention_is_one_step),
        cmocka_unit_test(attention_takes_masks_that_widen_nothing),
        cmocka_unit_test(attention_broadcasts_keys_and_values),
        cmocka_unit_test(attention_that_others_look_into_stays),
        cmocka_unit_test(attention_takes_less_memory),
        cmocka_unit_test(attention_is_the_same_on_any_number_of_threads),
        cmocka_unit_test(depthwise_and_pointwise_run_in_bands),
        cmocka_unit_test(integer_convolutions_run_in_bands),
        cmocka_unit_test(inverted_residuals_run_in_bands),
        cmocka_unit_test(sums_of_rows_between_run_in_bands),
        cmocka_unit_test(values_between_that_others_read_stay),
        cmocka_unit_test(random_graphs_give_the_same),
        cmocka_unit_test(random_integer_graphs_give_the_same),
        cmocka_unit_test(real_models_give_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
