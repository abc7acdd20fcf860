/* A dense array inside a larger one, the margins filled: each byte of the output is written once. */
#ifndef TMOI_KERNELS_MOVE_PAD_H
#define TMOI_KERNELS_MOVE_PAD_H

#include <stddef.h>
#include <stdint.h>

enum { TMOI_PAD_MAX_RANK = 8 };

/* Output index k of a dimension is input index k − before where that is in [0, size), and else filled. */
typedef struct tmoi_pad {
    int32_t rank; /* at least 1 */
    int64_t size[TMOI_PAD_MAX_RANK], before[TMOI_PAD_MAX_RANK], after[TMOI_PAD_MAX_RANK];
    size_t elem_bytes,
        fill_bytes; /* of an element of the innermost dimension; of the filling, which divides it */
    uint8_t fill[16];
} tmoi_pad;

/* Appends a dimension, the new innermost one. */
void tmoi_pad_add_dim(tmoi_pad *pad, int64_t size, int64_t before, int64_t after);
/* Rewrites it into an equal one with fewer dimensions: those without margins become part of their neighbours. */
void tmoi_pad_simplify(tmoi_pad *pad);
/* The bytes of one output index of dimension 0, and how many there are. */
size_t tmoi_pad_slice_bytes(const tmoi_pad *pad);
int64_t tmoi_pad_slices(const tmoi_pad *pad);
/* Output indices [begin, end) of dimension 0; `in` and `out` are the whole arrays. */
void tmoi_pad_run(const tmoi_pad *pad, const void *in, void *out, int64_t begin, int64_t end);

#endif
