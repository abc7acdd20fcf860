/* Float matrix products, and the convolutions that are made of them. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fp16.h"
#include "kernels/conv/conv_f32.h"
#include "kernels/family_headers.h"
#include "kernels/harness.h"
#include "kernels/transpose_conv/transpose_conv_f32.h"

typedef struct product_case {
    int32_t m, n, taps, terms, slack;
    float low, high;
    bool bias;
} product_case;

/* Every edge of a tile, by turns; the layers of real models; anything. */
static product_case next_case(kernel_test *test, const tmoi_gemm_f32_kernel *kernel, int index)
{
    static const int32_t real[][4] = {{49, 64, 1, 16},  {1, 10, 1, 128},  {196, 24, 9, 1},  {36, 96, 1, 384},
                                      {60, 28, 1, 24},  {64, 42, 1, 36},  {30, 88, 1, 80},  {25, 24, 3, 24},
                                      {40, 16, 3, 9},   {9, 1404, 9, 32}, {50, 136, 1, 56}, {16, 213, 4, 128},
                                      {24, 1280, 1, 64}};
    enum { REAL = sizeof real / sizeof real[0] };
    product_case c = {.slack = index % 3, .bias = index % 4 != 0};
    int32_t most = 2 * kernel->rows + 2, wide = 7 * kernel->lanes + 2;
    if (index < REAL) {
        c.m = real[index][0], c.n = real[index][1], c.taps = real[index][2], c.terms = real[index][3];
    } else {
        int32_t at = index - REAL;
        c.m = at % most, c.n = at / 2 % wide;
        c.taps = (int32_t)tmoi_rng_below(&test->rng, 4);
        c.terms = (int32_t)tmoi_rng_below(&test->rng, 12);
    }
    bool all = index % 6 == 0;
    c.low = index % 5 ? (all ? -INFINITY : -FLT_MAX) : 0.0f;
    c.high = index % 7 ? (all ? INFINITY : FLT_MAX) : 6.0f;
    return c;
}

/* Relative to the sum of the products' sizes. */
static double tolerance_of(const kernel_test *test)
{
    return test->kernel->cpu & TMOI_CPU_REDUCED_FLOAT ? 1.01 / 128.0 : 1e-5;
}

/* About that sum, in a convolution's test. */
static double size_of(const kernel_test *test)
{
    return test->kernel->cpu & TMOI_CPU_REDUCED_FLOAT ? 200.0 : 50.0;
}

static double clamped(double sum, float low, float high)
{
    return sum < (double)low ? (double)low : sum > (double)high ? (double)high : sum;
}

static float *pack(kernel_test *test, const tmoi_gemm_f32_kernel *kernel, const float *b, int64_t k,
                   int64_t n)
{
    int64_t size = tmoi_gemm_f32_packed_size(kernel->lanes, k, n);
    float *packed = guarded(test, (size_t)size * sizeof *packed);
    memset(packed, 0, (size_t)size * sizeof *packed);
    tmoi_gemm_f32_weights weights = {.data = b, .k_stride = 1, .n_stride = (ptrdiff_t)k};
    tmoi_gemm_f32_pack(&weights, kernel->lanes, k, n, 0, k, packed);
    return packed;
}

