/* tmo verify: is it a valid .tflite file. */
#include "commands.h"
#include "print.h"

typedef struct faults {
    json_t *list; /* with --json */
    const char *path;
    uint64_t count;
} faults;

static void report_fault(void *user, int64_t offset, const char *fault)
{
    faults *found = user;
    found->count++;
    if (found->list)
        json_array_append_new(found->list,
                              json_pack("{s:I,s:s}", "offset", (json_int_t)offset, "fault", fault));
    else if (offset >= 0)
        printf("%s: byte %lld: %s\n", found->path, (long long)offset, fault);
    else
        printf("%s: %s\n", found->path, fault);
}

int cmd_verify(cli_context *cli, int argc, char **argv)
{
    const cli_spec spec = {.arguments = "MODEL", .min_arguments = 1, .max_arguments = 1};
    tmo_error error = TMO_ERROR_INIT;
    int count, status = cli_parse(cli, &spec, argc, argv, &count);
    if (status >= 0) return status;
    faults found = {.list = cli->common.is_json ? json_array() : NULL, .path = argv[0]};
    tmo_status verdict = tmo_model_verify_file(argv[0], report_fault, &found, &error);
    if (verdict != TMO_STATUS_OK && found.count == 0) {
        json_decref(found.list);
        return cli_fail_error(cli, &error, argv[0], NULL);
    }
    status = verdict == TMO_STATUS_OK ? CLI_DONE : cli_exit_of(verdict);
    if (found.list)
        return cli_json_print(cli,
                              json_pack("{s:s,s:b,s:o}", "file", argv[0], "valid", verdict == TMO_STATUS_OK,
                                        "faults", found.list),
                              status);
    if (verdict == TMO_STATUS_OK) printf("%s: valid\n", argv[0]);
    return status;
}
