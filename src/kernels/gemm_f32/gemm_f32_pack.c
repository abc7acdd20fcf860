#include <string.h>

#include "base/fp16.h"
#include "kernels/gemm_f32/gemm_f32.h"

enum {
    TERMS = 8, /* at a time: a cache line of `out` is written by all columns before it goes */
    HALVES = 64
};

static void widen(const uint16_t *in, ptrdiff_t stride, int64_t count, float *restrict floats)
{
    if (stride == 1)
        for (int64_t i = 0; i < count; i++) floats[i] = tmoi_fp16_to_float(in[i]);
    else
        for (int64_t i = 0; i < count; i++) floats[i] = tmoi_fp16_to_float(in[i * stride]);
}

/* One panel of `columns` columns, `count` terms. */
static void pack_half(const tmoi_gemm_f32_weights *weights, int32_t lanes, int64_t column, int32_t columns,
                      int64_t count, float *out)
{
    const uint16_t *in = (const uint16_t *)weights->data + column * weights->n_stride;
    float floats[HALVES];
    for (int64_t first = 0; first < count; first += HALVES) {
        int64_t terms = count - first < HALVES ? count - first : HALVES;
        for (int32_t j = 0; j < columns; j++) {
            widen(in + first * weights->k_stride + j * weights->n_stride, weights->k_stride, terms, floats);
            for (int64_t i = 0; i < terms; i++) out[(first + i) * lanes + j] = floats[i];
        }
    }
}

static void pack_floats(const tmoi_gemm_f32_weights *weights, int32_t lanes, int64_t column, int32_t columns,
                        int64_t count, float *out)
{
    const float *in = (const float *)weights->data + column * weights->n_stride;
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
        (weights->half ? pack_half : pack_floats)(weights, lanes, column, columns, count,
                                                  out + column * k + first * lanes);
    }
}

void tmoi_transpose_f32(const float *in, int64_t rows, int64_t columns, float *out)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++) out[c * rows + r] = in[r * columns + c];
}
