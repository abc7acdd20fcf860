#include "data/csv.h"

#include <string.h>

#include "base/number.h"

#define LABEL_COLUMN "label"

typedef struct reader {
    const char *at, *end;
    const char *subject;
    tmoi_arena *arena;
    tmoi_ctx *ctx;
    int64_t line; /* of the cell read last, from 1 */
    int64_t next_line;
    char *cell; /* the cell read last, without its quotes; not terminated */
    size_t length, capacity;
    bool is_last;     /* of its line */
    int32_t label_at; /* position of the label column in a line, or -1 */
} reader;

static tmo_status push(reader *r, char c)
{
    void *cell = r->cell;
    tmo_status status = tmoi_grow(r->ctx, &cell, &r->capacity, r->length + 1, 1);
    r->cell = cell;
    if (status == TMO_STATUS_OK) r->cell[r->length++] = c;
    return status;
}

/* The inside of a quoted cell, up to its closing quote. */
static tmo_status read_quoted(reader *r)
{
    for (r->at++;; r->at++) {
        TMO_FAIL_IF(r->at == r->end, INVALID_DATA, r->ctx, "'%s' line %lld: the quoted cell does not end",
                    r->subject, (long long)r->line);
        if (*r->at == '"') {
            r->at++;
            if (r->at == r->end || *r->at != '"') break;
        }
        if (*r->at == '\n') r->next_line++;
        TMO_TRY(push(r, *r->at));
    }
    return TMO_STATUS_OK;
fail:
    return r->ctx->error.status;
}

static bool at_line_end(const reader *r)
{
    return r->at == r->end || *r->at == '\n' || (*r->at == '\r' && (r->at + 1 == r->end || r->at[1] == '\n'));
}

static void skip_line_end(reader *r)
{
    if (r->at < r->end && *r->at == '\r') r->at++;
    if (r->at < r->end && *r->at == '\n') r->at++;
    r->next_line++;
}

static void skip_empty_lines(reader *r)
{
    while (r->at < r->end && at_line_end(r)) skip_line_end(r);
}

static void skip_blanks(reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t')) r->at++;
}

/* Reads one cell and what ends it. */
static tmo_status read_cell(reader *r)
{
    r->length = 0;
    r->line = r->next_line;
    skip_blanks(r);
    if (r->at < r->end && *r->at == '"') {
        TMO_TRY(read_quoted(r));
        skip_blanks(r);
    } else {
        for (; !at_line_end(r) && *r->at != ','; r->at++) {
            TMO_FAIL_IF(*r->at == '"' || *r->at == '\0', INVALID_DATA, r->ctx,
                        "'%s' line %lld: unexpected %s in a cell", r->subject, (long long)r->line,
                        *r->at ? "quote" : "zero byte");
            TMO_TRY(push(r, *r->at));
        }
    }
    r->is_last = at_line_end(r);
    TMO_FAIL_IF(!r->is_last && *r->at != ',', INVALID_DATA, r->ctx,
                "'%s' line %lld: a closing quote is not followed by a comma", r->subject, (long long)r->line);
    if (r->is_last)
        skip_line_end(r);
    else
        r->at++;
    return TMO_STATUS_OK;
fail:
    return r->ctx->error.status;
}

/* The cell without spaces around it. */
static const char *trim(const reader *r, size_t *length)
{
    size_t begin = 0, end = r->length;
    while (begin < end && (r->cell[begin] == ' ' || r->cell[begin] == '\t')) begin++;
    while (end > begin && (r->cell[end - 1] == ' ' || r->cell[end - 1] == '\t')) end--;
    *length = end - begin;
    return r->cell ? r->cell + begin : "";
}

