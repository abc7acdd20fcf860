/* Blockwise quantization: a scale for each block of a row, kept in another tensor of the subgraph. */
#ifndef TMOI_RUNTIME_OPS_BLOCKWISE_H
#define TMOI_RUNTIME_OPS_BLOCKWISE_H

#include "runtime/op.h"

typedef struct tmoi_block_scales {
    int32_t size;        /* elements in a block; 0: not blockwise */
    const float *scales; /* [rows, columns / size] */
} tmoi_block_scales;

static inline bool tmoi_is_blockwise(const tmoi_value *weights)
{
    return weights->quant->details.tag == TMOI_TAG_blockwise_quantization && weights->quant->details.value;
}

/* Reads the scales of [rows, columns] weights. */
tmo_status tmoi_block_scales_prepare(tmoi_exec *exec, const tmoi_value *weights, int64_t rows,
                                     int64_t columns, tmoi_block_scales *out, tmoi_ctx *ctx);

#endif
