#include "model/export.h"

#include <string.h>

#include "base/intern.h"
#include "base/os.h"
#include "model/version.h"
#include "tflite/write.h"

enum { SCHEMA_VERSION = 3, RELEASE_BYTES = 16 };
static const char min_runtime_key[] = "min_runtime_version";

/* Kinds of buffers: those of tensors may move out of the flatbuffer, those of metadata may not, so they share none. */
enum { TENSOR_BUFFER, METADATA_BUFFER };

/* What makes an operator code. */
typedef struct code_key {
    int32_t code, version;
    uint64_t custom_name; /* number of the interned name, from 1 on; 0: none */
} code_key;

typedef struct exporter {
    const tmoi_graph *graph;
    const tmoi_export_options *options;
    tmoi_arena arena; /* of the structs that are written */
    tmoi_fb_model model;
    tmoi_intern buffers, names, codes;
    tmoi_ctx *ctx;
} exporter;

static tmoi_fb_string text_of(const char *text)
{
    return text ? (tmoi_fb_string){text, (uint32_t)strlen(text)} : (tmoi_fb_string){0};
}

/* As an absent text where there is none. */
static tmoi_fb_string name_of(const char *text)
{
    return text_of(text && text[0] ? text : NULL);
}

static tmoi_vec_i32 list_of(const int32_t *list, int32_t count)
{
    static const int32_t empty[1] = {0};
    return (tmoi_vec_i32){list ? list : empty, (uint32_t)count};
}

/* ---- buffers: number 0 is the empty one that the format asks for ---- */

static tmo_status add_buffer(exporter *x, const void *data, size_t bytes, uint32_t kind, uint32_t *number)
{
    size_t index;
    *number = 0;
    if (!data) return TMO_STATUS_OK;
    TMO_TRY(tmoi_intern_add(&x->buffers, data, bytes, kind, &index, x->ctx));
    *number = (uint32_t)index + 1;
    return TMO_STATUS_OK;
fail:
    return x->ctx->error.status;
}

static tmo_status export_buffers(exporter *x)
{
    tmoi_fb_buffer *buffers;
    TMO_TRY(tmoi_arena_new(&x->arena, &buffers, x->buffers.count + 1, x->ctx));
    for (size_t k = 0; k < x->buffers.count; k++) {
        const tmoi_intern_entry *entry = &x->buffers.entries[k];
        buffers[k + 1].data.data = entry->data;
        buffers[k + 1].data.count = (uint32_t)entry->bytes;
        if (entry->bytes > UINT32_MAX) { /* told by offset and size, since a vector cannot */
            buffers[k + 1].offset = 2;
            buffers[k + 1].size = entry->bytes;
        }
    }
    x->model.buffers.data = buffers;
    x->model.buffers.count = (uint32_t)x->buffers.count + 1;
    return TMO_STATUS_OK;
fail:
    return x->ctx->error.status;
}

/* ---- tensors ---- */

static tmo_status export_quant(exporter *x, const tmoi_quant *quant, tmoi_fb_tensor *to)
{
    tmoi_fb_quantization_parameters *parameters;
    if (!quant->count && !quant->min.data && !quant->max.data && !quant->details.tag) return TMO_STATUS_OK;
    TMO_TRY(tmoi_arena_new(&x->arena, &parameters, 1, x->ctx));
    parameters->min = quant->min;
    parameters->max = quant->max;
    parameters->details = quant->details;
    if (quant->count) {
        parameters->scale = (tmoi_vec_f32){quant->scale, (uint32_t)quant->count};
        parameters->zero_point = (tmoi_vec_i64){quant->zero_point, (uint32_t)quant->count};
        parameters->quantized_dimension = quant->dimension;
    }
    to->quantization = parameters;
    return TMO_STATUS_OK;
fail:
    return x->ctx->error.status;
}

