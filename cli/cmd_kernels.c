/* tmo kernels: what is built in, and what this processor would use. */
#include <string.h>

#include "commands.h"
#include "print.h"

static json_t *kernel_json(const tmo_kernel_info *kernel)
{
    return json_pack("{s:s,s:s,s:s,s:b,s:b}", "family", kernel->family, "name", kernel->name, "isa",
                     kernel->isa, "exact", kernel->is_exact, "chosen", kernel->is_chosen);
}

static int print_json(const cli_context *cli)
{
    json_t *list = json_array();
    for (int32_t k = 0; k < tmo_kernel_count(); k++) {
        tmo_kernel_info kernel = {.struct_size = sizeof kernel};
        if (tmo_kernel(k, &kernel, NULL) == TMO_STATUS_OK) json_array_append_new(list, kernel_json(&kernel));
    }
    return cli_json_print(cli, json_pack("{s:o}", "kernels", list), CLI_DONE);
}

static void print_table(void)
{
    static const char *const header[] = {"family", "kernel", "needs", "result", "here", NULL};
    cli_table table;
    cli_table_init(&table, header);
    for (int32_t k = 0; k < tmo_kernel_count(); k++) {
        tmo_kernel_info kernel = {.struct_size = sizeof kernel};
        if (tmo_kernel(k, &kernel, NULL) != TMO_STATUS_OK) continue;
        cli_table_add(&table, "%s", kernel.family);
        cli_table_add(&table, "%s", kernel.name);
        cli_table_add(&table, "%s", kernel.isa);
        cli_table_add(&table, "%s", kernel.is_exact ? "exact" : "within tolerance");
        cli_table_add(&table, "%s", kernel.is_chosen ? "used" : "");
    }
    cli_table_print(&table, 0);
}

int cmd_kernels(cli_context *cli, int argc, char **argv)
{
    const cli_spec spec = {.arguments = ""};
    int count, status = cli_parse(cli, &spec, argc, argv, &count);
    if (status >= 0) return status;
    if (cli->common.is_json) return print_json(cli);
    print_table();
    return CLI_DONE;
}
