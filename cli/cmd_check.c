/* tmo check: will a target run the model, where would it fall back, what to change. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "print.h"

#define MAX_LISTED 12 /* operators named in one line of the text output */

/* ---- JSON ---- */

static json_t *finding_json(const tmo_finding *finding)
{
    return json_pack("{s:i,s:i,s:s,s:s,s:s}", "subgraph", (int)finding->subgraph, "op", (int)finding->op,
                     "name", finding->name, "severity", tmo_severity_name(finding->severity), "text",
                     finding->text);
}

static int print_json(const cli_context *cli, const char *path, const tmo_check_report *report,
                      const tmo_check_summary *summary, int status)
{
    json_t *list = json_array();
    for (int32_t k = 0; k < summary->finding_count; k++) {
        tmo_finding finding = {.struct_size = sizeof finding};
        if (tmo_check_report_finding(report, k, &finding, NULL) == TMO_STATUS_OK)
            json_array_append_new(list, finding_json(&finding));
    }
    return cli_json_print(cli,
                          json_pack("{s:s,s:s,s:b,s:b,s:i,s:i,s:o}", "file", path, "target",
                                    tmo_target_name(summary->target), "runs", summary->runs, "runs_fully",
                                    summary->runs_fully, "operators", (int)summary->operators, "accelerated",
                                    (int)summary->accelerated, "findings", list),
                          status);
}

/* ---- text: findings that differ only in the names of tensors are printed once ---- */

/* Whether two texts are equal but for what stands in quotes. */
static bool is_alike(const char *a, const char *b)
{
    while (*a && *b) {
        if (*a != *b) return false;
        if (*a == '\'') {
            a = strchr(a + 1, '\'');
            b = strchr(b + 1, '\'');
            if (!a || !b) return !a && !b;
        }
        a++;
        b++;
    }
    return *a == *b;
}

static bool is_same_finding(const tmo_finding *a, const tmo_finding *b)
{
    return a->severity == b->severity && (a->op < 0) == (b->op < 0) && strcmp(a->name, b->name) == 0 &&
           is_alike(a->text, b->text);
}

static void print_place(const tmo_finding *finding)
{
    if (finding->subgraph > 0)
        printf(" %d:%d", (int)finding->subgraph, (int)finding->op);
    else
        printf(" %d", (int)finding->op);
}

/* Prints finding k with all later ones like it, and marks them done. */
static void print_group(const tmo_finding *findings, int32_t count, int32_t k, bool *is_done)
{
    int32_t alike = 0;
    for (int32_t i = k; i < count; i++)
        if (!is_done[i] && is_same_finding(&findings[k], &findings[i])) alike++;
    printf("%-8s  ", tmo_severity_name(findings[k].severity));
    if (findings[k].op >= 0) printf("%s, %s", findings[k].name, alike == 1 ? "operator" : "operators");
    int32_t listed = 0;
    for (int32_t i = k; i < count; i++) {
        if (is_done[i] || !is_same_finding(&findings[k], &findings[i])) continue;
        is_done[i] = true;
        if (findings[i].op >= 0 && listed++ < MAX_LISTED) print_place(&findings[i]);
    }
    if (listed > MAX_LISTED) printf(" and %d more", (int)(listed - MAX_LISTED));
    printf("%s%s\n", findings[k].op >= 0 ? ": " : "", findings[k].text);
}

static void print_severity(const tmo_finding *findings, int32_t count, tmo_severity severity, bool *is_done)
{
    for (int32_t k = 0; k < count; k++)
        if (!is_done[k] && findings[k].severity == severity) print_group(findings, count, k, is_done);
}

static const char *fast_path(tmo_target target)
{
    switch (target) {
    case TMO_TARGET_TFLM: return "have a kernel";
    case TMO_TARGET_EDGETPU: return "on the Edge TPU";
    case TMO_TARGET_ETHOS_U:
    case TMO_TARGET_ETHOS_U85: return "on the NPU";
    default: return "on XNNPACK";
    }
}

static int print_text(const cli_context *cli, const char *path, const tmo_check_report *report,
                      const tmo_check_summary *summary, int status)
{
    size_t count = (size_t)summary->finding_count;
    tmo_finding *findings = calloc(count + 1, sizeof *findings);
    bool *is_done = calloc(count + 1, sizeof *is_done);
    if (findings && is_done) {
        for (size_t k = 0; k < count; k++) {
            findings[k].struct_size = sizeof *findings;
            (void)tmo_check_report_finding(report, (int32_t)k, &findings[k], NULL);
        }
        printf("%s on %s: %s; %d of %d operators %s\n", path, tmo_target_name(summary->target),
               summary->runs_fully ? "runs"
               : summary->runs     ? "runs in part on the CPU"
                                   : "does not run",
               (int)summary->accelerated, (int)summary->operators, fast_path(summary->target));
        for (int32_t severity = TMO_SEVERITY_ERROR; severity >= TMO_SEVERITY_NOTE; severity--)
            print_severity(findings, summary->finding_count, (tmo_severity)severity, is_done);
    } else {
        status = cli_fail(cli, CLI_SYSTEM, "out of memory");
    }
    free(findings);
    free(is_done);
    return status;
}

static int check(const cli_context *cli, const char *path, tmo_target target)
{
    tmo_model *model;
    tmo_check_report *report = NULL;
    tmo_error error = TMO_ERROR_INIT;
    tmo_check_summary summary = {.struct_size = sizeof summary};
    int status = cli_load(cli, &model, path);
    if (status != CLI_DONE) return status;
    if (tmo_check(&report, model, target, &error) != TMO_STATUS_OK) {
        status = cli_fail_error(cli, &error, path, model);
    } else {
        tmo_check_report_summary(report, &summary);
        status = summary.runs_fully ? CLI_DONE : CLI_GOAL_MISSED;
        status = cli->common.is_json ? print_json(cli, path, report, &summary, status)
                                     : print_text(cli, path, report, &summary, status);
    }
    tmo_check_report_free(report);
    tmo_model_free(model);
    return status;
}

int cmd_check(cli_context *cli, int argc, char **argv)
{
    const char *name = NULL;
    const cli_flag flags[] = {{"target", 't', CLI_FLAG_TEXT, &name, "TARGET",
                               "litert, tflm, edgetpu, ethos-u, ethos-u85, android or ios (default litert)"}};
    const cli_spec spec = {.arguments = "MODEL --target TARGET",
                           .text = "Exit status 1 when the target does not run the whole model. Numbers "
                                   "after an operator are its places in\n"
                                   "the model; N:K is operator K of subgraph N.",
                           .flags = flags,
                           .flag_count = sizeof flags / sizeof *flags,
                           .min_arguments = 1,
                           .max_arguments = 1};
    tmo_target target = TMO_TARGET_LITERT;
    tmo_error error = TMO_ERROR_INIT;
    int count, status = cli_parse(cli, &spec, argc, argv, &count);
    if (status >= 0) return status;
    if (name && tmo_target_find(&target, name, &error) != TMO_STATUS_OK)
        return cli_fail(cli, CLI_USAGE, "%s", error.message);
    return check(cli, argv[0], target);
}
