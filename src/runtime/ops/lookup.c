/* HASHTABLE_LOOKUP and EMBEDDING_LOOKUP_SPARSE. */
#include <math.h>
#include <string.h>

#include "runtime/value.h"

/* The place of a key among rising ones, or -1. */
static int32_t find_key(const int32_t *keys, int32_t count, int32_t key)
{
    int32_t low = 0, high = count;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (keys[middle] == key) return middle;
        if (keys[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

static tmo_status eval_hashtable(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *wanted = node->inputs[0], *keys = node->inputs[1], *values = node->inputs[2];
    size_t row = (size_t)tmoi_shape_product(&values->shape, 1, values->shape.rank) *
                 tmoi_value_elem_bytes(values);
    uint8_t *out = node->outputs[0]->data, *hits = node->outputs[1]->data;
    (void)exec, (void)ctx;
    for (int32_t k = 0; k < wanted->shape.dims[0]; k++, out += row) {
        int32_t found = find_key(keys->data, keys->shape.dims[0], ((const int32_t *)wanted->data)[k]);
        hits[k] = found >= 0;
        if (row == 0) continue;
        if (found >= 0)
            memcpy(out, (const uint8_t *)values->data + (size_t)found * row, row);
        else
            memset(out, 0, row);
    }
    return TMO_STATUS_OK;
}

/* ---- EMBEDDING_LOOKUP_SPARSE: weighted sums, means … of rows ---- */

typedef struct bucket {
    int64_t place; /* row of the output */
    int64_t entries;
    float weight, squared_weight;
} bucket;

static void close_bucket(int8_t combiner, const bucket *b, float *out, int64_t row)
{
    if (b->entries == 0 || combiner == TMOI_COMBINER_SUM) return;
    float divisor = combiner == TMOI_COMBINER_MEAN ? b->weight : sqrtf(b->squared_weight);
    for (int64_t k = 0; k < row; k++) out[b->place * row + k] /= divisor;
}

static tmo_status bucket_of(const tmoi_node *node, int64_t entry, int64_t *place, tmoi_ctx *ctx)
{
    const tmoi_value *indices = node->inputs[1];
    int32_t depth = indices->shape.dims[1];
    *place = 0;
    for (int32_t k = 0; k < depth - 1; k++) {
        int64_t index = tmoi_value_int(indices, entry * depth + k), size = node->outputs[0]->shape.dims[k];
        TMO_FAIL_IF(index < 0 || index >= size, INVALID_INPUT, ctx,
                    "index %lld is out of range for dimension %d of size %lld", (long long)index, (int)k,
                    (long long)size);
        *place = *place * size + index;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status eval_embedding(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *ids = node->inputs[0], *values = node->inputs[4];
    int8_t combiner = tmoi_op_options(node->op, embedding_lookup_sparse_options)->combiner;
    const float *weights = node->inputs[3]->data;
    int64_t row = tmoi_shape_product(&values->shape, 1, values->shape.rank);
    float *out = node->outputs[0]->data;
    bucket open = {0, 0, 0.0f, 0.0f};
    (void)exec;
    if (node->outputs[0]->bytes) memset(out, 0, node->outputs[0]->bytes);
    for (int64_t k = 0; k < ids->shape.dims[0]; k++) {
        int64_t id = tmoi_value_int(ids, k), place;
        TMO_FAIL_IF(id < 0 || id >= values->shape.dims[0], INVALID_INPUT, ctx,
                    "index %lld is out of range for dimension 0 of size %d", (long long)id,
                    (int)values->shape.dims[0]);
        TMO_TRY(bucket_of(node, k, &place, ctx));
        if (place != open.place) {
            close_bucket(combiner, &open, out, row);
            open = (bucket){place, 0, 0.0f, 0.0f};
        }
        open.entries++;
        open.weight += weights[k];
        open.squared_weight += weights[k] * weights[k];
        for (int64_t i = 0; i < row; i++)
            out[place * row + i] += ((const float *)values->data)[id * row + i] * weights[k];
    }
    close_bucket(combiner, &open, out, row);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_hashtable_lookup = {.eval = eval_hashtable};
const tmoi_op_def tmoi_op_embedding_lookup_sparse = {.eval = eval_embedding};
