#include "base/fp16.h"
#include "kernels/gemm_f32/gemm_f32.h"

static float element(const tmoi_gemm_f32_weights *weights, ptrdiff_t at)
{
    return weights->half ? tmoi_fp16_to_float(((const uint16_t *)weights->data)[at])
                         : ((const float *)weights->data)[at];
}

/* One panel of `columns` columns; the weights' rows lie along n. */
static void pack_along_n(const tmoi_gemm_f32_weights *weights, int32_t lanes, int64_t column, int32_t columns,
                         int64_t count, float *out)
{
    for (int64_t i = 0; i < count; i++)
        for (int32_t j = 0; j < columns; j++)
            out[i * lanes + j] = element(weights, i * weights->k_stride + column + j);
}

/* The same, where they lie along k or anyhow. */
static void pack_along_k(const tmoi_gemm_f32_weights *weights, int32_t lanes, int64_t column, int32_t columns,
                         int64_t count, float *out)
{
    for (int32_t j = 0; j < columns; j++)
        for (int64_t i = 0; i < count; i++)
            out[i * lanes + j] = element(weights, i * weights->k_stride + (column + j) * weights->n_stride);
}

void tmoi_gemm_f32_pack(const tmoi_gemm_f32_weights *weights, int32_t lanes, int64_t k, int64_t n,
                        int64_t first, int64_t count, float *out)
{
    for (int64_t column = 0; column < n; column += lanes) {
        int32_t columns = n - column < lanes ? (int32_t)(n - column) : lanes;
        (weights->n_stride == 1 ? pack_along_n : pack_along_k)(weights, lanes, column, columns, count,
                                                               out + column * k + first * lanes);
    }
}

void tmoi_transpose_f32(const float *in, int64_t rows, int64_t columns, float *out)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++) out[c * rows + r] = in[r * columns + c];
}
