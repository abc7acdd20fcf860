/* tmo run: one inference. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "print.h"

enum { TOP = 5, MAX_LABELS = 65536 };

typedef struct inference {
    cli_context *cli;
    const char *path, *output, *labels_path, *signature;
    cli_list inputs;
    tmo_dataset_options dataset_options;
    tmo_session_options options;
    tmo_model *model;
    tmo_session *session;
    char *labels_text;
    const char **labels; /* [label_count] lines of labels_text */
    size_t label_count;
} inference;

/* ---- labels: a line a class ---- */

static int read_labels(inference *run)
{
    FILE *file;
    uint64_t size = run->labels_path ? cli_file_bytes(run->labels_path) : 0;
    if (!run->labels_path) return CLI_DONE;
    file = fopen(run->labels_path, "rb");
    if (!file) return cli_fail(run->cli, CLI_SYSTEM, "cannot open '%s'", run->labels_path);
    run->labels_text = calloc((size_t)size + 1, 1);
    run->labels = calloc(MAX_LABELS, sizeof *run->labels);
    size_t taken = run->labels_text && run->labels ? fread(run->labels_text, 1, (size_t)size, file) : 0;
    (void)fclose(file);
    if (taken != size) return cli_fail(run->cli, CLI_SYSTEM, "cannot read '%s'", run->labels_path);
    for (char *line = strtok(run->labels_text, "\r\n"); line && run->label_count < MAX_LABELS;
         line = strtok(NULL, "\r\n"))
        run->labels[run->label_count++] = line;
    return CLI_DONE;
}

/* ---- inputs ---- */

static bool is_npz(const char *path)
{
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".npz") == 0;
}

/* One .npz may hold all inputs; otherwise there is a file an input. */
static int read_inputs(inference *run)
{
    int32_t count = tmo_session_input_count(run->session);
    bool is_one_file = run->inputs.count == 1 && is_npz(run->inputs.items[0]);
    if (!is_one_file && run->inputs.count != (size_t)count)
        return cli_fail(run->cli, CLI_USAGE, "the model has %d input%s, --input gives %zu file%s", (int)count,
                        count == 1 ? "" : "s", run->inputs.count, run->inputs.count == 1 ? "" : "s");
    for (int32_t k = 0; k < count; k++) {
        tmo_error error = TMO_ERROR_INIT;
        const char *path = run->inputs.items[is_one_file ? 0 : k];
        if (tmo_session_read_input(run->session, run->model, k, path, &run->dataset_options, &error) !=
            TMO_STATUS_OK)
            return cli_fail_error(run->cli, &error, path, run->model);
    }
    return CLI_DONE;
}

static int infer(inference *run)
{
    tmo_error error = TMO_ERROR_INIT;
    if (tmo_session_create(&run->session, run->model, &run->options, &error) != TMO_STATUS_OK ||
        (run->signature &&
         tmo_session_select_signature(run->session, run->signature, &error) != TMO_STATUS_OK))
        return cli_fail_error(run->cli, &error, run->path, run->model);
    int status = read_inputs(run);
    if (status != CLI_DONE) return status;
    if (tmo_session_run(run->session, &error) != TMO_STATUS_OK)
        return cli_fail_error(run->cli, &error, run->path, run->model);
    return CLI_DONE;
}

/* ---- outputs ---- */

static tmo_tensor_view output_of(const inference *run, int32_t k)
{
    tmo_tensor_view view = {.struct_size = sizeof view};
    (void)tmo_session_output(run->session, k, &view, NULL);
    return view;
}

static int write_outputs(const inference *run)
{
    tmo_error error = TMO_ERROR_INIT;
    int32_t count = tmo_session_output_count(run->session);
    tmo_named_array *arrays = calloc((size_t)count + 1, sizeof *arrays);
    if (!arrays) return cli_fail(run->cli, CLI_SYSTEM, "out of memory");
    for (int32_t k = 0; k < count; k++) {
        tmo_tensor_view view = output_of(run, k);
        arrays[k] = (tmo_named_array){.struct_size = sizeof *arrays,
                                      .name = view.name,
                                      .type = view.type,
                                      .rank = view.rank,
                                      .data = view.data,
                                      .size_bytes = (size_t)view.size_bytes};
        memcpy(arrays[k].shape, view.shape, sizeof view.shape);
    }
    tmo_status status = tmo_arrays_write(run->output, arrays, count, &error);
    free(arrays);
    return status == TMO_STATUS_OK ? CLI_DONE : cli_fail_error(run->cli, &error, run->output, NULL);
}

static size_t element_count(const tmo_tensor_view *view)
{
    size_t count = 1;
    for (int32_t d = 0; d < view->rank; d++) count *= (size_t)view->shape[d];
    return count;
}

/* The values of an output as real numbers, or NULL when it has none. */
static float *values_of(const inference *run, int32_t k, size_t count)
{
    float *values = calloc(count + 1, sizeof *values);
    if (values && tmo_session_output_values(run->session, k, values, count, NULL) == TMO_STATUS_OK)
        return values;
    free(values);
    return NULL;
}

static const char *label_of(const inference *run, size_t k)
{
    return k < run->label_count ? run->labels[k] : "";
}

