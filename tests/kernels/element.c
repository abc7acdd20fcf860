/* Element-wise kernels, softmax, reductions, strided moves and resizing. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernels/family_headers.h"
#include "kernels/harness.h"

static const int64_t lengths[] = {0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 1000};
enum { LENGTHS = sizeof lengths / sizeof lengths[0] };

/* ---- two inputs ---- */

/* Both inputs advance, or one is a single element. */
static void next_steps(int c, int64_t *step_a, int64_t *step_b)
{
    *step_a = c % 3 != 1;
    *step_b = c % 3 != 2;
}

/* The real result of a kind. */
static double apply_binary(tmoi_binary_kind kind, double a, double b)
{
    switch (kind) {
    case TMOI_BINARY_ADD: return a + b;
    case TMOI_BINARY_SUB: return a - b;
    case TMOI_BINARY_MUL: return a * b;
    case TMOI_BINARY_DIV: return a / b;
    case TMOI_BINARY_MAXIMUM: return fmax(a, b);
    case TMOI_BINARY_MINIMUM: return fmin(a, b);
    case TMOI_BINARY_SQUARED_DIFFERENCE: return (a - b) * (a - b);
    default: return a >= 0 ? a : a * b;
    }
}

static bool check_binary_f32_kind(kernel_test *test, tmoi_binary_kind kind, int c)
{
    tmoi_binary_function run = ((tmoi_binary_f32_function)test->kernel->function)(kind);
    int64_t count = lengths[c / 6], step_a, step_b;
    bool clamps = c % 2 && kind <= TMOI_BINARY_DIV;
    tmoi_binary_params params = {.low_f32 = clamps ? 0.0f : -FLT_MAX, .high_f32 = clamps ? 6.0f : FLT_MAX};
    next_steps(c, &step_a, &step_b);
    new_case(test, "kind %d, %d elements, steps %d %d", (int)kind, (int)count, (int)step_a, (int)step_b);
    if (count == 0) step_a = step_b = 1;
    const float *a = fill_f32(test, (size_t)(step_a ? count : 1), c % PATTERNS);
    const float *b = fill_f32(test, (size_t)(step_b ? count : 1), (c + 1) % PATTERNS);
    float *out = guarded(test, (size_t)count * sizeof *out);
    run(&params, a, step_a, b, step_b, out, count);
    for (int64_t k = 0; k < count; k++) {
        double want = apply_binary(kind, (double)a[k * step_a], (double)b[k * step_b]);
        want = fmin(fmax(want, (double)params.low_f32), (double)params.high_f32);
        if (!near(out[k], want, 1e-5, 1e-6)) return differs(test, k, (double)out[k], want);
    }
    return canary_intact(test, out);
}

static bool check_binary_f32(kernel_test *test)
{
    for (int kind = 0; kind < TMOI_BINARY_KIND_COUNT; kind++)
        for (int c = 0; c < LENGTHS * 6; c++)
            if (((tmoi_binary_f32_function)test->kernel->function)((tmoi_binary_kind)kind) &&
                !check_binary_f32_kind(test, (tmoi_binary_kind)kind, c))
                return false;
    return true;
}

/* The scales of the real values of these tests. */
static const double requant_scale_a = 0.05, requant_scale_b = 0.11, requant_scale_out = 0.17;

static tmoi_binary_params requant_params(tmoi_binary_kind kind, tmo_type type)
{
    double a = requant_scale_a, b = requant_scale_b, out = requant_scale_out, twice = 2 * b;
    bool wide = type == TMO_TYPE_INT16;
    tmoi_binary_params p = {.low = type == TMO_TYPE_UINT8 ? 0
                                   : wide                 ? -32768
                                                          : -128,
                            .high = type == TMO_TYPE_UINT8 ? 255
                                    : wide                 ? 32767
                                                           : 127,
                            .zero_a = wide ? 0 : 7,
                            .zero_b = wide ? 0 : 20,
                            .zero_out = wide ? 0 : 3,
                            .left_shift = 7};
    p.scale_a = tmoi_multiplier_of(a / twice);
    p.scale_b = tmoi_multiplier_of(b / twice);
    p.scale_out = tmoi_multiplier_of(twice / ldexp(out, 7));
    if (kind == TMOI_BINARY_SQUARED_DIFFERENCE)
        p.scale_out = tmoi_multiplier_of(twice * twice / ldexp(out, 14));
    if (kind == TMOI_BINARY_MUL) p.scale_out = tmoi_multiplier_of(a * b / out);
    if (kind == TMOI_BINARY_PRELU) {
        p.scale_out = tmoi_multiplier_of(a / out);
        p.scale_b = tmoi_multiplier_of(a * b / out);
    }
    (void)tmoi_binary_weights(&p, kind);
    return p;
}

