#include <math.h>

#include "base/compiler.h"
#include "base/fp16.h"
#include "kernels/common/exp.h"
#include "kernels/unary/unary.h"

#define ROWS(linkage, name, type, apply)                                                         \
    linkage void name(const tmoi_unary_params *params, const void *in, void *out, int64_t count) \
    {                                                                                            \
        const type *x = in;                                                                      \
        type *y = out;                                                                           \
        const tmoi_unary_params p = *params;                                                     \
        (void)p;                                                                                 \
        TMOI_INDEPENDENT_LOOP                                                                    \
        for (int64_t k = 0; k < count; k++) y[k] = (type)(apply);                                \
    }

static inline float gelu(float x)
{
    return 0.5f * x * erfcf(-x * 0.70710678f);
}

static inline float gelu_tanh(float x)
{
    return 0.5f * x * (1.0f + tmoi_tanh_f32(0.79788456f * (x + 0.044715f * x * x * x)));
}

static inline float hard_swish(float x)
{
    return x * tmoi_clamp_f32(x + 3.0f, 0.0f, 6.0f) / 6.0f;
}

/* Ties to even. Negative numbers that round to zero give +0, as in the reference; -0 stays. */
static inline float round_even(float x)
{
    float rounded = rintf(x);
    return x < 0.0f ? rounded + 0.0f : rounded;
}

static inline float sign(float x)
{
    return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : 0.0f;
}

/* The float operators, as KIND(name, expression of x): the same list serves float32 and the half-precision types. */
#define FLOAT_KINDS(KIND)                         \
    KIND(clamp, tmoi_clamp_f32(x, p.low, p.high)) \
    KIND(leaky_relu, x > 0.0f ? x : x * p.alpha)  \
    KIND(logistic, tmoi_logistic_f32(x))          \
    KIND(tanh, tmoi_tanh_f32(x))                  \
    KIND(elu, x < 0.0f ? expm1f(x) : x)           \
    KIND(gelu, gelu(x))                           \
    KIND(gelu_tanh, gelu_tanh(x))                 \
    KIND(hard_swish, hard_swish(x))               \
    KIND(exp, tmoi_exp_f32(x))                    \
    KIND(log, logf(x))                            \
    KIND(sqrt, sqrtf(x))                          \
    KIND(rsqrt, 1.0f / sqrtf(x))                  \
    KIND(square, x *x)                            \
    KIND(abs, fabsf(x))                           \
    KIND(neg, -x)                                 \
    KIND(sin, sinf(x))                            \
    KIND(cos, cosf(x))                            \
    KIND(floor, floorf(x))                        \
    KIND(ceil, ceilf(x))                          \
    KIND(round, round_even(x))                    \
    KIND(sign, sign(x))

#define ELEMENT(name, expression)                                    \
    static inline float name##_element(tmoi_unary_params p, float x) \
    {                                                                \
        (void)p;                                                     \
        return expression;                                           \
    }
FLOAT_KINDS(ELEMENT)

ROWS(, tmoi_clamp_f32_c, float, clamp_element(p, x[k]))
ROWS(, tmoi_exp_f32_c, float, exp_element(p, x[k]))
ROWS(, tmoi_hard_swish_f32_c, float, hard_swish_element(p, x[k]))
ROWS(, tmoi_logistic_f32_c, float, logistic_element(p, x[k]))
ROWS(, tmoi_tanh_f32_c, float, tanh_element(p, x[k]))