static bool check_product(kernel_test *test, const tmoi_gemm_f32_kernel *kernel, const product_case *c,
                          int pattern)
{
    int32_t k = c->taps * c->terms;
    size_t rows = (size_t)c->m * (size_t)c->taps;
    ptrdiff_t stride = c->n + c->slack;
    const float *a = fill_f32(test, rows * (size_t)c->terms, pattern % PATTERNS);
    bool short_sums = test->kernel->cpu & TMOI_CPU_FP16; /* 64 products of 2500 exceed float16 */
    const float *b = fill_f32(test, (size_t)(k * c->n), short_sums ? 3 : pattern / 2 % PATTERNS);
    const float *bias = c->bias ? fill_f32(test, (size_t)c->n, 3) : NULL;
    const float **taps = guarded(test, rows * sizeof *taps);
    size_t size = c->m ? (size_t)((c->m - 1) * stride + c->n) : 0;
    float *out = guarded(test, size * sizeof *out);
    for (size_t i = 0; i < size; i++) out[i] = 1234.5f;
    for (size_t i = 0; i < rows; i++) taps[i] = a + i * (size_t)c->terms;
    kernel->run(&(tmoi_gemm_f32_block){c->m,
                                       c->n,
                                       c->taps,
                                       c->terms,
                                       taps,
                                       pack(test, kernel, b, k, c->n),
                                       bias,
                                       c->low,
                                       c->high,
                                       out,
                                       stride,
                                       {0},
                                       {0}});
    for (int64_t i = 0; i < (int64_t)size; i++) {
        int64_t m = i / stride, n = i % stride;
        double sum = n < c->n && bias ? (double)bias[n] : 0.0, scale = 1e-3;
        if (n >= c->n && out[i] != 1234.5f) return differs(test, i, (double)out[i], 1234.5);
        for (int32_t j = 0; n < c->n && j < k; j++) {
            double product = (double)a[m * k + j] * (double)b[n * k + j];
            sum += product;
            scale += product < 0 ? -product : product;
        }
        if (n < c->n && !near(out[i], clamped(sum, c->low, c->high), scale, tolerance_of(test)))
            return differs(test, i, (double)out[i], clamped(sum, c->low, c->high));
    }
    return canary_intact(test, out);
}

static float tail_element(const tmoi_gemm_f32_tail *tail, float x, int64_t m, int64_t n)
{
    if (tail->residual) {
        x += tail->residual[m * tail->residual_stride + n];
        x = x < tail->low ? tail->low : x > tail->high ? tail->high : x;
    }
    return !tail->slope || x >= 0.0f ? x : x * tail->slope[n];
}

/* A tail gives the bits of its steps done afterwards, also where the residual is the output itself. */
static bool check_tail(kernel_test *test, const tmoi_gemm_f32_kernel *kernel, const product_case *c,
                       int index)
{
    int32_t k = c->taps * c->terms;
    bool adds = index % 4 != 0, leaks = index % 4 != 1, in_place = index % 8 > 4;
    ptrdiff_t stride = c->n + c->slack, apart = in_place ? stride : c->n + index % 5;
    size_t size = c->m ? (size_t)((c->m - 1) * stride + c->n) : 0;
    const float *a = fill_f32(test, (size_t)c->m * (size_t)k, 3);
    const float *packed = pack(test, kernel, fill_f32(test, (size_t)(k * c->n), 3), k, c->n);
    float *plain = guarded(test, size * sizeof *plain), *out = guarded(test, size * sizeof *out);
    const float *residual = fill_f32(test, c->m ? (size_t)((c->m - 1) * apart + c->n) : 0, index % PATTERNS);
    tmoi_gemm_f32_tail tail = {.residual = adds ? residual : NULL,
                               .residual_stride = apart,
                               .low = c->high == 6.0f ? -INFINITY : -1.0f,
                               .high = c->low == 0.0f ? INFINITY : 1.5f,
                               .slope = leaks ? fill_f32(test, (size_t)c->n, 3) : NULL};
    tmoi_gemm_f32_block block = {.rows = c->m,
                                 .columns = c->n,
                                 .taps = 1,
                                 .terms = k,
                                 .b = packed,
                                 .low = c->low,
                                 .high = c->high,
                                 .out = plain,
                                 .out_stride = stride};
    for (size_t i = 0; i < size; i++) plain[i] = 1234.5f;
    tmoi_gemm_f32_matrix(kernel, &block, a, k);
    for (size_t i = 0; i < size; i++) out[i] = adds && in_place ? residual[i] : 1234.5f;
    block.out = out, block.tail = tail;
    if (adds && in_place) block.tail.residual = out;
    tmoi_gemm_f32_matrix(kernel, &block, a, k);
    for (int64_t i = 0; i < (int64_t)size; i++) {
        int64_t m = i / stride, n = i % stride;
        float untouched = adds && in_place ? residual[i] : 1234.5f;
        float want = n < c->n ? tail_element(&tail, plain[i], m, n) : untouched;
        if (memcmp(&out[i], &want, sizeof want) != 0) return differs(test, i, (double)out[i], (double)want);
    }
    return canary_intact(test, out);
}

