/* Turning float weights into integers with a scale a channel, and the integers of constants, biases and activations. */
#ifndef TMOI_OPTIMIZE_WEIGHTS_H
#define TMOI_OPTIMIZE_WEIGHTS_H

#include "model/graph.h"
#include "optimize/ranges.h"

/* An array of weights, cut along one dimension. */
typedef struct tmoi_weights {
    const float *values;
    tmoi_shape shape;
    int32_t axis; /* -1: one scale for all */
    int32_t bits; /* 8 or 4: integers in [-127, 127] or [-7, 7] */
} tmoi_weights;

/* The number of scales: 1, or the size of the axis. */
int64_t tmoi_weights_channels(const tmoi_weights *weights);
/* Which channel element k belongs to. */
int64_t tmoi_weights_channel(const tmoi_weights *weights, int64_t k);

/* A symmetric scale for each channel; `method` is a tmo_quantize_weight_range. A channel of zeros gets the scale of the largest
 * weight of all (1 when all are zero), so that no scale is zero. */
void tmoi_weights_scales(const tmoi_weights *weights, int32_t method, float *scales);
/* Rounds to the nearest integer, one int8 an element whatever the bits. */
void tmoi_weights_round(const tmoi_weights *weights, const float *scales, int8_t *out);

/* Two 4-bit integers a byte, the first in the low half. `out` has (count + 1) / 2 bytes. */
void tmoi_pack_int4(const int8_t *values, int64_t count, uint8_t *out);

/* Fails with NOT_FINITE when a float constant holds NaN, or weights or a bias infinity, naming the tensor and its user. Other
 * constants may be infinite: as the bound of a MINIMUM, or the mask of a SELECT. */
tmo_status tmoi_require_finite(const tmoi_graph *graph, tmoi_ctx *ctx);

/* ---- activations ---- */

typedef struct tmoi_affine {
    float scale;
    int64_t zero_point;
} tmoi_affine;

/* The range of the finite values of a float constant, and zero. */
tmoi_range tmoi_range_of_constant(const tmoi_tensor *constant);
/* The parameters that cover `range` (which holds zero): int8 asymmetric, int16 symmetric. */
tmoi_affine tmoi_affine_of(tmoi_range range, int32_t bits);
/* What the parameters cover. */
tmoi_range tmoi_affine_range(const tmoi_affine *affine, int32_t bits);
/* The integer of a real number, within the type's range. */
int32_t tmoi_affine_quantize(const tmoi_affine *affine, int32_t bits, float value);

#endif