#define FLOAT_ROWS(name, expression) ROWS(static, name##_f32, float, name##_element(p, x[k]))
#define FP16_ROWS(name, expression) \
    ROWS(static, name##_fp16, uint16_t, tmoi_fp16_from_float(name##_element(p, tmoi_fp16_to_float(x[k]))))
#define BF16_ROWS(name, expression) \
    ROWS(static, name##_bf16, uint16_t, tmoi_bf16_from_float(name##_element(p, tmoi_bf16_to_float(x[k]))))
FLOAT_KINDS(FP16_ROWS)
FLOAT_KINDS(BF16_ROWS)
FLOAT_ROWS(leaky_relu, )
FLOAT_ROWS(elu, )
FLOAT_ROWS(gelu, )
FLOAT_ROWS(gelu_tanh, )
FLOAT_ROWS(log, )
FLOAT_ROWS(sqrt, )
FLOAT_ROWS(rsqrt, )
FLOAT_ROWS(square, )
FLOAT_ROWS(abs, )
FLOAT_ROWS(neg, )
FLOAT_ROWS(sin, )
FLOAT_ROWS(cos, )
FLOAT_ROWS(floor, )
FLOAT_ROWS(ceil, )
FLOAT_ROWS(round, )
FLOAT_ROWS(sign, )

#define TABLE(suffix, clamp, exp, hard_swish, logistic, tanh)                  \
    static const tmoi_unary_function table_##suffix[TMOI_UNARY_KIND_COUNT] = { \
        [TMOI_UNARY_CLAMP] = clamp,                                            \
        [TMOI_UNARY_LEAKY_RELU] = leaky_relu_##suffix,                         \
        [TMOI_UNARY_LOGISTIC] = logistic,                                      \
        [TMOI_UNARY_TANH] = tanh,                                              \
        [TMOI_UNARY_ELU] = elu_##suffix,                                       \
        [TMOI_UNARY_GELU] = gelu_##suffix,                                     \
        [TMOI_UNARY_GELU_TANH] = gelu_tanh_##suffix,                           \
        [TMOI_UNARY_HARD_SWISH] = hard_swish,                                  \
        [TMOI_UNARY_EXP] = exp,                                                \
        [TMOI_UNARY_LOG] = log_##suffix,                                       \
        [TMOI_UNARY_SQRT] = sqrt_##suffix,                                     \
        [TMOI_UNARY_RSQRT] = rsqrt_##suffix,                                   \
        [TMOI_UNARY_SQUARE] = square_##suffix,                                 \
        [TMOI_UNARY_ABS] = abs_##suffix,                                       \
        [TMOI_UNARY_NEG] = neg_##suffix,                                       \
        [TMOI_UNARY_SIN] = sin_##suffix,                                       \
        [TMOI_UNARY_COS] = cos_##suffix,                                       \
        [TMOI_UNARY_FLOOR] = floor_##suffix,                                   \
        [TMOI_UNARY_CEIL] = ceil_##suffix,                                     \
        [TMOI_UNARY_ROUND] = round_##suffix,                                   \
        [TMOI_UNARY_SIGN] = sign_##suffix,                                     \
    };
TABLE(f32, tmoi_clamp_f32_c, tmoi_exp_f32_c, tmoi_hard_swish_f32_c, tmoi_logistic_f32_c, tmoi_tanh_f32_c)
TABLE(fp16, clamp_fp16, exp_fp16, hard_swish_fp16, logistic_fp16, tanh_fp16)
TABLE(bf16, clamp_bf16, exp_bf16, hard_swish_bf16, logistic_bf16, tanh_bf16)

/* Negation and magnitude of the smallest integer wrap to itself. */
ROWS(static, neg_s8, int8_t, -x[k])
ROWS(static, neg_s16, int16_t, -x[k])
ROWS(static, neg_s32, int32_t, 0 - (uint32_t)x[k])
ROWS(static, neg_s64, int64_t, 0 - (uint64_t)x[k])
ROWS(static, abs_s8, int8_t, x[k] < 0 ? -x[k] : x[k])
ROWS(static, abs_s16, int16_t, x[k] < 0 ? -x[k] : x[k])
ROWS(static, abs_s32, int32_t, x[k] < 0 ? 0 - (uint32_t)x[k] : (uint32_t)x[k])
ROWS(static, abs_s64, int64_t, x[k] < 0 ? 0 - (uint64_t)x[k] : (uint64_t)x[k])
ROWS(static, sign_s32, int32_t, (x[k] > 0) - (x[k] < 0))
ROWS(static, sign_f64, double, (double)((x[k] > 0.0) - (x[k] < 0.0)))
ROWS(static, not_bool, uint8_t, !x[k])

tmoi_unary_function tmoi_unary_plain(tmoi_unary_kind kind, tmo_type type)
{
    bool neg = kind == TMOI_UNARY_NEG, abs = kind == TMOI_UNARY_ABS, sign = kind == TMOI_UNARY_SIGN;
    switch (type) {
    case TMO_TYPE_FLOAT32: return table_f32[kind];
    case TMO_TYPE_FLOAT16: return table_fp16[kind];
    case TMO_TYPE_BFLOAT16: return table_bf16[kind];
    case TMO_TYPE_FLOAT64: return sign ? sign_f64 : NULL;
    case TMO_TYPE_INT8: return neg ? neg_s8 : abs ? abs_s8 : NULL;
    case TMO_TYPE_INT16: return neg ? neg_s16 : abs ? abs_s16 : NULL;
    case TMO_TYPE_INT32: return neg ? neg_s32 : abs ? abs_s32 : sign ? sign_s32 : NULL;
    case TMO_TYPE_INT64: return neg ? neg_s64 : abs ? abs_s64 : NULL;
    case TMO_TYPE_BOOL: return kind == TMOI_UNARY_NOT ? not_bool : NULL;
    default: return NULL;
    }
}