/* Floats that float16 has, and the same as float16. */
static const float *fill_half(kernel_test *test, int64_t count, const uint16_t **halves)
{
    const float *floats = fill_f32(test, (size_t)count, 3);
    uint16_t *half = guarded(test, (size_t)count * sizeof *half);
    float *out = guarded(test, (size_t)count * sizeof *out);
    for (int64_t i = 0; i < count; i++)
        out[i] = tmoi_fp16_to_float(half[i] = tmoi_fp16_from_float(floats[i]));
    *halves = half;
    return out;
}

static uint16_t *pack_half(kernel_test *test, const tmoi_gemm_f32_kernel *kernel, const uint16_t *b,
                           int64_t k, int64_t n, int64_t groups)
{
    int64_t step = tmoi_gemm_f32_packed_size(kernel->lanes, k, n);
    uint16_t *packed = guarded(test, (size_t)(groups * step) * sizeof *packed);
    memset(packed, 0, (size_t)(groups * step) * sizeof *packed);
    for (int64_t g = 0; g < groups; g++) {
        tmoi_gemm_f32_weights weights = {
            .data = b, .type = TMO_TYPE_FLOAT16, .first = g * n * k, .k_stride = 1, .n_stride = (ptrdiff_t)k};
        tmoi_gemm_f32_pack_half(&weights, kernel->lanes, k, n, 0, k, packed + g * step);
    }
    return packed;
}

/* Weights of float16 give the bits of the same weights as floats. */
static bool check_half(kernel_test *test, const tmoi_gemm_f32_kernel *kernel, const product_case *c,
                       int index)
{
    int32_t k = c->taps * c->terms;
    size_t size = (size_t)c->m * (size_t)c->n;
    const uint16_t *halves;
    const float *weights = fill_half(test, (int64_t)k * c->n, &halves);
    const float *a = fill_f32(test, (size_t)c->m * (size_t)k, 3);
    const float *residual = fill_f32(test, size, 3), *slope = fill_f32(test, (size_t)c->n, 3);
    size_t widened_size = (size_t)tmoi_gemm_f32_widened_size(kernel, k);
    float *want = guarded(test, size * sizeof *want), *out = guarded(test, size * sizeof *out),
          *widened = guarded(test, widened_size * sizeof *widened);
    tmoi_gemm_f32_block block = {.rows = c->m,
                                 .columns = c->n,
                                 .taps = 1,
                                 .terms = k,
                                 .b = pack(test, kernel, weights, k, c->n),
                                 .bias = c->bias ? fill_f32(test, (size_t)c->n, 3) : NULL,
                                 .low = c->low,
                                 .high = c->high,
                                 .out = want,
                                 .out_stride = c->n,
                                 .tail = {.low = -INFINITY, .high = INFINITY, .residual_stride = c->n}};
    if (index % 3 == 1) block.tail.residual = residual;
    if (index % 3 == 2) block.tail.slope = slope;
    tmoi_gemm_f32_matrix(kernel, &block, a, k);
    block.b = NULL, block.out = out;
    block.halves = (tmoi_gemm_f32_halves){pack_half(test, kernel, halves, k, c->n, 1), tmoi_widen_fp16_c,
                                          widened};
    tmoi_gemm_f32_matrix(kernel, &block, a, k);
    for (size_t i = 0; i < size; i++)
        if (memcmp(&out[i], &want[i], sizeof *out) != 0)
            return differs(test, (int64_t)i, (double)out[i], (double)want[i]);
    return canary_intact(test, out) && canary_intact(test, widened);
}