static int32_t wrap(tmo_type type, int64_t value)
{
    switch (type) {
    case TMO_TYPE_INT8: return (int8_t)value;
    case TMO_TYPE_UINT8: return (uint8_t)value;
    case TMO_TYPE_INT16: return (int16_t)value;
    default: return (int32_t)value;
    }
}

static int32_t stored_element(tmo_type type, const void *data, int64_t k)
{
    switch (type) {
    case TMO_TYPE_INT8: return ((const int8_t *)data)[k];
    case TMO_TYPE_UINT8: return ((const uint8_t *)data)[k];
    case TMO_TYPE_INT16: return ((const int16_t *)data)[k];
    default: return ((const int32_t *)data)[k];
    }
}

static int64_t apply_integer(tmoi_binary_kind kind, int64_t x, int64_t y)
{
    switch (kind) {
    case TMOI_BINARY_ADD: return x + y;
    case TMOI_BINARY_SUB: return x - y;
    case TMOI_BINARY_MUL: return x * y;
    case TMOI_BINARY_MAXIMUM: return x > y ? x : y;
    default: return x < y ? x : y;
    }
}

static bool check_integer_kind(kernel_test *test, tmoi_binary_kind kind, tmo_type type, int c)
{
    tmoi_binary_function run = ((tmoi_binary_integer_function)test->kernel->function)(kind, type);
    int64_t count = lengths[c / 6], step_a, step_b;
    size_t size = type == TMO_TYPE_INT32 ? 4 : type == TMO_TYPE_INT16 ? 2 : 1;
    bool extreme = kind == TMOI_BINARY_MAXIMUM || kind == TMOI_BINARY_MINIMUM;
    tmoi_binary_params p = {.low = type == TMO_TYPE_UINT8 ? 3 : -100, .high = 100};
    next_steps(c, &step_a, &step_b);
    new_case(test, "kind %d, type %d, %d elements, steps %d %d", (int)kind, (int)type, (int)count,
             (int)step_a, (int)step_b);
    if (count == 0) step_a = step_b = 1;
    const void *a = fill_s8(test, (size_t)(step_a ? count : 1) * size, c % PATTERNS);
    const void *b = fill_s8(test, (size_t)(step_b ? count : 1) * size, (c + 1) % PATTERNS);
    void *out = guarded(test, (size_t)count * size);
    run(&p, a, step_a, b, step_b, out, count);
    for (int64_t k = 0; k < count; k++) {
        int64_t x = stored_element(type, a, k * step_a), y = stored_element(type, b, k * step_b);
        int32_t want = wrap(type, apply_integer(kind, x, y));
        if (!extreme) want = tmoi_clamp_i32(want, (int32_t)p.low, (int32_t)p.high);
        if (stored_element(type, out, k) != want) return differs(test, k, stored_element(type, out, k), want);
    }
    return canary_intact(test, out);
}

static bool check_binary_integer(kernel_test *test)
{
    static const tmo_type types[] = {TMO_TYPE_INT8, TMO_TYPE_UINT8, TMO_TYPE_INT16, TMO_TYPE_INT32};
    static const tmoi_binary_kind kinds[] = {TMOI_BINARY_ADD, TMOI_BINARY_SUB, TMOI_BINARY_MUL,
                                             TMOI_BINARY_MAXIMUM, TMOI_BINARY_MINIMUM};
    for (int t = 0; t < 4; t++)
        for (int kind = 0; kind < 5; kind++)
            for (int c = 0; c < LENGTHS * 6; c++)
                if (!check_integer_kind(test, kinds[kind], types[t], c)) return false;
    return true;
}

