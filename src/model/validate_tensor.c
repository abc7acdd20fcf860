#include <math.h>

#include "base/le.h"
#include "model/validate.h"

static tmo_status check_shape(const tmoi_tensor *tensor, int64_t *count, tmoi_ctx *ctx)
{
    const tmoi_vec_i32 *signature = &tensor->shape_signature;
    for (int32_t k = 0; k < tensor->shape.rank; k++)
        TMO_FAIL_IF(tensor->shape.dims[k] < 0, INVALID_MODEL, ctx, "tensor '%s': dimension %d is %d",
                    tensor->name, (int)k, (int)tensor->shape.dims[k]);
    TMO_FAIL_IF(!tmoi_shape_count_checked(&tensor->shape, count), INVALID_MODEL, ctx,
                "tensor '%s': shape %s is too large", tensor->name, tmoi_shape_format(&tensor->shape).text);
    TMO_FAIL_IF(signature->count && signature->count != (uint32_t)tensor->shape.rank, INVALID_MODEL, ctx,
                "tensor '%s': %u dimensions in the signature, %d in the shape", tensor->name,
                signature->count, (int)tensor->shape.rank);
    for (uint32_t k = 0; k < signature->count; k++)
        TMO_FAIL_IF(signature->data[k] < -1, INVALID_MODEL, ctx,
                    "tensor '%s': dimension %u of the signature is %d", tensor->name, k,
                    (int)signature->data[k]);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The stored values of an integer type; false for other types. */
static bool integer_range(tmo_type type, int64_t *low, int64_t *high)
{
    uint32_t bits = tmo_type_bits(type);
    switch (type) {
    case TMO_TYPE_INT2:
    case TMO_TYPE_INT4:
    case TMO_TYPE_INT8:
    case TMO_TYPE_INT16:
    case TMO_TYPE_INT32: *high = ((int64_t)1 << (bits - 1)) - 1; break;
    case TMO_TYPE_INT64: *high = INT64_MAX; break;
    case TMO_TYPE_UINT4:
    case TMO_TYPE_UINT8:
    case TMO_TYPE_UINT16:
    case TMO_TYPE_UINT32: *low = 0, *high = ((int64_t)1 << bits) - 1; return true;
    default: return false;
    }
    *low = -*high - 1;
    return true;
}

static tmo_status check_quant(const tmoi_tensor *tensor, tmoi_ctx *ctx)
{
    const tmoi_quant *quant = &tensor->quant;
    int64_t low, high;
    TMO_FAIL_IF(quant->count > 1 && (quant->dimension < 0 || quant->dimension >= tensor->shape.rank),
                INVALID_MODEL, ctx, "tensor '%s': quantized dimension %d of a tensor of rank %d",
                tensor->name, (int)quant->dimension, (int)tensor->shape.rank);
    TMO_FAIL_IF(quant->count > 1 && quant->count != tensor->shape.dims[quant->dimension], INVALID_MODEL, ctx,
                "tensor '%s': %d scales for the %d slices of dimension %d", tensor->name, (int)quant->count,
                (int)tensor->shape.dims[quant->dimension], (int)quant->dimension);
    bool is_integer = integer_range(tensor->type, &low, &high);
    for (int32_t k = 0; k < quant->count && is_integer; k++) {
        TMO_FAIL_IF(!isfinite(quant->scale[k]) || quant->scale[k] < 0, INVALID_MODEL, ctx,
                    "tensor '%s': scale %d is %g", tensor->name, (int)k, (double)quant->scale[k]);
        TMO_FAIL_IF(quant->zero_point[k] < low || quant->zero_point[k] > high, INVALID_MODEL, ctx,
                    "tensor '%s': zero point %lld is outside [%lld, %lld]", tensor->name,
                    (long long)quant->zero_point[k], (long long)low, (long long)high);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_details(const tmoi_subgraph *subgraph, const tmoi_tensor *tensor, tmoi_ctx *ctx)
{
    const tmoi_fb_union *details = &tensor->quant.details;
    int32_t scales, zero_points, block_size;
    if (!details->value) return TMO_STATUS_OK;
    if (details->tag == TMOI_TAG_blockwise_quantization) {
        const tmoi_fb_blockwise_quantization *blockwise = details->value;
        scales = blockwise->scales, zero_points = blockwise->zero_points, block_size = blockwise->block_size;
        TMO_FAIL_IF(block_size < 1, INVALID_MODEL, ctx, "tensor '%s': block size %d", tensor->name,
                    (int)block_size);
    } else if (details->tag == TMOI_TAG_multi_axis_quantization) {
        const tmoi_fb_multi_axis_quantization *axes = details->value;
        scales = axes->scales, zero_points = axes->zero_points, block_size = axes->block_size;
        TMO_FAIL_IF(block_size < 0, INVALID_MODEL, ctx, "tensor '%s': block size %d", tensor->name,
                    (int)block_size);
        for (uint32_t k = 0; k < axes->quantized_dimensions.count; k++) {
            int32_t axis = axes->quantized_dimensions.data[k];
            TMO_FAIL_IF(axis < 0 || axis >= tensor->shape.rank, INVALID_MODEL, ctx,
                        "tensor '%s': quantized dimension %d of a tensor of rank %d", tensor->name, (int)axis,
                        (int)tensor->shape.rank);
        }
    } else {
        return TMO_STATUS_OK;
    }
    TMO_FAIL_IF(scales < 0 || scales >= subgraph->tensor_count || zero_points < TMOI_NO_TENSOR ||
                    zero_points >= subgraph->tensor_count,
                INVALID_MODEL, ctx, "tensor '%s': scales in tensor %d and zero points in %d of %d",
                tensor->name, (int)scales, (int)zero_points, (int)subgraph->tensor_count);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* A string tensor: the count, the offset of each text and of the end, then the texts. */
static tmo_status check_texts(const tmoi_tensor *tensor, int64_t count, tmoi_ctx *ctx)
{
    const uint8_t *bytes = tensor->data;
    uint64_t size = tensor->data_bytes;
    TMO_FAIL_IF(size < 4 || (tmoi_le_u32(bytes) + 2 * UINT64_C(1)) * 4 > size, INVALID_MODEL, ctx,
                "tensor '%s': %zu bytes are too few for its texts", tensor->name, tensor->data_bytes);
    uint32_t texts = tmoi_le_u32(bytes);
    TMO_FAIL_IF(texts != count && !tensor->no_shape, INVALID_MODEL, ctx,
                "tensor '%s': %u texts for %lld elements", tensor->name, texts, (long long)count);
    uint64_t previous = (texts + UINT64_C(2)) * 4;
    for (uint32_t k = 0; k <= texts; k++) {
        uint32_t offset = tmoi_le_u32(bytes + 4 + 4 * (size_t)k);
        TMO_FAIL_IF(offset < previous || offset > size || (k == 0 && offset != previous), INVALID_MODEL, ctx,
                    "tensor '%s': text %u at byte %u of %zu", tensor->name, k, offset, tensor->data_bytes);
        previous = offset;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status check_data(const tmoi_tensor *tensor, int64_t count, tmoi_ctx *ctx)
{
    TMO_FAIL_IF(tensor->is_variable, INVALID_MODEL, ctx, "tensor '%s' is both variable and constant",
                tensor->name);
    TMO_FAIL_IF(tensor->type == TMO_TYPE_RESOURCE || tensor->type == TMO_TYPE_VARIANT, INVALID_MODEL, ctx,
                "tensor '%s' of type %s cannot be constant", tensor->name, tmo_type_name(tensor->type));
    if (tensor->type == TMO_TYPE_STRING) return check_texts(tensor, count, ctx);
    if (tensor->sparsity) TMO_TRY(tmoi_sparsity_validate(tensor, &count, ctx));
    size_t bytes = tmoi_type_bytes(tensor->type, count);
    bool fits = tensor->no_shape ? tensor->data_bytes >= bytes : tensor->data_bytes == bytes;
    TMO_FAIL_IF(!fits, INVALID_MODEL, ctx, "tensor '%s': %zu bytes of data, expected %zu for %s %s",
                tensor->name, tensor->data_bytes, bytes, tmo_type_name(tensor->type),
                tmoi_shape_format(&tensor->shape).text);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_tensor_validate(const tmoi_subgraph *subgraph, const tmoi_tensor *tensor, tmoi_ctx *ctx)
{
    int64_t count;
    TMO_TRY(check_shape(tensor, &count, ctx));
    TMO_TRY(check_quant(tensor, ctx));
    TMO_TRY(check_details(subgraph, tensor, ctx));
    if (tensor->data) TMO_TRY(check_data(tensor, count, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
