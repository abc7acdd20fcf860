/* tmo quantize: post-training quantization, with a gate on quality. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "print.h"

typedef struct quantization {
    cli_context *cli;
    const char *input, *output, *io, *data, *gate_data, *max_drop_text;
    cli_list keep_float;
    char *keep_float_text;
    tmo_dataset_options dataset_options;
    tmo_quantize_options options;
    tmo_model *model, *result;
    tmo_dataset *dataset;
    tmo_quantize_report report;
    tmo_error read_error;
    bool has_gate, is_measured;
    double max_drop, drop;
    tmo_metric metric;
    double before, after;
    uint64_t input_bytes, output_bytes, output_gzip_bytes;
    double seconds;
} quantization;

static const char *const schemes[] = {"int8", "int16x8", "dynamic", "float16", "weights"};

/* ---- options ---- */

/* "0.01" and "1%" are the same. */
static int parse_max_drop(quantization *q)
{
    char *end;
    if (!q->max_drop_text) return CLI_DONE;
    q->has_gate = true;
    q->max_drop = strtod(q->max_drop_text, &end);
    if (*end == '%') {
        q->max_drop /= 100;
        end++;
    }
    if (*end || end == q->max_drop_text || !(q->max_drop >= 0))
        return cli_fail(q->cli, CLI_USAGE,
                        "--max-drop must be a number of at least 0, such as 0.01 or 1%%, got '%s'",
                        q->max_drop_text);
    if (!q->data && !q->gate_data)
        return cli_fail(q->cli, CLI_USAGE, "--max-drop needs --data or --gate-data to measure on");
    return CLI_DONE;
}

static int parse_io(quantization *q)
{
    bool is_int16 = q->options.scheme == TMO_QUANTIZE_SCHEME_INT16X8;
    if (!q->io || strcmp(q->io, "float") == 0) return CLI_DONE;
    if (strcmp(q->io, "uint8") == 0)
        q->options.io = TMO_QUANTIZE_IO_UINT8;
    else if (strcmp(q->io, "integer") == 0 || strcmp(q->io, is_int16 ? "int16" : "int8") == 0)
        q->options.io = TMO_QUANTIZE_IO_INTEGER;
    else
        return cli_fail(q->cli, CLI_USAGE, "--io must be float, integer, %s with scheme %s, got '%s'",
                        is_int16 ? "int16" : "int8 or uint8", schemes[q->options.scheme], q->io);
    return CLI_DONE;
}

/* The API takes one text with commas. */
static int join_keep_float(quantization *q)
{
    size_t length = 1;
    for (size_t k = 0; k < q->keep_float.count; k++) length += strlen(q->keep_float.items[k]) + 1;
    if (q->keep_float.count == 0) return CLI_DONE;
    q->keep_float_text = calloc(length, 1);
    if (!q->keep_float_text) return cli_fail(q->cli, CLI_SYSTEM, "out of memory");
    for (size_t k = 0, at = 0; k < q->keep_float.count; k++)
        at += (size_t)snprintf(q->keep_float_text + at, length - at, "%s%s", k ? "," : "",
                               q->keep_float.items[k]);
    q->options.keep_float = q->keep_float_text;
    return CLI_DONE;
}

static int check_options(quantization *q)
{
    int status = parse_max_drop(q);
    if (!q->output) return cli_fail(q->cli, CLI_USAGE, "-o OUT is needed");
    if (status == CLI_DONE) status = parse_io(q);
    if (status == CLI_DONE) status = join_keep_float(q);
    return status;
}

/* ---- work ---- */

/* Keeps the error: the callback can hand on a status only. */
static tmo_status read_sample(void *user, uint64_t index, void *const *buffers, const size_t *sizes,
                              int32_t count)
{
    quantization *q = user;
    return tmo_dataset_read(q->dataset, index, buffers, sizes, count, NULL, &q->read_error);
}

