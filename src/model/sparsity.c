#include "model/sparsity.h"

#include <string.h>

typedef struct expansion {
    const tmoi_fb_sparsity_parameters *sparsity;
    int64_t step[2 * TMO_MAX_RANK]; /* of each level, in bytes of the dense form */
    int32_t levels;
    size_t elem_bytes;
    const unsigned char *stored;
    unsigned char *dense;
} expansion;

/* Steps of the original dimensions, times the block where one is split; then of the blocks. */
static void set_steps(expansion *e, const tmoi_tensor *tensor)
{
    const tmoi_fb_sparsity_parameters *sparsity = e->sparsity;
    int32_t rank = tensor->shape.rank;
    int64_t dimension_step[2 * TMO_MAX_RANK], step = (int64_t)e->elem_bytes;
    for (int32_t k = rank - 1; k >= 0; k--) {
        dimension_step[k] = step;
        step *= tensor->shape.dims[k];
    }
    for (uint32_t k = 0; k < sparsity->block_map.count; k++)
        dimension_step[rank + (int32_t)k] = dimension_step[sparsity->block_map.data[k]];
    for (int32_t level = 0; level < e->levels; level++) {
        int32_t dimension = sparsity->traversal_order.data[level];
        if (dimension < rank) continue;
        dimension_step[sparsity->block_map.data[dimension - rank]] *=
            sparsity->dim_metadata.data[level].dense_size;
    }
    for (int32_t level = 0; level < e->levels; level++)
        e->step[level] = dimension_step[sparsity->traversal_order.data[level]];
}

/* Visits the children of node `node` of the level before. */
static void expand_level(const expansion *e, int32_t level, int64_t node, int64_t offset)
{
    if (level == e->levels) {
        memcpy(e->dense + offset, e->stored + (size_t)node * e->elem_bytes, e->elem_bytes);
        return;
    }
    const tmoi_fb_dimension_metadata *metadata = &e->sparsity->dim_metadata.data[level];
    if (metadata->format == TMOI_DIMENSION_DENSE) {
        for (int64_t k = 0; k < metadata->dense_size; k++)
            expand_level(e, level + 1, node * metadata->dense_size + k, offset + k * e->step[level]);
        return;
    }
    int64_t end = tmoi_sparsity_index(&metadata->array_segments, node + 1);
    for (int64_t k = tmoi_sparsity_index(&metadata->array_segments, node); k < end; k++)
        expand_level(e, level + 1, k,
                     offset + tmoi_sparsity_index(&metadata->array_indices, k) * e->step[level]);
}

void tmoi_sparsity_expand(const tmoi_tensor *tensor, size_t elem_bytes, void *out)
{
    expansion e = {.sparsity = tensor->sparsity,
                   .levels = (int32_t)tensor->sparsity->traversal_order.count,
                   .elem_bytes = elem_bytes,
                   .stored = tensor->data,
                   .dense = out};
    set_steps(&e, tensor);
    expand_level(&e, 0, 0, 0);
}
