/* tmo bench: latency, load time and memory. */
#include <stdlib.h>

#include "commands.h"
#include "print.h"

/* Entries of the profile with the longest time first. */
static int compare_time(const void *a, const void *b)
{
    uint64_t x = ((const tmo_profile_entry *)a)->time_ns, y = ((const tmo_profile_entry *)b)->time_ns;
    return (x < y) - (x > y);
}

static tmo_profile_entry *sorted_profile(const tmo_bench *bench, int32_t *count)
{
    *count = tmo_bench_profile_count(bench);
    tmo_profile_entry *entries = calloc((size_t)*count + 1, sizeof *entries);
    if (!entries) *count = 0;
    for (int32_t k = 0; k < *count; k++) {
        entries[k].struct_size = sizeof *entries;
        (void)tmo_bench_profile(bench, k, &entries[k], NULL);
    }
    if (entries) qsort(entries, (size_t)*count, sizeof *entries, compare_time);
    return entries;
}

static double microseconds(const tmo_profile_entry *entry)
{
    return entry->calls ? 1e-3 * (double)entry->time_ns / (double)entry->calls : 0;
}

static json_t *profile_json(const tmo_bench *bench)
{
    json_t *list = json_array();
    int32_t count;
    tmo_profile_entry *entries = sorted_profile(bench, &count);
    for (int32_t k = 0; k < count; k++)
        json_array_append_new(list,
                              json_pack("{s:i,s:i,s:s,s:s,s:I,s:o}", "subgraph", (int)entries[k].subgraph,
                                        "index", (int)entries[k].op, "name", entries[k].name, "kernel",
                                        entries[k].kernel, "calls", (json_int_t)entries[k].calls, "mean_us",
                                        cli_json_number(microseconds(&entries[k]))));
    free(entries);
    return list;
}

static int print_json(const cli_context *cli, const char *path, const tmo_bench *bench,
                      const tmo_bench_result *result, bool with_profile)
{
    json_t *document = json_pack(
        "{s:s,s:o,s:o,s:o,s:o,s:I,s:o,s:o,s:o,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:i,s:s}", "model", path,
        "median_us", cli_json_number(result->median_us), "p95_us", cli_json_number(result->p95_us), "min_us",
        cli_json_number(result->min_us), "mean_us", cli_json_number(result->mean_us), "runs",
        (json_int_t)result->runs, "load_us", cli_json_number(result->load_us), "create_us",
        cli_json_number(result->create_us), "first_us", cli_json_number(result->first_us), "arena_bytes",
        (json_int_t)result->arena_bytes, "session_bytes", (json_int_t)result->session_bytes, "weight_bytes",
        (json_int_t)result->weight_bytes, "packed_bytes", (json_int_t)result->packed_bytes, "mapped_bytes",
        (json_int_t)result->mapped_bytes, "resident_bytes", (json_int_t)result->resident_bytes,
        "peak_rss_bytes", (json_int_t)result->peak_rss_bytes, "threads", (int)result->threads, "isa",
        result->isa);
    if (with_profile) json_object_set_new(document, "profile", profile_json(bench));
    return cli_json_print(cli, document, CLI_DONE);
}

static void print_profile(const tmo_bench *bench)
{
    static const char *const header[] = {">operator", "name", "kernel", ">mean us", ">share", NULL};
    cli_table table;
    int32_t count;
    double total = 0;
    tmo_profile_entry *entries = sorted_profile(bench, &count);
    for (int32_t k = 0; k < count; k++) total += (double)entries[k].time_ns;
    cli_table_init(&table, header);
    for (int32_t k = 0; k < count; k++) {
        if (entries[k].subgraph)
            cli_table_add(&table, "%d:%d", (int)entries[k].subgraph, (int)entries[k].op);
        else
            cli_table_add(&table, "%d", (int)entries[k].op);
        cli_table_add(&table, "%s", entries[k].name);
        cli_table_add(&table, "%s", entries[k].kernel);
        cli_table_add(&table, "%.2f", microseconds(&entries[k]));
        cli_table_add(&table, "%.1f %%", total > 0 ? 100 * (double)entries[k].time_ns / total : 0.0);
    }
    printf("\n");
    cli_table_print(&table, 0);
    free(entries);
}

static void print_text(const char *path, const tmo_bench_result *result)
{
    printf("%s: %llu runs, %d thread%s, %s\n", path, (unsigned long long)result->runs, (int)result->threads,
           result->threads == 1 ? "" : "s", result->isa);
    printf("  latency   median %.1f us, p95 %.1f us, min %.1f us, first %.1f us\n", result->median_us,
           result->p95_us, result->min_us, result->first_us);
    printf("  start     load %.1f us, session %.1f us\n", result->load_us, result->create_us);
    printf("  memory    arena %s bytes, weights %s, packed %s, session %s\n",
           cli_grouped(result->arena_bytes), cli_grouped(result->weight_bytes),
           cli_grouped(result->packed_bytes + result->mapped_bytes), cli_grouped(result->session_bytes));
    printf("  resident  %s bytes more after the first run, %s at the peak of the process\n",
           cli_grouped(result->resident_bytes), cli_grouped(result->peak_rss_bytes));
}

int cmd_bench(cli_context *cli, int argc, char **argv)
{
    tmo_bench_options options = TMO_BENCH_OPTIONS_INIT;
    tmo_bench_result result = {.struct_size = sizeof result};
    tmo_error error = TMO_ERROR_INIT;
    tmo_bench *bench;
    cli_progress progress;
    size_t rows;
    const tmo_option *table = tmo_bench_option_table(&rows);
    const cli_spec spec = {.arguments = "MODEL",
                           .groups = {{table, rows, &options, NULL}},
                           .min_arguments = 1,
                           .max_arguments = 1};
    int count, status = cli_parse(cli, &spec, argc, argv, &count);
    if (status >= 0) return status;
    cli_progress_start(&progress, cli);
    options.progress = cli_progress_step;
    options.progress_user = &progress;
    tmo_status done = tmo_bench_file(&bench, argv[0], &options, &error);
    cli_progress_end(&progress);
    if (done != TMO_STATUS_OK) return cli_fail_error(cli, &error, argv[0], NULL);
    tmo_bench_get_result(bench, &result);
    if (cli->common.is_json) {
        status = print_json(cli, argv[0], bench, &result, options.profile);
    } else {
        print_text(argv[0], &result);
        if (options.profile) print_profile(bench);
        status = CLI_DONE;
    }
    tmo_bench_free(bench);
    return status;
}
