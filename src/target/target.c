#include "target/target.h"

#include "base/alloc.h"
#include "model/version.h"
#include "target/constraints.h"
#include "target/edgetpu.h"
#include "target/ethos_u.h"
#include "target/litert.h"
#include "target/tflm.h"

void tmoi_target_report_init(tmoi_target_report *report, const tmo_allocator *allocator)
{
    *report = (tmoi_target_report){0};
    tmoi_arena_init(&report->arena, allocator);
}

void tmoi_target_report_clear(tmoi_target_report *report)
{
    tmoi_arena_clear(&report->arena);
}

/* One subgraph of a check. */
typedef struct graph_part {
    const tmoi_graph *graph;
    const tmoi_subgraph *subgraph;
    int32_t index;
    int32_t *producers; /* see tmoi_site */
} graph_part;

typedef tmo_status (*part_check)(tmoi_target_report *report, const graph_part *part, tmoi_ctx *ctx);

static tmoi_site site_of(const graph_part *part, int32_t op)
{
    return (tmoi_site){part->graph, part->subgraph, &part->subgraph->ops[op], part->index,
                       op,          part->producers};
}

static tmo_status part_init(graph_part *out, const tmoi_graph *graph, int32_t index, tmoi_ctx *ctx)
{
    const tmoi_subgraph *subgraph = &graph->subgraphs[index];
    *out = (graph_part){graph, subgraph, index, NULL};
    TMO_TRY(tmoi_new(ctx, &out->producers, (size_t)subgraph->tensor_count));
    for (int32_t k = 0; k < subgraph->tensor_count; k++) out->producers[k] = -1;
    for (int32_t k = 0; k < subgraph->op_count; k++)
        for (int32_t i = 0; i < subgraph->ops[k].output_count; i++)
            if (subgraph->ops[k].outputs[i] >= 0) out->producers[subgraph->ops[k].outputs[i]] = k;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* What a set that is not met says: a finding of the given severity, or for a note where the operator is not. */
static tmo_status report_unmet(tmoi_target_report *report, const tmoi_site *site, const tmoi_rule_set *set,
                               tmo_severity severity, const tmoi_why *why, tmoi_ctx *ctx)
{
    tmoi_why text;
    if (severity != TMO_SEVERITY_NOTE) return tmoi_report_add(report, site, severity, why->text, ctx);
    (void)tmoi_why_not(&text, "not on %s: %.290s", set->place, why->text);
    return tmoi_report_add(report, site, severity, text.text, ctx);
}

/* Checks each operator against a set; those that do not meet it get a finding of the given severity. */
static tmo_status check_set(tmoi_target_report *report, const graph_part *part, const tmoi_rule_set *set,
                            tmo_severity severity, int32_t *met, tmoi_ctx *ctx)
{
    tmoi_why why;
    for (int32_t k = 0; k < part->subgraph->op_count; k++) {
        tmoi_site site = site_of(part, k);
        if (tmoi_rule_check(set, &site, &why))
            ++*met;
        else
            TMO_TRY(report_unmet(report, &site, set, severity, &why, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- LiteRT ---- */

static tmo_status only_xnnpack(tmoi_target_report *report, const tmoi_site *site, tmoi_ctx *ctx)
{
    report->accelerated++;
    return tmoi_report_add(report, site, TMO_SEVERITY_NOTE,
                           "LiteRT itself has no kernel for it, it runs only through XNNPACK", ctx);
}

static tmo_status litert_op(tmoi_target_report *report, const tmoi_site *site, tmoi_ctx *ctx)
{
    tmoi_why why, types;
    if (tmoi_xnnpack_takes_custom(site->op)) return only_xnnpack(report, site, ctx);
    if (!tmoi_litert_registers(site, &why))
        return tmoi_report_add(report, site, TMO_SEVERITY_ERROR, why.text, ctx);
    bool on_xnnpack = tmoi_rule_check(&tmoi_xnnpack_rules, site, &why);
    if (!tmoi_litert_takes_types(site, &types))
        return on_xnnpack ? only_xnnpack(report, site, ctx)
                          : tmoi_report_add(report, site, TMO_SEVERITY_ERROR, types.text, ctx);
    if (!on_xnnpack) return report_unmet(report, site, &tmoi_xnnpack_rules, TMO_SEVERITY_NOTE, &why, ctx);
    report->accelerated++;
    return TMO_STATUS_OK;
}

static tmo_status check_litert(tmoi_target_report *report, const graph_part *part, tmoi_ctx *ctx)
{
    for (int32_t k = 0; k < part->subgraph->op_count; k++) {
        tmoi_site site = site_of(part, k);
        TMO_TRY(litert_op(report, &site, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Names the newest release that an operator of the graph asks for. */
static tmo_status note_release(tmoi_target_report *report, const tmoi_graph *graph, tmoi_ctx *ctx)
{
    const char *newest = "";
    const tmoi_op *op = NULL;
    tmoi_why text;
    for (int32_t s = 0; s < graph->subgraph_count; s++) {
        for (int32_t k = 0; k < graph->subgraphs[s].op_count; k++) {
            const char *release = tmoi_op_min_runtime(&graph->subgraphs[s], &graph->subgraphs[s].ops[k]);
            if (!tmoi_release_before(newest, release)) continue;
            newest = release;
            op = &graph->subgraphs[s].ops[k];
        }
    }
    if (!op) return TMO_STATUS_OK;
    (void)tmoi_why_not(&text, "needs TensorFlow Lite %s or newer, for %s", newest, tmoi_op_name(op));
    return tmoi_report_add(report, NULL, TMO_SEVERITY_NOTE, text.text, ctx);
}

static tmo_status check_delegate(tmoi_target_report *report, const graph_part *part, const tmoi_rule_set *set,
                                 tmoi_ctx *ctx)
{
    int32_t met = 0;
    tmoi_why text;
    TMO_TRY(check_set(report, part, set, TMO_SEVERITY_NOTE, &met, ctx));
    (void)tmoi_why_not(&text, "subgraph %d: %d of %d operators on %s", (int)part->index, (int)met,
                       (int)part->subgraph->op_count, set->place);
    return tmoi_report_add(report, NULL, TMO_SEVERITY_NOTE, text.text, ctx);
fail:
    return ctx->error.status;
}

static tmo_status check_android(tmoi_target_report *report, const graph_part *part, tmoi_ctx *ctx)
{
    TMO_TRY(check_litert(report, part, ctx));
    TMO_TRY(check_delegate(report, part, &tmoi_gpu_rules, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_ios(tmoi_target_report *report, const graph_part *part, tmoi_ctx *ctx)
{
    TMO_TRY(check_android(report, part, ctx));
    TMO_TRY(check_delegate(report, part, &tmoi_core_ml_rules, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- microcontrollers and NPUs ---- */

static tmo_status check_tflm(tmoi_target_report *report, const graph_part *part, tmoi_ctx *ctx)
{
    const tmoi_subgraph *s = part->subgraph;
    tmoi_why why;
    for (int32_t k = 0; k < s->input_count; k++) {
        const tmoi_tensor *tensor = &s->tensors[s->inputs[k]];
        if (tmoi_tensor_is_static(tensor)) continue;
        (void)tmoi_why_not(&why, "input '%.80s' has no fixed size; microcontrollers run it as %s",
                           tensor->name, tmoi_shape_format(&tensor->shape).text);
        TMO_TRY(tmoi_report_add(report, NULL, TMO_SEVERITY_NOTE, why.text, ctx));
    }
    for (int32_t k = 0; k < s->op_count; k++) {
        tmoi_site site = site_of(part, k);
        if (tmoi_tflm_runs(&site, &why))
            report->accelerated++;
        else
            TMO_TRY(tmoi_report_add(report, &site, TMO_SEVERITY_ERROR, why.text, ctx));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_ethos_u(tmoi_target_report *report, const graph_part *part, tmoi_ctx *ctx)
{
    return check_set(report, part, &tmoi_ethos_u_rules, TMO_SEVERITY_FALLBACK, &report->accelerated, ctx);
}

static tmo_status check_ethos_u85(tmoi_target_report *report, const graph_part *part, tmoi_ctx *ctx)
{
    return check_set(report, part, &tmoi_ethos_u85_rules, TMO_SEVERITY_FALLBACK, &report->accelerated, ctx);
}

/* Where a tensor comes from, for the Edge TPU: its compiler maps one connected part of the graph and leaves all that depends
 * on the part through an operator that it could not map. */
enum { FROM_HOST = 0, FROM_TPU = 1, AFTER_TPU = 2 };

static uint8_t origin_of_inputs(const tmoi_op *op, const uint8_t *origin)
{
    uint8_t latest = FROM_HOST;
    for (int32_t k = 0; k < op->input_count; k++)
        if (op->inputs[k] >= 0 && origin[op->inputs[k]] > latest) latest = origin[op->inputs[k]];
    return latest;
}

static tmo_status edgetpu_op(tmoi_target_report *report, const tmoi_site *site, uint8_t *origin,
                             int32_t *cut_off, tmoi_ctx *ctx)
{
    tmoi_why why;
    bool taken = tmoi_rule_check(&tmoi_edgetpu_rules, site, &why);
    uint8_t source = origin_of_inputs(site->op, origin);
    uint8_t result = source == FROM_HOST ? FROM_HOST : AFTER_TPU;
    if (taken && source != AFTER_TPU) {
        result = FROM_TPU;
        report->accelerated++;
    } else if (taken) {
        ++*cut_off;
        TMO_TRY(tmoi_report_add(report, site, TMO_SEVERITY_FALLBACK,
                                "it comes after an operator that the Edge TPU does not take, and the "
                                "compiler makes one partition; "
                                "change that operator or move it to the end",
                                ctx));
    } else {
        TMO_TRY(tmoi_report_add(report, site, TMO_SEVERITY_FALLBACK, why.text, ctx));
    }
    for (int32_t k = 0; k < site->op->output_count; k++)
        if (site->op->outputs[k] >= 0) origin[site->op->outputs[k]] = result;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_edgetpu(tmoi_target_report *report, const graph_part *part, tmoi_ctx *ctx)
{
    const tmoi_subgraph *s = part->subgraph;
    uint8_t *origin = NULL;
    int32_t cut_off = 0;
    tmoi_why text;
    TMO_TRY(tmoi_new(ctx, &origin, (size_t)s->tensor_count));
    for (int32_t k = 0; k < s->op_count; k++) {
        tmoi_site site = site_of(part, k);
        TMO_TRY(edgetpu_op(report, &site, origin, &cut_off, ctx));
    }
    if (cut_off > 0) {
        (void)tmoi_why_not(&text, "%d operators run on the CPU only because of what is before them",
                           (int)cut_off);
        TMO_TRY(tmoi_report_add(report, NULL, TMO_SEVERITY_NOTE, text.text, ctx));
    }
fail:
    tmoi_release(&ctx->allocator, origin);
    return ctx->error.status;
}

/* ---- all ---- */

static part_check check_of(tmo_target target)
{
    switch (target) {
    case TMO_TARGET_LITERT: return check_litert;
    case TMO_TARGET_TFLM: return check_tflm;
    case TMO_TARGET_EDGETPU: return check_edgetpu;
    case TMO_TARGET_ETHOS_U: return check_ethos_u;
    case TMO_TARGET_ETHOS_U85: return check_ethos_u85;
    case TMO_TARGET_ANDROID: return check_android;
    case TMO_TARGET_IOS: return check_ios;
    default: return NULL;
    }
}

static bool is_litert(tmo_target target)
{
    return target == TMO_TARGET_LITERT || target == TMO_TARGET_ANDROID || target == TMO_TARGET_IOS;
}

tmo_status tmoi_target_check(tmoi_target_report *report, const tmoi_graph *graph, tmo_target target,
                             tmoi_ctx *ctx)
{
    part_check check = check_of(target);
    graph_part part = {0};
    TMO_FAIL_IF(!check, INVALID_ARGUMENT, ctx, "check: there is no target %d", (int)target);
    for (int32_t k = 0; k < graph->subgraph_count; k++) {
        report->operators += graph->subgraphs[k].op_count;
        TMO_TRY(part_init(&part, graph, k, ctx));
        TMO_TRY(check(report, &part, ctx));
        tmoi_release(&ctx->allocator, part.producers);
        part.producers = NULL;
    }
    if (is_litert(target)) TMO_TRY(note_release(report, graph, ctx));
    return TMO_STATUS_OK;
fail:
    tmoi_release(&ctx->allocator, part.producers);
    return ctx->error.status;
}
