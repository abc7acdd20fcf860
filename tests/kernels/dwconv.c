/* Depthwise convolutions: the kernels under the runner that feeds them, on images whose edges are all over the place. */
#include <math.h>
#include <string.h>

#include "kernels/dwconv/dwconv_run.h"
#include "kernels/family_headers.h"
#include "kernels/harness.h"
#include "kernels/requant/requant_value.h"

enum { CASES = 400, LANES = TMOI_DWCONV_LANES };

static int32_t up_to(kernel_test *test, int32_t limit)
{
    return 1 + (int32_t)tmoi_rng_below(&test->rng, (uint32_t)limit);
}

/* Sizes to two tiles and one more; every fourth case has more outputs than inputs, some have more padding than image. */
static tmoi_conv_shape next_image(kernel_test *test, int c)
{
    static const int32_t filters[] = {3, 5, 1, 2, 3, 4, 5, 7},
                         channels[] = {1, 3, 7, 8, 9, 16, 17, 24, 28, 36, 300};
    const int32_t multiplier = c % 4 == 3 ? up_to(test, 9) : 1;
    tmoi_conv_shape s = {.batch = 1 + c % 2,
                         .in_d = 1,
                         .in_h = up_to(test, 2 * TMOI_DWCONV_TILE + 1),
                         .in_w = up_to(test, 2 * TMOI_DWCONV_TILE + 1),
                         .in_c = channels[tmoi_rng_below(&test->rng, multiplier > 1 ? 10 : 11)],
                         .filter_d = 1,
                         .filter_h = filters[tmoi_rng_below(&test->rng, 8)],
                         .filter_w = filters[tmoi_rng_below(&test->rng, 8)],
                         .filter_c = 1,
                         .out_d = 1,
                         .stride_d = 1,
                         .stride_h = up_to(test, 2),
                         .stride_w = c % 9 == 8 ? 3 : up_to(test, 2),
                         .dilation_d = 1,
                         .dilation_h = c % 7 == 6 ? 2 : 1,
                         .dilation_w = c % 5 == 4 ? 2 : 1};
    s.out_c = s.in_c * multiplier;
    s.out_h = (s.in_h + s.stride_h - 1) / s.stride_h + c % 3;
    s.out_w = (s.in_w + s.stride_w - 1) / s.stride_w + c % 5;
    s.pad_top = c % 11 == 10 ? 2 * s.filter_h : (s.filter_h - 1) * s.dilation_h / 2;
    s.pad_left = c % 13 == 12 ? 2 * s.filter_w : (s.filter_w - 1) * s.dilation_w / 2;
    return s;
}

static size_t in_count(const tmoi_conv_shape *s)
{
    return (size_t)(s->batch * s->in_h * s->in_w * s->in_c);
}

static size_t out_count(const tmoi_conv_shape *s)
{
    return (size_t)(s->batch * s->out_h * s->out_w * s->out_c);
}

/* Calls visit(user, place in the image or -1, place in the filter) for the taps of element k of the output. */
static void for_each_tap(const tmoi_conv_shape *s, int64_t k,
                         void (*visit)(void *user, int64_t in, int64_t filter), void *user)
{
    const int64_t o = k % s->out_c, pixel = k / s->out_c, ox = pixel % s->out_w,
                  oy = pixel / s->out_w % s->out_h, n = pixel / s->out_w / s->out_h;
    for (int64_t ky = 0; ky < s->filter_h; ky++)
        for (int64_t kx = 0; kx < s->filter_w; kx++) {
            const int64_t y = oy * s->stride_h + ky * s->dilation_h - s->pad_top,
                          x = ox * s->stride_w + kx * s->dilation_w - s->pad_left;
            const bool inside = y >= 0 && y < s->in_h && x >= 0 && x < s->in_w;
            visit(user, inside ? ((n * s->in_h + y) * s->in_w + x) * s->in_c + o / (s->out_c / s->in_c) : -1,
                  (ky * s->filter_w + kx) * s->out_c + o);
        }
}

/* The part of a layer that a test runs. */
typedef struct run {
    tmoi_dwconv_compute compute;
    void (*set_slice)(void *user, const tmoi_dwconv_plan *plan, const tmoi_dwconv_band *band);
    void *user;
    size_t row_bytes, elem_bytes;
    char *all;      /* the output */
    char **row_out; /* where the compute function finds the row's slice of it */
} run;

