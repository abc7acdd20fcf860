#include <string.h>

#include "kernels/dwconv/dwconv.h"

/* Copies an input row from column −pad_left on as 16-bit differences to the zero point, zeros outside the
 * image. */
static void widen_row(const tmoi_dwconv_s16 *conv, int64_t image, int32_t y, int32_t zero_point, int16_t *out)
{
    const tmoi_conv_shape *s = &conv->shape;
    int64_t pixels = tmoi_dwconv_row_pixels(s), before = s->pad_left < pixels ? s->pad_left : pixels;
    int64_t inside = pixels - before < s->in_w ? pixels - before : s->in_w;
    memset(out, 0, (size_t)(before * s->in_c) * sizeof *out);
    tmoi_widen(conv->in_type, conv->in, (image * s->in_h + y) * s->in_w * s->in_c, inside * s->in_c,
               zero_point, out + before * s->in_c);
    memset(out + (before + inside) * s->in_c, 0,
           (size_t)((pixels - before - inside) * s->in_c) * sizeof *out);
}

static void finish_row(const tmoi_dwconv_s16 *conv, int64_t row, const int32_t *sums)
{
    const tmoi_conv_shape *s = &conv->shape;
    for (int32_t ox = 0; ox < s->out_w; ox++, sums += s->out_c) {
        int64_t at = (row * s->out_w + ox) * s->out_c;
        if (conv->hybrid)
            tmoi_scale_f32(s->out_c, sums, conv->image_scales[row / s->out_h], conv->scales, conv->bias,
                           conv->low, conv->high, (float *)conv->out + at);
        else if (conv->requant.type == TMO_TYPE_INT16)
            tmoi_requant_s32(&conv->requant, 0, s->out_c, sums, (int16_t *)conv->out + at);
        else
            tmoi_requant_s32(&conv->requant, 0, s->out_c, sums, (uint8_t *)conv->out + at);
    }
}

void tmoi_dwconv_s16_run(const tmoi_dwconv_s16 *conv, int64_t row_begin, int64_t row_end, int16_t *rows,
                         const int16_t **pointers, int32_t *sums)
{
    const tmoi_conv_shape *s = &conv->shape;
    int64_t row_size = tmoi_dwconv_row_pixels(s) * s->in_c;
    for (int64_t row = row_begin; row < row_end; row++) {
        int64_t image = row / s->out_h;
        int32_t top = (int32_t)(row % s->out_h) * s->stride_h - s->pad_top;
        for (int32_t ky = 0; ky < s->filter_h; ky++) {
            int32_t y = top + ky * s->dilation_h;
            pointers[ky] = y < 0 || y >= s->in_h ? NULL : rows + ky * row_size;
            if (pointers[ky])
                widen_row(conv, image, y, conv->zero_points[conv->hybrid ? image : 0], rows + ky * row_size);
        }
        conv->kernel(s, pointers, conv->filter, sums);
        finish_row(conv, row, sums);
    }
}
