/* Element-wise operators.
 *
 * Binary: out[k] = f(a[k·step_a], b[k·step_b]) for k in [0, count), each step 0 or 1; the loops over more dimensions are in
 * broadcast.h. Unary: out[k] = f(in[k]). `out` may be the same memory as an input that advances. Sources: TFLite
 * reference_ops and reference_integer_ops (add.h, sub.h, mul.h, div.h, comparisons.h, prelu.h) and the operators' own files
 * (squared_difference.cc, floor_div.cc, floor_mod.cc, pow.cc, right_shift.cc, elementwise.cc). */
#ifndef TMOI_KERNELS_ELEMENTWISE_ELEMENTWISE_H
#define TMOI_KERNELS_ELEMENTWISE_ELEMENTWISE_H

#include <stdbool.h>

#include "kernels/common/fixed_point.h"
#include "tmo/types.h"

typedef enum tmoi_binary_kind {
    TMOI_BINARY_ADD,
    TMOI_BINARY_SUB,
    TMOI_BINARY_MUL,
    TMOI_BINARY_DIV,
    TMOI_BINARY_MAXIMUM,
    TMOI_BINARY_MINIMUM,
    TMOI_BINARY_SQUARED_DIFFERENCE,
    TMOI_BINARY_POW,
    TMOI_BINARY_FLOOR_DIV,
    TMOI_BINARY_FLOOR_MOD,
    TMOI_BINARY_ATAN2,
    TMOI_BINARY_PRELU,
    TMOI_BINARY_AND,
    TMOI_BINARY_OR,
    TMOI_BINARY_XOR,
    TMOI_BINARY_SHIFT_LEFT,
    TMOI_BINARY_SHIFT_RIGHT,
    TMOI_BINARY_EQUAL,
    TMOI_BINARY_NOT_EQUAL,
    TMOI_BINARY_LESS,
    TMOI_BINARY_LESS_EQUAL,
    TMOI_BINARY_GREATER,
    TMOI_BINARY_GREATER_EQUAL,
    TMOI_BINARY_KIND_COUNT
} tmoi_binary_kind;

/* What a kernel needs to know beside the data; each uses the fields of its own arithmetic. */
typedef struct tmoi_binary_params {
    float low_f32, high_f32;                     /* fused activation of float types */
    int64_t low, high;                           /* and of integer types, quantized or not */
    int32_t zero_a, zero_b, zero_out;            /* quantized: zero points */
    int32_t left_shift;                          /* bits gained before the inputs are scaled */
    tmoi_multiplier scale_a, scale_b, scale_out; /* scale_b also: PRELU's negative branch */
    int32_t shift_a, shift_b;                    /* power-of-two int16 ADD and SUB: right shifts */
    /* The default arithmetic; see tmoi_binary_weights(). */
    float weight_a, weight_b, weight_bias;
    int32_t sum_a, sum_b, sum_bias, sum_shift;
    bool reference; /* DIV: also the reference's results for quotients near 0, see there */
} tmoi_binary_params;

typedef void (*tmoi_binary_function)(const tmoi_binary_params *params, const void *a, int64_t step_a,
                                     const void *b, int64_t step_b, void *out, int64_t count);

/* Arithmetic on stored values (floats, integers without quantization, and MAXIMUM, MINIMUM and the comparisons of quantized
 * ones with equal parameters). NULL when there is none. Comparisons write bool, others the inputs' type. Integer division by
 * zero and a negative exponent of an integer POW are the caller's to exclude. */
tmoi_binary_function tmoi_binary_plain(tmoi_binary_kind kind, tmo_type type);
/* Arithmetic on the real values of quantized int8, uint8 and int16 elements. NULL when there is none. */
tmoi_binary_function tmoi_binary_quantized(tmoi_binary_kind kind, tmo_type type);
/* ADD and SUB of int16 elements whose scales are powers of two: one input is shifted, the sum saturates. */
tmoi_binary_function tmoi_binary_power_of_two(tmoi_binary_kind kind);

/* The families of the binary operators that models spend time in: each gives the function of a kind (and a type), or NULL when
 * it has none. Exact: all variants give the same bits.
 *
 *   binary_f32      ADD, SUB, MUL, DIV, MAXIMUM, MINIMUM, SQUARED_DIFFERENCE and PRELU as in tmoi_binary_plain()
 *   binary_integer  as in tmoi_binary_plain(); at least ADD, SUB, MUL, MAXIMUM and MINIMUM of int8, uint8, int16 and int32
 *   binary_requant  int8, uint8 and int16, in the default arithmetic, within one step of the quantized functions above:
 *                     ADD and SUB, 8 bits  out = clamp((a·sum_a + b·sum_b + sum_bias) >> sum_shift, low, high)
 *                     ADD and SUB, int16   value = a·weight_a + b·weight_b + weight_bias
 *                     SQUARED_DIFFERENCE   the square of the same
 *                     MUL                  value = (a − zero_a)·(b − zero_b) · weight_a
 *                     PRELU, 8 bits        m = a ≥ zero_a ? sum_a : ((b − zero_b)·2^7·sum_b + 2^14) >> 15
 *                                          out = clamp(((a − zero_a)·m + sum_bias) >> sum_shift, low, high)
 *                     out = zero_out + round(clamp(value, low_f32, high_f32)), ties to even
 *
 * tmoi_binary_weights() sets the weights and the float range from the other fields; sum_a and sum_b are in int16's range, the sums in
 * int32's. False when the scales differ too much for them. */
typedef tmoi_binary_function (*tmoi_binary_f32_function)(tmoi_binary_kind kind);
typedef tmoi_binary_function (*tmoi_binary_integer_function)(tmoi_binary_kind kind, tmo_type type);
typedef tmoi_binary_function (*tmoi_binary_requant_function)(tmoi_binary_kind kind, tmo_type type);
bool tmoi_binary_weights(tmoi_binary_params *params, tmoi_binary_kind kind);

tmoi_binary_function tmoi_binary_f32_c(tmoi_binary_kind kind);
tmoi_binary_function tmoi_binary_f32_avx2(tmoi_binary_kind kind);
tmoi_binary_function tmoi_binary_f32_neon(tmoi_binary_kind kind);
tmoi_binary_function tmoi_binary_f32_simd128(tmoi_binary_kind kind);
tmoi_binary_function tmoi_binary_integer_c(tmoi_binary_kind kind, tmo_type type);
tmoi_binary_function tmoi_binary_integer_avx2(tmoi_binary_kind kind, tmo_type type);
tmoi_binary_function tmoi_binary_integer_neon(tmoi_binary_kind kind, tmo_type type);
tmoi_binary_function tmoi_binary_integer_simd128(tmoi_binary_kind kind, tmo_type type);
tmoi_binary_function tmoi_binary_requant_c(tmoi_binary_kind kind, tmo_type type);
tmoi_binary_function tmoi_binary_requant_avx2(tmoi_binary_kind kind, tmo_type type);
tmoi_binary_function tmoi_binary_requant_neon(tmoi_binary_kind kind, tmo_type type);
tmoi_binary_function tmoi_binary_requant_simd128(tmoi_binary_kind kind, tmo_type type);

#endif
