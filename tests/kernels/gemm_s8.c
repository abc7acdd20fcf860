/* Integer matrix products with packed weights, and the ranges of rows. */
#include <math.h>
#include <string.h>

#include "kernels/family_headers.h"
#include "kernels/harness.h"
#include "kernels/requant/requant_value.h"

/* One case: a tile and what its operands are, unpacked. */
typedef struct product_case {
    const tmoi_gemm_s8_kernel *kernel;
    tmoi_gemm_s8_tile tile;
    tmoi_gemm_s8_finish finish;
    tmoi_requant requant;
    int32_t segment_terms;
    const int8_t *weights; /* [n, segments, segment_terms] */
    const void *segment[4];
    size_t elem_bytes, out_bytes;
} product_case;

static int32_t below(kernel_test *test, int32_t bound)
{
    return (int32_t)tmoi_rng_below(&test->rng, (uint32_t)bound);
}

/* Rows of each segment; the last ends at a forbidden page. */
static void make_rows(kernel_test *test, product_case *c, int pattern)
{
    int32_t slack = below(test, 3) * c->kernel->kr;
    c->tile.row_stride = (ptrdiff_t)((size_t)(c->tile.terms + slack) * c->elem_bytes);
    if (c->tile.segments > 1 && below(test, 2))
        c->tile.row_stride = (ptrdiff_t)((size_t)c->kernel->kr * c->elem_bytes);
    size_t bytes = (size_t)(c->tile.m - 1) * (size_t)c->tile.row_stride +
                   (size_t)c->tile.terms * c->elem_bytes;
    for (int32_t s = 0; s < c->tile.segments; s++)
        c->segment[s] = c->kernel->bytes
                            ? (const void *)fill_s8(test, bytes, pattern)
                            : (const void *)fill_s16(
                                  test, bytes / 2, pattern,
                                  test->kernel->family_index == TMOI_FAMILY_gemm_s8 ? -255 : -32768,
                                  test->kernel->family_index == TMOI_FAMILY_gemm_s8 ? 255 : 32767);
    c->tile.segment = c->segment;
}

static void make_panel(kernel_test *test, product_case *c, int pattern)
{
    const tmoi_gemm_s8_kernel *kernel = c->kernel;
    c->weights = fill_s8(test, (size_t)c->tile.n * (size_t)c->tile.segments * (size_t)c->segment_terms,
                         pattern);
    tmoi_gemm_s8_weights weights = {.type = TMO_TYPE_INT8,
                                    .data = c->weights,
                                    .n = c->tile.n,
                                    .segments = c->tile.segments,
                                    .segment_terms = c->segment_terms};
    int8_t *panel = guarded(test,
                            tmoi_gemm_s8_packed_bytes(kernel, c->tile.n, c->tile.segments, c->segment_terms));
    tmoi_gemm_s8_pack(kernel, &weights, panel);
    c->tile.panel = panel;
}

static void make_finish(kernel_test *test, product_case *c)
{
    int32_t nr = c->kernel->nr, zero_points[3] = {-128, 0, 127};
    size_t count = (size_t)(c->tile.column + nr), terms = (size_t)(c->tile.segments * c->segment_terms);
    int32_t *start = guarded(test, count * sizeof *start), *sums = guarded(test, count * sizeof *sums);
    float *scale = guarded(test, count * sizeof *scale);
    for (size_t k = 0; k < count; k++) {
        start[k] = below(test, 2000001) - 1000000;
        scale[k] = ldexpf(1.0f + (float)below(test, 1000) / 1000.0f, -8 - below(test, 14));
        sums[k] = 0;
    }
    for (int32_t n = 0; n < c->tile.n; n++)
        for (size_t k = 0; k < terms; k++) sums[c->tile.column + n] += c->weights[(size_t)n * terms + k];
    bool words = c->finish.kind == TMOI_GEMM_S8_S16;
    c->requant = (tmoi_requant){.type = words            ? TMO_TYPE_INT16
                                        : below(test, 2) ? TMO_TYPE_INT8
                                                         : TMO_TYPE_UINT8};
    bool plain = c->requant.type == TMO_TYPE_UINT8;
    c->requant.zero_point = words ? 0 : zero_points[below(test, 3)] + (plain ? 128 : 0);
    c->requant.low = words ? -32768 : plain ? 0 : -128;
    c->requant.high = words ? 32767 : plain ? 255 : 127;
    if (below(test, 2))
        c->requant.low = words ? -100 : c->requant.low + below(test, 100),
        c->requant.high -= below(test, 100);
    c->finish.start = start;
    c->finish.scale = scale;
    c->finish.column_sums = sums;
    c->finish.bias = fill_f32(test, count, 3);
    c->finish.requant = &c->requant;
    c->finish.low = below(test, 2) ? -1e30f : 0.0f;
    c->finish.high = below(test, 2) ? 1e30f : 6.0f;
    c->finish.sum_low = below(test, 2) ? -1e30f : -1.0f;
    c->finish.sum_high = below(test, 2) ? 1e30f : 6.0f;
    if (below(test, 2)) c->finish.slope = fill_f32(test, count, 3);
}

