#include "kernels/gemm_s8/product.h"

#include <string.h>

enum { ALIGN = 64, WIDEST_PANEL = 64, MOST_ROWS = 16 };

static size_t align_up(size_t bytes)
{
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

static int32_t terms_of(const tmoi_gemm_s8_product *p)
{
    return tmoi_gemm_s8_terms(p->kernel, p->segment_terms);
}

static size_t panel_bytes(const tmoi_gemm_s8_product *p)
{
    return (size_t)terms_of(p) * (size_t)p->segments * (size_t)p->kernel->nr;
}

static tmoi_gemm_s8_tile tile_of(const tmoi_gemm_s8_product *p, const tmoi_gemm_s8_rows *rows, int32_t panel)
{
    int32_t nr = p->kernel->nr, columns = p->n - panel * nr;
    return (tmoi_gemm_s8_tile){.m = rows->m,
                               .n = columns < nr ? columns : nr,
                               .segments = p->segments,
                               .terms = terms_of(p),
                               .segment = rows->segment,
                               .offset = rows->offset,
                               .row_stride = rows->stride,
                               .panel = p->panels + (size_t)panel * panel_bytes(p),
                               .row_scale = rows->scale,
                               .row_zero_point = rows->zero_point,
                               .row_step = rows->step};
}

/* ---- sums that a second stage finishes, mr rows at a time ---- */

/* Columns of the sums: the panels' ones. */
static size_t sum_columns(const tmoi_gemm_s8_product *p)
{
    return (size_t)tmoi_gemm_s8_panels(p) * (size_t)p->kernel->nr;
}

size_t tmoi_gemm_s8_scratch_bytes(const tmoi_gemm_s8_product *p)
{
    size_t elem_bytes = p->wide ? sizeof(int64_t) : sizeof(int32_t);
    return p->requant ? align_up((size_t)p->kernel->mr * sum_columns(p) * elem_bytes) : 0;
}

static void sum_panels(const tmoi_gemm_s8_product *p, const tmoi_gemm_s8_rows *rows, int32_t column,
                       int32_t *sums)
{
    int32_t nr = p->kernel->nr;
    for (int32_t panel = 0; panel < tmoi_gemm_s8_panels(p); panel++) {
        tmoi_gemm_s8_tile tile = tile_of(p, rows, panel);
        tile.n = nr;
        tile.column = column + panel * nr;
        tile.out = sums + panel * nr;
        tile.out_stride = (ptrdiff_t)(sum_columns(p) * sizeof *sums);
        p->kernel->run(&tile, &p->finish);
    }
}

/* sums[i, column of the panel] += the products of one piece of a segment that surely fit in 32 bits. */
static void add_piece(const tmoi_gemm_s8_product *p, tmoi_gemm_s8_tile *tile, int64_t *sums)
{
    static const int32_t zeros[WIDEST_PANEL];
    int32_t piece[MOST_ROWS * WIDEST_PANEL], nr = p->kernel->nr;
    tmoi_gemm_s8_finish finish = {.kind = TMOI_GEMM_S8_SUMS, .start = zeros};
    tile->out = piece;
    tile->out_stride = nr * (ptrdiff_t)sizeof *piece;
    p->kernel->run(tile, &finish);
    for (int32_t i = 0; i < tile->m; i++)
        for (int32_t j = 0; j < nr; j++) sums[(size_t)i * sum_columns(p) + (size_t)j] += piece[i * nr + j];
}

static void sum_panels_wide(const tmoi_gemm_s8_product *p, const tmoi_gemm_s8_rows *rows, int64_t *sums)
{
    int32_t nr = p->kernel->nr, terms = terms_of(p);
    memset(sums, 0, (size_t)rows->m * sum_columns(p) * sizeof *sums);
    for (int32_t panel = 0; panel < tmoi_gemm_s8_panels(p); panel++) {
        tmoi_gemm_s8_tile tile = tile_of(p, rows, panel);
        tile.n = nr;
        tile.segments = 1;
        for (int32_t s = 0; s < p->segments; s++)
            for (int32_t k = 0; k < terms; k += TMOI_GEMM_S8_SAFE_TERMS) {
                tile.terms = terms - k < TMOI_GEMM_S8_SAFE_TERMS ? terms - k : TMOI_GEMM_S8_SAFE_TERMS;
                tile.segment = rows->segment + s;
                tile.offset = rows->offset + k * (ptrdiff_t)sizeof(int16_t);
                add_piece(p, &tile, sums + (ptrdiff_t)panel * nr);
                tile.panel += (ptrdiff_t)tile.terms * nr;
            }
    }
}

static void sum_wide_weights(const tmoi_gemm_s8_product *p, const tmoi_gemm_s8_rows *rows, int64_t *sums)
{
    for (int32_t i = 0; i < rows->m; i++, sums += sum_columns(p)) {
        const int16_t *a = (const int16_t *)(const void *)((const char *)rows->segment[0] + rows->offset +
                                                           i * rows->stride);
        for (int32_t n = 0; n < p->n; n++) {
            const int16_t *w = p->wide_weights + (ptrdiff_t)n * p->segment_terms;
            int64_t sum = 0;
            for (int32_t k = 0; k < p->segment_terms; k++) sum += a[k] * w[k];
            sums[n] = sum;
        }
    }
}

static void subtract_ones(const tmoi_gemm_s8_product *p, int32_t *sums)
{
    uint32_t common = (uint32_t)sums[p->n] * (uint32_t)p->ones_factor;
    for (int32_t j = 0; j < p->n; j++) sums[j] = (int32_t)((uint32_t)sums[j] - common);
}

static void finish_rows(const tmoi_gemm_s8_product *p, int32_t m, int32_t column, void *sums, char *out,
                        ptrdiff_t out_stride)
{
    for (int32_t i = 0; i < m; i++, out += out_stride) {
        if (p->wide) {
            tmoi_requant_s64(p->requant, column, p->n, (const int64_t *)sums + (size_t)i * sum_columns(p),
                             out);
            continue;
        }
        int32_t *row = (int32_t *)sums + (size_t)i * sum_columns(p);
        if (p->ones_factor) subtract_ones(p, row);
        tmoi_requant_s32(p->requant, column, p->n, row, out);
    }
}

static void multiply_in_two_stages(const tmoi_gemm_s8_product *p, const tmoi_gemm_s8_rows *all,
                                   int32_t column, char *out, ptrdiff_t out_stride, void *sums)
{
    int32_t mr = p->kernel->mr;
    tmoi_gemm_s8_rows rows = *all;
    for (int32_t row = 0; row < all->m; row += mr) {
        rows.m = all->m - row < mr ? all->m - row : mr;
        rows.offset = all->offset + row * all->stride;
        if (p->wide_weights)
            sum_wide_weights(p, &rows, sums);
        else if (p->wide)
            sum_panels_wide(p, &rows, sums);
        else
            sum_panels(p, &rows, column, sums);
        finish_rows(p, rows.m, column, sums, out + row * out_stride, out_stride);
    }
}

static const float *residual_of(const tmoi_gemm_s8_product *p, const void *out)
{
    return p->residual ? (const float *)(const void *)(p->residual + ((const char *)out - p->out_base))
                       : NULL;
}

void tmoi_gemm_s8_multiply(const tmoi_gemm_s8_product *p, const tmoi_gemm_s8_rows *rows, int32_t panel_begin,
                           int32_t panel_end, int32_t column, void *out, ptrdiff_t out_stride, void *scratch)
{
    if (p->requant) {
        multiply_in_two_stages(p, rows, column, out, out_stride, scratch);
        return;
    }
    for (int32_t panel = panel_begin; panel < panel_end; panel++) {
        tmoi_gemm_s8_tile tile = tile_of(p, rows, panel);
        int32_t first = panel * p->kernel->nr;
        tile.column = column + first;
        tile.out = (char *)out + (size_t)first * p->out_bytes;
        tile.out_stride = out_stride;
        tile.residual = residual_of(p, tile.out);
        p->kernel->run(&tile, &p->finish);
    }
}

/* ---- rows that lie one after another ---- */

static size_t row_bytes(const tmoi_gemm_s8_product *p)
{
    return (size_t)terms_of(p) * tmoi_gemm_s8_elem_bytes(p->kernel);
}

int32_t tmoi_gemm_s8_block_rows(const tmoi_gemm_s8_product *p)
{
    enum { CACHE_BYTES = 12 * 1024, MOST = 96 };
    size_t bytes = row_bytes(p), rows = CACHE_BYTES / (bytes ? bytes : 1);
    int32_t mr = p->kernel->mr, most = MOST / mr * mr;
    return rows >= (size_t)most ? most : rows < (size_t)mr ? mr : (int32_t)rows / mr * mr;
}

/* Behind the rows and the sums: a scale and a zero point for each row. */
size_t tmoi_gemm_s8_block_bytes(const tmoi_gemm_s8_product *p, int32_t rows)
{
    return align_up((size_t)rows * row_bytes(p)) + tmoi_gemm_s8_scratch_bytes(p) +
           (size_t)rows * (sizeof(float) + sizeof(int32_t));
}

/* One row, zeros behind it. */
static void fill_row(const tmoi_gemm_s8_product *p, const tmoi_gemm_s8_source *source, const void *in,
                     int64_t first, char *out)
{
    size_t elem_bytes = tmoi_gemm_s8_elem_bytes(p->kernel), used = (size_t)p->segment_terms * elem_bytes;
    p->kernel->fill(source, (const char *)in + (size_t)first * (tmo_type_bits(source->type) / 8),
                    p->segment_terms, out);
    memset(out + used, 0, row_bytes(p) - used);
}

/* `m` rows that share a scale. */
static void fill_rows(const tmoi_gemm_s8_product *p, const tmoi_gemm_s8_matrix *matrix, int64_t row,
                      int32_t m, char *out)
{
    int64_t first = row * p->segment_terms;
    const tmoi_gemm_s8_source source = tmoi_gemm_s8_source_of(
        matrix, matrix->scale ? row / matrix->rows_per_scale : 0);
    if (terms_of(p) == p->segment_terms) {
        p->kernel->fill(&source,
                        (const char *)matrix->data + (size_t)first * (tmo_type_bits(source.type) / 8),
                        (int64_t)m * p->segment_terms, out);
        return;
    }
    for (int32_t i = 0; i < m; i++)
        fill_row(p, &source, matrix->data, first + (int64_t)i * p->segment_terms,
                 out + (size_t)i * row_bytes(p));
}

/* Fills rows with different scales, which are written to scales and zero_points, one for each row. */
static void fill_scaled_rows(const tmoi_gemm_s8_product *p, const tmoi_gemm_s8_matrix *matrix, int64_t row,
                             int32_t m, char *out, float *scales, int32_t *zero_points)
{
    for (int32_t i = 0, end; i < m; i = end) {
        int64_t group = (row + i) / matrix->rows_per_scale, left = (group + 1) * matrix->rows_per_scale - row;
        end = left < m ? (int32_t)left : m;
        fill_rows(p, matrix, row + i, end - i, out + (size_t)i * row_bytes(p));
        for (int32_t k = i; k < end; k++) {
            scales[k] = matrix->scale[group];
            zero_points[k] = matrix->zero_point[group];
        }
    }
}

void tmoi_gemm_s8_block(const tmoi_gemm_s8_product *p, const tmoi_gemm_s8_matrix *matrix, int64_t row,
                        int32_t m, int32_t panel_begin, int32_t panel_end, void *out, void *scratch)
{
    const void *segment = scratch;
    char *sums = (char *)scratch + align_up((size_t)m * row_bytes(p));
    float *scales = (float *)(void *)(sums + tmoi_gemm_s8_scratch_bytes(p));
    int32_t *zero_points = (int32_t *)(void *)(scales + m);
    tmoi_gemm_s8_rows rows = {.m = m, .segment = &segment, .stride = (ptrdiff_t)row_bytes(p)};
    ptrdiff_t out_stride = (ptrdiff_t)((size_t)p->n * p->out_bytes);
    if (matrix->scale) {
        rows.scale = scales;
        rows.zero_point = zero_points;
        rows.step = 1;
        fill_scaled_rows(p, matrix, row, m, scratch, scales, zero_points);
    } else {
        fill_rows(p, matrix, row, m, scratch);
    }
    tmoi_gemm_s8_multiply(p, &rows, panel_begin, panel_end, 0, (char *)out + row * out_stride, out_stride,
                          sums);
}
