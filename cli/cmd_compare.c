/* tmo compare: models against the first one. */
#include <math.h>
#include <string.h>

#include "commands.h"
#include "print.h"

enum { MAX_MODELS = 16 };

typedef struct comparing {
    cli_context *cli;
    const char *data, *report, *title;
    bool with_layers;
    const char *margin_text;
    tmo_dataset_options dataset_options;
    tmo_compare_options options;
    int32_t count;
    tmo_contender contenders[MAX_MODELS];
    tmo_model *models[MAX_MODELS];
    tmo_dataset *datasets[MAX_MODELS];
    tmo_comparison *comparison;
} comparing;

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int load(comparing *c, char **paths)
{
    for (int32_t k = 0; k < c->count; k++) {
        int status = cli_load(c->cli, &c->models[k], paths[k]);
        if (status == CLI_DONE)
            status = cli_open_data(c->cli, &c->datasets[k], c->data, c->models[k], &c->dataset_options);
        if (status != CLI_DONE) return status;
        c->contenders[k] = (tmo_contender){.struct_size = sizeof c->contenders[k],
                                           .name = base_name(paths[k]),
                                           .path = paths[k],
                                           .model = c->models[k],
                                           .dataset = c->datasets[k]};
    }
    return CLI_DONE;
}

static int compare(comparing *c)
{
    tmo_error error = TMO_ERROR_INIT;
    cli_progress progress;
    cli_progress_start(&progress, c->cli);
    c->options.progress = cli_progress_step;
    c->options.progress_user = &progress;
    tmo_status status = tmo_compare(&c->comparison, c->contenders, c->count, &c->options, &error);
    cli_progress_end(&progress);
    if (status == TMO_STATUS_OK && c->report)
        status = tmo_comparison_write_html(c->comparison, c->report,
                                           c->title ? c->title : "Comparison of models", &error);
    return status == TMO_STATUS_OK ? CLI_DONE : cli_fail_error(c->cli, &error, NULL, NULL);
}

static tmo_comparison_result result_of(const comparing *c, int32_t k)
{
    tmo_comparison_result result = {.struct_size = sizeof result};
    (void)tmo_comparison_get(c->comparison, k, &result, NULL);
    return result;
}

static tmo_layer_error layer_of(const comparing *c, int32_t k)
{
    tmo_layer_error layer = {.struct_size = sizeof layer};
    (void)tmo_comparison_layer(c->comparison, k, &layer, NULL);
    return layer;
}

/* ---- JSON ---- */

static json_t *side_json(const comparing *c, int32_t k)
{
    tmo_comparison_result r = result_of(c, k);
    return json_pack("{s:s,s:o,s:o,s:I,s:I,s:I,s:I,s:o,s:o,s:o}", "model", c->contenders[k].path, "value",
                     cli_json_number(r.value), "ci95", cli_json_interval(r.ci95_low, r.ci95_high),
                     "file_bytes", (json_int_t)r.file_bytes, "gzip_bytes", (json_int_t)r.gzip_bytes,
                     "weight_bytes", (json_int_t)r.weight_bytes, "arena_bytes", (json_int_t)r.arena_bytes,
                     "median_us", cli_json_number(r.median_us), "p95_us", cli_json_number(r.p95_us), "min_us",
                     cli_json_number(r.min_us));
}

static json_t *layers_json(const comparing *c, int32_t contender)
{
    json_t *list = json_array();
    for (int32_t k = 0; k < tmo_comparison_layer_count(c->comparison); k++) {
        tmo_layer_error layer = layer_of(c, k);
        if (layer.contender != contender) continue;
        json_array_append_new(list, json_pack("{s:s,s:s,s:o,s:o,s:o}", "name", layer.name, "type", layer.type,
                                              "snr_db", cli_json_number(layer.snr_db), "mean_abs",
                                              cli_json_number(layer.mean_abs), "max_abs",
                                              cli_json_number(layer.max_abs)));
    }
    return list;
}

static json_t *pair_json(const comparing *c, int32_t k)
{
    tmo_comparison_result r = result_of(c, k);
    return json_pack("{s:s,s:I,s:o,s:o,s:o,s:o,s:o,s:I,s:I,s:o,s:o,s:s,s:o}", "metric",
                     tmo_metric_name(tmo_comparison_metric(c->comparison)), "samples",
                     (json_int_t)tmo_comparison_samples(c->comparison), "a", side_json(c, 0), "b",
                     side_json(c, k), "difference", cli_json_number(r.difference), "ci95",
                     cli_json_interval(r.difference_low, r.difference_high), "mcnemar_p",
                     cli_json_number(r.mcnemar_p), "only_a_right", (json_int_t)r.only_baseline,
                     "only_b_right", (json_int_t)r.only_this, "agreement", cli_json_number(r.agreement),
                     "snr_db", cli_json_number(r.snr_db), "verdict", tmo_verdict_name(r.verdict), "layers",
                     layers_json(c, k));
}

/* The document is the first pair; with more models, all pairs are in `pairs`. */
static int print_json(const comparing *c, int status)
{
    json_t *document = pair_json(c, 1), *pairs = json_array();
    for (int32_t k = 1; k < c->count; k++) json_array_append_new(pairs, pair_json(c, k));
    json_object_set_new(document, "pairs", pairs);
    return cli_json_print(c->cli, document, status);
}

/* ---- text ---- */