/* The bits of a row do not depend on its neighbours. */
static bool check_split(kernel_test *test, const tmoi_gemm_f32_kernel *kernel)
{
    int32_t m = kernel->rows + 3, n = 5 * kernel->lanes + 1, k = 37;
    new_case(test, "rows and columns one by one");
    const float *a = fill_f32(test, (size_t)(m * k), 3);
    const float *packed = pack(test, kernel, fill_f32(test, (size_t)(n * k), 3), k, n);
    float *whole = guarded(test, (size_t)(m * n) * sizeof *whole),
          *part = guarded(test, (size_t)n * sizeof *part);
    tmoi_gemm_f32_block block = {m, n, 1, k, NULL, packed, NULL, -FLT_MAX, FLT_MAX, whole, n, {0}, {0}};
    tmoi_gemm_f32_matrix(kernel, &block, a, k);
    block.rows = 1, block.out = part;
    for (int32_t i = 0; i < m; i++) {
        tmoi_gemm_f32_matrix(kernel, &block, a + i * k, k);
        for (int32_t j = 0; j < n; j++)
            if (part[j] != whole[i * n + j])
                return differs(test, j, (double)part[j], (double)whole[i * n + j]);
    }
    return true;
}

/* ---- convolutions ---- */

static float at_image(const tmoi_conv_shape *s, const float *in, int32_t image, int32_t z, int32_t y,
                      int32_t x, int32_t c)
{
    if (z < 0 || z >= s->in_d || y < 0 || y >= s->in_h || x < 0 || x >= s->in_w) return 0.0f;
    return in[((((int64_t)image * s->in_d + z) * s->in_h + y) * s->in_w + x) * s->in_c + c];
}

static tmoi_conv_shape next_conv(kernel_test *test, bool transposed)
{
    tmoi_rng *rng = &test->rng;
    int32_t groups = transposed ? 1 : 1 + (int32_t)tmoi_rng_below(rng, 2);
    tmoi_conv_shape s = {.batch = 1 + (int32_t)tmoi_rng_below(rng, 2),
                         .in_d = 1 + (int32_t)tmoi_rng_below(rng, 2)};
    s.in_h = 1 + (int32_t)tmoi_rng_below(rng, 9), s.in_w = 1 + (int32_t)tmoi_rng_below(rng, 14);
    s.filter_c = 1 + (int32_t)tmoi_rng_below(rng, 20), s.in_c = s.filter_c * groups;
    s.filter_d = 1 + (int32_t)tmoi_rng_below(rng, 2);
    s.filter_h = 1 + (int32_t)tmoi_rng_below(rng, 4), s.filter_w = 1 + (int32_t)tmoi_rng_below(rng, 4);
    s.out_c = groups * (1 + (int32_t)tmoi_rng_below(rng, 20));
    s.stride_d = 1 + (int32_t)tmoi_rng_below(rng, 2);
    s.stride_h = 1 + (int32_t)tmoi_rng_below(rng, 3), s.stride_w = 1 + (int32_t)tmoi_rng_below(rng, 3);
    s.dilation_d = 1, s.dilation_h = 1 + (int32_t)tmoi_rng_below(rng, 2);
    s.dilation_w = 1 + (int32_t)tmoi_rng_below(rng, 2);
    s.pad_front = (int32_t)tmoi_rng_below(rng, 2);
    s.pad_top = (int32_t)tmoi_rng_below(rng, 3), s.pad_left = (int32_t)tmoi_rng_below(rng, 3);
    s.out_d = 1 + (int32_t)tmoi_rng_below(rng, 3);
    s.out_h = 1 + (int32_t)tmoi_rng_below(rng, 9), s.out_w = 1 + (int32_t)tmoi_rng_below(rng, 14);
    return s;
}

