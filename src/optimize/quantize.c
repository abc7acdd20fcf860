#include "optimize/quantize.h"

#include <math.h>

#include "optimize/evaluate.h"
#include "optimize/importance.h"
#include "optimize/integer.h"
#include "rewrite/equalize.h"
#include "rewrite/rewrite.h"

enum { SURVEY_SAMPLES = 16, WEIGHT_UNIT = 64 };

static const char asked_for[] = "the caller asked for it";

tmo_status tmoi_quantize_add_float(tmoi_quantize_result *result, int32_t subgraph, int32_t op,
                                   const char *reason, tmoi_ctx *ctx)
{
    int32_t capacity = result->float_op_count;
    TMO_TRY(tmoi_arena_grow(result->graph->arena, (void **)&result->float_ops, &capacity,
                            result->float_op_count + 1, sizeof *result->float_ops, ctx));
    result->float_ops[result->float_op_count++] = (tmoi_float_op){subgraph, op, reason};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static bool is_integer_scheme(const tmo_quantize_options *options)
{
    return options->scheme == TMO_QUANTIZE_SCHEME_INT8 || options->scheme == TMO_QUANTIZE_SCHEME_INT16X8;
}

/* A float graph of its own, ready to be measured, and the caller's choice of operators in it. */
static tmo_status prepare(tmoi_graph **out, tmoi_selection **keep, const tmoi_graph *graph,
                          const tmo_quantize_options *options, tmoi_ctx *ctx)
{
    tmoi_graph *own = NULL;
    int32_t changes = 0;
    *keep = NULL;
    TMO_TRY(tmoi_selection_make(keep, options->keep_float, graph, ctx));
    TMO_TRY(tmoi_graph_clone(&own, graph, ctx));
    TMO_TRY(tmoi_rewrite_run(own, TMOI_REWRITE_ALL, &tmoi_runtime_evaluator, NULL, ctx));
    for (int32_t s = 0; is_integer_scheme(options) && s < own->subgraph_count; s++)
        TMO_TRY(tmoi_lower_for_integers(own, s, &tmoi_runtime_evaluator, &changes, ctx));
    if (changes) TMO_TRY(tmoi_rewrite_run(own, TMOI_REWRITE_ALL, &tmoi_runtime_evaluator, NULL, ctx));
    TMO_TRY(tmoi_selection_follow(*keep, graph, own, ctx));
    TMO_TRY(tmoi_require_finite(own, ctx));
    *out = own;
    return TMO_STATUS_OK;
fail:
    tmoi_selection_free(*keep);
    tmoi_graph_free(own);
    *keep = NULL;
    return ctx->error.status;
}

/* ---- integer schemes ---- */

static const char *why_kept(void *user, int32_t subgraph, int32_t op)
{
    return tmoi_selection_has(user, subgraph, op) ? asked_for : NULL;
}

static tmo_status add_float(void *user, int32_t subgraph, int32_t op, const char *reason, tmoi_ctx *ctx)
{
    return tmoi_quantize_add_float(user, subgraph, op, reason, ctx);
}

static tmoi_calibrate_config calibration_of(const tmo_quantize_options *options, const char *phase,
                                            bool histograms)
{
    return (tmoi_calibrate_config){.threads = options->threads,
                                   .samples = options->samples,
                                   .seed = options->seed,
                                   .momentum = options->momentum,
                                   .histograms = histograms,
                                   .phase = phase,
                                   .progress = options->progress,
                                   .progress_user = options->progress_user};
}

static tmo_status equalize(tmoi_graph *graph, const tmoi_calibration *survey, tmoi_arena *arena,
                           tmoi_ctx *ctx)
{
    for (int32_t s = 0; s < graph->subgraph_count; s++) {
        int32_t count = graph->subgraphs[s].tensor_count, scaled;
        tmoi_channel_ranges *ranges;
        TMO_TRY(tmoi_arena_new(arena, &ranges, (size_t)count, ctx));
        for (int32_t k = 0; k < count; k++) {
            const tmoi_statistics *seen = &survey->tensors[s][k];
            if (seen->seen)
                ranges[k] = (tmoi_channel_ranges){seen->channels, seen->channel_min, seen->channel_max};
        }
        TMO_TRY(tmoi_equalize(graph, s, ranges, &scaled, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Importance as whole numbers around WEIGHT_UNIT, so that weighted counts do not depend on their order. */
static tmo_status weigh_tensor(uint16_t **out, const double *importance, int32_t channels, tmoi_arena *arena,
                               tmoi_ctx *ctx)
{
    double sum = 0;
    TMO_TRY(tmoi_arena_new(arena, out, (size_t)channels, ctx));
    for (int32_t c = 0; c < channels; c++) sum += importance[c];
    for (int32_t c = 0; c < channels; c++) {
        double weight = sum > 0 ? round(importance[c] / sum * channels * WEIGHT_UNIT) : WEIGHT_UNIT;
        (*out)[c] = (uint16_t)(weight < 1 ? 1 : weight > UINT16_MAX ? UINT16_MAX : weight);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status weigh(const uint16_t *const *const **out, const tmoi_graph *graph,
                        const tmoi_calibration *survey, tmoi_arena *arena, tmoi_ctx *ctx)
{
    uint16_t ***weights;
    TMO_TRY(tmoi_arena_new(arena, &weights, (size_t)graph->subgraph_count, ctx));
    for (int32_t s = 0; s < graph->subgraph_count; s++) {
        const tmoi_subgraph *subgraph = &graph->subgraphs[s];
        double **importance;
        TMO_TRY(tmoi_importance_of(&importance, subgraph, survey->tensors[s], survey->tensor_counts[s], arena,
                                   ctx));
        TMO_TRY(tmoi_arena_new(arena, &weights[s], (size_t)subgraph->tensor_count, ctx));
        for (int32_t k = 0; k < survey->tensor_counts[s]; k++)
            if (importance[k])
                TMO_TRY(
                    weigh_tensor(&weights[s][k], importance[k], survey->tensors[s][k].channels, arena, ctx));
    }
    *out = (const uint16_t *const *const *)weights;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* A first look at the activations: evens out channels by it, and tells how much each channel matters for the ranges. */
static tmo_status survey(tmoi_graph *graph, const tmoi_sample_source *source,
                         const tmo_quantize_options *options, tmoi_calibrate_config *measure,
                         tmoi_arena *arena, tmoi_ctx *ctx)
{
    tmoi_calibrate_config config = calibration_of(options, "survey", false);
    tmoi_calibration *first = NULL;
    if (config.samples > SURVEY_SAMPLES) config.samples = SURVEY_SAMPLES;
    TMO_TRY(tmoi_calibrate(&first, graph, source, &config, ctx));
    if (options->equalize == TMO_QUANTIZE_SWITCH_ON) TMO_TRY(equalize(graph, first, arena, ctx));
    if (measure->histograms) TMO_TRY(weigh(&measure->weights, graph, first, arena, ctx));
fail:
    tmoi_calibration_free(first);
    return ctx->error.status;
}

static tmo_status quantize_integer(tmoi_quantize_result *result, const tmoi_sample_source *source,
                                   const tmo_quantize_options *options, tmoi_selection *keep, tmoi_ctx *ctx)
{
    bool wide = options->scheme == TMO_QUANTIZE_SCHEME_INT16X8;
    const tmoi_integer_config config = {.range = {wide ? TMO_QUANTIZE_RANGE_MINMAX : options->range,
                                                  options->percentile, wide ? 16 : 8, wide},
                                        .weight_range = options->weight_range,
                                        .per_tensor = options->per_tensor,
                                        .bias_correction = options->bias_correction == TMO_QUANTIZE_SWITCH_ON,
                                        .io = options->io,
                                        .keep_float = why_kept,
                                        .keep_float_user = keep};
    const tmoi_float_report report = {add_float, result};
    tmoi_calibrate_config measure = calibration_of(options, "calibrate",
                                                   tmoi_range_needs_histogram(config.range.method));
    tmoi_calibration *calibration = NULL;
    tmoi_integer_plan plan;
    tmoi_arena arena;
    tmoi_arena_init(&arena, &ctx->allocator);
    TMO_FAIL_IF(!source, INVALID_DATA, ctx,
                "quantize: this scheme needs samples to measure activations with, got none");
    if (!wide) TMO_TRY(survey(result->graph, source, options, &measure, &arena, ctx));
    TMO_TRY(tmoi_calibrate(&calibration, result->graph, source, &measure, ctx));
    result->samples = calibration->samples;
    TMO_TRY(tmoi_integer_plan_make(&plan, result->graph, calibration, &config, &arena, ctx));
    TMO_TRY(tmoi_integer_apply(result->graph, &plan, calibration, &config, &report, ctx));
fail:
    tmoi_arena_clear(&arena);
    tmoi_calibration_free(calibration);
    return ctx->error.status;
}

static void count_operators(tmoi_quantize_result *result, const tmo_quantize_options *options)
{
    for (int32_t s = 0; s < result->graph->subgraph_count; s++)
        for (int32_t k = 0; k < result->graph->subgraphs[s].op_count; k++) {
            int32_t code = result->graph->subgraphs[s].ops[k].code;
            result->operators += code != TMOI_OP_QUANTIZE && code != TMOI_OP_DEQUANTIZE;
        }
    if (is_integer_scheme(options)) result->quantized = result->operators - result->float_op_count;
}

tmo_status tmoi_quantize(tmoi_quantize_result *out, const tmoi_graph *graph, const tmoi_sample_source *source,
                         const tmo_quantize_options *options, tmoi_ctx *ctx)
{
    tmoi_selection *keep = NULL;
    *out = (tmoi_quantize_result){0};
    TMO_TRY(prepare(&out->graph, &keep, graph, options, ctx));
    switch (options->scheme) {
    case TMO_QUANTIZE_SCHEME_FLOAT16: TMO_TRY(tmoi_store_float16(out->graph, keep, out, ctx)); break;
    case TMO_QUANTIZE_SCHEME_DYNAMIC: TMO_TRY(tmoi_store_dynamic(out->graph, options, keep, out, ctx)); break;
    case TMO_QUANTIZE_SCHEME_WEIGHTS: TMO_TRY(tmoi_store_weights(out->graph, options, keep, out, ctx)); break;
    default: TMO_TRY(quantize_integer(out, source, options, keep, ctx)); break;
    }
    TMO_TRY(tmoi_graph_compact(out->graph, ctx));
    TMO_TRY(tmoi_graph_validate(out->graph, ctx));
    count_operators(out, options);
    tmoi_selection_free(keep);
    return TMO_STATUS_OK;
fail:
    tmoi_selection_free(keep);
    tmoi_graph_free(out->graph);
    *out = (tmoi_quantize_result){0};
    return ctx->error.status;
}