/* The shapes of the samples, which fill in a model's unknown dimensions: a row an input, to be freed; NULL without memory. */
static int32_t (*sample_shapes(const tmo_dataset *dataset))[TMO_MAX_RANK]
{
    int32_t count = tmo_dataset_input_count(dataset);
    int32_t(*shapes)[TMO_MAX_RANK] = calloc((size_t)count, sizeof *shapes);
    for (int32_t k = 0; shapes && k < count; k++) {
        tmo_dataset_input info = {.struct_size = sizeof info};
        if (tmo_dataset_input_info(dataset, k, &info, NULL) == TMO_STATUS_OK)
            memcpy(shapes[k], info.shape, sizeof info.shape);
    }
    return shapes;
}

static int quantize(quantization *q)
{
    tmo_error error = TMO_ERROR_INIT;
    int32_t(*shapes)[TMO_MAX_RANK] = NULL;
    cli_progress progress;
    tmo_samples samples = {.struct_size = sizeof samples, .user = q, .read = read_sample};
    if (q->dataset) {
        shapes = sample_shapes(q->dataset);
        if (!shapes) return cli_fail(q->cli, CLI_SYSTEM, "out of memory");
        samples.count = tmo_dataset_count(q->dataset);
        samples.shapes = (const int32_t(*)[TMO_MAX_RANK])shapes;
        samples.shape_count = tmo_dataset_input_count(q->dataset);
    }
    cli_progress_start(&progress, q->cli);
    q->options.progress = cli_progress_step;
    q->options.progress_user = &progress;
    double start = cli_seconds();
    tmo_status status = tmo_quantize(&q->result, q->model, q->dataset ? &samples : NULL, &q->options,
                                     &q->report, &error);
    q->seconds = cli_seconds() - start;
    cli_progress_end(&progress);
    free(shapes);
    if (status == TMO_STATUS_OK) return CLI_DONE;
    if (q->read_error.status != TMO_STATUS_OK) return cli_fail_error(q->cli, &q->read_error, q->data, NULL);
    return cli_fail_error(q->cli, &error, q->input, q->model);
}

/* Evaluates one model; `reference` and its data may be NULL. */
static int evaluate(quantization *q, const tmo_model *model, const tmo_dataset *dataset,
                    const tmo_dataset *reference_dataset, tmo_evaluation *result)
{
    tmo_error error = TMO_ERROR_INIT;
    tmo_evaluate_options options = TMO_EVALUATE_OPTIONS_INIT;
    cli_progress progress;
    cli_progress_start(&progress, q->cli);
    options.threads = q->cli->common.threads;
    options.isa = q->cli->common.isa;
    options.reference = reference_dataset ? q->model : NULL;
    options.reference_dataset = reference_dataset;
    options.progress = cli_progress_step;
    options.progress_user = &progress;
    tmo_status status = tmo_evaluate(result, 1, model, dataset, &options, &error);
    cli_progress_end(&progress);
    return status == TMO_STATUS_OK ? CLI_DONE : cli_fail_error(q->cli, &error, q->input, model);
}

static bool has_answers(const tmo_dataset *dataset)
{
    return tmo_dataset_has_labels(dataset) || tmo_dataset_target_count(dataset) > 0;
}

static void take_quality(quantization *q, const tmo_evaluation *before, const tmo_evaluation *after)
{
    q->is_measured = true;
    q->metric = after->metric;
    q->before = before->value;
    q->after = after->value;
    q->drop = q->before - q->after;
    if (!tmo_metric_is_higher_better(q->metric))
        q->drop = q->before > 0 ? q->after / q->before - 1 : q->after;
}