static void print_models(const comparing *c)
{
    static const char *const header[] = {"model",        ">bytes",    ">ratio", ">gzip bytes", ">quality",
                                         ">difference",  ">95 % low", ">high",  ">p",          ">latency us",
                                         ">arena bytes", "verdict",   NULL};
    tmo_metric metric = tmo_comparison_metric(c->comparison);
    tmo_comparison_result first = result_of(c, 0);
    cli_table table;
    cli_table_init(&table, header);
    for (int32_t k = 0; k < c->count; k++) {
        tmo_comparison_result r = result_of(c, k);
        cli_table_add(&table, "%s", r.name);
        cli_table_add(&table, "%s", cli_grouped(r.file_bytes));
        cli_table_add(&table, "%.3f",
                      first.file_bytes ? (double)r.file_bytes / (double)first.file_bytes : 0.0);
        cli_table_add(&table, "%s", cli_grouped(r.gzip_bytes));
        cli_table_add(&table, "%s", cli_metric_text(metric, r.value));
        cli_table_add(&table, "%s", k ? cli_metric_text(metric, r.difference) : "");
        cli_table_add(&table, "%s", k ? cli_metric_text(metric, r.difference_low) : "");
        cli_table_add(&table, "%s", k ? cli_metric_text(metric, r.difference_high) : "");
        if (isnan(r.mcnemar_p))
            cli_table_add(&table, "%s", "");
        else
            cli_table_add(&table, "%.3g", r.mcnemar_p);
        cli_table_add(&table, "%.1f", r.median_us);
        cli_table_add(&table, "%s", cli_grouped(r.arena_bytes));
        cli_table_add(&table, "%s", tmo_verdict_name(r.verdict));
    }
    cli_table_print(&table, 0);
    printf("\nquality: %s on %s samples\n", tmo_metric_name(metric),
           cli_grouped(tmo_comparison_samples(c->comparison)));
}

static void print_layers(const comparing *c)
{
    static const char *const header[] = {"model",       "tensor",   "type", ">SNR dB",
                                         ">mean error", ">largest", NULL};
    cli_table table;
    cli_table_init(&table, header);
    for (int32_t k = 0; k < tmo_comparison_layer_count(c->comparison); k++) {
        tmo_layer_error layer = layer_of(c, k);
        cli_table_add(&table, "%s", c->contenders[layer.contender].name);
        cli_table_add(&table, "%s", layer.name);
        cli_table_add(&table, "%s", layer.type);
        cli_table_add(&table, "%.1f", layer.snr_db);
        cli_table_add(&table, "%.3g", layer.mean_abs);
        cli_table_add(&table, "%.3g", layer.max_abs);
    }
    printf("\n");
    cli_table_print(&table, 0);
}

/* With --margin the caller has set a goal: no model may be worse, nor may that stay open. */
static int verdict_status(const comparing *c)
{
    for (int32_t k = 1; c->margin_text && k < c->count; k++) {
        tmo_comparison_result r = result_of(c, k);
        if (r.verdict == TMO_VERDICT_BETTER || r.verdict == TMO_VERDICT_NOT_WORSE) continue;
        return cli_fail(c->cli, CLI_GOAL_MISSED, "'%s' is not shown to be within %s of '%s': %s",
                        c->contenders[k].path, c->margin_text, c->contenders[0].path,
                        tmo_verdict_name(r.verdict));
    }
    return CLI_DONE;
}

static int print_all(const comparing *c)
{
    int status = verdict_status(c);
    if (c->cli->common.is_json) return print_json(c, status);
    print_models(c);
    if (c->with_layers) print_layers(c);
    if (c->report) printf("report: %s\n", c->report);
    return status;
}

static int work(comparing *c, char **paths)
{
    tmo_error error = TMO_ERROR_INIT;
    size_t rows;
    const tmo_option *table = tmo_compare_option_table(&rows);
    if (c->margin_text &&
        tmo_options_set(table, rows, &c->options, "margin", c->margin_text, &error) != TMO_STATUS_OK)
        return cli_fail_error(c->cli, &error, NULL, NULL);
    int status = load(c, paths);
    if (status == CLI_DONE) status = compare(c);
    return status == CLI_DONE ? print_all(c) : status;
}

int cmd_compare(cli_context *cli, int argc, char **argv)
{
    comparing c = {
        .cli = cli, .dataset_options = TMO_DATASET_OPTIONS_INIT, .options = TMO_COMPARE_OPTIONS_INIT};
    size_t rows, dataset_rows;
    const tmo_option *table = tmo_compare_option_table(&rows),
                     *dataset_table = tmo_dataset_option_table(&dataset_rows);
    const cli_flag flags[] = {
        {"data", 0, CLI_FLAG_TEXT, &c.data, "SPEC", CLI_DATA_HELP},
        {"margin", 0, CLI_FLAG_TEXT, &c.margin_text, "M",
         "exit 1 unless every model is shown to be at most this much worse (0.01: one point of accuracy)"},
        {"report", 0, CLI_FLAG_TEXT, &c.report, "FILE.html",
         "write a page with tables, a chart and sample pictures"},
        {"title", 0, CLI_FLAG_TEXT, &c.title, "TEXT", "title of the report"},
        {"layers", 0, CLI_FLAG_SWITCH, &c.with_layers, NULL, "print the error of each layer"},
    };
    const cli_spec spec = {.arguments = "A B [C...] --data SPEC",
                           .flags = flags,
                           .flag_count = sizeof flags / sizeof flags[0],
                           .groups = {{table, rows, &c.options, " margin "},
                                      {dataset_table, dataset_rows, &c.dataset_options, NULL}},
                           .min_arguments = 2,
                           .max_arguments = MAX_MODELS};
    int count, status = cli_parse(cli, &spec, argc, argv, &count);
    if (status < 0) {
        c.count = count;
        status = work(&c, argv);
    }
    tmo_comparison_free(c.comparison);
    for (int32_t k = 0; k < c.count; k++) {
        tmo_dataset_free(c.datasets[k]);
        tmo_model_free(c.models[k]);
    }
    return status;
}
