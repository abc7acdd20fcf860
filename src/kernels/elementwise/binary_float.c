/* Float arithmetic: float32, and float16 and bfloat16 computed in float32. */
#include <math.h>

#include "base/fp16.h"
#include "kernels/elementwise/binary_f32_elements.h"
#include "kernels/elementwise/binary_rows.h"
#include "kernels/elementwise/binary_tables.h"

static inline float power(const tmoi_binary_params *p, float x, float y)
{
    (void)p;
    return powf(x, y);
}

static inline float floor_div(const tmoi_binary_params *p, float x, float y)
{
    (void)p;
    return (float)floor((double)x / (double)y);
}

static inline float floor_mod(const tmoi_binary_params *p, float x, float y)
{
    (void)p;
    float remainder = fmodf(x, y);
    return remainder != 0.0f && (y < 0.0f) != (remainder < 0.0f) ? remainder + y : remainder;
}

static inline float arc_tangent(const tmoi_binary_params *p, float y, float x)
{
    (void)p;
    return atan2f(y, x);
}

static inline double arc_tangent_f64(const tmoi_binary_params *p, double y, double x)
{
    (void)p;
    return atan2(y, x);
}

TMOI_BINARY_ROWS(static, pow_f32, float, float, power)
TMOI_BINARY_ROWS(static, floor_div_f32, float, float, floor_div)
TMOI_BINARY_ROWS(static, floor_mod_f32, float, float, floor_mod)
TMOI_BINARY_ROWS(static, atan2_f32, float, float, arc_tangent)
TMOI_BINARY_ROWS(static, atan2_f64, double, double, arc_tangent_f64)

/* A half-precision element function: the float one between conversions. */
#define HALF_ROWS(name, half, apply)                                                                     \
    static inline uint16_t name##_element(const tmoi_binary_params *p, uint16_t x, uint16_t y)           \
    {                                                                                                    \
        return tmoi_##half##_from_float(apply(p, tmoi_##half##_to_float(x), tmoi_##half##_to_float(y))); \
    }                                                                                                    \
    TMOI_BINARY_ROWS(static, name, uint16_t, uint16_t, name##_element)

#define HALF_KINDS(half)                                                       \
    HALF_ROWS(add_##half, half, add)                                           \
    HALF_ROWS(sub_##half, half, sub)                                           \
    HALF_ROWS(mul_##half, half, mul)                                           \
    HALF_ROWS(div_##half, half, divide)                                        \
    HALF_ROWS(maximum_##half, half, maximum)                                   \
    HALF_ROWS(minimum_##half, half, minimum)                                   \
    HALF_ROWS(squared_difference_##half, half, squared_difference)             \
    static const tmoi_binary_function table_##half[TMOI_BINARY_KIND_COUNT] = { \
        [TMOI_BINARY_ADD] = add_##half,                                        \
        [TMOI_BINARY_SUB] = sub_##half,                                        \
        [TMOI_BINARY_MUL] = mul_##half,                                        \
        [TMOI_BINARY_DIV] = div_##half,                                        \
        [TMOI_BINARY_MAXIMUM] = maximum_##half,                                \
        [TMOI_BINARY_MINIMUM] = minimum_##half,                                \
        [TMOI_BINARY_SQUARED_DIFFERENCE] = squared_difference_##half,          \
    };
HALF_KINDS(fp16)
HALF_KINDS(bf16)

static tmoi_binary_function find_f32(tmoi_binary_kind kind)
{
    switch (kind) {
    case TMOI_BINARY_POW: return pow_f32;
    case TMOI_BINARY_FLOOR_DIV: return floor_div_f32;
    case TMOI_BINARY_FLOOR_MOD: return floor_mod_f32;
    case TMOI_BINARY_ATAN2: return atan2_f32;
    default: return tmoi_binary_f32_c(kind);
    }
}

/* Complex products; pairs of floats do not fit the row macro, so the loop stands here. */
static void mul_c64(const tmoi_binary_params *params, const void *a, int64_t step_a, const void *b,
                    int64_t step_b, void *out, int64_t count)
{
    const float *x = a, *y = b;
    float *z = out;
    (void)params;
    for (int64_t k = 0; k < count; k++, x += 2 * step_a, y += 2 * step_b, z += 2) {
        float real = x[0] * y[0] - x[1] * y[1];
        float imaginary = x[0] * y[1] + x[1] * y[0];
        z[0] = real;
        z[1] = imaginary;
    }
}

tmoi_binary_function tmoi_binary_float(tmoi_binary_kind kind, tmo_type type)
{
    switch (type) {
    case TMO_TYPE_FLOAT32: return find_f32(kind);
    case TMO_TYPE_FLOAT16: return table_fp16[kind];
    case TMO_TYPE_BFLOAT16: return table_bf16[kind];
    case TMO_TYPE_FLOAT64: return kind == TMOI_BINARY_ATAN2 ? atan2_f64 : NULL;
    case TMO_TYPE_COMPLEX64: return kind == TMOI_BINARY_MUL ? mul_c64 : NULL;
    default: return NULL;
    }
}
