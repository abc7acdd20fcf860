/* tmo/check.h. */
#include "tmo/check.h"

#include <string.h>

#include "api/handle.h"
#include "base/alloc.h"
#include "target/target.h"

struct tmo_check_report {
    tmo_allocator allocator;
    tmo_target target;
    tmoi_target_report found;
};

static const char *const target_names[] = {"litert",    "tflm",    "edgetpu", "ethos-u",
                                           "ethos-u85", "android", "ios"};
#define TARGET_COUNT (sizeof target_names / sizeof *target_names)

const char *tmo_target_name(tmo_target target)
{
    return (uint32_t)target < TARGET_COUNT ? target_names[target] : NULL;
}

tmo_status tmo_target_find(tmo_target *out, const char *name, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    for (size_t k = 0; k < TARGET_COUNT; k++) {
        if (strcmp(target_names[k], name) != 0) continue;
        *out = (tmo_target)k;
        return TMO_STATUS_OK;
    }
    (void)tmoi_fail(
        &ctx, TMO_STATUS_NOT_FOUND,
        "unknown target '%.80s', must be one of litert, tflm, edgetpu, ethos-u, ethos-u85, android, ios",
        name);
    return tmoi_ctx_finish(&ctx, error);
}

const char *tmo_severity_name(tmo_severity severity)
{
    static const char *const names[] = {"note", "fallback", "error"};
    return (uint32_t)severity < sizeof names / sizeof *names ? names[severity] : "unknown";
}

tmo_status tmo_check(tmo_check_report **out, const tmo_model *model, tmo_target target, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(&model->allocator);
    tmo_check_report *report = NULL;
    *out = NULL;
    TMO_TRY(tmoi_new(&ctx, &report, 1));
    report->allocator = ctx.allocator;
    report->target = target;
    tmoi_target_report_init(&report->found, &ctx.allocator);
    TMO_TRY(tmoi_target_check(&report->found, model->graph, target, &ctx));
    *out = report;
    return TMO_STATUS_OK;
fail:
    tmo_check_report_free(report);
    return tmoi_ctx_finish(&ctx, error);
}

void tmo_check_report_free(tmo_check_report *report)
{
    if (!report) return;
    tmo_allocator allocator = report->allocator;
    tmoi_target_report_clear(&report->found);
    tmoi_release(&allocator, report);
}

static bool has_severity(const tmoi_target_report *found, tmo_severity severity)
{
    for (int32_t k = 0; k < found->count; k++)
        if (found->findings[k].severity == severity) return true;
    return false;
}

void tmo_check_report_summary(const tmo_check_report *report, tmo_check_summary *summary)
{
    bool runs = !has_severity(&report->found, TMO_SEVERITY_ERROR);
    tmo_check_summary full = {.target = report->target,
                              .runs = runs,
                              .runs_fully = runs && !has_severity(&report->found, TMO_SEVERITY_FALLBACK),
                              .operators = report->found.operators,
                              .accelerated = report->found.accelerated,
                              .finding_count = report->found.count};
    tmoi_info_copy(summary, &full, sizeof full);
}

tmo_status tmo_check_report_finding(const tmo_check_report *report, int32_t k, tmo_finding *finding,
                                    tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    TMO_FAIL_IF(k < 0 || k >= report->found.count, INVALID_ARGUMENT, &ctx,
                "finding %d is out of range, the report has %d", (int)k, (int)report->found.count);
    const tmoi_finding *found = &report->found.findings[k];
    tmo_finding full = {.subgraph = found->subgraph,
                        .op = found->op,
                        .name = found->name,
                        .severity = found->severity,
                        .text = found->text};
    tmoi_info_copy(finding, &full, sizeof full);
fail:
    return tmoi_ctx_finish(&ctx, error);
}