/* The real values must come out as near as one rounding allows; the exact bits are held by the golden archives. */
static bool check_requant_kind(kernel_test *test, tmoi_binary_kind kind, tmo_type type, int c)
{
    tmoi_binary_function run = ((tmoi_binary_requant_function)test->kernel->function)(kind, type);
    tmoi_binary_params p = requant_params(kind, type);
    int64_t count = lengths[c / 6], step_a, step_b;
    size_t size = type == TMO_TYPE_INT16 ? 2 : 1;
    next_steps(c, &step_a, &step_b);
    new_case(test, "kind %d, type %d, %d elements, steps %d %d", (int)kind, (int)type, (int)count,
             (int)step_a, (int)step_b);
    if (count == 0) step_a = step_b = 1;
    const void *a = fill_s8(test, (size_t)(step_a ? count : 1) * size, c % PATTERNS);
    const void *b = fill_s8(test, (size_t)(step_b ? count : 1) * size, (c + 1) % PATTERNS);
    void *out = guarded(test, (size_t)count * size);
    run(&p, a, step_a, b, step_b, out, count);
    for (int64_t k = 0; k < count; k++) {
        double x = requant_scale_a * (stored_element(type, a, k * step_a) - p.zero_a);
        double y = requant_scale_b * (stored_element(type, b, k * step_b) - p.zero_b);
        double want = apply_binary(kind, x, y) / requant_scale_out + p.zero_out;
        want = fmin(fmax(want, (double)p.low), (double)p.high);
        if (fabs(stored_element(type, out, k) - want) > 0.6)
            return differs(test, k, stored_element(type, out, k), want);
    }
    void *same = guarded(test, (size_t)count * size);
    tmoi_binary_requant_c(kind, type)(&p, a, step_a, b, step_b, same, count);
    if (memcmp(same, out, (size_t)count * size) != 0) return differs(test, 0, 0, 0);
    return canary_intact(test, out);
}

static bool check_binary_requant(kernel_test *test)
{
    static const tmo_type types[] = {TMO_TYPE_INT8, TMO_TYPE_UINT8, TMO_TYPE_INT16};
    tmoi_binary_requant_function find = (tmoi_binary_requant_function)test->kernel->function;
    for (int t = 0; t < 3; t++)
        for (int kind = 0; kind < TMOI_BINARY_KIND_COUNT; kind++)
            for (int c = 0; c < LENGTHS * 6; c++)
                if (find((tmoi_binary_kind)kind, types[t]) &&
                    !check_requant_kind(test, (tmoi_binary_kind)kind, types[t], c))
                    return false;
    return true;
}

/* ---- one input ---- */

static double apply_unary(tmoi_unary_kind kind, double x)
{
    switch (kind) {
    case TMOI_UNARY_CLAMP: return x < -1 ? -1 : x > 1 ? 1 : x;
    case TMOI_UNARY_LEAKY_RELU: return x > 0 ? x : 0.25 * x;
    case TMOI_UNARY_LOGISTIC: return 1.0 / (1.0 + exp(-x));
    case TMOI_UNARY_TANH: return tanh(x);
    case TMOI_UNARY_ELU: return x < 0 ? expm1(x) : x;
    case TMOI_UNARY_GELU: return 0.5 * x * erfc(-x * sqrt(0.5));
    case TMOI_UNARY_GELU_TANH: return 0.5 * x * (1 + tanh(0.79788456 * (x + 0.044715 * x * x * x)));
    case TMOI_UNARY_HARD_SWISH: return x * fmin(fmax(x + 3.0, 0.0), 6.0) / 6.0;
    case TMOI_UNARY_EXP: return exp(x);
    case TMOI_UNARY_LOG: return log(x);
    case TMOI_UNARY_SQRT: return sqrt(x);
    case TMOI_UNARY_RSQRT: return 1.0 / sqrt(x);
    case TMOI_UNARY_SQUARE: return x * x;
    case TMOI_UNARY_ABS: return fabs(x);
    case TMOI_UNARY_NEG: return -x;
    case TMOI_UNARY_FLOOR: return floor(x);
    case TMOI_UNARY_CEIL: return ceil(x);
    case TMOI_UNARY_ROUND: return rint(x);
    default: return (x > 0) - (x < 0);
    }
}

/* Results this small need not have relative accuracy: they end a cancellation. */
static double unary_scale(tmoi_unary_kind kind)
{
    return kind == TMOI_UNARY_GELU || kind == TMOI_UNARY_GELU_TANH ? 0.1 : 1e-20;
}

static bool check_unary_kind(kernel_test *test, tmoi_unary_kind kind, int c)
{
    tmoi_unary_function run = ((tmoi_unary_f32_function)test->kernel->function)(kind);
    const tmoi_unary_params params = {.low = -1.0f, .high = 1.0f, .alpha = 0.25f};
    int64_t count = lengths[c / PATTERNS];
    new_case(test, "kind %d, %d elements", (int)kind, (int)count);
    const float *in = fill_f32(test, (size_t)count, c % PATTERNS);
    float *out = guarded(test, (size_t)count * sizeof *out);
    run(&params, in, out, count);
    for (int64_t k = 0; k < count; k++) {
        double want = apply_unary(kind, (double)in[k]);
        if (!near(out[k], want, unary_scale(kind), 2e-6)) return differs(test, k, (double)out[k], want);
    }
    return canary_intact(test, out);
}

