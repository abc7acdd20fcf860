/* The error of each tensor that two models have under one name. */
#include <math.h>
#include <string.h>

#include "report/compare.h"
#include "report/values.h"

typedef struct layer {
    int32_t baseline, own; /* tensor indices */
    double signal, noise, max_abs, sum_abs;
    uint64_t count;
} layer;

static int32_t find_tensor(const tmoi_subgraph *subgraph, const char *name)
{
    for (int32_t k = 0; k < subgraph->tensor_count; k++)
        if (strcmp(subgraph->tensors[k].name, name) == 0) return k;
    return TMOI_NO_TENSOR;
}

/* Outputs of the baseline's operators that the other model has too; *layers has room for all tensors. */
static int32_t match_layers(layer *layers, const tmoi_subgraph *baseline, const tmoi_subgraph *own)
{
    int32_t count = 0;
    for (int32_t k = 0; k < baseline->op_count; k++)
        for (int32_t o = 0; o < baseline->ops[k].output_count; o++) {
            int32_t tensor = baseline->ops[k].outputs[o], other;
            if (tensor < 0 || count == baseline->tensor_count) continue;
            other = find_tensor(own, baseline->tensors[tensor].name);
            if (other >= 0 && !own->tensors[other].data)
                layers[count++] = (layer){.baseline = tensor, .own = other};
        }
    return count;
}

static void add_difference(layer *layer_error, const float *wanted, const float *got, int64_t count)
{
    for (int64_t k = 0; k < count; k++) {
        double difference = (double)got[k] - (double)wanted[k];
        layer_error->signal += (double)wanted[k] * (double)wanted[k];
        layer_error->noise += difference * difference;
        layer_error->sum_abs += fabs(difference);
        layer_error->max_abs = fmax(layer_error->max_abs, fabs(difference));
    }
    layer_error->count += (uint64_t)count;
}

static tmo_status measure_layer(layer *layer_error, tmoi_session *baseline, tmoi_session *own, tmoi_ctx *ctx)
{
    const tmoi_value *a = tmoi_session_tensor(baseline, 0, layer_error->baseline);
    const tmoi_value *b = tmoi_session_tensor(own, 0, layer_error->own);
    int64_t count = tmoi_shape_count(&a->shape);
    float *values = NULL;
    if (!a->data || !b->data || count != tmoi_shape_count(&b->shape) || !tmoi_type_is_real(a->type) ||
        !tmoi_type_is_real(b->type))
        return TMO_STATUS_OK;
    TMO_TRY(tmoi_new(ctx, &values, 2 * (size_t)count));
    tmoi_real_values(&(tmoi_elements){a->type, a->data, &a->shape, a->quant}, 0, count, values);
    tmoi_real_values(&(tmoi_elements){b->type, b->data, &b->shape, b->quant}, 0, count, values + count);
    add_difference(layer_error, values, values + count, count);
fail:
    tmoi_release(&ctx->allocator, values);
    return ctx->error.status;
}

static tmo_status keep_layers(tmo_comparison *comparison, int32_t m, const layer *layers, int32_t count,
                              const tmoi_subgraph *own, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_arena_grow(&comparison->arena, (void **)&comparison->layers, &comparison->layer_capacity,
                            comparison->layer_count + count, sizeof *comparison->layers, ctx));
    for (int32_t k = 0; k < count; k++) {
        const tmoi_tensor *tensor = &own->tensors[layers[k].own];
        tmo_layer_error *kept = &comparison->layers[comparison->layer_count];
        if (layers[k].count == 0) continue;
        *kept = (tmo_layer_error){
            .contender = m,
            .type = tmo_type_name(tensor->type),
            .snr_db = layers[k].noise > 0 ? 10 * log10(layers[k].signal / layers[k].noise) : (double)INFINITY,
            .max_abs = layers[k].max_abs,
            .mean_abs = layers[k].sum_abs / (double)layers[k].count};
        TMO_TRY(tmoi_arena_text(&comparison->arena, &kept->name, tensor->name, strlen(tensor->name), ctx));
        comparison->layer_count++;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status compare_pair(tmo_comparison *comparison, const tmoi_compare_config *config, int32_t m,
                               tmoi_session *baseline, tmoi_ctx *ctx)
{
    const tmoi_subgraph *first = &config->models[0].graph->subgraphs[0],
                        *own = &config->models[m].graph->subgraphs[0];
    tmoi_session_config session_config = {.cpu = config->score.cpu,
                                          .reference = config->score.is_reference_arithmetic,
                                          .keep_all_tensors = true};
    tmoi_session *session = NULL;
    layer *layers = NULL;
    int32_t label, samples = config->options->layer_samples;
    TMO_TRY(tmoi_new(ctx, &layers, (size_t)first->tensor_count));
    int32_t count = match_layers(layers, first, own);
    TMO_TRY(tmoi_scored_session(&session, &config->models[m], &session_config, ctx));
    if ((uint64_t)samples > comparison->samples) samples = (int32_t)comparison->samples;
    for (int32_t k = 0; k < samples && count > 0; k++) {
        TMO_TRY(tmoi_scored_run(baseline, &config->models[0], k, NULL, &label, ctx));
        TMO_TRY(tmoi_scored_run(session, &config->models[m], k, NULL, &label, ctx));
        for (int32_t i = 0; i < count; i++) TMO_TRY(measure_layer(&layers[i], baseline, session, ctx));
    }
    TMO_TRY(keep_layers(comparison, m, layers, count, own, ctx));
fail:
    tmoi_session_free(session);
    tmoi_release(&ctx->allocator, layers);
    return ctx->error.status;
}

tmo_status tmoi_compare_layers(tmo_comparison *comparison, const tmoi_compare_config *config, tmoi_ctx *ctx)
{
    tmoi_session_config session_config = {.cpu = config->score.cpu,
                                          .reference = config->score.is_reference_arithmetic,
                                          .keep_all_tensors = true};
    tmoi_session *baseline = NULL;
    TMO_TRY(tmoi_scored_session(&baseline, &config->models[0], &session_config, ctx));
    for (int32_t m = 1; m < comparison->contender_count; m++)
        TMO_TRY(compare_pair(comparison, config, m, baseline, ctx));
fail:
    tmoi_session_free(baseline);
    return ctx->error.status;
}
