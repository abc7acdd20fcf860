/* Sparse constants: stored values in the order of a tree whose levels are dense or compressed, as in TACO (Kjolstad et al.,
 * "The Tensor Algebra Compiler", 2017) and TFLite's FormatConverter. */
#ifndef TMOI_MODEL_SPARSITY_H
#define TMOI_MODEL_SPARSITY_H

#include "model/graph.h"

/* Element k of an index vector, which comes in one of three widths. */
static inline int32_t tmoi_sparsity_index(const tmoi_fb_union *vector, int64_t k)
{
    switch (vector->tag) {
    case TMOI_TAG_int32_vector: return ((const tmoi_fb_int32_vector *)vector->value)->values.data[k];
    case TMOI_TAG_uint16_vector: return ((const tmoi_fb_uint16_vector *)vector->value)->values.data[k];
    default: return ((const tmoi_fb_uint8_vector *)vector->value)->values.data[k];
    }
}

/* Writes the dense form of a sparse constant, elements of elem_bytes bytes, to `out`, which the caller has zeroed. The graph
 * has been validated: indices are in range and as many values are stored as the tree has leaves. */
void tmoi_sparsity_expand(const tmoi_tensor *tensor, size_t elem_bytes, void *out);

#endif