/* Zeros, infinities, NaN, the largest and smallest numbers. */
static bool check_unary_edges(kernel_test *test, tmoi_unary_kind kind)
{
    static const float edges[] = {0.0f,     -0.0f,   INFINITY, -INFINITY, NAN,   FLT_MAX,
                                  -FLT_MAX, FLT_MIN, 1e-42f,   -1e-42f,   88.0f, -88.0f,
                                  -0.3f,    0.3f,    1.0f,     0.5f,      2.5f,  -0.5f};
    enum { EDGES = sizeof edges / sizeof edges[0] };
    tmoi_unary_function run = ((tmoi_unary_f32_function)test->kernel->function)(kind);
    const tmoi_unary_params params = {.low = -1.0f, .high = 1.0f, .alpha = 0.25f};
    float out[EDGES];
    new_case(test, "kind %d, edges", (int)kind);
    run(&params, edges, out, EDGES);
    for (int k = 0; k < EDGES; k++) {
        bool rounds_off = kind == TMOI_UNARY_SIGN && isnan(edges[k]);
        bool undefined = fabsf(edges[k]) > 1e30f &&
                         (kind == TMOI_UNARY_GELU || kind == TMOI_UNARY_GELU_TANH ||
                          kind == TMOI_UNARY_HARD_SWISH);
        float want = (float)apply_unary(kind, (double)edges[k]);
        if (rounds_off || undefined || out[k] == want) continue;
        if (!near(out[k], (double)want, 1e-20, 2e-6)) return differs(test, k, (double)out[k], (double)want);
    }
    return true;
}

static bool check_unary_f32(kernel_test *test)
{
    for (int kind = 0; kind < TMOI_UNARY_KIND_COUNT; kind++) {
        if (!((tmoi_unary_f32_function)test->kernel->function)((tmoi_unary_kind)kind)) continue;
        if (!check_unary_edges(test, (tmoi_unary_kind)kind)) return false;
        for (int c = 0; c < LENGTHS * PATTERNS; c++)
            if (!check_unary_kind(test, (tmoi_unary_kind)kind, c)) return false;
    }
    return true;
}

static bool check_lookup_x8(kernel_test *test)
{
    tmoi_lookup_x8_function run = (tmoi_lookup_x8_function)test->kernel->function;
    for (int c = 0; c < LENGTHS * PATTERNS; c++) {
        int64_t count = lengths[c / PATTERNS];
        new_case(test, "%d elements", (int)count);
        const uint8_t *table = (const uint8_t *)fill_s8(test, 256, 4);
        const uint8_t *in = (const uint8_t *)fill_s8(test, (size_t)count, c % PATTERNS);
        uint8_t *out = guarded(test, (size_t)count);
        run(table, in, out, count);
        for (int64_t k = 0; k < count; k++)
            if (out[k] != table[in[k]]) return differs(test, k, out[k], table[in[k]]);
        if (!canary_intact(test, out)) return false;
    }
    return true;
}

static bool check_softmax_f32(kernel_test *test)
{
    tmoi_softmax_f32_function run = (tmoi_softmax_f32_function)test->kernel->function;
    for (int c = PATTERNS; c < LENGTHS * PATTERNS; c++) {
        int64_t depth = lengths[c / PATTERNS], rows = 3 + c % 7 * 50;
        new_case(test, "%d rows of %d", (int)rows, (int)depth);
        const float *in = fill_f32(test, (size_t)(rows * depth), c % PATTERNS);
        float *out = guarded(test, (size_t)(rows * depth) * sizeof *out);
        run(in, out, rows, depth, 0.5f);
        for (int64_t r = 0; r < rows; r++) {
            double sum = 0;
            for (int64_t k = 0; k < depth; k++) sum += exp(0.5 * (double)in[r * depth + k] - 30.0);
            for (int64_t k = 0; k < depth; k++) {
                double want = exp(0.5 * (double)in[r * depth + k] - 30.0) / sum;
                if (!near(out[r * depth + k], want, 1e-7, 1e-5))
                    return differs(test, k, (double)out[r * depth + k], want);
            }
        }
        if (!canary_intact(test, out)) return false;
    }
    return true;
}

