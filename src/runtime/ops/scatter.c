/* SCATTER_ND, SPARSE_TO_DENSE, SEGMENT_SUM, UNSORTED_SEGMENT_*: rows put, or added, where indices say. */
#include <string.h>

#include "kernels/move/move.h"
#include "kernels/segment/segment.h"
#include "runtime/value.h"

/* The place that tuple `t` of `depth` indices names in the first dimensions of `shape`. */
static tmo_status place_of(const tmoi_value *indices, int64_t t, int32_t depth, const tmoi_shape *shape,
                           int64_t *place, tmoi_ctx *ctx)
{
    *place = 0;
    for (int32_t k = 0; k < depth; k++) {
        int64_t index = tmoi_value_int(indices, t * depth + k);
        TMO_FAIL_IF(index < 0 || index >= shape->dims[k], INVALID_INPUT, ctx,
                    "index %lld is out of range for dimension %d of size %d", (long long)index, (int)k,
                    (int)shape->dims[k]);
        *place = *place * shape->dims[k] + index;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status eval_scatter_nd(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *indices = node->inputs[0], *updates = node->inputs[1];
    tmoi_value *out = node->outputs[0];
    int32_t depth = indices->shape.dims[indices->shape.rank - 1];
    int64_t tuples = tmoi_shape_product(&indices->shape, 0, indices->shape.rank - 1);
    int64_t slice = tmoi_shape_product(&out->shape, depth, out->shape.rank);
    size_t slice_bytes = (size_t)slice * tmoi_value_elem_bytes(out);
    (void)exec;
    if (out->bytes) memset(out->data, 0, out->bytes);
    if (slice == 0 && depth == 0) return TMO_STATUS_OK;
    for (int64_t t = 0; t < tuples; t++) {
        int64_t place;
        TMO_TRY(place_of(indices, t, depth, &out->shape, &place, ctx));
        tmoi_segment_add(out->type, (const uint8_t *)updates->data + (size_t)t * slice_bytes,
                         (uint8_t *)out->data + (size_t)place * slice_bytes, slice);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status eval_sparse_to_dense(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *indices = node->inputs[0], *values = node->inputs[2];
    tmoi_value *out = node->outputs[0];
    size_t elem = tmoi_value_elem_bytes(out);
    int64_t count = indices->shape.rank ? indices->shape.dims[0] : 1;
    (void)exec;
    tmoi_move_fill(out->data, node->inputs[3]->data, elem, tmoi_value_count(out));
    for (int64_t t = 0; t < count; t++) {
        int64_t place;
        TMO_TRY(place_of(indices, t, out->shape.rank, &out->shape, &place, ctx));
        memcpy((uint8_t *)out->data + (size_t)place * elem,
               (const uint8_t *)values->data + (values->shape.rank ? (size_t)t * elem : 0), elem);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Rows with a negative id are left out. */
static tmo_status combine_segments(tmoi_node *node, tmoi_segment_kind kind, tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[0], *ids = node->inputs[1];
    tmoi_value *out = node->outputs[0];
    int64_t row = tmoi_shape_product(&in->shape, ids->shape.rank, in->shape.rank);
    size_t row_bytes = (size_t)row * tmoi_value_elem_bytes(in);
    tmoi_segment_start(kind, out->type, out->data, tmoi_value_count(out));
    for (int64_t k = 0; k < tmoi_value_count(ids); k++) {
        int64_t id = tmoi_value_int(ids, k);
        TMO_FAIL_IF(id >= out->shape.dims[0], INVALID_INPUT, ctx,
                    "segment id %lld is out of range for %d segments", (long long)id,
                    (int)out->shape.dims[0]);
        if (id < 0) continue;
        tmoi_segment_combine(kind, out->type, (const uint8_t *)in->data + (size_t)k * row_bytes,
                             (uint8_t *)out->data + (size_t)id * row_bytes, row);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

#define EVAL(name, kind)                                                           \
    static tmo_status eval_##name(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx) \
    {                                                                              \
        (void)exec;                                                                \
        return combine_segments(node, kind, ctx);                                  \
    }
EVAL(sum, TMOI_SEGMENT_SUM)
EVAL(prod, TMOI_SEGMENT_PROD)
EVAL(max, TMOI_SEGMENT_MAX)
EVAL(min, TMOI_SEGMENT_MIN)
#undef EVAL

const tmoi_op_def tmoi_op_scatter_nd = {.eval = eval_scatter_nd};
const tmoi_op_def tmoi_op_sparse_to_dense = {.eval = eval_sparse_to_dense};
const tmoi_op_def tmoi_op_segment_sum = {.eval = eval_sum};
const tmoi_op_def tmoi_op_segment_prod = {.eval = eval_prod};
const tmoi_op_def tmoi_op_segment_max = {.eval = eval_max};
const tmoi_op_def tmoi_op_segment_min = {.eval = eval_min};
