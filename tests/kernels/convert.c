/* Conversions: between stored and real numbers, between quantizations, to and from float16. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/fp16.h"
#include "base/shape.h"
#include "kernels/family_headers.h"
#include "kernels/harness.h"

static const int64_t lengths[] = {0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 500};
enum { LENGTHS = sizeof lengths / sizeof lengths[0], TYPES = 3 };
static const tmo_type types[TYPES] = {TMO_TYPE_INT8, TMO_TYPE_UINT8, TMO_TYPE_INT16};

static size_t bytes_of(tmo_type type)
{
    return type == TMO_TYPE_INT16 ? 2 : 1;
}

static int32_t stored_element(tmo_type type, const void *data, int64_t k)
{
    switch (type) {
    case TMO_TYPE_INT8: return ((const int8_t *)data)[k];
    case TMO_TYPE_UINT8: return ((const uint8_t *)data)[k];
    default: return ((const int16_t *)data)[k];
    }
}

static int32_t zero_of(tmo_type type, int c)
{
    return type == TMO_TYPE_INT16 ? 0 : type == TMO_TYPE_UINT8 ? 100 + c % 3 : -5 + c % 9;
}

/* Halves, where rounding decides, and numbers beyond the range; then NaN and infinities. */
static void add_edges(float *in, int64_t count, float scale)
{
    for (int64_t k = 0; k < count; k += 3) in[k] = ((float)(k % 17) - 8.5f) * scale;
    if (count > 5) in[5] = NAN;
    if (count > 7) in[7] = INFINITY;
    if (count > 8) in[8] = -INFINITY;
    if (count > 11) in[11] = 1e30f;
    if (count > 13) in[13] = 0.49999997f * scale;
}

static int32_t quantized(tmo_type type, float scale, int32_t zero, float real)
{
    float stored = roundf(real / scale) + (float)zero;
    if (isnan(real)) return zero;
    return stored <= (float)tmoi_lowest(type)    ? tmoi_lowest(type)
           : stored >= (float)tmoi_highest(type) ? tmoi_highest(type)
                                                 : (int32_t)stored;
}

static bool check_quantize_rows(kernel_test *test)
{
    tmoi_quantize_rows_function run = (tmoi_quantize_rows_function)test->kernel->function;
    for (int c = 0; c < LENGTHS * TYPES * PATTERNS; c++) {
        tmo_type type = types[c % TYPES];
        int64_t count = lengths[c / TYPES % LENGTHS];
        int32_t zero = zero_of(type, c);
        float scale = c % 2 ? 0.25f : 0.013f;
        new_case(test, "%d elements to type %d", (int)count, (int)type);
        float *in = fill_f32(test, (size_t)count, c % PATTERNS);
        add_edges(in, count, scale);
        void *out = guarded(test, (size_t)count * bytes_of(type));
        run(type, scale, zero, in, out, count);
        for (int64_t k = 0; k < count; k++) {
            int32_t want = quantized(type, scale, zero, in[k]);
            if (stored_element(type, out, k) != want)
                return differs(test, k, stored_element(type, out, k), want);
        }
        if (!canary_intact(test, out)) return false;
    }
    return true;
}

static bool check_dequantize_rows(kernel_test *test)
{
    tmoi_dequantize_rows_function run = (tmoi_dequantize_rows_function)test->kernel->function;
    for (int c = 0; c < LENGTHS * TYPES * PATTERNS; c++) {
        tmo_type type = types[c % TYPES];
        int64_t count = lengths[c / TYPES % LENGTHS];
        int32_t zero = zero_of(type, c);
        new_case(test, "%d elements of type %d", (int)count, (int)type);
        const void *in = fill_s8(test, (size_t)count * bytes_of(type), c % PATTERNS);
        float *out = guarded(test, (size_t)count * sizeof *out);
        run(type, 0.0123f, zero, in, out, count);
        for (int64_t k = 0; k < count; k++) {
            float want = 0.0123f * (float)(stored_element(type, in, k) - zero);
            if (out[k] != want) return differs(test, k, (double)out[k], (double)want);
        }
        if (!canary_intact(test, out)) return false;
    }
    return true;
}

static bool check_rescale_types(kernel_test *test, tmo_type from, tmo_type to, int c)
{
    tmoi_rescale_rows_function run = (tmoi_rescale_rows_function)test->kernel->function;
    int64_t count = lengths[c % LENGTHS];
    tmoi_rescale r = {.in_type = from,
                      .out_type = to,
                      .zero_in = zero_of(from, c),
                      .zero_out = zero_of(to, c + 1),
                      .positive = c % 2 ? 0.77f : 1.5f,
                      .negative = c % 3 ? 0.2f : -0.77f};
    r.low = (float)(tmoi_lowest(to) - r.zero_out + c % 5);
    r.high = (float)(tmoi_highest(to) - r.zero_out);
    new_case(test, "%d elements, type %d to %d", (int)count, (int)from, (int)to);
    const void *in = fill_s8(test, (size_t)count * bytes_of(from), c % PATTERNS);
    void *out = guarded(test, (size_t)count * bytes_of(to));
    run(&r, in, out, count);
    for (int64_t k = 0; k < count; k++) {
        float value = (float)(stored_element(from, in, k) - r.zero_in);
        value *= value >= 0.0f ? r.positive : r.negative;
        value = rintf(value < r.low ? r.low : value > r.high ? r.high : value) + (float)r.zero_out;
        if ((float)stored_element(to, out, k) != value)
            return differs(test, k, stored_element(to, out, k), (double)value);
    }
    return canary_intact(test, out);
}

