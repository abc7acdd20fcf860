#include "print.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- tables ---- */

static void append(cli_table *table, const char *text)
{
    if (table->count == table->capacity) {
        size_t capacity = table->capacity ? 2 * table->capacity : 64;
        char **cells = realloc(table->cells, capacity * sizeof *cells);
        if (!cells) {
            table->is_broken = true;
            return;
        }
        table->cells = cells;
        table->capacity = capacity;
    }
    char *copy = malloc(strlen(text) + 1);
    if (copy) memcpy(copy, text, strlen(text) + 1);
    table->is_broken |= !copy;
    table->cells[table->count++] = copy;
}

void cli_table_init(cli_table *table, const char *const *header)
{
    *table = (cli_table){.cells = NULL};
    for (; header[table->columns]; table->columns++) append(table, header[table->columns]);
}

void cli_table_add(cli_table *table, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    append(table, text);
}

/* The bytes of UTF-8 text that are not the start of a letter take no column. */
static int letters(const char *text)
{
    int count = 0;
    for (; *text; text++) count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static int column_width(const cli_table *table, size_t column)
{
    int width = letters(table->cells[column]) - (table->cells[column][0] == '>');
    for (size_t k = column + table->columns; k < table->count; k += table->columns) {
        int cell = letters(table->cells[k]);
        if (cell > width) width = cell;
    }
    return width;
}

static void print_row(const cli_table *table, size_t row, const int *widths, int indent)
{
    printf("%*s", indent, "");
    for (size_t k = 0; k < table->columns; k++) {
        const char *text = table->cells[row * table->columns + k];
        bool is_right = table->cells[k][0] == '>', is_last = k + 1 == table->columns;
        if (row == 0 && is_right) text++;
        int space = widths[k] - letters(text);
        if (is_right)
            printf("%*s%s", space, "", text);
        else
            printf("%s%*s", text, is_last ? 0 : space, "");
        fputs(is_last ? "\n" : "  ", stdout);
    }
}

void cli_table_print(cli_table *table, int indent)
{
    int widths[32] = {0};
    if (!table->is_broken && table->columns <= 32) {
        for (size_t k = 0; k < table->columns; k++) widths[k] = column_width(table, k);
        for (size_t row = 0; row < table->count / table->columns; row++)
            print_row(table, row, widths, indent);
    }
    for (size_t k = 0; k < table->count; k++) free(table->cells[k]);
    free(table->cells);
    *table = (cli_table){.cells = NULL};
}

/* ---- numbers ---- */

enum { RING = 8, RING_TEXT = 128 };

static char *ring_next(void)
{
    static char ring[RING][RING_TEXT];
    static int at;
    at = (at + 1) % RING;
    return ring[at];
}

const char *cli_grouped(uint64_t number)
{
    char digits[24], *out = ring_next(), *to = out;
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    for (int k = 0; k < length; k++) {
        if (k && (length - k) % 3 == 0) *to++ = ',';
        *to++ = digits[k];
    }
    *to = 0;
    return out;
}

const char *cli_shape(const int32_t *shape, int32_t rank)
{
    char *out = ring_next();
    size_t used = 0;
    if (rank == 0) return "scalar";
    for (int32_t k = 0; k < rank && used < RING_TEXT; k++)
        used += (size_t)snprintf(out + used, RING_TEXT - used, "%s%d", k ? "x" : "", (int)shape[k]);
    return out;
}

const char *cli_metric_text(tmo_metric metric, double value)
{
    char *out = ring_next();
    switch (metric) {
    case TMO_METRIC_ACCURACY:
    case TMO_METRIC_TOP5:
    case TMO_METRIC_AGREEMENT: (void)snprintf(out, RING_TEXT, "%.2f %%", 100 * value); break;
    case TMO_METRIC_SNR: (void)snprintf(out, RING_TEXT, "%.2f dB", value); break;
    default: (void)snprintf(out, RING_TEXT, "%.6g", value); break;
    }
    return out;
}

/* ---- JSON ---- */

json_t *cli_json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *cli_json_shape(const int32_t *shape, int32_t rank)
{
    json_t *array = json_array();
    for (int32_t k = 0; k < rank; k++) json_array_append_new(array, json_integer(shape[k]));
    return array;
}

json_t *cli_json_interval(double low, double high)
{
    return json_pack("[o,o]", cli_json_number(low), cli_json_number(high));
}

int cli_json_print(const cli_context *cli, json_t *document, int status)
{
    if (!document || json_dumpf(document, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) != 0)
        status = cli_fail(cli, CLI_SYSTEM, "the JSON document could not be written");
    else
        fputc('\n', stdout);
    json_decref(document);
    return status;
}
