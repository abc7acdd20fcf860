/* Messages and exit status. */
#include <stdarg.h>
#include <string.h>

#include "cli.h"

int cli_fail(const cli_context *cli, int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s%s%s: ", cli->program, cli->command ? " " : "", cli->command ? cli->command : "");
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return status;
}

void cli_note(const cli_context *cli, const char *format, ...)
{
    va_list arguments;
    if (cli->common.is_quiet) return;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

int cli_exit_of(tmo_status status)
{
    switch (status) {
    case TMO_STATUS_OK: return CLI_DONE;
    case TMO_STATUS_ACCURACY_GATE: return CLI_GOAL_MISSED;
    case TMO_STATUS_INVALID_ARGUMENT:
    case TMO_STATUS_NOT_FOUND: return CLI_USAGE;
    case TMO_STATUS_LIMIT:
    case TMO_STATUS_INVALID_FILE:
    case TMO_STATUS_INVALID_MODEL:
    case TMO_STATUS_INVALID_INPUT:
    case TMO_STATUS_INVALID_DATA:
    case TMO_STATUS_NOT_FINITE: return CLI_INVALID;
    case TMO_STATUS_UNSUPPORTED_FILE:
    case TMO_STATUS_UNSUPPORTED_OPERATOR:
    case TMO_STATUS_UNSUPPORTED_BUILD:
    case TMO_STATUS_UNSUPPORTED_SHAPE:
    case TMO_STATUS_UNSUPPORTED_DATA: return CLI_UNSUPPORTED;
    case TMO_STATUS_CANCELLED: return CLI_INTERRUPTED;
    default: return CLI_SYSTEM;
    }
}

/* " (operator 3 CONV_2D)", unless the message speaks of the operator itself. */
static void place_of(const tmo_error *error, const tmo_model *model, char *text, size_t size)
{
    tmo_operator_info op = {.struct_size = sizeof op};
    int32_t subgraph = error->subgraph < 0 ? 0 : error->subgraph;
    text[0] = 0;
    if (error->op < 0 || strstr(error->message, "operator ")) return;
    if (!model || tmo_model_operator(model, subgraph, error->op, &op, NULL) != TMO_STATUS_OK) op.name = "";
    if (subgraph > 0)
        (void)snprintf(text, size, " (subgraph %d, operator %d %s)", (int)subgraph, (int)error->op, op.name);
    else
        (void)snprintf(text, size, " (operator %d%s%s)", (int)error->op, *op.name ? " " : "", op.name);
}

int cli_fail_error(const cli_context *cli, const tmo_error *error, const char *path, const tmo_model *model)
{
    char place[160], offset[40] = "";
    bool is_path_named = !path || strstr(error->message, path);
    place_of(error, model, place, sizeof place);
    if (error->file_offset >= 0 && !strstr(error->message, "at byte "))
        (void)snprintf(offset, sizeof offset, " at byte %lld", (long long)error->file_offset);
    if (error->status == TMO_STATUS_CANCELLED) return cli_fail(cli, CLI_INTERRUPTED, "interrupted");
    return cli_fail(cli, cli_exit_of(error->status), "%s%s%s%s%s%s", is_path_named ? "" : "'",
                    is_path_named ? "" : path, is_path_named ? "" : "': ", error->message, offset, place);
}

const char *cli_foreign_format(const char *path)
{
    static const char *const names[] = {".keras", ".h5", ".hdf5", ".onnx",
                                        ".pb",    ".pt", ".pth",  ".safetensors"};
    size_t length = strlen(path);
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
        size_t suffix = strlen(names[k]);
        if (length > suffix && strcmp(path + length - suffix, names[k]) == 0) return names[k];
    }
    return NULL;
}

int cli_load(const cli_context *cli, tmo_model **out, const char *path)
{
    tmo_error error = TMO_ERROR_INIT;
    const char *foreign = cli_foreign_format(path);
    *out = NULL;
    if (foreign)
        return cli_fail(cli, CLI_UNSUPPORTED,
                        "'%s': %s models are not supported by this version, give a .tflite file", path,
                        foreign);
    if (tmo_model_load_file(out, path, NULL, &error) == TMO_STATUS_OK) return CLI_DONE;
    return cli_fail_error(cli, &error, path, NULL);
}

static void log_line(void *user, tmo_log_level level, const char *text)
{
    (void)level;
    cli_note(user, "%s", text);
}

int cli_open_data(const cli_context *cli, tmo_dataset **out, const char *spec, const tmo_model *model,
                  const tmo_dataset_options *options)
{
    tmo_error error = TMO_ERROR_INIT;
    tmo_dataset_options settings = *options;
    cli_context copy = *cli;
    *out = NULL;
    if (!spec)
        return cli_fail(cli, CLI_USAGE, "--data is needed, such as --data npz:FILE or --data images:FOLDER");
    settings.log = log_line;
    settings.log_user = &copy;
    if (tmo_dataset_open(out, spec, model, &settings, &error) == TMO_STATUS_OK) return CLI_DONE;
    return cli_fail_error(cli, &error, spec, model);
}
