/* Batches of matrices that are broadcast. */
#ifndef TMOI_RUNTIME_OPS_MATRIX_OF_H
#define TMOI_RUNTIME_OPS_MATRIX_OF_H

#include "base/shape.h"

/* The number of an input's matrix that goes into the output's matrix `batch`; both shapes are those of the batches alone. */
static inline int64_t tmoi_matrix_of(const tmoi_shape *in, const tmoi_shape *out, int64_t batch)
{
    int64_t index = 0, step = 1;
    for (int32_t k = 1; k <= in->rank; k++) {
        int32_t size = out->dims[out->rank - k];
        if (in->dims[in->rank - k] > 1) index += batch % size * step;
        step *= in->dims[in->rank - k];
        batch /= size;
    }
    return index;
}

#endif
