/* Integer depthwise convolution in plain C: sums of one output row, over contiguous channels. */
#include <string.h>

#include "kernels/dwconv/dwconv.h"

static void add_3_taps(int32_t n, const int16_t *in, ptrdiff_t in_step, const int16_t *w, ptrdiff_t w_step,
                       int32_t *restrict out)
{
    const int16_t *i1 = in + in_step, *i2 = i1 + in_step, *w1 = w + w_step, *w2 = w1 + w_step;
    for (int32_t c = 0; c < n; c++)
        out[c] = (int32_t)((uint32_t)out[c] + (uint32_t)(in[c] * w[c]) + (uint32_t)(i1[c] * w1[c]) +
                           (uint32_t)(i2[c] * w2[c]));
}

static void add_tap(int32_t n, const int16_t *in, const int16_t *w, int32_t *restrict out)
{
    for (int32_t c = 0; c < n; c++) out[c] = (int32_t)((uint32_t)out[c] + (uint32_t)(in[c] * w[c]));
}

static void add_tap_multiplied(int32_t n, int32_t multiplier, const int16_t *in, const int16_t *w,
                               int32_t *restrict out)
{
    for (int32_t c = 0; c < n; c++, w += multiplier, out += multiplier)
        for (int32_t m = 0; m < multiplier; m++)
            out[m] = (int32_t)((uint32_t)out[m] + (uint32_t)(in[c] * w[m]));
}

static void add_row(const tmoi_conv_shape *s, const int16_t *row, const int16_t *w, int32_t *out)
{
    int32_t multiplier = s->out_c / s->in_c;
    ptrdiff_t step = (ptrdiff_t)s->dilation_w * s->in_c;
    if (multiplier == 1 && s->filter_w == 3) {
        add_3_taps(s->in_c, row, step, w, s->out_c, out);
        return;
    }
    for (int32_t kx = 0; kx < s->filter_w; kx++, row += step, w += s->out_c) {
        if (multiplier == 1)
            add_tap(s->in_c, row, w, out);
        else
            add_tap_multiplied(s->in_c, multiplier, row, w, out);
    }
}

void tmoi_dwconv_s16_c(const tmoi_conv_shape *s, const int16_t *const *rows, const int16_t *filter,
                       int32_t *sums)
{
    memset(sums, 0, (size_t)s->out_w * (size_t)s->out_c * sizeof *sums);
    for (int32_t ox = 0; ox < s->out_w; ox++)
        for (int32_t ky = 0; ky < s->filter_h; ky++)
            if (rows[ky])
                add_row(s, rows[ky] + (ptrdiff_t)ox * s->stride_w * s->in_c,
                        filter + (ptrdiff_t)ky * s->filter_w * s->out_c, sums + (ptrdiff_t)ox * s->out_c);
}
