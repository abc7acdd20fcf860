/* The loops of an element-wise operator with two inputs that are broadcast to one another. */
#ifndef TMOI_KERNELS_ELEMENTWISE_BROADCAST_H
#define TMOI_KERNELS_ELEMENTWISE_BROADCAST_H

#include "base/shape.h"

/* Output dimensions, outermost first, with neighbours merged where both inputs allow it; the last is the inner loop, in
 * which each input advances by one element or not at all. */
typedef struct tmoi_broadcast {
    int32_t rank; /* at least 1 */
    int64_t dims[TMO_MAX_RANK];
    int64_t step_a[TMO_MAX_RANK], step_b[TMO_MAX_RANK]; /* in elements; 0: the input is repeated */
    int64_t count;                                      /* elements of the output */
} tmoi_broadcast;

/* `a` and `b` broadcast to `out` (tmoi_shape_broadcast). */
void tmoi_broadcast_init(tmoi_broadcast *loop, const tmoi_shape *a, const tmoi_shape *b,
                         const tmoi_shape *out);

/* A place in the loops. */
typedef struct tmoi_broadcast_run {
    int64_t a, b;  /* element offsets of the inputs */
    int64_t count; /* elements to the end of the inner loop */
    int64_t index[TMO_MAX_RANK];
} tmoi_broadcast_run;

/* The place of element `index` of the output. */
tmoi_broadcast_run tmoi_broadcast_at(const tmoi_broadcast *loop, int64_t index);
/* To where the next run of the inner loop begins. */
void tmoi_broadcast_next(const tmoi_broadcast *loop, tmoi_broadcast_run *run);

#endif