static tmo_status read_header(reader *r, tmoi_csv *csv)
{
    int32_t capacity = 0, numbers = 0;
    tmoi_ctx *ctx = r->ctx;
    r->label_at = -1;
    skip_empty_lines(r);
    TMO_FAIL_IF(r->at == r->end, INVALID_DATA, ctx, "'%s': the file is empty", r->subject);
    for (int32_t position = 0; position == 0 || !r->is_last; position++) {
        size_t length;
        double number;
        TMO_TRY(read_cell(r));
        const char *name = trim(r, &length);
        numbers += tmoi_parse_number(name, length, &number);
        if (length == strlen(LABEL_COLUMN) && memcmp(name, LABEL_COLUMN, length) == 0) {
            TMO_FAIL_IF(r->label_at >= 0, INVALID_DATA, ctx, "'%s': two columns are named 'label'",
                        r->subject);
            r->label_at = position;
            continue;
        }
        TMO_TRY(tmoi_arena_grow(r->arena, (void **)&csv->columns, &capacity, csv->column_count + 1,
                                sizeof *csv->columns, ctx));
        TMO_TRY(tmoi_arena_text(r->arena, &csv->columns[csv->column_count++], name, length, ctx));
    }
    TMO_FAIL_IF(csv->column_count == 0, INVALID_DATA, ctx, "'%s': no column but 'label'", r->subject);
    TMO_FAIL_IF(r->label_at < 0 && numbers == csv->column_count, INVALID_DATA, ctx,
                "'%s': the first line holds numbers; it must name the columns", r->subject);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status count_rows(reader *r, int64_t *out)
{
    reader ahead = *r;
    *out = 0;
    for (skip_empty_lines(&ahead); ahead.at < ahead.end; skip_empty_lines(&ahead)) {
        do {
            tmo_status status = read_cell(&ahead);
            r->cell = ahead.cell;
            r->capacity = ahead.capacity;
            if (status != TMO_STATUS_OK) return status;
        } while (!ahead.is_last);
        (*out)++;
    }
    return TMO_STATUS_OK;
}

static tmo_status read_value(reader *r, const char *column, double *out)
{
    size_t length;
    const char *text = trim(r, &length);
    if (tmoi_parse_number(text, length, out)) return TMO_STATUS_OK;
    return tmoi_fail(r->ctx, TMO_STATUS_INVALID_DATA, "'%s' line %lld, column '%s': '%.*s' is not a number",
                     r->subject, (long long)r->line, column, (int)(length < 40 ? length : 40), text);
}

static tmo_status read_row(reader *r, const tmoi_csv *csv, int64_t row)
{
    tmoi_ctx *ctx = r->ctx;
    double *values = csv->values + row * csv->column_count;
    int32_t cells = csv->column_count + (r->label_at >= 0), column = 0;
    for (int32_t position = 0; position < cells; position++) {
        size_t length;
        TMO_TRY(read_cell(r));
        TMO_FAIL_IF(r->is_last != (position == cells - 1), INVALID_DATA, ctx,
                    "'%s' line %lld: %s cells than the %d of the first line", r->subject, (long long)r->line,
                    r->is_last ? "fewer" : "more", (int)cells);
        if (position == r->label_at) {
            const char *text = trim(r, &length);
            TMO_TRY(tmoi_arena_text(r->arena, &csv->label_text[row], text, length, ctx));
        } else {
            TMO_TRY(read_value(r, csv->columns[column], &values[column]));
            column++;
        }
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status read_table(reader *r, tmoi_csv *csv)
{
    size_t rows, cells;
    tmoi_ctx *ctx = r->ctx;
    TMO_TRY(read_header(r, csv));
    TMO_TRY(count_rows(r, &csv->row_count));
    rows = (size_t)csv->row_count;
    TMO_FAIL_IF(!tmoi_mul_size(rows, (size_t)csv->column_count, &cells), INVALID_DATA, ctx, "'%s': too large",
                r->subject);
    TMO_FAIL_IF(cells > (size_t)(r->end - r->at) + 1, INVALID_DATA, ctx,
                "'%s': the lines have fewer cells than the %d of the first line", r->subject,
                (int)csv->column_count);
    TMO_TRY(tmoi_arena_new(r->arena, &csv->values, cells, ctx));
    if (r->label_at >= 0) TMO_TRY(tmoi_arena_new(r->arena, &csv->label_text, rows, ctx));
    for (int64_t row = 0; row < csv->row_count; row++) {
        skip_empty_lines(r);
        TMO_TRY(read_row(r, csv, row));
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_csv_parse(tmoi_csv *out, const char *text, size_t size_bytes, const char *subject,
                          tmoi_arena *arena, tmoi_ctx *ctx)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    reader r = {
        .at = text, .end = text + size_bytes, .subject = subject, .arena = arena, .ctx = ctx, .next_line = 1};
    *out = (tmoi_csv){0};
    if (size_bytes >= 3 && memcmp(text, byte_order_mark, 3) == 0) r.at += 3;
    tmo_status status = read_table(&r, out);
    tmoi_release(&ctx->allocator, r.cell);
    return status;
}
