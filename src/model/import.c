#include "model/import.h"

#include <string.h>

#include "base/le.h"
#include "tflite/read.h"
#include "tflite/verify.h"

enum { MAX_SHARING = 16 };

typedef struct importer {
    const tmoi_fb_model *model;
    tmoi_graph *graph;
    tmoi_import_limits limits;
    int64_t tensor_count, op_count; /* so far, in all subgraphs */
    uint64_t shared_bytes; /* of buffers that may still be gone through, as many tensors may share one */
    tmoi_ctx *ctx;
} importer;

static const char *text_of(tmoi_fb_string text)
{
    return text.data ? text.data : "";
}

/* A list that the editing functions may write. */
static tmo_status copy_list(importer *m, tmoi_vec_i32 list, int32_t **out, int32_t *count)
{
    TMO_FAIL_IF(list.count > INT32_MAX / sizeof(int32_t), LIMIT, m->ctx,
                "load: a list of %u tensors is too long", list.count);
    TMO_TRY(tmoi_arena_copy(m->graph->arena, (void **)out, list.data, list.count * sizeof(int32_t), m->ctx));
    *count = (int32_t)list.count;
    return TMO_STATUS_OK;
fail:
    return m->ctx->error.status;
}

/* The payload of buffer `index`; NULL when the buffer holds none. */
static tmo_status find_payload(importer *m, uint32_t index, const char *owner, const void **data,
                               size_t *bytes)
{
    *data = NULL;
    *bytes = 0;
    TMO_FAIL_IF(index >= m->model->buffers.count && index != 0, INVALID_MODEL, m->ctx,
                "load: '%s' names buffer %u of %u", owner, index, m->model->buffers.count);
    if (index >= m->model->buffers.count) return TMO_STATUS_OK;
    const tmoi_fb_buffer *buffer = &m->model->buffers.data[index];
    *data = buffer->data.data;
    *bytes = (size_t)tmoi_fb_buffer_bytes(buffer);
    return TMO_STATUS_OK;
fail:
    return m->ctx->error.status;
}

/* ---- tensors ---- */

static tmo_status import_shape(importer *m, const tmoi_fb_tensor *from, tmoi_tensor *tensor)
{
    tmoi_vec_i32 shape = from->shape;
    TMO_FAIL_IF(shape.count > (uint32_t)m->limits.max_rank, UNSUPPORTED_FILE, m->ctx,
                "load: tensor '%s' has %u dimensions, the limit is %d", tensor->name, shape.count,
                (int)m->limits.max_rank);
    tensor->shape.rank = (int32_t)shape.count;
    for (uint32_t k = 0; k < shape.count; k++) tensor->shape.dims[k] = shape.data[k];
    tensor->shape_signature = from->shape_signature;
    tensor->has_rank = from->has_rank;
    tensor->no_shape = shape.data == NULL;
    return TMO_STATUS_OK;
fail:
    return m->ctx->error.status;
}

static tmo_status import_quant(importer *m, const tmoi_fb_quantization_parameters *from, tmoi_tensor *tensor)
{
    tmoi_quant *quant = &tensor->quant;
    quant->min = from->min;
    quant->max = from->max;
    quant->details = from->details;
    uint32_t count = from->scale.count, zero_points = from->zero_point.count;
    if (count == 0) return TMO_STATUS_OK;
    TMO_FAIL_IF(count > INT32_MAX || (zero_points != 0 && zero_points != count), INVALID_MODEL, m->ctx,
                "load: tensor '%s' has %u scales but %u zero points", tensor->name, count, zero_points);
    quant->count = (int32_t)count;
    quant->dimension = count == 1 ? 0 : from->quantized_dimension;
    quant->scale = from->scale.data;
    quant->zero_point = from->zero_point.data;
    if (zero_points == 0) {
        int64_t *zeros;
        TMO_TRY(tmoi_arena_new(m->graph->arena, &zeros, count, m->ctx));
        quant->zero_point = zeros;
    }
    return TMO_STATUS_OK;
fail:
    return m->ctx->error.status;
}

static bool has_no_elements(const tmoi_shape *shape)
{
    for (int32_t k = 0; k < shape->rank; k++)
        if (shape->dims[k] == 0) return true;
    return false;
}

/* A buffer without bytes makes no constant, unless the tensor needs none.
 * Kernels read constants as arrays of their type, so what a foreign file left unaligned is copied. */