static tmo_status export_tensor(exporter *x, const tmoi_tensor *tensor, tmoi_fb_tensor *to)
{
    *to = tmoi_fb_default_tensor;
    if (!tensor->no_shape) to->shape = list_of(tensor->shape.dims, tensor->shape.rank);
    to->type = (int8_t)tensor->type;
    to->name = text_of(tensor->name);
    to->is_variable = tensor->is_variable;
    to->sparsity = tensor->sparsity;
    to->shape_signature = tensor->shape_signature;
    to->has_rank = tensor->has_rank;
    to->variant_tensors.data = tensor->variants;
    to->variant_tensors.count = tensor->variant_count;
    to->external_buffer = tensor->external_buffer;
    TMO_TRY(export_quant(x, &tensor->quant, to));
    return add_buffer(x, tensor->data, tensor->data_bytes, TENSOR_BUFFER, &to->buffer);
fail:
    return x->ctx->error.status;
}

/* ---- operators ---- */

static tmo_status find_code(exporter *x, const tmoi_subgraph *subgraph, const tmoi_op *op, uint32_t *number)
{
    code_key *key;
    size_t name = 0, index;
    if (op->custom_code) {
        TMO_TRY(tmoi_intern_add(&x->names, op->custom_code, strlen(op->custom_code), 0, &name, x->ctx));
        name++;
    }
    TMO_TRY(tmoi_arena_new(&x->arena, &key, 1, x->ctx));
    key->code = op->code;
    key->version = x->options->keep_versions ? op->version : tmoi_op_needed_version(subgraph, op);
    key->custom_name = name;
    TMO_TRY(tmoi_intern_add(&x->codes, key, sizeof *key, 0, &index, x->ctx));
    *number = (uint32_t)index;
    return TMO_STATUS_OK;
fail:
    return x->ctx->error.status;
}

/* Old readers know one byte for the code: those that do not fit it get a placeholder there. */
static tmo_status export_codes(exporter *x)
{
    tmoi_fb_operator_code *codes;
    TMO_TRY(tmoi_arena_new(&x->arena, &codes, x->codes.count, x->ctx));
    for (size_t k = 0; k < x->codes.count; k++) {
        code_key key;
        memcpy(&key, x->codes.entries[k].data, sizeof key);
        bool is_old = key.code < TMOI_OP_PLACEHOLDER_FOR_GREATER_OP_CODES;
        codes[k].deprecated_builtin_code = (int8_t)(is_old ? key.code
                                                           : TMOI_OP_PLACEHOLDER_FOR_GREATER_OP_CODES);
        codes[k].builtin_code = key.code;
        codes[k].version = key.version;
        if (key.custom_name) {
            const tmoi_intern_entry *name = &x->names.entries[key.custom_name - 1];
            codes[k].custom_code = (tmoi_fb_string){name->data, (uint32_t)name->bytes};
        }
    }
    x->model.operator_codes.data = codes;
    x->model.operator_codes.count = (uint32_t)x->codes.count;
    return TMO_STATUS_OK;
fail:
    return x->ctx->error.status;
}

static tmo_status export_op(exporter *x, const tmoi_subgraph *subgraph, const tmoi_op *op,
                            tmoi_fb_operator *to)
{
    *to = tmoi_fb_default_operator;
    to->inputs = list_of(op->inputs, op->input_count);
    to->outputs = list_of(op->outputs, op->output_count);
    if (op->intermediate_count) to->intermediates = list_of(op->intermediates, op->intermediate_count);
    to->builtin_options = op->options;
    to->builtin_options_2 = op->options_2;
    to->custom_options = op->custom_options;
    to->custom_options_format = op->custom_options_format;
    to->mutating_variable_inputs = op->mutating_variable_inputs;
    to->debug_metadata_index = op->debug_metadata_index;
    return find_code(x, subgraph, op, &to->opcode_index);
}

