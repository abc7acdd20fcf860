/* Writes the models that tflite_program runs.
 * usage: tflite_models FOLDER */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/handle.h"
#include "model/export.h"

static tmoi_ctx ctx;
static tmoi_graph *graph;

static void must(tmo_status status)
{
    if (status == TMO_STATUS_OK) return;
    fprintf(stderr, "tflite_models: %s\n", ctx.error.message);
    exit(1);
}

static void start(int32_t subgraphs)
{
    ctx = tmoi_ctx_make(NULL);
    must(tmoi_graph_make(&graph, &ctx));
    must(tmoi_arena_new(graph->arena, &graph->subgraphs, (size_t)subgraphs, &ctx));
    graph->subgraph_count = subgraphs;
    for (int32_t s = 0; s < subgraphs; s++) {
        graph->subgraphs[s].name = s ? "second" : "main";
        graph->subgraphs[s].debug_metadata_index = -1;
    }
}

static tmoi_tensor *at(int32_t subgraph, int32_t tensor)
{
    return &graph->subgraphs[subgraph].tensors[tensor];
}

static int32_t tensor(int32_t subgraph, const char *name, tmo_type type, tmoi_shape shape)
{
    int32_t made;
    must(tmoi_graph_add_tensor(graph, subgraph, name, type, &shape, &made, &ctx));
    return made;
}

static int32_t floats(int32_t subgraph, const char *name, tmoi_shape shape, const float *values)
{
    const int32_t made = tensor(subgraph, name, TMO_TYPE_FLOAT32, shape);
    must(tmoi_graph_set_data(graph, at(subgraph, made), values,
                             (size_t)tmoi_shape_count(&shape) * sizeof *values, &ctx));
    return made;
}

/* The first dimension is open. */
static void open_batch(int32_t subgraph, int32_t tensor)
{
    tmoi_tensor *opened = at(subgraph, tensor);
    int32_t *signature;
    must(tmoi_arena_new(graph->arena, &signature, (size_t)opened->shape.rank, &ctx));
    memcpy(signature, opened->shape.dims, (size_t)opened->shape.rank * sizeof *signature);
    signature[0] = -1;
    opened->shape_signature.data = signature;
    opened->shape_signature.count = (uint32_t)opened->shape.rank;
}

static tmoi_op *op(int32_t subgraph, int32_t code, const int32_t *inputs, int32_t count, int32_t output)
{
    tmoi_op *made;
    must(tmoi_graph_insert_op(graph, subgraph, graph->subgraphs[subgraph].op_count, code, count, 1, &made,
                              &ctx));
    memcpy(made->inputs, inputs, (size_t)count * sizeof *inputs);
    made->outputs[0] = output;
    return made;
}

static void ends(int32_t subgraph, int32_t input, int32_t output)
{
    tmoi_subgraph *sub = &graph->subgraphs[subgraph];
    must(tmoi_arena_new(graph->arena, &sub->inputs, 1, &ctx));
    must(tmoi_arena_new(graph->arena, &sub->outputs, 1, &ctx));
    sub->inputs[0] = input;
    sub->outputs[0] = output;
    sub->input_count = sub->output_count = sub->input_capacity = sub->output_capacity = 1;
}

static void signature(int32_t k, const char *key, int32_t subgraph)
{
    tmoi_signature *made = &graph->signatures[k];
    *made = (tmoi_signature){.key = key, .subgraph = subgraph, .input_count = 1, .output_count = 1};
    must(tmoi_arena_new(graph->arena, &made->inputs, 1, &ctx));
    must(tmoi_arena_new(graph->arena, &made->outputs, 1, &ctx));
    made->inputs[0] = (tmoi_signature_entry){"x", graph->subgraphs[subgraph].inputs[0]};
    made->outputs[0] = (tmoi_signature_entry){"y", graph->subgraphs[subgraph].outputs[0]};
}

static void save(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    must(tmoi_graph_export_file(graph, path, NULL, &ctx));
    tmoi_graph_free(graph);
}

