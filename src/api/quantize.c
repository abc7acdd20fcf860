/* tmo/quantize.h */
#include <string.h>

#include "api/handle.h"
#include "base/alloc.h"
#include "optimize/quantize.h"

#define OFFSET(field) (uint32_t) offsetof(tmo_quantize_options, field)

static const tmo_option table[] = {
    {"scheme", TMO_OPTION_CHOICE, OFFSET(scheme), 0, 4, 0, "int8|int16x8|dynamic|float16|weights",
     "what to quantize"},
    {"io", TMO_OPTION_CHOICE, OFFSET(io), 0, 2, 0, "float|integer|uint8",
     "type of inputs and outputs (schemes int8 and int16x8)"},
    {"range", TMO_OPTION_CHOICE, OFFSET(range), 0, 4, 0, "percentile|minmax|moving-average|mse|entropy",
     "how the ranges of activations are chosen"},
    {"weight-range", TMO_OPTION_CHOICE, OFFSET(weight_range), 0, 2, 0, "auto|minmax|mse",
     "how the scales of weights are chosen"},
    {"percentile", TMO_OPTION_FLOAT, OFFSET(percentile), 50, 100, 99.99, NULL,
     "share of values to cover, in percent (range percentile)"},
    {"momentum", TMO_OPTION_FLOAT, OFFSET(momentum), 0, 1, 0.95, NULL,
     "weight of the past (range moving-average)"},
    {"per-tensor", TMO_OPTION_BOOL, OFFSET(per_tensor), 0, 1, 0, NULL,
     "one scale a weight tensor instead of one a channel"},
    {"weight-bits", TMO_OPTION_INT32, OFFSET(weight_bits), 4, 8, 8, NULL,
     "bits of a weight, 8 or 4 (scheme weights)"},
    {"block-size", TMO_OPTION_INT32, OFFSET(block_size), 32, 256, 0, NULL,
     "weights that share a scale: 32, 64, 128 or 256, or 0 for an output channel (scheme weights, 4 bits)"},
    {"min-weight-elements", TMO_OPTION_INT32, OFFSET(min_weight_elements), 1, 1 << 30, 1024, NULL,
     "weights with fewer elements stay float (schemes dynamic and weights)"},
    {"equalize", TMO_OPTION_CHOICE, OFFSET(equalize), 0, 1, 0, "on|off",
     "even out the ranges of channels first"},
    {"bias-correction", TMO_OPTION_CHOICE, OFFSET(bias_correction), 0, 1, 0, "on|off",
     "take the mean error of rounded weights out of the biases"},
    {"keep-float", TMO_OPTION_TEXT, OFFSET(keep_float), 0, 0, 0, NULL,
     "operators to leave in float: types, output names, #indices or regular expressions, separated by "
     "commas"},
    {"samples", TMO_OPTION_INT32, OFFSET(samples), 1, 1 << 30, 128, NULL, "samples to measure"},
    {"seed", TMO_OPTION_UINT64, OFFSET(seed), 0, 18446744073709551615.0, 0, NULL, "which samples"},
    {"threads", TMO_OPTION_INT32, OFFSET(threads), 1, 1024, 0, NULL, "threads, 0 for one a physical core"},
};

const tmo_option *tmo_quantize_option_table(size_t *count)
{
    *count = sizeof table / sizeof table[0];
    return table;
}

void tmo_quantize_options_init(tmo_quantize_options *options)
{
    *options = (tmo_quantize_options)TMO_QUANTIZE_OPTIONS_INIT;
}

static void fill_defaults(tmo_quantize_options *options)
{
    if (options->percentile == 0) options->percentile = 99.99f;
    if (options->momentum == 0) options->momentum = 0.95f;
    if (options->weight_bits == 0) options->weight_bits = 8;
    if (options->min_weight_elements == 0) options->min_weight_elements = 1024;
    if (options->samples == 0) options->samples = 128;
}

static bool is_block_size(int32_t size)
{
    return size == 0 || size == 32 || size == 64 || size == 128 || size == 256;
}