static tmo_status import_data(importer *m, uint32_t buffer, tmoi_tensor *tensor)
{
    TMO_TRY(find_payload(m, buffer, tensor->name, &tensor->data, &tensor->data_bytes));
    if (tensor->data_bytes == 0 && !has_no_elements(&tensor->shape)) tensor->data = NULL;
    uint32_t elem_bytes = tmo_type_bits(tensor->type) / 8;
    size_t alignment = elem_bytes == 0 ? 4 : elem_bytes > 8 ? 8 : elem_bytes;
    bool aligned = (uintptr_t)tensor->data % alignment == 0;
    if (tensor->data_bytes && (!aligned || tensor->type == TMO_TYPE_STRING)) {
        TMO_FAIL_IF(tensor->data_bytes > m->shared_bytes, INVALID_MODEL, m->ctx,
                    "load: tensor '%s': its buffer is shared too often", tensor->name);
        m->shared_bytes -= tensor->data_bytes;
    }
    if (tensor->data_bytes && !aligned) {
        void *copy;
        TMO_TRY(tmoi_arena_copy(m->graph->arena, &copy, tensor->data, tensor->data_bytes, m->ctx));
        tensor->data = copy;
    }
    return TMO_STATUS_OK;
fail:
    return m->ctx->error.status;
}

static tmo_status import_tensor(importer *m, const tmoi_fb_tensor *from, tmoi_tensor *tensor)
{
    tensor->name = text_of(from->name);
    TMO_FAIL_IF(from->type < 0 || from->type > TMO_TYPE_FLOAT8_E5M2, UNSUPPORTED_FILE, m->ctx,
                "load: tensor '%s' has the unknown type %d", tensor->name, from->type);
    tensor->type = (tmo_type)from->type;
    tensor->is_variable = from->is_variable;
    tensor->sparsity = from->sparsity;
    tensor->variants = from->variant_tensors.data;
    tensor->variant_count = from->variant_tensors.count;
    tensor->external_buffer = from->external_buffer;
    TMO_TRY(import_shape(m, from, tensor));
    if (from->quantization) TMO_TRY(import_quant(m, from->quantization, tensor));
    return import_data(m, from->buffer, tensor);
fail:
    return m->ctx->error.status;
}

static tmo_status import_tensors(importer *m, const tmoi_fb_sub_graph *from, tmoi_subgraph *subgraph)
{
    uint32_t count = from->tensors.count, k = 0;
    m->tensor_count += count;
    TMO_FAIL_IF(m->tensor_count > m->limits.max_tensors, LIMIT, m->ctx, "load: %lld tensors, the limit is %d",
                (long long)m->tensor_count, (int)m->limits.max_tensors);
    TMO_TRY(tmoi_arena_new(m->graph->arena, &subgraph->tensors, count, m->ctx));
    subgraph->tensor_count = subgraph->tensor_capacity = (int32_t)count;
    for (; k < count; k++) TMO_TRY(import_tensor(m, &from->tensors.data[k], &subgraph->tensors[k]));
    return TMO_STATUS_OK;
fail:
    if (k < count) m->ctx->error.tensor = (int32_t)k;
    return m->ctx->error.status;
}

/* ---- operators ---- */

/* Codes above 126 do not fit the older field, which then holds a placeholder. */
static tmo_status import_code(importer *m, uint32_t index, tmoi_op *op)
{
    TMO_FAIL_IF(index >= m->model->operator_codes.count, INVALID_MODEL, m->ctx,
                "load: operator code %u of %u", index, m->model->operator_codes.count);
    const tmoi_fb_operator_code *code = &m->model->operator_codes.data[index];
    op->code = code->builtin_code > code->deprecated_builtin_code ? code->builtin_code
                                                                  : code->deprecated_builtin_code;
    op->version = code->version;
    op->custom_code = code->custom_code.data;
    TMO_FAIL_IF(op->code < 0, INVALID_MODEL, m->ctx, "load: operator code %u is %d", index, (int)op->code);
    return TMO_STATUS_OK;
fail:
    return m->ctx->error.status;
}

