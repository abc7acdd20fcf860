#include "kernels/transpose_conv/transpose_conv_f32.h"

/* Along one axis, the output positions q = phase + stride · j. */
typedef struct axis_phase {
    int32_t taps;           /* of the filter that reach them */
    int32_t last_tap, step; /* these are last_tap, last_tap − step, …: in the order of the input */
    int32_t before;         /* the first reads the input at j − before, */
    int32_t dilation;       /* and each next one further on by this */
    int32_t out;            /* positions */
    int32_t earlier;        /* taps of the phases before this one */
} axis_phase;

typedef struct axis {
    int32_t before, filter, stride, dilation, out;
} axis;

static axis_phase phase_of(const axis *a, int32_t phase)
{
    axis_phase p = {.step = 1, .dilation = 1, .out = (a->out - phase + a->stride - 1) / a->stride};
    for (int32_t k = a->filter - 1; k >= 0; k--) {
        int64_t shift = (int64_t)phase + a->before - (int64_t)k * a->dilation;
        int64_t own = ((int64_t)k * a->dilation - a->before) % a->stride;
        if ((own < 0 ? own + a->stride : own) < phase) p.earlier++;
        if (shift % a->stride) continue;
        if (p.taps == 0) {
            p.last_tap = k;
            p.before = (int32_t)(-shift / a->stride);
        } else if (p.taps == 1) {
            p.step = p.last_tap - k;
            p.dilation = (int32_t)((int64_t)p.step * a->dilation / a->stride);
        }
        p.taps++;
    }
    return p;
}

/* The three axes, and the phases on each. */
typedef struct phases {
    axis_phase d, h, w;
} phases;

static axis axis_d(const tmoi_conv_shape *s)
{
    return (axis){s->pad_front, s->filter_d, s->stride_d, s->dilation_d, s->out_d};
}

static axis axis_h(const tmoi_conv_shape *s)
{
    return (axis){s->pad_top, s->filter_h, s->stride_h, s->dilation_h, s->out_h};
}

static axis axis_w(const tmoi_conv_shape *s)
{
    return (axis){s->pad_left, s->filter_w, s->stride_w, s->dilation_w, s->out_w};
}

static int64_t packed_tap(const tmoi_transpose_conv_f32 *conv)
{
    return tmoi_gemm_f32_packed_size(conv->gemm->lanes, conv->shape.in_c, conv->shape.out_c);
}

/* Where the taps of the phases begin in the packed filter. */
static int64_t filter_offset(const tmoi_transpose_conv_f32 *conv, const phases *p)
{
    const tmoi_conv_shape *s = &conv->shape;
    int64_t rows = (int64_t)p->d.earlier * s->filter_h + (int64_t)p->d.taps * p->h.earlier;
    return (rows * s->filter_w + (int64_t)p->d.taps * p->h.taps * p->w.earlier) * packed_tap(conv);
}

/* The convolution that computes the phases. */
static tmoi_conv_f32 convolution_of(const tmoi_transpose_conv_f32 *conv, const phases *p)
{
    const tmoi_conv_shape *s = &conv->shape;
    tmoi_conv_f32 out = {.gemm = conv->gemm,
                         .in = conv->in,
                         .filter = conv->filter ? conv->filter + filter_offset(conv, p) : NULL,
                         .bias = conv->bias,
                         .low = conv->low,
                         .high = conv->high};
    out.shape = (tmoi_conv_shape){.batch = s->batch,
                                  .in_d = s->in_d,
                                  .in_h = s->in_h,
                                  .in_w = s->in_w,
                                  .in_c = s->in_c,
                                  .filter_d = p->d.taps,
                                  .filter_h = p->h.taps,
                                  .filter_w = p->w.taps,
                                  .filter_c = s->in_c,
                                  .out_d = p->d.out,
                                  .out_h = p->h.out,
                                  .out_w = p->w.out,
                                  .out_c = s->out_c,
                                  .stride_d = 1,
                                  .stride_h = 1,
                                  .stride_w = 1,
                                  .dilation_d = p->d.dilation,
                                  .dilation_h = p->h.dilation,
                                  .dilation_w = p->w.dilation,
                                  .pad_front = p->d.before,
                                  .pad_top = p->h.before,
                                  .pad_left = p->w.before};
    tmoi_conv_f32_plan(&out);
    return out;
}

