/* Element-wise operators of one input, on stored values: out[k] = f(in[k]). `out` may be `in`. Sources: TFLite
 * activations.cc, elementwise.cc, reference_ops.h; GELU: Hendrycks and Gimpel, "Gaussian Error Linear Units", eq. 1 and 2. */
#ifndef TMOI_KERNELS_UNARY_UNARY_H
#define TMOI_KERNELS_UNARY_UNARY_H

#include <stdbool.h>
#include <stdint.h>

#include "kernels/common/fixed_point.h"
#include "tmo/types.h"

typedef enum tmoi_unary_kind {
    TMOI_UNARY_CLAMP, /* the RELU family */
    TMOI_UNARY_LEAKY_RELU,
    TMOI_UNARY_LOGISTIC,
    TMOI_UNARY_TANH,
    TMOI_UNARY_ELU,
    TMOI_UNARY_GELU,
    TMOI_UNARY_GELU_TANH, /* approximated */
    TMOI_UNARY_HARD_SWISH,
    TMOI_UNARY_EXP,
    TMOI_UNARY_LOG,
    TMOI_UNARY_SQRT,
    TMOI_UNARY_RSQRT,
    TMOI_UNARY_SQUARE,
    TMOI_UNARY_ABS,
    TMOI_UNARY_NEG,
    TMOI_UNARY_SIN,
    TMOI_UNARY_COS,
    TMOI_UNARY_FLOOR,
    TMOI_UNARY_CEIL,
    TMOI_UNARY_ROUND, /* ties to even */
    TMOI_UNARY_SIGN,
    TMOI_UNARY_NOT,
    TMOI_UNARY_KIND_COUNT
} tmoi_unary_kind;

typedef struct tmoi_unary_params {
    float low, high; /* CLAMP */
    float alpha;     /* LEAKY_RELU */
} tmoi_unary_params;

typedef void (*tmoi_unary_function)(const tmoi_unary_params *params, const void *in, void *out,
                                    int64_t count);

/* NULL when there is none for the type. */
tmoi_unary_function tmoi_unary_plain(tmoi_unary_kind kind, tmo_type type);

/* The family unary_f32: the function of a kind, as tmoi_unary_plain() for float32; NULL for those without a fast form. Within a
 * relative error of 1e-6. */
typedef tmoi_unary_function (*tmoi_unary_f32_function)(tmoi_unary_kind kind);
tmoi_unary_function tmoi_unary_f32_c(tmoi_unary_kind kind);
tmoi_unary_function tmoi_unary_f32_avx2(tmoi_unary_kind kind);
tmoi_unary_function tmoi_unary_f32_neon(tmoi_unary_kind kind);
tmoi_unary_function tmoi_unary_f32_simd128(tmoi_unary_kind kind);

#endif