static tmo_status import_op(importer *m, const tmoi_fb_operator *from, tmoi_op *op)
{
    TMO_TRY(import_code(m, from->opcode_index, op));
    TMO_TRY(copy_list(m, from->inputs, &op->inputs, &op->input_count));
    TMO_TRY(copy_list(m, from->outputs, &op->outputs, &op->output_count));
    TMO_TRY(copy_list(m, from->intermediates, &op->intermediates, &op->intermediate_count));
    op->options = from->builtin_options;
    op->options_2 = from->builtin_options_2;
    op->custom_options = from->custom_options;
    op->custom_options_format = from->custom_options_format;
    op->mutating_variable_inputs = from->mutating_variable_inputs;
    op->debug_metadata_index = from->debug_metadata_index;
    return TMO_STATUS_OK;
fail:
    return m->ctx->error.status;
}

static tmo_status import_ops(importer *m, const tmoi_fb_sub_graph *from, tmoi_subgraph *subgraph)
{
    uint32_t count = from->operators.count, k = 0;
    m->op_count += count;
    TMO_FAIL_IF(m->op_count > m->limits.max_ops, LIMIT, m->ctx, "load: %lld operators, the limit is %d",
                (long long)m->op_count, (int)m->limits.max_ops);
    TMO_TRY(tmoi_arena_new(m->graph->arena, &subgraph->ops, count, m->ctx));
    subgraph->op_count = subgraph->op_capacity = (int32_t)count;
    for (; k < count; k++) TMO_TRY(import_op(m, &from->operators.data[k], &subgraph->ops[k]));
    return TMO_STATUS_OK;
fail:
    if (k < count) m->ctx->error.op = (int32_t)k;
    return m->ctx->error.status;
}

static tmo_status import_subgraph(importer *m, const tmoi_fb_sub_graph *from, tmoi_subgraph *subgraph)
{
    subgraph->name = text_of(from->name);
    subgraph->debug_metadata_index = from->debug_metadata_index;
    TMO_TRY(import_tensors(m, from, subgraph));
    TMO_TRY(import_ops(m, from, subgraph));
    TMO_TRY(copy_list(m, from->inputs, &subgraph->inputs, &subgraph->input_count));
    TMO_TRY(copy_list(m, from->outputs, &subgraph->outputs, &subgraph->output_count));
    subgraph->input_capacity = subgraph->input_count;
    subgraph->output_capacity = subgraph->output_count;
    return TMO_STATUS_OK;
fail:
    return m->ctx->error.status;
}

static tmo_status import_subgraphs(importer *m)
{
    uint32_t count = m->model->subgraphs.count, k = 0;
    TMO_FAIL_IF(count == 0, INVALID_MODEL, m->ctx, "load: the model has no subgraph");
    TMO_FAIL_IF(count > (uint32_t)m->limits.max_subgraphs, LIMIT, m->ctx,
                "load: %u subgraphs, the limit is %d", count, (int)m->limits.max_subgraphs);
    TMO_TRY(tmoi_arena_new(m->graph->arena, &m->graph->subgraphs, count, m->ctx));
    m->graph->subgraph_count = (int32_t)count;
    for (; k < count; k++) TMO_TRY(import_subgraph(m, &m->model->subgraphs.data[k], &m->graph->subgraphs[k]));
    return TMO_STATUS_OK;
fail:
    if (k < count) m->ctx->error.subgraph = (int32_t)k;
    return m->ctx->error.status;
}

/* ---- what belongs to the whole model ---- */

static tmo_status import_metadata(importer *m)
{
    const tmoi_fb_model *model = m->model;
    tmoi_graph *graph = m->graph;
    TMO_TRY(tmoi_arena_new(graph->arena, &graph->metadata, model->metadata.count, m->ctx));
    for (uint32_t k = 0; k < model->metadata.count; k++) {
        tmoi_metadata *entry = &graph->metadata[k];
        entry->name = text_of(model->metadata.data[k].name);
        TMO_TRY(
            find_payload(m, model->metadata.data[k].buffer, entry->name, &entry->data, &entry->data_bytes));
    }
    graph->metadata_count = (int32_t)model->metadata.count;
    TMO_TRY(tmoi_arena_new(graph->arena, &graph->nameless_metadata, model->metadata_buffer.count, m->ctx));
    for (uint32_t k = 0; k < model->metadata_buffer.count; k++) {
        tmoi_metadata *entry = &graph->nameless_metadata[k];
        entry->name = "";
        TMO_TRY(find_payload(m, (uint32_t)model->metadata_buffer.data[k], "metadata_buffer", &entry->data,
                             &entry->data_bytes));
    }
    graph->nameless_metadata_count = (int32_t)model->metadata_buffer.count;
    return TMO_STATUS_OK;
fail:
    return m->ctx->error.status;
}

