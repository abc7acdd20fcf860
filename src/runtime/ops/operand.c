#include "runtime/ops/operand.h"

#include <string.h>

#include "base/fp16.h"
#include "kernels/gemm_f32/gemm_f32.h"

static void floats_of(const tmoi_value *value, float *out)
{
    int64_t count = tmoi_shape_count(&value->shape);
    if (value->type == TMO_TYPE_FLOAT32) {
        memcpy(out, value->data, (size_t)count * sizeof *out);
        return;
    }
    for (int64_t k = 0; k < count; k++) out[k] = tmoi_fp16_to_float(((const uint16_t *)value->data)[k]);
}

void tmoi_operand_float(const tmoi_operand *operand, void *out)
{
    floats_of(operand->value, out);
}

static void transpose_halves(const uint16_t *in, int64_t rows, int64_t columns, float *out)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++) out[c * rows + r] = tmoi_fp16_to_float(in[r * columns + c]);
}

void tmoi_operand_transpose(const tmoi_operand *operand, void *out)
{
    const tmoi_value *value = operand->value;
    int64_t size = operand->rows * operand->columns, count = tmoi_shape_count(&value->shape);
    for (int64_t start = 0; start < count; start += size) {
        float *matrix = (float *)out + start;
        if (value->type == TMO_TYPE_FLOAT32)
            tmoi_transpose_f32((const float *)value->data + start, operand->rows, operand->columns, matrix);
        else
            transpose_halves((const uint16_t *)value->data + start, operand->rows, operand->columns, matrix);
    }
}

void tmoi_operand_bias(const tmoi_operand *operand, void *out)
{
    const tmoi_value *value = operand->value;
    int64_t count = tmoi_shape_count(&value->shape), *bias = out;
    for (int64_t k = 0; k < count; k++)
        bias[k] = value->type == TMO_TYPE_INT64 ? ((const int64_t *)value->data)[k]
                                                : ((const int32_t *)value->data)[k];
}

/* Makes the form of a constant; of another value only says how many bytes it needs. */
static tmo_status prepare_form(tmoi_exec *exec, tmoi_operand *operand, size_t elem_bytes, size_t *bytes,
                               tmoi_ctx *ctx)
{
    const tmoi_value *value = operand->value;
    size_t count = (size_t)tmoi_shape_count(&value->shape);
    TMO_FAIL_IF(!tmoi_mul_size(count, elem_bytes, bytes) || *bytes > SIZE_MAX / 2, LIMIT, ctx,
                "tensor '%s' is too large", value->tensor->name);
    if (!value->is_constant) return TMO_STATUS_OK;
    TMO_TRY(tmoi_node_memory(exec, &operand->data, count, elem_bytes, ctx));
    operand->fill(operand, operand->data);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_operand_prepare(tmoi_exec *exec, tmoi_node *node, tmoi_operand *operand,
                                const tmoi_value *value, void (*fill)(const tmoi_operand *operand, void *out),
                                size_t elem_bytes, int64_t rows, int64_t columns, tmoi_ctx *ctx)
{
    size_t bytes;
    *operand = (tmoi_operand){.value = value, .fill = fill, .rows = rows, .columns = columns};
    if (!value || !fill) return TMO_STATUS_OK;
    TMO_TRY(prepare_form(exec, operand, elem_bytes, &bytes, ctx));
    if (!operand->data) TMO_TRY(tmoi_node_scratch(node, bytes, &operand->scratch, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_operand_prepare_shared(tmoi_exec *exec, tmoi_operand *operand, const tmoi_value *value,
                                       void (*fill)(const tmoi_operand *operand, void *out),
                                       size_t elem_bytes, int64_t rows, int64_t columns, size_t *used,
                                       tmoi_ctx *ctx)
{
    size_t bytes;
    *operand = (tmoi_operand){
        .value = value, .fill = fill, .rows = rows, .columns = columns, .offset = *used};
    if (!value || !fill) return TMO_STATUS_OK;
    TMO_TRY(prepare_form(exec, operand, elem_bytes, &bytes, ctx));
    if (operand->data) return TMO_STATUS_OK;
    TMO_FAIL_IF(!tmoi_add_size(*used, tmoi_align_up(bytes, TMOI_ALIGNMENT), used), LIMIT, ctx,
                "tensor '%s' is too large", value->tensor->name);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const void *tmoi_operand_data_shared(const tmoi_operand *operand, void *block)
{
    if (!operand->value) return NULL;
    if (!operand->fill) return operand->value->data;
    if (operand->data) return operand->data;
    void *form = (char *)block + operand->offset;
    operand->fill(operand, form);
    return form;
}

tmo_status tmoi_operand_prepare_float(tmoi_exec *exec, tmoi_node *node, tmoi_operand *operand,
                                      const tmoi_value *value, tmoi_ctx *ctx)
{
    bool as_is = !value || value->type == TMO_TYPE_FLOAT32;
    return tmoi_operand_prepare(exec, node, operand, value, as_is ? NULL : tmoi_operand_float, sizeof(float),
                                0, 0, ctx);
}

const void *tmoi_operand_data(const tmoi_node *node, const tmoi_operand *operand)
{
    if (!operand->value) return NULL;
    if (!operand->fill) return operand->value->data;
    if (operand->data) return operand->data;
    operand->fill(operand, node->scratch[operand->scratch]);
    return node->scratch[operand->scratch];
}

tmo_status tmoi_thread_scratch_prepare(const tmoi_exec *exec, tmoi_node *node, size_t count,
                                       size_t elem_bytes, tmoi_thread_scratch *out, tmoi_ctx *ctx)
{
    size_t bytes, threads = (size_t)tmoi_thread_pool_size(exec->pool), total;
    TMO_FAIL_IF(!tmoi_mul_size(count, elem_bytes, &bytes) || bytes > SIZE_MAX - TMOI_ALIGNMENT ||
                    !tmoi_mul_size(tmoi_align_up(bytes, TMOI_ALIGNMENT), threads, &total),
                LIMIT, ctx, "cannot have %zu elements of scratch memory", count);
    out->stride = tmoi_align_up(bytes, TMOI_ALIGNMENT);
    TMO_TRY(tmoi_node_scratch(node, total, &out->index, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
