/* Comma-separated tables (RFC 4180: quoted cells, doubled quotes, CRLF or LF), with a line of column names
 * first. One column may hold labels; all others hold numbers. Empty lines are skipped. */
#ifndef TMOI_DATA_CSV_H
#define TMOI_DATA_CSV_H

#include "base/arena.h"

typedef struct tmoi_csv {
    int32_t column_count; /* without the label column */
    const char **columns;
    int64_t row_count;
    double *values;          /* [row_count, column_count] */
    const char **label_text; /* [row_count] cells of the label column as they stand, or NULL without one */
} tmoi_csv;

/* Parses a table; all memory is the arena's. A cell that is not a number fails and names its line and
 * column. `subject` names the file in messages. */
tmo_status tmoi_csv_parse(tmoi_csv *out, const char *text, size_t size_bytes, const char *subject,
                          tmoi_arena *arena, tmoi_ctx *ctx);

#endif