static tmo_status import_entries(importer *m, const tmoi_fb_tensor_map *maps, uint32_t count, const char *key,
                                 tmoi_signature_entry **out, int32_t *out_count)
{
    TMO_TRY(tmoi_arena_new(m->graph->arena, out, count, m->ctx));
    for (uint32_t k = 0; k < count; k++) {
        TMO_FAIL_IF(maps[k].tensor_index > INT32_MAX, INVALID_MODEL, m->ctx,
                    "load: signature '%s' names tensor %u", key, maps[k].tensor_index);
        (*out)[k] = (tmoi_signature_entry){text_of(maps[k].name), (int32_t)maps[k].tensor_index};
    }
    *out_count = (int32_t)count;
    return TMO_STATUS_OK;
fail:
    return m->ctx->error.status;
}

static tmo_status import_signature(importer *m, const tmoi_fb_signature_def *from, tmoi_signature *signature)
{
    signature->key = text_of(from->signature_key);
    signature->deprecated_tag = from->deprecated_tag.data;
    TMO_FAIL_IF(from->subgraph_index >= m->model->subgraphs.count, INVALID_MODEL, m->ctx,
                "load: signature '%s' names subgraph %u of %u", signature->key, from->subgraph_index,
                m->model->subgraphs.count);
    signature->subgraph = (int32_t)from->subgraph_index;
    TMO_TRY(import_entries(m, from->inputs.data, from->inputs.count, signature->key, &signature->inputs,
                           &signature->input_count));
    TMO_TRY(import_entries(m, from->outputs.data, from->outputs.count, signature->key, &signature->outputs,
                           &signature->output_count));
    return TMO_STATUS_OK;
fail:
    return m->ctx->error.status;
}

static tmo_status import_signatures(importer *m)
{
    uint32_t count = m->model->signature_defs.count;
    TMO_TRY(tmoi_arena_new(m->graph->arena, &m->graph->signatures, count, m->ctx));
    m->graph->signature_count = (int32_t)count;
    for (uint32_t k = 0; k < count; k++)
        TMO_TRY(import_signature(m, &m->model->signature_defs.data[k], &m->graph->signatures[k]));
    return TMO_STATUS_OK;
fail:
    return m->ctx->error.status;
}

static void import_external(importer *m)
{
    m->graph->external_groups = m->model->external_buffer_groups.data;
    m->graph->external_group_count = m->model->external_buffer_groups.count;
    m->graph->external_buffers = m->model->external_buffers.data;
    m->graph->external_buffer_count = m->model->external_buffers.count;
}

/* What follows everything that the model names, such as a zip archive of labels; without the zeros that pad it. */
static void import_suffix(importer *m, const uint8_t *bytes, size_t size, size_t end)
{
    const tmoi_fb_model *model = m->model;
    for (uint32_t k = 0; k < model->buffers.count; k++) {
        const tmoi_fb_buffer *buffer = &model->buffers.data[k];
        if (buffer->offset > 1 && buffer->offset + buffer->size > end)
            end = (size_t)(buffer->offset + buffer->size);
    }
    for (uint32_t s = 0; s < model->subgraphs.count; s++) {
        for (uint32_t k = 0; k < model->subgraphs.data[s].operators.count; k++) {
            const tmoi_fb_operator *op = &model->subgraphs.data[s].operators.data[k];
            uint64_t op_end = op->large_custom_options_offset + op->large_custom_options_size;
            if (op->large_custom_options_offset > 1 && op_end > end) end = (size_t)op_end;
        }
    }
    while (end < size && bytes[end] == 0) end++;
    if (end < size) m->graph->suffix = bytes + end;
    m->graph->suffix_bytes = size - end;
}