/* Quality before and after: what the data have answers for, else agreement with the model given. */
static int measure_both(quantization *q)
{
    tmo_evaluation before = {.metric = TMO_METRIC_AGREEMENT, .value = 1}, after = {.metric = TMO_METRIC_AUTO};
    tmo_dataset *original = NULL, *quantized = NULL;
    const char *data = q->gate_data ? q->gate_data : q->data;
    int status = cli_open_data(q->cli, &original, data, q->model, &q->dataset_options);
    if (status == CLI_DONE) status = cli_open_data(q->cli, &quantized, data, q->result, &q->dataset_options);
    if (status == CLI_DONE && has_answers(original)) {
        before.metric = TMO_METRIC_AUTO;
        status = evaluate(q, q->model, original, NULL, &before);
    }
    if (status == CLI_DONE)
        status = evaluate(q, q->result, quantized, has_answers(original) ? NULL : original, &after);
    if (status == CLI_DONE) take_quality(q, &before, &after);
    tmo_dataset_free(original);
    tmo_dataset_free(quantized);
    return status;
}

static int check_gate(const quantization *q)
{
    if (!q->has_gate || q->drop <= q->max_drop) return CLI_DONE;
    return cli_fail(q->cli, CLI_GOAL_MISSED,
                    "'%s' not written: %s falls from %s to %s, a drop of %.6g, more than %.6g", q->output,
                    tmo_metric_name(q->metric), cli_metric_text(q->metric, q->before),
                    cli_metric_text(q->metric, q->after), q->drop, q->max_drop);
}

static int save(quantization *q)
{
    tmo_error error = TMO_ERROR_INIT;
    uint64_t unused;
    if (cli_is_interrupted())
        return cli_fail(q->cli, CLI_INTERRUPTED, "interrupted, '%s' not written", q->output);
    if (tmo_file_sizes(q->input, &q->input_bytes, &unused, &error) != TMO_STATUS_OK)
        return cli_fail_error(q->cli, &error, q->input, NULL);
    if (tmo_model_save_file(q->result, q->output, &error) != TMO_STATUS_OK ||
        tmo_file_sizes(q->output, &q->output_bytes, &q->output_gzip_bytes, &error) != TMO_STATUS_OK)
        return cli_fail_error(q->cli, &error, q->output, NULL);
    return CLI_DONE;
}

/* ---- results ---- */

static json_t *step_json(const quantization *q)
{
    json_t *floats = json_array();
    for (int32_t k = 0; k < q->report.float_operator_count; k++) {
        const tmo_quantize_operator *op = &q->report.float_operators[k];
        json_array_append_new(floats, json_pack("{s:i,s:i,s:s,s:s,s:s}", "subgraph", (int)op->subgraph,
                                                "index", (int)op->op, "name", op->name, "output", op->output,
                                                "reason", op->reason));
    }
    return json_pack("{s:s,s:s,s:i,s:i,s:I,s:o}", "step", "quantize", "scheme", schemes[q->options.scheme],
                     "operators", (int)q->report.operators, "quantized_operators",
                     (int)q->report.quantized_operators, "samples", (json_int_t)q->report.samples,
                     "float_operators", floats);
}

static int print_json(const quantization *q)
{
    json_t *document = json_pack(
        "{s:s,s:s,s:I,s:I,s:I,s:o,s:[o]}", "input", q->input, "output", q->output, "input_bytes",
        (json_int_t)q->input_bytes, "output_bytes", (json_int_t)q->output_bytes, "output_gzip_bytes",
        (json_int_t)q->output_gzip_bytes, "seconds", cli_json_number(q->seconds), "steps", step_json(q));
    if (q->is_measured)
        json_object_set_new(document, "quality",
                            json_pack("{s:s,s:o,s:o,s:o}", "metric", tmo_metric_name(q->metric), "before",
                                      cli_json_number(q->before), "after", cli_json_number(q->after), "drop",
                                      cli_json_number(q->drop)));
    return cli_json_print(q->cli, document, CLI_DONE);
}

