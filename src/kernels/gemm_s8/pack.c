#include <string.h>

#include "kernels/gemm/gemm.h"
#include "kernels/gemm_s8/gemm_s8.h"

enum { PIECE = 64 }; /* terms that are read at a time; no kernel's kr is larger */

static int32_t round_up(int32_t x, int32_t multiple)
{
    return (x + multiple - 1) / multiple * multiple;
}

size_t tmoi_gemm_s8_packed_bytes(const tmoi_gemm_s8_kernel *kernel, int32_t columns, int32_t segments,
                                 int32_t segment_terms)
{
    size_t panels = ((size_t)columns + (size_t)kernel->nr - 1) / (size_t)kernel->nr;
    size_t terms = ((size_t)segment_terms + (size_t)kernel->kr - 1) / (size_t)kernel->kr * (size_t)kernel->kr;
    size_t row = panels * (size_t)kernel->nr, all = terms * (size_t)segments;
    return all == 0 || row <= SIZE_MAX / 2 / all ? row * all : 0;
}

/* Weights of a column from one term on, as int8: uint8 less 128. */
static void read_terms(const tmoi_gemm_s8_weights *w, int64_t column, int64_t at, int32_t count, int8_t *out)
{
    int16_t wide[PIECE];
    int64_t first = w->first + column * w->segments * w->segment_terms + at;
    if (column >= w->n) {
        memset(out, 1, (size_t)count);
    } else if (w->type == TMO_TYPE_INT8) {
        memcpy(out, (const int8_t *)w->data + first, (size_t)count);
    } else {
        tmoi_widen(w->type, w->data, first, count, w->type == TMO_TYPE_UINT8 ? 128 : 0, wide);
        for (int32_t k = 0; k < count; k++) out[k] = (int8_t)wide[k];
    }
}

/* Each `bytes` bytes of `from` to the next place in `out`; a constant number of them makes it one move each. */
static void spread(const int8_t *from, int32_t count, size_t bytes, ptrdiff_t stride, int8_t *out)
{
    for (int32_t k = 0; k < count; k++, from += bytes, out += stride) memcpy(out, from, bytes);
}

/* The terms of a column that lie together, kr of them at a time. */
static void spread_terms(const int8_t *terms, int32_t count, int32_t kr, ptrdiff_t stride, int8_t *out)
{
    int32_t whole = count / kr, rest = count % kr;
    if (kr == 2)
        spread(terms, whole, 2, stride, out);
    else if (kr == 4)
        spread(terms, whole, 4, stride, out);
    else
        spread(terms, whole, (size_t)kr, stride, out);
    if (rest) memcpy(out + whole * stride, terms + (ptrdiff_t)whole * kr, (size_t)rest);
}

/* One column of a panel. */
static void pack_column(const tmoi_gemm_s8_kernel *kernel, const tmoi_gemm_s8_weights *w, int32_t column,
                        int8_t *out)
{
    int8_t piece[PIECE];
    int32_t kr = kernel->kr, run = PIECE / kr * kr;
    ptrdiff_t stride = (ptrdiff_t)kernel->nr * kr;
    for (int32_t s = 0; s < w->segments; s++) {
        for (int32_t k = 0; k < w->segment_terms; k += run) {
            int32_t left = w->segment_terms - k, count = left < run ? left : run;
            read_terms(w, column, (int64_t)s * w->segment_terms + k, count, piece);
            spread_terms(piece, count, kr, stride, out + k / kr * stride);
        }
        out += round_up(w->segment_terms, kr) / kr * stride;
    }
}

void tmoi_gemm_s8_pack(const tmoi_gemm_s8_kernel *kernel, const tmoi_gemm_s8_weights *w, int8_t *out)
{
    int32_t columns = w->n + (w->ones ? 1 : 0), nr = kernel->nr;
    size_t bytes = tmoi_gemm_s8_packed_bytes(kernel, columns, w->segments, w->segment_terms);
    size_t panel = tmoi_gemm_s8_packed_bytes(kernel, nr, w->segments, w->segment_terms);
    memset(out, 0, bytes);
    for (int32_t column = 0; column < columns; column++)
        pack_column(kernel, w, column,
                    out + (size_t)(column / nr) * panel + (size_t)(column % nr) * (size_t)kernel->kr);
}

void tmoi_gemm_s8_column_sums(const tmoi_gemm_s8_weights *w, int32_t *column_sums, int64_t *absolute)
{
    int64_t terms = (int64_t)w->segments * w->segment_terms;
    int8_t piece[PIECE];
    for (int32_t column = 0; column < w->n; column++) {
        int64_t sum = 0, size = 0;
        for (int64_t k = 0; k < terms; k += PIECE) {
            int32_t count = terms - k < PIECE ? (int32_t)(terms - k) : PIECE;
            read_terms(w, column, k, count, piece);
            int32_t piece_sum = 0, piece_size = 0;
            for (int32_t i = 0; i < count; i++) {
                piece_sum += piece[i];
                piece_size += piece[i] < 0 ? -piece[i] : piece[i];
            }
            sum += piece_sum;
            size += piece_size;
        }
        column_sums[column] = (int32_t)(uint32_t)(uint64_t)sum;
        if (absolute) absolute[column] = size;
    }
}