static bool check_log_softmax_f32(kernel_test *test)
{
    tmoi_log_softmax_f32_function run = (tmoi_log_softmax_f32_function)test->kernel->function;
    for (int c = PATTERNS; c < LENGTHS * PATTERNS; c++) {
        int64_t depth = lengths[c / PATTERNS], rows = 3;
        new_case(test, "3 rows of %d", (int)depth);
        const float *in = fill_f32(test, (size_t)(rows * depth), c % PATTERNS);
        float *out = guarded(test, (size_t)(rows * depth) * sizeof *out);
        run(in, out, rows, depth);
        for (int64_t r = 0; r < rows; r++) {
            double sum = 0;
            for (int64_t k = 0; k < depth; k++) sum += exp((double)in[r * depth + k] - 50.0);
            for (int64_t k = 0; k < depth; k++) {
                double want = (double)in[r * depth + k] - 50.0 - log(sum);
                if (!near(out[r * depth + k], want, 1.0, 1e-5))
                    return differs(test, k, (double)out[r * depth + k], want);
            }
        }
        if (!canary_intact(test, out)) return false;
    }
    return true;
}

static bool check_l2_norm_f32(kernel_test *test)
{
    tmoi_l2_norm_f32_function run = (tmoi_l2_norm_f32_function)test->kernel->function;
    for (int c = PATTERNS; c < LENGTHS * PATTERNS; c++) {
        int64_t depth = lengths[c / PATTERNS], rows = 3;
        new_case(test, "3 rows of %d", (int)depth);
        const float *in = fill_f32(test, (size_t)(rows * depth), c % PATTERNS);
        float *out = guarded(test, (size_t)(rows * depth) * sizeof *out);
        run(in, out, rows, depth);
        for (int64_t r = 0; r < rows; r++) {
            double sum = 0;
            for (int64_t k = 0; k < depth; k++) sum += (double)in[r * depth + k] * (double)in[r * depth + k];
            for (int64_t k = 0; k < depth; k++) {
                double want = (double)in[r * depth + k] / sqrt(sum);
                if (!near(out[r * depth + k], want, 1e-3, 1e-5))
                    return differs(test, k, (double)out[r * depth + k], want);
            }
        }
        if (!canary_intact(test, out)) return false;
    }
    return true;
}

/* ---- reductions ---- */

static double reduce_pair(tmoi_reduce_kind kind, double acc, double x)
{
    return kind == TMOI_REDUCE_SUM ? acc + x : kind == TMOI_REDUCE_MAX ? fmax(acc, x) : fmin(acc, x);
}

static double real_element(tmo_type type, const void *data, int64_t k)
{
    return type == TMO_TYPE_FLOAT32 ? (double)((const float *)data)[k] : stored_element(type, data, k);
}

/* The dimensions of `axes` of a tensor of three. */
static bool check_reduce_case(kernel_test *test, tmoi_reduce_kind kind, tmo_type type, uint32_t axes, int c)
{
    tmoi_reduce_function run = ((tmoi_reduce_rows_function)test->kernel->function)(kind, type);
    tmo_type acc_type = tmoi_reduce_accumulator_type(kind, type);
    tmoi_shape shape = {.rank = 3};
    tmoi_reduce_plan plan;
    for (int k = 0; k < 3; k++)
        shape.dims[k] = 1 + (int32_t)tmoi_rng_below(&test->rng, k == 2 && c % 2 ? 90 : 9);
    int64_t b = shape.dims[1], d = shape.dims[2], count = shape.dims[0] * b * d;
    new_case(test, "kind %d, type %d, axes %d of %dx%dx%d", (int)kind, (int)type, (int)axes,
             (int)shape.dims[0], (int)b, (int)d);
    tmoi_reduce_plan_init(&plan, &shape, axes);
    const void *in = type == TMO_TYPE_FLOAT32 ? (const void *)fill_f32(test, (size_t)count, c % PATTERNS)
                                              : fill_s8(test, tmoi_type_bytes(type, count), c % PATTERNS);
    void *out = guarded(test, tmoi_type_bytes(acc_type, plan.out_count));
    run(&plan, in, out);
    int64_t step2 = axes & 4 ? 0 : 1, step1 = axes & 2 ? 0 : axes & 4 ? 1 : d;
    int64_t step0 = axes & 1 ? 0 : (axes & 2 ? 1 : b) * (axes & 4 ? 1 : d);
    for (int64_t o = 0; o < plan.out_count; o++) {
        double want = kind == TMOI_REDUCE_SUM ? 0 : kind == TMOI_REDUCE_MAX ? -1e30 : 1e30;
        for (int64_t k = 0; k < count; k++)
            if (k / (b * d) * step0 + k / d % b * step1 + k % d * step2 == o)
                want = reduce_pair(kind, want, real_element(type, in, k));
        double got = acc_type == TMO_TYPE_INT64 ? (double)((int64_t *)out)[o]
                                                : real_element(acc_type, out, o);
        if (fabs(got - want) > (type == TMO_TYPE_FLOAT32 ? 0.02 : 0)) return differs(test, o, got, want);
    }
    return canary_intact(test, out);
}

