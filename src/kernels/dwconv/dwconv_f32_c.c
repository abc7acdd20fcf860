/* Float depthwise convolution in plain C: for each output pixel, tap after tap over contiguous channels. */
#include "kernels/dwconv/dwconv.h"

/* Three taps at once: the filters of phones are 3 wide, and the sums stay in registers longer. */
static void add_3_taps(int32_t n, const float *in, ptrdiff_t in_step, const float *w, ptrdiff_t w_step,
                       float *restrict out)
{
    const float *i1 = in + in_step, *i2 = i1 + in_step, *w1 = w + w_step, *w2 = w1 + w_step;
    for (int32_t c = 0; c < n; c++) out[c] += in[c] * w[c] + i1[c] * w1[c] + i2[c] * w2[c];
}

static void add_tap(int32_t n, const float *in, const float *w, float *restrict out)
{
    for (int32_t c = 0; c < n; c++) out[c] += in[c] * w[c];
}

static void add_tap_multiplied(int32_t n, int32_t multiplier, const float *in, const float *w,
                               float *restrict out)
{
    for (int32_t c = 0; c < n; c++, w += multiplier, out += multiplier)
        for (int32_t m = 0; m < multiplier; m++) out[m] += in[c] * w[m];
}

/* The taps of one filter row; `row` is the input row, x the column of the first tap. */
static void add_row(const tmoi_conv_shape *s, const float *row, int32_t x, const float *w, float *out)
{
    int32_t multiplier = s->out_c / s->in_c;
    ptrdiff_t step = (ptrdiff_t)s->dilation_w * s->in_c;
    if (multiplier == 1 && s->filter_w == 3 && x >= 0 && x + 2 * s->dilation_w < s->in_w) {
        add_3_taps(s->in_c, row + (ptrdiff_t)x * s->in_c, step, w, s->out_c, out);
        return;
    }
    for (int32_t kx = 0; kx < s->filter_w; kx++, x += s->dilation_w, w += s->out_c) {
        if (x < 0 || x >= s->in_w) continue;
        const float *in = row + (ptrdiff_t)x * s->in_c;
        if (multiplier == 1)
            add_tap(s->in_c, in, w, out);
        else
            add_tap_multiplied(s->in_c, multiplier, in, w, out);
    }
}

static void compute_pixel(const tmoi_conv_shape *s, const float *image, const float *filter,
                          const float *bias, int32_t top, int32_t left, float *out)
{
    for (int32_t c = 0; c < s->out_c; c++) out[c] = bias ? bias[c] : 0.0f;
    for (int32_t ky = 0; ky < s->filter_h; ky++) {
        int32_t y = top + ky * s->dilation_h;
        if (y < 0 || y >= s->in_h) continue;
        const float *row = image + (ptrdiff_t)y * s->in_w * s->in_c;
        add_row(s, row, left, filter + (ptrdiff_t)ky * s->filter_w * s->out_c, out);
    }
}

void tmoi_dwconv_f32_c(const tmoi_conv_shape *s, const float *in, const float *filter, const float *bias,
                       float low, float high, float *out, int64_t row_begin, int64_t row_end)
{
    for (int64_t row = row_begin; row < row_end; row++) {
        const float *image = in + (row / s->out_h) * s->in_h * s->in_w * s->in_c;
        int32_t top = (int32_t)(row % s->out_h) * s->stride_h - s->pad_top;
        for (int32_t ox = 0; ox < s->out_w; ox++) {
            float *pixel = out + (row * s->out_w + ox) * s->out_c;
            compute_pixel(s, image, filter, bias, top, ox * s->stride_w - s->pad_left, pixel);
            for (int32_t c = 0; c < s->out_c; c++) pixel[c] = tmoi_clamp_f32(pixel[c], low, high);
        }
    }
}