static tmo_status export_subgraph(exporter *x, const tmoi_subgraph *subgraph, tmoi_fb_sub_graph *to)
{
    tmoi_fb_tensor *tensors;
    tmoi_fb_operator *ops;
    TMO_TRY(tmoi_arena_new(&x->arena, &tensors, (size_t)subgraph->tensor_count, x->ctx));
    TMO_TRY(tmoi_arena_new(&x->arena, &ops, (size_t)subgraph->op_count, x->ctx));
    for (int32_t k = 0; k < subgraph->tensor_count; k++)
        TMO_TRY(export_tensor(x, &subgraph->tensors[k], &tensors[k]));
    for (int32_t k = 0; k < subgraph->op_count; k++)
        TMO_TRY(export_op(x, subgraph, &subgraph->ops[k], &ops[k]));
    *to = tmoi_fb_default_sub_graph;
    to->tensors.data = tensors;
    to->tensors.count = (uint32_t)subgraph->tensor_count;
    to->operators.data = ops;
    to->operators.count = (uint32_t)subgraph->op_count;
    to->inputs = list_of(subgraph->inputs, subgraph->input_count);
    to->outputs = list_of(subgraph->outputs, subgraph->output_count);
    to->name = name_of(subgraph->name);
    to->debug_metadata_index = subgraph->debug_metadata_index;
    return TMO_STATUS_OK;
fail:
    return x->ctx->error.status;
}

static tmo_status export_subgraphs(exporter *x)
{
    const tmoi_graph *graph = x->graph;
    tmoi_fb_sub_graph *subgraphs;
    TMO_TRY(tmoi_arena_new(&x->arena, &subgraphs, (size_t)graph->subgraph_count, x->ctx));
    for (int32_t k = 0; k < graph->subgraph_count; k++)
        TMO_TRY(export_subgraph(x, &graph->subgraphs[k], &subgraphs[k]));
    x->model.subgraphs.data = subgraphs;
    x->model.subgraphs.count = (uint32_t)graph->subgraph_count;
    return TMO_STATUS_OK;
fail:
    return x->ctx->error.status;
}

/* ---- what belongs to the whole model ---- */

/* The value of min_runtime_version: a text in 16 bytes. */
static tmo_status make_release(exporter *x, tmoi_metadata *out)
{
    const char *release = tmoi_graph_min_runtime(x->graph);
    char *padded;
    TMO_TRY(tmoi_arena_new(&x->arena, &padded, RELEASE_BYTES, x->ctx));
    memcpy(padded, release, strlen(release));
    *out = (tmoi_metadata){min_runtime_key, padded, RELEASE_BYTES};
    return TMO_STATUS_OK;
fail:
    return x->ctx->error.status;
}

/* The graph's metadata with min_runtime_version replaced or added. */
static tmo_status list_metadata(exporter *x, tmoi_metadata **out, int32_t *count)
{
    const tmoi_graph *graph = x->graph;
    *count = graph->metadata_count;
    TMO_TRY(tmoi_arena_new(&x->arena, out, (size_t)*count + 1, x->ctx));
    if (*count) memcpy(*out, graph->metadata, (size_t)*count * sizeof **out);
    if (x->options->keep_versions || !tmoi_graph_min_runtime(graph)[0]) return TMO_STATUS_OK;
    int32_t at = 0;
    while (at < *count && strcmp((*out)[at].name, min_runtime_key) != 0) at++;
    TMO_TRY(make_release(x, &(*out)[at]));
    if (at == *count) ++*count;
    return TMO_STATUS_OK;
fail:
    return x->ctx->error.status;
}

static tmo_status export_metadata(exporter *x)
{
    tmoi_metadata *entries;
    tmoi_fb_metadata *metadata;
    int32_t count;
    TMO_TRY(list_metadata(x, &entries, &count));
    TMO_TRY(tmoi_arena_new(&x->arena, &metadata, (size_t)count, x->ctx));
    for (int32_t k = 0; k < count; k++) {
        metadata[k].name = text_of(entries[k].name);
        TMO_TRY(add_buffer(x, entries[k].data, entries[k].data_bytes, METADATA_BUFFER, &metadata[k].buffer));
    }
    if (count == 0) return TMO_STATUS_OK;
    x->model.metadata.data = metadata;
    x->model.metadata.count = (uint32_t)count;
    return TMO_STATUS_OK;
fail:
    return x->ctx->error.status;
}

