#include <string.h>

#include "kernels/common/widen.h"
#include "kernels/gemm_s8/gemm_s8.h"

enum { PIECE = 64 }; /* terms that are read at a time; no kernel's kr is larger */

size_t tmoi_gemm_s8_packed_bytes(const tmoi_gemm_s8_kernel *kernel, int32_t columns, int32_t segments,
                                 int32_t segment_terms)
{
    if (segment_terms > INT32_MAX - TMOI_GEMM_S8_SLACK) return 0;
    size_t panels = ((size_t)columns + (size_t)kernel->nr - 1) / (size_t)kernel->nr;
    size_t terms = (size_t)tmoi_gemm_s8_terms(kernel, segment_terms);
    size_t row = panels * (size_t)kernel->nr, all = terms * (size_t)segments;
    return all == 0 || row <= SIZE_MAX / 2 / all ? row * all : 0;
}

/* Where a segment of a column begins. */
static int64_t place_of(const tmoi_gemm_s8_weights *w, int64_t column, int32_t segment)
{
    int64_t all = w->taps ? w->all_taps : w->segments, s = w->taps ? w->taps[segment] : segment;
    return w->first + (column * all + s) * w->segment_terms;
}

static void read_transposed(const tmoi_gemm_s8_weights *w, int64_t column, int32_t k, int32_t count,
                            int8_t *out)
{
    const int8_t *in = (const int8_t *)w->data + w->first + (int64_t)k * w->n + column;
    for (int32_t i = 0; i < count; i++) out[i] = in[(int64_t)i * w->n];
}

/* Weights of a column's segment from term k on, as int8: uint8 less 128. */
static void read_terms(const tmoi_gemm_s8_weights *w, int64_t column, int32_t segment, int32_t k,
                       int32_t count, int8_t *out)
{
    int16_t wide[PIECE];
    int64_t first = place_of(w, column, segment) + k;
    if (column >= w->n) {
        memset(out, 1, (size_t)count);
    } else if (w->transposed) {
        read_transposed(w, column, k, count, out);
    } else if (w->type == TMO_TYPE_INT8) {
        memcpy(out, (const int8_t *)w->data + first, (size_t)count);
    } else {
        tmoi_widen(w->type, w->data, first, count, w->type == TMO_TYPE_UINT8 ? 128 : 0, wide);
        for (int32_t i = 0; i < count; i++) out[i] = (int8_t)wide[i];
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
            read_terms(w, column, s, k, count, piece);
            spread_terms(piece, count, kr, stride, out + k / kr * stride);
        }
        out += tmoi_gemm_s8_terms(kernel, w->segment_terms) / kr * stride;
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

/* The sums of the terms of a column's segment, and of their sizes, are added. */
static void add_terms(const tmoi_gemm_s8_weights *w, int32_t column, int32_t segment, int64_t *sum,
                      int64_t *size)
{
    int8_t piece[PIECE];
    for (int32_t k = 0; k < w->segment_terms; k += PIECE) {
        int32_t count = w->segment_terms - k < PIECE ? w->segment_terms - k : PIECE;
        int32_t piece_sum = 0, piece_size = 0;
        read_terms(w, column, segment, k, count, piece);
        for (int32_t i = 0; i < count; i++) {
            piece_sum += piece[i];
            piece_size += piece[i] < 0 ? -piece[i] : piece[i];
        }
        *sum += piece_sum;
        *size += piece_size;
    }
}

void tmoi_gemm_s8_column_sums(const tmoi_gemm_s8_weights *w, int32_t *column_sums, int64_t *absolute)
{
    for (int32_t column = 0; column < w->n; column++) {
        int64_t sum = 0, size = 0;
        for (int32_t s = 0; s < w->segments; s++) add_terms(w, column, s, &sum, &size);
        column_sums[column] = (int32_t)(uint32_t)(uint64_t)sum;
        if (absolute) absolute[column] = size;
    }
}
