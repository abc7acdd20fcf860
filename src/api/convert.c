/* tmo/convert.h */
#include "tmo/convert.h"

#include "api/handle.h"
#include "optimize/evaluate.h"
#include "rewrite/rewrite.h"

_Static_assert(TMOI_REWRITE_COUNT <= TMO_CONVERT_MAX_CHANGES, "the report has room for every rewrite");

static const tmo_option convert_table[] = {
    {"float32", TMO_OPTION_BOOL, offsetof(tmo_convert_options, float32), 0, 1, 0, NULL,
     "turn float16, sparse and quantized weights of float operators into float32"},
    {"simplify", TMO_OPTION_BOOL, offsetof(tmo_convert_options, simplify), 0, 1, 0, NULL,
     "fold constants and batch normalization, fuse activations and pads"},
};

const tmo_option *tmo_convert_option_table(size_t *count)
{
    *count = sizeof convert_table / sizeof convert_table[0];
    return convert_table;
}

static void count_parts(const tmoi_graph *graph, int32_t *operators, int32_t *tensors)
{
    *operators = *tensors = 0;
    for (int32_t k = 0; k < graph->subgraph_count; k++) {
        *operators += graph->subgraphs[k].op_count;
        *tensors += graph->subgraphs[k].tensor_count;
    }
}

static uint32_t rewrites_of(const tmo_convert_options *options)
{
    const uint32_t expand = 1u << tmoi_rewrite_expand_weights;
    return (options->float32 ? expand : 0) | (options->simplify ? TMOI_REWRITE_ALL & ~expand : 0);
}

static void list_changes(tmo_convert_report *report, const int32_t *changes)
{
    for (int32_t k = 0; k < TMOI_REWRITE_COUNT; k++)
        if (changes[k])
            report->changes[report->change_count++] = (tmo_convert_change){
                tmoi_rewrite_name((enum tmoi_rewrite)k), changes[k]};
}

tmo_status tmo_convert(tmo_model **out, const tmo_model *model, const tmo_convert_options *options,
                       tmo_convert_report *report, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmo_convert_options settings;
    tmo_convert_report full = {.struct_size = sizeof full};
    int32_t changes[TMOI_REWRITE_COUNT] = {0};
    tmoi_graph *graph = NULL;
    *out = NULL;
    TMO_TRY(tmoi_options_copy(&settings, sizeof settings, options, "convert", &ctx));
    ctx = tmoi_ctx_make(&settings.allocator);
    count_parts(model->graph, &full.operators_before, &full.tensors_before);
    TMO_TRY(tmoi_graph_clone(&graph, model->graph, &ctx));
    TMO_TRY(tmoi_rewrite_run(graph, rewrites_of(&settings), &tmoi_runtime_evaluator, changes, &ctx));
    TMO_TRY(tmoi_graph_compact(graph, &ctx));
    count_parts(graph, &full.operators_after, &full.tensors_after);
    list_changes(&full, changes);
    if (report) tmoi_info_copy(report, &full, sizeof full);
    return tmoi_model_wrap(out, graph, &ctx) == TMO_STATUS_OK ? TMO_STATUS_OK : tmoi_ctx_finish(&ctx, error);
fail:
    tmoi_graph_free(graph);
    return tmoi_ctx_finish(&ctx, error);
}