static int32_t row_element(const product_case *c, int32_t segment, int32_t row, int32_t k)
{
    const char *at = (const char *)c->segment[segment] + row * c->tile.row_stride +
                     (ptrdiff_t)((size_t)k * c->elem_bytes);
    int16_t word;
    if (c->kernel->bytes) return c->kernel->offset ? *(const uint8_t *)at : *(const int8_t *)at;
    memcpy(&word, at, sizeof word);
    return word;
}

static int32_t sum_of(const product_case *c, int32_t m, int32_t n)
{
    uint32_t sum = (uint32_t)c->finish.start[c->tile.column + n];
    const int8_t *w = c->weights + (ptrdiff_t)n * c->tile.segments * c->segment_terms;
    for (int32_t s = 0; s < c->tile.segments; s++)
        for (int32_t k = 0; k < c->segment_terms; k++) sum += (uint32_t)(row_element(c, s, m, k) * *w++);
    return (int32_t)sum;
}

static float with_tail(const product_case *c, int32_t m, int32_t n, float x)
{
    if (c->tile.residual) {
        const char *row = (const char *)c->tile.residual + m * c->tile.out_stride;
        x = tmoi_clamp_f32(x + ((const float *)(const void *)row)[n], c->finish.sum_low, c->finish.sum_high);
    }
    return c->finish.slope && !(x >= 0.0f) ? x * c->finish.slope[c->tile.column + n] : x;
}

static bool check_element(kernel_test *test, const product_case *c, int32_t m, int32_t n)
{
    const char *out = (const char *)c->tile.out + m * c->tile.out_stride +
                      (ptrdiff_t)((size_t)n * c->out_bytes);
    int32_t sum = sum_of(c, m, n), at = c->tile.column + n, row = m * c->tile.row_step;
    tmoi_requant_bounds bounds = tmoi_requant_bounds_of(&c->requant);
    int32_t want = tmoi_requant_value(sum, c->finish.scale[at], &bounds), got;
    int16_t word;
    float want_f32, got_f32;
    switch (c->finish.kind) {
    case TMOI_GEMM_S8_SUMS:
        memcpy(&got, out, sizeof got);
        want = sum;
        break;
    case TMOI_GEMM_S8_X8:
        got = c->requant.type == TMO_TYPE_UINT8 ? *(const uint8_t *)out : *(const int8_t *)out;
        break;
    case TMOI_GEMM_S8_S16:
        memcpy(&word, out, sizeof word);
        got = word;
        break;
    default:
        memcpy(&got_f32, out, sizeof got_f32);
        if (c->kernel->bytes)
            sum = (int32_t)((uint32_t)sum - (uint32_t)(c->tile.row_zero_point[row] + c->kernel->offset) *
                                                (uint32_t)c->finish.column_sums[at]);
        want_f32 = (float)sum * (c->tile.row_scale[row] * c->finish.scale[at]) + c->finish.bias[at];
        want_f32 = with_tail(c, m, n, tmoi_clamp_f32(want_f32, c->finish.low, c->finish.high));
        return got_f32 == want_f32 || differs(test, m * c->tile.n + n, (double)got_f32, (double)want_f32);
    }
    return got == want || differs(test, m * c->tile.n + n, got, want);
}