/* All rows of all slices, in two bands. */
static void run_rows(kernel_test *test, const tmoi_dwconv_images *images, const run *r)
{
    const tmoi_dwconv_plan *plan = images->plan;
    const int64_t rows = (int64_t)plan->shape.batch * plan->shape.out_h;
    char *scratch = guarded(test, (size_t)tmoi_dwconv_scratch_bytes(plan));
    tmoi_dwconv_band band;
    for (int32_t slice = 0; slice < plan->slices; slice++)
        for (int64_t row = 0; row < rows; row++) {
            if (row == 0 || row == rows / 2) tmoi_dwconv_begin(plan, slice, scratch, &band);
            r->set_slice(r->user, plan, &band);
            *r->row_out = r->all + (size_t)row * r->row_bytes + (size_t)band.first * r->elem_bytes;
            tmoi_dwconv_row(images, &band, row, r->compute, r->user);
        }
}

static void name_case(kernel_test *test, int c, const tmoi_conv_shape *s)
{
    new_case(test, "case %d: %dx%dx%d to %dx%dx%d filter %dx%d stride %dx%d dilation %dx%d padding %d %d", c,
             (int)s->in_h, (int)s->in_w, (int)s->in_c, (int)s->out_h, (int)s->out_w, (int)s->out_c,
             (int)s->filter_h, (int)s->filter_w, (int)s->stride_h, (int)s->stride_w, (int)s->dilation_h,
             (int)s->dilation_w, (int)s->pad_top, (int)s->pad_left);
}

/* ---- float ---- */

typedef struct job_f32 {
    tmoi_dwconv_f32_function run;
    tmoi_dwconv_f32 layer, slice;
    char *out; /* the row's slice */
} job_f32;

static void compute_f32(const void *user, int32_t x, tmoi_dwconv_mode mode, const void *const *taps,
                        int32_t pixels)
{
    const job_f32 *job = user;
    float *out = (float *)(void *)job->out;
    job->run(&job->slice, mode, (const float *const *)taps, pixels, out + x * job->slice.grid.out_step);
}

static void slice_f32(void *user, const tmoi_dwconv_plan *plan, const tmoi_dwconv_band *band)
{
    job_f32 *job = user;
    job->slice = job->layer;
    tmoi_dwconv_slice_f32(plan, band, &job->slice);
}

typedef struct sum_f32 {
    const float *in, *filter;
    double sum;
} sum_f32;

static void add_f32(void *user, int64_t in, int64_t filter)
{
    sum_f32 *s = user;
    if (in >= 0) s->sum += (double)s->in[in] * (double)s->filter[filter];
}

static float *arrays_f32(kernel_test *test, int32_t channels)
{
    return fill_f32(test, (size_t)(channels < LANES ? LANES : channels), 3);
}

static bool check_dwconv_f32(kernel_test *test)
{
    for (int c = 0; c < CASES; c++) {
        const tmoi_conv_shape s = next_image(test, c);
        const tmoi_dwconv_plan plan = tmoi_dwconv_plan_of(&s, TMO_TYPE_FLOAT32);
        name_case(test, c, &s);
        const float *in = fill_f32(test, in_count(&s), c % PATTERNS),
                    *filter = fill_f32(test, (size_t)(s.filter_h * s.filter_w * s.out_c), (c / 3) % PATTERNS);
        float *weights = guarded(test, (size_t)tmoi_dwconv_packed_size(&plan) * sizeof(float)),
              *out = guarded(test, out_count(&s) * sizeof *out);
        const size_t padding_bytes = (size_t)tmoi_dwconv_padding_size(&plan) * sizeof(float);
        const void *padding = memset(guarded(test, padding_bytes), 0, padding_bytes);
        tmoi_dwconv_pack_f32(&plan, TMO_TYPE_FLOAT32, filter, NULL, weights);
        job_f32 job = {
            .run = (tmoi_dwconv_f32_function)test->kernel->function,
            .layer = {plan.grid, weights, arrays_f32(test, s.out_c), c % 6 ? -40.0f : 0.0f,
                      c % 6 ? 40.0f : 6.0f},
        };
        run_rows(test, &(tmoi_dwconv_images){&plan, in, padding, 0},
                 &(run){compute_f32, slice_f32, &job, (size_t)(s.out_w * s.out_c) * sizeof *out, sizeof *out,
                        (char *)out, &job.out});
        for (int64_t k = 0; k < (int64_t)out_count(&s); k++) {
            sum_f32 sum = {in, filter, (double)job.layer.bias[k % s.out_c]};
            for_each_tap(&s, k, add_f32, &sum);
            const double want = fmin(fmax(sum.sum, (double)job.layer.low), (double)job.layer.high);
            if (!near(out[k], want, 100, 1e-5)) return differs(test, k, (double)out[k], want);
        }
        if (!canary_intact(test, out)) return false;
    }
    return true;
}