static bool check_reduce_rows(kernel_test *test)
{
    static const tmo_type types[] = {TMO_TYPE_FLOAT32, TMO_TYPE_INT8, TMO_TYPE_UINT8, TMO_TYPE_INT16};
    static const tmoi_reduce_kind kinds[] = {TMOI_REDUCE_SUM, TMOI_REDUCE_MAX, TMOI_REDUCE_MIN};
    for (int t = 0; t < 4; t++)
        for (int kind = 0; kind < 3; kind++)
            for (int c = 0; c < 80; c++)
                if (!check_reduce_case(test, kinds[kind], types[t], (uint32_t)(c % 8), c)) return false;
    return true;
}

/* ---- moving ---- */

/* Two or three dimensions of which the last two change places, in either order of the loops. */
static bool check_transposed(kernel_test *test)
{
    tmoi_move_function run = (tmoi_move_function)test->kernel->function;
    static const size_t bytes[] = {1, 2, 4, 8};
    for (int c = 0; c < 160; c++) {
        ptrdiff_t s = (ptrdiff_t)bytes[c % 4];
        int64_t rows = 1 + (int64_t)tmoi_rng_below(&test->rng, 40), n = 1 + c % 3;
        int64_t columns = 1 + (int64_t)tmoi_rng_below(&test->rng, 40);
        new_case(test, "%d of %dx%d of %d bytes transposed", (int)n, (int)rows, (int)columns, (int)s);
        const int8_t *in = fill_s8(test, (size_t)(n * rows * columns * s), 4);
        int8_t *out = guarded(test, (size_t)(n * rows * columns * s));
        tmoi_move move = {.elem_bytes = (size_t)s};
        tmoi_move_add_dim(&move, n, rows * columns * s, rows * columns * s);
        if (c & 1) tmoi_move_add_dim(&move, columns, s, rows * s);
        tmoi_move_add_dim(&move, rows, columns * s, s);
        if (!(c & 1)) tmoi_move_add_dim(&move, columns, s, rows * s);
        run(&move, in, out);
        for (int64_t k = 0; k < n * rows * columns; k++) {
            int64_t image = k / (rows * columns), i = k / columns % rows, j = k % columns;
            if (memcmp(out + ((image * columns + j) * rows + i) * s, in + k * s, (size_t)s) != 0)
                return differs(test, k, 0, 0);
        }
        if (!canary_intact(test, out)) return false;
    }
    return true;
}

static bool check_move(kernel_test *test)
{
    if (!check_transposed(test)) return false;
    tmoi_move_function run = (tmoi_move_function)test->kernel->function;
    static const size_t bytes[] = {1, 2, 3, 4, 8, 16, 24};
    for (int c = 0; c < 210; c++) {
        size_t size = bytes[c % 7];
        int64_t d[3];
        for (int k = 0; k < 3; k++) d[k] = 1 + (int64_t)tmoi_rng_below(&test->rng, 9);
        if (c % 30 == 0) d[1] = 0;
        new_case(test, "%dx%dx%d of %d bytes", (int)d[0], (int)d[1], (int)d[2], (int)size);
        size_t count = (size_t)(d[0] * d[1] * d[2]);
        ptrdiff_t s = (ptrdiff_t)size;
        const int8_t *in = fill_s8(test, count * size, 4);
        int8_t *out = guarded(test, count * size);
        tmoi_move move = {.elem_bytes = size}; /* out[j][k][i] = in[i][j][reversed k] */
        tmoi_move_add_dim(&move, d[0], d[1] * d[2] * s, s);
        tmoi_move_add_dim(&move, d[1], d[2] * s, d[2] * d[0] * s);
        tmoi_move_add_dim(&move, d[2], -s, d[0] * s);
        move.in_offset = (d[2] - 1) * s;
        if (c % 2) tmoi_move_simplify(&move);
        run(&move, in, out);
        for (int64_t i = 0; i < d[0]; i++)
            for (int64_t j = 0; j < d[1]; j++)
                for (int64_t k = 0; k < d[2]; k++)
                    if (memcmp(out + ((j * d[2] + k) * d[0] + i) * s,
                               in + ((i * d[1] + j) * d[2] + d[2] - 1 - k) * s, size) != 0)
                        return differs(test, (i * d[1] + j) * d[2] + k, 0, 0);
        if (!canary_intact(test, out)) return false;
    }
    return true;
}

