/* WHERE and UNIQUE: outputs whose size only the values tell. */
#include <string.h>

#include "runtime/session.h"
#include "runtime/value.h"

/* Any bit but the sign of a float zero. */
static bool is_nonzero(const uint8_t *elem, size_t bytes, bool is_float)
{
    uint8_t any = is_float ? elem[bytes - 1] & 0x7F : elem[bytes - 1];
    for (size_t k = 0; k + 1 < bytes; k++) any |= elem[k];
    return any != 0;
}

static bool is_float_type(tmo_type type)
{
    return type == TMO_TYPE_FLOAT32 || type == TMO_TYPE_FLOAT16 || type == TMO_TYPE_BFLOAT16 ||
           type == TMO_TYPE_FLOAT64;
}

static void write_coordinates(const tmoi_shape *shape, int64_t place, int64_t *out)
{
    for (int32_t k = shape->rank - 1; k >= 0; k--) {
        out[k] = place % shape->dims[k];
        place /= shape->dims[k];
    }
}

static tmo_status eval_where(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmoi_value *in = node->inputs[0];
    const uint8_t *elems = in->data;
    size_t bytes = tmoi_value_elem_bytes(in);
    bool is_float = is_float_type(in->type);
    int64_t count = tmoi_value_count(in), found = 0;
    for (int64_t k = 0; k < count; k++) found += is_nonzero(elems + (size_t)k * bytes, bytes, is_float);
    TMO_FAIL_IF(found > INT32_MAX, LIMIT, ctx, "%lld elements are too many", (long long)found);
    tmoi_shape shape = {2, {(int32_t)found, in->shape.rank}};
    TMO_TRY(tmoi_value_resize(exec, node->outputs[0], &shape, ctx));
    int64_t *out = node->outputs[0]->data;
    for (int64_t k = 0; k < count; k++) {
        if (!is_nonzero(elems + (size_t)k * bytes, bytes, is_float)) continue;
        write_coordinates(&in->shape, k, out);
        out += in->shape.rank;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- UNIQUE: an open-addressing table of the elements seen ---- */

typedef struct unique_state {
    size_t slots; /* a power of two */
    int32_t places, firsts;
} unique_state;

static tmo_status prepare_unique(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    size_t count = (size_t)tmoi_value_count(node->inputs[0]);
    TMO_TRY(tmoi_node_state(exec, node, sizeof(unique_state), ctx));
    unique_state *state = node->state;
    state->slots = 4;
    while (state->slots < 2 * count) state->slots *= 2;
    TMO_TRY(tmoi_node_scratch(node, state->slots * sizeof(int32_t), &state->places, ctx));
    TMO_TRY(tmoi_node_scratch(node, count * sizeof(int32_t), &state->firsts, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* Equal elements have equal keys. */
static uint64_t key_at(const tmoi_value *in, int64_t k)
{
    size_t bytes = tmoi_value_elem_bytes(in);
    const uint8_t *elem = (const uint8_t *)in->data + (size_t)k * bytes;
    uint64_t key = 0;
    if (is_nonzero(elem, bytes, is_float_type(in->type))) memcpy(&key, elem, bytes);
    return key;
}

/* The slot of an element's key, or the free one where it belongs. */
static size_t slot_of(const tmoi_value *in, int64_t k, size_t slots, const int32_t *places,
                      const int32_t *firsts)
{
    uint64_t key = key_at(in, k), hash = key * 0x9E3779B97F4A7C15u;
    size_t slot = (size_t)(hash >> 32) & (slots - 1);
    while (places[slot] && key_at(in, firsts[places[slot] - 1]) != key) slot = (slot + 1) & (slots - 1);
    return slot;
}

static tmo_status eval_unique(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const unique_state *state = node->state;
    const tmoi_value *in = node->inputs[0];
    tmoi_value *values = node->outputs[0], *indices = node->outputs[1];
    int32_t *places = node->scratch[state->places], *firsts = node->scratch[state->firsts], found = 0;
    size_t bytes = tmoi_value_elem_bytes(in);
    memset(places, 0, state->slots * sizeof *places);
    TMO_TRY(tmoi_value_resize(exec, indices, &in->shape, ctx));
    for (int32_t k = 0; k < in->shape.dims[0]; k++) {
        size_t slot = slot_of(in, k, state->slots, places, firsts);
        if (!places[slot]) {
            firsts[found] = k;
            places[slot] = ++found;
        }
        if (indices->type == TMO_TYPE_INT64)
            ((int64_t *)indices->data)[k] = places[slot] - 1;
        else
            ((int32_t *)indices->data)[k] = places[slot] - 1;
    }
    tmoi_shape shape = {1, {found}};
    TMO_TRY(tmoi_value_resize(exec, values, &shape, ctx));
    for (int32_t k = 0; k < found; k++)
        memcpy((uint8_t *)values->data + (size_t)k * bytes,
               (const uint8_t *)in->data + (size_t)firsts[k] * bytes, bytes);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

const tmoi_op_def tmoi_op_where = {.eval = eval_where};
const tmoi_op_def tmoi_op_unique = {.prepare = prepare_unique, .eval = eval_unique};