static tmo_status export_nameless_metadata(exporter *x)
{
    const tmoi_graph *graph = x->graph;
    int32_t *numbers;
    if (graph->nameless_metadata_count == 0) return TMO_STATUS_OK;
    TMO_TRY(tmoi_arena_new(&x->arena, &numbers, (size_t)graph->nameless_metadata_count, x->ctx));
    for (int32_t k = 0; k < graph->nameless_metadata_count; k++) {
        const tmoi_metadata *entry = &graph->nameless_metadata[k];
        uint32_t number;
        TMO_TRY(add_buffer(x, entry->data, entry->data_bytes, METADATA_BUFFER, &number));
        numbers[k] = (int32_t)number;
    }
    x->model.metadata_buffer = list_of(numbers, graph->nameless_metadata_count);
    return TMO_STATUS_OK;
fail:
    return x->ctx->error.status;
}

static tmo_status export_entries(exporter *x, const tmoi_signature_entry *entries, int32_t count,
                                 tmoi_fb_tensor_map **out)
{
    TMO_TRY(tmoi_arena_new(&x->arena, out, (size_t)count, x->ctx));
    for (int32_t k = 0; k < count; k++) {
        (*out)[k].name = text_of(entries[k].name);
        (*out)[k].tensor_index = (uint32_t)entries[k].tensor;
    }
    return TMO_STATUS_OK;
fail:
    return x->ctx->error.status;
}

static tmo_status export_signatures(exporter *x)
{
    const tmoi_graph *graph = x->graph;
    tmoi_fb_signature_def *signatures;
    if (graph->signature_count == 0) return TMO_STATUS_OK;
    TMO_TRY(tmoi_arena_new(&x->arena, &signatures, (size_t)graph->signature_count, x->ctx));
    for (int32_t k = 0; k < graph->signature_count; k++) {
        const tmoi_signature *from = &graph->signatures[k];
        tmoi_fb_tensor_map *inputs, *outputs;
        TMO_TRY(export_entries(x, from->inputs, from->input_count, &inputs));
        TMO_TRY(export_entries(x, from->outputs, from->output_count, &outputs));
        signatures[k].inputs.data = inputs;
        signatures[k].inputs.count = (uint32_t)from->input_count;
        signatures[k].outputs.data = outputs;
        signatures[k].outputs.count = (uint32_t)from->output_count;
        signatures[k].signature_key = text_of(from->key);
        signatures[k].deprecated_tag = text_of(from->deprecated_tag);
        signatures[k].subgraph_index = (uint32_t)from->subgraph;
    }
    x->model.signature_defs.data = signatures;
    x->model.signature_defs.count = (uint32_t)graph->signature_count;
    return TMO_STATUS_OK;
fail:
    return x->ctx->error.status;
}

static void export_external(exporter *x)
{
    const tmoi_graph *graph = x->graph;
    if (graph->external_group_count) {
        x->model.external_buffer_groups.data = graph->external_groups;
        x->model.external_buffer_groups.count = graph->external_group_count;
    }
    if (graph->external_buffer_count) {
        x->model.external_buffers.data = graph->external_buffers;
        x->model.external_buffers.count = graph->external_buffer_count;
    }
}

/* Fills x->model. Operator codes and buffers are known last. */
static tmo_status export_model(exporter *x)
{
    x->model = tmoi_fb_default_model;
    x->model.version = SCHEMA_VERSION;
    x->model.description = text_of(x->graph->description);
    TMO_TRY(export_subgraphs(x));
    TMO_TRY(export_metadata(x));
    TMO_TRY(export_nameless_metadata(x));
    TMO_TRY(export_signatures(x));
    export_external(x);
    TMO_TRY(export_codes(x));
    return export_buffers(x);
fail:
    return x->ctx->error.status;
}