static tmo_status check(const tmo_quantize_options *options, tmoi_ctx *ctx)
{
    bool weights = options->scheme == TMO_QUANTIZE_SCHEME_WEIGHTS,
         int8 = options->scheme == TMO_QUANTIZE_SCHEME_INT8;
    bool integer = int8 || options->scheme == TMO_QUANTIZE_SCHEME_INT16X8;
    TMO_TRY(tmo_options_check(table, sizeof table / sizeof table[0], options, "quantize", &ctx->error));
    TMO_FAIL_IF(options->weight_bits != 8 && options->weight_bits != 4, INVALID_ARGUMENT, ctx,
                "quantize: weight-bits must be 8 or 4, got %d", (int)options->weight_bits);
    TMO_FAIL_IF(options->weight_bits == 4 && !weights, INVALID_ARGUMENT, ctx,
                "quantize: 4-bit weights need the scheme weights");
    TMO_FAIL_IF(!is_block_size(options->block_size), INVALID_ARGUMENT, ctx,
                "quantize: block-size must be 0, 32, 64, 128 or 256, got %d", (int)options->block_size);
    TMO_FAIL_IF(options->block_size && options->weight_bits != 4, INVALID_ARGUMENT, ctx,
                "quantize: block-size needs weight-bits 4");
    TMO_FAIL_IF(options->io == TMO_QUANTIZE_IO_UINT8 && !int8, INVALID_ARGUMENT, ctx,
                "quantize: io uint8 needs the scheme int8");
    TMO_FAIL_IF(options->io != TMO_QUANTIZE_IO_FLOAT && !integer, INVALID_ARGUMENT, ctx,
                "quantize: io must be float for this scheme");
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status read_sample(void *user, int64_t index, void *const *buffers, const size_t *sizes,
                              int32_t count, tmoi_ctx *ctx)
{
    const tmo_samples *samples = user;
    tmo_status status = samples->read(samples->user, (uint64_t)index, buffers, sizes, count);
    return status == TMO_STATUS_OK ? status
                                   : tmoi_fail(ctx, status, "quantize: sample %lld: %s", (long long)index,
                                               tmo_status_text(status));
}

/* ---- report ---- */

/* What a report owns: its allocator, then the operators. The texts live as long as the model unless copied, so they are. */
typedef struct report_memory {
    tmo_allocator allocator;
    tmoi_arena arena;
} report_memory;

static tmo_status copy_text(tmoi_arena *arena, const char **out, const char *text, tmoi_ctx *ctx)
{
    return tmoi_arena_text(arena, out, text, strlen(text), ctx);
}

static tmo_status describe(tmo_quantize_operator *out, const tmoi_quantize_result *result,
                           const tmoi_float_op *from, tmoi_arena *arena, tmoi_ctx *ctx)
{
    const tmoi_subgraph *subgraph = &result->graph->subgraphs[from->subgraph];
    const tmoi_op *op = &subgraph->ops[from->op];
    const tmoi_tensor *output = tmoi_op_output(subgraph, op, 0);
    out->subgraph = from->subgraph;
    out->op = from->op;
    TMO_TRY(copy_text(arena, &out->name, tmoi_op_name(op), ctx));
    TMO_TRY(copy_text(arena, &out->output, output ? output->name : "", ctx));
    TMO_TRY(copy_text(arena, &out->reason, from->reason, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status fill_report(tmo_quantize_report *report, const tmoi_quantize_result *result, tmoi_ctx *ctx)
{
    tmo_quantize_report filled = {.struct_size = sizeof filled,
                                  .operators = result->operators,
                                  .quantized_operators = result->quantized,
                                  .samples = (uint64_t)result->samples};
    report_memory *memory = NULL;
    tmo_quantize_operator *operators;
    TMO_TRY(tmoi_new(ctx, &memory, 1));
    memory->allocator = ctx->allocator;
    tmoi_arena_init(&memory->arena, &ctx->allocator);
    TMO_TRY(tmoi_arena_new(&memory->arena, &operators, (size_t)result->float_op_count, ctx));
    for (int32_t k = 0; k < result->float_op_count; k++)
        TMO_TRY(describe(&operators[k], result, &result->float_ops[k], &memory->arena, ctx));
    filled.float_operators = operators;
    filled.float_operator_count = result->float_op_count;
    filled.owned = memory;
    tmoi_info_copy(report, &filled, sizeof filled);
    return TMO_STATUS_OK;
fail:
    if (memory) tmoi_arena_clear(&memory->arena);
    tmoi_release(&ctx->allocator, memory);
    return ctx->error.status;
}

void tmo_quantize_report_clear(tmo_quantize_report *report)
{
    if (!report) return;
    report_memory *memory = report->owned;
    if (memory) {
        tmo_allocator allocator = memory->allocator;
        tmoi_arena_clear(&memory->arena);
        tmoi_release(&allocator, memory);
    }
    *report = (tmo_quantize_report)TMO_QUANTIZE_REPORT_INIT;
}

/* ---- the call ---- */

tmo_status tmo_quantize(tmo_model **out, const tmo_model *model, const tmo_samples *samples,
                        const tmo_quantize_options *options, tmo_quantize_report *report, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmo_quantize_options settings;
    tmo_samples given;
    tmoi_quantize_result result = {0};
    *out = NULL;
    TMO_TRY(tmoi_options_copy(&settings, sizeof settings, options, "quantize", &ctx));
    TMO_TRY(tmoi_options_copy(&given, sizeof given, samples, "quantize", &ctx));
    ctx = tmoi_ctx_make(&settings.allocator);
    ctx.log = settings.log;
    ctx.log_user = settings.log_user;
    fill_defaults(&settings);
    TMO_TRY(check(&settings, &ctx));
    const tmoi_sample_source source = {&given, (int64_t)given.count, read_sample, given.shapes,
                                       given.shape_count};
    TMO_TRY(tmoi_quantize(&result, model->graph, given.read ? &source : NULL, &settings, &ctx));
    if (report && fill_report(report, &result, &ctx) != TMO_STATUS_OK) {
        tmoi_graph_free(result.graph);
        goto fail;
    }
    TMO_TRY(tmoi_model_wrap(out, result.graph, &ctx));
fail:
    return tmoi_ctx_finish(&ctx, error);
}
