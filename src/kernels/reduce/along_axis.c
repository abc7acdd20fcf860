#include <string.h>

#include "kernels/reduce/reduce.h"

#define ARG(name, type)                                                            \
    static int64_t name(const type *in, int64_t axis, int64_t inner, bool largest) \
    {                                                                              \
        int64_t at = 0;                                                            \
        type best = in[0];                                                         \
        for (int64_t k = 1; k < axis; k++) {                                       \
            const type x = in[k * inner];                                          \
            if (largest ? x > best : x < best) {                                   \
                best = x;                                                          \
                at = k;                                                            \
            }                                                                      \
        }                                                                          \
        return at;                                                                 \
    }
ARG(arg_f32, float)
ARG(arg_s8, int8_t)
ARG(arg_u8, uint8_t)
ARG(arg_s16, int16_t)
ARG(arg_s32, int32_t)
ARG(arg_s64, int64_t)

static bool arg_of(tmo_type type, const void *in, int64_t offset, int64_t axis, int64_t inner, bool largest,
                   int64_t *at)
{
    switch (type) {
    case TMO_TYPE_FLOAT32: *at = arg_f32((const float *)in + offset, axis, inner, largest); return true;
    case TMO_TYPE_INT8: *at = arg_s8((const int8_t *)in + offset, axis, inner, largest); return true;
    case TMO_TYPE_UINT8:
    case TMO_TYPE_BOOL: *at = arg_u8((const uint8_t *)in + offset, axis, inner, largest); return true;
    case TMO_TYPE_INT16: *at = arg_s16((const int16_t *)in + offset, axis, inner, largest); return true;
    case TMO_TYPE_INT32: *at = arg_s32((const int32_t *)in + offset, axis, inner, largest); return true;
    case TMO_TYPE_INT64: *at = arg_s64((const int64_t *)in + offset, axis, inner, largest); return true;
    default: return false;
    }
}

bool tmoi_arg_reduce(tmo_type type, bool largest, bool wide, int64_t outer, int64_t axis, int64_t inner,
                     const void *in, void *out)
{
    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < inner; i++) {
            int64_t at;
            if (!arg_of(type, in, o * axis * inner + i, axis, inner, largest, &at)) return false;
            if (wide)
                ((int64_t *)out)[o * inner + i] = at;
            else
                ((int32_t *)out)[o * inner + i] = (int32_t)at;
        }
    return true;
}

/* Slice by slice, each from the one before: neighbours in a slice do not wait for one another. */
#define CUMULATIVE(name, type, wide)                                                                       \
    static void name(bool exclusive, bool reverse, int64_t axis, int64_t inner, const type *in, type *out) \
    {                                                                                                      \
        const int64_t step = reverse ? -inner : inner;                                                     \
        const type *x = in + (reverse ? (axis - 1) * inner : 0);                                           \
        type *y = out + (x - in);                                                                          \
        for (int64_t i = 0; i < inner && axis > 0; i++)                                                    \
            y[i] = exclusive ? (type)0 : (type)((wide)0 + (wide)x[i]);                                     \
        for (int64_t k = 1; k < axis; k++) {                                                               \
            const type *last = y, *own = exclusive ? x : x + step;                                         \
            x += step;                                                                                     \
            y += step;                                                                                     \
            for (int64_t i = 0; i < inner; i++) y[i] = (type)((wide)last[i] + (wide)own[i]);               \
        }                                                                                                  \
    }
CUMULATIVE(cumulative_f32, float, float)
CUMULATIVE(cumulative_s32, int32_t, uint32_t)
CUMULATIVE(cumulative_s64, int64_t, uint64_t)

void tmoi_cumulative_sum(tmo_type type, bool exclusive, bool reverse, int64_t outer, int64_t axis,
                         int64_t inner, const void *in, void *out)
{
    for (int64_t o = 0; o < outer; o++) {
        int64_t at = o * axis * inner;
        if (type == TMO_TYPE_FLOAT32)
            cumulative_f32(exclusive, reverse, axis, inner, (const float *)in + at, (float *)out + at);
        else if (type == TMO_TYPE_INT32)
            cumulative_s32(exclusive, reverse, axis, inner, (const int32_t *)in + at, (int32_t *)out + at);
        else
            cumulative_s64(exclusive, reverse, axis, inner, (const int64_t *)in + at, (int64_t *)out + at);
    }
}

/* An integer that orders as the element does. */
static int64_t key_of(tmo_type type, const void *in, int64_t k)
{
    switch (type) {
    case TMO_TYPE_INT8: return ((const int8_t *)in)[k];
    case TMO_TYPE_UINT8: return ((const uint8_t *)in)[k];
    case TMO_TYPE_INT16: return ((const int16_t *)in)[k];
    case TMO_TYPE_INT32: return ((const int32_t *)in)[k];
    case TMO_TYPE_INT64: return ((const int64_t *)in)[k];
    default: break;
    }
    float value = ((const float *)in)[k] + 0.0f; /* -0 becomes 0 */
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits < 0 ? bits ^ INT32_MAX : bits;
}

/* True when element a comes after element b in the result. */
static bool comes_after(const int64_t *keys, int32_t a, int32_t b)
{
    return keys[a] != keys[b] ? keys[a] < keys[b] : a > b;
}

/* Restores the heap, in which every element comes after its children in the result, after a change of its element `at`. */
static void sift_down(const int64_t *keys, int32_t *heap, int32_t count, int32_t at)
{
    int32_t value = heap[at];
    for (int32_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && comes_after(keys, heap[child + 1], heap[child])) child++;
        if (!comes_after(keys, heap[child], value)) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = value;
}

/* The indices of the k largest keys in the order of the result: a heap of the best so far, worst on top, then sorted. */
static void select_largest(const tmoi_top_k *top)
{
    int32_t *heap = top->heap;
    for (int32_t j = 0; j < top->k; j++) heap[j] = j;
    for (int32_t j = top->k / 2 - 1; j >= 0; j--) sift_down(top->keys, heap, top->k, j);
    for (int32_t j = top->k; j < top->depth; j++) {
        if (!comes_after(top->keys, heap[0], j)) continue;
        heap[0] = j;
        sift_down(top->keys, heap, top->k, 0);
    }
    for (int32_t count = top->k - 1; count > 0; count--) {
        int32_t worst = heap[0];
        heap[0] = heap[count];
        heap[count] = worst;
        sift_down(top->keys, heap, count, 0);
    }
}

void tmoi_top_k_run(const tmoi_top_k *top, const void *in, void *values, void *indices)
{
    size_t elem_bytes = tmoi_type_bytes(top->type, 1);
    if (top->k == 0) return;
    for (int64_t row = 0; row < top->rows; row++) {
        for (int64_t j = 0; j < top->depth; j++) top->keys[j] = key_of(top->type, in, row * top->depth + j);
        select_largest(top);
        for (int64_t j = 0; j < top->k; j++) {
            int64_t from = row * top->depth + top->heap[j], to = row * top->k + j;
            memcpy((unsigned char *)values + (size_t)to * elem_bytes,
                   (const unsigned char *)in + (size_t)from * elem_bytes, elem_bytes);
            if (top->narrow_index)
                ((int16_t *)indices)[to] = (int16_t)top->heap[j];
            else
                ((int32_t *)indices)[to] = top->heap[j];
        }
    }
}
