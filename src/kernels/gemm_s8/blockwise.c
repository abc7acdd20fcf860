#include "kernels/gemm_s8/blockwise.h"

#include <assert.h>
#include <string.h>

enum { ALIGN = 64, MOST_SUMS = 16 * 64 };

static size_t row_bytes(const tmoi_gemm_s8_product *p)
{
    int32_t kr = p->kernel->kr, terms = (p->segment_terms + kr - 1) / kr * kr;
    return (size_t)p->segments * (size_t)terms * sizeof(int16_t);
}

size_t tmoi_gemm_s8_blockwise_bytes(const tmoi_gemm_s8_blockwise *blockwise)
{
    return ((size_t)blockwise->product.kernel->mr * row_bytes(&blockwise->product) + ALIGN - 1) / ALIGN *
           ALIGN;
}

/* Rows [row, row + m), each block padded to whole steps of the kernel. */
static void fill_rows(const tmoi_gemm_s8_product *p, const tmoi_gemm_s8_matrix *matrix, int64_t row,
                      int32_t m, int16_t *out)
{
    ptrdiff_t padded = (ptrdiff_t)(row_bytes(p) / sizeof(int16_t)) / p->segments;
    for (int32_t i = 0; i < m; i++) {
        tmoi_gemm_s8_source source = tmoi_gemm_s8_source_of(matrix, row + i);
        const float *in = (const float *)matrix->data + (row + i) * p->segments * p->segment_terms;
        for (int32_t s = 0; s < p->segments; s++, in += p->segment_terms, out += padded) {
            p->kernel->fill(&source, in, p->segment_terms, out);
            memset(out + p->segment_terms, 0, (size_t)(padded - p->segment_terms) * sizeof *out);
        }
    }
}

/* totals[i,j] of one panel: the sums of each block, scaled and added up. */
static void add_blocks(const tmoi_gemm_s8_blockwise *b, int32_t panel, int32_t m, const int16_t *rows,
                       float *totals)
{
    static const int32_t zeros[64];
    const tmoi_gemm_s8_product *p = &b->product;
    int32_t sums[MOST_SUMS], nr = p->kernel->nr, columns = tmoi_gemm_s8_panels(p) * nr;
    ptrdiff_t padded = (ptrdiff_t)(row_bytes(p) / sizeof(int16_t)) / p->segments;
    const tmoi_gemm_s8_finish finish = {.kind = TMOI_GEMM_S8_SUMS, .start = zeros};
    const void *segment = rows;
    tmoi_gemm_s8_tile tile = {.m = m,
                              .n = nr,
                              .segments = 1,
                              .terms = (int32_t)padded,
                              .segment = &segment,
                              .row_stride = (ptrdiff_t)row_bytes(p),
                              .panel = p->panels + (ptrdiff_t)panel * nr * padded * p->segments,
                              .out = sums,
                              .out_stride = nr * (ptrdiff_t)sizeof *sums};
    memset(totals, 0, (size_t)(m * nr) * sizeof *totals);
    for (int32_t s = 0; s < p->segments; s++) {
        const float *scales = b->scales + (ptrdiff_t)s * columns + (ptrdiff_t)panel * nr;
        p->kernel->run(&tile, &finish);
        for (int32_t i = 0; i < m; i++)
            for (int32_t j = 0; j < nr; j++) totals[i * nr + j] += (float)sums[i * nr + j] * scales[j];
        tile.panel += nr * padded;
        tile.offset += padded * (ptrdiff_t)sizeof(int16_t);
    }
}

static void finish_panel(const tmoi_gemm_s8_product *p, int32_t panel, int32_t m, const float *row_scale,
                         const float *totals, float *out)
{
    int32_t nr = p->kernel->nr, first = panel * nr, n = p->n - first < nr ? p->n - first : nr;
    for (int32_t i = 0; i < m; i++)
        for (int32_t j = 0; j < n; j++) {
            float y = totals[i * nr + j] * row_scale[i] + p->finish.bias[first + j];
            out[(ptrdiff_t)i * p->n + first + j] = tmoi_clamp_f32(y, p->finish.low, p->finish.high);
        }
}

void tmoi_gemm_s8_blockwise_run(const tmoi_gemm_s8_blockwise *b, const tmoi_gemm_s8_matrix *matrix, int64_t m,
                                int32_t panel_begin, int32_t panel_end, float *out, void *scratch)
{
    const tmoi_gemm_s8_product *p = &b->product;
    float totals[MOST_SUMS];
    assert(p->kernel->mr * p->kernel->nr <= MOST_SUMS);
    for (int64_t row = 0; row < m; row += p->kernel->mr) {
        int32_t rows = m - row < p->kernel->mr ? (int32_t)(m - row) : p->kernel->mr;
        fill_rows(p, matrix, row, rows, scratch);
        for (int32_t panel = panel_begin; panel < panel_end; panel++) {
            add_blocks(b, panel, rows, scratch, totals);
            finish_panel(p, panel, rows, matrix->scale + row, totals, out + row * p->n);
        }
    }
}