static bool run_case(kernel_test *test, const tmoi_gemm_s8_kernel *kernel, int number)
{
    static const size_t out_bytes[] = {4, 1, 2, 4};
    static const int32_t terms[] = {1, 2, 3, 4, 5, 8, 15, 16, 27, 64, 68, 130, 200};
    product_case c = {.kernel = kernel, .elem_bytes = tmoi_gemm_s8_elem_bytes(kernel)};
    c.finish.kind = number % 4;
    c.out_bytes = out_bytes[c.finish.kind];
    c.segment_terms = terms[below(test, 13)];
    c.tile.m = 1 + below(test, 2 * kernel->mr + 1);
    c.tile.n = number % 3 ? 1 + below(test, kernel->nr) : kernel->nr;
    c.tile.segments = 1 + below(test, 4);
    c.tile.terms = tmoi_gemm_s8_terms(kernel, c.segment_terms);
    c.tile.column = below(test, 2) * 8;
    c.tile.row_step = below(test, 2);
    new_case(test, "kind %d, %dx%d, %d times %d terms", (int)c.finish.kind, (int)c.tile.m, (int)c.tile.n,
             (int)c.tile.segments, (int)c.segment_terms);
    make_rows(test, &c, number / 4 % PATTERNS);
    make_panel(test, &c, number / 20 % PATTERNS);
    make_finish(test, &c);
    int32_t *zero_points = guarded(test, (size_t)c.tile.m * sizeof *zero_points);
    for (int32_t m = 0; m < c.tile.m; m++) zero_points[m] = below(test, 256) - 128;
    c.tile.row_scale = fill_f32(test, (size_t)c.tile.m, 3);
    c.tile.row_zero_point = zero_points;
    c.tile.out_stride = (ptrdiff_t)((size_t)(c.tile.n + below(test, 2) * 5) * c.out_bytes);
    c.tile.out = guarded(test,
                         (size_t)(c.tile.m - 1) * (size_t)c.tile.out_stride + (size_t)c.tile.n * c.out_bytes);
    if (c.finish.kind == TMOI_GEMM_S8_F32 && below(test, 2))
        c.tile.residual = fill_f32(
            test, (size_t)((c.tile.m - 1) * c.tile.out_stride) / sizeof(float) + (size_t)c.tile.n, 3);
    kernel->run(&c.tile, &c.finish);
    for (int32_t m = 0; m < c.tile.m; m++)
        for (int32_t n = 0; n < c.tile.n; n++)
            if (!check_element(test, &c, m, n)) return false;
    return canary_intact(test, c.tile.out);
}

/* ---- rows ---- */

static int32_t quantized(const tmoi_gemm_s8_source *source, float x)
{
    double q = round((double)((float)source->zero_point + x * source->inverse));
    return q <= source->low ? source->low : q >= 127.0 ? 127 : (int32_t)q;
}

static int32_t source_element(const tmoi_gemm_s8_source *source, const void *in, int32_t k)
{
    switch (source->type) {
    case TMO_TYPE_INT8: return ((const int8_t *)in)[k];
    case TMO_TYPE_UINT8: return ((const uint8_t *)in)[k];
    case TMO_TYPE_INT16: return ((const int16_t *)in)[k];
    default: return quantized(source, ((const float *)in)[k]);
    }
}

static bool check_fill(kernel_test *test, const tmoi_gemm_s8_kernel *kernel, int number)
{
    static const tmo_type types[] = {TMO_TYPE_INT8, TMO_TYPE_UINT8, TMO_TYPE_FLOAT32, TMO_TYPE_INT16};
    int32_t count = below(test, 70);
    tmoi_gemm_s8_source source = {
        .type = types[number % (kernel->bytes ? 3 : 4)], .inverse = 30.5f, .low = -127 - below(test, 2)};
    source.zero_point = source.type == TMO_TYPE_INT16
                            ? 0
                            : below(test, 256) - (source.type == TMO_TYPE_UINT8 ? 0 : 128);
    new_case(test, "%d elements of type %d", (int)count, (int)source.type);
    const void *in = source.type == TMO_TYPE_FLOAT32
                         ? (const void *)fill_f32(test, (size_t)count, number % PATTERNS)
                     : source.type == TMO_TYPE_INT16
                         ? (const void *)fill_s16(test, (size_t)count, number % PATTERNS, -32768, 32767)
                         : (const void *)fill_s8(test, (size_t)count, number % PATTERNS);
    void *out = guarded(test, (size_t)count * tmoi_gemm_s8_elem_bytes(kernel));
    kernel->fill(&source, in, count, out);
    int32_t zero = tmoi_gemm_s8_zero(kernel, &source);
    for (int32_t k = 0; k < count; k++) {
        int32_t want = source_element(&source, in, k) - source.zero_point;
        int32_t got = !kernel->bytes   ? ((const int16_t *)out)[k]
                      : kernel->offset ? ((const uint8_t *)out)[k] - zero
                                       : ((const int8_t *)out)[k] - zero;
        if (got != want) return differs(test, k, got, want);
    }
    return canary_intact(test, out);
}

static bool check_product(kernel_test *test, const tmoi_gemm_s8_kernel *kernel)
{
    for (int c = 0; c < 400; c++)
        if (!run_case(test, kernel, c)) return false;
    for (int c = 0; c < 60; c++)
        if (!check_fill(test, kernel, c)) return false;
    return true;
}