static tmo_status export_to(const tmoi_graph *graph, const tmoi_export_options *options,
                            const tmoi_fb_sink *sink, tmoi_ctx *ctx)
{
    static const tmoi_export_options none = {0};
    exporter x = {.graph = graph, .options = options ? options : &none, .ctx = ctx};
    tmoi_fb_write_options write = {.buffers_outside = x.options->buffers_outside,
                                   .suffix = graph->suffix,
                                   .suffix_bytes = graph->suffix_bytes};
    tmoi_arena_init(&x.arena, &ctx->allocator);
    TMO_TRY(export_model(&x));
    TMO_TRY(tmoi_fb_write(&x.model, &write, sink, ctx));
fail:
    tmoi_arena_clear(&x.arena);
    tmoi_intern_clear(&x.buffers, &ctx->allocator);
    tmoi_intern_clear(&x.names, &ctx->allocator);
    tmoi_intern_clear(&x.codes, &ctx->allocator);
    return ctx->error.status;
}

/* ---- sinks ---- */

static tmo_status start_file(void *user, uint64_t size_bytes, tmoi_ctx *ctx)
{
    (void)user;
    (void)size_bytes;
    (void)ctx;
    return TMO_STATUS_OK;
}

static tmo_status write_file(void *user, const void *data, size_t bytes, tmoi_ctx *ctx)
{
    return tmoi_file_writer_write(user, data, bytes, ctx);
}

tmo_status tmoi_graph_export_file(const tmoi_graph *graph, const char *path,
                                  const tmoi_export_options *options, tmoi_ctx *ctx)
{
    tmoi_file_writer writer = {0};
    tmoi_fb_sink sink = {start_file, write_file, &writer};
    TMO_TRY(tmoi_file_writer_open(&writer, path, ctx));
    TMO_TRY(export_to(graph, options, &sink, ctx));
    TMO_TRY(tmoi_file_writer_commit(&writer, ctx));
    tmoi_file_writer_close(&writer);
    return TMO_STATUS_OK;
fail:
    tmoi_file_writer_close(&writer);
    return ctx->error.status;
}

typedef struct memory_sink {
    uint8_t *data;
    size_t size, done;
} memory_sink;

static tmo_status start_memory(void *user, uint64_t size_bytes, tmoi_ctx *ctx)
{
    memory_sink *memory = user;
    TMO_FAIL_IF(size_bytes > SIZE_MAX, OUT_OF_MEMORY, ctx, "cannot allocate %llu bytes",
                (unsigned long long)size_bytes);
    memory->size = (size_t)size_bytes;
    return tmoi_alloc(ctx, (void **)&memory->data, memory->size, 1, TMOI_ALIGNMENT);
fail:
    return ctx->error.status;
}

static tmo_status write_memory(void *user, const void *data, size_t bytes, tmoi_ctx *ctx)
{
    memory_sink *memory = user;
    TMO_FAIL_IF(bytes > memory->size - memory->done, INTERNAL, ctx, "write: more bytes than announced");
    memcpy(memory->data + memory->done, data, bytes);
    memory->done += bytes;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_graph_export_memory(const tmoi_graph *graph, uint8_t **out, size_t *size,
                                    const tmoi_export_options *options, tmoi_ctx *ctx)
{
    memory_sink memory = {0};
    tmoi_fb_sink sink = {start_memory, write_memory, &memory};
    *out = NULL;
    TMO_TRY(export_to(graph, options, &sink, ctx));
    *out = memory.data;
    *size = memory.size;
    return TMO_STATUS_OK;
fail:
    tmoi_release(&ctx->allocator, memory.data);
    return ctx->error.status;
}
