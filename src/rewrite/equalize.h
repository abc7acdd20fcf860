/* Evening out the ranges of channels, so that one scale for a whole activation wastes fewer of its integers on most channels.
 *
 * Dividing a channel by s > 0 where it is made (weights and bias of a convolution) and multiplying by s where it is used (weights of
 * the next one) changes no output. All operators in between that work on each channel alone and only scale with it (ReLU, PRELU,
 * pools, sums of two activations with the same s, …) may stay as they are. Source: Nagel et al., "Data-Free Quantization Through
 * Weight Equalization and Bias Correction" (2019), section 4.1, extended to residual sums by sharing s. */
#ifndef TMOI_REWRITE_EQUALIZE_H
#define TMOI_REWRITE_EQUALIZE_H

#include "model/graph.h"

/* The smallest and the largest value that each channel (slice of the last dimension) of a tensor took. */
typedef struct tmoi_channel_ranges {
    int32_t channels; /* 0: not known */
    const float *min, *max;
} tmoi_channel_ranges;

/* `ranges` has an entry a tensor of the subgraph. *scaled becomes the number of channels that changed. */
tmo_status tmoi_equalize(tmoi_graph *graph, int32_t subgraph, const tmoi_channel_ranges *ranges,
                         int32_t *scaled, tmoi_ctx *ctx);

#endif
