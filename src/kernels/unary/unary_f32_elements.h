/* The float operators of one input: element functions in forms that compilers turn into vector code.
 *
 * Sources: exp.h; erfc: Press et al., "Numerical Recipes", 6.2, a Chebyshev fit with a relative error below 1.2e-7. */
#ifndef TMOI_KERNELS_UNARY_UNARY_F32_ELEMENTS_H
#define TMOI_KERNELS_UNARY_UNARY_F32_ELEMENTS_H

#include <math.h>

#include "kernels/common/exp.h"
#include "kernels/unary/unary.h"

static inline float tmoi_erfc_f32(float x)
{
    float size = fabsf(x), t = 1.0f / (1.0f + 0.5f * size);
    float p = 0.17087277f;
    p = p * t - 0.82215223f;
    p = p * t + 1.48851587f;
    p = p * t - 1.13520398f;
    p = p * t + 0.27886807f;
    p = p * t - 0.18628806f;
    p = p * t + 0.09678418f;
    p = p * t + 0.37409196f;
    p = p * t + 1.00002368f;
    float tail = t * tmoi_exp_f32(p * t - 1.26551223f - size * size);
    return tmoi_select_f32(x >= 0.0f, tail, 2.0f - tail);
}

static inline float tmoi_gelu_f32(float x)
{
    return 0.5f * x * tmoi_erfc_f32(-x * 0.70710678f);
}

/* ½·(1 + tanh u) is the logistic function of 2u, without the cancellation. */
static inline float tmoi_gelu_tanh_f32(float x)
{
    return x * tmoi_logistic_f32(1.59576912f * (x + 0.044715f * x * x * x));
}

static inline float tmoi_hard_swish_f32(float x)
{
    return x * tmoi_clamp_f32(x + 3.0f, 0.0f, 6.0f) / 6.0f;
}

static inline float tmoi_elu_f32(float x)
{
    return tmoi_select_f32(x < 0.0f, tmoi_expm1_f32(x), x);
}

/* Ties to even. Negative numbers that round to zero give +0, as in the reference; -0 stays. */
static inline float tmoi_round_even_f32(float x)
{
    float rounded = rintf(x);
    return tmoi_select_f32(x < 0.0f, rounded + 0.0f, rounded);
}

static inline float tmoi_sign_f32(float x)
{
    return (float)((x > 0.0f) - (x < 0.0f));
}

/* KIND(NAME of the kind, expression of x and the params p): those that vectorize as they are; those around an exponential, which
 * vectorize too, but which an instruction set may do in another way; the others. */
#define TMOI_UNARY_VECTOR_KINDS(KIND)                           \
    KIND(CLAMP, tmoi_clamp_f32(x, p.low, p.high))               \
    KIND(LEAKY_RELU, tmoi_select_f32(x > 0.0f, x, x * p.alpha)) \
    KIND(HARD_SWISH, tmoi_hard_swish_f32(x))                    \
    KIND(LOG, tmoi_log_f32(x))                                  \
    KIND(SQRT, sqrtf(x))                                        \
    KIND(RSQRT, 1.0f / sqrtf(x))                                \
    KIND(SQUARE, x *x)                                          \
    KIND(ABS, fabsf(x))                                         \
    KIND(NEG, -x)                                               \
    KIND(FLOOR, floorf(x))                                      \
    KIND(CEIL, ceilf(x))                                        \
    KIND(ROUND, tmoi_round_even_f32(x))                         \
    KIND(SIGN, tmoi_sign_f32(x))
#define TMOI_UNARY_EXP_KINDS(KIND)         \
    KIND(LOGISTIC, tmoi_logistic_f32(x))   \
    KIND(TANH, tmoi_tanh_f32(x))           \
    KIND(ELU, tmoi_elu_f32(x))             \
    KIND(GELU, tmoi_gelu_f32(x))           \
    KIND(GELU_TANH, tmoi_gelu_tanh_f32(x)) \
    KIND(EXP, tmoi_exp_f32(x))
#define TMOI_UNARY_OTHER_KINDS(KIND) \
    KIND(SIN, sinf(x))               \
    KIND(COS, cosf(x))

#define TMOI_UNARY_ELEMENT(kind, expression)                         \
    static inline float kind##_element(tmoi_unary_params p, float x) \
    {                                                                \
        (void)p;                                                     \
        return expression;                                           \
    }
TMOI_UNARY_VECTOR_KINDS(TMOI_UNARY_ELEMENT)
TMOI_UNARY_EXP_KINDS(TMOI_UNARY_ELEMENT)
TMOI_UNARY_OTHER_KINDS(TMOI_UNARY_ELEMENT)

#endif
