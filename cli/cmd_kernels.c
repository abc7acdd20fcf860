/* tmo kernels: what is built in, what this processor would use, and how fast it is. */
#include <string.h>

#include "commands.h"
#include "print.h"

/* ---- the list ---- */

static json_t *kernel_json(const tmo_kernel_info *kernel)
{
    return json_pack("{s:s,s:s,s:s,s:b,s:b}", "family", kernel->family, "name", kernel->name, "isa",
                     kernel->isa, "exact", kernel->is_exact, "chosen", kernel->is_chosen);
}

static json_t *isas_json(void)
{
    json_t *list = json_array();
    const char *name;
    bool is_present;
    for (int32_t k = 0; (name = tmo_isa_name(k, &is_present)) != NULL; k++)
        json_array_append_new(list, json_pack("{s:s,s:b}", "name", name, "present", is_present));
    return list;
}

static int print_list_json(const cli_context *cli)
{
    json_t *list = json_array();
    for (int32_t k = 0; k < tmo_kernel_count(); k++) {
        tmo_kernel_info kernel = {.struct_size = sizeof kernel};
        if (tmo_kernel(k, &kernel, NULL) == TMO_STATUS_OK) json_array_append_new(list, kernel_json(&kernel));
    }
    return cli_json_print(cli, json_pack("{s:o,s:o}", "isas", isas_json(), "kernels", list), CLI_DONE);
}

static void print_isas(void)
{
    const char *name;
    bool is_present;
    printf("instruction sets, lowest first (*: of this processor):");
    for (int32_t k = 0; (name = tmo_isa_name(k, &is_present)) != NULL; k++)
        printf(" %s%s", name, is_present ? "*" : "");
    printf("\n\n");
}

static void print_list(void)
{
    static const char *const header[] = {"family", "kernel", "needs", "result", "here", NULL};
    cli_table table;
    print_isas();
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

/* ---- the times ---- */

static json_t *time_json(const tmo_kernel_time *time)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:o}", "family", time->family, "name", time->name,
                     "isa", time->isa, "shape", time->shape, "ns", cli_json_number(time->ns), "cycles",
                     cli_json_number(time->cycles), "gmacs", cli_json_number(time->gmacs), "gb_s",
                     cli_json_number(time->gb_s), "share", cli_json_number(time->share));
}

static json_t *peaks_json(const tmo_kernel_peaks *peaks)
{
    return json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "isa", peaks->isa, "clock_ghz",
                     cli_json_number(peaks->clock_ghz), "f32_gmacs", cli_json_number(peaks->f32_gmacs),
                     "s8_gmacs", cli_json_number(peaks->s8_gmacs), "l1_gb_s", cli_json_number(peaks->l1_gb_s),
                     "l2_gb_s", cli_json_number(peaks->l2_gb_s), "l3_gb_s", cli_json_number(peaks->l3_gb_s),
                     "memory_gb_s", cli_json_number(peaks->memory_gb_s));
}

static int print_times_json(const cli_context *cli, const tmo_kernel_bench *bench)
{
    tmo_kernel_peaks peaks = {.struct_size = sizeof peaks};
    json_t *list = json_array();
    tmo_kernel_bench_peaks(bench, &peaks);
    for (int32_t k = 0; k < tmo_kernel_bench_count(bench); k++) {
        tmo_kernel_time time = {.struct_size = sizeof time};
        if (tmo_kernel_bench_time(bench, k, &time, NULL) == TMO_STATUS_OK)
            json_array_append_new(list, time_json(&time));
    }
    return cli_json_print(cli, json_pack("{s:o,s:o}", "peaks", peaks_json(&peaks), "times", list), CLI_DONE);
}

static void print_peaks(const tmo_kernel_bench *bench)
{
    tmo_kernel_peaks peaks = {.struct_size = sizeof peaks};
    tmo_kernel_bench_peaks(bench, &peaks);
    printf("one thread, %s, %.2f GHz\n", peaks.isa, peaks.clock_ghz);
    printf("  float32   %.1f GMAC/s, %.1f a cycle\n", peaks.f32_gmacs, peaks.f32_gmacs / peaks.clock_ghz);
    printf("  int8      %.1f GMAC/s, %.1f a cycle\n", peaks.s8_gmacs, peaks.s8_gmacs / peaks.clock_ghz);
    printf("  reading   %.1f GB/s from 16 KiB, %.1f from 256 KiB, %.1f from 4 MiB, %.1f from 64 MiB\n\n",
           peaks.l1_gb_s, peaks.l2_gb_s, peaks.l3_gb_s, peaks.memory_gb_s);
}

static void print_times(const tmo_kernel_bench *bench)
{
    static const char *const header[] = {"family",  "shape", "kernel",   ">ns", ">cycles",
                                         ">GMAC/s", ">GB/s", ">of peak", NULL};
    cli_table table;
    print_peaks(bench);
    cli_table_init(&table, header);
    for (int32_t k = 0; k < tmo_kernel_bench_count(bench); k++) {
        tmo_kernel_time time = {.struct_size = sizeof time};
        if (tmo_kernel_bench_time(bench, k, &time, NULL) != TMO_STATUS_OK) continue;
        cli_table_add(&table, "%s", time.family);
        cli_table_add(&table, "%s", time.shape);
        cli_table_add(&table, "%s", time.name);
        cli_table_add(&table, "%.0f", time.ns);
        cli_table_add(&table, "%.0f", time.cycles);
        cli_table_add(&table, time.gmacs > 0 ? "%.1f" : "", time.gmacs);
        cli_table_add(&table, "%.1f", time.gb_s);
        cli_table_add(&table, "%.0f %%", 100 * time.share);
    }
    cli_table_print(&table, 0);
}

static int measure(cli_context *cli, tmo_kernel_bench_options *options)
{
    tmo_error error = TMO_ERROR_INIT;
    tmo_kernel_bench *bench;
    cli_progress progress;
    int status = CLI_DONE;
    cli_progress_start(&progress, cli);
    options->progress = cli_progress_step;
    options->progress_user = &progress;
    tmo_status done = tmo_kernel_bench_run(&bench, options, &error);
    cli_progress_end(&progress);
    if (done != TMO_STATUS_OK) return cli_fail_error(cli, &error, NULL, NULL);
    if (cli->common.is_json)
        status = print_times_json(cli, bench);
    else
        print_times(bench);
    tmo_kernel_bench_free(bench);
    return status;
}

int cmd_kernels(cli_context *cli, int argc, char **argv)
{
    tmo_kernel_bench_options options = TMO_KERNEL_BENCH_OPTIONS_INIT;
    bool is_bench = false;
    size_t rows;
    const tmo_option *table = tmo_kernel_bench_option_table(&rows);
    const cli_flag flags[] = {{"bench", 0, CLI_FLAG_SWITCH, &is_bench, NULL,
                               "time each kernel on real shapes, beside this machine's peaks"}};
    const cli_spec spec = {
        .arguments = "", .flags = flags, .flag_count = 1, .groups = {{table, rows, &options, NULL}}};
    int count, status = cli_parse(cli, &spec, argc, argv, &count);
    if (status >= 0) return status;
    if (is_bench) return measure(cli, &options);
    if (options.family) return cli_fail(cli, CLI_USAGE, "--family needs --bench");
    if (cli->common.is_json) return print_list_json(cli);
    print_list();
    return CLI_DONE;
}
