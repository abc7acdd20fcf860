/* From sums of products to the output's type: bias, scale, zero point, fused activation. */
#ifndef TMOI_KERNELS_REQUANT_REQUANT_H
#define TMOI_KERNELS_REQUANT_REQUANT_H

#include <stdbool.h>

#include "kernels/common/fixed_point.h"
#include "tmo/types.h"

/* Multipliers with a shift to the right by 1 to 31 bits, taken apart so that loops over channels vectorize:
 * the multiplier, 2^(32 − shift), and 2^shift − 1. Empty: all NULL. */
typedef struct tmoi_requant_lanes {
    const uint32_t *value, *power, *mask; /* [N] */
} tmoi_requant_lanes;

/* From a sum to the output's type; `scale` decides between two arithmetics.
 *
 * Default, scale not NULL; the same bits on every instruction set (requant_value.h):
 *   out[n] = zero_point + rne(min(high - zero_point, max(low - zero_point, (float)(sum[n] + bias[n]) · scale[n])))
 * rounding to nearest even. 64-bit sums: (float)((double)sum[n] + (double)bias[n]). Source: XNNPACK's fp32 requantization.
 *
 * Reference: out[n] = min(high, max(low, zero_point + scale_n(sum[n] + bias[n]))), where scale_n is one of
 *   MultiplyByQuantizedMultiplier, 32 bits   TFLite reference_integer_ops::ConvPerChannel, int8
 *   the same, 64 bits, when `wide`           the same, int16 activations with an int64 bias
 *   round(sum · real[n]), when real          TFLite reference_integer_ops::FullyConnected
 *
 * 32-bit sums wrap, as the reference's do in practice. */
typedef struct tmoi_requant {
    tmo_type type; /* of the output: int8, uint8 or int16 */
    bool wide;
    const float *scale;                /* [N], or NULL: reference arithmetic */
    const tmoi_multiplier *multiplier; /* [N] */
    const double *real;                /* [N] or NULL */
    const int64_t *bias;               /* [N] or NULL */
    int32_t zero_point, low, high;
    tmoi_requant_lanes lanes; /* of the multipliers, for 32 bits; may be empty */
} tmoi_requant;

/* Fills lanes of `count` channels each from multipliers. False, with the lanes left empty, when a multiplier
 * does not shift right, which the slower general code does. */
bool tmoi_requant_fill_lanes(int32_t count, const tmoi_multiplier *multiplier, uint32_t *memory,
                             tmoi_requant_lanes *out);

/* `count` channels from `first` on: sum[0] and out[0] belong to channel `first`. */
void tmoi_requant_s32(const tmoi_requant *requant, int32_t first, int32_t count, const int32_t *sum,
                      void *out);
void tmoi_requant_s64(const tmoi_requant *requant, int32_t first, int32_t count, const int64_t *sum,
                      void *out);

#endif