int64_t tmoi_transpose_conv_f32_filter_size(const tmoi_transpose_conv_f32 *conv)
{
    const tmoi_conv_shape *s = &conv->shape;
    return (int64_t)s->filter_d * s->filter_h * s->filter_w * packed_tap(conv);
}

static void pack_phases(const tmoi_transpose_conv_f32 *conv, const tmoi_gemm_f32_weights *weights,
                        ptrdiff_t tap_stride, const phases *p, float *out)
{
    const tmoi_conv_shape *s = &conv->shape;
    int64_t k = (int64_t)p->d.taps * p->h.taps * p->w.taps * s->in_c, first = 0;
    tmoi_gemm_f32_weights tap = *weights;
    for (int32_t d = 0; d < p->d.taps; d++)
        for (int32_t h = 0; h < p->h.taps; h++)
            for (int32_t w = 0; w < p->w.taps; w++, first += s->in_c) {
                int64_t kd = p->d.last_tap - d * p->d.step, ky = p->h.last_tap - h * p->h.step;
                int64_t kx = p->w.last_tap - w * p->w.step;
                int64_t at = ((kd * s->filter_h + ky) * s->filter_w + kx) * tap_stride;
                tap.first = weights->first + at;
                tmoi_gemm_f32_pack(&tap, conv->gemm->lanes, k, s->out_c, first, s->in_c, out);
            }
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

void tmoi_transpose_conv_f32_pack(const tmoi_transpose_conv_f32 *conv, const tmoi_gemm_f32_weights *weights,
                                  ptrdiff_t tap_stride, float *out)
{
    const tmoi_conv_shape *s = &conv->shape;
    axis d = axis_d(s), h = axis_h(s), w = axis_w(s);
    for (int32_t z = 0; z < smaller(s->stride_d, s->out_d); z++)
        for (int32_t y = 0; y < smaller(s->stride_h, s->out_h); y++)
            for (int32_t x = 0; x < smaller(s->stride_w, s->out_w); x++) {
                phases p = {phase_of(&d, z), phase_of(&h, y), phase_of(&w, x)};
                pack_phases(conv, weights, tap_stride, &p, out + filter_offset(conv, &p));
            }
}

static axis_phase largest_phase(const axis *a)
{
    axis_phase largest = {.dilation = 1};
    for (int32_t k = 0; k < smaller(a->stride, a->out); k++) {
        axis_phase p = phase_of(a, k);
        if (p.taps > largest.taps) largest = p;
    }
    return largest;
}

bool tmoi_transpose_conv_f32_scratch_bytes(const tmoi_transpose_conv_f32 *conv, size_t *bytes)
{
    const tmoi_conv_shape *s = &conv->shape;
    axis d = axis_d(s), h = axis_h(s), w = axis_w(s);
    phases p = {largest_phase(&d), largest_phase(&h), largest_phase(&w)};
    tmoi_conv_f32 largest = convolution_of(conv, &p);
    largest.block = TMOI_GEMM_F32_MOST_ROWS;
    return tmoi_conv_f32_scratch_bytes(&largest, bytes);
}

void tmoi_transpose_conv_f32_row(const tmoi_transpose_conv_f32 *conv, int64_t row, void *scratch)
{
    const tmoi_conv_shape *s = &conv->shape;
    axis d = axis_d(s), h = axis_h(s), w = axis_w(s);
    int64_t plane = row / s->out_h, image = plane / s->out_d;
    int32_t z = (int32_t)(plane % s->out_d), y = (int32_t)(row % s->out_h);
    phases p = {.d = phase_of(&d, z % s->stride_d), .h = phase_of(&h, y % s->stride_h)};
    for (int32_t x = 0; x < smaller(s->stride_w, s->out_w); x++) {
        p.w = phase_of(&w, x);
        tmoi_conv_f32 part = convolution_of(conv, &p);
        int64_t pixel = ((image * p.d.out + z / s->stride_d) * p.h.out + y / s->stride_h) * p.w.out;
        tmoi_conv_f32_target target = {.out = conv->out + (row * s->out_w + x) * s->out_c,
                                       .stride = (ptrdiff_t)s->stride_w * s->out_c,
                                       .count = s->out_c};
        tmoi_conv_f32_run(&part, pixel, p.w.out, &target, scratch);
    }
}
