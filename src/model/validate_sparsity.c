/* Sparse tensors in the file: levels of a tree in traversal order, as in TACO (Kjolstad et al., "The Tensor Algebra
 * Compiler", 2017) and TFLite's FormatConverter. A level is dense (so many children a node) or compressed (segments and
 * indices). The last levels may be blocks of original dimensions. */
#include "model/sparsity.h"
#include "model/validate.h"

/* Index vectors come in three widths. */
static bool index_count(const tmoi_fb_union *vector, uint32_t *count)
{
    *count = 0;
    if (!vector->value) return vector->tag == 0;
    switch (vector->tag) {
    case TMOI_TAG_int32_vector:
        *count = ((const tmoi_fb_int32_vector *)vector->value)->values.count;
        return true;
    case TMOI_TAG_uint16_vector:
        *count = ((const tmoi_fb_uint16_vector *)vector->value)->values.count;
        return true;
    case TMOI_TAG_uint8_vector:
        *count = ((const tmoi_fb_uint8_vector *)vector->value)->values.count;
        return true;
    default: return false;
    }
}

/* Compressed level: *nodes parents, each with the children between two segments, at indices below `size`. */
static tmo_status check_compressed(const tmoi_tensor *tensor, const tmoi_fb_dimension_metadata *level,
                                   int64_t size, int64_t *nodes, tmoi_ctx *ctx)
{
    uint32_t segments, indices;
    TMO_FAIL_IF(!index_count(&level->array_segments, &segments) ||
                    !index_count(&level->array_indices, &indices),
                INVALID_MODEL, ctx, "sparse tensor '%s': index vector of an unknown type", tensor->name);
    TMO_FAIL_IF(segments != *nodes + 1, INVALID_MODEL, ctx, "sparse tensor '%s': %u segments, expected %lld",
                tensor->name, segments, (long long)(*nodes + 1));
    TMO_FAIL_IF(tmoi_sparsity_index(&level->array_segments, 0) != 0, INVALID_MODEL, ctx,
                "sparse tensor '%s': the first segment does not start at 0", tensor->name);
    for (uint32_t k = 1; k < segments; k++)
        TMO_FAIL_IF(tmoi_sparsity_index(&level->array_segments, k) <
                        tmoi_sparsity_index(&level->array_segments, k - 1),
                    INVALID_MODEL, ctx, "sparse tensor '%s': segment %u ends before it starts", tensor->name,
                    k);
    *nodes = tmoi_sparsity_index(&level->array_segments, segments - 1);
    TMO_FAIL_IF(indices != *nodes, INVALID_MODEL, ctx, "sparse tensor '%s': %u indices, expected %lld",
                tensor->name, indices, (long long)*nodes);
    for (uint32_t k = 0; k < indices; k++) {
        int32_t index = tmoi_sparsity_index(&level->array_indices, k);
        TMO_FAIL_IF(index < 0 || index >= size, INVALID_MODEL, ctx,
                    "sparse tensor '%s': index %d outside [0, %lld)", tensor->name, (int)index,
                    (long long)size);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_level(const tmoi_tensor *tensor, const tmoi_fb_dimension_metadata *level,
                              int64_t size, int64_t *nodes, tmoi_ctx *ctx)
{
    if (level->format == TMOI_DIMENSION_SPARSE_CSR) return check_compressed(tensor, level, size, nodes, ctx);
    TMO_FAIL_IF(level->format != TMOI_DIMENSION_DENSE, INVALID_MODEL, ctx,
                "sparse tensor '%s': unknown format %d", tensor->name, level->format);
    TMO_FAIL_IF(level->dense_size != size, INVALID_MODEL, ctx,
                "sparse tensor '%s': dense size %d, expected %lld", tensor->name, (int)level->dense_size,
                (long long)size);
    TMO_FAIL_IF(size && *nodes > ((int64_t)1 << 48) / size, INVALID_MODEL, ctx,
                "sparse tensor '%s' is too large", tensor->name);
    *nodes *= size;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The level of each of the rank + block_count dimensions, from the order in which they are traversed. */
static tmo_status invert_traversal(const tmoi_tensor *tensor, int32_t dimensions, int32_t *level_of,
                                   tmoi_ctx *ctx)
{
    const tmoi_fb_sparsity_parameters *sparsity = tensor->sparsity;
    for (int32_t k = 0; k < dimensions; k++) level_of[k] = -1;
    for (int32_t k = 0; k < dimensions; k++) {
        int32_t dimension = sparsity->traversal_order.data[k];
        TMO_FAIL_IF(dimension < 0 || dimension >= dimensions || level_of[dimension] >= 0, INVALID_MODEL, ctx,
                    "sparse tensor '%s': the traversal order is not a permutation", tensor->name);
        level_of[dimension] = k;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The number of children at each dimension: of an original one its size, divided by that of its block; of a block its size. */
static tmo_status dimension_sizes(const tmoi_tensor *tensor, const int32_t *level_of, int64_t *sizes,
                                  tmoi_ctx *ctx)
{
    const tmoi_fb_sparsity_parameters *sparsity = tensor->sparsity;
    int32_t rank = tensor->shape.rank, previous = -1;
    for (int32_t k = 0; k < rank; k++) sizes[k] = tensor->shape.dims[k];
    for (int32_t k = 0; k < (int32_t)sparsity->block_map.count; k++) {
        int32_t blocked = sparsity->block_map.data[k];
        const tmoi_fb_dimension_metadata *level = &sparsity->dim_metadata.data[level_of[rank + k]];
        TMO_FAIL_IF(blocked <= previous || blocked >= rank, INVALID_MODEL, ctx,
                    "sparse tensor '%s': the block map must rise within [0, %d)", tensor->name, (int)rank);
        TMO_FAIL_IF(level->format != TMOI_DIMENSION_DENSE || level->dense_size < 1 ||
                        sizes[blocked] % level->dense_size != 0,
                    INVALID_MODEL, ctx, "sparse tensor '%s': blocks of %d do not divide dimension %d",
                    tensor->name, (int)level->dense_size, (int)blocked);
        sizes[rank + k] = level->dense_size;
        sizes[blocked] /= level->dense_size;
        previous = blocked;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_sparsity_validate(const tmoi_tensor *tensor, int64_t *stored, tmoi_ctx *ctx)
{
    const tmoi_fb_sparsity_parameters *sparsity = tensor->sparsity;
    int32_t rank = tensor->shape.rank, level_of[2 * TMO_MAX_RANK];
    int64_t sizes[2 * TMO_MAX_RANK];
    uint32_t blocks = sparsity->block_map.count;
    *stored = 1;
    TMO_FAIL_IF(blocks > (uint32_t)rank || sparsity->traversal_order.count != (uint32_t)rank + blocks ||
                    sparsity->dim_metadata.count != (uint32_t)rank + blocks,
                INVALID_MODEL, ctx, "sparse tensor '%s': rank %d, %u blocks, traversal of %u, %u levels",
                tensor->name, (int)rank, blocks, sparsity->traversal_order.count,
                sparsity->dim_metadata.count);
    int32_t dimensions = rank + (int32_t)blocks;
    TMO_TRY(invert_traversal(tensor, dimensions, level_of, ctx));
    TMO_TRY(dimension_sizes(tensor, level_of, sizes, ctx));
    for (int32_t k = 0; k < dimensions; k++)
        TMO_TRY(check_level(tensor, &sparsity->dim_metadata.data[k], sizes[sparsity->traversal_order.data[k]],
                            stored, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