/* ---- choosing ---- */

static bool check_select(kernel_test *test)
{
    tmoi_select_function run = (tmoi_select_function)test->kernel->function;
    static const size_t bytes[] = {1, 2, 4, 8, 16};
    for (int c = 0; c < 120; c++) {
        size_t size = bytes[c % 5];
        int64_t rows = (int64_t)tmoi_rng_below(&test->rng, 8),
                columns = (int64_t)tmoi_rng_below(&test->rng, 40);
        bool row_of_a = c % 3 == 1, scalar_b = c % 4 == 1, row_condition = c % 5 == 2;
        new_case(test, "%dx%d of %d bytes", (int)rows, (int)columns, (int)size);
        ptrdiff_t s = (ptrdiff_t)size;
        const int8_t *a = fill_s8(test, (size_t)((row_of_a ? 1 : rows) * columns) * size, 4);
        const int8_t *b = fill_s8(test, (scalar_b ? 1 : (size_t)(rows * columns)) * size, 4);
        int8_t *condition = fill_s8(test, (size_t)(row_condition ? columns : rows * columns), 4);
        for (int64_t k = 0; k < (row_condition ? columns : rows * columns); k++) condition[k] &= 1;
        int8_t *out = guarded(test, (size_t)(rows * columns) * size);
        const tmoi_select_shape shape = {.rank = 2,
                                         .dims = {rows, columns},
                                         .condition_stride = {row_condition ? 0 : columns, 1},
                                         .a_stride = {row_of_a ? 0 : columns * s, s},
                                         .b_stride = {scalar_b ? 0 : columns * s, scalar_b ? 0 : s},
                                         .elem_bytes = size};
        run(&shape, (const uint8_t *)condition, a, b, out);
        for (int64_t k = 0; k < rows * columns; k++) {
            int64_t x = k % columns, y = k / columns;
            const int8_t *want = condition[row_condition ? x : k] ? a + ((row_of_a ? 0 : y) * columns + x) * s
                                                                  : b + (scalar_b ? 0 : k) * s;
            if (memcmp(out + k * s, want, size) != 0) return differs(test, k, 0, 0);
        }
        if (!canary_intact(test, out)) return false;
    }
    return true;
}

/* ---- resizing ---- */

static tmoi_resize_shape next_resize(kernel_test *test, int c)
{
    return (tmoi_resize_shape){.batch = 1 + c % 2,
                               .channels = 1 + (int32_t)tmoi_rng_below(&test->rng, 20),
                               .in_h = 1 + (int32_t)tmoi_rng_below(&test->rng, 8),
                               .in_w = 1 + (int32_t)tmoi_rng_below(&test->rng, 8),
                               .out_h = 1 + (int32_t)tmoi_rng_below(&test->rng, 12),
                               .out_w = 1 + (int32_t)tmoi_rng_below(&test->rng, 12),
                               .half_pixel_centers = c % 3 == 1};
}

/* The elements of the four neighbours and their weights, from any taps. */
#define BLEND(in, rows, columns, weight_of)                                                                  \
    do {                                                                                                     \
        int64_t image = (int64_t)n * s.in_h * s.in_w;                                                        \
        double v = weight_of(rows[y]), u = weight_of(columns[x]);                                            \
        double top = (1 - u) *                                                                               \
                         (double)in[(image + rows[y].lower * s.in_w + columns[x].lower) * s.channels + ch] + \
                     u * (double)in[(image + rows[y].lower * s.in_w + columns[x].upper) * s.channels + ch];  \
        double bottom =                                                                                      \
            (1 - u) * (double)in[(image + rows[y].upper * s.in_w + columns[x].lower) * s.channels + ch] +    \
            u * (double)in[(image + rows[y].upper * s.in_w + columns[x].upper) * s.channels + ch];           \
        want = (1 - v) * top + v * bottom;                                                                   \
    } while (0)