/* One element of a convolution, filter [out_c][K]. */
static double conv_element(const tmoi_conv_shape *s, const float *in, const float *filter, int64_t pixel,
                           int32_t o)
{
    int32_t ox = (int32_t)(pixel % s->out_w), oy = (int32_t)(pixel / s->out_w % s->out_h);
    int32_t oz = (int32_t)(pixel / s->out_w / s->out_h % s->out_d);
    int32_t image = (int32_t)(pixel / s->out_w / s->out_h / s->out_d);
    int32_t group = o / (s->out_c / tmoi_conv_groups(s));
    double sum = 0;
    const float *w = filter + o * tmoi_conv_patch_size(s);
    for (int32_t d = 0; d < s->filter_d; d++)
        for (int32_t h = 0; h < s->filter_h; h++)
            for (int32_t x = 0; x < s->filter_w; x++)
                for (int32_t c = 0; c < s->filter_c; c++)
                    sum += (double)*w++ *
                           (double)at_image(s, in, image, oz * s->stride_d - s->pad_front + d * s->dilation_d,
                                            oy * s->stride_h - s->pad_top + h * s->dilation_h,
                                            ox * s->stride_w - s->pad_left + x * s->dilation_w,
                                            group * s->filter_c + c);
    return sum;
}

static bool check_conv(kernel_test *test, const tmoi_gemm_f32_kernel *kernel, bool half)
{
    tmoi_conv_f32 conv = {.shape = next_conv(test, false),
                          .gemm = kernel,
                          .widen = half ? tmoi_widen_fp16_c : NULL,
                          .low = -FLT_MAX,
                          .high = FLT_MAX};
    const tmoi_conv_shape *s = &conv.shape;
    int32_t groups = tmoi_conv_groups(s), columns = s->out_c / groups;
    int64_t k = tmoi_conv_patch_size(s), pixels = s->batch * tmoi_conv_image_pixels(s);
    size_t bytes = 0;
    new_case(test, "conv %dx%dx%d by %dx%d, %d groups", (int)s->in_h, (int)s->in_w, (int)s->in_c,
             (int)s->filter_h, (int)s->filter_w, (int)groups);
    const float *in = fill_f32(test, (size_t)(s->batch * s->in_d * s->in_h * s->in_w * s->in_c), 3);
    const uint16_t *halves;
    const float *filter = fill_half(test, k * s->out_c, &halves);
    int64_t step = tmoi_gemm_f32_packed_size(kernel->lanes, k, columns);
    float *packed = guarded(test, (size_t)(groups * step) * sizeof *packed);
    memset(packed, 0, (size_t)(groups * step) * sizeof *packed);
    for (int32_t g = 0; g < groups; g++) {
        tmoi_gemm_f32_weights weights = {
            .data = filter + g * columns * k, .k_stride = 1, .n_stride = (ptrdiff_t)k};
        tmoi_gemm_f32_pack(&weights, kernel->lanes, k, columns, 0, k, packed + g * step);
    }
    conv.in = in, conv.filter = packed, conv.bias = fill_f32(test, (size_t)s->out_c, 3);
    if (half) conv.filter = pack_half(test, kernel, halves, k, columns, groups);
    tmoi_conv_f32_plan(&conv);
    if (!tmoi_conv_f32_scratch_bytes(&conv, &bytes)) return false;
    float *out = guarded(test, (size_t)(pixels * s->out_c) * sizeof *out);
    tmoi_conv_f32_target target = {.out = out, .stride = s->out_c, .count = s->out_c};
    tmoi_conv_f32_run(&conv, 0, pixels, &target, guarded(test, (bytes + 63) / 64 * 64));
    for (int64_t i = 0; i < pixels * s->out_c; i++) {
        int32_t o = (int32_t)(i % s->out_c);
        double want = (double)conv.bias[o] + conv_element(s, in, filter, i / s->out_c, o);
        if (!near(out[i], want, size_of(test), tolerance_of(test)))
            return differs(test, i, (double)out[i], want);
    }
    return canary_intact(test, out);
}