/* main: y = x + {1, 2, 3} of any batch; second: y = x + x. Signatures "add" and "double"; metadata "notes". */
static void make_add(const char *folder)
{
    start(2);
    int32_t x = tensor(0, "x", TMO_TYPE_FLOAT32, (tmoi_shape){2, {1, 3}});
    int32_t b = floats(0, "b", (tmoi_shape){1, {3}}, (float[]){1, 2, 3});
    int32_t y = tensor(0, "y", TMO_TYPE_FLOAT32, (tmoi_shape){2, {1, 3}});
    open_batch(0, x);
    op(0, TMOI_OP_ADD, (int32_t[]){x, b}, 2, y);
    ends(0, x, y);
    x = tensor(1, "u", TMO_TYPE_FLOAT32, (tmoi_shape){2, {1, 2}});
    y = tensor(1, "v", TMO_TYPE_FLOAT32, (tmoi_shape){2, {1, 2}});
    op(1, TMOI_OP_ADD, (int32_t[]){x, x}, 2, y);
    ends(1, x, y);
    must(tmoi_arena_new(graph->arena, &graph->signatures, 2, &ctx));
    graph->signature_count = 2;
    signature(0, "add", 0);
    signature(1, "double", 1);
    must(tmoi_arena_new(graph->arena, &graph->metadata, 1, &ctx));
    graph->metadata[0] = (tmoi_metadata){"notes", "hello", 5};
    graph->metadata_count = 1;
    save(folder, "add.tflite");
}

/* y = int8(x / 0.5 + 3), then z = real(y). */
static void make_quantize(const char *folder)
{
    start(1);
    int32_t x = tensor(0, "x", TMO_TYPE_FLOAT32, (tmoi_shape){1, {4}});
    int32_t y = tensor(0, "y", TMO_TYPE_INT8, (tmoi_shape){1, {4}});
    must(tmoi_graph_set_quant(graph, at(0, y), 1, 0, (float[]){0.5f}, (int64_t[]){3}, &ctx));
    op(0, TMOI_OP_QUANTIZE, (int32_t[]){x}, 1, y);
    ends(0, x, y);
    save(folder, "quantize.tflite");
}

/* SVDF: a filter over the last 3 inputs; its state is a variable. */
static void make_variable(const char *folder)
{
    tmoi_fb_svdf_options *options;
    start(1);
    int32_t x = tensor(0, "x", TMO_TYPE_FLOAT32, (tmoi_shape){2, {1, 1}});
    int32_t feature = floats(0, "feature", (tmoi_shape){2, {1, 1}}, (float[]){1});
    int32_t time = floats(0, "time", (tmoi_shape){2, {1, 3}}, (float[]){1, 1, 1});
    int32_t state = tensor(0, "state", TMO_TYPE_FLOAT32, (tmoi_shape){2, {1, 3}});
    int32_t y = tensor(0, "y", TMO_TYPE_FLOAT32, (tmoi_shape){2, {1, 1}});
    at(0, state)->is_variable = true;
    tmoi_op *svdf = op(0, TMOI_OP_SVDF, (int32_t[]){x, feature, time, TMOI_NO_TENSOR, state}, 5, y);
    must(tmoi_graph_edit_options(graph, svdf, svdf_options, &options, &ctx));
    options->rank = 1;
    ends(0, x, y);
    save(folder, "variable.tflite");
}

/* One custom operator between x and y. */
static void make_custom(const char *folder, const char *file, const char *name, tmo_type type,
                        tmoi_shape shape)
{
    static const uint8_t settings[] = {3, 1, 4};
    start(1);
    int32_t x = tensor(0, "x", type, shape);
    int32_t y = tensor(0, "y", type, shape);
    tmoi_op *custom = op(0, TMOI_OP_CUSTOM, (int32_t[]){x}, 1, y);
    custom->custom_code = name;
    custom->custom_options = (tmoi_vec_u8){settings, sizeof settings};
    ends(0, x, y);
    save(folder, file);
}

int main(int argc, char **argv)
{
    if (argc != 2) return 2;
    make_add(argv[1]);
    make_quantize(argv[1]);
    make_variable(argv[1]);
    make_custom(argv[1], "custom.tflite", "Scale", TMO_TYPE_FLOAT32, (tmoi_shape){2, {1, 3}});
    make_custom(argv[1], "texts.tflite", "Twice", TMO_TYPE_STRING, (tmoi_shape){1, {2}});
    return 0;
}
