/* Element-wise operators of one input, on the real values of quantized elements.
 *
 * 8-bit elements go through a table of all 256 results; int16 elements are computed one by one, some through a table of 513
 * points with linear interpolation. Sources: TFLite activations.cc (PopulateLookupTable, LeakyRelu, Relu), elementwise.cc,
 * hard_swish.h, integer_ops/logistic.h, integer_ops/tanh.h, common.h (LUTPopulate, GetInvSqrtQuantizedMultiplierExp). */
#ifndef TMOI_KERNELS_UNARY_QUANTIZED_H
#define TMOI_KERNELS_UNARY_QUANTIZED_H

#include "kernels/unary/unary.h"

enum { TMOI_TABLE_POINTS = 513 };

typedef struct tmoi_unary_quant {
    tmoi_unary_kind kind;
    tmo_type type; /* of input and output: int8, uint8 or int16 */
    float scale_in, scale_out, alpha;
    int32_t zero_in, zero_out;
    int32_t low, high;     /* of the output */
    tmoi_multiplier scale; /* input scale over output scale; RSQRT: 1 / (√(input scale) · output scale) */
    tmoi_multiplier negative_scale;                  /* LEAKY_RELU; its value may be negative */
    int32_t swish_out, swish_relu;                   /* HARD_SWISH: 16-bit multipliers … */
    int32_t swish_out_exponent, swish_relu_exponent; /* … and their exponents; the first is at most 0 */
    int32_t curve_multiplier,
        curve_shift; /* LOGISTIC and TANH of int16: input scale · 3 · 4096 = multiplier / 2^shift */
    int16_t *
        points; /* LOGISTIC and TANH: 257 points of a sigmoid as uint16; EXP, LOG, RSQRT, GELU, ELU: TMOI_TABLE_POINTS */
} tmoi_unary_quant;

/* The stored result of a stored 8-bit input, and of all: table[(uint8_t)q]. */
int32_t tmoi_unary_quantized_element(const tmoi_unary_quant *q, int32_t stored);
void tmoi_unary_table_x8(const tmoi_unary_quant *q, uint8_t table[256]);

/* int16: fills q->points where the operator needs them (room for TMOI_TABLE_POINTS), then computes. */
void tmoi_unary_points_s16(const tmoi_unary_quant *q, int16_t *points);
void tmoi_unary_quantized_s16(const tmoi_unary_quant *q, const int16_t *in, int16_t *out, int64_t count);

/* out[k] = table[in[k]]. */
typedef void (*tmoi_lookup_x8_function)(const uint8_t table[256], const uint8_t *in, uint8_t *out,
                                        int64_t count);
void tmoi_lookup_x8_c(const uint8_t table[256], const uint8_t *in, uint8_t *out, int64_t count);
void tmoi_lookup_x8_avx2(const uint8_t table[256], const uint8_t *in, uint8_t *out, int64_t count);
void tmoi_lookup_x8_neon(const uint8_t table[256], const uint8_t *in, uint8_t *out, int64_t count);

/* A function sampled at 513 points over [low, high], for inputs spread over int16 and outputs of which
 * [out_low, out_high] spreads over int16. Each point is moved by half the interpolation error at the middle of its interval.
 * Computed in float (as for EXP, LOG, RSQRT) or in double (as for SOFTMAX). */
void tmoi_table_points_f32(float (*f)(float x, const void *user), const void *user, float low, float high,
                           float out_low, float out_high, int16_t points[TMOI_TABLE_POINTS]);
void tmoi_table_points_f64(double (*f)(double x), double low, double high, double out_low, double out_high,
                           int16_t points[TMOI_TABLE_POINTS]);

extern const uint16_t tmoi_sigmoid_points[256];

/* Interpolates between the points. */
static inline int16_t tmoi_table_lookup_s16(int16_t x, const int16_t *points)
{
    int32_t index = 256 + (x >> 7), offset = x & 0x7f;
    int32_t base = points[index], slope = points[index + 1] - base;
    return (int16_t)(base + ((slope * offset + 64) >> 7));
}

#endif