/* ---- integers ---- */

typedef struct job_integer {
    tmoi_dwconv_integer_function run;
    tmoi_dwconv_integer layer, slice;
    char *out; /* the row's slice */
    size_t pixel_bytes;
} job_integer;

static void compute_integer(const void *user, int32_t x, tmoi_dwconv_mode mode, const void *const *taps,
                            int32_t pixels)
{
    const job_integer *job = user;
    job->run(&job->slice, mode, taps, pixels, job->out + (size_t)x * job->pixel_bytes);
}

static void slice_integer(void *user, const tmoi_dwconv_plan *plan, const tmoi_dwconv_band *band)
{
    job_integer *job = user;
    job->slice = job->layer;
    tmoi_dwconv_slice_integer(plan, band, &job->slice);
}

typedef struct sum_integer {
    const void *in;
    const int16_t *filter;
    tmo_type type;
    int32_t zero_point;
    int64_t sum;
} sum_integer;

/* Taps outside count as the zero point, whose part of the sum `start` takes away. */
static void add_integer(void *user, int64_t in, int64_t filter)
{
    sum_integer *s = user;
    const int64_t value = in < 0                      ? s->zero_point
                          : s->type == TMO_TYPE_INT16 ? ((const int16_t *)s->in)[in]
                          : s->type == TMO_TYPE_UINT8 ? ((const uint8_t *)s->in)[in]
                                                      : ((const int8_t *)s->in)[in];
    s->sum += value * s->filter[filter];
}

static size_t size_of(tmo_type type)
{
    return type == TMO_TYPE_INT32 || type == TMO_TYPE_FLOAT32 ? 4 : type == TMO_TYPE_INT16 ? 2 : 1;
}

/* The element that the contract promises for a sum, as a double. */
static double wanted(const tmoi_dwconv_integer *layer, int64_t channel, int32_t sum)
{
    const tmoi_requant_bounds bounds = tmoi_requant_bounds_of(&layer->requant);
    const float real = (float)sum * layer->scale[channel] + layer->bias[channel];
    if (layer->out_type == TMO_TYPE_INT32) return sum;
    if (layer->out_type == TMO_TYPE_FLOAT32)
        return (double)(real < layer->low ? layer->low : real > layer->high ? layer->high : real);
    return tmoi_requant_value(sum, layer->scale[channel], &bounds);
}

static double got_at(tmo_type type, const void *out, int64_t k)
{
    switch (type) {
    case TMO_TYPE_INT32: return ((const int32_t *)out)[k];
    case TMO_TYPE_FLOAT32: return (double)((const float *)out)[k];
    case TMO_TYPE_INT16: return ((const int16_t *)out)[k];
    case TMO_TYPE_UINT8: return ((const uint8_t *)out)[k];
    default: return ((const int8_t *)out)[k];
    }
}

static tmoi_dwconv_integer next_layer(kernel_test *test, int c, const tmoi_dwconv_plan *plan,
                                      tmo_type in_type)
{
    const size_t channels = (size_t)(plan->shape.out_c < LANES ? LANES : plan->shape.out_c);
    const bool wide = in_type == TMO_TYPE_INT16, is_unsigned = in_type == TMO_TYPE_UINT8;
    float *scale = guarded(test, channels * sizeof *scale);
    int32_t *start = guarded(test, channels * sizeof *start);
    for (size_t k = 0; k < channels; k++) {
        scale[k] = (wide ? 1e-4f : 2e-3f) * (1.0f + (float)tmoi_rng_below(&test->rng, 100));
        start[k] = (int32_t)tmoi_rng_below(&test->rng, 20000) - 10000;
    }
    const int32_t low = wide ? -32768 : is_unsigned ? 0 : -128, high = wide ? 32767 : is_unsigned ? 255 : 127;
    tmoi_dwconv_integer layer = {
        .grid = plan->grid,
        .start = start,
        .scale = scale,
        .bias = arrays_f32(test, plan->shape.out_c),
        .out_type = c % 4 == 1   ? TMO_TYPE_INT32
                    : c % 8 == 2 ? TMO_TYPE_FLOAT32
                                 : in_type,
        .requant = {.type = in_type,
                    .scale = scale,
                    .zero_point = wide ? 0 : low + (int32_t)tmoi_rng_below(&test->rng, 256),
                    .low = low + c % 3,
                    .high = high - c % 2},
        .low = -50.0f,
        .high = 60.0f};
    return layer;
}