static tmoi_import_limits effective_limits(const tmoi_import_limits *limits)
{
    tmoi_import_limits l = limits ? *limits : (tmoi_import_limits){0};
    if (l.max_bytes == 0) l.max_bytes = (uint64_t)1 << 40;
    if (l.max_tensors <= 0) l.max_tensors = 1 << 20;
    if (l.max_ops <= 0) l.max_ops = 1 << 20;
    if (l.max_subgraphs <= 0) l.max_subgraphs = 4096;
    if (l.max_rank <= 0 || l.max_rank > TMO_MAX_RANK) l.max_rank = TMO_MAX_RANK;
    if (l.max_nesting <= 0 || l.max_nesting > TMOI_MAX_CALL_DEPTH) l.max_nesting = TMOI_MAX_CALL_DEPTH;
    return l;
}

tmo_status tmoi_graph_import(tmoi_graph **out, const uint8_t *bytes, size_t size,
                             const tmoi_import_limits *limits, tmoi_ctx *ctx)
{
    importer m = {.limits = effective_limits(limits), .ctx = ctx};
    m.shared_bytes = (uint64_t)size * MAX_SHARING;
    size_t end;
    *out = NULL;
    TMO_FAIL_IF(!tmoi_host_is_little_endian(), UNSUPPORTED_BUILD, ctx,
                "load: weights are little-endian, which this processor is not");
    TMO_FAIL_IF(size > m.limits.max_bytes, LIMIT, ctx, "load: file of %zu bytes, the limit is %llu", size,
                (unsigned long long)m.limits.max_bytes);
    TMO_TRY(tmoi_fb_verify(bytes, size, NULL, &end, ctx));
    TMO_TRY(tmoi_graph_make(&m.graph, ctx));
    TMO_TRY(tmoi_fb_read(&m.model, bytes, size, m.graph->arena, ctx));
    m.graph->description = m.model->description.data;
    TMO_TRY(import_subgraphs(&m));
    TMO_TRY(import_metadata(&m));
    TMO_TRY(import_signatures(&m));
    import_external(&m);
    import_suffix(&m, bytes, size, end);
    TMO_TRY(tmoi_graph_validate(m.graph, ctx));
    TMO_TRY(tmoi_graph_check_calls(m.graph, m.limits.max_nesting, ctx));
    *out = m.graph;
    return TMO_STATUS_OK;
fail:
    tmoi_graph_free(m.graph);
    return ctx->error.status;
}

static void release_map(void *map)
{
    tmoi_file_map_close(map);
}

tmo_status tmoi_graph_import_map(tmoi_graph **out, tmoi_file_map *map, const tmoi_import_limits *limits,
                                 tmoi_ctx *ctx)
{
    tmoi_graph *graph = NULL;
    tmoi_file_map *owned;
    *out = NULL;
    TMO_TRY(tmoi_graph_import(&graph, map->data, map->size_bytes, limits, ctx));
    TMO_TRY(tmoi_arena_new(graph->arena, &owned, 1, ctx));
    *owned = *map;
    *map = (tmoi_file_map){0};
    graph->source->owned = owned;
    graph->source->release = release_map;
    *out = graph;
    return TMO_STATUS_OK;
fail:
    tmoi_graph_free(graph);
    return ctx->error.status;
}

void tmoi_graph_forget(const tmoi_graph *graph)
{
    for (const tmoi_source *source = graph->source; source; source = source->parent) {
        const tmoi_file_map *map = source->owned;
        if (map && source->release == release_map) tmoi_file_map_forget(map, 0, map->size_bytes);
    }
}

/* "load: what" becomes "load: 'path': what". */
static void name_file(const char *path, tmoi_ctx *ctx)
{
    static const char prefix[] = "load: ";
    char text[TMO_ERROR_MESSAGE_BYTES];
    memcpy(text, ctx->error.message, sizeof text);
    bool has_prefix = strncmp(text, prefix, sizeof prefix - 1) == 0;
    (void)tmoi_fail(ctx, ctx->error.status, "load: '%s': %s", path,
                    text + (has_prefix ? sizeof prefix - 1 : 0));
}

tmo_status tmoi_graph_import_file(tmoi_graph **out, const char *path, const tmoi_import_limits *limits,
                                  tmoi_ctx *ctx)
{
    tmoi_file_map map;
    *out = NULL;
    if (tmoi_file_map_open(&map, path, ctx) != TMO_STATUS_OK) return ctx->error.status;
    TMO_TRY(tmoi_graph_import_map(out, &map, limits, ctx));
    return TMO_STATUS_OK;
fail:
    name_file(path, ctx);
    tmoi_file_map_close(&map);
    return ctx->error.status;
}
