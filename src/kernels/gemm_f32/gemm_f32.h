/* Float matrix products: the inner loops of convolutions, fully connected layers, batched products and recurrent cells.
 *
 * Names: M rows of `a`, N columns of the result, K terms of each sum. Nothing is over-read but packed weights, which are
 * padded; there are no alignment requirements. M, N and K may be 0: an empty sum is 0 (plus the bias). NaN sums stay NaN. */
#ifndef TMOI_KERNELS_GEMM_F32_GEMM_F32_H
#define TMOI_KERNELS_GEMM_F32_GEMM_F32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/cast/fp16.h"
#include "tmo/types.h"

/* ---- gemm_f32: weights in panels ----
 *
 * out[m,n] = tail(min(high, max(low, bias[n] + Σ_t Σ_k a[m][t][k] · b[t·terms + k, n])))
 *
 * The terms of a sum lie in `taps` pieces of `terms` numbers, each behind a pointer of its own: one for the rows of a matrix,
 * one a filter tap for a convolution, where taps outside the image point to zeros.
 *
 * b is packed in panels of `lanes` columns, of which the last is filled up with zeros; lanes = 8, N = 10, K = 2:
 *
 *   b00 b01 … b07 | b10 b11 … b17 || b08 b09 0 0 0 0 0 0 | b18 b19 0 0 0 0 0 0
 *
 * Result  each sum is added up in the order of t and k, whatever M and N are: how the work is split does not change a bit. */

/* What follows, each step where its pointer is not NULL:
 *
 *   x = min(high, max(low, x + residual[m,n]))        residual is apart from `out`, or `out` itself, element for element
 *   x = x >= 0 ? x : x · slope[n] */
typedef struct tmoi_gemm_f32_tail {
    const float *residual; /* rows of `columns` elements, residual_stride apart */
    ptrdiff_t residual_stride;
    float low, high;
    const float *slope; /* [columns] */
} tmoi_gemm_f32_tail;

/* Panels of float16 numbers. */
typedef struct tmoi_gemm_f32_halves {
    const uint16_t *b; /* NULL: there are none */
    tmoi_widen_fp16_function widen;
    float *widened; /* [tmoi_gemm_f32_widened_size()] */
} tmoi_gemm_f32_halves;

typedef struct tmoi_gemm_f32_block {
    int32_t rows, columns, taps, terms;
    const float *const *a; /* [rows][taps] */
    const float *b;        /* packed */
    const float *bias;     /* [columns] or NULL */
    float low, high;
    float *out; /* rows of `columns` elements, out_stride apart; overlaps nothing else but the residual */
    ptrdiff_t out_stride;
    tmoi_gemm_f32_tail tail;
    tmoi_gemm_f32_halves halves; /* in place of b, for tmoi_gemm_f32_run() only */
} tmoi_gemm_f32_block;

typedef struct tmoi_gemm_f32_kernel {
    const char *name;
    int32_t lanes;
    int32_t rows; /* the tiles are full when a block has a multiple of it */
    void (*run)(const tmoi_gemm_f32_block *block);
} tmoi_gemm_f32_kernel;
typedef const tmoi_gemm_f32_kernel *(*tmoi_gemm_f32_function)(void);

enum {
    TMOI_GEMM_F32_CACHED = 8192, /* numbers */
    TMOI_GEMM_F32_MOST_ROWS = 384,
    TMOI_GEMM_F32_WIDENED_ROWS =
        192 /* at least, so that widening weights for them takes little of the time */
};

/* Where weights lie before they are packed: element [k,n] at data[first + k · k_stride + n · n_stride]. */
typedef struct tmoi_gemm_f32_weights {
    const void *data;
    tmo_type type;      /* float32, float16, or integers: */
    const float *scale; /* of each column */
    int64_t first;
    ptrdiff_t k_stride, n_stride;
} tmoi_gemm_f32_weights;

/* Elements of [K, N] weights when packed. */
static inline int64_t tmoi_gemm_f32_packed_size(int32_t lanes, int64_t k, int64_t n)
{
    return (n + lanes - 1) / lanes * lanes * k;
}

/* Packs `count` terms of all N columns as the terms [first, first + count) of panels of K terms. Lanes past N are left as
 * they are: the caller has zeroed them. */
void tmoi_gemm_f32_pack(const tmoi_gemm_f32_weights *weights, int32_t lanes, int64_t k, int64_t n,
                        int64_t first, int64_t count, float *out);
