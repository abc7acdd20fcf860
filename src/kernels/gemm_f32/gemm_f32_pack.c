#include <string.h>

#include "kernels/common/widen.h"
#include "kernels/gemm_f32/gemm_f32.h"

enum {
    TERMS = 8, /* at a time: a cache line of `out` is written by all columns before it goes */
    WIDENED = 64
};

/* One panel of `columns` columns, `count` terms, of elements narrower than floats. */
static void pack_narrow(const tmoi_gemm_f32_weights *weights, int32_t lanes, int64_t column, int32_t columns,
                        int64_t count, float *out)
{
    float floats[WIDENED];
    for (int64_t first = 0; first < count; first += WIDENED) {
        int64_t terms = count - first < WIDENED ? count - first : WIDENED;
        for (int32_t j = 0; j < columns; j++) {
            int64_t at = weights->first + first * weights->k_stride + (column + j) * weights->n_stride;
            tmoi_widen_f32(weights->type, weights->data, at, weights->k_stride, terms,
                           weights->scale ? weights->scale[column + j] : 1.0f, floats);
            for (int64_t i = 0; i < terms; i++) out[(first + i) * lanes + j] = floats[i];
        }
    }
}

static void pack_floats(const tmoi_gemm_f32_weights *weights, int32_t lanes, int64_t column, int32_t columns,
                        int64_t count, float *out)
{
    const float *in = (const float *)weights->data + weights->first + column * weights->n_stride;
    if (weights->n_stride == 1) {
        for (int64_t i = 0; i < count; i++, in += weights->k_stride, out += lanes)
            for (int32_t j = 0; j < columns; j++) out[j] = in[j];
        return;
    }
    for (int64_t first = 0; first < count; first += TERMS) {
        int64_t end = count - first < TERMS ? count : first + TERMS;
        for (int32_t j = 0; j < columns; j++)
            for (int64_t i = first; i < end; i++)
                out[i * lanes + j] = in[i * weights->k_stride + j * weights->n_stride];
    }
}

void tmoi_gemm_f32_pack(const tmoi_gemm_f32_weights *weights, int32_t lanes, int64_t k, int64_t n,
                        int64_t first, int64_t count, float *out)
{
    for (int64_t column = 0; column < n; column += lanes) {
        int32_t columns = n - column < lanes ? (int32_t)(n - column) : lanes;
        bool narrow = weights->type != TMO_TYPE_FLOAT32;
        (narrow ? pack_narrow : pack_floats)(weights, lanes, column, columns, count,
                                             out + column * k + first * lanes);
    }
}

void tmoi_transpose_f32(const float *in, int64_t rows, int64_t columns, float *out)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++) out[c * rows + r] = in[r * columns + c];
}
