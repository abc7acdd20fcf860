/* GATHER and GATHER_ND: rows picked by indices. */
#include <string.h>

#include "kernels/move/copy_run.h"
#include "runtime/strings.h"
#include "runtime/value.h"

/* Fails unless all indices are in [0, size). */
static tmo_status check_indices(const tmoi_value *indices, int64_t size, int32_t dim, tmoi_ctx *ctx)
{
    for (int64_t k = 0; k < tmoi_value_count(indices); k++) {
        int64_t index = tmoi_value_int(indices, k);
        TMO_FAIL_IF(index < 0 || index >= size, INVALID_INPUT, ctx,
                    "index %lld is out of range for dimension %d of size %lld", (long long)index, (int)dim,
                    (long long)size);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status gather_strings(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[0], *indices = node->inputs[1];
    tmoi_value *out = node->outputs[0];
    size_t bytes = 0;
    TMO_TRY(tmoi_strings_check(in, ctx));
    for (int64_t k = 0; k < tmoi_value_count(indices); k++)
        bytes += tmoi_strings_at(in, tmoi_value_int(indices, k)).size;
    TMO_TRY(tmoi_strings_begin(exec, out, &indices->shape, bytes, ctx));
    for (int64_t k = 0; k < tmoi_value_count(indices); k++)
        tmoi_strings_add(out, k, tmoi_strings_at(in, tmoi_value_int(indices, k)));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void gather_rows(const tmoi_node *node, int32_t axis, int32_t batch_dims)
{
    const tmoi_value *in = node->inputs[0], *indices = node->inputs[1];
    const tmoi_shape *shape = &in->shape;
    int64_t batches = tmoi_shape_product(shape, 0, batch_dims),
            outer = tmoi_shape_product(shape, batch_dims, axis);
    int64_t picks = tmoi_shape_product(&indices->shape, batch_dims, indices->shape.rank);
    size_t row = (size_t)tmoi_shape_product(shape, axis + 1, shape->rank) * tmoi_value_elem_bytes(in);
    uint8_t *out = node->outputs[0]->data;
    if (row == 0 || picks == 0) return;
    for (int64_t o = 0; o < batches * outer; o++) {
        const uint8_t *rows = (const uint8_t *)in->data + (size_t)(o * shape->dims[axis]) * row;
        for (int64_t k = 0; k < picks; k++, out += row)
            tmoi_copy_run(out, rows + (size_t)tmoi_value_int(indices, o / outer * picks + k) * row, row);
    }
}

static tmo_status eval_gather(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_fb_gather_options *options = tmoi_op_options(node->op, gather_options);
    const tmoi_value *in = node->inputs[0], *indices = node->inputs[1];
    int32_t axis = options->axis < 0 ? options->axis + in->shape.rank : options->axis;
    TMO_TRY(check_indices(indices, in->shape.dims[axis], axis, ctx));
    if (in->type == TMO_TYPE_STRING) return gather_strings(exec, node, ctx);
    gather_rows(node, axis,
                options->batch_dims < 0 ? options->batch_dims + indices->shape.rank : options->batch_dims);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status eval_gather_nd(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[0], *indices = node->inputs[1];
    int32_t depth = indices->shape.dims[indices->shape.rank - 1];
    int64_t tuples = tmoi_shape_product(&indices->shape, 0, indices->shape.rank - 1);
    size_t slice = (size_t)tmoi_shape_product(&in->shape, depth, in->shape.rank) * tmoi_value_elem_bytes(in);
    uint8_t *out = node->outputs[0]->data;
    (void)exec;
    if (slice == 0 && depth == 0) return TMO_STATUS_OK;
    for (int64_t t = 0; t < tuples; t++, out += slice) {
        int64_t place = 0;
        for (int32_t k = 0; k < depth; k++) {
            int64_t index = tmoi_value_int(indices, t * depth + k);
            TMO_FAIL_IF(index < 0 || index >= in->shape.dims[k], INVALID_INPUT, ctx,
                        "index %lld is out of range for dimension %d of size %d", (long long)index, (int)k,
                        (int)in->shape.dims[k]);
            place = place * in->shape.dims[k] + index;
        }
        if (slice) memcpy(out, (const uint8_t *)in->data + (size_t)place * slice, slice);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_gather = {.eval = eval_gather};
const tmoi_op_def tmoi_op_gather_nd = {.eval = eval_gather_nd};