/* The same for float16 weights, which stay so. */
void tmoi_gemm_f32_pack_half(const tmoi_gemm_f32_weights *weights, int32_t lanes, int64_t k, int64_t n,
                             int64_t first, int64_t count, uint16_t *out);

/* Runs a block whose weights may be float16: these are widened, exactly, a few panels at a time. */
void tmoi_gemm_f32_run(const tmoi_gemm_f32_kernel *kernel, const tmoi_gemm_f32_block *block);
/* Floats that widening panels of K terms takes. */
int64_t tmoi_gemm_f32_widened_size(const tmoi_gemm_f32_kernel *kernel, int64_t k);

/* How many rows with sums of K terms to compute at a time, so that they stay in the first cache while panels pass; of
 * float16 weights more. */
static inline int32_t tmoi_gemm_f32_rows(const tmoi_gemm_f32_kernel *kernel, int64_t k, bool half)
{
    int64_t rows = TMOI_GEMM_F32_CACHED / (k ? k : 1);
    int64_t least = half ? TMOI_GEMM_F32_WIDENED_ROWS : 2 * kernel->rows;
    rows = rows > TMOI_GEMM_F32_MOST_ROWS ? TMOI_GEMM_F32_MOST_ROWS : rows < least ? least : rows;
    return (int32_t)(rows / kernel->rows * kernel->rows);
}

/* A whole product of a matrix whose rows lie a_stride apart, a few rows at a time; the block's `a` is not used, its taps are 1. */
void tmoi_gemm_f32_matrix(const tmoi_gemm_f32_kernel *kernel, const tmoi_gemm_f32_block *block,
                          const float *a, ptrdiff_t a_stride);

const tmoi_gemm_f32_kernel *tmoi_gemm_f32_c(void);
const tmoi_gemm_f32_kernel *tmoi_gemm_f32_avx2(void);
const tmoi_gemm_f32_kernel *tmoi_gemm_f32_avx512(void);
const tmoi_gemm_f32_kernel *tmoi_gemm_f32_amx(void);
const tmoi_gemm_f32_kernel *tmoi_gemm_f32_fp16(void);
const tmoi_gemm_f32_kernel *tmoi_gemm_f32_neon(void);
const tmoi_gemm_f32_kernel *tmoi_gemm_f32_simd128(void);

/* out[c,r] = in[r,c]. */
void tmoi_transpose_f32(const float *in, int64_t rows, int64_t columns, float *out);

/* ---- dot_f32, and dot_f16 with weights of float16: as models have them ----
 *
 * out[m,n] = min(high, max(low, start + Σ_k a[m,k] · w[n,k])), start = out[m,n] if accumulate, else bias[n] or 0
 *
 * a [M, K] and w [N, K], both row-major, rows a_stride and w_stride apart; for few rows of `a`, above all one, where
 * reading the weights takes the time.
 * Result  the order of a sum depends only on K; weights of float16 give the bits of the same weights as floats. */
typedef struct tmoi_dot_f32_block {
    int32_t rows, columns, terms;
    const float *a;
    const void *w;
    ptrdiff_t a_stride, w_stride, out_stride;
    const float *bias; /* [columns] or NULL */
    bool accumulate;   /* and bias is NULL */
    float low, high;
    float *out;
} tmoi_dot_f32_block;
typedef void (*tmoi_dot_f32_function)(const tmoi_dot_f32_block *block);
typedef tmoi_dot_f32_function tmoi_dot_f16_function;

void tmoi_dot_f32_c(const tmoi_dot_f32_block *block);
void tmoi_dot_f32_avx2(const tmoi_dot_f32_block *block);
void tmoi_dot_f32_avx512(const tmoi_dot_f32_block *block);
void tmoi_dot_f32_neon(const tmoi_dot_f32_block *block);
void tmoi_dot_f32_simd128(const tmoi_dot_f32_block *block);
void tmoi_dot_f16_c(const tmoi_dot_f32_block *block);
void tmoi_dot_f16_avx2(const tmoi_dot_f32_block *block);
void tmoi_dot_f16_avx512(const tmoi_dot_f32_block *block);
void tmoi_dot_f16_neon(const tmoi_dot_f32_block *block);
void tmoi_dot_f16_simd128(const tmoi_dot_f32_block *block);

#endif
