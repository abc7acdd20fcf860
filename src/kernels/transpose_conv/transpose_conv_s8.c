#include "kernels/transpose_conv/transpose_conv_s8.h"

#include <string.h>

enum { ALIGN = 64, SLACK = TMOI_GEMM_S8_SLACK };

static size_t align_up(size_t bytes)
{
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

int64_t tmoi_transpose_conv_s8_most_taps(const tmoi_conv_shape *s)
{
    int64_t h = ((int64_t)s->filter_h + s->stride_h - 1) / s->stride_h;
    return h * (((int64_t)s->filter_w + s->stride_w - 1) / s->stride_w);
}

static bool reaches(int32_t phase, int32_t before, int32_t tap, int32_t stride)
{
    return ((int64_t)phase + before - tap) % stride == 0;
}

/* The taps of one phase; their number. */
static int32_t taps_of(const tmoi_conv_shape *s, int32_t y, int32_t x, int32_t *which)
{
    int32_t count = 0;
    for (int32_t ky = 0; ky < s->filter_h; ky++)
        for (int32_t kx = 0; kx < s->filter_w; kx++)
            if (reaches(y, s->pad_top, ky, s->stride_h) && reaches(x, s->pad_left, kx, s->stride_w))
                which[count++] = ky * s->filter_w + kx;
    return count;
}

void tmoi_transpose_conv_s8_taps(const tmoi_conv_shape *s, int32_t most_taps, int32_t *counts, int32_t *which)
{
    int64_t phases = tmoi_transpose_conv_s8_phases(s);
    int32_t across = tmoi_transpose_conv_s8_phases_w(s);
    for (int64_t phase = 0; phase < phases; phase++, which += most_taps)
        counts[phase] = taps_of(s, (int32_t)(phase / across), (int32_t)(phase % across), which);
}

/* ---- the image, with zeros left and right of each row ---- */

static int64_t columns_left(const tmoi_conv_shape *s)
{
    return ((int64_t)s->filter_w + s->stride_w - 2) / s->stride_w;
}

static int64_t columns_of(const tmoi_conv_shape *s)
{
    int64_t reached = ((int64_t)s->out_w - 1 + s->pad_left) / s->stride_w + 1;
    return columns_left(s) + (reached > s->in_w ? reached : s->in_w);
}

static size_t row_bytes(const tmoi_conv_shape *s, size_t elem_bytes)
{
    return align_up((size_t)columns_of(s) * (size_t)s->in_c * elem_bytes + SLACK);
}

size_t tmoi_transpose_conv_s8_image_bytes(const tmoi_conv_shape *s, size_t elem_bytes)
{
    double rows = (double)s->batch * ((double)s->in_h + 1);
    double row = (double)columns_of(s) * s->in_c * (double)elem_bytes + (double)(ALIGN + SLACK);
    if (rows * row > (double)(SIZE_MAX / 4)) return 0;
    return (size_t)s->batch * ((size_t)s->in_h + 1) * row_bytes(s, elem_bytes);
}

static void fill_row(const tmoi_transpose_conv_s8 *conv, int64_t image, int64_t y, char *out)
{
    const tmoi_conv_shape *s = &conv->shape;
    const tmoi_gemm_s8_kernel *kernel = conv->products->kernel;
    tmoi_gemm_s8_source source = tmoi_gemm_s8_source_of(&conv->image, image);
    size_t elem_bytes = tmoi_gemm_s8_elem_bytes(kernel), in_bytes = tmo_type_bits(source.type) / 8;
    int64_t count = (int64_t)s->in_w * s->in_c;
    memset(out, kernel->bytes ? (int)(uint8_t)tmoi_gemm_s8_zero(kernel, &source) : 0,
           row_bytes(s, elem_bytes));
    if (y < s->in_h)
        kernel->fill(&source,
                     (const char *)conv->image.data + (size_t)((image * s->in_h + y) * count) * in_bytes,
                     count, out + (size_t)(columns_left(s) * s->in_c) * elem_bytes);
}

void tmoi_transpose_conv_s8_fill(const tmoi_transpose_conv_s8 *conv, int64_t row_begin, int64_t row_end)
{
    const tmoi_conv_shape *s = &conv->shape;
    size_t bytes = row_bytes(s, tmoi_gemm_s8_elem_bytes(conv->products->kernel));
    int64_t rows = (int64_t)s->in_h + 1;
    for (int64_t row = row_begin; row < row_end; row++)
        fill_row(conv, row / rows, row % rows, (char *)conv->rows + (size_t)row * bytes);
}

/* ---- the products ---- */

size_t tmoi_transpose_conv_s8_scratch_bytes(const tmoi_gemm_s8_product *product, int32_t most_taps)
{
    return align_up((size_t)most_taps * sizeof(void *)) + tmoi_gemm_s8_scratch_bytes(product);
}

/* Where the input of each tap begins for the first pixel of a phase in output row y. */
static void point_at(const tmoi_transpose_conv_s8 *conv, int64_t image, int32_t y, int32_t x, int64_t phase,
                     const void **segment)
{
    const tmoi_conv_shape *s = &conv->shape;
    size_t elem_bytes = tmoi_gemm_s8_elem_bytes(conv->products->kernel), bytes = row_bytes(s, elem_bytes);
    const int32_t *which = conv->which + phase * conv->most_taps;
    for (int32_t t = 0; t < conv->counts[phase]; t++) {
        int64_t iy = ((int64_t)y + s->pad_top - which[t] / s->filter_w) / s->stride_h;
        int64_t ix = ((int64_t)x + s->pad_left - which[t] % s->filter_w) / s->stride_w;
        bool inside = (int64_t)y + s->pad_top >= which[t] / s->filter_w && iy < s->in_h;
        int64_t row = image * ((int64_t)s->in_h + 1) + (inside ? iy : s->in_h);
        segment[t] = (const char *)conv->rows + (size_t)row * bytes +
                     (size_t)((columns_left(s) + ix) * s->in_c) * elem_bytes;
    }
}

static void multiply_phase(const tmoi_transpose_conv_s8 *conv, int64_t row, int32_t x, char *scratch)
{
    const tmoi_conv_shape *s = &conv->shape;
    int64_t image = row / s->out_h;
    int32_t y = (int32_t)(row % s->out_h);
    int64_t phase = (int64_t)(y % s->stride_h) * tmoi_transpose_conv_s8_phases_w(s) + x;
    const tmoi_gemm_s8_product *product = &conv->products[phase];
    const void **segment = (const void **)(void *)scratch;
    size_t pixel = (size_t)s->out_c * product->out_bytes;
    tmoi_gemm_s8_rows rows = {
        .m = (int32_t)(((int64_t)s->out_w - x + s->stride_w - 1) / s->stride_w),
        .segment = segment,
        .stride = (ptrdiff_t)((size_t)s->in_c * tmoi_gemm_s8_elem_bytes(product->kernel)),
        .scale = conv->image.scale ? conv->image.scale + image : NULL,
        .zero_point = conv->image.scale ? conv->image.zero_point + image : NULL};
    point_at(conv, image, y, x, phase, segment);
    tmoi_gemm_s8_multiply(product, &rows, 0, tmoi_gemm_s8_panels(product), 0,
                          (char *)conv->out + (size_t)(row * s->out_w + x) * pixel,
                          (ptrdiff_t)((size_t)s->stride_w * pixel),
                          scratch + align_up((size_t)conv->most_taps * sizeof(void *)));
}

void tmoi_transpose_conv_s8_rows(const tmoi_transpose_conv_s8 *conv, int64_t row_begin, int64_t row_end,
                                 void *scratch)
{
    for (int64_t row = row_begin; row < row_end; row++)
        for (int32_t x = 0; x < tmoi_transpose_conv_s8_phases_w(&conv->shape); x++)
            multiply_phase(conv, row, x, scratch);
}
