/* tmo convert: a .tflite file as a clean one. */
#include "commands.h"
#include "print.h"

typedef struct conversion {
    cli_context *cli;
    const char *input, *output;
    tmo_convert_options options;
    tmo_convert_report report;
    tmo_model *model, *result;
    uint64_t input_bytes, output_bytes, output_gzip_bytes;
    double seconds;
} conversion;

static int convert(conversion *c)
{
    tmo_error error = TMO_ERROR_INIT;
    uint64_t unused;
    double start = cli_seconds();
    if (tmo_convert(&c->result, c->model, &c->options, &c->report, &error) != TMO_STATUS_OK ||
        tmo_file_sizes(c->input, &c->input_bytes, &unused, &error) != TMO_STATUS_OK)
        return cli_fail_error(c->cli, &error, c->input, c->model);
    if (cli_is_interrupted())
        return cli_fail(c->cli, CLI_INTERRUPTED, "interrupted, '%s' not written", c->output);
    if (tmo_model_save_file(c->result, c->output, &error) != TMO_STATUS_OK ||
        tmo_file_sizes(c->output, &c->output_bytes, &c->output_gzip_bytes, &error) != TMO_STATUS_OK)
        return cli_fail_error(c->cli, &error, c->output, NULL);
    c->seconds = cli_seconds() - start;
    return CLI_DONE;
}

static int print_json(const conversion *c)
{
    json_t *steps = json_array();
    for (int32_t k = 0; k < c->report.change_count; k++)
        json_array_append_new(steps, json_pack("{s:s,s:i}", "step", c->report.changes[k].name, "changes",
                                               (int)c->report.changes[k].count));
    return cli_json_print(c->cli,
                          json_pack("{s:s,s:s,s:I,s:I,s:I,s:o,s:i,s:i,s:o}", "input", c->input, "output",
                                    c->output, "input_bytes", (json_int_t)c->input_bytes, "output_bytes",
                                    (json_int_t)c->output_bytes, "output_gzip_bytes",
                                    (json_int_t)c->output_gzip_bytes, "seconds", cli_json_number(c->seconds),
                                    "operators_before", (int)c->report.operators_before, "operators_after",
                                    (int)c->report.operators_after, "steps", steps),
                          CLI_DONE);
}

static int print_text(const conversion *c)
{
    printf("%s: %s bytes -> %s: %s bytes, gzip %s\n", c->input, cli_grouped(c->input_bytes), c->output,
           cli_grouped(c->output_bytes), cli_grouped(c->output_gzip_bytes));
    printf("  operators %d -> %d, tensors %d -> %d\n", (int)c->report.operators_before,
           (int)c->report.operators_after, (int)c->report.tensors_before, (int)c->report.tensors_after);
    for (int32_t k = 0; k < c->report.change_count; k++)
        printf("  %s: %d\n", c->report.changes[k].name, (int)c->report.changes[k].count);
    return CLI_DONE;
}

int cmd_convert(cli_context *cli, int argc, char **argv)
{
    conversion c = {
        .cli = cli, .options = TMO_CONVERT_OPTIONS_INIT, .report = {.struct_size = sizeof c.report}};
    size_t rows;
    const tmo_option *table = tmo_convert_option_table(&rows);
    const cli_flag flags[] = {{"output", 'o', CLI_FLAG_TEXT, &c.output, "OUT", "the file to write"}};
    const cli_spec spec = {.arguments = "IN -o OUT",
                           .flags = flags,
                           .flag_count = 1,
                           .groups = {{table, rows, &c.options, NULL}},
                           .min_arguments = 1,
                           .max_arguments = 1};
    int count, status = cli_parse(cli, &spec, argc, argv, &count);
    if (status >= 0) return status;
    if (!c.output) return cli_fail(cli, CLI_USAGE, "-o OUT is needed");
    c.input = argv[0];
    status = cli_load(cli, &c.model, c.input);
    if (status == CLI_DONE) status = convert(&c);
    if (status == CLI_DONE) status = cli->common.is_json ? print_json(&c) : print_text(&c);
    tmo_model_free(c.result);
    tmo_model_free(c.model);
    return status;
}