static bool check_rescale_rows(kernel_test *test)
{
    for (int f = 0; f < TYPES; f++)
        for (int t = 0; t < TYPES; t++)
            for (int c = 0; c < LENGTHS * PATTERNS; c++)
                if (!check_rescale_types(test, types[f], types[t], c)) return false;
    return true;
}

/* All 65,536 numbers. */
static bool check_widen_fp16(kernel_test *test)
{
    tmoi_widen_fp16_function run = (tmoi_widen_fp16_function)test->kernel->function;
    for (int c = 0; c < LENGTHS + 1; c++) {
        int64_t count = c < LENGTHS ? lengths[c] : 65536;
        new_case(test, "%d elements", (int)count);
        uint16_t *in = guarded(test, (size_t)count * sizeof *in);
        for (int64_t k = 0; k < count; k++) in[k] = (uint16_t)(c < LENGTHS ? k * 977 : k);
        float *out = guarded(test, (size_t)count * sizeof *out);
        run(in, out, count);
        for (int64_t k = 0; k < count; k++) {
            float want = tmoi_fp16_to_float(in[k]);
            if (isnan(want) ? !isnan(out[k]) : out[k] != want)
                return differs(test, k, (double)out[k], (double)want);
        }
        if (!canary_intact(test, out)) return false;
    }
    return true;
}

static bool check_narrow_fp16(kernel_test *test)
{
    tmoi_narrow_fp16_function run = (tmoi_narrow_fp16_function)test->kernel->function;
    for (int c = 0; c < LENGTHS * PATTERNS * 4; c++) {
        int64_t count = lengths[c % LENGTHS];
        new_case(test, "%d elements", (int)count);
        float *in = fill_f32(test, (size_t)count, c % PATTERNS);
        for (int64_t k = 0; k < count; k++) in[k] *= c % 4 == 0 ? 1e-6f : c % 4 == 1 ? 3e4f : 1.0f;
        add_edges(in, count, 1.0f);
        uint16_t *out = guarded(test, (size_t)count * sizeof *out);
        run(in, out, count);
        for (int64_t k = 0; k < count; k++) {
            uint16_t want = tmoi_fp16_from_float(in[k]);
            if (!isnan(in[k]) && out[k] != want) return differs(test, k, out[k], want);
        }
        if (!canary_intact(test, out)) return false;
    }
    return true;
}

/* Every pair against the general code, with numbers beyond the ranges of all integers. */
static bool check_cast_pair(kernel_test *test, tmo_type from, tmo_type to)
{
    tmoi_cast_function run = ((tmoi_cast_rows_function)test->kernel->function)(from, to);
    for (int c = 0; c < LENGTHS * PATTERNS && run; c++) {
        int64_t count = lengths[c % LENGTHS];
        size_t out_bytes = tmoi_type_bytes(to, count);
        new_case(test, "%d elements, type %d to %d", (int)count, (int)from, (int)to);
        void *in = from == TMO_TYPE_FLOAT32
                       ? (void *)fill_f32(test, (size_t)count, c % PATTERNS)
                       : (void *)fill_s8(test, tmoi_type_bytes(from, count), c % PATTERNS);
        if (from == TMO_TYPE_FLOAT32) add_edges(in, count, c % 2 ? 1.0f : 1e8f);
        if (from == TMO_TYPE_BOOL)
            for (int64_t k = 0; k < count; k++) ((uint8_t *)in)[k] &= 1;
        uint8_t *out = guarded(test, out_bytes), *want = guarded(test, out_bytes);
        run(in, out, count);
        tmoi_cast(from, to, in, want, count);
        for (size_t k = 0; k < out_bytes; k++)
            if (out[k] != want[k]) return differs(test, (int64_t)k, out[k], want[k]);
        if (!canary_intact(test, out)) return false;
    }
    return true;
}

static bool check_cast_rows(kernel_test *test)
{
    static const tmo_type all[] = {TMO_TYPE_FLOAT32, TMO_TYPE_INT8,  TMO_TYPE_UINT8, TMO_TYPE_INT16,
                                   TMO_TYPE_INT32,   TMO_TYPE_INT64, TMO_TYPE_BOOL};
    for (size_t f = 0; f < sizeof all / sizeof all[0]; f++)
        for (size_t t = 0; t < sizeof all / sizeof all[0]; t++)
            if (!check_cast_pair(test, all[f], all[t])) return false;
    return true;
}

const family_entry convert_families[] = {
    {TMOI_FAMILY_cast_rows, check_cast_rows},
    {TMOI_FAMILY_dequantize_rows, check_dequantize_rows},
    {TMOI_FAMILY_narrow_fp16, check_narrow_fp16},
    {TMOI_FAMILY_quantize_rows, check_quantize_rows},
    {TMOI_FAMILY_rescale_rows, check_rescale_rows},
    {TMOI_FAMILY_widen_fp16, check_widen_fp16},
    {0, NULL},
};
