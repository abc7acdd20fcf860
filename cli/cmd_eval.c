/* tmo eval: quality on a data set. */
#include <string.h>

#include "commands.h"
#include "print.h"

enum { MAX_METRICS = 16 };

typedef struct evaluation {
    cli_context *cli;
    const char *path, *data, *reference_path;
    cli_list metric_names;
    tmo_dataset_options dataset_options;
    tmo_evaluate_options options;
    tmo_model *model, *reference;
    tmo_dataset *dataset, *reference_dataset;
    tmo_evaluation results[MAX_METRICS];
    int32_t count;
} evaluation;

static int parse_metrics(evaluation *e)
{
    tmo_error error = TMO_ERROR_INIT;
    if (e->metric_names.count > MAX_METRICS)
        return cli_fail(e->cli, CLI_USAGE, "at most %d metrics at once, got %zu", MAX_METRICS,
                        e->metric_names.count);
    e->count = e->metric_names.count ? (int32_t)e->metric_names.count : 1;
    for (size_t k = 0; k < e->metric_names.count; k++)
        if (tmo_metric_find(&e->results[k].metric, e->metric_names.items[k], &error) != TMO_STATUS_OK)
            return cli_fail_error(e->cli, &error, NULL, NULL);
    return CLI_DONE;
}

static int load(evaluation *e)
{
    int status = cli_load(e->cli, &e->model, e->path);
    if (status == CLI_DONE)
        status = cli_open_data(e->cli, &e->dataset, e->data, e->model, &e->dataset_options);
    if (status != CLI_DONE || !e->reference_path) return status;
    status = cli_load(e->cli, &e->reference, e->reference_path);
    if (status == CLI_DONE)
        status = cli_open_data(e->cli, &e->reference_dataset, e->data, e->reference, &e->dataset_options);
    return status;
}

static int measure(evaluation *e)
{
    tmo_error error = TMO_ERROR_INIT;
    cli_progress progress;
    cli_progress_start(&progress, e->cli);
    e->options.reference = e->reference;
    e->options.reference_dataset = e->reference_dataset;
    e->options.progress = cli_progress_step;
    e->options.progress_user = &progress;
    tmo_status status = tmo_evaluate(e->results, e->count, e->model, e->dataset, &e->options, &error);
    cli_progress_end(&progress);
    return status == TMO_STATUS_OK ? CLI_DONE : cli_fail_error(e->cli, &error, e->path, e->model);
}

static json_t *result_json(const tmo_evaluation *result)
{
    return json_pack("{s:s,s:o,s:I,s:o}", "metric", tmo_metric_name(result->metric), "value",
                     cli_json_number(result->value), "samples", (json_int_t)result->samples, "ci95",
                     cli_json_interval(result->ci95_low, result->ci95_high));
}

static int print_json(const evaluation *e)
{
    json_t *document = result_json(&e->results[0]), *all = json_array();
    json_object_set_new(document, "model", json_string(e->path));
    for (int32_t k = 0; k < e->count; k++) json_array_append_new(all, result_json(&e->results[k]));
    json_object_set_new(document, "metrics", all);
    return cli_json_print(e->cli, document, CLI_DONE);
}

static int print_text(const evaluation *e)
{
    static const char *const header[] = {"metric", ">value", ">95 % low", ">high", ">samples", NULL};
    cli_table table;
    cli_table_init(&table, header);
    for (int32_t k = 0; k < e->count; k++) {
        const tmo_evaluation *result = &e->results[k];
        cli_table_add(&table, "%s", tmo_metric_name(result->metric));
        cli_table_add(&table, "%s", cli_metric_text(result->metric, result->value));
        cli_table_add(&table, "%s", cli_metric_text(result->metric, result->ci95_low));
        cli_table_add(&table, "%s", cli_metric_text(result->metric, result->ci95_high));
        cli_table_add(&table, "%s", cli_grouped(result->samples));
    }
    cli_table_print(&table, 0);
    return CLI_DONE;
}

int cmd_eval(cli_context *cli, int argc, char **argv)
{
    evaluation e = {
        .cli = cli, .dataset_options = TMO_DATASET_OPTIONS_INIT, .options = TMO_EVALUATE_OPTIONS_INIT};
    size_t dataset_rows, rows;
    const tmo_option *dataset_table = tmo_dataset_option_table(&dataset_rows),
                     *table = tmo_evaluate_option_table(&rows);
    const cli_flag flags[] = {
        {"data", 0, CLI_FLAG_TEXT, &e.data, "SPEC", CLI_DATA_HELP},
        {"metric", 0, CLI_FLAG_LIST, &e.metric_names, "NAME",
         "accuracy, top5, mse, mae, agreement, snr; default by what the data have"},
        {"reference", 0, CLI_FLAG_TEXT, &e.reference_path, "MODEL",
         "compare outputs with this model's (agreement; mse, mae and snr without targets)"},
    };
    const cli_spec spec = {
        .arguments = "MODEL --data SPEC",
        .flags = flags,
        .flag_count = sizeof flags / sizeof flags[0],
        .groups = {{table, rows, &e.options, NULL}, {dataset_table, dataset_rows, &e.dataset_options, NULL}},
        .min_arguments = 1,
        .max_arguments = 1};
    int count, status = cli_parse(cli, &spec, argc, argv, &count);
    if (status < 0) {
        e.path = argv[0];
        status = parse_metrics(&e);
        if (status == CLI_DONE) status = load(&e);
        if (status == CLI_DONE) status = measure(&e);
        if (status == CLI_DONE) status = cli->common.is_json ? print_json(&e) : print_text(&e);
    }
    tmo_dataset_free(e.dataset);
    tmo_dataset_free(e.reference_dataset);
    tmo_model_free(e.model);
    tmo_model_free(e.reference);
    cli_list_clear(&e.metric_names);
    return status;
}
