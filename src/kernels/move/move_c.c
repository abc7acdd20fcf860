#include <stdbool.h>
#include <string.h>

#include "kernels/move/move.h"

static bool contiguous(const tmoi_move *move, int32_t outer, int32_t inner)
{
    return move->in_stride[outer] == move->in_stride[inner] * move->dims[inner] &&
           move->out_stride[outer] == move->out_stride[inner] * move->dims[inner];
}

static void merge_dims(tmoi_move *move)
{
    int32_t kept = 0;
    for (int32_t k = 0; k < move->rank; k++) {
        if (move->dims[k] == 1) continue;
        int64_t outer = 1;
        if (kept > 0 && contiguous(move, kept - 1, k)) outer = move->dims[--kept];
        move->dims[kept] = outer * move->dims[k];
        move->in_stride[kept] = move->in_stride[k];
        move->out_stride[kept] = move->out_stride[k];
        kept++;
    }
    move->rank = kept;
}

void tmoi_move_simplify(tmoi_move *move)
{
    for (int32_t k = 0; k < move->rank; k++) {
        if (move->dims[k] != 0) continue;
        move->rank = 1;
        move->dims[0] = 0;
        return;
    }
    merge_dims(move);
    int32_t last = move->rank - 1;
    int64_t elem = (int64_t)move->elem_bytes;
    if (last >= 0 && move->in_stride[last] == elem && move->out_stride[last] == elem) {
        move->elem_bytes *= (size_t)move->dims[last];
        move->rank--;
    }
}

/* One size of element: the constant lets memcpy become a load and a store. */
#define COPY_ROW(bytes)                                                                                  \
    static void copy_row_##bytes(const uint8_t *in, int64_t in_stride, uint8_t *out, int64_t out_stride, \
                                 int64_t count)                                                          \
    {                                                                                                    \
        for (int64_t k = 0; k < count; k++) {                                                            \
            memcpy(out, in, bytes);                                                                      \
            in += in_stride;                                                                             \
            out += out_stride;                                                                           \
        }                                                                                                \
    }
COPY_ROW(1)
COPY_ROW(2)
COPY_ROW(4)
COPY_ROW(8)
COPY_ROW(16)
#undef COPY_ROW

static void copy_row(const tmoi_move *move, int32_t dim, const uint8_t *in, uint8_t *out)
{
    int64_t in_stride = move->in_stride[dim], out_stride = move->out_stride[dim];
    int64_t count = move->dims[dim];
    switch (move->elem_bytes) {
    case 1: copy_row_1(in, in_stride, out, out_stride, count); return;
    case 2: copy_row_2(in, in_stride, out, out_stride, count); return;
    case 4: copy_row_4(in, in_stride, out, out_stride, count); return;
    case 8: copy_row_8(in, in_stride, out, out_stride, count); return;
    case 16: copy_row_16(in, in_stride, out, out_stride, count); return;
    default: break;
    }
    for (int64_t k = 0; k < count; k++) memcpy(out + k * out_stride, in + k * in_stride, move->elem_bytes);
}

static void copy_dim(const tmoi_move *move, int32_t dim, const uint8_t *in, uint8_t *out)
{
    if (dim == move->rank - 1) {
        copy_row(move, dim, in, out);
        return;
    }
    for (int64_t k = 0; k < move->dims[dim]; k++)
        copy_dim(move, dim + 1, in + k * move->in_stride[dim], out + k * move->out_stride[dim]);
}

void tmoi_move_c(const tmoi_move *move, const void *in, void *out)
{
    for (int32_t k = 0; k < move->rank; k++)
        if (move->dims[k] == 0) return;
    const uint8_t *from = (const uint8_t *)in + move->in_offset;
    uint8_t *to = (uint8_t *)out + move->out_offset;
    if (move->rank == 0) {
        memcpy(to, from, move->elem_bytes);
        return;
    }
    copy_dim(move, 0, from, to);
}

void tmoi_move_fill(void *out, const void *elem, size_t elem_bytes, int64_t count)
{
    size_t total = (size_t)count * elem_bytes;
    if (total == 0) return;
    memcpy(out, elem, elem_bytes);
    for (size_t done = elem_bytes; done < total;) {
        size_t chunk = done < total - done ? done : total - done;
        memcpy((uint8_t *)out + done, out, chunk);
        done += chunk;
    }
}

void tmoi_move_unpack_bits(const uint8_t *in, uint8_t *out, int64_t count, uint32_t bits)
{
    uint32_t mask = (1u << bits) - 1, per_byte = 8 / bits;
    for (int64_t k = 0; k < count; k++)
        out[k] = (uint8_t)((uint32_t)in[k / per_byte] >> bits * (uint32_t)(k % per_byte) & mask);
}

void tmoi_move_pack_bits(const uint8_t *in, uint8_t *out, int64_t count, uint32_t bits)
{
    uint32_t mask = (1u << bits) - 1, per_byte = 8 / bits;
    for (int64_t k = 0; k < count; k++) {
        uint32_t shift = bits * (uint32_t)(k % per_byte);
        uint32_t kept = shift == 0 ? 0u : out[k / per_byte];
        out[k / per_byte] = (uint8_t)(kept | (in[k] & mask) << shift);
    }
}