static const void *next_pixels(kernel_test *test, tmo_type type, size_t count, int pattern)
{
    return type == TMO_TYPE_INT16 ? (const void *)fill_s16(test, count, pattern, -32768, 32767)
                                  : fill_s8(test, count, pattern);
}

/* A row of zero points. */
static const void *next_padding(kernel_test *test, tmo_type type, size_t count, int32_t zero_point)
{
    const size_t bytes = count * size_of(type);
    return memset(guarded(test, bytes), zero_point & 0xff, bytes);
}

static bool check_integer_case(kernel_test *test, int c, tmo_type type)
{
    const tmoi_conv_shape s = next_image(test, c);
    const tmoi_dwconv_plan plan = tmoi_dwconv_plan_of(&s, type);
    name_case(test, c, &s);
    tmoi_dwconv_integer layer = next_layer(test, c, &plan, type);
    const int32_t zero_point = type == TMO_TYPE_INT16 ? 0 : c % 3 == 0 ? 127 : c % 3 == 1 ? -3 : 0;
    const int32_t zero = type == TMO_TYPE_UINT8 ? zero_point & 0xff : zero_point;
    const int16_t limit = type == TMO_TYPE_INT16 ? 127 : 255;
    const void *in = next_pixels(test, type, in_count(&s), c % PATTERNS);
    const int16_t *filter = fill_s16(test, (size_t)(s.filter_h * s.filter_w * s.out_c), (c / 3) % PATTERNS,
                                     (int16_t)-limit, limit);
    int16_t *weights = guarded(test, (size_t)tmoi_dwconv_packed_size(&plan) * sizeof *weights);
    int32_t *sums = guarded(test, (size_t)(s.out_c < LANES ? LANES : s.out_c) * sizeof *sums);
    const void *padding = next_padding(test, type, (size_t)tmoi_dwconv_padding_size(&plan), zero_point);
    tmoi_dwconv_pack_integer(&plan, TMO_TYPE_INT16, filter, 0, weights, sums);
    layer.weights = weights;
    const size_t elem_bytes = size_of(layer.out_type);
    char *out = guarded(test, out_count(&s) * elem_bytes);
    job_integer job = {.run = (tmoi_dwconv_integer_function)test->kernel->function,
                       .layer = layer,
                       .pixel_bytes = (size_t)s.out_c * elem_bytes};
    run_rows(test, &(tmoi_dwconv_images){&plan, in, padding, 0},
             &(run){compute_integer, slice_integer, &job, (size_t)s.out_w * job.pixel_bytes, elem_bytes, out,
                    &job.out});
    for (int64_t k = 0; k < (int64_t)out_count(&s); k++) {
        sum_integer sum = {in, filter, type, zero, layer.start[k % s.out_c]};
        for_each_tap(&s, k, add_integer, &sum);
        const double want = wanted(&layer, k % s.out_c, (int32_t)(uint32_t)(uint64_t)sum.sum),
                     got = got_at(layer.out_type, out, k);
        if (got < want || got > want) return differs(test, k, got, want);
    }
    return canary_intact(test, out);
}

static bool check_integer(kernel_test *test, tmo_type type)
{
    for (int c = 0; c < CASES; c++)
        if (!check_integer_case(test, c, type)) return false;
    return true;
}

static bool check_dwconv_s8(kernel_test *test)
{
    return check_integer(test, TMO_TYPE_INT8);
}

static bool check_dwconv_u8(kernel_test *test)
{
    return check_integer(test, TMO_TYPE_UINT8);
}

static bool check_dwconv_s16(kernel_test *test)
{
    return check_integer(test, TMO_TYPE_INT16);
}

const family_entry dwconv_families[] = {
    {TMOI_FAMILY_dwconv_f32, check_dwconv_f32},
    {TMOI_FAMILY_dwconv_s8, check_dwconv_s8},
    {TMOI_FAMILY_dwconv_u8, check_dwconv_u8},
    {TMOI_FAMILY_dwconv_s16, check_dwconv_s16},
    {0, NULL},
};