/* Adds each input pixel's product to its window, filter [tap][o][i]. */
static void scatter(const tmoi_conv_shape *s, const float *in, const float *filter, double *out)
{
    int64_t pixels = (int64_t)s->batch * s->in_d * s->in_h * s->in_w;
    for (int64_t p = 0; p < pixels; p++)
        for (int32_t t = 0; t < s->filter_d * s->filter_h * s->filter_w; t++) {
            int32_t x = (int32_t)(p % s->in_w), y = (int32_t)(p / s->in_w % s->in_h);
            int32_t z = (int32_t)(p / s->in_w / s->in_h % s->in_d);
            int64_t image = p / s->in_w / s->in_h / s->in_d;
            x = x * s->stride_w + t % s->filter_w * s->dilation_w - s->pad_left;
            y = y * s->stride_h + t / s->filter_w % s->filter_h * s->dilation_h - s->pad_top;
            z = z * s->stride_d + t / s->filter_w / s->filter_h * s->dilation_d - s->pad_front;
            if (x < 0 || x >= s->out_w || y < 0 || y >= s->out_h || z < 0 || z >= s->out_d) continue;
            double *to = out + (((image * s->out_d + z) * s->out_h + y) * s->out_w + x) * s->out_c;
            for (int32_t o = 0; o < s->out_c; o++)
                for (int32_t i = 0; i < s->in_c; i++)
                    to[o] += (double)in[p * s->in_c + i] * (double)filter[(t * s->out_c + o) * s->in_c + i];
        }
}

static bool check_transpose(kernel_test *test, const tmoi_gemm_f32_kernel *kernel)
{
    tmoi_transpose_conv_f32 conv = {
        .shape = next_conv(test, true), .gemm = kernel, .low = -FLT_MAX, .high = FLT_MAX};
    const tmoi_conv_shape *s = &conv.shape;
    int32_t taps = s->filter_d * s->filter_h * s->filter_w;
    size_t size = (size_t)(s->batch * s->out_d * s->out_h * s->out_w * s->out_c), bytes = 0;
    new_case(test, "transposed %dx%dx%d by %dx%d, strides %d %d", (int)s->in_h, (int)s->in_w, (int)s->in_c,
             (int)s->filter_h, (int)s->filter_w, (int)s->stride_h, (int)s->stride_w);
    const float *in = fill_f32(test, (size_t)(s->batch * s->in_d * s->in_h * s->in_w * s->in_c), 3);
    const float *filter = fill_f32(test, (size_t)(taps * s->out_c * s->in_c), 3);
    size_t packed_size = (size_t)tmoi_transpose_conv_f32_filter_size(&conv);
    float *packed = guarded(test, packed_size * sizeof *packed);
    memset(packed, 0, packed_size * sizeof *packed);
    tmoi_gemm_f32_weights weights = {.data = filter, .k_stride = 1, .n_stride = s->in_c};
    tmoi_transpose_conv_f32_pack(&conv, &weights, (ptrdiff_t)s->out_c * s->in_c, packed);
    if (!tmoi_transpose_conv_f32_scratch_bytes(&conv, &bytes)) return false;
    void *scratch = guarded(test, (bytes + 63) / 64 * 64);
    conv.in = in, conv.filter = packed, conv.bias = fill_f32(test, (size_t)s->out_c, 3);
    conv.out = guarded(test, size * sizeof *conv.out);
    double *want = guarded(test, size * sizeof *want);
    for (size_t i = 0; i < size; i++) want[i] = (double)conv.bias[i % (size_t)s->out_c];
    scatter(s, in, filter, want);
    for (int64_t row = 0; row < (int64_t)s->batch * s->out_d * s->out_h; row++)
        tmoi_transpose_conv_f32_row(&conv, row, scratch);
    for (size_t i = 0; i < size; i++)
        if (!near(conv.out[i], want[i], size_of(test), tolerance_of(test)))
            return differs(test, (int64_t)i, (double)conv.out[i], want[i]);
    return canary_intact(test, conv.out);
}