static bool check_gemm_s8(kernel_test *test)
{
    return check_product(test, ((tmoi_gemm_s8_function)test->kernel->function)());
}

static bool check_gemm_s16x8(kernel_test *test)
{
    return check_product(test, ((tmoi_gemm_s16x8_function)test->kernel->function)());
}

static bool check_row_range(kernel_test *test)
{
    tmoi_row_range_function run = (tmoi_row_range_function)test->kernel->function;
    for (int c = 0; c < 60; c++) {
        int32_t count = below(test, 70);
        new_case(test, "%d elements", (int)count);
        float *in = fill_f32(test, (size_t)count, c % PATTERNS), low = 0.0f, high = 0.0f, got_low, got_high;
        if (c % 3 == 0 && count > 0) in[below(test, count)] = NAN;
        for (int32_t k = 0; k < count; k++) {
            if (in[k] < low) low = in[k];
            if (in[k] > high) high = in[k];
        }
        run(in, count, &got_low, &got_high);
        if (got_low != low) return differs(test, 0, (double)got_low, (double)low);
        if (got_high != high) return differs(test, 1, (double)got_high, (double)high);
    }
    return true;
}

static bool check_dot_s8(kernel_test *test)
{
    tmoi_dot_s8_function run = (tmoi_dot_s8_function)test->kernel->function;
    for (int c = 0; c < 100; c++) {
        tmoi_dot_s8_shape s = {.m = below(test, 4), .n = below(test, 10), .k = below(test, c % 2 ? 20 : 70)};
        s.a_stride = s.k + c % 3;
        s.out_stride = s.n + c % 2;
        new_case(test, "%dx%dx%d", (int)s.m, (int)s.n, (int)s.k);
        size_t last = s.m ? (size_t)s.m - 1 : 0;
        const int16_t *a = fill_s16(test, last * (size_t)s.a_stride + (size_t)s.k, c % PATTERNS, -32767,
                                    32767);
        const int8_t *w = fill_s8(test, (size_t)s.n * (size_t)s.k, c / 5 % PATTERNS);
        int32_t *out = guarded(test, (last * (size_t)s.out_stride + (size_t)s.n) * sizeof *out);
        run(&s, a, w, out);
        for (int32_t m = 0; m < s.m; m++)
            for (int32_t n = 0; n < s.n; n++) {
                uint32_t want = 0;
                for (int32_t k = 0; k < s.k; k++) want += (uint32_t)(a[m * s.a_stride + k] * w[n * s.k + k]);
                if (out[m * s.out_stride + n] != (int32_t)want)
                    return differs(test, m * s.n + n, out[m * s.out_stride + n], (int32_t)want);
            }
        if (!canary_intact(test, out)) return false;
    }
    return true;
}

static bool check_quantize_dynamic(kernel_test *test)
{
    tmoi_quantize_dynamic_function run = (tmoi_quantize_dynamic_function)test->kernel->function;
    for (int c = 0; c < 100; c++) {
        int32_t count = below(test, 70), zero_point, want_zero_point;
        float scale, want_scale;
        new_case(test, "%d elements", (int)count);
        float *in = fill_f32(test, (size_t)count, c % PATTERNS);
        if (c % 7 == 6)
            for (int32_t k = 0; k < count; k++) in[k] = 0.0f;
        int8_t *want = guarded(test, (size_t)count), *out = guarded(test, (size_t)count);
        tmoi_quantize_dynamic_c(c % 2, in, count, want, &want_scale, &want_zero_point);
        run(c % 2, in, count, out, &scale, &zero_point);
        if (scale != want_scale) return differs(test, 0, (double)scale, (double)want_scale);
        if (zero_point != want_zero_point) return differs(test, 0, zero_point, want_zero_point);
        for (int32_t k = 0; k < count; k++)
            if (out[k] != want[k]) return differs(test, k, out[k], want[k]);
        if (!canary_intact(test, out)) return false;
    }
    return true;
}

const family_entry gemm_s8_families[] = {{TMOI_FAMILY_quantize_dynamic, check_quantize_dynamic},
                                         {TMOI_FAMILY_dot_s8, check_dot_s8},
                                         {TMOI_FAMILY_gemm_s8, check_gemm_s8},
                                         {TMOI_FAMILY_gemm_s16x8, check_gemm_s16x8},
                                         {TMOI_FAMILY_row_range, check_row_range},
                                         {0, NULL}};
