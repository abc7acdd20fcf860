/* Small graphs made in code, and running them, for tests of the rewrites and the quantizer. */
#ifndef TESTS_UNIT_GRAPH_BUILDER_H
#define TESTS_UNIT_GRAPH_BUILDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "model/graph.h"
#include "runtime/session.h"

/* One subgraph; each function fails the test when it fails. */
typedef struct builder {
    tmoi_ctx ctx;
    tmoi_graph *graph;
    tmoi_rng rng;
} builder;

#define SHAPE(...) ((tmoi_shape){sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t), {__VA_ARGS__}})

static inline builder build_start(void)
{
    builder b = {.ctx = tmoi_ctx_make(NULL), .rng = tmoi_rng_make(5, 0)};
    assert_int_equal(tmoi_graph_make(&b.graph, &b.ctx), TMO_STATUS_OK);
    assert_int_equal(tmoi_arena_new(b.graph->arena, &b.graph->subgraphs, 1, &b.ctx), TMO_STATUS_OK);
    b.graph->subgraph_count = 1;
    b.graph->subgraphs[0].name = "main";
    b.graph->subgraphs[0].debug_metadata_index = -1;
    return b;
}

static inline int32_t build_tensor(builder *b, const char *name, tmo_type type, tmoi_shape shape)
{
    int32_t made;
    assert_int_equal(tmoi_graph_add_tensor(b->graph, 0, name, type, &shape, &made, &b->ctx), TMO_STATUS_OK);
    return made;
}

static inline void build_list(builder *b, int32_t **list, int32_t *count, int32_t tensor)
{
    int32_t capacity = *count;
    assert_int_equal(
        tmoi_arena_grow(b->graph->arena, (void **)list, &capacity, *count + 1, sizeof **list, &b->ctx),
        TMO_STATUS_OK);
    (*list)[(*count)++] = tensor;
}

static inline int32_t build_input(builder *b, tmoi_shape shape)
{
    int32_t made = build_tensor(b, "input", TMO_TYPE_FLOAT32, shape);
    build_list(b, &b->graph->subgraphs[0].inputs, &b->graph->subgraphs[0].input_count, made);
    return made;
}

static inline void build_output(builder *b, int32_t tensor)
{
    build_list(b, &b->graph->subgraphs[0].outputs, &b->graph->subgraphs[0].output_count, tensor);
}

/* A constant of normal numbers * scale + offset. */
static inline int32_t build_floats(builder *b, const char *name, tmoi_shape shape, float scale, float offset)
{
    int32_t made = build_tensor(b, name, TMO_TYPE_FLOAT32, shape);
    void *data;
    size_t count = (size_t)tmoi_shape_count(&shape);
    assert_int_equal(tmoi_graph_new_data(b->graph, &b->graph->subgraphs[0].tensors[made],
                                         count * sizeof(float), &data, &b->ctx),
                     TMO_STATUS_OK);
    for (size_t k = 0; k < count; k++) ((float *)data)[k] = scale * tmoi_rng_normal(&b->rng) + offset;
    return made;
}

static inline int32_t build_ints(builder *b, const char *name, tmoi_shape shape, const int32_t *values)
{
    int32_t made = build_tensor(b, name, TMO_TYPE_INT32, shape);
    assert_int_equal(tmoi_graph_set_data(b->graph, &b->graph->subgraphs[0].tensors[made], values,
                                         (size_t)tmoi_shape_count(&shape) * sizeof *values, &b->ctx),
                     TMO_STATUS_OK);
    return made;
}

/* Appends an operator with one output of the given shape and returns that output; inputs end with -2. */
static inline int32_t build_op(builder *b, int32_t code, const char *name, tmoi_shape shape, ...)
{
    int32_t inputs[8], count = 0, output = build_tensor(b, name, TMO_TYPE_FLOAT32, shape);
    tmoi_op *op;
    va_list list;
    va_start(list, shape);
    for (int32_t tensor = va_arg(list, int32_t); tensor != -2; tensor = va_arg(list, int32_t))
        inputs[count++] = tensor;
    va_end(list);
    assert_int_equal(
        tmoi_graph_insert_op(b->graph, 0, b->graph->subgraphs[0].op_count, code, count, 1, &op, &b->ctx),
        TMO_STATUS_OK);
    memcpy(op->inputs, inputs, (size_t)count * sizeof *inputs);
    op->outputs[0] = output;
    return output;
}

static inline tmoi_op *build_last(builder *b)
{
    return &b->graph->subgraphs[0].ops[b->graph->subgraphs[0].op_count - 1];
}

/* A convolution of `outputs` channels with a k x k filter. */
static inline int32_t build_conv(builder *b, const char *name, int32_t input, int32_t k, int32_t outputs,
                                 int32_t stride, int32_t padding)
{
    const tmoi_shape in = b->graph->subgraphs[0].tensors[input].shape;
    tmoi_fb_conv2d_options *options;
    int32_t height = padding == TMOI_PADDING_SAME ? (in.dims[1] + stride - 1) / stride
                                                  : (in.dims[1] - k) / stride + 1;
    int32_t width = padding == TMOI_PADDING_SAME ? (in.dims[2] + stride - 1) / stride
                                                 : (in.dims[2] - k) / stride + 1;
    int32_t weights = build_floats(b, "weights", SHAPE(outputs, k, k, in.dims[3]), 0.4f, 0);
    int32_t bias = build_floats(b, "bias", SHAPE(outputs), 0.3f, 0.1f);
    int32_t output = build_op(b, TMOI_OP_CONV_2D, name, SHAPE(in.dims[0], height, width, outputs), input,
                              weights, bias, -2);
    assert_int_equal(tmoi_graph_edit_options(b->graph, build_last(b), conv2d_options, &options, &b->ctx),
                     TMO_STATUS_OK);
    options->padding = (int8_t)padding;
    options->stride_h = options->stride_w = stride;
    return output;
}

static inline void build_end(builder *b)
{
    tmoi_graph_free(b->graph);
}

/* Runs a graph of one float input on seeded numbers and copies its first output; returns the number of elements. */
static inline int64_t run_graph(const tmoi_graph *graph, uint64_t seed, float *out, int64_t most)
{
    const tmoi_session_config config = {.threads = 1};
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmoi_rng rng = tmoi_rng_make(seed, 1);
    tmoi_session *session;
    assert_int_equal(tmoi_session_make(&session, graph, &config, &ctx), TMO_STATUS_OK);
    tmoi_value *input = tmoi_session_input(session, 0);
    for (int64_t k = 0; k < tmoi_shape_count(&input->shape); k++)
        ((float *)input->data)[k] = tmoi_rng_normal(&rng);
    assert_int_equal(tmoi_session_run(session, &ctx), TMO_STATUS_OK);
    const tmoi_value *output = tmoi_session_output(session, 0);
    int64_t count = tmoi_shape_count(&output->shape);
    assert_int_equal(output->type, TMO_TYPE_FLOAT32);
    assert_true(count <= most);
    memcpy(out, output->data, (size_t)count * sizeof *out);
    tmoi_session_free(session);
    return count;
}

static inline int32_t count_ops(const tmoi_graph *graph, int32_t code)
{
    int32_t count = 0;
    for (int32_t k = 0; k < graph->subgraphs[0].op_count; k++)
        count += graph->subgraphs[0].ops[k].code == code;
    return count;
}

#endif
