/* Pooling. */
#include <float.h>
#include <math.h>

#include "kernels/family_headers.h"
#include "kernels/harness.h"

static bool tap(int32_t out, int32_t filter, int32_t stride, int32_t dilation, int32_t pad, int32_t size,
                int32_t *in)
{
    *in = out * stride + filter * dilation - pad;
    return *in >= 0 && *in < size;
}

static tmoi_pool_params next_pool(kernel_test *test, int c)
{
    tmoi_pool_params p = {.in_h = 1 + (int32_t)tmoi_rng_below(&test->rng, 9),
                          .in_w = 1 + (int32_t)tmoi_rng_below(&test->rng, 9),
                          .channels = 1 + (int32_t)tmoi_rng_below(&test->rng, 35),
                          .stride_h = 1 + c % 2,
                          .stride_w = 1 + c % 3,
                          .low_f32 = -30.0f,
                          .high_f32 = 30.0f,
                          .low = -100,
                          .high = 100};
    p.filter_h = 1 + (int32_t)tmoi_rng_below(&test->rng, (uint32_t)(p.in_h < 4 ? p.in_h : 4));
    p.filter_w = 1 + (int32_t)tmoi_rng_below(&test->rng, (uint32_t)(p.in_w < 4 ? p.in_w : 4));
    p.out_h = (p.in_h + p.stride_h - 1) / p.stride_h;
    p.out_w = (p.in_w + p.stride_w - 1) / p.stride_w;
    p.pad_top = (p.filter_h - 1) / 2;
    p.pad_left = (p.filter_w - 1) / 2;
    return p;
}

typedef enum pool_kind { AVERAGE, MAX, L2 } pool_kind;

static double element_at(tmo_type type, const void *data, int64_t k)
{
    switch (type) {
    case TMO_TYPE_FLOAT32: return (double)((const float *)data)[k];
    case TMO_TYPE_INT16: return ((const int16_t *)data)[k];
    case TMO_TYPE_UINT8: return ((const uint8_t *)data)[k];
    default: return ((const int8_t *)data)[k];
    }
}

/* The pooled value of one output element, from the taps inside the image. */
static double pool_at(const tmoi_pool_params *p, tmo_type type, const void *in, int64_t k, pool_kind kind)
{
    int64_t ch = k % p->channels, pixel = k / p->channels;
    int32_t ox = (int32_t)(pixel % p->out_w), oy = (int32_t)(pixel / p->out_w % p->out_h), taps = 0, y, x;
    int64_t n = pixel / p->out_w / p->out_h;
    const bool is_float = type == TMO_TYPE_FLOAT32;
    double sum = 0, max = -1e30;
    for (int32_t ky = 0; ky < p->filter_h; ky++)
        for (int32_t kx = 0; kx < p->filter_w; kx++) {
            if (!tap(oy, ky, p->stride_h, 1, p->pad_top, p->in_h, &y) ||
                !tap(ox, kx, p->stride_w, 1, p->pad_left, p->in_w, &x))
                continue;
            const double value = element_at(type, in, ((n * p->in_h + y) * p->in_w + x) * p->channels + ch);
            sum += kind == L2 ? value * value : value;
            max = value > max ? value : max;
            taps++;
        }
    const double mean = is_float ? sum / taps
                                 : (double)(int64_t)((sum + (sum > 0 ? taps / 2 : -(taps / 2))) / taps),
                 low = is_float ? (double)p->low_f32 : p->low,
                 high = is_float ? (double)p->high_f32 : p->high,
                 value = kind == MAX  ? max
                         : kind == L2 ? sqrt(mean)
                                      : mean;
    return value < low ? low : value > high ? high : value;
}

static bool check_pool(kernel_test *test, tmo_type type, pool_kind kind)
{
    tmoi_pool_function run = (tmoi_pool_function)test->kernel->function;
    const bool is_float = type == TMO_TYPE_FLOAT32, is_wide = type == TMO_TYPE_INT16;
    for (int c = 0; c < 100; c++) {
        tmoi_pool_params p = next_pool(test, c);
        int64_t batch = 1 + c % 2, rows = batch * p.out_h, count = rows * p.out_w * p.channels;
        new_case(test, "%dx%dx%d window %dx%d", (int)p.in_h, (int)p.in_w, (int)p.channels, (int)p.filter_h,
                 (int)p.filter_w);
        size_t in_count = (size_t)(batch * p.in_h * p.in_w * p.channels);
        const void *in = is_float ? (const void *)fill_f32(test, in_count, c % PATTERNS)
                         : is_wide
                             ? (const void *)fill_s16(test, in_count, c % PATTERNS, INT16_MIN, INT16_MAX)
                             : fill_s8(test, in_count, c % PATTERNS);
        void *out = guarded(test, (size_t)count * (is_float ? sizeof(float) : is_wide ? sizeof(int16_t) : 1));
        run(&p, in, out, 0, rows / 2);
        run(&p, in, out, rows / 2, rows);
        for (int64_t k = 0; k < count; k++) {
            const double want = pool_at(&p, type, in, k, kind), got = element_at(type, out, k);
            if (is_float ? !near((float)got, want, 1.0, 1e-6) : got < want || got > want)
                return differs(test, k, got, want);
        }
        if (!canary_intact(test, out)) return false;
    }
    return true;
}

#define POOL_CHECK(family, type, kind)            \
    static bool check_##family(kernel_test *test) \
    {                                             \
        return check_pool(test, type, kind);      \
    }
POOL_CHECK(average_pool_f32, TMO_TYPE_FLOAT32, AVERAGE)
POOL_CHECK(average_pool_s16, TMO_TYPE_INT16, AVERAGE)
POOL_CHECK(average_pool_s8, TMO_TYPE_INT8, AVERAGE)
POOL_CHECK(average_pool_u8, TMO_TYPE_UINT8, AVERAGE)
POOL_CHECK(l2_pool_f32, TMO_TYPE_FLOAT32, L2)
POOL_CHECK(max_pool_f32, TMO_TYPE_FLOAT32, MAX)
POOL_CHECK(max_pool_s16, TMO_TYPE_INT16, MAX)
POOL_CHECK(max_pool_s8, TMO_TYPE_INT8, MAX)
POOL_CHECK(max_pool_u8, TMO_TYPE_UINT8, MAX)

const family_entry matrix_families[] = {
    {TMOI_FAMILY_average_pool_f32, check_average_pool_f32},
    {TMOI_FAMILY_average_pool_s16, check_average_pool_s16},
    {TMOI_FAMILY_average_pool_s8, check_average_pool_s8},
    {TMOI_FAMILY_average_pool_u8, check_average_pool_u8},
    {TMOI_FAMILY_l2_pool_f32, check_l2_pool_f32},
    {TMOI_FAMILY_max_pool_f32, check_max_pool_f32},
    {TMOI_FAMILY_max_pool_s16, check_max_pool_s16},
    {TMOI_FAMILY_max_pool_s8, check_max_pool_s8},
    {TMOI_FAMILY_max_pool_u8, check_max_pool_u8},
    {0, NULL},
};
