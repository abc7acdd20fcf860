/* What commands print: aligned tables, sizes, JSON. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include <jansson.h>

#include "cli.h"

#define CLI_DATA_HELP \
    "npz:FILE, npy:X[,Y], idx:IMAGES[,LABELS], images:FOLDER, wav:FOLDER, csv:FILE or random:N"

/* A table of text, printed with aligned columns. A column whose name starts with '>' is aligned to the right. */
typedef struct cli_table {
    char **cells;
    size_t count, capacity, columns;
    bool is_broken; /* memory ran out */
} cli_table;

/* `header` names the columns, NULL at the end. */
void cli_table_init(cli_table *table, const char *const *header);
/* Appends the next cell. */
void cli_table_add(cli_table *table, const char *format, ...);
/* Prints with `indent` spaces and releases the table. */
void cli_table_print(cli_table *table, int indent);

/* "12,345,678" in a ring of buffers: valid until eight more calls. */
const char *cli_grouped(uint64_t number);
/* "1x28x28x1" in the same ring; `shape` has `rank` sizes. */
const char *cli_shape(const int32_t *shape, int32_t rank);

/* "99.43 %" for a proportion, "12.3 dB" for SNR; in the same ring. */
const char *cli_metric_text(tmo_metric metric, double value);

/* null for a number that JSON does not have. */
json_t *cli_json_number(double value);
json_t *cli_json_shape(const int32_t *shape, int32_t rank);
/* [low, high] */
json_t *cli_json_interval(double low, double high);
/* Prints the document on standard output and releases it; returns `status`, or CLI_SYSTEM when it could not be made. */
int cli_json_print(const cli_context *cli, json_t *document, int status);

#endif
