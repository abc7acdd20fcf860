/* SVDF: a layer of rank-limited filters over features and time. Filter f of batch row b keeps its last
 * `memory` feature products as state, oldest first.
 *
 *   state[b,f] ← shift by one, append feature_f · x_b
 *   out[b,u] = act(bias[u] + Σ_{r < rank} time_{u·rank+r} · state[b, u·rank+r])
 *
 * Source: TFLite reference/svdf.h. */
#ifndef TMOI_KERNELS_SVDF_SVDF_H
#define TMOI_KERNELS_SVDF_SVDF_H

#include "kernels/common/fixed_point.h"
#include "kernels/recurrent/recurrent.h"

typedef struct tmoi_svdf_shape {
    int32_t batch, inputs, filters, memory, rank; /* units = filters / rank */
} tmoi_svdf_shape;

/* Float and hybrid: products [batch, filters] are the feature products of this step; time [filters,
 * memory]; state [batch, filters, memory]. */
void tmoi_svdf_f32(const tmoi_svdf_shape *shape, const float *products, const float *time, const float *bias,
                   int32_t activation, float *state, float *out);

/* Integer: int8 in and out, int16 time weights and state. products are sums of (x - zero point) · feature. */
typedef struct tmoi_svdf_s8 {
    tmoi_svdf_shape shape;
    const int16_t *time;
    const int32_t *bias; /* [units] or NULL */
    tmoi_multiplier state_scale, output_scale;
    int32_t output_zero_point;
} tmoi_svdf_s8;
void tmoi_svdf_s8_step(const tmoi_svdf_s8 *svdf, const int32_t *products, int16_t *state, int8_t *out);

#endif
