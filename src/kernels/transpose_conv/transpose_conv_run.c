#include <string.h>

#include "kernels/transpose_conv/transpose_conv.h"

/* The input position that filter tap k carries to output position `at`; false when there is none. */
static bool source(int32_t at, int32_t before, int32_t k, int32_t dilation, int32_t stride, int32_t size,
                   int32_t *out)
{
    int64_t shifted = (int64_t)at + before - (int64_t)k * dilation;
    *out = (int32_t)(shifted / stride);
    return shifted >= 0 && shifted % stride == 0 && shifted / stride < size;
}

typedef struct row_position {
    int64_t image;
    int32_t z, y;
} row_position;

static row_position position_of(const tmoi_conv_shape *s, int64_t row)
{
    int64_t plane = row / s->out_h;
    return (row_position){plane / s->out_d, (int32_t)(plane % s->out_d), (int32_t)(row % s->out_h)};
}

/* The number of the input row that filter row (kd, ky) carries to the output row; false when there is
 * none. */
static bool source_row(const tmoi_conv_shape *s, const row_position *at, int32_t kd, int32_t ky, int64_t *row)
{
    int32_t z, y;
    if (!source(at->z, s->pad_front, kd, s->dilation_d, s->stride_d, s->in_d, &z)) return false;
    if (!source(at->y, s->pad_top, ky, s->dilation_h, s->stride_h, s->in_h, &y)) return false;
    *row = (at->image * s->in_d + z) * s->in_h + y;
    return true;
}

/* products[ix, kx, o] added to out[ix · stride + kx · dilation − left, o], for one element type. */
#define ADD_ALONG_X(name, type, add)                                                                \
    static void name(const tmoi_conv_shape *s, const type *products, type *out)                     \
    {                                                                                               \
        for (int32_t ix = 0; ix < s->in_w; ix++)                                                    \
            for (int32_t kx = 0; kx < s->filter_w; kx++, products += s->out_c) {                    \
                int64_t ox = (int64_t)ix * s->stride_w + (int64_t)kx * s->dilation_w - s->pad_left; \
                if (ox < 0 || ox >= s->out_w) continue;                                             \
                type *pixel = out + ox * s->out_c;                                                  \
                for (int32_t o = 0; o < s->out_c; o++) pixel[o] = add(pixel[o], products[o]);       \
            }                                                                                       \
    }
#define ADD_WRAP_32(a, b) (int32_t)((uint32_t)(a) + (uint32_t)(b))
#define ADD_WRAP_64(a, b) (int64_t)((uint64_t)(a) + (uint64_t)(b))
ADD_ALONG_X(add_s32, int32_t, ADD_WRAP_32)
ADD_ALONG_X(add_s64, int64_t, ADD_WRAP_64)

static void finish_row(const tmoi_transpose_conv_s16 *conv, int64_t row, int64_t image, const void *sums)
{
    const tmoi_conv_shape *s = &conv->shape;
    for (int32_t ox = 0; ox < s->out_w; ox++) {
        int64_t from = (int64_t)ox * s->out_c, to = row * s->out_w * s->out_c + from;
        const int32_t *narrow = (const int32_t *)sums + from;
        if (conv->hybrid)
            tmoi_scale_f32(s->out_c, narrow, conv->image_scales[image], conv->scales, conv->bias, conv->low,
                           conv->high, (float *)conv->out + to);
        else if (conv->wide_sums)
            tmoi_requant_s64(&conv->requant, 0, s->out_c, (const int64_t *)sums + from,
                             (int16_t *)conv->out + to);
        else
            tmoi_requant_s32(&conv->requant, 0, s->out_c, narrow, (uint8_t *)conv->out + to);
    }
}

void tmoi_transpose_conv_s16_run(const tmoi_transpose_conv_s16 *conv, int64_t row_begin, int64_t row_end,
                                 void *products, void *sums)
{
    const tmoi_conv_shape *s = &conv->shape;
    int32_t columns = s->filter_w * s->out_c;
    size_t sums_bytes = (size_t)s->out_w * (size_t)s->out_c *
                        (conv->wide_sums ? sizeof(int64_t) : sizeof(int32_t));
    int64_t from;
    tmoi_gemm_shape gemm = {.m = s->in_w,
                            .n = columns,
                            .k = s->in_c,
                            .a_stride = s->in_c,
                            .b_stride = s->in_c,
                            .out_stride = columns};
    for (int64_t row = row_begin; row < row_end; row++) {
        row_position at = position_of(s, row);
        const int16_t *filter = conv->filter;
        memset(sums, 0, sums_bytes);
        for (int32_t kd = 0; kd < s->filter_d; kd++)
            for (int32_t ky = 0; ky < s->filter_h; ky++, filter += (ptrdiff_t)columns * s->in_c) {
                if (!source_row(s, &at, kd, ky, &from)) continue;
                const int16_t *in = conv->in + from * s->in_w * s->in_c;
                if (conv->wide_sums) {
                    conv->gemm_wide(&gemm, TMOI_BYTE_TERMS, in, filter, products);
                    add_s64(s, products, sums);
                } else {
                    conv->gemm(&gemm, in, filter, products);
                    add_s32(s, products, sums);
                }
            }
        finish_row(conv, row, at.image, sums);
    }
}