static bool check_gemm_f32(kernel_test *test)
{
    const tmoi_gemm_f32_kernel *kernel = ((tmoi_gemm_f32_function)test->kernel->function)();
    for (int c = 0; c < 300; c++) {
        product_case p = next_case(test, kernel, c);
        new_case(test, "%dx%dx(%dx%d)", (int)p.m, (int)p.n, (int)p.taps, (int)p.terms);
        if (!check_product(test, kernel, &p, c)) return false;
        new_case(test, "%dx%dx%d with a tail", (int)p.m, (int)p.n, (int)(p.taps * p.terms));
        if (!check_tail(test, kernel, &p, c)) return false;
        new_case(test, "%dx%dx%d of float16", (int)p.m, (int)p.n, (int)(p.taps * p.terms));
        if (!check_half(test, kernel, &p, c)) return false;
    }
    for (int c = 0; c < 60; c++)
        if (!check_conv(test, kernel, c % 2) || !check_transpose(test, kernel)) return false;
    return check_split(test, kernel);
}

/* ---- dot_f32, dot_f16 ---- */

static bool check_dot(kernel_test *test, bool half)
{
    static const int32_t real[][3] = {{1, 10, 320}, {1, 1404, 288}, {3, 128, 96}, {1, 1, 1}};
    enum { REAL = sizeof real / sizeof real[0] };
    tmoi_dot_f32_function run = (tmoi_dot_f32_function)test->kernel->function;
    for (int c = 0; c < 200; c++) {
        int32_t m = c < REAL ? real[c][0] : (int32_t)tmoi_rng_below(&test->rng, 4), slack = c % 3;
        int32_t n = c < REAL ? real[c][1] : c % 11, k = c < REAL ? real[c][2] : c / 2 % 70;
        new_case(test, "%dx%dx%d", (int)m, (int)n, (int)k);
        size_t size = m ? (size_t)((m - 1) * (n + slack) + n) : 0;
        const float *a = fill_f32(test, m ? (size_t)((m - 1) * (k + slack) + k) : 0, c % PATTERNS);
        int64_t weights = n ? (int64_t)(n - 1) * (k + slack) + k : 0;
        const uint16_t *halves = NULL;
        const float *w = half ? fill_half(test, weights, &halves)
                              : fill_f32(test, (size_t)weights, c / 2 % PATTERNS);
        const float *start = fill_f32(test, size, 3), *bias = c % 4 ? fill_f32(test, (size_t)n, 3) : NULL;
        float *out = guarded(test, size * sizeof *out);
        if (size) memcpy(out, start, size * sizeof *out);
        tmoi_dot_f32_block block = {.rows = m,
                                    .columns = n,
                                    .terms = k,
                                    .a = a,
                                    .w = half ? (const void *)halves : w,
                                    .a_stride = k + slack,
                                    .w_stride = k + slack,
                                    .out_stride = n + slack,
                                    .bias = bias,
                                    .accumulate = c % 8 == 0,
                                    .low = c % 5 ? -FLT_MAX : 0.0f,
                                    .high = c % 7 ? FLT_MAX : 6.0f,
                                    .out = out};
        run(&block);
        for (int64_t i = 0; i < (int64_t)size; i++) {
            int64_t row = i / (n + slack), column = i % (n + slack);
            bool slot = column >= n;
            double sum = slot || block.accumulate ? (double)start[i] : bias ? (double)bias[column] : 0.0;
            double scale = 1e-3;
            for (int32_t j = 0; j < k && !slot; j++) {
                double product = (double)a[row * block.a_stride + j] * (double)w[column * block.w_stride + j];
                sum += product;
                scale += product < 0 ? -product : product;
            }
            double want = slot ? sum : clamped(sum, block.low, block.high);
            if (!near(out[i], want, scale, slot ? 0.0 : tolerance_of(test)))
                return differs(test, i, (double)out[i], want);
        }
        if (!canary_intact(test, out)) return false;
    }
    return true;
}

static bool check_dot_f32(kernel_test *test)
{
    return check_dot(test, false);
}

static bool check_dot_f16(kernel_test *test)
{
    return check_dot(test, true);
}

/* ---- winograd_f32 ---- */

static void count_pixels(const void *user, int64_t begin, int64_t end)
{
    unsigned char *const *counts = user;
    for (int64_t k = begin; k < end; k++) (*counts)[k]++;
}