static int print_text(const quantization *q)
{
    printf("%s: %s bytes -> %s: %s bytes (%.3f), gzip %s\n", q->input, cli_grouped(q->input_bytes), q->output,
           cli_grouped(q->output_bytes),
           q->input_bytes ? (double)q->output_bytes / (double)q->input_bytes : 0.0,
           cli_grouped(q->output_gzip_bytes));
    printf("  %s: %d of %d operators quantized", schemes[q->options.scheme],
           (int)q->report.quantized_operators, (int)q->report.operators);
    if (q->report.samples) printf(", %s samples measured", cli_grouped(q->report.samples));
    printf(", %.2f s\n", q->seconds);
    if (q->is_measured)
        printf("  %s: %s -> %s\n", tmo_metric_name(q->metric), cli_metric_text(q->metric, q->before),
               cli_metric_text(q->metric, q->after));
    if (q->report.float_operator_count == 0) return CLI_DONE;
    static const char *const header[] = {">operator", "left in float", "output", "reason", NULL};
    cli_table table;
    cli_table_init(&table, header);
    for (int32_t k = 0; k < q->report.float_operator_count; k++) {
        const tmo_quantize_operator *op = &q->report.float_operators[k];
        cli_table_add(&table, "%d", (int)op->op);
        cli_table_add(&table, "%s", op->name);
        cli_table_add(&table, "%s", op->output);
        cli_table_add(&table, "%s", op->reason);
    }
    cli_table_print(&table, 2);
    return CLI_DONE;
}

static int work(quantization *q)
{
    int status = check_options(q);
    if (status == CLI_DONE) status = cli_load(q->cli, &q->model, q->input);
    if (status == CLI_DONE && q->data)
        status = cli_open_data(q->cli, &q->dataset, q->data, q->model, &q->dataset_options);
    if (status == CLI_DONE) status = quantize(q);
    if (status == CLI_DONE && q->has_gate) status = measure_both(q);
    if (status == CLI_DONE) status = check_gate(q);
    if (status == CLI_DONE) status = save(q);
    if (status == CLI_DONE) status = q->cli->common.is_json ? print_json(q) : print_text(q);
    return status;
}

int cmd_quantize(cli_context *cli, int argc, char **argv)
{
    quantization q = {.cli = cli,
                      .dataset_options = TMO_DATASET_OPTIONS_INIT,
                      .options = TMO_QUANTIZE_OPTIONS_INIT,
                      .report = TMO_QUANTIZE_REPORT_INIT,
                      .read_error = TMO_ERROR_INIT};
    size_t rows, dataset_rows;
    const tmo_option *table = tmo_quantize_option_table(&rows),
                     *dataset_table = tmo_dataset_option_table(&dataset_rows);
    const cli_flag flags[] = {
        {"output", 'o', CLI_FLAG_TEXT, &q.output, "OUT", "the file to write"},
        {"data", 0, CLI_FLAG_TEXT, &q.data, "SPEC", "samples to measure activations with: " CLI_DATA_HELP},
        {"io", 0, CLI_FLAG_TEXT, &q.io, "float|int8|int16|uint8",
         "type of inputs and outputs (default float)"},
        {"keep-float", 0, CLI_FLAG_LIST, &q.keep_float, "OP",
         "operators to leave in float: a name (SOFTMAX), an output tensor, #INDEX, or a regular expression"},
        {"max-drop", 0, CLI_FLAG_TEXT, &q.max_drop_text, "D",
         "write nothing and exit 1 when accuracy (without labels: agreement) falls by more; 0.01 or 1%"},
        {"gate-data", 0, CLI_FLAG_TEXT, &q.gate_data, "SPEC",
         "data for --max-drop (default: those of --data)"},
    };
    const cli_spec spec = {.arguments = "IN -o OUT",
                           .flags = flags,
                           .flag_count = sizeof flags / sizeof flags[0],
                           .groups = {{table, rows, &q.options, " io keep-float "},
                                      {dataset_table, dataset_rows, &q.dataset_options, NULL}},
                           .min_arguments = 1,
                           .max_arguments = 1};
    int count, status = cli_parse(cli, &spec, argc, argv, &count);
    if (status < 0) {
        q.input = argv[0];
        status = work(&q);
    }
    tmo_quantize_report_clear(&q.report);
    tmo_dataset_free(q.dataset);
    tmo_model_free(q.result);
    tmo_model_free(q.model);
    cli_list_clear(&q.keep_float);
    free(q.keep_float_text);
    return status;
}
