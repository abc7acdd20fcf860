/* tmo/model.h: loading and looking into a model. */
#include <string.h>

#include "api/handle.h"
#include "model/import.h"
#include "model/macs.h"
#include "runtime/weights.h"

static tmo_status open_ctx(tmoi_ctx *ctx, tmo_load_options *out, const tmo_load_options *options)
{
    *ctx = tmoi_ctx_make(NULL);
    TMO_TRY(tmoi_options_copy(out, sizeof *out, options, "load", ctx));
    *ctx = tmoi_ctx_make(&out->allocator);
    ctx->log = out->log;
    ctx->log_user = out->log_user;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmoi_import_limits limits_of(const tmo_load_options *options)
{
    return (tmoi_import_limits){.max_bytes = options->max_bytes,
                                .max_tensors = options->max_tensors,
                                .max_ops = options->max_operators,
                                .max_subgraphs = options->max_subgraphs,
                                .max_nesting = options->max_nesting};
}

tmo_status tmo_model_load_file(tmo_model **out, const char *path, const tmo_load_options *options,
                               tmo_error *error)
{
    tmo_load_options settings;
    tmoi_ctx ctx;
    tmoi_graph *graph;
    *out = NULL;
    TMO_TRY(open_ctx(&ctx, &settings, options));
    tmoi_import_limits limits = limits_of(&settings);
    TMO_TRY(tmoi_graph_import_file(&graph, path, &limits, &ctx));
    TMO_TRY(tmoi_model_wrap(out, graph, &ctx));
fail:
    return tmoi_ctx_finish(&ctx, error);
}

tmo_status tmo_model_load(tmo_model **out, const void *data, size_t size_bytes,
                          const tmo_load_options *options, tmo_error *error)
{
    tmo_load_options settings;
    tmoi_ctx ctx;
    tmoi_graph *graph;
    *out = NULL;
    TMO_TRY(open_ctx(&ctx, &settings, options));
    tmoi_import_limits limits = limits_of(&settings);
    TMO_TRY(tmoi_graph_import(&graph, data, size_bytes, &limits, &ctx));
    TMO_TRY(tmoi_model_wrap(out, graph, &ctx));
fail:
    return tmoi_ctx_finish(&ctx, error);
}

void tmo_model_free(tmo_model *model)
{
    if (!model) return;
    tmo_allocator allocator = model->allocator;
    tmoi_weights_free(model->weights);
    tmoi_graph_free(model->graph);
    tmoi_release(&allocator, model);
}

void tmo_model_packed_bytes(const tmo_model *model, uint64_t *in_memory, uint64_t *in_file)
{
    size_t made, mapped;
    tmoi_weights_bytes(model->weights, &made, &mapped);
    *in_memory = made;
    *in_file = mapped;
}

/* ---- looking in ---- */

int32_t tmo_model_subgraph_count(const tmo_model *model)
{
    return model->graph->subgraph_count;
}

tmo_status tmo_model_subgraph(const tmo_model *model, int32_t index, tmo_subgraph_info *info,
                              tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    const tmoi_subgraph *subgraph = tmoi_model_subgraph(model, index, &ctx);
    if (!subgraph) return tmoi_ctx_finish(&ctx, error);
    tmo_subgraph_info full = {.name = subgraph->name,
                              .tensor_count = subgraph->tensor_count,
                              .operator_count = subgraph->op_count,
                              .inputs = subgraph->inputs,
                              .input_count = subgraph->input_count,
                              .outputs = subgraph->outputs,
                              .output_count = subgraph->output_count};
    tmoi_info_copy(info, &full, sizeof full);
    return TMO_STATUS_OK;
}

static int32_t block_size_of(const tmoi_quant *quant)
{
    if (quant->details.tag != TMOI_TAG_blockwise_quantization || !quant->details.value) return 0;
    return ((const tmoi_fb_blockwise_quantization *)quant->details.value)->block_size;
}

static void describe_tensor(const tmoi_tensor *tensor, tmo_tensor_info *info)
{
    *info = (tmo_tensor_info){.name = tensor->name,
                              .type = tensor->type,
                              .rank = tensor->shape.rank,
                              .quantization_count = tensor->quant.count,
                              .quantization_axis = tensor->quant.dimension,
                              .scales = tensor->quant.scale,
                              .zero_points = tensor->quant.zero_point,
                              .block_size = block_size_of(&tensor->quant),
                              .data = tensor->data,
                              .data_bytes = tensor->data_bytes,
                              .is_variable = tensor->is_variable,
                              .is_sparse = tensor->sparsity != NULL};
    for (int32_t k = 0; k < tensor->shape.rank; k++) {
        info->shape[k] = tensor->shape.dims[k];
        info->shape_signature[k] = (uint32_t)k < tensor->shape_signature.count
                                       ? tensor->shape_signature.data[k]
                                       : tensor->shape.dims[k];
    }
}

tmo_status tmo_model_tensor(const tmo_model *model, int32_t index, int32_t tensor, tmo_tensor_info *info,
                            tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmo_tensor_info full;
    const tmoi_subgraph *subgraph = tmoi_model_subgraph(model, index, &ctx);
    if (!subgraph) goto fail;
    TMO_FAIL_IF(tensor < 0 || tensor >= subgraph->tensor_count, INVALID_ARGUMENT, &ctx,
                "tensor %d is out of range, the subgraph has %d", (int)tensor, (int)subgraph->tensor_count);
    describe_tensor(&subgraph->tensors[tensor], &full);
    tmoi_info_copy(info, &full, sizeof full);
fail:
    return tmoi_ctx_finish(&ctx, error);
}

tmo_status tmo_model_operator(const tmo_model *model, int32_t index, int32_t k, tmo_operator_info *info,
                              tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    const tmoi_subgraph *subgraph = tmoi_model_subgraph(model, index, &ctx);
    if (!subgraph) goto fail;
    TMO_FAIL_IF(k < 0 || k >= subgraph->op_count, INVALID_ARGUMENT, &ctx,
                "operator %d is out of range, the subgraph has %d", (int)k, (int)subgraph->op_count);
    const tmoi_op *op = &subgraph->ops[k];
    tmo_operator_info full = {.code = op->code,
                              .name = tmoi_op_name(op),
                              .version = op->version,
                              .inputs = op->inputs,
                              .input_count = op->input_count,
                              .outputs = op->outputs,
                              .output_count = op->output_count,
                              .macs = tmoi_op_macs(subgraph, op)};
    tmoi_info_copy(info, &full, sizeof full);
fail:
    return tmoi_ctx_finish(&ctx, error);
}

static const tmoi_signature *find_signature(const tmo_model *model, int32_t k, tmoi_ctx *ctx)
{
    if (k >= 0 && k < model->graph->signature_count) return &model->graph->signatures[k];
    (void)tmoi_fail(ctx, TMO_STATUS_INVALID_ARGUMENT, "signature %d is out of range, the model has %d",
                    (int)k, (int)model->graph->signature_count);
    return NULL;
}

int32_t tmo_model_signature_count(const tmo_model *model)
{
    return model->graph->signature_count;
}

tmo_status tmo_model_signature(const tmo_model *model, int32_t k, tmo_signature_info *info, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    const tmoi_signature *signature = find_signature(model, k, &ctx);
    if (!signature) return tmoi_ctx_finish(&ctx, error);
    tmo_signature_info full = {.key = signature->key,
                               .subgraph = signature->subgraph,
                               .input_count = signature->input_count,
                               .output_count = signature->output_count};
    tmoi_info_copy(info, &full, sizeof full);
    return TMO_STATUS_OK;
}

static tmo_status signature_entry(const tmoi_signature_entry *entries, int32_t count, int32_t k,
                                  const char **name, int32_t *tensor, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(k < 0 || k >= count, INVALID_ARGUMENT, ctx, "entry %d is out of range, the signature has %d",
                (int)k, (int)count);
    *name = entries[k].name;
    *tensor = entries[k].tensor;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmo_model_signature_input(const tmo_model *model, int32_t index, int32_t k, const char **name,
                                     int32_t *tensor, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    const tmoi_signature *signature = find_signature(model, index, &ctx);
    if (signature) (void)signature_entry(signature->inputs, signature->input_count, k, name, tensor, &ctx);
    return tmoi_ctx_finish(&ctx, error);
}

tmo_status tmo_model_signature_output(const tmo_model *model, int32_t index, int32_t k, const char **name,
                                      int32_t *tensor, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    const tmoi_signature *signature = find_signature(model, index, &ctx);
    if (signature) (void)signature_entry(signature->outputs, signature->output_count, k, name, tensor, &ctx);
    return tmoi_ctx_finish(&ctx, error);
}

const char *tmo_model_description(const tmo_model *model)
{
    return model->graph->description;
}

int32_t tmo_model_metadata_count(const tmo_model *model)
{
    return model->graph->metadata_count;
}

tmo_status tmo_model_metadata(const tmo_model *model, int32_t k, const char **name, const void **data,
                              uint64_t *size_bytes, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    TMO_FAIL_IF(k < 0 || k >= model->graph->metadata_count, INVALID_ARGUMENT, &ctx,
                "metadata %d is out of range, the model has %d", (int)k, (int)model->graph->metadata_count);
    *name = model->graph->metadata[k].name;
    *data = model->graph->metadata[k].data;
    *size_bytes = model->graph->metadata[k].data_bytes;
fail:
    return tmoi_ctx_finish(&ctx, error);
}
