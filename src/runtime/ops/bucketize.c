/* BUCKETIZE: the number of boundaries that are not above each element. BITCAST: the same bytes as another type. */
#include <string.h>

#include "runtime/op.h"

static double element(const tmoi_value *value, int64_t k)
{
    switch (value->type) {
    case TMO_TYPE_FLOAT32: return (double)((const float *)value->data)[k];
    case TMO_TYPE_FLOAT64: return ((const double *)value->data)[k];
    case TMO_TYPE_INT32: return ((const int32_t *)value->data)[k];
    default: return (double)((const int64_t *)value->data)[k];
    }
}

static int32_t bucket_of(const tmoi_vec_f32 *boundaries, double x)
{
    uint32_t low = 0, high = boundaries->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if ((double)boundaries->data[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    return (int32_t)low;
}

static tmo_status bucketize_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_vec_f32 *boundaries = &tmoi_op_options(node->op, bucketize_options)->boundaries;
    int32_t *out = node->outputs[0]->data;
    int64_t count = tmoi_shape_count(&node->outputs[0]->shape);
    (void)exec;
    (void)ctx;
    for (int64_t k = 0; k < count; k++) out[k] = bucket_of(boundaries, element(node->inputs[0], k));
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_bucketize = {.eval = bucketize_eval};

static tmo_status bitcast_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    (void)exec;
    (void)ctx;
    if (node->outputs[0]->data != node->inputs[0]->data && node->outputs[0]->bytes)
        memcpy(node->outputs[0]->data, node->inputs[0]->data, node->outputs[0]->bytes);
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_bitcast = {.eval = bitcast_eval, .flags = TMOI_OP_INPLACE};
