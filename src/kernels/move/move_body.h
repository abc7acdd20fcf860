/* The strided copy, compiled once for each instruction set. Before: TMOI_MOVE, the variant's name, and TMOI_MOVE_TILE(bytes), the
 * name of the functions that transpose a tile of 8 x 8 elements of 1, 2 or 4 bytes:
 *
 *     out[j · out_stride + i · bytes] = in[i · in_stride + j · bytes] for i, j in [0, 8) */
#include <stdbool.h>
#include <string.h>

#include "kernels/move/copy_run.h"
#include "kernels/move/move.h"

enum { TILE = 8 };

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
    for (int64_t k = 0; k < count; k++)
        tmoi_copy_run(out + k * out_stride, in + k * in_stride, move->elem_bytes);
}

/* Elements [0, rows) x [0, columns): neighbours along the columns are adjacent in the input, along the rows in the output. */
#define TRANSPOSE(bytes)                                                                                  \
    static void transpose_##bytes(const uint8_t *in, int64_t in_stride, uint8_t *out, int64_t out_stride, \
                                  int64_t rows, int64_t columns)                                          \
    {                                                                                                     \
        int64_t full_rows = rows / TILE * TILE, full_columns = columns / TILE * TILE;                     \
        for (int64_t i = 0; i < full_rows; i += TILE)                                                     \
            for (int64_t j = 0; j < full_columns; j += TILE) TMOI_MOVE_TILE(bytes)                        \
        (in + i * in_stride + j * bytes, in_stride, out + j * out_stride + i * bytes, out_stride);        \
        for (int64_t i = 0; i < rows; i++)                                                                \
            for (int64_t j = i < full_rows ? full_columns : 0; j < columns; j++)                          \
                memcpy(out + j * out_stride + i * bytes, in + i * in_stride + j * bytes, bytes);          \
    }
TRANSPOSE(1)
TRANSPOSE(2)
TRANSPOSE(4)
#undef TRANSPOSE

/* The last two dimensions, when they change places: one is dense in the input, the other in the output. */
static bool copy_transposed(const tmoi_move *move, int32_t dim, const uint8_t *in, uint8_t *out)
{
    int64_t elem = (int64_t)move->elem_bytes;
    bool outer_in = move->in_stride[dim] == elem && move->out_stride[dim + 1] == elem;
    bool inner_in = move->in_stride[dim + 1] == elem && move->out_stride[dim] == elem;
    if (!outer_in && !inner_in) return false;
    int32_t row = outer_in ? dim + 1 : dim, column = outer_in ? dim : dim + 1;
    int64_t rows = move->dims[row], columns = move->dims[column];
    int64_t in_stride = move->in_stride[row], out_stride = move->out_stride[column];
    switch (elem) {
    case 1: transpose_1(in, in_stride, out, out_stride, rows, columns); return true;
    case 2: transpose_2(in, in_stride, out, out_stride, rows, columns); return true;
    case 4: transpose_4(in, in_stride, out, out_stride, rows, columns); return true;
    default: return false;
    }
}

static void copy_dim(const tmoi_move *move, int32_t dim, const uint8_t *in, uint8_t *out)
{
    if (dim == move->rank - 1) {
        copy_row(move, dim, in, out);
        return;
    }
    if (dim == move->rank - 2 && copy_transposed(move, dim, in, out)) return;
    for (int64_t k = 0; k < move->dims[dim]; k++)
        copy_dim(move, dim + 1, in + k * move->in_stride[dim], out + k * move->out_stride[dim]);
}

void TMOI_MOVE(const tmoi_move *move, const void *in, void *out)
{
    for (int32_t k = 0; k < move->rank; k++)
        if (move->dims[k] == 0) return;
    const uint8_t *from = (const uint8_t *)in + move->in_offset;
    uint8_t *to = (uint8_t *)out + move->out_offset;
    if (move->rank == 0)
        memcpy(to, from, move->elem_bytes);
    else
        copy_dim(move, 0, from, to);
}
