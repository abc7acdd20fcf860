/* tmo bench: latency, load time and memory. */
#include <stdlib.h>
#include <string.h>

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

/* Multiply-accumulates a second, in units of 10^9; 0 where none are counted. */
static double giga_macs(const tmo_profile_entry *entry)
{
    return entry->time_ns ? (double)entry->macs * (double)entry->calls / (double)entry->time_ns : 0;
}

static json_t *profile_json(const tmo_bench *bench)
{
    json_t *list = json_array();
    int32_t count;
    tmo_profile_entry *entries = sorted_profile(bench, &count);
    for (int32_t k = 0; k < count; k++)
        json_array_append_new(
            list,
            json_pack("{s:i,s:i,s:s,s:s,s:I,s:o,s:I,s:o}", "subgraph", (int)entries[k].subgraph, "index",
                      (int)entries[k].op, "name", entries[k].name, "kernel", entries[k].kernel, "calls",
                      (json_int_t)entries[k].calls, "mean_us", cli_json_number(microseconds(&entries[k])),
                      "macs", (json_int_t)entries[k].macs, "gmacs", cli_json_number(giga_macs(&entries[k]))));
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

static void add_rates(cli_table *table, const tmo_profile_entry *entry, double total)
{
    cli_table_add(table, "%.2f", microseconds(entry));
    cli_table_add(table, "%.1f %%", total > 0 ? 100 * (double)entry->time_ns / total : 0.0);
    cli_table_add(table, "%s", entry->macs ? cli_grouped(entry->macs) : "");
    cli_table_add(table, entry->macs ? "%.1f" : "", giga_macs(entry));
}

/* A line for each operator that ran; one for those that ran as one. */
static void print_operators(const tmo_profile_entry *entries, int32_t count, double total)
{
    static const char *const header[] = {">operator", "name",  "kernel",  ">mean us",
                                         ">share",    ">MACs", ">GMAC/s", NULL};
    cli_table table;
    cli_table_init(&table, header);
    for (int32_t k = 0; k < count; k++) {
        if (entries[k].subgraph)
            cli_table_add(&table, "%d:%d", (int)entries[k].subgraph, (int)entries[k].op);
        else
            cli_table_add(&table, "%d", (int)entries[k].op);
        cli_table_add(&table, "%s", entries[k].name);
        cli_table_add(&table, "%s", entries[k].kernel);
        add_rates(&table, &entries[k], total);
    }
    cli_table_print(&table, 0);
}

/* Adds up the entries of one name, in the place of the first; returns how many names there are. `counts` gets how many entries
 * each has. */
static int32_t merge_by_name(tmo_profile_entry *entries, int32_t count, int32_t *counts)
{
    int32_t names = 0;
    for (int32_t k = 0; k < count; k++) {
        int32_t n = 0;
        while (n < names && strcmp(entries[n].name, entries[k].name) != 0) n++;
        counts[n] = n == names ? 1 : counts[n] + 1;
        if (n == names) {
            entries[names++] = entries[k];
        } else {
            entries[n].time_ns += entries[k].time_ns;
            entries[n].macs += entries[k].macs;
        }
    }
    return names;
}

/* Calls are those of one operator: times and multiply-accumulates are of a run of the model. */
static void print_names(tmo_profile_entry *entries, int32_t count, double total)
{
    static const char *const header[] = {"name", ">operators", ">us", ">share", ">MACs", ">GMAC/s", NULL};
    int32_t *counts = calloc((size_t)count + 1, sizeof *counts);
    cli_table table;
    if (!counts) return;
    int32_t names = merge_by_name(entries, count, counts);
    cli_table_init(&table, header);
    for (int32_t k = 0; k < names; k++) {
        cli_table_add(&table, "%s", entries[k].name);
        cli_table_add(&table, "%d", (int)counts[k]);
        add_rates(&table, &entries[k], total);
    }
    cli_table_print(&table, 0);
    free(counts);
}

static void print_profile(const tmo_bench *bench)
{
    int32_t count;
    double total = 0;
    tmo_profile_entry *entries = sorted_profile(bench, &count);
    for (int32_t k = 0; k < count; k++) total += (double)entries[k].time_ns;
    printf("\n");
    print_operators(entries, count, total);
    printf("\n");
    print_names(entries, count, total);
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
    static const char text[] = "Times are of a monotonic clock; inputs are random numbers. --profile lists "
                               "the operators, the slowest first: the\n"
                               "kernel that ran with what was fused into it, the time of a call, and "
                               "multiply-accumulates where they are counted,\n"
                               "for the shapes that the file declares; then the sums by the operators' "
                               "names. Names in --shape are those of\n"
                               "`tmo inspect`.";
    const cli_spec spec = {.arguments = "MODEL",
                           .text = text,
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
