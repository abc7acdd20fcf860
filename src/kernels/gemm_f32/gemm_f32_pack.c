#include <string.h>

#include "base/compiler.h"
#include "kernels/common/widen.h"
#include "kernels/gemm_f32/gemm_f32.h"

enum {
    CACHED =
        16384, /* bytes of a panel at a time: they stay in the first cache while columns are read from end to end */
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

/* `columns` columns of elements as wide as those of `out`, which is known when compiling. */
static TMOI_ALWAYS_INLINE void copy_panel(size_t width, const tmoi_gemm_f32_weights *weights, int32_t lanes,
                                          int64_t column, int32_t columns, int64_t count, void *out)
{
    const char *in = (const char *)weights->data +
                     (weights->first + column * weights->n_stride) * (ptrdiff_t)width;
    ptrdiff_t k_stride = weights->k_stride * (ptrdiff_t)width,
              n_stride = weights->n_stride * (ptrdiff_t)width;
    ptrdiff_t row = lanes * (ptrdiff_t)width;
    char *to = out;
    if (weights->n_stride == 1) {
        for (int64_t i = 0; i < count; i++) memcpy(to + i * row, in + i * k_stride, (size_t)columns * width);
        return;
    }
    int64_t terms = CACHED / row;
    for (int64_t first = 0; first < count; first += terms) {
        int64_t end = count - first < terms ? count : first + terms;
        for (int32_t j = 0; j < columns; j++)
            for (int64_t i = first; i < end; i++)
                memcpy(to + i * row + j * (ptrdiff_t)width, in + i * k_stride + j * n_stride, width);
    }
}

void tmoi_gemm_f32_pack(const tmoi_gemm_f32_weights *weights, int32_t lanes, int64_t k, int64_t n,
                        int64_t first, int64_t count, float *out)
{
    for (int64_t column = 0; column < n; column += lanes) {
        int32_t columns = n - column < lanes ? (int32_t)(n - column) : lanes;
        float *panel = out + column * k + first * lanes;
        if (weights->type == TMO_TYPE_FLOAT32)
            copy_panel(sizeof *panel, weights, lanes, column, columns, count, panel);
        else
            pack_narrow(weights, lanes, column, columns, count, panel);
    }
}

void tmoi_gemm_f32_pack_half(const tmoi_gemm_f32_weights *weights, int32_t lanes, int64_t k, int64_t n,
                             int64_t first, int64_t count, uint16_t *out)
{
    for (int64_t column = 0; column < n; column += lanes) {
        int32_t columns = n - column < lanes ? (int32_t)(n - column) : lanes;
        uint16_t *panel = out + column * k + first * lanes;
        copy_panel(sizeof *panel, weights, lanes, column, columns, count, panel);
    }
}

void tmoi_transpose_f32(const float *in, int64_t rows, int64_t columns, float *out)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++) out[c * rows + r] = in[r * columns + c];
}
