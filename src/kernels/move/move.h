/* Strided copy: the one kernel behind every operator that only moves elements.
 *
 *   for all i in [0, dims):  out[out_offset + Σ i_k · out_stride_k] = in[in_offset + Σ i_k · in_stride_k]
 *
 * Strides and offsets are in bytes; an input stride of 0 repeats, a negative one reverses. An element is `elem_bytes` bytes
 * of any type. The caller keeps all addresses inside the two buffers, which do not overlap. Exact by nature. */
#ifndef TMOI_KERNELS_MOVE_MOVE_H
#define TMOI_KERNELS_MOVE_MOVE_H

#include <stddef.h>
#include <stdint.h>

enum { TMOI_MOVE_MAX_RANK = 16 };

typedef struct tmoi_move {
    int32_t rank;
    int64_t dims[TMOI_MOVE_MAX_RANK];
    int64_t in_stride[TMOI_MOVE_MAX_RANK], out_stride[TMOI_MOVE_MAX_RANK];
    int64_t in_offset, out_offset;
    size_t elem_bytes;
} tmoi_move;

/* Appends a dimension, the new innermost one. */
static inline void tmoi_move_add_dim(tmoi_move *move, int64_t count, int64_t in_stride, int64_t out_stride)
{
    move->dims[move->rank] = count;
    move->in_stride[move->rank] = in_stride;
    move->out_stride[move->rank] = out_stride;
    move->rank++;
}

/* Rewrites a move into an equal one with fewer dimensions and longer runs: dimensions of size 1 go, neighbours that are
 * contiguous on both sides become one, and a contiguous innermost dimension becomes part of the element. */
void tmoi_move_simplify(tmoi_move *move);

typedef void (*tmoi_move_function)(const tmoi_move *move, const void *in, void *out);

void tmoi_move_c(const tmoi_move *move, const void *in, void *out);
void tmoi_move_avx2(const tmoi_move *move, const void *in, void *out);
void tmoi_move_neon(const tmoi_move *move, const void *in, void *out);

/* Writes `count` copies of an element of elem_bytes bytes. */
void tmoi_move_fill(void *out, const void *elem, size_t elem_bytes, int64_t count);

/* Spreads packed elements of 4 or 2 bits (low bits first) to one byte each, and back; the high bits are not defined. */
void tmoi_move_unpack_bits(const uint8_t *in, uint8_t *out, int64_t count, uint32_t bits);
void tmoi_move_pack_bits(const uint8_t *in, uint8_t *out, int64_t count, uint32_t bits);

#endif