/* The positions of the largest values, the largest first; returns how many. */
static size_t find_top(const float *values, size_t count, size_t top[TOP])
{
    size_t used = 0;
    for (size_t k = 0; k < count; k++) {
        size_t at = used;
        while (at > 0 && values[k] > values[top[at - 1]]) at--;
        if (at == TOP) continue;
        if (used < TOP) used++;
        memmove(&top[at + 1], &top[at], (used - 1 - at) * sizeof *top);
        top[at] = k;
    }
    return used;
}

static json_t *output_json(const inference *run, int32_t k)
{
    tmo_tensor_view view = output_of(run, k);
    size_t count = element_count(&view), top[TOP];
    float *values = values_of(run, k, count);
    json_t *list = values ? json_array() : json_null(), *best = json_array();
    for (size_t i = 0; values && i < count; i++)
        json_array_append_new(list, cli_json_number((double)values[i]));
    size_t best_count = values ? find_top(values, count, top) : 0;
    for (size_t i = 0; i < best_count; i++)
        json_array_append_new(best, json_pack("{s:I,s:o,s:s}", "index", (json_int_t)top[i], "value",
                                              cli_json_number((double)values[top[i]]), "label",
                                              label_of(run, top[i])));
    free(values);
    return json_pack("{s:s,s:s,s:o,s:o,s:o}", "name", view.name, "type", tmo_type_name(view.type), "shape",
                     cli_json_shape(view.shape, view.rank), "values", list, "top", best);
}

static int print_json(const inference *run)
{
    json_t *list = json_array();
    for (int32_t k = 0; k < tmo_session_output_count(run->session); k++)
        json_array_append_new(list, output_json(run, k));
    return cli_json_print(run->cli, json_pack("{s:s,s:o}", "model", run->path, "outputs", list), CLI_DONE);
}

static void print_output(const inference *run, int32_t k)
{
    enum { SHOWN = 10 };
    tmo_tensor_view view = output_of(run, k);
    size_t count = element_count(&view), top[TOP];
    float *values = values_of(run, k, count);
    printf("%s  %s %s\n", view.name, tmo_type_name(view.type), cli_shape(view.shape, view.rank));
    size_t best = values && run->labels ? find_top(values, count, top) : 0;
    for (size_t i = 0; i < best; i++)
        printf("  %5zu  %.6g  %s\n", top[i], (double)values[top[i]], label_of(run, top[i]));
    if (values && !run->labels) {
        printf(" ");
        for (size_t i = 0; i < count && i < SHOWN; i++) printf(" %.6g", (double)values[i]);
        printf("%s\n", count > SHOWN ? " ..." : "");
    }
    free(values);
}

static int work(inference *run)
{
    int status = read_labels(run);
    if (run->inputs.count == 0) return cli_fail(run->cli, CLI_USAGE, "--input FILE is needed");
    if (status == CLI_DONE) status = cli_load(run->cli, &run->model, run->path);
    if (status == CLI_DONE) status = infer(run);
    if (status == CLI_DONE && run->output) status = write_outputs(run);
    if (status != CLI_DONE) return status;
    if (run->cli->common.is_json) return print_json(run);
    for (int32_t k = 0; k < tmo_session_output_count(run->session); k++) print_output(run, k);
    return CLI_DONE;
}

int cmd_run(cli_context *cli, int argc, char **argv)
{
    inference run = {
        .cli = cli, .dataset_options = TMO_DATASET_OPTIONS_INIT, .options = TMO_SESSION_OPTIONS_INIT};
    size_t rows, dataset_rows;
    const tmo_option *table = tmo_session_option_table(&rows),
                     *dataset_table = tmo_dataset_option_table(&dataset_rows);
    const cli_flag flags[] = {
        {"input", 'i', CLI_FLAG_LIST, &run.inputs, "FILE",
         "a file an input: .npy, .npz (all inputs), .png, .jpg, .wav, or else the input's bytes"},
        {"output", 'o', CLI_FLAG_TEXT, &run.output, "FILE",
         "write the outputs to a .npz, or one output to a .npy"},
        {"labels", 0, CLI_FLAG_TEXT, &run.labels_path, "FILE",
         "a line a class: print the five largest values of each output"},
        {"signature", 0, CLI_FLAG_TEXT, &run.signature, "KEY", "the signature to run (default: subgraph 0)"},
    };
    const cli_spec spec = {
        .arguments = "MODEL --input FILE... [--output FILE]",
        .flags = flags,
        .flag_count = sizeof flags / sizeof flags[0],
        .groups = {{table, rows, &run.options, " keep-all-tensors profile "},
                   {dataset_table, dataset_rows, &run.dataset_options, " split limit shuffle "}},
        .min_arguments = 1,
        .max_arguments = 1};
    int count, status = cli_parse(cli, &spec, argc, argv, &count);
    if (status < 0) {
        run.path = argv[0];
        status = work(&run);
    }
    tmo_session_free(run.session);
    tmo_model_free(run.model);
    cli_list_clear(&run.inputs);
    free((void *)run.labels);
    free(run.labels_text);
    return status;
}