#define WEIGHT_F32(tap) (double)(tap).upper_weight
#define WEIGHT_Q10(tap) ((tap).upper_weight / 1024.0)

#define CHECK_RESIZE(types, ctype, tap_type, make_taps, weight_of, fill, slack)                          \
    static bool check_resize_##types(kernel_test *test)                                                  \
    {                                                                                                    \
        tmoi_resize_bilinear_##types##_function run =                                                    \
            (tmoi_resize_bilinear_##types##_function)test->kernel->function;                             \
        for (int c = 0; c < 60; c++) {                                                                   \
            tmoi_resize_shape s = next_resize(test, c);                                                  \
            new_case(test, "%dx%dx%d to %dx%d", (int)s.in_h, (int)s.in_w, (int)s.channels, (int)s.out_h, \
                     (int)s.out_w);                                                                      \
            tap_type rows[16], columns[16];                                                              \
            make_taps(rows, s.in_h, s.out_h, s.align_corners, s.half_pixel_centers);                     \
            make_taps(columns, s.in_w, s.out_w, s.align_corners, s.half_pixel_centers);                  \
            const ctype *in = (const ctype *)fill;                                                       \
            int64_t count = (int64_t)s.batch * s.out_h * s.out_w * s.channels,                           \
                    all = (int64_t)s.batch * s.out_h;                                                    \
            ctype *out = guarded(test, (size_t)count * sizeof *out);                                     \
            run(&s, rows, columns, in, out, 0, all / 2);                                                 \
            run(&s, rows, columns, in, out, all / 2, all);                                               \
            for (int64_t k = 0; k < count; k++) {                                                        \
                int64_t ch = k % s.channels, x = k / s.channels % s.out_w,                               \
                        y = k / s.channels / s.out_w % s.out_h;                                          \
                int64_t n = k / s.channels / s.out_w / s.out_h;                                          \
                double want;                                                                             \
                BLEND(in, rows, columns, weight_of);                                                     \
                if (fabs((double)out[k] - want) > slack) return differs(test, k, (double)out[k], want);  \
            }                                                                                            \
            if (!canary_intact(test, out)) return false;                                                 \
        }                                                                                                \
        return true;                                                                                     \
    }

#define IN_COUNT (size_t)(s.batch * s.in_h * s.in_w * s.channels)
CHECK_RESIZE(f32, float, tmoi_resize_tap_f32, tmoi_resize_taps_f32, WEIGHT_F32,
             fill_f32(test, IN_COUNT, c % PATTERNS), 1e-4)
CHECK_RESIZE(u8, uint8_t, tmoi_resize_tap_f32, tmoi_resize_taps_f32, WEIGHT_F32,
             fill_s8(test, IN_COUNT, c % PATTERNS), 0.51)
CHECK_RESIZE(s8, int8_t, tmoi_resize_tap_q10, tmoi_resize_taps_q10, WEIGHT_Q10,
             fill_s8(test, IN_COUNT, c % PATTERNS), 0.51)
CHECK_RESIZE(s16, int16_t, tmoi_resize_tap_q10, tmoi_resize_taps_q10, WEIGHT_Q10,
             fill_s16(test, IN_COUNT, c % PATTERNS, -32768, 32767), 0.51)

const family_entry element_families[] = {
    {TMOI_FAMILY_binary_f32, check_binary_f32},
    {TMOI_FAMILY_binary_integer, check_binary_integer},
    {TMOI_FAMILY_binary_requant, check_binary_requant},
    {TMOI_FAMILY_l2_norm_f32, check_l2_norm_f32},
    {TMOI_FAMILY_log_softmax_f32, check_log_softmax_f32},
    {TMOI_FAMILY_lookup_x8, check_lookup_x8},
    {TMOI_FAMILY_move, check_move},
    {TMOI_FAMILY_reduce_rows, check_reduce_rows},
    {TMOI_FAMILY_resize_bilinear_f32, check_resize_f32},
    {TMOI_FAMILY_resize_bilinear_s16, check_resize_s16},
    {TMOI_FAMILY_resize_bilinear_s8, check_resize_s8},
    {TMOI_FAMILY_resize_bilinear_u8, check_resize_u8},
    {TMOI_FAMILY_select, check_select},
    {TMOI_FAMILY_softmax_f32, check_softmax_f32},
    {TMOI_FAMILY_unary_f32, check_unary_f32},
    {0, NULL},
};
