#include <stddef.h>

#include "kernels/common/fixed_point.h"
#include "kernels/conv/conv.h"

static float dot(const float *a, const float *b, int32_t count)
{
    float sum = 0.0f;
    for (int32_t k = 0; k < count; k++) sum += a[k] * b[k];
    return sum;
}

static float point(const tmoi_conv_shape *s, const float *image, const float *filter, int32_t top, int32_t left)
{
    float sum = 0.0f;
    for (int32_t ky = 0; ky < s->filter_h; ky++) {
        int32_t y = top + ky * s->dilation_h;
        if (y < 0 || y >= s->in_h) continue;
        for (int32_t kx = 0; kx < s->filter_w; kx++) {
            int32_t x = left + kx * s->dilation_w;
            if (x < 0 || x >= s->in_w) continue;
            const float *in = image + ((ptrdiff_t)y * s->in_w + x) * s->in_c;
            sum += dot(in, filter + ((ptrdiff_t)ky * s->filter_w + kx) * s->filter_c, s->filter_c);
        }
    }
    return sum;
}

void tmoi_conv_f32_c(const tmoi_conv_shape *s, const float *in, const float *filter, const float *bias, float low, float high,
                     float *out, int64_t row_begin, int64_t row_end)
{
    int32_t group_out = s->out_c / (s->in_c / s->filter_c);
    ptrdiff_t filter_size = (ptrdiff_t)s->filter_h * s->filter_w * s->filter_c;
    for (int64_t row = row_begin; row < row_end; row++) {
        const float *image = in + (row / s->out_h) * s->in_h * s->in_w * s->in_c;
        int32_t top = (int32_t)(row % s->out_h) * s->stride_h - s->pad_top;
        for (int32_t ox = 0; ox < s->out_w; ox++) {
            int32_t left = ox * s->stride_w - s->pad_left;
            float *pixel = out + (row * s->out_w + ox) * s->out_c;
            for (int32_t o = 0; o < s->out_c; o++) {
                float sum = point(s, image + (o / group_out) * s->filter_c, filter + o * filter_size, top, left);
                pixel[o] = tmoi_clamp_f32(sum + (bias ? bias[o] : 0.0f), low, high);
            }
        }
    }
}
