#include "kernels/move/move.h"

#include <stdbool.h>
#include <string.h>

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

static bool same_bytes(const uint8_t *elem, size_t bytes)
{
    for (size_t k = 1; k < bytes; k++)
        if (elem[k] != elem[0]) return false;
    return true;
}

void tmoi_move_fill(void *out, const void *elem, size_t elem_bytes, int64_t count)
{
    size_t total = (size_t)count * elem_bytes;
    if (total == 0) return;
    if (same_bytes(elem, elem_bytes)) {
        memset(out, *(const uint8_t *)elem, total);
        return;
    }
    memcpy(out, elem, elem_bytes);
    for (size_t done = elem_bytes; done < total;) {
        size_t chunk = done < total - done ? done : total - done;
        memcpy((uint8_t *)out + done, out, chunk);
        done += chunk;
    }
}