static bool check_winograd_case(kernel_test *test, const tmoi_winograd_kernel *transforms, int c)
{
    tmoi_winograd_conv conv = {.shape = next_conv(test, false),
                               .transforms = transforms,
                               .gemm = tmoi_gemm_f32_c(),
                               .low = c % 5 ? -FLT_MAX : 0.0f,
                               .high = FLT_MAX};
    tmoi_conv_shape *s = &conv.shape;
    s->in_c = s->filter_c, s->in_d = s->filter_d = s->out_d = s->stride_d = 1, s->pad_front = 0;
    s->stride_h = s->stride_w = s->dilation_h = s->dilation_w = 1;
    s->filter_h = c % 3 == 1 ? 1 : 3, s->filter_w = c % 3 == 2 ? 1 : 3;
    new_case(test, "%dx%dx%d by %dx%d to %dx%dx%d", (int)s->in_h, (int)s->in_w, (int)s->in_c,
             (int)s->filter_h, (int)s->filter_w, (int)s->out_h, (int)s->out_w, (int)s->out_c);
    int64_t pixels = s->batch * tmoi_conv_image_pixels(s);
    size_t bytes = 0;
    tmoi_winograd_plan(&conv);
    const float *in = fill_f32(test, (size_t)(s->batch * s->in_h * s->in_w * s->in_c), 3);
    const float *filter = fill_f32(test, (size_t)(tmoi_conv_patch_size(s) * s->out_c), 3);
    size_t size = (size_t)tmoi_winograd_filter_size(&conv);
    float *packed = guarded(test, size * sizeof *packed);
    memset(packed, 0, size * sizeof *packed);
    tmoi_winograd_pack(&conv, TMO_TYPE_FLOAT32, filter, NULL, packed);
    unsigned char *counts = guarded(test, (size_t)pixels);
    memset(counts, 0, (size_t)pixels);
    float *out = guarded(test, (size_t)(pixels * s->out_c) * sizeof *out);
    conv.in = in, conv.filter = packed, conv.bias = c % 2 ? fill_f32(test, (size_t)s->out_c, 3) : NULL,
    conv.out = out;
    if (!tmoi_winograd_scratch_bytes(&conv, &bytes)) return false;
    void *scratch = guarded(test, (bytes + 63) / 64 * 64);
    int64_t rows = (int64_t)s->batch * s->out_h, from = 0;
    for (int64_t to = rows / 3; from < rows; from = to, to = rows) {
        tmoi_winograd_part part = {.row_begin = from, .row_end = to, .done = count_pixels, .user = &counts};
        tmoi_winograd_tiles_of_rows(&conv, from, to, &part.begin, &part.end);
        tmoi_winograd_run(&conv, &part, scratch);
    }
    for (int64_t k = 0; k < pixels; k++)
        if (counts[k] != 1) return differs(test, k, counts[k], 1);
    for (int64_t i = 0; i < pixels * s->out_c; i++) {
        int32_t o = (int32_t)(i % s->out_c);
        double want = (conv.bias ? (double)conv.bias[o] : 0.0) + conv_element(s, in, filter, i / s->out_c, o);
        want = clamped(want, conv.low, conv.high);
        if (!near(out[i], want, 50.0, 2e-5)) return differs(test, i, (double)out[i], want);
    }
    return canary_intact(test, out);
}

static bool check_winograd_f32(kernel_test *test)
{
    const tmoi_winograd_kernel *transforms = ((tmoi_winograd_f32_function)test->kernel->function)();
    for (int c = 0; c < 90; c++)
        if (!check_winograd_case(test, transforms, c)) return false;
    return true;
}

const family_entry gemm_f32_families[] = {
    {TMOI_FAMILY_dot_f16, check_dot_f16},
    {TMOI_FAMILY_dot_f32, check_dot_f32},
    {TMOI_FAMILY_gemm_f32, check_gemm_f32},
    {TMOI_FAMILY_winograd_f32, check_winograd_f32},
    {0, NULL},
};
