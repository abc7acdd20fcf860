/* A dense array inside a larger one, the margins filled: each byte of the output is written once. */
#ifndef TMOI_KERNELS_MOVE_PAD_H
#define TMOI_KERNELS_MOVE_PAD_H

#include <stddef.h>
#include <stdint.h>

enum { TMOI_PAD_MAX_RANK = 8, TMOI_PAD_MARGIN = 256 };

/* Output index k of a dimension is input index k − before where that is in [0, size), and else filled. */
typedef struct tmoi_pad {
    int32_t rank; /* at least 1 */
    int64_t size[TMOI_PAD_MAX_RANK], before[TMOI_PAD_MAX_RANK], after[TMOI_PAD_MAX_RANK];
    size_t in_step[TMOI_PAD_MAX_RANK],
        out_step[TMOI_PAD_MAX_RANK]; /* bytes between neighbours; the last are equal */
    size_t elem_bytes;
    uint8_t margin[TMOI_PAD_MARGIN]; /* of copies of the filling */
} tmoi_pad;

/* Appends a dimension, the new innermost one. */
void tmoi_pad_add_dim(tmoi_pad *pad, int64_t size, int64_t before, int64_t after);
/* No more dimensions of elements of elem_bytes, at most 16, bytes: rewrites it into an equal one with fewer, those without margins
 * becoming part of their neighbours. */
void tmoi_pad_end(tmoi_pad *pad, size_t elem_bytes);
/* What to fill with; may be called again. */
void tmoi_pad_fill(tmoi_pad *pad, const void *elem, size_t elem_bytes);
/* The output's indices of dimension 0. */
int64_t tmoi_pad_slices(const tmoi_pad *pad);
/* Output indices [begin, end) of dimension 0; `in` and `out` are the whole arrays. */
void tmoi_pad_run(const tmoi_pad *pad, const void *in, void *out, int64_t begin, int64_t end);

#endif
