/* Rows combined with rows: out[k] = out[k] ∘ in[k] for all k, where ∘ is a sum, a product, a maximum or a minimum. Integers
 * wrap; a sum of bools is an or. Source: TFLite reference_ops::ScatterNd, SegmentSum and unsorted_segment.cc. */
#ifndef TMOI_KERNELS_SEGMENT_SEGMENT_H
#define TMOI_KERNELS_SEGMENT_SEGMENT_H

#include "base/shape.h"

typedef enum tmoi_segment_kind {
    TMOI_SEGMENT_SUM,
    TMOI_SEGMENT_PROD,
    TMOI_SEGMENT_MAX,
    TMOI_SEGMENT_MIN
} tmoi_segment_kind;

/* float32, int8, int16, int32 and int64. */
void tmoi_segment_combine(tmoi_segment_kind kind, tmo_type type, const void *in, void *out, int64_t count);
/* What a row is before anything is combined into it: the sum of nothing, the maximum of nothing … float32 and int32. */
void tmoi_segment_start(tmoi_segment_kind kind, tmo_type type, void *out, int64_t count);
/* Sums of float32, int8, uint8, int16, int32, int64 and bool. */
void tmoi_segment_add(tmo_type type, const void *in, void *out, int64_t count);

#endif
