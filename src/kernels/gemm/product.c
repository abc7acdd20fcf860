#include "kernels/gemm/product.h"

#include <string.h>

typedef struct tile {
    int32_t row, column, rows, columns;
} tile;

static tile tile_at(int32_t m, int32_t n, int64_t index)
{
    int64_t across = ((int64_t)n + TMOI_PRODUCT_COLUMNS - 1) / TMOI_PRODUCT_COLUMNS;
    tile t = {.row = (int32_t)(index / across) * TMOI_PRODUCT_ROWS,
              .column = (int32_t)(index % across) * TMOI_PRODUCT_COLUMNS};
    t.rows = m - t.row < TMOI_PRODUCT_ROWS ? m - t.row : TMOI_PRODUCT_ROWS;
    t.columns = n - t.column < TMOI_PRODUCT_COLUMNS ? n - t.column : TMOI_PRODUCT_COLUMNS;
    return t;
}

static void finish_row(const tmoi_product_s16 *p, int32_t row, int32_t column, int32_t count,
                       const void *sums)
{
    int64_t at = (int64_t)row * p->n + column;
    if (p->raw)
        memcpy((int32_t *)p->out + at, sums, (size_t)count * sizeof(int32_t));
    else if (p->hybrid)
        tmoi_scale_f32(count, sums, p->row_scales[row], p->scales + column, p->bias ? p->bias + column : NULL,
                       p->low, p->high, (float *)p->out + at);
    else if (p->terms)
        tmoi_requant_s64(&p->requant, column, count, sums, (int16_t *)p->out + at);
    else if (p->requant.type == TMO_TYPE_INT16)
        tmoi_requant_s32(&p->requant, column, count, sums, (int16_t *)p->out + at);
    else
        tmoi_requant_s32(&p->requant, column, count, sums, (uint8_t *)p->out + at);
}

void tmoi_product_s16_run(const tmoi_product_s16 *p, int64_t tile_begin, int64_t tile_end, void *sums)
{
    size_t sum_bytes = p->terms ? sizeof(int64_t) : sizeof(int32_t);
    for (int64_t index = tile_begin; index < tile_end; index++) {
        tile t = tile_at(p->m, p->n, index);
        tmoi_gemm_shape shape = {.m = t.rows,
                                 .n = t.columns,
                                 .k = p->k,
                                 .a_stride = p->k,
                                 .b_stride = p->k,
                                 .out_stride = t.columns};
        const int16_t *a = p->a + (int64_t)t.row * p->k, *b = p->b + (int64_t)t.column * p->k;
        if (p->terms)
            p->gemm_wide(&shape, p->terms, a, b, sums);
        else
            p->gemm(&shape, a, b, sums);
        for (int32_t i = 0; i < t.rows; i++)
            finish_row(p, t.row + i, t.column, t.columns,
                       (const char *)sums + (size_t)i * (size_t)t.columns * sum_bytes);
    }
}
