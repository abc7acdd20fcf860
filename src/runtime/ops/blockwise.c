#include "runtime/ops/blockwise.h"

#include "base/fp16.h"
#include "runtime/session_private.h"

static tmo_status check(const tmoi_value *weights, const tmoi_fb_blockwise_quantization *blockwise,
                        int64_t columns, const tmoi_session_graph *graph, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(blockwise->block_size < 1 || columns % blockwise->block_size != 0, INVALID_MODEL, ctx,
                "blocks of %d do not divide rows of %lld weights", (int)blockwise->block_size,
                (long long)columns);
    TMO_FAIL_IF(blockwise->scales < 0 || blockwise->scales >= graph->subgraph->tensor_count, INVALID_MODEL,
                ctx, "tensor %d with the block scales does not exist", (int)blockwise->scales);
    TMO_FAIL_IF(weights->type == TMO_TYPE_INT4 && columns % 2 != 0, UNSUPPORTED_OPERATOR, ctx,
                "blockwise int4 weights with rows of %lld elements, expected an even number",
                (long long)columns);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_block_scales_prepare(tmoi_exec *exec, const tmoi_value *weights, int64_t rows,
                                     int64_t columns, tmoi_block_scales *out, tmoi_ctx *ctx)
{
    const tmoi_fb_blockwise_quantization *blockwise = weights->quant->details.value;
    float *floats;
    TMO_TRY(check(weights, blockwise, columns, exec->graph, ctx));
    const tmoi_value *scales = &exec->graph->values[blockwise->scales];
    int64_t count = rows * (columns / blockwise->block_size);
    TMO_FAIL_IF(
        !scales->is_constant || (scales->type != TMO_TYPE_FLOAT16 && scales->type != TMO_TYPE_FLOAT32) ||
            tmoi_shape_count(&scales->shape) != count,
        INVALID_MODEL, ctx, "block scales of type %s and shape %s, expected %lld constant float16 elements",
        tmo_type_name(scales->type), tmoi_shape_format(&scales->shape).text, (long long)count);
    TMO_TRY(tmoi_node_memory(exec, (void **)&floats, (size_t)count, sizeof *floats, ctx));
    for (int64_t k = 0; k < count; k++)
        floats[k] = scales->type == TMO_TYPE_FLOAT32
                        ? ((const float *)scales->data)[k]
                        : tmoi_fp16_to_float(((const uint16_t *)scales->data)[k]);
    *out = (tmoi_block_scales){blockwise->block_size, floats};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
